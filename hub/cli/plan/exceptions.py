"""`hub plan exceptions`: where the two sides disagree."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from hub.app import Hub
from hub.cli.plan.group import Json, Name, ask, plan, the_agreement
from hub.cli.terminal import listing, out
from hub.flow.recompare import DONE
from hub.model.exception import ForecastException
from hub.planning.exceptions import fingerprint_of
from hub.planning.levels import view_of
from hub.ports import CatalogueView


@plan.command("exceptions")
def exceptions_(
    agreement: Name = None,
    state: Annotated[str | None, typer.Option(help="open, proposed, countered, escalated, resolved …")] = None,
    limit: Annotated[int, typer.Option(help="rows")] = 20,
    ids: Annotated[bool, typer.Option("--ids", help="show what `hub plan settle` takes")] = False,
    hashed: Annotated[bool, typer.Option("--hash", help="one line per agreement: how many, and their hash")] = False,
    as_json: Json = False,
) -> None:
    """Where the two sides disagree, dearest first.

    Two hubs that compare the same views by the same criteria find the same list: --hash proves it without showing it.

    Example: [bold]hub plan exceptions retail --limit 5[/]
    Example: [bold]hub plan exceptions retail --hash[/]
    """
    if hashed:
        listing("Exceptions of the last planning run", ask(_hashes, agreement), as_json)
        return
    rows, catalogue = ask(_exceptions, agreement, state, limit)
    if as_json:
        listing("Exceptions", [row.model_dump(mode="json") for row in rows], True)
    elif rows:
        out.print(disagreements(rows, catalogue, ids))
    else:
        out.print("No exceptions: both sides agree within the thresholds, or only one of them has spoken.")


async def _exceptions(
    hub: Hub, agreement: str | None, state: str | None, limit: int
) -> tuple[tuple[ForecastException, ...], CatalogueView]:
    async with hub.units.worker() as unit:
        if agreement is not None:
            await the_agreement(unit, agreement)
        page = await unit.exceptions.list(agreement=agreement, state=state, limit=limit)
        return page.rows, await unit.catalogue.snapshot()


async def _hashes(hub: Hub, name: str | None) -> list[dict[str, Any]]:
    found = []
    async with hub.units.worker() as unit:
        if name is not None:
            await the_agreement(unit, name)
        for agreement in await unit.partners.agreements():
            if name in (None, agreement.name):
                run = next((r for r in await unit.runs.list(agreement.name) if DONE in r.detail), None)
                rows = await unit.exceptions.of_run(run.id, view_of(agreement)) if run else []
                found.append({
                    "agreement": agreement.name, "as of": str(run.as_of) if run else None, "exceptions": len(rows),
                    "sha256": fingerprint_of(rows, agreement.decimals) if run else None})
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
