"""Prediction intervals from the errors of earlier origins: split conformal, by step ahead and by size of the forecast.

Past forecasts of the same making are put into cells (near or far, small to large). In each, an error relative to its
scale, forecast + the series' usual error, has quantiles; the same quantiles bound the new forecasts. No distribution is
assumed. Demand is bounded by zero where nothing was ever returned: mass that the lower bound cuts off is given to the
upper one, so that slow movers are not promised more than was asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.panel import BLOCK, Slots

SIZES = 6
"""Classes of forecast size, with equally many past forecasts in each."""
FEWEST = 200
"""Past errors below which a cell looks at all steps together."""
LEVELS = (0.8, 0.95)


@dataclass(frozen=True, slots=True)
class Past:
    """Forecasts made at earlier origins (m, horizon), what came (NaN: not known), and each series' usual error (m,)
    as it was known then."""

    forecast: Vector
    actual: Vector
    sigma: Vector


def interval(past: Past, forecast: Vector, sigma: Vector, level: float, floor: float = 0.0) -> tuple[Vector, Vector]:
    """(lower, upper), each (n, horizon), meant to hold `level` of what comes; NaN without any past error."""
    known = ~np.isnan(past.actual) & ~np.isnan(past.forecast)
    if not known.any():
        return np.full(forecast.shape, np.nan), np.full(forecast.shape, np.nan)
    edges = np.unique(np.quantile(past.forecast[known], np.linspace(0, 1, SIZES + 1)[1:-1]))
    before, old = np.digitize(past.forecast, edges), _scale(past.forecast, past.sigma)
    bands = _bands(forecast.shape[1])
    bounds = np.empty((2, len(bands) * (len(edges) + 1)))
    for size in range(len(edges) + 1):
        here = known & (before == size)
        for number, steps in enumerate(bands):
            cell = np.zeros_like(here)
            cell[:, steps] = here[:, steps]
            cell = cell if cell.sum() >= FEWEST else here if here.sum() >= FEWEST else known
            bounds[:, size * len(bands) + number] = _bounds(past, cell, old, level, floor)
    band = np.repeat(np.arange(len(bands)), [len(steps) for steps in bands])
    lower, upper = np.empty(forecast.shape), np.empty(forecast.shape)
    for low in range(0, len(forecast), BLOCK):
        block = slice(low, low + BLOCK)
        cells = np.searchsorted(edges, forecast[block], side="right") * len(bands) + band
        wide = _scale(forecast[block], sigma[block])
        lower[block] = np.maximum(forecast[block] + bounds[0][cells] * wide, floor)
        upper[block] = np.maximum(forecast[block] + bounds[1][cells] * wide, lower[block])
    return lower, upper


def _scale(forecast: Vector, sigma: Vector) -> Vector:
    return np.asarray(np.abs(forecast) + np.nan_to_num(sigma)[:, None] + 1e-9)


def _bands(horizon: int) -> list[Slots]:
    """The steps ahead in up to three bands: the first, the nearer and the farther ones."""
    return [part for part in np.split(np.arange(horizon), sorted({1, (horizon + 1) // 2})) if len(part)]


def _bounds(past: Past, cell: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], scale: Vector, level: float,
            floor: float) -> tuple[float, float]:
    """The lower and upper relative error of one cell."""
    made, came, wide = past.forecast[cell], past.actual[cell], scale[cell]
    error = (came - made) / wide
    low = float(np.quantile(error, (1 - level) / 2))
    below = float((came < np.maximum(made + low * wide, floor) - 1e-9).mean())
    return low, float(np.quantile(error, min(1.0, below + level)))
