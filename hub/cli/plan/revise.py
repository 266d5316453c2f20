"""`hub plan revise` and `hub plan total`: a planner's own number, for one week or for a whole sum."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import typer

from hub.app import Hub
from hub.cli.plan.group import AsOf, Json, Orders, ask, aware, plan, the_agreement
from hub.cli.terminal import err, listing, out
from hub.errors import NotFound
from hub.flow.levels import Span, Sums, revise_sum, sums
from hub.flow.views import Accepted
from hub.model.plan import PlanMeasure
from hub.planning.levels import view_of

By = Literal["item", "group", "place", "region", "all"]
Per = Literal["week", "month", "fiscal"]


@plan.command("revise")
def revise_(
    agreement: Annotated[str, typer.Argument(help="agreement")],
    quantity: Annotated[float, typer.Argument(help="what the chosen cells shall add up to, base units")],
    partner: Annotated[str, typer.Option("--as", help="whose view: a partner's short name")],
    item: Annotated[str | None, typer.Option(help="GTIN")] = None,
    group: Annotated[str | None, typer.Option(help="planning family")] = None,
    place: Annotated[str | None, typer.Option(help="GLN")] = None,
    region: Annotated[str | None, typer.Option(help="a region of the agreement")] = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="first week")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="last week; as --from")] = None,
    seen: Annotated[int | None, typer.Option("--version", help="refuse if the view has a newer version")] = None,
    orders: Orders = False,
    as_json: Json = False,
) -> None:
    """Change a partner's view: one week of one item at one place, or a sum, which is spread in proportion.

    The fences hold as for any message: what they do not let through keeps its number, and is said. Exit code 1: nothing
    was taken.

    Example: [bold]hub plan revise retail 1200 --as larkmoor --item 09521001100106 --from 2026-12-07[/]
    Example: [bold]hub plan revise retail 90000 --as larkmoor --group soups --from 2026-12-07 --to 2026-12-28[/]
    """
    begin, end = (d.date() if d else None for d in (first, last))
    span = Span(item.zfill(14) if item else None, group, place, region, begin, end or begin)
    done: Accepted = ask(_revise, agreement, partner, span, quantity, seen, orders)
    if as_json:
        listing("Revised", [{"version": done.version, "not_taken": done.held,
                             "findings": [f.message for f in done.findings]}], True)
        return
    out.print(f"Version {done.version} of {partner}'s view.")
    for finding in done.findings:
        err.print(f"[yellow]{finding.message}[/] {finding.hint}")


async def _revise(
    hub: Hub, name: str, partner: str, span: Span, total: float, seen: int | None, orders: bool
) -> Accepted:
    async with hub.units.worker() as unit:
        agreement = await the_agreement(unit, name)
    measure = "order_forecast" if orders else view_of(agreement)
    return await revise_sum(hub.units, name, partner, measure, span, total, clock=hub.clock, seen=seen)


@plan.command("total")
def total_(
    agreement: Annotated[str, typer.Argument(help="agreement")],
    author: Annotated[str, typer.Option(help="a partner's short name, or hub for the consensus")] = "hub",
    by: Annotated[By, typer.Option(help="item, group, place, region or all")] = "group",
    per: Annotated[Per, typer.Option(help="week, month or fiscal period")] = "month",
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """A view added up over items, places and periods. Sums are exact: every level says the same.

    Example: [bold]hub plan total retail --by group --per fiscal[/]
    """
    found: Sums = ask(_total, agreement, author, by, per, as_of)
    rows: list[dict[str, Any]] = [
        {by: name} | {period: float(value) for period, value in zip(found.periods, row.tolist(), strict=True)}
        for name, row in zip(found.names, found.values, strict=True)]
    listing(f"{author} ({agreement}, base units)", rows, as_json)


async def _total(hub: Hub, name: str, author: str, by: str, per: str, as_of: datetime | None) -> Sums:
    async with hub.units.worker() as unit:
        agreement = await the_agreement(unit, name)
        measure: PlanMeasure = "consensus" if author == "hub" else view_of(agreement)
        found = await unit.plans.latest(name, author, measure, as_of=aware(as_of))
        if found is None:
            raise NotFound(f"{author} has said nothing in agreement {name!r} yet")
        return sums(found[1], agreement, await unit.catalogue.snapshot(), by, per)
