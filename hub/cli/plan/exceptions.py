"""`hub plan exceptions`: where the two sides disagree, where performance is worse than agreed, and who is silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from hub.app import Hub
from hub.cli.plan.group import AsOf, Json, Name, ask, aware, plan, the_agreement
from hub.cli.plan.metrics import metric_lines
from hub.cli.plan.settling_sheet import write_exceptions
from hub.cli.plan.unanswered import unanswered, unanswered_lines
from hub.cli.terminal import listing, out
from hub.flow.recompare import DONE
from hub.model.exception import ExceptionState, ForecastException
from hub.model.performance import MetricException
from hub.performance.metric_exceptions import metric_fingerprint
from hub.planning.exceptions import fingerprint_of
from hub.planning.levels import view_of
from hub.ports import CatalogueView, Raised, Unit

STATES = get_args(ExceptionState)


@dataclass(frozen=True, slots=True)
class Found:
    """Of one agreement, or of all: `rows` between two views, by agreement where a metric is worse than agreed, and
    files that a partner has not answered in time."""

    rows: tuple[ForecastException, ...]
    metrics: tuple[tuple[str, MetricException], ...]
    catalogue: CatalogueView
    unanswered: tuple[Raised, ...] = ()


@plan.command("exceptions")
def exceptions_(
    agreement: Name = None,
    state: Annotated[str | None, typer.Option(help=", ".join(STATES))] = None,
    limit: Annotated[int, typer.Option(help="rows")] = 20,
    ids: Annotated[bool, typer.Option("--ids", help="show what `hub plan settle` takes")] = False,
    hashed: Annotated[bool, typer.Option("--hash", help="one line per agreement: how many, and their hash")] = False,
    sheet: Annotated[Path | None, typer.Option(
        "--csv", help="write the differences to this file, to fill in and give to `hub plan settle --csv`")] = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Where the two sides disagree, dearest first; then where forecasts or shelves are worse than the agreement allows,
    and files whose acknowledgement is overdue.

    Two hubs that compare the same views by the same criteria find the same list: --hash proves it without showing it.
    With --as-of everything is as it stood at that moment.

    Example: [bold]hub plan exceptions retail --limit 5[/]
    Example: [bold]hub plan exceptions retail --as-of 2026-11-16T09:30:00[/]
    Example: [bold]hub plan exceptions retail --hash[/]
    """
    if state is not None and state not in STATES:
        raise typer.BadParameter(f"{state!r} is none of {', '.join(STATES)}", param_hint="--state")
    if hashed:
        if as_of is not None:
            raise typer.BadParameter("--hash is of the last planning run; leave --as-of out", param_hint="--as-of")
        listing("Exceptions of the last planning run", ask(_hashes, agreement), as_json)
        return
    found: Found = ask(_exceptions, agreement, state, limit, aware(as_of))
    if sheet is not None:
        write_exceptions(sheet, found.rows, found.catalogue)
        out.print(f"Wrote {sheet}: {len(found.rows)} exceptions", highlight=False)
        return
    if as_json:
        listing("Exceptions", as_rows(found), True)
        return
    if found.rows:
        out.print(disagreements(found.rows, found.catalogue, ids))
    elif state is not None:
        out.print(f"No exception is {state}. Leave --state out to see what was found.")
    elif not found.metrics:
        out.print("No exceptions: both sides agree within the thresholds, or only one of them has spoken.")
    if found.metrics:
        listing("Worse than was agreed, dearest first", metric_lines(found.metrics[:limit]), False)
    if found.unanswered:
        listing("Not answered in time", unanswered_lines(found.unanswered[:limit]), False)


def as_rows(found: Found) -> list[dict[str, Any]]:
    """Plain values; `kind` says what is out of bounds: a difference of two views, a metric, or an answer."""
    return [{"kind": "difference"} | row.model_dump(mode="json") for row in found.rows] + [
        {"agreement": agreement} | one.model_dump(mode="json") for agreement, one in found.metrics] + [
        {"kind": "unanswered"} | line for line in unanswered_lines(found.unanswered)]


async def _exceptions(hub: Hub, name: str | None, state: str | None, limit: int, at: datetime | None) -> Found:
    async with hub.units.worker() as unit:
        names = [(await the_agreement(unit, name)).name] if name is not None else [
            a.name for a in await unit.partners.agreements()]
        # A metric exception has no state: nobody settles it, the next scorecard has it or has it not.
        metrics = [] if state else [
            (agreement, one) for agreement in names for one in await unit.scorecards.exceptions(agreement, at)]
        return Found(await _rows(unit, name, names, state, limit, at),
                     tuple(sorted(metrics, key=lambda pair: -pair[1].value_at_stake)), await unit.catalogue.snapshot(),
                     () if state or at else await unanswered(unit, names))


async def _rows(
    unit: Unit, name: str | None, names: list[str], state: str | None, limit: int, at: datetime | None
) -> tuple[ForecastException, ...]:
    if at is None:
        return (await unit.exceptions.list(agreement=name, state=state, limit=limit)).rows
    known = [row for agreement in names for row in await unit.exceptions.known(agreement, at, state=state, limit=limit)]
    return tuple(sorted(known, key=lambda row: -row.value_at_stake)[:limit])


async def _hashes(hub: Hub, name: str | None) -> list[dict[str, Any]]:
    found = []
    async with hub.units.worker() as unit:
        if name is not None:
            await the_agreement(unit, name)
        for agreement in await unit.partners.agreements():
            if name in (None, agreement.name):
                run = next((r for r in await unit.runs.list(agreement.name) if DONE in r.detail), None)
                rows = await unit.exceptions.of_run(run.id, view_of(agreement)) if run else []
                metrics = await unit.scorecards.exceptions(agreement.name)
                found.append({
                    "agreement": agreement.name, "as of": str(run.as_of) if run else None, "exceptions": len(rows),
                    "sha256": fingerprint_of(rows, agreement.decimals) if run else None, "metrics": len(metrics),
                    "metrics sha256": metric_fingerprint(metrics, agreement) if metrics else None})
    return found


def disagreements(rows: tuple[ForecastException, ...], catalogue: CatalogueView, ids: bool = False) -> Table:
    """Exceptions as a planner reads them: what, where, when, who says what, what it costs, and how it stands."""
    table = Table(
        title="Where the two sides disagree, dearest first", title_justify="left", header_style="bold", box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0), caption="base units; history = what history alone expects; agreed = settled",
        caption_justify="left",
    )
    table.add_column("item at place", no_wrap=True, overflow="ellipsis", min_width=20)
    table.add_column("week", no_wrap=True, min_width=9)
    for name in ("buyer", "seller", "history", "differ", "at stake", "agreed"):
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    both = len({row.measure for row in rows}) > 1
    if both:
        table.add_column("of", no_wrap=True)
    table.add_column("stands", no_wrap=True)
    if ids:
        table.add_column("id", no_wrap=True, min_width=26)
    for row in rows:
        left, right = f"{row.left:,.0f}", f"{row.right:,.0f}"
        table.add_row(
            f"{catalogue.items[row.gtin].name} [dim]{catalogue.locations[row.gln].name}[/]",
            f"{row.period:%d %b} +{row.lag}",
            f"[bold]{left}[/]" if row.left > row.right else left,
            f"[bold]{right}[/]" if row.right > row.left else right,
            "" if row.baseline is None else f"{row.baseline:,.0f}", f"{row.percent:.0f} %",
            f"[red]{row.value_at_stake:,.0f}[/]", "" if row.settled is None else f"{row.settled:,.0f}",
            *([row.measure.removesuffix("_forecast")] if both else []), standing(row),
            *([row.id or ""] if ids else []),
        )
    return table


def standing(row: ForecastException) -> str:
    """How it stands, in a few words: `quillfield offers 120`, `mean`, `both signed`."""
    if row.state == "resolved":
        return {"signed": "both signed", "no_longer": "gone"}.get(row.rule or "", (row.rule or "").replace("_", " "))
    if row.offered is not None and row.state in ("proposed", "countered", "escalated"):
        raised = ", escalated" if row.state == "escalated" else ""
        return f"{row.offered_by} offers {row.offered:,.0f}{raised}"
    return f"{row.state}{f' to {row.owner}' if row.owner and row.state == 'assigned' else ''}"
