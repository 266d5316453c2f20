"""The arithmetic of one planning cycle for one shard: arrays in, arrays out, importable by any worker process.

A shard is a set of whole planning families of one agreement. `plan_shard` runs every step; the driver may also call the
steps one by one, in the order baseline -> compare -> reconcile -> order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from hub.model.agreement import Agreement
from hub.model.plan import PlanMeasure, Series, Vector
from hub.planning import promotions
from hub.planning.consensus import Settlement, settle
from hub.planning.exceptions import Mask, View, disputed, rank
from hub.planning.forecast import Baseline, error_of_new_items, forecast
from hub.planning.history import Keys
from hub.planning.models.panel import Outlook, Panel, Slots, otherwise
from hub.planning.promotions import Lift
from hub.planning.replenish import Replenishment, Stock, Terms, replenish


@dataclass(frozen=True, slots=True)
class ShardInput:
    """What planning needs to know, n item-locations, T weeks of history that end just before `first_week`, H = the
    agreement's horizon. Quantities in base units; NaN where nobody said.

    `groups` (n,) numbers planning families. `history` (n, T). `buyer`, `seller`, `previous` (the last consensus) are
    (n, H). `promoted_past` (n, T) and `promoted_ahead` (n, H) are shares of days, 0..1. `unit_values` (n,) prices a
    base unit. `dependent` (n, H), where given, is demand that follows from the customers' own order forecasts.
    """

    agreement: Agreement
    keys: Keys
    groups: Slots
    first_week: date
    history: Vector
    buyer: Vector
    seller: Vector
    previous: Vector
    promoted_past: Vector
    promoted_ahead: Vector
    unit_values: Vector
    stock: Stock
    dependent: Vector | None = None

    def series(self, values: Vector) -> Series:
        """Future values of this shard as a `Series`."""
        return Series(self.keys, self.first_week, values)

    def views(self) -> tuple[View, View]:
        """The buyer's and the seller's view."""
        names = self.agreement.partner("buyer"), self.agreement.partner("seller")
        return (View(names[0], "sales", self.series(self.buyer)), View(names[1], "sales", self.series(self.seller)))


@dataclass(frozen=True, slots=True)
class ShardResult:
    """What one cycle made of a shard: `exceptions` as `hub.planning.exceptions.rank` lists them; `sigma` (n,) is the
    error of a week's baseline; `found` (n, H) the disputed cells."""

    keys: Keys
    first_week: date
    baseline: Baseline
    lift: Lift
    found: Mask
    exceptions: pl.DataFrame
    consensus: Vector
    rule: npt.NDArray[np.int8]
    orders: Replenishment

    def versions(self) -> dict[PlanMeasure, Series]:
        """What the hub publishes of it, by measure; proposed order and safety stock have one week, the first."""
        of: dict[PlanMeasure, Vector] = {
            "baseline": self.baseline.outlook.forecast, "consensus": self.consensus,
            "order_forecast": self.orders.placed,
            "on_hand_projection": self.orders.on_hand, "proposed_order": self.orders.placed[:, :1],
            "safety_stock": self.orders.safety[:, None],
        }
        return {measure: Series(self.keys, self.first_week, values) for measure, values in of.items()}


def families(keys: Keys, group_of: dict[str, str | None]) -> Slots:
    """The number of each item-location's planning family: items of one group share one, items without a group stand
    alone (all their locations together). Numbered in code point order of the names."""
    names = [group_of.get(gtin) or f"\x00{gtin}" for gtin, _ in keys]
    number = {name: i for i, name in enumerate(sorted(set(names)))}
    return np.array([number[name] for name in names], dtype=np.int64)


def plan_shard(shard: ShardInput) -> ShardResult:
    """The whole cycle for one shard. Pure: the same input gives the same bytes in any process."""
    made, lift = baseline(shard)
    found, ranked = compare(shard, made.outlook.forecast)
    settlement = reconcile(shard, made.outlook.forecast, found)
    orders = order(shard, settlement.consensus.values, made.outlook.sigma)
    return ShardResult(shard.keys, shard.first_week, made, lift, found, ranked, settlement.consensus.values,
                       settlement.rule, orders)


def baseline(shard: ShardInput) -> tuple[Baseline, Lift]:
    """Promotions out of the history, forecast, planned promotions back on.

    Dependent demand is not forecast but taken as it is; what the history forecasts still sizes its error and fills the
    cells where no customer planned anything.
    """
    lift = promotions.measure(shard.history, shard.promoted_past, shard.groups)
    plain = promotions.without_lift(shard.history, shard.promoted_past, lift)
    begins = shard.first_week - timedelta(weeks=shard.history.shape[1])
    made = forecast(Panel(plain, begins, shard.groups, shard.agreement.horizon_weeks))
    raised = promotions.with_lift(made.outlook.forecast, shard.promoted_ahead, lift)
    parts = {**made.outlook.components, "promotion": raised - made.outlook.forecast}
    pool = made.pool
    if shard.dependent is not None:
        parts["dependent"] = shard.dependent
        raised = otherwise(shard.dependent, raised)
        planned = [not np.isnan(row).all() for row in shard.dependent]
        pool = tuple("dependent" if planned[row] else name for row, name in enumerate(pool))
    return Baseline(Outlook(raised, made.outlook.sigma, parts), pool, made.scores), lift


def compare(shard: ShardInput, baseline: Vector) -> tuple[Mask, pl.DataFrame]:
    """The disputed cells and their ranking."""
    buyer, seller = shard.views()
    found = disputed(buyer, seller, shard.agreement.thresholds)
    return found, rank(buyer, seller, found, shard.unit_values, shard.series(baseline))


def reconcile(shard: ShardInput, baseline: Vector, found: Mask, signed: Vector | None = None) -> Settlement:
    """The consensus by what both sides `signed` (n, H), else by the agreement's rule and fences."""
    return settle(
        shard.series(shard.buyer), shard.series(shard.seller), shard.series(baseline), found,
        shard.agreement.settlement, shard.agreement.fences, shard.series(shard.previous), signed,
    )


def order(shard: ShardInput, demand: Vector, sigma: Vector) -> Replenishment:
    """The order forecast for settled `demand`; its first week is what to order now. Items without a history are given
    the error that is usual in their family."""
    terms = shard.agreement.replenishment
    return replenish(demand, error_of_new_items(sigma, demand, shard.groups), shard.stock,
                     Terms(terms.lead_weeks, terms.review_weeks, float(terms.service)))


def split(shard: ShardInput, most: int) -> list[ShardInput]:
    """Shards of about `most` item-locations, families kept whole, in order of family number. Cut by content only, so
    that any number of workers gets the same shards."""
    order_of = np.argsort(shard.groups, kind="stable")
    cuts, began = [0], 0
    borders = np.flatnonzero(np.diff(shard.groups[order_of])) + 1
    for border in borders.tolist():
        if border - began >= most:
            cuts.append(border)
            began = border
    return [_only(shard, rows) for rows in np.split(order_of, cuts[1:])] if len(order_of) else []


def _only(shard: ShardInput, rows: Slots) -> ShardInput:
    stock = shard.stock
    return ShardInput(
        shard.agreement, tuple(shard.keys[row] for row in rows.tolist()), shard.groups[rows], shard.first_week,
        shard.history[rows], shard.buyer[rows], shard.seller[rows], shard.previous[rows], shard.promoted_past[rows],
        shard.promoted_ahead[rows], shard.unit_values[rows],
        Stock(stock.on_hand[rows], stock.on_order[rows], stock.pack[rows], stock.minimum[rows]),
        None if shard.dependent is None else shard.dependent[rows],
    )
