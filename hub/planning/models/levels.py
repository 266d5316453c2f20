"""Levels of the logarithm of sales, smoothed at several speeds, known at every column."""

from __future__ import annotations

import numpy as np

from hub.model.plan import Vector


def level_path(values: Vector, alpha: float) -> Vector:
    """(n, periods): Brown's smoothed level after each column; NaN before the first known value."""
    out = np.empty_like(values)
    level = np.full(len(values), np.nan)
    for column in range(values.shape[1]):
        seen = values[:, column]
        moved = np.where(np.isnan(level), seen, level + alpha * (seen - level))
        level = np.where(np.isnan(seen), level, moved)
        out[:, column] = level
    return out


def trailing_mean(values: Vector, window: int) -> Vector:
    """(n, periods): the mean of the up to `window` latest columns that are known; NaN where none is."""
    known = ~np.isnan(values)
    total, count = np.cumsum(np.where(known, values, 0.0), axis=1), np.cumsum(known, axis=1).astype(np.float64)
    sums, counts = total.copy(), count.copy()
    sums[:, window:] -= total[:, :-window]
    counts[:, window:] -= count[:, :-window]
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def one_step_error(values: Vector, path: Vector, lift: Vector, alike: int = 52) -> Vector:
    """(n,) root mean square of what exp(level + lift) missed one step ahead, over the latest `alike` columns; 0 for a
    series with a single known value, NaN for one with none."""
    expected = np.exp(path[:, :-1] + lift[:, 1 : values.shape[1]])
    miss = (values[:, 1:] - expected)[:, -alike:]
    known = ~np.isnan(miss)
    square = np.where(known, miss, 0.0) ** 2
    error = np.sqrt(square.sum(axis=1) / np.maximum(known.sum(axis=1), 1))
    return np.where(np.isnan(values).all(axis=1), np.nan, error)
