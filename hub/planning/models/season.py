"""Seasonal indices: how much a week of the year lies above or below the running year, for groups or single series."""

from __future__ import annotations

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.panel import BLOCK, YEAR, Slots, filled

LOWEST, HIGHEST = 0.05, 26.0
"""No week of the year is taken to sell less, or more, than this many average weeks (26: half a year in one week)."""


def group_totals(values: Vector, groups: Slots) -> Vector:
    """(groups, weeks): each group's sales relative to what its series that were known in that week sell on average.

    Series that begin late or report with gaps do not look like growth or season. 1 where a group reported nothing.
    """
    order = np.argsort(groups, kind="stable")
    count = int(groups.max()) + 1 if len(groups) else 0
    sold, usual = np.zeros((count, values.shape[1])), np.zeros((count, values.shape[1]))
    for low in range(0, len(order), BLOCK):
        rows = order[low : low + BLOCK]
        numbers, known = filled(values[rows])
        means = np.maximum(numbers.sum(axis=1) / np.maximum(known.sum(axis=1), 1), 0.0)
        known *= means[:, None]
        present, starts = np.unique(groups[rows], return_index=True)
        sold[present] += np.add.reduceat(numbers, starts, axis=0)
        usual[present] += np.add.reduceat(known, starts, axis=0)
    return np.where(usual > 0, sold / np.where(usual > 0, usual, 1.0), 1.0)


def indices(profile: Vector, slots: Slots, shrink: float, season: int = YEAR) -> Vector:
    """(rows, season) multiplicative index per week of the year, from `profile` (rows, weeks) over its running year.

    `shrink` pulls towards 1 as if that many years had shown no season at all: with two years seen and shrink 0.5, a
    fifth of the swing is held back. Rows shorter than a year get index 1 (a season never seen whole is not claimed).
    """
    rows, weeks = profile.shape
    if weeks < season:
        return np.ones((rows, season))
    ratio = np.clip(profile / np.maximum(_running_year(profile, season), 1e-9), 0.0, HIGHEST)
    sums = np.zeros((rows, season))
    counts = np.zeros(season)
    for week in range(weeks):
        sums[:, slots[week]] += ratio[:, week]
        counts[slots[week]] += 1
    seen = counts + shrink
    return np.maximum(np.where(seen > 0, (sums + shrink) / np.maximum(seen, 1e-9), 1.0), LOWEST)


def _running_year(profile: Vector, season: int) -> Vector:
    """The mean over the year around each week. Within half a year of an end, the nearest whole year's mean stands in:
    a mean of fewer weeks would take the season itself for the level."""
    total = np.cumsum(np.concatenate([np.zeros((len(profile), 1)), profile], axis=1), axis=1)
    whole = (total[:, season:] - total[:, :-season]) / season
    nearest = np.clip(np.arange(profile.shape[1]) - season // 2, 0, whole.shape[1] - 1)
    return np.asarray(whole[:, nearest])
