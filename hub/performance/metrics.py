"""Metrics of forecasts, service and stock. Arrays of equal shape in, one number out; cells where either is NaN are left
out, and what cannot be computed is NaN, never a flattering 0 or 1.

Error here is forecast − actual: a positive bias means that too much was forecast.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from hub.model.plan import Vector


def _known(actual: Vector, forecast: Vector) -> tuple[Vector, Vector]:
    both = ~(np.isnan(actual) | np.isnan(forecast))
    return actual[both], forecast[both]


def _ratio(above: float, below: float) -> float:
    return float(above) / float(below) if below else math.nan


def wmape(actual: Vector, forecast: Vector) -> float:
    """Σ|forecast − actual| / Σ|actual|. Weighted by volume: one large item can hide many small ones."""
    actual, forecast = _known(actual, forecast)
    return _ratio(np.abs(forecast - actual).sum(), np.abs(actual).sum())


def bias(actual: Vector, forecast: Vector) -> float:
    """Σ(forecast − actual) / Σ actual. Positive: too much was forecast. Misses in both directions cancel."""
    actual, forecast = _known(actual, forecast)
    return _ratio((forecast - actual).sum(), actual.sum())


def tracking_signal(actual: Vector, forecast: Vector) -> float:
    """Σ(actual − forecast) / mean |actual − forecast|; beyond ±4 the forecast is taken to be biased. Mind the sign: it
    is the customary one, positive when too little was forecast. 0 for a forecast without any error."""
    actual, forecast = _known(actual, forecast)
    if not len(actual):
        return math.nan
    mad = np.abs(actual - forecast).mean()
    return float((actual - forecast).sum() / mad) if mad else 0.0


def mase(actual: Vector, forecast: Vector, history: Vector, season: int = 1) -> float:
    """Mean |error| over the mean |y(t) − y(t − season)| of the history (Hyndman & Koehler 2006). `history` is 1-d, what
    was known when the forecast was made. Below 1: better than repeating the last season was in the past."""
    actual, forecast = _known(actual, forecast)
    steps = np.abs(history[season:] - history[:-season])
    steps = steps[~np.isnan(steps)]
    if not len(actual) or not len(steps):
        return math.nan
    return _ratio(np.abs(forecast - actual).mean(), steps.mean())


def value_added(actual: Vector, before: Vector, after: Vector) -> float:
    """Forecast value added by a step: WMAPE before − WMAPE after, on cells that both forecast. Negative: drop it."""
    missing = np.isnan(before) | np.isnan(after)
    shared = np.where(missing, np.nan, actual)
    return wmape(shared, before) - wmape(shared, after)


def fill_rate(shipped: Vector, ordered: Vector) -> float:
    """Σ min(shipped at first attempt, ordered) / Σ ordered: over-delivery of one line does not heal another."""
    shipped, ordered = _known(shipped, ordered)
    return _ratio(np.minimum(shipped, ordered).sum(), ordered.sum())


def commit_rate(committed: Vector, forecast: Vector) -> float:
    """Σ min(committed, forecast) / Σ forecast."""
    return fill_rate(committed, forecast)


def in_stock(on_hand: Vector, assorted: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None = None) -> float:
    """The share of item-location-periods with stock above zero, among those in the assortment and reported. This is the
    book's view; what stands on the shelf only a look at the shelf can tell."""
    counted = ~np.isnan(on_hand) if assorted is None else ~np.isnan(on_hand) & assorted
    return _ratio(float((on_hand[counted] > 0).sum()), float(counted.sum()))


def days_of_supply(on_hand: float, daily: Vector) -> float:
    """Days until the stock is used up, walking forward through the daily forecast (NaN as 0), the last day in part. inf
    when it outlasts the forecast; a backward average would miss the promotion of next week."""
    left = max(on_hand, 0.0)
    for day, need in enumerate(np.nan_to_num(daily, nan=0.0)):
        if need > left:
            return day + left / float(need)
        left -= float(need)
    return math.inf


def bullwhip(orders: Vector, demand: Vector) -> float:
    """Variance of orders over variance of demand (1-d, same item level and same periods: aggregation hides it)."""
    orders, demand = _known(orders, demand)
    return _ratio(orders.var(), demand.var())


def stock_amplification(net_stock: Vector, demand: Vector) -> float:
    """Variance of net stock over variance of demand: the price of smoother orders."""
    return bullwhip(net_stock, demand)


def moving_average_bound(lead: int, window: int, correlation: float = 0.0) -> float:
    """The least bullwhip of an order-up-to buyer who forecasts by a moving average of `window` periods, lead time
    `lead`: 1 + (2L/p + 2L²/p²)(1 − ρ^p) (Chen, Drezner, Ryan & Simchi-Levi 2000)."""
    ratio = lead / window
    return 1 + (2 * ratio + 2 * ratio**2) * (1 - correlation**window)


def autoregressive_bullwhip(correlation: float, lead: int) -> float:
    """The bullwhip of an order-up-to buyer with optimal forecasts of AR(1) demand (ρ < 1), lead time `lead`:
    1 + 2ρ(1 − ρ^(l+1))(1 − ρ^(l+2)) / (1 − ρ)."""
    rho = correlation
    return 1 + 2 * rho * (1 - rho ** (lead + 1)) * (1 - rho ** (lead + 2)) / (1 - rho)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One order's outcome: days late against the agreed date (negative: early), and quantities in one unit."""

    days_late: int
    delivered: Decimal
    ordered: Decimal


def on_time_in_full(deliveries: list[Delivery], early: int, late: int, tolerance: Decimal) -> float:
    """The share of orders that came within `early` and `late` days of the agreed date with at least `tolerance` (0..1)
    of what was ordered."""
    good = sum(-early <= d.days_late <= late and d.delivered >= tolerance * d.ordered for d in deliveries)
    return _ratio(good, len(deliveries))


def scorecard(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Accuracy of every group of `by` (party, lag, item group ...): wmape, bias, tracking_signal, cells.

    `rows` has actual and forecast beside the columns of `by`; rows where either is null or NaN are left out.
    """
    error = pl.col("forecast") - pl.col("actual")
    mad = error.abs().mean()
    return (
        rows.filter(pl.col("actual").is_finite() & pl.col("forecast").is_finite())
        .group_by(by)
        .agg(
            _over(error.abs().sum(), pl.col("actual").abs().sum()).alias("wmape"),
            _over(error.sum(), pl.col("actual").sum()).alias("bias"),
            pl.when(mad > 0).then(-error.sum() / mad).otherwise(0.0).alias("tracking_signal"),
            pl.len().alias("cells"),
        )
        .sort(by)
    )


def _over(above: pl.Expr, below: pl.Expr) -> pl.Expr:
    return pl.when(below != 0).then(above / below).otherwise(float("nan"))
