"""Moving average: the mean of the last 8 known weeks, the same for every future week."""

from __future__ import annotations

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.panel import Outlook, Panel, filled, in_blocks, otherwise, recent_mean

WINDOW = 8


@in_blocks
def moving_average(panel: Panel) -> Outlook:
    """Flat; series that have been silent for the last 8 weeks get the mean of all that is known."""
    level = np.maximum(otherwise(recent_mean(panel.values, WINDOW), recent_mean(panel.values, panel.weeks)), 0.0)
    forecast = np.repeat(level[:, None], panel.horizon, axis=1)
    return Outlook(forecast, np.where(np.isnan(level), np.nan, _error(panel.values)), {"level": level})


def _error(values: Vector) -> Vector:
    """Root mean square of each week's distance from the mean of the up to 8 weeks before it."""
    numbers, known = filled(values)
    window_sum = _trailing(numbers)
    window_count = _trailing(known)
    usable = (known[:, 1:] > 0) & (window_count > 0)
    error = np.where(usable, numbers[:, 1:] - window_sum / np.maximum(window_count, 1), 0.0)
    return np.asarray(np.sqrt((error**2).sum(axis=1) / np.maximum(usable.sum(axis=1), 1)))


def _trailing(numbers: Vector) -> Vector:
    """Sums of the up to `WINDOW` columns before each column but the first."""
    total = np.cumsum(numbers, axis=1)
    before = np.zeros((numbers.shape[0], max(numbers.shape[1] - 1, 0)))
    before[:, WINDOW:] = total[:, : max(numbers.shape[1] - 1 - WINDOW, 0)]
    return np.asarray(total[:, :-1] - before)
