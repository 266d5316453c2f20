"""A planning cycle: from what was observed and what both sides expect to orders in the seller's mailbox.

`STEPS` is the order. Each step is one transaction that also records itself on the run's row, so a cycle that was killed
goes on where it stopped; nothing waits in memory. What a step needs from an earlier one it reads from the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from hub.errors import NotFound, Reject
from hub.flow.context import Context
from hub.flow.dispatch import Dispatch
from hub.flow.release import orders
from hub.fulfilment import lifecycle
from hub.model.agreement import Agreement
from hub.model.event import HubEvent
from hub.model.plan import PlanMeasure, PlanVersion, Series, Vector
from hub.planning import cycle_math
from hub.planning.calendar import WEEK, first_future, to_weeks, whole_weeks
from hub.planning.consensus import RULES, resolved
from hub.planning.cycle_math import ShardInput, split
from hub.planning.exceptions import as_exceptions, fingerprint
from hub.planning.forecast import Baseline
from hub.planning.gather import Known, gather
from hub.planning.history import Keys, align
from hub.planning.promotions import Lift
from hub.planning.replenish import dependent_demand
from hub.planning.settling import UNSETTLED, overdue, signed
from hub.ports import Clock, Executor, Format, Run, Unit, Units

HUB = "hub"
SHARD = 4096
"""Item-locations in one unit of planning work; families are kept whole."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One agreement planned on one day. `first` begins the first future week."""

    run: str
    agreement: Agreement
    as_of: date
    first: date
    dispatch: Dispatch
    executor: Executor

    @property
    def unit(self) -> Unit:
        return self.dispatch.unit

    @property
    def context(self) -> Context:
        return self.dispatch.context

    @property
    def view(self) -> PlanMeasure:
        """The measure in which both sides speak of the future: of dependent demand they forecast orders."""
        return "order_forecast" if self.agreement.demand == "orders" else "sales_forecast"

    async def keep(self, measure: PlanMeasure, keys: Keys, values: Vector) -> int:
        """Append a version of the hub's own."""
        series = Series(keys, self.first, values)
        version = PlanVersion(
            agreement=self.agreement.name, author=HUB, measure=measure, first_week=self.first, weeks=series.weeks,
            source=self.run,
        )
        return await self.unit.plans.add(version, series)

    async def recall(self, author: str, measure: PlanMeasure) -> Series | None:
        """The newest version of somebody; None when there is none."""
        found = await self.unit.plans.latest(self.agreement.name, author, measure)
        return found[1] if found else None


Detail = dict[str, Any]
Step = Callable[[Cycle], Awaitable[Detail]]


async def run(
    units: Units, formats: Mapping[str, Format], executor: Executor, agreement: str, as_of: date, *, clock: Clock,
    hub_gln: str,
) -> Run:
    """Run, or resume, the cycle of `agreement` on `as_of`; a finished one is returned as it is.

    Raises NotFound for an unknown agreement and Reject for one that is not in force or of which nothing is known yet;
    such a cycle has not begun, and may be run again on the same day.
    """
    async with units.worker() as unit:
        row = await unit.runs.open(agreement, as_of)
    names = [step.__name__ for step in STEPS]
    for step in STEPS[names.index(row.step) + 1 if row.step else 0:]:
        async with units.worker() as unit:
            context = await Context.load(unit, hub_gln, as_of)
            plan = _agreement(context, agreement, as_of)
            dispatch = Dispatch(unit, context, formats, clock.now())
            first = first_future(as_of, plan.week_start)
            cycle = Cycle(row.id, plan, as_of, first, dispatch, executor)
            detail = await step(cycle)
            last = step is STEPS[-1]
            await unit.runs.advance(row.id, step.__name__, detail, "finished" if last else "running")
            if last:
                members = tuple(m.partner for m in plan.members)
                await unit.events.publish([HubEvent(type="plan.finished", subject=row.id, partners=members)])
    async with units.worker() as unit:
        return next(r for r in await unit.runs.list(agreement) if r.id == row.id)


def _agreement(context: Context, name: str, as_of: date) -> Agreement:
    found = next((a for a in context.agreements if a.name == name), None)
    if found is None:
        raise NotFound(f"there is no agreement {name!r}", reason="UNKNOWN_AGREEMENT")
    if not found.in_force(as_of):
        raise Reject(f"agreement {name!r} is not in force on {as_of}", reason="NOT_IN_FORCE")
    return found


async def baseline(cycle: Cycle) -> Detail:
    """What history alone expects; for dependent demand, what the agreements downstream are forecast to order."""
    shard, unpacked = gather(cycle.agreement, await _known(cycle, history=True), cycle.first)
    if not shard.keys:
        raise Reject(
            f"nothing is known yet of what agreement {cycle.agreement.name!r} plans: push activity or forecasts first",
            reason="NOTHING_KNOWN",
        )
    pieces = split(shard, SHARD)
    made: list[tuple[Baseline, Lift]] = await cycle.executor.map(cycle_math.baseline, pieces)
    keys = tuple(key for piece in pieces for key in piece.keys)
    pools = Counter(pool for result, _ in made for pool in result.pool)
    await cycle.keep("baseline", keys, np.concatenate([result.outlook.forecast for result, _ in made]))
    await cycle.keep("forecast_error", keys, np.concatenate([result.outlook.sigma for result, _ in made])[:, None])
    return {"series": len(keys), "pools": dict(pools), "without_pack": list(unpacked)}


async def compare(cycle: Cycle) -> Detail:
    """Both sides' views against each other: where they differ by more than was agreed is an exception."""
    shard, usual = await _shard(cycle)
    both = ~(np.isnan(shard.buyer) | np.isnan(shard.seller))
    _, ranked = cycle_math.compare(shard, usual)
    due = cycle.as_of + timedelta(days=cycle.agreement.settle_days)
    rows = [row.model_copy(update={"due": due})
            for row in as_exceptions(ranked, cycle.agreement.name, *await _parties(cycle))]
    await cycle.unit.plans.hold(cycle.agreement.name)
    await cycle.unit.exceptions.add(cycle.run, rows)
    return {
        "exceptions": len(rows), "compared": int(both.sum()), "fingerprint": fingerprint(ranked),
        "value_at_stake": round(sum(row.value_at_stake for row in rows), 2),
    }


async def reconcile(cycle: Cycle) -> Detail:
    """One number per item, place and week: what both sides signed, else by the agreement's rule. Exceptions that the
    two sides may still settle between them stay open; for these the rule's number stands in."""
    shard, usual = await _shard(cycle)
    found, _ = cycle_math.compare(shard, usual)
    await cycle.unit.plans.hold(cycle.agreement.name)
    rows = await cycle.unit.exceptions.of_run(cycle.run)
    agreed = signed(rows, shard.keys, cycle.first, usual.shape[1])
    settled = cycle_math.reconcile(shard, usual, found, agreed)
    late = [row for row in rows if overdue(row, cycle.as_of)]
    if cycle.agreement.settle_days:
        expired = [row.model_copy(update={"state": "expired"}) for row in late]
        await cycle.unit.exceptions.resolve(cycle.run, expired, "expire")
    await cycle.unit.exceptions.resolve(cycle.run, resolved(late, settled))
    await cycle.keep("consensus", shard.keys, settled.consensus.values)
    decided = Counter(RULES[code] for code in settled.rule.ravel().tolist())
    waiting = sum(row.state in UNSETTLED for row in rows) - len(late)
    return {"rule": cycle.agreement.settlement, "decided": dict(decided), "to_settle": waiting}


async def order(cycle: Cycle) -> Detail:
    """What the buyer will have to order, week by week: stock and open orders netted, safety stock kept."""
    shard, _ = await _shard(cycle)
    demand, error = await cycle.recall(HUB, "consensus"), await cycle.recall(HUB, "forecast_error")
    if demand is None or error is None:
        return {"ordered_now": 0.0, "ordered_ahead": 0.0}
    agreed = align(demand, shard.keys, cycle.first, cycle.agreement.horizon_weeks).values
    plan = cycle_math.order(shard, agreed, align(error, shard.keys, cycle.first, 1).values[:, 0])
    await cycle.keep("order_forecast", shard.keys, plan.placed)
    await cycle.keep("proposed_order", shard.keys, plan.proposed()[:, None])
    await cycle.keep("on_hand_projection", shard.keys, plan.on_hand)
    await cycle.keep("safety_stock", shard.keys, plan.safety[:, None])
    return {"ordered_now": float(plan.proposed().sum()), "ordered_ahead": float(plan.placed.sum())}


async def _known(cycle: Cycle, *, history: bool = False) -> Known:
    """What the store knows of this agreement; the history, which is long, only when it is asked for."""
    name, unit = cycle.agreement.name, cycle.unit
    since = cycle.first - timedelta(weeks=cycle.agreement.history_weeks, days=WEEK - 1)
    until = cycle.first - timedelta(days=1)
    dependent = cycle.agreement.demand == "orders"
    sold = pl.DataFrame(schema={"gtin": pl.String, "gln": pl.String, "period": pl.Date, "quantity": pl.Float64})
    counted = await unit.observations.latest(name, "on_hand")
    if history and not dependent:
        sold = _in_weeks(cycle, await unit.observations.history(name, cycle.agreement.demand, since, until))
        counted = await unit.observations.history(name, "on_hand", since, until + timedelta(days=WEEK))
    usual = await cycle.recall(HUB, "baseline") if dependent and not history else None
    return Known(
        history=sold, on_hand=counted,
        buyer=await cycle.recall(cycle.agreement.partner("buyer"), cycle.view),
        seller=await cycle.recall(cycle.agreement.partner("seller"), cycle.view) or usual,
        previous=await cycle.recall(HUB, "consensus"),
        dependent=await _dependent_demand(cycle) if history and dependent else None,
        open_orders=await _coming(cycle),
        items=cycle.context.catalogue.items, factors=cycle.context.catalogue.factors,
    )


async def _coming(cycle: Cycle) -> pl.DataFrame:
    """Open orders that are still to arrive. What a receipt confirms is netted. Where none came, an order that was due
    before the planning day counts as delivered: its goods are in the newest stock report, and must not be counted
    twice."""
    coming = await cycle.unit.orders.open_quantities(cycle.agreement.name, cycle.as_of)
    return coming.filter(pl.col("due").is_null() | (pl.col("due") >= cycle.as_of))


def _in_weeks(cycle: Cycle, reported: pl.DataFrame) -> pl.DataFrame:
    """Reported weeks cut into the agreement's by shares of days; what is covered only in part is not known."""
    lines = reported.rename({"period": "start"}).with_columns(
        pl.lit("week").alias("bucket"), pl.lit(None, pl.Date).alias("end")
    )
    return whole_weeks(to_weeks(lines, cycle.agreement.week_start))


async def _dependent_demand(cycle: Cycle) -> Series | None:
    """What this agreement's buyer is forecast to be ordered by its customers, at the agreement's first place."""
    buyer, found = cycle.agreement.partner("buyer"), []
    for other in cycle.context.agreements:
        if other.partner("seller") == buyer and other.demand != "orders" and other.in_force(cycle.as_of):
            latest = await cycle.unit.plans.latest(other.name, HUB, "order_forecast")
            if latest is not None:
                keys = latest[1].keys
                found.append(align(latest[1], keys, cycle.first, cycle.agreement.horizon_weeks, recut=True))
    source = cycle.agreement.locations[0]
    supplied = {key: source for series in found for key in series.keys if key[0] in cycle.agreement.items}
    return dependent_demand(found, supplied) if found else None


async def _shard(cycle: Cycle) -> tuple[ShardInput, Vector]:
    """The planning input on the baseline's item-locations, and the baseline."""
    usual = await cycle.recall(HUB, "baseline")
    keys = usual.keys if usual else ()
    shard, _ = gather(cycle.agreement, await _known(cycle), cycle.first, keys)
    values = usual.values if usual else np.empty((0, cycle.agreement.horizon_weeks))
    return shard, values


async def _parties(cycle: Cycle) -> tuple[str, str]:
    """Whose views are compared. Of dependent demand the seller seldom has one: there the buyer's order forecast is held
    against what its customers' orders add up to."""
    seller = cycle.agreement.partner("seller")
    lone = cycle.agreement.demand == "orders" and await cycle.recall(seller, cycle.view) is None
    return cycle.agreement.partner("buyer"), HUB if lone else seller


async def release(cycle: Cycle) -> Detail:
    """This week's proposed orders become orders: in the books, and in the seller's mailbox in the seller's dialect."""
    proposed = await cycle.recall(HUB, "proposed_order")
    buyer, seller = cycle.agreement.partner("buyer"), cycle.agreement.partner("seller")
    numbers, refused, events = [], [], []
    for placed_order in orders(cycle.agreement, proposed, cycle.as_of, cycle.context) if proposed else []:
        placed = await cycle.unit.orders.place(placed_order, buyer, seller, None)
        if placed is None:
            continue
        sent, findings = await cycle.dispatch.send("order", placed_order, sender=buyer, receiver=seller)
        refused += [f.message for f in findings if not sent]
        if sent:
            await cycle.unit.orders.move(placed, lifecycle.advance("received", "send"))
        numbers.append(placed_order.number)
        events.append(HubEvent(type="order.released", subject=placed, partners=(buyer, seller), data={"message": sent}))
    await cycle.unit.events.publish(events)
    return {"orders": numbers, "not_sent": refused}


STEPS: tuple[Step, ...] = (baseline, compare, reconcile, order, release)
