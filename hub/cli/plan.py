"""`hub plan`: run a planning cycle, look at the joint forecast, and at what the two sides disagree about."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import numpy as np
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from hub.app import Hub, build
from hub.cli.terminal import app, err, listing, out
from hub.errors import HubError, NotFound
from hub.model.agreement import Agreement
from hub.model.exception import ForecastException
from hub.model.plan import PlanMeasure, Series
from hub.ports import CatalogueView, Run
from hub.settings import Settings

plan = typer.Typer(help="Plan together: run a cycle, show the joint forecast, list exceptions.", no_args_is_help=True)
app.add_typer(plan, name="plan")

Name = Annotated[str | None, typer.Argument(help="agreement; all of them when left out")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]


@plan.command("run")
def run_(
    agreement: Name = None,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="plan as of this day; today")] = None,
    as_json: Json = False,
) -> None:
    """Run the planning cycle: baseline, comparison, settlement, order forecast, released orders.

    Running it twice for the same day does it once; a cycle that was killed goes on where it stopped.
    Example: [bold]hub plan run retail --as-of 2026-11-16[/]
    """
    day = as_of.date() if as_of else datetime.now(UTC).date()
    listing("Cycles", [summary(run) for run in _ask(_run, agreement, day)], as_json)


@plan.command("exceptions")
def exceptions_(
    agreement: Name = None,
    state: Annotated[str | None, typer.Option(help="open, resolved …")] = None,
    limit: Annotated[int, typer.Option(help="rows")] = 20,
    as_json: Json = False,
) -> None:
    """Where the two sides disagree, dearest first; and, for people, which of their files are in trouble.

    Example: [bold]hub plan exceptions retail --limit 5[/]
    """
    rows, catalogue = _ask(_exceptions, agreement, state, limit)
    if as_json:
        listing("Exceptions", [row.model_dump(mode="json") for row in rows], True)
    elif rows:
        out.print(disagreements(rows, catalogue))
    else:
        out.print("No exceptions: both sides agree within the thresholds, or only one of them has spoken.")
    if not as_json and (troubles := _ask(_troubles, agreement)):
        listing("Files in trouble (hub alerts list)", troubles, False)


@plan.command("show")
def show_(
    agreement: Annotated[str, typer.Argument(help="agreement")],
    item: Annotated[str | None, typer.Option(help="GTIN; the item most in dispute when left out")] = None,
    place: Annotated[str | None, typer.Option(help="GLN; likewise")] = None,
    as_json: Json = False,
) -> None:
    """The joint forecast of one item at one place: both sides, baseline, consensus, orders, projected stock.

    Example: [bold]hub plan show retail --item 09521001100106 --place 9521002001013[/]
    """
    title, rows = _ask(_show, agreement, item, place)
    listing(title, rows, as_json)


def _ask(question: Any, *arguments: Any) -> Any:
    """Run one question against the hub; a refusal is a sentence and exit code 1."""

    async def answer() -> Any:
        async with build(Settings()) as hub:
            return await question(hub, *arguments)

    try:
        return asyncio.run(answer())
    except HubError as refusal:
        err.print(f"[red]{refusal}[/]")
        raise typer.Exit(1) from None


async def _run(hub: Hub, name: str | None, day: date) -> list[Run]:
    found = [agreement.name for agreement in await in_order(hub) if name in (None, agreement.name)]
    return [await hub.plan(agreement, day) for agreement in found or [name or "any"]]


async def in_order(hub: Hub) -> list[Agreement]:
    """Agreements in the order in which they can be planned: those that depend on others' orders come last."""
    async with hub.units.worker() as unit:
        found = await unit.partners.agreements()
    return sorted(found, key=lambda a: (a.demand == "orders", a.name))


def summary(run: Run) -> dict[str, Any]:
    """One line about a cycle."""
    detail = run.detail
    return {
        "agreement": run.agreement, "as of": str(run.as_of), "state": run.state, "exceptions": detail.get("exceptions"),
        "at stake": detail.get("value_at_stake"), "orders": ", ".join(detail.get("orders", [])) or None, "run": run.id,
    }


async def _troubles(hub: Hub, agreement: str | None) -> list[dict[str, Any]]:
    """Open alerts about the members of `agreement`, or of all: what a planner should not rely on."""
    async with hub.units.worker() as unit:
        alerts = await unit.alerts.list(limit=20)
        agreements = await unit.partners.agreements()
    members = {m.partner for a in agreements if agreement in (None, a.name) for m in a.members}
    return [
        {"day": f"{r.at:%Y-%m-%d %H:%M}", "partner": r.alert.partner, "what": r.alert.message}
        for r in alerts if r.alert.partner in members
    ]


async def _exceptions(
    hub: Hub, agreement: str | None, state: str | None, limit: int
) -> tuple[tuple[ForecastException, ...], CatalogueView]:
    async with hub.units.worker() as unit:
        if agreement not in (None, *(a.name for a in await unit.partners.agreements())):
            raise NotFound(f"there is no agreement {agreement!r}")
        page = await unit.exceptions.list(agreement=agreement, state=state, limit=limit)
        return page.rows, await unit.catalogue.snapshot()


def disagreements(rows: tuple[ForecastException, ...], catalogue: CatalogueView) -> Table:
    """Exceptions as a planner reads them: what, where, when, who says what, and what it costs."""
    table = Table(
        title="Where the two sides disagree, dearest first", title_justify="left", header_style="bold", box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0), caption="base units; history = what history alone expects; agreed = settled by the rule",
        caption_justify="left",
    )
    table.add_column("item at place", no_wrap=True, overflow="ellipsis", min_width=20)
    table.add_column("week", no_wrap=True, min_width=9)
    for name in ("buyer", "seller", "history", "differ", "at stake", "agreed"):
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    for row in rows:
        left, right = f"{row.left:,.0f}", f"{row.right:,.0f}"
        table.add_row(
            f"{catalogue.items[row.gtin].name} [dim]{catalogue.locations[row.gln].name}[/]",
            f"{row.period:%d %b} +{row.lag}",
            f"[bold]{left}[/]" if row.left > row.right else left,
            f"[bold]{right}[/]" if row.right > row.left else right,
            "" if row.baseline is None else f"{row.baseline:,.0f}", f"{row.percent:.0f} %",
            f"[red]{row.value_at_stake:,.0f}[/]", "" if row.settled is None else f"{row.settled:,.0f}",
        )
    return table


async def _show(hub: Hub, name: str, item: str | None, place: str | None) -> tuple[str, list[dict[str, Any]]]:
    async with hub.units.worker() as unit:
        agreement = next((a for a in await unit.partners.agreements() if a.name == name), None)
        if agreement is None:
            raise NotFound(f"there is no agreement {name!r}")
        if item is None or place is None:
            worst = (await unit.exceptions.list(agreement=name, limit=1)).rows
            item = item or (worst[0].gtin if worst else agreement.items[0])
            place = place or (worst[0].gln if worst else agreement.locations[0])
        measure: PlanMeasure = "order_forecast" if agreement.demand == "orders" else "sales_forecast"
        wanted: list[tuple[str, str, PlanMeasure]] = [
            ("buyer", agreement.partner("buyer"), measure), ("seller", agreement.partner("seller"), measure),
            ("baseline", "hub", "baseline"), ("consensus", "hub", "consensus"), ("order", "hub", "order_forecast"),
            ("stock", "hub", "on_hand_projection"),
        ]
        found = {title: await unit.plans.latest(name, author, what) for title, author, what in wanted}
        catalogue = await unit.catalogue.snapshot()
    views = {title: _weeks(version[1], item.zfill(14), place) for title, version in found.items() if version}
    weeks = sorted({week for view in views.values() for week in view})
    title = f"{catalogue.items[item.zfill(14)].name} at {catalogue.locations[place].name} ({name}, base units)"
    return title, [
        {"week": str(week)} | {t: (round(v) if (v := views.get(t, {}).get(week)) is not None else None) for t in found}
        for week in weeks
    ]


def _weeks(series: Series, gtin: str, gln: str) -> dict[date, float]:
    if (gtin, gln) not in series.keys:
        return {}
    values = series.values[series.keys.index((gtin, gln))]
    return {
        series.first_week + timedelta(weeks=week): float(value)
        for week, value in enumerate(values) if not np.isnan(value)
    }
