"""The calendar starts the planning cycles that two partners have agreed on."""

from __future__ import annotations

from datetime import date

from hub.flow.context import Context
from hub.model.agreement import Agreement
from hub.planning.cadence import last_due
from hub.ports import Unit, Units

RECENT = 100
"""Newest runs of an agreement that are looked through for one of a due day."""


async def start_due(units: Units, hub_gln: str, today: date) -> list[str]:
    """Enqueue the cycle of every agreement that has none since the day it was due; their names. They run one after the
    other. Asked again before they have begun it enqueues them again, which is harmless: the cycle of an agreement and a
    day is done once."""
    async with units.worker() as unit:
        found = [agreement.name for agreement in await due_now(unit, hub_gln, today)]
        for name in found:
            await unit.queue.defer("plan", lock="plan", agreement=name, as_of=today.isoformat())
    return found


async def due_now(unit: Unit, hub_gln: str, today: date) -> list[Agreement]:
    """The agreements in business whose cycle is due and has not begun. One that somebody cancelled is not begun anew.
    Agreements on what others will order come last: their demand follows from the others' cycles."""
    context = await Context.load(unit, hub_gln, today)
    found = []
    for agreement in context.agreements:
        due = last_due(agreement, today)
        if due is not None and context.is_live(agreement):
            begun = {run.as_of for run in await unit.runs.list(agreement.name, limit=RECENT)}
            if max(begun, default=date.min) < due:
                found.append(agreement)
    return sorted(found, key=lambda agreement: (agreement.demand == "orders", agreement.name))
