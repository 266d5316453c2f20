"""A planning cycle: from what was observed and what both sides expect to orders in the seller's mailbox.

`STEPS` is the order. Each step is one transaction that also records itself on the run's row, so a cycle that was killed
goes on where it stopped; nothing waits in memory. What a step needs from an earlier one it reads from the store.
"""

from __future__ import annotations

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
from hub.model.agreement import Agreement, Role
from hub.model.event import HubEvent
from hub.model.forecast import ForecastKind
from hub.model.plan import PlanMeasure, PlanVersion, Series, Vector
from hub.planning.calendar import WEEK, to_weeks, week_of, whole_weeks
from hub.planning.consensus import Settlement, resolved, settle
from hub.planning.exceptions import View, as_exceptions, disputed, fingerprint, rank
from hub.planning.forecast import Baseline, forecast
from hub.planning.history import Keys, align, matrix, vector
from hub.planning.models.panel import Panel
from hub.planning.replenish import Stock, Terms, due_by_week, replenish
from hub.ports import Clock, Executor, Format, Run, Unit, Units

HUB = "hub"


@dataclass(frozen=True, slots=True)
class Cycle:
    """One agreement planned on one day. `first` begins the first future week; `keys` is the scope in a steady order."""

    run: str
    agreement: Agreement
    as_of: date
    first: date
    keys: Keys
    dispatch: Dispatch
    executor: Executor

    @property
    def unit(self) -> Unit:
        return self.dispatch.unit

    @property
    def context(self) -> Context:
        return self.dispatch.context

    @property
    def kind(self) -> ForecastKind:
        return "order" if self.agreement.demand == "orders" else "sales"

    async def keep(self, measure: PlanMeasure, values: Vector) -> int:
        """Append a version of the hub's own."""
        series = Series(self.keys, self.first, values)
        version = PlanVersion(
            agreement=self.agreement.name, author=HUB, measure=measure, first_week=self.first, weeks=series.weeks,
            source=self.run,
        )
        return await self.unit.plans.add(version, series)

    async def recall(self, author: str, measure: PlanMeasure, weeks: int | None = None) -> Series | None:
        """The newest version of somebody, on this cycle's keys and weeks; None when there is none."""
        found = await self.unit.plans.latest(self.agreement.name, author, measure)
        weeks = self.agreement.horizon_weeks if weeks is None else weeks
        return align(found[1], self.keys, self.first, weeks, recut=True) if found else None

    def nothing(self) -> Series:
        shape = (len(self.keys), self.agreement.horizon_weeks)
        return Series(self.keys, self.first, np.full(shape, np.nan))


Detail = dict[str, Any]
Step = Callable[[Cycle], Awaitable[Detail]]


async def run(
    units: Units, formats: Mapping[str, Format], executor: Executor, agreement: str, as_of: date, *, clock: Clock,
    hub_gln: str,
) -> Run:
    """Run, or resume, the cycle of `agreement` on `as_of`; a finished one is returned as it is.

    Raises NotFound for an unknown agreement and Reject for one that is not in force.
    """
    async with units.worker() as unit:
        row = await unit.runs.open(agreement, as_of)
    names = [step.__name__ for step in STEPS]
    for step in STEPS[names.index(row.step) + 1 if row.step else 0:]:
        async with units.worker() as unit:
            context = await Context.load(unit, hub_gln, as_of)
            plan = _agreement(context, agreement, as_of)
            dispatch = Dispatch(unit, context, formats, clock.now())
            first = week_of(as_of + timedelta(days=WEEK - 1), plan.week_start)
            cycle = Cycle(row.id, plan, as_of, first, _scope(plan), dispatch, executor)
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


def _scope(agreement: Agreement) -> Keys:
    return tuple(sorted((gtin, gln) for gtin in agreement.items for gln in agreement.locations))


async def baseline(cycle: Cycle) -> Detail:
    """What history alone expects; for dependent demand, what the agreements downstream are forecast to order."""
    if cycle.agreement.demand == "orders":
        values, sigma = await _dependent_demand(cycle)
        reasons: dict[str, int] = {"dependent demand": len(cycle.keys)}
    else:
        history = await _history(cycle)
        values, sigma, reasons = await _forecast(cycle, history)
    await cycle.keep("baseline", values)
    await cycle.keep("forecast_error", sigma[:, None])
    return {"series": len(cycle.keys), "without_history": int(np.isnan(values[:, 0]).sum()), "pools": reasons}


async def _history(cycle: Cycle) -> Series:
    """Observed demand in the agreement's weeks; weeks that reports cover only in part are unknown."""
    weeks = cycle.agreement.history_weeks
    since = cycle.first - timedelta(weeks=weeks)
    rows = await cycle.unit.observations.history(
        cycle.agreement.name, cycle.agreement.demand, since - timedelta(days=WEEK - 1), cycle.first - timedelta(days=1)
    )
    reported = rows.rename({"period": "start"}).with_columns(
        pl.lit("week").alias("bucket"), pl.lit(None, pl.Date).alias("end")
    )
    return matrix(whole_weeks(to_weeks(reported, cycle.agreement.week_start)), since, weeks, cycle.keys)


async def _forecast(cycle: Cycle, history: Series) -> tuple[Vector, Vector, dict[str, int]]:
    """Forecast each planning family by itself, side by side."""
    families = [cycle.context.catalogue.items[gtin].group or "" for gtin, _ in cycle.keys]
    names = sorted(set(families))
    rows = [np.array([i for i, family in enumerate(families) if family == name], dtype=np.int64) for name in names]
    panels = [
        Panel(history.values[of], history.first_week, np.zeros(len(of), dtype=np.int64), cycle.agreement.horizon_weeks)
        for of in rows
    ]
    made: list[Baseline] = await cycle.executor.map(forecast, panels)
    values = np.full((len(cycle.keys), cycle.agreement.horizon_weeks), np.nan)
    sigma, pools = np.full(len(cycle.keys), np.nan), dict[str, int]()
    for of, result in zip(rows, made, strict=True):
        values[of], sigma[of] = result.outlook.forecast, result.outlook.sigma
        for pool in result.pool:
            pools[pool] = pools.get(pool, 0) + 1
    return values, sigma, pools


async def _dependent_demand(cycle: Cycle) -> tuple[Vector, Vector]:
    """What this agreement's buyer is forecast to be ordered by its own customers, by item; the spread of the weeks
    stands for its error."""
    buyer, total = cycle.agreement.partner("buyer"), np.zeros((len(cycle.keys), cycle.agreement.horizon_weeks))
    for other in cycle.context.agreements:
        if other.partner("seller") != buyer or other.demand == "orders" or not other.in_force(cycle.as_of):
            continue
        found = await cycle.unit.plans.latest(other.name, HUB, "order_forecast")
        if found is None:
            continue
        series = align(found[1], found[1].keys, cycle.first, cycle.agreement.horizon_weeks, recut=True)
        for row, (gtin, _) in enumerate(cycle.keys):
            of = [i for i, key in enumerate(series.keys) if key[0] == gtin]
            total[row] += np.nansum(series.values[of], axis=0) / len(cycle.agreement.locations)
    return total, total.std(axis=1)


async def compare(cycle: Cycle) -> Detail:
    """Both sides' views against each other: where they differ by more than was agreed is an exception."""
    views = await _views(cycle)
    if views is None:
        return {"exceptions": 0, "compared": False}
    buyer, seller, usual = views
    found = disputed(buyer, seller, cycle.agreement.thresholds)
    ranked = rank(buyer, seller, found, _unit_values(cycle), usual)
    rows = as_exceptions(ranked, cycle.agreement.name, buyer.party, seller.party)
    await cycle.unit.exceptions.add(cycle.run, rows)
    return {
        "exceptions": len(rows), "compared": True, "fingerprint": fingerprint(ranked),
        "value_at_stake": round(sum(r.value_at_stake for r in rows), 2),
    }


async def _views(cycle: Cycle) -> tuple[View, View, Series] | None:
    """Buyer's and seller's view and the baseline; None when a side has said nothing.

    Dependent demand has no seller's view: there the buyer's order forecast is held against what was computed.
    """
    measure: PlanMeasure = "order_forecast" if cycle.kind == "order" else "sales_forecast"
    usual = await cycle.recall(HUB, "baseline") or cycle.nothing()
    sides = []
    for role in ("buyer", "seller"):
        party = cycle.agreement.partner(role)
        series = await cycle.recall(party, measure)
        if series is None and role == "seller" and cycle.kind == "order":
            party, series = HUB, usual
        if series is None:
            return None
        sides.append(View(party, cycle.kind, series))
    return sides[0], sides[1], usual


def _unit_values(cycle: Cycle) -> Vector:
    items = cycle.context.catalogue.items
    return np.array([float(items[gtin].unit_value or np.nan) for gtin, _ in cycle.keys])


async def consent(cycle: Cycle) -> Detail:
    """One number per item, place and week, by the agreement's rule; the exceptions carry what became of them."""
    views = await _views(cycle)
    usual = await cycle.recall(HUB, "baseline") or cycle.nothing()
    previous = await cycle.recall(HUB, "consensus")
    if views is None:
        one = await _lone_view(cycle)
        nobody = np.zeros((len(cycle.keys), cycle.agreement.horizon_weeks), dtype=np.bool_)
        settled = settle(one["buyer"], one["seller"], usual, nobody, cycle.agreement.settlement,
                         cycle.agreement.fences, previous)
    else:
        buyer, seller, _ = views
        found = disputed(buyer, seller, cycle.agreement.thresholds)
        settled = settle(buyer.series, seller.series, usual, found, cycle.agreement.settlement,
                         cycle.agreement.fences, previous)
        await _resolve(cycle, buyer, seller, found, usual, settled)
    await cycle.keep("consensus", settled.consensus.values)
    return {"rule": cycle.agreement.settlement, "cells": int((~np.isnan(settled.consensus.values)).sum())}


async def _resolve(cycle: Cycle, buyer: View, seller: View, found: Any, usual: Series, settled: Settlement) -> None:
    ranked = rank(buyer, seller, found, _unit_values(cycle), usual)
    rows = as_exceptions(ranked, cycle.agreement.name, buyer.party, seller.party)
    await cycle.unit.exceptions.resolve(cycle.run, resolved(rows, settled))


async def _lone_view(cycle: Cycle) -> dict[Role, Series]:
    measure: PlanMeasure = "order_forecast" if cycle.kind == "order" else "sales_forecast"
    return {
        role: await cycle.recall(cycle.agreement.partner(role), measure) or cycle.nothing()
        for role in ("buyer", "seller")
    }


async def order_forecast(cycle: Cycle) -> Detail:
    """What the buyer will have to order, week by week: stock and open orders netted, safety stock kept."""
    rules, weeks = cycle.agreement.replenishment, cycle.agreement.horizon_weeks
    demand = await cycle.recall(HUB, "consensus") or cycle.nothing()
    error = await cycle.recall(HUB, "forecast_error", 1)
    sigma = error.values[:, 0] if error else np.full(len(cycle.keys), np.nan)
    terms = Terms(rules.lead_weeks, rules.review_weeks, float(rules.service))
    plan = replenish(demand.values, sigma, await _stock(cycle), terms)
    await cycle.keep("order_forecast", plan.placed)
    await cycle.keep("proposed_order", plan.proposed()[:, None])
    await cycle.keep("on_hand_projection", plan.on_hand)
    await cycle.keep("safety_stock", plan.safety[:, None])
    return {"now": float(plan.proposed().sum()), "weeks": weeks, "horizon": float(plan.placed.sum())}


async def _stock(cycle: Cycle) -> Stock:
    """What the newest report says is there, what open orders will bring, and in which packs it is ordered."""
    rules, weeks = cycle.agreement.replenishment, cycle.agreement.horizon_weeks
    counted = await cycle.unit.observations.latest(cycle.agreement.name, "on_hand")
    coming = await cycle.unit.orders.open_quantities(cycle.agreement.name)
    factors = cycle.context.catalogue.factors
    return Stock(
        on_hand=vector(counted, cycle.keys),
        on_order=due_by_week(coming, cycle.keys, cycle.first, weeks),
        pack=np.array([factors.get((gtin, rules.order_unit), 1.0) for gtin, _ in cycle.keys]),
        minimum=np.full(len(cycle.keys), float(rules.minimum)),
    )


async def release(cycle: Cycle) -> Detail:
    """This week's proposed orders become orders: in the books, and in the seller's mailbox in the seller's dialect."""
    proposed = await cycle.recall(HUB, "proposed_order", 1)
    buyer, seller = cycle.agreement.partner("buyer"), cycle.agreement.partner("seller")
    numbers, refused, events = [], [], []
    for order in orders(cycle.agreement, proposed, cycle.as_of, cycle.context) if proposed else []:
        placed = await cycle.unit.orders.place(order, buyer, seller, None)
        if placed is None:
            continue
        sent, findings = await cycle.dispatch.send("order", order, sender=buyer, receiver=seller)
        refused += [f.message for f in findings]
        numbers.append(order.number)
        events.append(HubEvent(type="order.released", subject=placed, partners=(buyer, seller), data={"message": sent}))
    await cycle.unit.events.publish(events)
    return {"orders": numbers, "not_sent": refused}


STEPS: tuple[Step, ...] = (baseline, compare, consent, order_forecast, release)
