"""`hub plan run` and `hub plan cancel`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from hub.app import Hub
from hub.cli.plan.group import Json, Name, ask, in_order, plan
from hub.cli.terminal import err, listing, out
from hub.flow.cadence import due_now
from hub.flow.cycle import cancel
from hub.flow.planned import Watcher
from hub.ports import Run


@plan.command("run")
def run_(
    agreement: Name = None,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="plan as of this day; today")] = None,
    as_json: Json = False,
    due: Annotated[bool, typer.Option("--due", help="only what the calendar asks for on that day")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="show no progress")] = False,
) -> None:
    """Run the planning cycle: baseline, comparison, settlement, order forecast, released orders.

    Running it twice for the same day does it once, unless something has come in since: then only what has moved is
    compared anew, and only what is missing is ordered. A cycle that was killed, or stopped with Ctrl-C, goes on where
    it stopped. A hub that runs starts by itself, every morning, what is due by the agreements' cadence.

    Example: [bold]hub plan run retail --as-of 2026-11-16[/]
    """
    day = as_of.date() if as_of else datetime.now(UTC).date()
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err,
                  transient=True, disable=quiet or as_json or not err.is_terminal) as progress:
        runs = ask(_run, agreement, day, progress, due)
    listing("Cycles", [summary(run) for run in runs], as_json)


async def _run(hub: Hub, name: str | None, day: date, progress: Progress, due: bool) -> list[Run]:
    found = [agreement.name for agreement in await in_order(hub) if name in (None, agreement.name)]
    if due:
        async with hub.units.worker() as unit:
            asked = {agreement.name for agreement in await due_now(unit, hub.settings.gln, day)}
        found = [agreement for agreement in found if agreement in asked]
    elif not found:
        found = [name or "any"]
    return [await hub.plan(agreement, day, watch(progress, agreement)) for agreement in found]


def watch(progress: Progress, agreement: str) -> Watcher:
    """A bar for each step, as far as it has come."""
    bars: dict[str, TaskID] = {}

    def tell(step: str, done: int, of: int) -> None:
        if step not in bars:
            bars[step] = progress.add_task(f"{agreement}: {step}", total=of)
        progress.update(bars[step], total=of, completed=done)

    return tell


def odd(history: dict[str, int]) -> str | None:
    """What is odd in the demand that was planned from, in words."""
    words = {"impossible": "impossible quantities left out", "returns": "weeks of returns", "silent": "weeks missing"}
    return "; ".join(f"{history[name]:,} {says}" for name, says in words.items() if history.get(name)) or None


@plan.command("cancel")
def cancel_(
    agreement: Annotated[str, typer.Argument(help="agreement")],
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the cycle of this day; today")] = None,
) -> None:
    """Stop a cycle after the step that is under way. Nothing is undone; `hub plan run` goes on from there.

    Example: [bold]hub plan cancel retail --as-of 2026-11-16[/]
    """
    day = as_of.date() if as_of else datetime.now(UTC).date()
    run: Run = ask(_cancel, agreement, day)
    out.print(f"Cancelled after {run.step or 'no step'}: {run.id}", highlight=False)


async def _cancel(hub: Hub, agreement: str, day: date) -> Run:
    return await cancel(hub.units, agreement, day)


def summary(run: Run) -> dict[str, Any]:
    """One line about a cycle."""
    detail = run.detail
    return {
        "agreement": run.agreement, "as of": str(run.as_of), "state": run.state, "exceptions": detail.get("exceptions"),
        "at stake": detail.get("value_at_stake"), "to settle": detail.get("to_settle"),
        "history": odd(detail.get("history", {})), "orders": ", ".join(detail.get("orders", [])) or None,
        "late": late(detail), "run": run.id,
    }


def late(detail: dict[str, Any]) -> str | None:
    """What should have come and was not received, in words."""
    words = {"late_orders": "late", "assumed_delivered": "taken for delivered"}
    return "; ".join(f"{len(detail[name])} order(s) {says}" for name, says in words.items() if detail.get(name)) or None
