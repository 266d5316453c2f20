"""`hub plan run`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from hub.app import Hub
from hub.cli.plan.group import Json, Name, ask, in_order, plan
from hub.cli.terminal import listing
from hub.ports import Run


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
    listing("Cycles", [summary(run) for run in ask(_run, agreement, day)], as_json)


async def _run(hub: Hub, name: str | None, day: date) -> list[Run]:
    found = [agreement.name for agreement in await in_order(hub) if name in (None, agreement.name)]
    return [await hub.plan(agreement, day) for agreement in found or [name or "any"]]


def summary(run: Run) -> dict[str, Any]:
    """One line about a cycle."""
    detail = run.detail
    return {
        "agreement": run.agreement, "as of": str(run.as_of), "state": run.state, "exceptions": detail.get("exceptions"),
        "at stake": detail.get("value_at_stake"), "to settle": detail.get("to_settle"),
        "orders": ", ".join(detail.get("orders", [])) or None, "run": run.id,
    }
