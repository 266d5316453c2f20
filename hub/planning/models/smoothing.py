"""Simple exponential smoothing over a whole panel at once, for a grid of smoothing constants.

Brown's recursion: level += alpha * (observed - level). Instead of picking one constant per series, the levels of all
constants are averaged with weights 1 / (mean squared one-step error)^2, older errors counting less (0.99 a week): a
soft choice that costs no search and does not jump from week to week.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hub.model.plan import Vector
from hub.planning.models.panel import BLOCK, Slots, Wide

ALPHAS = (0.05, 0.1, 0.2, 0.3, 0.5)
FORGET = 0.99


@dataclass(frozen=True, slots=True)
class Level:
    """`level` (n,) after the last week, `alpha` (n,) the weighted constant, `sigma` (n,) the one-step error."""

    level: Vector
    alpha: Vector
    sigma: Vector


def smooth(values: Vector, season: Vector | Wide, row: Slots) -> Level:
    """Smooth `values` (n, weeks) / `season[row]` (season > 0, one row per season, `row` (n,) says whose); errors are
    weighed and reported in units of `values`. Counted in single precision, which is finer than any forecast.

    A series without a known cell has level and sigma NaN; one with a single known cell has sigma 0.
    """
    count = values.shape[0]
    out = Level(np.empty(count), np.empty(count), np.empty(count))
    for low in range(0, count, BLOCK):
        block = slice(low, low + BLOCK)
        index = _upright(season if len(season) == 1 else season[row[block]])
        out.level[block], out.alpha[block], out.sigma[block] = _smooth_block(_upright(values[block]), index)
    return out


def _upright(rows: Vector | Wide) -> Wide:
    """(weeks, series) with the series of one week side by side in memory."""
    return np.ascontiguousarray(rows.T, dtype=np.float32)


def _smooth_block(numbers: Wide, season: Wide) -> tuple[Vector, Vector, Vector]:
    """`numbers` (weeks, series), changed in place; `season` the same, or (weeks, 1) when all series share one."""
    known: npt.NDArray[np.bool_] = ~np.isnan(numbers)
    whole = np.logical_and.reduce(known, axis=1)
    numbers /= season
    alphas = np.array(ALPHAS, dtype=np.float32)[:, None]
    level = np.repeat(_first_known(numbers, known)[None, :], len(ALPHAS), axis=0)
    np.copyto(numbers, 0.0, where=~known)
    age = np.arange(len(numbers) - 1, -1, -1)
    scale = season * np.float32(FORGET) ** (age[:, None] / np.float32(2)).astype(np.float32)
    squares = np.zeros_like(level)
    error, step = np.empty_like(level), np.empty_like(level)
    for week in range(len(numbers)):
        np.subtract(numbers[week], level, out=error)
        if not whole[week]:
            error *= known[week]
        np.multiply(error, alphas, out=step)
        level += step
        error *= scale[week]
        error *= error
        squares += error
    weight = FORGET ** age.astype(np.float64) @ known
    return _blend(level.astype(np.float64), squares.astype(np.float64), weight, np.array(ALPHAS)[:, None])


def _first_known(numbers: Wide, known: npt.NDArray[np.bool_]) -> Wide:
    """The first known value of each series (columns), NaN where none is."""
    return np.asarray(numbers[known.argmax(axis=0), np.arange(numbers.shape[1])])


def _blend(level: Vector, squares: Vector, weight: Vector, alphas: Vector) -> tuple[Vector, Vector, Vector]:
    """Levels, constants and errors of the grid, averaged with weights 1 / mse^2. The first error is 0 by construction
    and does not count as one."""
    mean_square = squares / np.maximum(weight - 1.0, 1.0)
    floor = np.maximum(mean_square.max(axis=0), 1e-12) * 1e-6
    share = 1.0 / np.maximum(mean_square, floor) ** 2
    share /= share.sum(axis=0)
    return (level * share).sum(axis=0), (alphas * share).sum(axis=0), np.sqrt((mean_square * share).sum(axis=0))
