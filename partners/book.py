"""Partner directories as checked values, or everything that is wrong in them at once; and how they enter the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hub.errors import Finding, Reject, Severity
from hub.model.agreement import Agreement
from hub.model.business_plan import BusinessPlan
from hub.model.profile import Profile
from hub.planning.tasks import completed
from hub.ports import Unit
from partners.consistency import Known, check_together
from partners.master_data import MasterData, MasterReader, load_master_data, problem
from partners.toml_file import read_toml

CheckOverlay = Callable[[str, str], list[Finding]]
"""(table name "x12/004010/850", TOML text) -> findings with the line in the text. Injected by who knows the tables."""
CheckSchemas = Callable[[str, Mapping[str, str]], list[Finding]]
"""(partner, its schemas as overlays) -> what is wrong with them. Injected likewise."""

EXAMPLES = ("pebbleworth", "quillfield", "larkmoor", "vandermoor")


@dataclass(frozen=True, slots=True)
class Partner:
    """One partner's directory. `overlays` maps table names to TOML text, and files of its own XML schemas to theirs."""

    directory: Path
    profile: Profile
    agreements: tuple[Agreement, ...] = ()
    master: MasterData = field(default_factory=MasterData)
    overlays: dict[str, str] = field(default_factory=dict)
    plans: tuple[BusinessPlan, ...] = ()

    @property
    def name(self) -> str:
        return self.profile.name


def example_directories() -> list[Path]:
    """The four partners that come with the hub."""
    return [Path(__file__).parent / name for name in EXAMPLES]


def load(
    directories: Iterable[Path],
    read: MasterReader,
    check_overlay: CheckOverlay | None = None,
    known: Known | None = None,
    check_schemas: CheckSchemas | None = None,
) -> tuple[list[Partner], list[Finding]]:
    """All of `directories`, checked alone and against each other and against what the hub knows already.

    With any error finding nothing should be applied; the list holds those that could be read at all.
    """
    partners: list[Partner] = []
    found: list[Finding] = []
    unread: set[str] = set()
    for directory in map(Path, directories):
        partner, wrong = load_one(directory, read, check_overlay, check_schemas)
        found += wrong
        partners += [partner] if partner else []
        unread |= set() if partner else {directory.name}
    known = known or Known()
    entries = [(p.name, p.profile, p.agreements, p.master) for p in partners]
    found += check_together(entries, replace(known, partners={*known.partners, *unread}))
    members = {**known.agreements, **{a.name: frozenset(m.partner for m in a.members)
                                      for p in partners for a in p.agreements}}
    agreements = {a.name: a for p in partners for a in p.agreements}
    own = [(p.name, plan, agreements[plan.agreement]) for p in partners for plan in p.plans
           if plan.agreement in agreements and p.name in members[plan.agreement]]
    return partners, found + [wrong for p in partners for wrong in _of_plans(p, members)] + [
        wrong for kept in own for wrong in _of_policies(*kept)]


def load_one(
    directory: Path, read: MasterReader, check_overlay: CheckOverlay | None = None,
    check_schemas: CheckSchemas | None = None,
) -> tuple[Partner | None, list[Finding]]:
    """One directory by itself. Findings name file and field in `where.path`, "acme/items.csv#GTIN", and the line."""
    if not directory.is_dir():
        return None, [problem("E-PARTNER-NO-FILE", directory.name, None, f"{directory} is not a directory.",
                              "Copy partners/_template to start a partner.")]
    profile, found = read_toml(Profile, directory / "profile.toml", f"{directory.name}/profile.toml")
    agreements: list[Agreement] = []
    for path in sorted((directory / "agreements").glob("*.toml")):
        agreement, wrong = read_toml(Agreement, path, f"{directory.name}/agreements/{path.name}")
        found += wrong
        agreements += [completed(agreement)] if agreement else []
        if agreement is not None and agreement.name != path.stem:
            found.append(_misnamed(f"{directory.name}/agreements/{path.name}", agreement.name, path.stem))
    plans, wrong = _load_plans(directory)
    found += wrong
    master, wrong = load_master_data(directory, read)
    overlays = load_overlays(directory)
    found += wrong
    for name, text in overlays.items():
        found += [_of_overlay(f, directory.name, name) for f in (check_overlay(name, text) if check_overlay else ())]
    if profile is not None and profile.xsd:
        schemas, wrong = load_schemas(directory, profile.xsd)
        found += wrong or (check_schemas(directory.name, schemas) if check_schemas else [])
        overlays |= schemas
    if profile is not None and profile.name != directory.name:
        found.append(_misnamed(f"{directory.name}/profile.toml", profile.name, directory.name))
    return (None if profile is None else Partner(directory, profile, tuple(agreements), master, overlays, plans)), found


def _load_plans(directory: Path) -> tuple[tuple[BusinessPlan, ...], list[Finding]]:
    """The joint business plans that this partner keeps: `business/<agreement>.toml`."""
    plans, found = [], []
    for path in sorted((directory / "business").glob("*.toml")):
        shown = f"{directory.name}/business/{path.name}"
        plan, wrong = read_toml(BusinessPlan, path, shown)
        found += wrong
        plans += [plan] if plan else []
        if plan is not None and plan.agreement != path.stem:
            found.append(problem(
                "E-PARTNER-NAME", f"{shown}#agreement", None,
                f"It is about {plan.agreement!r} inside and called {path.stem!r} outside.",
                "Give the file the name of its agreement.", plan.agreement))
    return tuple(plans), found


def _of_plans(partner: Partner, members: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    """Plans about agreements that are not there, or not this partner's."""
    for plan in partner.plans:
        if partner.name not in members.get(plan.agreement, frozenset()):
            yield problem(
                "E-PARTNER-NOT-MEMBER", f"{partner.name}/business/{plan.agreement}.toml#agreement", None,
                f"{partner.name!r} is no member of an agreement called {plan.agreement!r}.",
                "Correct the name, or apply the directory that holds the agreement too.", plan.agreement)


def _of_policies(partner: str, plan: BusinessPlan, agreement: Agreement) -> Iterator[Finding]:
    """Item-site policies about what the agreement does not plan: they would change nothing, and nobody would know."""
    for number, policy in enumerate(plan.policies):
        for part, code, what, scope in (
                ("gtin", policy.gtin, "item", agreement.items), ("like", policy.like, "item", agreement.items),
                ("gln", policy.gln, "location", agreement.locations)):
            if code is not None and scope and code not in scope:
                where = f"{partner}/business/{plan.agreement}.toml#policies.{number}.{part}"
                yield problem(
                    f"E-PARTNER-UNKNOWN-{what.upper()}", where, None,
                    f"{code} is no {what} of the agreement {agreement.name!r}.",
                    f"Correct it, or add it to the {what}s of the agreement.", code)


def _misnamed(file: str, name: str, outside: str) -> Finding:
    return problem("E-PARTNER-NAME", f"{file}#name", None, f"It is called {name!r} inside and {outside!r} outside.",
                   "Give the file or directory and what it holds the same name.", name)


def _of_overlay(found: Finding, partner: str, table: str) -> Finding:
    return found.model_copy(update={"where": found.where.model_copy(update={"path": f"{partner}/{table}.toml"})})


def load_overlays(directory: Path) -> dict[str, str]:
    """The partner's own table rows: "x12/004010/850" -> TOML text."""
    return {
        path.relative_to(directory).with_suffix("").as_posix(): path.read_text("utf-8", errors="replace")
        for path in sorted(directory.glob("*/*/*.toml"))
    }


def load_schemas(directory: Path, wanted: Mapping[str, str]) -> tuple[dict[str, str], list[Finding]]:
    """The partner's own XML schemas, as overlays: every file in its directory xsd/, and which is for which document."""
    found: dict[str, str] = {"xsd/profile": "\n".join(f"{name}={file}" for name, file in sorted(wanted.items()))}
    wrong = []
    for path in sorted((directory / "xsd").rglob("*.xsd")):
        name = path.relative_to(directory).as_posix()
        try:
            found[name] = path.read_text("utf-8")
        except UnicodeDecodeError:
            wrong.append(problem("E-PARTNER-XSD", f"{directory.name}/{name}", None, f"{name} is not UTF-8 text.",
                                 "Save it as UTF-8."))
    return found, wrong


async def apply(unit: Unit, partners: Sequence[Partner], actor: str = "operator") -> list[str]:
    """Put `partners` into the hub, inside the caller's transaction and with a line in the audit for each that changed;
    returns the names of those whose profile, agreements or overlays did."""
    changed = []
    for partner in partners:
        if await unit.partners.put(partner.profile, partner.agreements, partner.overlays):
            changed.append(partner.name)
            await unit.audit.record(actor, "partner.applied", partner.name, {
                "agreements": [a.name for a in partner.agreements], "overlays": sorted(partner.overlays)})
    for plan in (plan for partner in partners for plan in partner.plans):
        if await unit.business_plans.put(plan):
            await unit.audit.record(actor, "business_plan.applied", plan.agreement, {"targets": len(plan.targets)})
    for partner in in_item_order(partners):
        master = partner.master
        await unit.catalogue.put(partner.name, master.items, master.codes, master.conversions, master.locations)
    return changed


def in_item_order(partners: Sequence[Partner]) -> list[Partner]:
    """Those who bring items first: the codes and conversions of others speak of them."""
    return sorted(partners, key=lambda p: not p.master.items)


def refuse_errors(found: Sequence[Finding]) -> None:
    """Raises Reject with the first error among `found`, and how many there are."""
    errors = [f for f in found if f.severity is Severity.ERROR]
    if errors:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise Reject(f"{first.where.path}: {first.message} {first.hint}{more}", reason="PARTNER_INVALID")
