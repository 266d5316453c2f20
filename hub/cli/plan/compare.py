"""`hub plan compare`: two versions or two parties beside each other."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from hub.app import Hub
from hub.cli.plan import first
from hub.cli.plan.group import AsOf, Json, ask, aware, plan, the_agreement
from hub.cli.terminal import listing, out
from hub.flow.compare import Compared, compare
from hub.flow.first_look import look_at
from hub.model.agreement import Agreement
from hub.planning.first_look import Row
from hub.ports import CatalogueView


@plan.command("compare")
def compare_(
    agreement: Annotated[str, typer.Argument(help="agreement")],
    left: Annotated[str | None, typer.Argument(help="a partner, baseline, consensus, order_forecast or the number of a "
                                                    "version; the buyer when left out")] = None,
    right: Annotated[str | None, typer.Argument(help="likewise; the seller when left out")] = None,
    limit: Annotated[int, typer.Option(help="rows, dearest first")] = 20,
    sheet: Annotated[Path | None, typer.Option("--csv", help="write all rows to this file, for a sheet")] = None,
    scenario: Annotated[bool, typer.Option("--scenario", help="as the scenario of the agreement compares")] = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Who differs where, and what it costs: item by item, week by week, dearest first. With --as-of as it was known at
    that moment. With --scenario what the agreement's scenario compares: what each side adds for an event, what it
    orders, what it expects of all stores, or which items it carries.

    Example: [bold]hub plan compare retail[/]
    Example: [bold]hub plan compare retail --scenario --csv orders.csv[/]
    Example: [bold]hub plan compare retail baseline consensus --csv changed.csv[/]
    """
    if scenario:
        if left is not None:
            raise typer.BadParameter("--scenario compares the two sides; name none", param_hint="--scenario")
        _by_scenario(agreement, limit, sheet, aware(as_of), as_json)
        return
    found, catalogue = ask(_compare, agreement, left, right, aware(as_of))
    rows = found.rows
    if sheet is not None:
        rows.write_csv(sheet)
        out.print(f"Wrote {sheet}: {rows.height} weeks that differ", highlight=False)
        return
    if as_json:
        listing("Differences", (row | {"week": str(row["week"])} for row in rows.iter_rows(named=True)), True)
        return
    names = [f"{v.author} {v.measure.replace('_', ' ')} {v.id}" for v in (found.left, found.right)]
    total = float(rows["cost"].sum())
    listing(f"{names[0]} against {names[1]}: {rows.height:,} of {found.cells:,} weeks differ, {total:,.0f} at stake",
            [_line(row, catalogue) for row in rows.head(limit).iter_rows(named=True)], False)


def _by_scenario(name: str, limit: int, sheet: Path | None, at: datetime | None, as_json: bool) -> None:
    agreement, rows, catalogue = ask(_look, name, at)
    if sheet is not None:
        pl.DataFrame(rows, infer_schema_length=None).write_csv(sheet)
        out.print(f"Wrote {sheet}: {len(rows)} rows", highlight=False)
    elif as_json:
        listing("Compared", rows, True)
    else:
        listing(first.title(agreement), first.in_words(rows[:limit], catalogue), False)


async def _look(hub: Hub, name: str, at: datetime | None) -> tuple[Agreement, list[Row], CatalogueView]:
    async with hub.units.reader() as unit:
        agreement = await the_agreement(unit, name)
        return agreement, await look_at(unit, agreement, at), await unit.catalogue.snapshot()


async def _compare(
    hub: Hub, name: str, left: str | None, right: str | None, at: datetime | None
) -> tuple[Compared, CatalogueView]:
    async with hub.units.reader() as unit:
        agreement = await the_agreement(unit, name)
        found = await compare(
            unit, agreement, left or agreement.partner("buyer"), right or agreement.partner("seller"), at)
        return found, await unit.catalogue.snapshot()


def _line(row: dict[str, Any], catalogue: CatalogueView) -> dict[str, Any]:
    item, place = catalogue.items.get(row["gtin"]), catalogue.locations.get(row["gln"])
    return {
        "item": item.name if item else row["gtin"], "place": place.name if place else row["gln"],
        "week": str(row["week"]), "left": round(row["left"]), "right": round(row["right"]),
        "differ": f"{row['percent']:.0f} %", "cost": round(row["cost"])}
