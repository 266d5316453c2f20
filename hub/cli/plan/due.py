"""`hub plan due`: what the calendar decides today."""

from __future__ import annotations

from hub.app import Hub
from hub.cli.plan.group import Json, ask, plan
from hub.cli.terminal import listing
from hub.flow.deadlines import pass_deadlines


@plan.command("due")
def due_(as_json: Json = False) -> None:
    """Escalate what two planners have had long enough, and let the agreed rule decide what is overdue.

    A hub that runs does this by itself, every hour.

    Example: [bold]hub plan due[/]
    """
    listing("Due today", [{"escalated or expired": ask(_due)}], as_json)


async def _due(hub: Hub) -> int:
    return await pass_deadlines(hub.units, hub.clock)
