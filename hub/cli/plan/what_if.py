"""`hub plan what-if`: the plan as it would be; nothing is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import polars as pl
import typer

from hub.app import Hub
from hub.cli.plan.group import Json, ask, plan
from hub.cli.terminal import err, listing, out
from hub.flow.what_if import Outcome, what_if
from hub.model.agreement import SettlementRule
from hub.planning.what_if import Question, by_line, totals
from hub.ports import CatalogueView

DAY = ["%Y-%m-%d"]


@plan.command("what-if")
def what_if_(
    agreement: Annotated[str, typer.Argument(help="agreement")],
    item: Annotated[str | None, typer.Option(help="GTIN; all items when left out")] = None,
    place: Annotated[str | None, typer.Option(help="GLN; all places when left out")] = None,
    demand: Annotated[float, typer.Option(help="demand changes by so many percent")] = 0.0,
    price: Annotated[float, typer.Option(help="price changes by so many percent; needs --elasticity")] = 0.0,
    elasticity: Annotated[float | None, typer.Option(help="percent of demand for a percent of price, say -1.5")] = None,
    promote: Annotated[tuple[datetime, datetime] | None, typer.Option(
        formats=DAY, help="one more promotion, first and last day")] = None,
    service: Annotated[float | None, typer.Option(help="cycle service, between 0 and 1")] = None,
    lead_weeks: Annotated[int | None, typer.Option(min=0, help="weeks from order to receipt")] = None,
    review_weeks: Annotated[int | None, typer.Option(min=1, help="weeks between two orders")] = None,
    minimum: Annotated[float | None, typer.Option(min=0, help="base units that an order has at least")] = None,
    rule: Annotated[str | None, typer.Option(help="another settlement rule")] = None,
    as_of: Annotated[datetime | None, typer.Option(formats=DAY, help="plan as of this day; today")] = None,
    lines: Annotated[int, typer.Option(help="item-locations to list, the most changed first")] = 10,
    sheet: Annotated[Path | None, typer.Option("--csv", help="write all item-locations to this file")] = None,
    as_json: Json = False,
) -> None:
    """What would be if: another demand, price, promotion, policy or service level, by the same arithmetic as the cycle.
    Nothing is changed: the database itself refuses every write.

    Example: [bold]hub plan what-if retail --item 09521001100106 --demand 20[/]
    Example: [bold]hub plan what-if retail --service 0.99 --lead-weeks 2[/]
    """
    if rule is not None and rule not in get_args(SettlementRule):
        err.print(f"[red]{rule!r} is no settlement rule: {', '.join(get_args(SettlementRule))}[/]")
        raise typer.Exit(2)
    promoted = None if promote is None else (promote[0].date(), promote[1].date())
    question = Question(
        item.zfill(14) if item else None, place, demand, price, elasticity, promoted, service, lead_weeks, review_weeks,
        minimum, cast("SettlementRule | None", rule))
    day = as_of.date() if as_of else datetime.now(UTC).date()
    found, catalogue = ask(_ask, agreement, day, question)
    if sheet is not None:
        _both(found).write_csv(sheet)
        out.print(f"Wrote {sheet}: {_both(found).height} item-locations", highlight=False)
        return
    listing(f"{agreement}: as it is, and as it would be", _totals(found), as_json)
    listing("Most changed", _lines(found, lines, None if as_json else catalogue), as_json)


async def _ask(hub: Hub, agreement: str, day: date, question: Question) -> tuple[Outcome, CatalogueView]:
    found = await what_if(
        hub.units, hub.executor, agreement, day, question, clock=hub.clock, hub_gln=hub.settings.gln,
        offers=hub.settings.planning_offers)
    async with hub.units.reader() as unit:
        return found, await unit.catalogue.snapshot()


def _totals(found: Outcome) -> list[dict[str, Any]]:
    before, after = totals(found.before), totals(found.after)
    return [{"what": name, "as it is": round(before[name], 1), "would be": round(after[name], 1),
             "change": round(after[name] - before[name], 1)} for name in before]


def _both(found: Outcome) -> pl.DataFrame:
    return by_line(found.before).join(by_line(found.after), on=["gtin", "gln"], suffix="_then").sort("gtin", "gln")


def _lines(found: Outcome, limit: int, catalogue: CatalogueView | None) -> list[dict[str, Any]]:
    """The most changed item-locations, for scripts; with a `catalogue` by name, and both numbers in one cell."""
    changed = _both(found).with_columns(moved=(pl.col("ordered_ahead_then") - pl.col("ordered_ahead")).abs())
    rows = changed.filter(pl.col("moved") > 0).sort("moved", "gtin", "gln", descending=[True, False, False]).head(limit)
    numbers = ("demand", "ordered_now", "ordered_ahead", "safety")
    if catalogue is None:
        return [{"item": row["gtin"], "place": row["gln"], **{
            f"{name.replace('_', ' ')}{' then' if then else ''}": round(row[f"{name}{'_then' if then else ''}"], 1)
            for name in numbers for then in (False, True)}} for row in rows.iter_rows(named=True)]
    return [{
        "item": catalogue.items[row["gtin"]].name, "place": catalogue.locations[row["gln"]].name,
        **{name.replace("_", " "): f"{row[name]:,.0f} → {row[f'{name}_then']:,.0f}" for name in numbers}}
        for row in rows.iter_rows(named=True)]
