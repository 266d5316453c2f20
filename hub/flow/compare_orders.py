"""The two sides' order forecasts against each other (VICS steps 7 and 8): what the seller has committed to, or expects
to be asked for, against what the buyer says it will order. Who has said nothing is taken by what the hub computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from hub.flow.notice import NOTICES, new_since, tell_exceptions
from hub.flow.planned import HUB, Cycle, Detail
from hub.flow.recompare import run_before
from hub.flow.tell import anyone_hears
from hub.model.agreement import Role
from hub.model.exception import ForecastException
from hub.model.exception import View as ViewMeasure
from hub.model.plan import Series
from hub.planning.consensus import Settlement, Terms, resolved, settle
from hub.planning.cycle_math import ShardInput
from hub.planning.exceptions import Mask, View, as_exceptions, disputed, fingerprint, rank
from hub.planning.history import align
from hub.planning.levels import criteria_of
from hub.planning.settling import left_to_the_rule, signed, to_escalate

ORDERS: ViewMeasure = "order_forecast"
ROLES: tuple[Role, Role] = ("buyer", "seller")


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides' order forecasts on the rows and weeks of the hub's own; who has said nothing is the hub."""

    views: tuple[View, View]
    computed: Series


async def compare_orders(cycle: Cycle, shard: ShardInput) -> Detail:
    """Where they differ by more than was agreed is an exception, told and settled like one about sales; nothing where
    neither side forecasts orders, or where orders are what the agreement compares anyway."""
    sides = await _sides(cycle)
    if cycle.view == ORDERS or sides is None:
        return {}
    criteria = criteria_of(cycle.agreement, shard.keys, shard.groups, ORDERS)
    found = disputed(*sides.views, criteria)
    ranked = rank(*sides.views, found, shard.unit_values, sides.computed, criteria.decimals)
    due = cycle.as_of + timedelta(days=cycle.agreement.settle_days)
    rows = as_exceptions(ranked, cycle.agreement.name, sides.views[0].party, sides.views[1].party, ORDERS)
    await cycle.unit.plans.hold(cycle.agreement.name)
    await cycle.unit.exceptions.add(cycle.run, [row.model_copy(update={"due": due}) for row in rows], ORDERS)
    known = await cycle.unit.exceptions.of_run(cycle.run, ORDERS)
    await _settle(cycle, known, _by_rule(cycle, sides, found != 0))
    return {"order_exceptions": len(rows), "orders_at_stake": round(sum(row.value_at_stake for row in rows), 2),
            "order_fingerprint": fingerprint(ranked, criteria.decimals), "order_notices": await _tell(cycle, known)}


async def signed_orders(cycle: Cycle, shard: ShardInput) -> Series:
    """What both sides have signed of the orders of coming weeks, on the rows of `shard`; NaN where nothing is."""
    rows = await cycle.unit.exceptions.signed(cycle.agreement.name, ORDERS, cycle.first)
    weeks = cycle.agreement.horizon_weeks
    return shard.series(signed(rows, shard.keys, cycle.first, weeks) if cycle.view != ORDERS
                        else np.full((len(shard.keys), weeks), np.nan))


async def _sides(cycle: Cycle) -> Sides | None:
    computed = await cycle.recall(HUB, ORDERS)
    said = {role: await cycle.recall(cycle.agreement.partner(role), ORDERS) for role in ROLES}
    if computed is None or not any(said.values()):
        return None
    weeks = cycle.agreement.horizon_weeks
    views = []
    for role in ROLES:
        own = said[role]
        views.append(View(HUB, "order", computed) if own is None else View(
            cycle.agreement.partner(role), "order", align(own, computed.keys, cycle.first, weeks, recut=True)))
    return Sides((views[0], views[1]), computed)


def _by_rule(cycle: Cycle, sides: Sides, found: Mask) -> Settlement:
    """What the agreement's rule makes of the disputed orders. Weights are learnt of sales only: there orders are the
    mean of both."""
    learnt = cycle.agreement.settlement == "weighted" and cycle.agreement.weights is None
    rule = "mean" if learnt else cycle.agreement.settlement
    return settle(sides.views[0].series, sides.views[1].series, sides.computed, found, rule, cycle.agreement.fences,
                  terms=Terms.of(cycle.agreement))


async def _settle(cycle: Cycle, rows: Sequence[ForecastException], by_rule: Settlement) -> None:
    late = left_to_the_rule(rows, cycle.agreement, cycle.as_of)
    if cycle.agreement.settle_days:
        expired = [row.model_copy(update={"state": "expired"}) for row in late]
        await cycle.unit.exceptions.resolve(cycle.run, expired, "expire")
    await cycle.unit.exceptions.resolve(cycle.run, resolved(late, by_rule))
    await cycle.unit.exceptions.resolve(cycle.run, to_escalate(rows, cycle.agreement, cycle.as_of), "escalate")


async def _tell(cycle: Cycle, rows: Sequence[ForecastException]) -> int:
    """How many notices went out about what is new in dispute."""
    if not anyone_hears(cycle.agreement, cycle.context, *NOTICES):
        return 0
    last = await run_before(cycle.unit, cycle.run, cycle.agreement.name)
    new = new_since(rows, await cycle.unit.exceptions.of_run(last.id, ORDERS) if last else [])
    sent, _ = await tell_exceptions(cycle.dispatch, cycle.agreement, cycle.run, new)
    return sent
