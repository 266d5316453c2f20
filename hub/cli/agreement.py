"""`hub agreement`: what two partners have agreed about planning together, and telling them of it."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated

import typer

from hub.app import build
from hub.cli.terminal import app, complain, err, listing, out
from hub.errors import Finding, NotFound
from hub.model.agreement import Agreement, Grant
from hub.model.profile import Profile
from hub.planning.tasks import compared, leads, title_of, told_by
from hub.settings import Settings

agreement_app = typer.Typer(no_args_is_help=True, help="Agreements: list, show NAME, tell NAME.")
app.add_typer(agreement_app, name="agreement")

Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
Name = Annotated[str, typer.Argument(help="agreement")]


@agreement_app.command("list")
def list_(as_json: Json = False) -> None:
    """Who plans what with whom.

    Example: [bold]hub agreement list[/]
    """
    listing("Agreements", [
        {"name": a.name, "buyer": a.partner("buyer"), "seller": a.partner("seller"), "scenario": a.scenario,
         "items": len(a.items), "locations": len(a.locations), "from": str(a.valid_from), "to": str(a.valid_to or "")}
        for a in asyncio.run(_agreements())], as_json)


@agreement_app.command("show")
def show_(name: Name, as_json: Json = False) -> None:
    """One agreement: scope, who leads which task, thresholds, fences, how a dispute is settled and until when.

    Example: [bold]hub agreement show retail[/]
    """
    agreements, profiles = asyncio.run(_agreements_and_profiles())
    found = next((a for a in agreements if a.name == name), None)
    if found is None:
        complain(f"there is no agreement {name!r}; see `hub agreement list`")
        raise typer.Exit(1)
    if as_json:
        listing("Agreement", [found.model_dump(mode="json")], True)
        return
    listing("Agreement", [{"what": what, "is": said} for what, said in facts(found)], False)
    listing("Who leads", [{"task": task.replace("_", " "), "led by": lead} for task, lead in leads(found).items()],
            False)
    listing("What tells of it, to whom in which table", told(found, profiles), False)
    listing("An exception exceeds both", [
        {"weeks": f"{t.from_week} to {min(t.to_week, found.horizon_weeks)}", "percent": f"{t.percent:f}",
         "base units": f"{t.quantity:f}", "level": t.level.replace("_", " "), "measure": t.measure or "any"}
        for t in found.thresholds], False)
    if found.metrics:
        listing("A metric exception is worse than", [
            {"metric": c.metric, "percent": f"{c.percent:f}", "of": (c.measure or "any").replace("_", " "),
             "weeks ahead": f"{c.from_week} to {min(c.to_week, found.horizon_weeks)}"} if c.metric != "in_stock" else
            {"metric": c.metric, "percent": f"{c.percent:f}", "of": "on hand", "weeks ahead": ""}
            for c in found.metrics], False)
    listing("Who sees", [
        *({"partner": m.partner, "as": m.role, "measures": " ".join(m.sees), "of": "all", "until": ""}
          for m in found.members),
        *({"partner": g.partner, "as": f"tier {g.tier}", "measures": " ".join(g.sees), "of": part(g),
           "until": str(g.valid_to or "")} for g in found.visibility)], False)


def told(agreement: Agreement, profiles: dict[str, Profile]) -> list[dict[str, str]]:
    """A line for each kind of document that the scenario knows, task by task, and how each member receives it."""
    return [{"task": task.replace("_", " "), "document": kind.replace("_", " ")} | {
        member.partner: profiles[member.partner].receives.get(kind, "-") for member in agreement.members
        if member.partner in profiles} for task, kinds in told_by(agreement).items() for kind in kinds]


def part(grant: Grant) -> str:
    """Of how much of the agreement."""
    named = [f"{len(found)} {what}" for what, found in (("items", grant.items), ("places", grant.locations)) if found]
    return " at ".join(named) or "all"


def facts(a: Agreement) -> list[tuple[str, str]]:
    """What is agreed, in words."""
    fences, rule = a.fences, a.settlement.replace("_", " ")
    until: date | str = a.valid_to or "open end"
    days = f"after {a.settle_days} day(s) of settling" if a.settle_days else "at once"
    every = "every fiscal period" if a.cadence == "fiscal_period" else f"every {a.cadence_weeks} week(s)"
    said = [
        ("scenario", title_of(a.scenario)),
        ("compared", ", then ".join(measure.replace("_", " ") + "s" for measure in compared(a))),
        ("valid", f"{a.valid_from} to {until}"),
        ("scope", f"{len(a.items)} items at {len(a.locations)} places"
                  + (f", regions {', '.join(a.regions)}" if a.regions else "")),
        ("demand", a.demand), ("planned", f"{every}, {a.horizon_weeks} weeks ahead"),
        ("weeks begin", a.week_start + (f", fiscal {a.fiscal.pattern} from {a.fiscal.begins}" if a.fiscal else "")),
        ("frozen", f"{fences.frozen} week(s): nothing changes unless both sign"),
        ("slushy", f"to week {fences.slushy}: at most {fences.tolerance:f} percent"),
        ("settlement", f"{rule}, {days}"),
    ]
    if a.reasons:
        said.append(("reasons", f"{', '.join(a.reasons)}: one of them with every signature"))
    if a.tells:
        said.append(("told", f"{', '.join(measure.replace('_', ' ') for measure in a.tells)}, after every run"))
    if a.escalation:
        said.append(("escalation", f"after {a.escalation.after_days} day(s) to {a.escalation.to}"))
    if a.attention:
        said.append(("attention", f"the {a.attention} dearest exceptions of a run"))
    return said


@agreement_app.command("tell")
def tell_(name: Name, as_json: Json = False) -> None:
    """Send its criteria, item-site policies and coming promotions to those partners who receive such documents (UBL
    ExceptionCriteria, TradeItemLocationProfile, RetailEvent).

    Example: [bold]hub agreement tell retail[/]
    """
    try:
        sent, findings = asyncio.run(_tell(name))
    except NotFound as refusal:
        complain(str(refusal))
        raise typer.Exit(1) from None
    if as_json:
        listing("Told", [{"agreement": name, "messages": sent, "findings": [f.message for f in findings]}], True)
        return
    out.print(f"{sent} message(s) queued." if sent else
              "Nobody is told: no member names a table for exception_criteria, location_profile or retail_event in "
              "[receives].")
    for finding in findings:
        err.print(f"[red]{finding.message}[/] {finding.hint}")


async def _agreements() -> list[Agreement]:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        return await unit.partners.agreements()


async def _agreements_and_profiles() -> tuple[list[Agreement], dict[str, Profile]]:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        return await unit.partners.agreements(), {one.name: one for one in await unit.partners.profiles()}


async def _tell(name: str) -> tuple[int, list[Finding]]:
    async with build(Settings()) as hub:
        return await hub.tell_arrangement(name)
