"""The arithmetic of one planning cycle for one shard: arrays in, arrays out, importable by any worker process.

A shard is a set of whole planning families of one agreement. `plan_shard` runs every step; the driver may also call the
steps one by one, in the order baseline -> compare -> reconcile -> order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from hub.model.agreement import Agreement
from hub.model.plan import PlanMeasure, Series, Vector
from hub.planning import promotions
from hub.planning.consensus import Settlement, settle
from hub.planning.consensus import Terms as Settling
from hub.planning.exceptions import Criteria, Mask, View, rank
from hub.planning.forecast import MODELS, Baseline, error_of_new_items, forecast
from hub.planning.history import Keys
from hub.planning.levels import criteria_of
from hub.planning.models.boosted import available, boosted
from hub.planning.models.boosted_offers import boosted_offers
from hub.planning.models.direct import direct
from hub.planning.models.drivers import Drivers
from hub.planning.models.like_items import like_items
from hub.planning.models.network import network
from hub.planning.models.panel import Model, Outlook, Panel, Slots, otherwise
from hub.planning.models.scan_pro import scan_pro
from hub.planning.net_change import Compared, disputed_since
from hub.planning.policies.kept import Kept
from hub.planning.replenish import Replenishment, Stock, Terms, replenish
from hub.planning.weights import Gate, Weights, equal, views

PARTIES = ("buyer", "seller", "baseline")
"""Whose forecasts are weighed."""
MANY = 500
"""Series from which boosted trees are worth their time."""


@dataclass(frozen=True, slots=True)
class ShardInput:
    """What planning needs to know, n item-locations, T weeks of history that end just before `first_week`, H = the
    agreement's horizon. Quantities in base units; NaN where nobody said.

    `groups` (n,) numbers planning families. `history` (n, T). `buyer`, `seller`, `previous` (the last consensus) are
    (n, H). `promoted_past` (n, T) and `promoted_ahead` (n, H) are shares of days, 0..1. `unit_values` (n,) prices a
    base unit. `dependent` (n, H), where given, is demand that follows from the customers' own order forecasts.

    `factor` (n,) is what the demand of all coming weeks is multiplied by, in whosever view: a question, never a plan.
    `thorough` lets models take part that learn over all series, `offers` those too that learn from promotions;
    `weights` of `PARTIES` and `gate` are what their past errors teach. `kept` is what the joint business plan says of
    single item-locations. `usual` (n, H) is what the baseline would be without the events, None before there is one;
    `like` (n,) the row that a new item is to sell like, -1 where nobody named one.
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
    thorough: bool = False
    offers: bool = False
    weights: Weights | None = None
    gate: Gate = field(default_factory=Gate)
    factor: Vector | None = None
    kept: Kept | None = None
    usual: Vector | None = None
    like: Slots | None = None

    def series(self, values: Vector) -> Series:
        """Future values of this shard as a `Series`."""
        return Series(self.keys, self.first_week, values)

    def criteria(self) -> Criteria:
        """From when on a difference is an exception."""
        found = criteria_of(self.agreement, self.keys, self.groups)
        return replace(found, usual=self.usual, events=None if self.usual is None else self.promoted_ahead > 0)

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
    made = baseline(shard)
    shard = replace(shard, usual=without_events(made))
    if shard.factor is not None:
        made, shard = _multiplied(made, shard, shard.factor[:, None])
    found, ranked, _ = compare(shard, made.outlook.forecast)
    settlement = reconcile(shard, made.outlook.forecast, found)
    orders = order(shard, settlement.consensus.values, made.outlook.sigma)
    return ShardResult(shard.keys, shard.first_week, made, found, ranked, settlement.consensus.values,
                       settlement.rule, orders)


def _multiplied(made: Baseline, shard: ShardInput, factor: Vector) -> tuple[Baseline, ShardInput]:
    outlook = replace(made.outlook, forecast=made.outlook.forecast * factor, sigma=made.outlook.sigma * factor[:, 0])
    usual = None if shard.usual is None else shard.usual * factor
    return replace(made, outlook=outlook), replace(
        shard, buyer=shard.buyer * factor, seller=shard.seller * factor, usual=usual)


def without_events(made: Baseline) -> Vector:
    """(n, H) the baseline less what its models add for planned events."""
    added = made.outlook.components.get("promotion")
    return made.outlook.forecast if added is None else made.outlook.forecast - np.nan_to_num(added)


def baseline(shard: ShardInput) -> Baseline:
    """The chosen models' forecast, planned promotions in it; new items like the same item elsewhere.

    Dependent demand is not forecast but taken as it is; what the history forecasts still sizes its error and fills the
    cells where no customer planned anything.
    """
    whole = panel(shard)
    made = _like_items(shard, forecast(whole, models(shard)))
    parts, size = made.outlook.components, np.array([len(pool.split("+")) for pool in made.pool], dtype=np.float64)
    added = [np.nan_to_num(part) for name, part in parts.items() if name.endswith(".promotion")]
    if added:
        parts["promotion"] = np.sum(added, axis=0) / np.maximum(size, 1)[:, None]
        parts["lift"] = promotions.measure(shard.history, shard.promoted_past, shard.groups).factor
    if shard.promoted_ahead.any() and any(t.level == "event" for t in shard.agreement.thresholds):
        usual = forecast(_uneventful(whole), models(shard)).outlook.forecast
        parts["promotion"] = np.where(shard.promoted_ahead > 0, made.outlook.forecast - usual, 0.0)
    return made if shard.dependent is None else _dependent(made, shard.dependent)


def panel(shard: ShardInput) -> Panel:
    """The history to forecast from; what it and the coming weeks were promoted, where they were. To models that learn
    from promotions a calendar that ends with the history is one that nobody has told yet."""
    begins = shard.first_week - timedelta(weeks=shard.history.shape[1])
    shares = np.concatenate([shard.promoted_past, shard.promoted_ahead], axis=1)
    none = np.zeros((len(shares), shares.shape[1]))
    planned = bool(shard.promoted_ahead.any()) or not learns_offers(shard)
    events = Drivers(none, shares, none, none, planned) if shares.any() else None
    number = {gln: row for row, gln in enumerate(sorted({gln for _, gln in shard.keys}))}
    places = np.array([number[gln] for _, gln in shard.keys], dtype=np.int64)
    return Panel(shard.history, begins, shard.groups, shard.agreement.horizon_weeks, "week", places, events)


def _uneventful(panel: Panel) -> Panel:
    """The same history before weeks without events. What was chosen by the past is chosen again, so that the two
    forecasts differ by what the events add, whether a model can say that itself or not."""
    if panel.drivers is None:
        return panel
    feature = panel.drivers.feature.copy()
    feature[:, panel.weeks :] = 0.0
    return replace(panel, drivers=replace(panel.drivers, feature=feature))


def learns_offers(shard: ShardInput) -> bool:
    """Whether there is enough to learn from promotions, and somebody wants it learnt."""
    return shard.thorough and shard.offers and len(shard.keys) >= MANY and bool(shard.promoted_past.any())


def models(shard: ShardInput) -> Mapping[str, Model]:
    """Those that may serve this shard: the quick ones around promotions, for a `thorough` one those that learn, and for
    one with `offers` trees where promotions are planned, or the network where nobody knows the coming ones."""
    found = {name: promotions.around_events(model) for name, model in MODELS.items()}
    if shard.thorough:
        found["direct"] = direct
        if shard.promoted_past.any():
            found["scan_pro"] = scan_pro
        if len(shard.keys) >= MANY and available():
            found["boosted"] = boosted
    if learns_offers(shard) and not shard.promoted_ahead.any():
        found["network"] = network
    elif learns_offers(shard) and available():
        found["boosted_offers"] = boosted_offers
    return found


def _like_items(shard: ShardInput, made: Baseline) -> Baseline:
    """Series of which nothing is known sell like the item that the business plan names, week by week; else like the
    same family elsewhere. On days on which they are not on sale they sell nothing; how sure that is nobody can say."""
    new: Mask = np.asarray(np.isnan(made.outlook.forecast).all(axis=1))
    if not new.any():
        return made
    forecast = np.where(new[:, None], like_items(panel(shard))[:, None], made.outlook.forecast)
    named = np.flatnonzero(new & (shard.like >= 0)) if shard.like is not None else np.empty(0, np.int64)
    if shard.like is not None:
        twin = made.outlook.forecast[shard.like[named]]
        forecast[named] = np.where(np.isnan(twin).all(axis=1, keepdims=True), forecast[named], twin)
    if shard.kept is not None:
        forecast[new] *= shard.kept.on_sale[new]
    found: Mask = np.asarray(new & ~np.isnan(forecast).all(axis=1))
    pool = tuple("like_items" if like else name for like, name in zip(found.tolist(), made.pool, strict=True))
    return replace(made, outlook=replace(made.outlook, forecast=forecast), pool=pool)


def _dependent(made: Baseline, planned: Vector) -> Baseline:
    said = ~np.isnan(planned)
    parts = {**made.outlook.components, "dependent": planned}
    bounds = {level: (np.where(said, np.nan, low), np.where(said, np.nan, high))
              for level, (low, high) in made.bounds.items()}
    pool = tuple("dependent" if row.any() else name for row, name in zip(said, made.pool, strict=True))
    outlook = Outlook(otherwise(planned, made.outlook.forecast), made.outlook.sigma, parts)
    return Baseline(outlook, pool, bounds, made.scores)


def compare(shard: ShardInput, baseline: Vector, before: Compared | None = None) -> tuple[Mask, pl.DataFrame, Mask]:
    """The disputed cells, their ranking, and the cells that were judged: those that moved since `before`."""
    buyer, seller = shard.views()
    found, judged = disputed_since(before, buyer, seller, shard.criteria())
    ranked = rank(buyer, seller, found, shard.unit_values, shard.series(baseline), shard.agreement.decimals,
                  shard.usual)
    return found != 0, ranked, judged


def reconcile(shard: ShardInput, baseline: Vector, found: Mask, signed: Vector | None = None) -> Settlement:
    """The consensus by what both sides `signed` (n, H), else by the agreement's rule and fences."""
    return settle(
        shard.series(shard.buyer), shard.series(shard.seller), shard.series(baseline), found,
        shard.agreement.settlement, shard.agreement.fences, shard.series(shard.previous), signed,
        weigh(shard, baseline) if shard.agreement.settlement == "weighted" and not shard.agreement.weights else None,
        Settling.of(shard.agreement),
    )


def weigh(shard: ShardInput, baseline: Vector) -> tuple[Vector, Mask]:
    """(n, H) the parties' views and the baseline by their weights (equal ones before anything is learnt), and the cells
    in which the gate ignores what came of that and keeps the baseline."""
    rows, weeks = baseline.shape
    said = np.stack([shard.buyer, shard.seller, baseline], axis=-1).reshape(-1, len(PARTIES))
    cells = views(said, np.tile(np.arange(1, weeks + 1), rows), (shard.promoted_ahead > 0).ravel(),
                  np.repeat(np.arange(rows), weeks))
    weights = equal(PARTIES) if shard.weights is None else shard.weights
    return shard.gate.apply(baseline, weights.combine(cells).reshape(baseline.shape))


def order(shard: ShardInput, demand: Vector, sigma: Vector, fixed: Vector | None = None) -> Replenishment:
    """The order forecast for settled `demand`; its first week is what to order now. Items without a history are given
    the error that is usual in their family. `fixed` (n, H) are orders that stand, NaN where they are free."""
    terms = shard.agreement.replenishment
    return replenish(demand, error_of_new_items(sigma, demand, shard.groups), shard.stock,
                     Terms(terms.lead_weeks, terms.review_weeks, float(terms.service)), fixed, shard.kept)


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
    of = {name: getattr(shard, name)[rows] for name in (
        "groups", "history", "buyer", "seller", "previous", "promoted_past", "promoted_ahead", "unit_values")}
    stock = shard.stock
    return replace(
        shard, keys=tuple(shard.keys[row] for row in rows.tolist()), **of,
        stock=Stock(stock.on_hand[rows], stock.on_order[rows], stock.pack[rows], stock.minimum[rows]),
        dependent=None if shard.dependent is None else shard.dependent[rows],
        factor=None if shard.factor is None else shard.factor[rows],
        kept=None if shard.kept is None else shard.kept.only(rows),
        usual=None if shard.usual is None else shard.usual[rows],
        like=None if shard.like is None else _among(shard.like, rows))


def _among(like: Slots, rows: Slots) -> Slots:
    """The rows that `rows` sell like, by their place among `rows`; -1 where that is none of them."""
    place = np.full(len(like) + 1, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    return np.asarray(place[like[rows]])
