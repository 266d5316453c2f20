"""Settled demand -> when to order how much: stock projected week by week, orders planned at every review.

Time runs in whole weeks; week 0 is the first future one. At the start of a week what is due arrives, then the review
(in weeks 0, R, 2R ...) places its order, which arrives L weeks later, then the week's demand is served. Unserved
demand waits (the projection goes below zero). What is proposed now is the order of week 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from hub.errors import Reject
from hub.model.agreement import Replenishment as Agreed
from hub.model.plan import Reasons, Series, Vector
from hub.planning.calendar import WEEK, week_of
from hub.planning.history import Keys, week_start_of
from hub.planning.policies.base_stock import order_quantity, safety_stock
from hub.planning.policies.kept import Kept

BASE_STOCK = "base_stock"
"""The policy that sizes orders, as reasons name it."""
TAIL = 4
"""Weeks whose mean stands for the demand beyond the forecast's last week."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How an agreement replenishes: lead time and review period in weeks (review at least 1), cycle service 0..1."""

    lead_weeks: int
    review_weeks: int
    service: float

    def __post_init__(self) -> None:
        if self.lead_weeks < 0 or self.review_weeks < 1:
            raise Reject(f"lead time {self.lead_weeks} and review period {self.review_weeks} make no cycle",
                         reason="BAD_REPLENISHMENT_TERMS")

    @property
    def cover(self) -> int:
        """The weeks that one order has to last for."""
        return self.lead_weeks + self.review_weeks


@dataclass(frozen=True, slots=True)
class Stock:
    """What is there and what is coming, base units: `on_hand` (n,), `on_order` (n, weeks) by the week it is due in;
    `pack` (n,) base units per ordering unit, `minimum` (n,) base units per order."""

    on_hand: Vector
    on_order: Vector
    pack: Vector
    minimum: Vector


@dataclass(frozen=True, slots=True)
class Replenishment:
    """The plan, base units, each (n, weeks) but `safety` (n,).

    `placed` by the week of ordering; `received` the hub's own orders by the week they arrive in; `on_hand` at each
    week's end. An order is `level` (the order-up-to level: forecast over the cover plus `safety`) less `position`
    (stock and what comes in time), in whole packs; both are NaN in weeks without a review.
    """

    placed: Vector
    received: Vector
    on_hand: Vector
    position: Vector
    level: Vector
    safety: Vector

    def proposed(self) -> Vector:
        """(n,) what to order now."""
        return np.asarray(self.placed[:, 0])


def replenish(
    demand: Vector, sigma: Vector, stock: Stock, terms: Terms, frozen: Vector | None = None, kept: Kept | None = None
) -> Replenishment:
    """Plan every item-location over the weeks of `demand` (n, weeks; NaN counts as no demand).

    `sigma` (n,) is the error of one week's forecast. Stock that nobody reported (NaN) counts as none. `frozen` (n,
    weeks) holds orders that may not change any more, by the week they are placed in; NaN cells are free. `kept` is what
    is agreed of single item-locations.
    """
    _require_shapes(demand, sigma, stock)
    wanted = np.nan_to_num(demand, nan=0.0)
    need = _beyond(wanted if kept is None else wanted * kept.on_sale, terms.cover)
    weeks = demand.shape[1]
    safety = safety_stock(sigma, terms.cover, terms.service)
    safety = safety if kept is None else kept.floor(safety)
    due = np.zeros((len(demand), weeks + terms.cover))
    due[:, :weeks] = np.nan_to_num(stock.on_order, nan=0.0)
    placed, received, left = (np.zeros(demand.shape) for _ in range(3))
    plan = Replenishment(placed, received, left, np.full(demand.shape, np.nan), np.full(demand.shape, np.nan), safety)
    on_hand = np.nan_to_num(stock.on_hand, nan=0.0)
    for week in range(weeks):
        ahead = slice(week, week + terms.cover)
        if week % terms.review_weeks == 0:
            plan.level[:, week] = need[:, ahead].sum(axis=1) + (
                safety if kept is None else safety * kept.sold_in(week + terms.cover - 1))
            plan.position[:, week] = on_hand + due[:, ahead].sum(axis=1)
            plan.placed[:, week] = order_quantity(
                plan.position[:, week], plan.level[:, week], stock.pack, stock.minimum)
            if kept is not None:
                there = on_hand + due[:, week : week + terms.lead_weeks + 1].sum(axis=1)
                there -= need[:, week : week + terms.lead_weeks].sum(axis=1)
                plan.placed[:, week] = kept.within(plan.placed[:, week], there, stock.pack, stock.minimum)
        if frozen is not None:
            plan.placed[:, week] = np.where(np.isnan(frozen[:, week]), plan.placed[:, week], frozen[:, week])
        due[:, week + terms.lead_weeks] += plan.placed[:, week]
        on_hand = on_hand + due[:, week] - need[:, week]
        plan.on_hand[:, week] = on_hand
    plan.received[:, terms.lead_weeks :] = plan.placed[:, : max(weeks - terms.lead_weeks, 0)]
    return plan


def _require_shapes(demand: Vector, sigma: Vector, stock: Stock) -> None:
    count = len(demand)
    if stock.on_order.shape != demand.shape or any(
        len(column) != count for column in (sigma, stock.on_hand, stock.pack, stock.minimum)
    ):
        raise Reject("demand, stock, packs and errors must speak of the same item-locations and weeks",
                     reason="NOT_COMPARABLE")
    if not ((stock.pack > 0) & (stock.minimum >= 0)).all():
        raise Reject("pack sizes are above zero and minimum orders not below", reason="BAD_REPLENISHMENT_TERMS")


def _beyond(demand: Vector, weeks: int) -> Vector:
    """`demand` and `weeks` more columns: the mean of its last four."""
    tail = demand[:, -TAIL:].mean(axis=1, keepdims=True) if demand.shape[1] else np.zeros((len(demand), 1))
    return np.concatenate([demand, np.repeat(tail, weeks, axis=1)], axis=1)


def why_proposed(stock: Stock, agreed: Agreed) -> Reasons:
    """What made the proposals as large as they are, beside demand and stock: the agreed terms, and each line's pack."""
    whole = {"lead_weeks": agreed.lead_weeks, "review_weeks": agreed.review_weeks, "service": str(agreed.service),
             "order_unit": agreed.order_unit}
    parts = {"pack": stock.pack, "minimum": stock.minimum}
    return Reasons((BASE_STOCK,) * len(stock.pack), parts, whole)


def why_projected(plan: Replenishment, stock: Stock, late: Vector | None = None) -> Reasons:
    """What the projection begins with, base units: `on_hand` (NaN: nobody reported it) and `coming`, what has been
    ordered and arrives before the next order can; `late` of it should have come already."""
    coming = plan.position[:, 0] - np.nan_to_num(stock.on_hand, nan=0.0)
    parts = {"on_hand": stock.on_hand, "coming": coming}
    return Reasons((BASE_STOCK,) * len(coming), parts if late is None else parts | {"late": late})


def to_release(plan: Replenishment, stock: Stock, keys: Keys, first_week: date, lead_weeks: int) -> pl.DataFrame:
    """What to order now: gtin, gln, quantity (base units), packs, deliver_on (the first day of the week it is due in);
    only rows above zero, in order of `keys`."""
    now = plan.proposed()
    rows = np.flatnonzero(now > 0)
    return pl.DataFrame({
        "gtin": [keys[row][0] for row in rows], "gln": [keys[row][1] for row in rows], "quantity": now[rows],
        "packs": packs(now, stock.pack)[rows], "deliver_on": [first_week + timedelta(weeks=lead_weeks)] * len(rows),
    }, schema={"gtin": pl.String, "gln": pl.String, "quantity": pl.Float64, "packs": pl.Int64, "deliver_on": pl.Date})


def packs(quantity: Vector, pack: Vector) -> npt.NDArray[np.int64]:
    """Base units as whole ordering units; (n,) or (n, weeks)."""
    per = pack if quantity.ndim == 1 else pack[:, None]
    return np.rint(quantity / per).astype(np.int64)


def due_by_week(open_orders: pl.DataFrame, keys: Keys, first_week: date, weeks: int) -> Vector:
    """Open quantities (gtin, gln, due, quantity) by the week they are due in, (n, weeks); what is overdue comes in
    week 0.

    An order without a due date counts as overdue. What is due after the last week, or belongs to other keys, is left
    out.
    """
    where = {key: row for row, key in enumerate(keys)}
    start = week_start_of(Series(keys, first_week, np.empty((len(keys), 0))))
    out = np.zeros((len(keys), weeks))
    for gtin, gln, due, quantity in open_orders.select("gtin", "gln", "due", "quantity").iter_rows():
        week = max((week_of(due, start) - first_week).days // WEEK, 0) if due is not None else 0
        row = where.get((gtin, gln))
        if row is not None and week < weeks:
            out[row, week] += quantity
    return out


def dependent_demand(orders: list[Series], supplied_from: dict[tuple[str, str], str]) -> Series:
    """The demand that customers' planned orders put on a supplying location: summed by item and supplying GLN.

    `orders` share their weeks; `supplied_from` maps a customer's (gtin, gln) to the GLN that ships to it; keys without
    an entry are left out. This is distribution requirements planning: only the last link faces a forecast.
    """
    if len({(series.first_week, series.weeks) for series in orders}) != 1:
        raise Reject("orders to sum must cover the same weeks, and there must be some", reason="NOT_COMPARABLE")
    sums: dict[tuple[str, str], Vector] = {}
    for series in orders:
        for key, row in zip(series.keys, np.nan_to_num(series.values, nan=0.0), strict=True):
            source = supplied_from.get(key)
            if source is not None:
                at = (key[0], source)
                sums[at] = sums[at] + row if at in sums else row
    keys = tuple(sorted(sums))
    values = np.array([sums[key] for key in keys]).reshape(len(keys), orders[0].weeks)
    return Series(keys, orders[0].first_week, values)
