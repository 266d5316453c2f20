"""Exceptions whose days are over: handed up, or left to the rule that both sides signed, also between planning runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hub.flow.recompare import DONE
from hub.flow.settle import settled_in
from hub.model.agreement import Agreement
from hub.model.event import HubEvent
from hub.model.exception import ForecastException, View
from hub.model.plan import Series
from hub.planning.settling import overdue, to_escalate
from hub.ports import Clock, Unit, Units

HUB = "hub"


async def pass_deadlines(units: Units, clock: Clock) -> int:
    """Escalate and expire what is due today, agreement by agreement, each in a transaction of its own; how many. Doing
    it twice does it once."""
    today, moved = clock.now().date(), 0
    async with units.worker() as unit:
        agreements = await unit.partners.agreements()
    for agreement in agreements:
        if agreement.settle_days and agreement.in_force(today):
            async with units.worker() as unit:
                moved += await _pass(unit, agreement, today)
    return moved


async def _pass(unit: Unit, agreement: Agreement, today: date) -> int:
    run = next((r.id for r in await unit.runs.list(agreement.name) if DONE in r.detail), None)
    if run is None:
        return 0
    views: tuple[View, ...] = ("sales_forecast", "order_forecast")
    return sum([await _pass_of(unit, agreement, run, view, today) for view in views])


async def _pass_of(unit: Unit, agreement: Agreement, run: str, measure: View, today: date) -> int:
    if not _due(await unit.exceptions.of_run(run, measure), agreement, today):
        return 0
    await unit.plans.hold(agreement.name)  # and look again: a planner may have been faster
    rows = await unit.exceptions.of_run(run, measure)
    raised, late = to_escalate(rows, agreement, today), [row for row in rows if overdue(row, today)]
    await unit.exceptions.resolve(run, raised, "escalate")
    consensus = await unit.plans.latest(agreement.name, HUB, settled_in(agreement, measure))
    if late and consensus is not None:
        expired = [row.model_copy(update={"state": "expired"}) for row in late]
        await unit.exceptions.resolve(run, expired, "expire")
        await unit.exceptions.resolve(run, [_by_rule(row, agreement, consensus[1]) for row in late])
    done = [*raised, *late]
    await unit.events.publish([
        HubEvent(type="exceptions.due", subject=run, partners=tuple(m.partner for m in agreement.members),
                 data={"escalated": len(raised), "expired": len(late)})])
    return len(done)


def _due(rows: Sequence[ForecastException], agreement: Agreement, today: date) -> bool:
    return bool(to_escalate(rows, agreement, today)) or any(overdue(row, today) for row in rows)


def _by_rule(exception: ForecastException, agreement: Agreement, consensus: Series) -> ForecastException:
    """Resolved with the number that stands in the consensus: the rule has decided it in the planning run. Of orders
    stands what the hub computed."""
    key, week = (exception.gtin, exception.gln), (exception.period - consensus.first_week).days // 7
    inside = key in consensus.keys and 0 <= week < consensus.weeks
    settled = float(consensus.values[consensus.keys.index(key), week]) if inside else None
    return exception.model_copy(update={"state": "resolved", "settled": settled, "rule": agreement.settlement})
