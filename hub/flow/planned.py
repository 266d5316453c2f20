"""One agreement planned on one day: what the store knows of it then, and the versions that a cycle leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from hub.flow.business import announced
from hub.flow.context import Context
from hub.flow.dispatch import Dispatch
from hub.model.agreement import Agreement
from hub.model.exception import View
from hub.model.plan import PlanMeasure, PlanVersion, Reasons, Series, Vector
from hub.planning.calendar import WEEK, to_weeks, whole_weeks
from hub.planning.cycle_math import PARTIES, ShardInput
from hub.planning.forecast import MOST_LEARNT
from hub.planning.gather import Known, gather
from hub.planning.history import Keys, align
from hub.planning.levels import view_of
from hub.planning.replenish import dependent_demand
from hub.planning.weights import Gate, of_rows
from hub.ports import Executor, Unit

HUB = "hub"
ROWS = {"gtin": pl.String, "gln": pl.String, "period": pl.Date, "quantity": pl.Float64}
Detail = dict[str, Any]
Watcher = Callable[[str, int, int], None]
"""Hears of a step how many of its parts are done: step, done, all."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """`first` begins the first future week; `said` is what the steps so far have left on the run's row; `number` counts
    the cycles of the day; `offers`: models that learn from promotions may take part."""

    run: str
    agreement: Agreement
    as_of: date
    first: date
    dispatch: Dispatch
    executor: Executor
    said: Mapping[str, Any] = field(default_factory=dict)
    watcher: Watcher | None = None
    number: int = 1
    offers: bool = False

    @property
    def unit(self) -> Unit:
        return self.dispatch.unit

    @property
    def context(self) -> Context:
        return self.dispatch.context

    @property
    def view(self) -> View:
        return view_of(self.agreement)

    def tell(self, step: str, done: int, of: int) -> None:
        if self.watcher is not None:
            self.watcher(step, done, of)

    async def keep(self, measure: PlanMeasure, keys: Keys, values: Vector, reasons: Reasons | None = None) -> int:
        """Append a version of the hub's own."""
        series = Series(keys, self.first, values)
        version = PlanVersion(
            agreement=self.agreement.name, author=HUB, measure=measure, first_week=self.first, weeks=series.weeks,
            source=self.run,
        )
        return await self.unit.plans.add(version, series, reasons)

    async def recall(self, author: str, measure: PlanMeasure) -> Series | None:
        """The newest version of somebody; None when there is none."""
        found = await self.unit.plans.latest(self.agreement.name, author, measure)
        return found[1] if found else None

    async def views(self) -> dict[str, int]:
        """The newest versions of both sides' views and of the baseline: what this cycle plans from."""
        of: dict[str, tuple[str, PlanMeasure]] = {
            "buyer": (self.agreement.partner("buyer"), self.view),
            "seller": (self.agreement.partner("seller"), self.view), "baseline": (HUB, "baseline")}
        found = {name: await self.unit.plans.versions(self.agreement.name, author=author, measure=measure, limit=1)
                 for name, (author, measure) in of.items()}
        return {name: versions[0].id for name, versions in found.items() if versions}

    async def demand(self, since: date, until: date | None = None) -> pl.DataFrame:
        """What was wanted by week, as the agreement counts it: rows gtin, gln, period, quantity; until yesterday unless
        `until` is said. Reported weeks are cut into the agreement's by shares of days."""
        if self.agreement.demand == "orders":
            return pl.DataFrame(schema=ROWS)
        reported = await self.unit.observations.history(
            self.agreement.name, self.agreement.demand, since - timedelta(days=WEEK - 1),
            until or self.first - timedelta(days=1))
        if reported.is_empty() or reported.select(
                (pl.col("period").dt.weekday() == since.isoweekday()).all()).item():
            return reported
        lines = reported.rename({"period": "start"}).with_columns(
            pl.lit("week").alias("bucket"), pl.lit(None, pl.Date).alias("end"))
        return whole_weeks(to_weeks(lines, self.agreement.week_start))

    async def events(self) -> pl.DataFrame:
        """The promotions that are planned or announced: gtin, gln (null: everywhere), start, end."""
        return await announced(self.unit, self.agreement)


async def known(cycle: Cycle, *, history: bool = False) -> Known:
    """What the store knows of this agreement; the history, which is long, only when it is asked for. The views are
    those that the cycle has compared once it has compared any."""
    name, unit = cycle.agreement.name, cycle.unit
    since = cycle.first - timedelta(weeks=cycle.agreement.history_weeks)
    dependent = cycle.agreement.demand == "orders"
    sold, counted = pl.DataFrame(schema=ROWS), await unit.observations.latest(name, "on_hand")
    if history and not dependent:
        sold = await cycle.demand(since)
        counted = await unit.observations.history(
            name, "on_hand", since, cycle.first - timedelta(days=1) + timedelta(days=WEEK))
    versions = cycle.said.get("views") or await cycle.views()
    said = {view: await unit.plans.series(versions[view]) for view in ("buyer", "seller") if view in versions}
    if dependent and not history and "seller" not in said and "baseline" in versions:
        said["seller"] = await unit.plans.series(versions["baseline"])
    plan = await unit.business_plans.get(name)
    return Known(
        history=sold, on_hand=counted, buyer=said.get("buyer"), seller=said.get("seller"),
        previous=await cycle.recall(HUB, "consensus"),
        dependent=await _dependent_demand(cycle) if history and dependent else None,
        open_orders=await _coming(cycle), events=await cycle.events(),
        items=cycle.context.catalogue.items, factors=cycle.context.catalogue.factors,
        policies=plan.policies if plan else (),
    )


async def _coming(cycle: Cycle) -> pl.DataFrame:
    """Open orders that are still to arrive. What a receipt confirms is netted. Where none came and the agreement says
    so, an order that was due before the planning day counts as delivered: its goods are in the newest stock report, and
    must not be counted twice."""
    orders, terms = cycle.unit.orders, cycle.agreement.replenishment
    if terms.overdue == "open":
        return await orders.open_quantities(cycle.agreement.name)
    coming = await orders.open_quantities(cycle.agreement.name, cycle.as_of)
    return coming.filter(pl.col("due").is_null() | (pl.col("due") >= cycle.as_of))


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


async def history_shard(cycle: Cycle) -> tuple[ShardInput, tuple[str, ...]]:
    """The planning input with its history, and the items whose ordering unit has no pack."""
    shard, unpacked = gather(cycle.agreement, await known(cycle, history=True), cycle.first)
    return taught(cycle, shard, thorough=len(shard.keys) <= MOST_LEARNT), unpacked


async def shard_and_baseline(cycle: Cycle) -> tuple[ShardInput, Vector]:
    """The planning input on the baseline's item-locations, without history, and the baseline."""
    usual = await cycle.recall(HUB, "baseline")
    keys = usual.keys if usual else ()
    shard, _ = gather(cycle.agreement, await known(cycle), cycle.first, keys)
    values = usual.values if usual else np.empty((0, cycle.agreement.horizon_weeks))
    if any(threshold.level == "event" for threshold in cycle.agreement.thresholds):
        shard = replace(shard, usual=await without_events(cycle.unit, cycle.agreement.name, shard.series(values)))
    return taught(cycle, shard), values


async def without_events(unit: Unit, agreement: str, baseline: Series, as_of: datetime | None = None) -> Vector:
    """(n, weeks): the newest baseline less what its models add for planned events, on its own rows and weeks."""
    found = await unit.plans.versions(agreement, author=HUB, measure="baseline", limit=1, as_of=as_of)
    added = await unit.plans.part(found[0].id, "promotion") if found else None
    if added is None:
        return baseline.values
    return baseline.values - np.nan_to_num(align(added, baseline.keys, baseline.first_week, baseline.weeks).values)


def taught(cycle: Cycle, shard: ShardInput, *, thorough: bool = False) -> ShardInput:
    """The shard with what earlier cycles' errors teach."""
    rows = cycle.said.get("weights")
    return replace(shard, thorough=thorough, offers=cycle.offers, gate=gate_of(cycle.said),
                   weights=of_rows(PARTIES, rows) if rows else None)


def gate_of(detail: Mapping[str, Any]) -> Gate:
    """The gate that a run's row remembers; one that lets all pass when it remembers none."""
    found = detail.get("gate")
    return Gate(found["middle"], dict(found["gain"]), dict(found["cells"])) if found else Gate()
