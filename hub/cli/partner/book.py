"""`hub partner new, apply, list, show, token`: partners from their directories, and what the hub knows of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

from hub.app import build
from hub.cli.partner.group import Json, nobody, partner_app
from hub.cli.terminal import complain, listing, out
from hub.dialects import read_partners
from hub.errors import Finding, NotFound, Reject, Severity
from hub.model.account import Role
from hub.model.agreement import Agreement
from hub.model.profile import Profile
from hub.ports import StageStep, Unit
from hub.settings import Settings
from partners.book import apply as apply_partners
from partners.consistency import Known
from partners.onboarding import begin


@partner_app.command()
def apply(
    directories: Annotated[list[Path], typer.Argument(help="partner directories, such as partners/larkmoor")],
    check: Annotated[bool, typer.Option("--check", help="only say what is wrong; change nothing")] = False,
    as_json: Json = False,
) -> None:
    """Check partner directories and, when nothing is wrong in any of them, put them into the hub: all or none.

    Directories that speak of each other go in together. Applying the same again changes nothing.

    Examples: [bold]hub partner apply partners/quillfield partners/larkmoor[/]   [bold]hub partner apply DIR --check[/]
    """
    found, changed = asyncio.run(_apply(directories, check))
    if found:
        listing("Findings", [_finding(f) for f in found], as_json)
    if any(f.severity is Severity.ERROR for f in found):
        complain("Nothing was applied.")
        raise typer.Exit(1)
    if check and not as_json:
        out.print(f"Sound: {', '.join(d.resolve().name for d in directories)}. Nothing was changed.")
    elif not as_json:
        out.print(f"Applied: {', '.join(changed) or 'nothing new'}.")
    else:
        listing("Applied", [{"partner": name} for name in changed], True)


@partner_app.command()
def new(
    name: Annotated[str, typer.Argument(help="short name: small letters, digits, - and _")],
    beside: Annotated[Path, typer.Option("--in", help="where its directory shall be")] = Path("partners"),
    title: Annotated[str | None, typer.Option(help="its full name")] = None,
    gln: Annotated[str | None, typer.Option(help="13 digits")] = None,
) -> None:
    """Begin a partner: a directory made from the template, at stage drafted. Nothing is applied yet.

    Example: [bold]hub partner new acme --gln 9521009000002[/]
    """
    try:
        made = begin(name, beside, title=title, gln=gln)
    except Reject as refusal:
        complain(str(refusal))
        raise typer.Exit(1) from None
    out.print(f"Fill in [bold]{made}/profile.toml[/], then: hub partner apply {made} --check", soft_wrap=True)


async def _apply(directories: list[Path], check: bool) -> tuple[list[Finding], list[str]]:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        partners, found = read_partners([d.resolve() for d in directories], await known(unit))
        if check or any(f.severity is Severity.ERROR for f in found):
            return found, []
        changed = await apply_partners(unit, partners)
        await asyncio.to_thread(hub.folder.prepare, [p.name for p in partners])
        return found, changed


async def known(unit: Unit) -> Known:
    """What the hub knows already: a new directory may speak of it."""
    view = await unit.catalogue.snapshot()
    agreements = {a.name: frozenset(m.partner for m in a.members) for a in await unit.partners.agreements()}
    return Known({p.name for p in await unit.partners.profiles()}, set(view.items), set(view.locations), agreements)


def _finding(found: Finding) -> dict[str, Any]:
    where = f"{found.where.path or ''}{f':{found.where.line}' if found.where.line else ''}"
    return {"where": where, "code": found.code, "message": found.message, "hint": found.hint}


@partner_app.command("list")
def list_partners(as_json: Json = False) -> None:
    """Who we trade with.

    Example: [bold]hub partner list --json[/]
    """
    profiles, agreements = asyncio.run(_book())
    rows = [_row(p, agreements) for p in profiles]
    listing("Partners", rows if as_json else [{k: row[k] for k in SHORT} for row in rows], as_json)


SHORT = ("name", "kind", "gln", "speaks", "stage", "agreements")
"""What fits on eighty columns."""


def _row(profile: Profile, agreements: list[Agreement]) -> dict[str, Any]:
    return {
        "name": profile.name, "title": profile.title, "kind": profile.kind, "gln": profile.gln,
        "speaks": " ".join(a.format for a in profile.addresses), "week": profile.week_start, "stage": profile.stage,
        "agreements": " ".join(a.name for a in agreements if profile.name in {m.partner for m in a.members}),
        "delivery": _delivery(profile),
    }


def _delivery(profile: Profile) -> str:
    """How files go out to it, and where to."""
    terms = profile.delivery
    server = profile.sftp.server if profile.sftp is not None and terms.channel == "sftp" else None
    return " ".join(word for word in (terms.channel, terms.url or server) if word)


async def _stages(name: str) -> list[StageStep]:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        return await unit.partners.stages(name)


async def _book() -> tuple[list[Profile], list[Agreement]]:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        return await unit.partners.profiles(), await unit.partners.agreements()


@partner_app.command()
def show(
    name: Annotated[str, typer.Argument(help="short name")],
    as_json: Json = False,
) -> None:
    """One partner: its profile, what goes out to it, and its agreements.

    Example: [bold]hub partner show larkmoor[/]
    """
    profiles, agreements = asyncio.run(_book())
    profile = next((p for p in profiles if p.name == name), None)
    if profile is None:
        nobody(name)
    row = _row(profile, agreements)
    listing("Partner", [row] if as_json else [{"what": k, "is": v} for k, v in row.items()], as_json)
    listing("Addresses", [
        {"format": a.format, "qualifier": a.address.qualifier, "id": a.address.id} for a in profile.addresses], as_json)
    listing("Receives", [{"what": k, "table": t} for k, t in profile.receives.items()], as_json)
    listing("Agreements", [
        {"name": a.name, "role": m.role, "with": next(o.partner for o in a.members if o.partner != name),
         "items": len(a.items), "locations": len(a.locations), "demand": a.demand, "settlement": a.settlement}
        for a in agreements for m in a.members if m.partner == name], as_json)
    listing("Stages", [
        {"day": f"{s.at:%Y-%m-%d %H:%M}", "stage": s.stage, "who": s.actor, "why": s.reason}
        for s in asyncio.run(_stages(name))], as_json)
    listing("Sees", [
        {"agreement": a.name, "measures": " ".join(m.sees)}
        for a in agreements for m in a.members if m.partner == name], as_json)


@partner_app.command()
def token(
    name: Annotated[str, typer.Argument(help="short name")],
    label: Annotated[str, typer.Option(help="what it is for; tokens are revoked by label")] = "operator",
    role: Annotated[str, typer.Option(help="of a new account: viewer, planner, operator or admin")] = "admin",
    days: Annotated[int | None, typer.Option(help="it ends by itself after so many days")] = None,
    rotate: Annotated[float | None, typer.Option(help="older ones of the label end in so many hours")] = None,
    as_json: Json = False,
) -> None:
    """Issue a token for the HTTP and gRPC doors. It is shown once; the hub keeps only its hash.

    Example: [bold]hub partner token larkmoor --label test-system[/]
    """
    try:
        issued = asyncio.run(_token(name, label, role, days, rotate))
    except NotFound:
        nobody(name)
    if as_json:
        listing("Token", [{"partner": name, "label": label, "token": issued}], True)
    else:
        out.print(issued, soft_wrap=True, highlight=False)


@partner_app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="short name")],
    label: Annotated[str, typer.Option(help="as it was given when they were issued")] = "operator",
    as_json: Json = False,
) -> None:
    """Revoke every token of a label, from the next call on; `hub partner token` issues new ones.

    Example: [bold]hub partner revoke larkmoor --label test-system[/]
    """
    try:
        revoked = asyncio.run(_revoke(name, label))
    except NotFound as missing:
        complain(f"{missing}.")
        raise typer.Exit(2) from None
    listing("Revoked", [{"partner": name, "label": label, "tokens": revoked}], as_json)


async def _revoke(name: str, label: str) -> int:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        revoked = await unit.partners.revoke_tokens(name, label)
        await unit.audit.record("operator", "partner.token_revoked", name, {"label": label})
        return revoked


async def _token(name: str, label: str, role: str, days: int | None, rotate: float | None) -> str:
    if role not in get_args(Role):
        complain(f"A role is one of {', '.join(get_args(Role))}.")
        raise typer.Exit(2)
    async with build(Settings()) as hub, hub.units.worker() as unit:
        issued = await unit.partners.issue_token(
            name, label, role=cast("Role", role),
            expires=None if days is None else hub.clock.now() + timedelta(days=days),
            overlap=None if rotate is None else timedelta(hours=rotate))
        await unit.audit.record("operator", "partner.token_issued", name, {"label": label, "role": role})
        return issued
