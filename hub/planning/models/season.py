"""Seasonal indices: how much a week of the year lies above or below the running year, for groups or single series."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.panel import BLOCK, YEAR, Slots, Wide, filled

Profile = TypeVar("Profile", Vector, Wide)
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


def indices(profile: Profile, slots: Slots, shrink: float, season: int = YEAR) -> Profile:
    """(rows, season) multiplicative index per week of the year, from `profile` (rows, weeks) over its running year, as
    precise as that is.

    `shrink` pulls towards 1 as if that many years had shown no season at all: with two years seen and shrink 0.5, a
    fifth of the swing is held back. Rows shorter than a year get index 1 (a season never seen whole is not claimed).
    """
    rows, weeks = profile.shape
    if weeks < season:
        return np.ones((rows, season), dtype=profile.dtype)
    upright = np.ascontiguousarray(profile.T)
    ratio = upright / np.maximum(_running_year(upright, season), 1e-9, dtype=profile.dtype)
    np.clip(ratio, 0.0, HIGHEST, out=ratio)
    sums, counts = np.full((season, rows), shrink, dtype=profile.dtype), np.full(season, shrink)
    for week, slot in enumerate(slots[:weeks].tolist()):
        sums[slot] += ratio[week]
        counts[slot] += 1
    unseen = counts == 0
    sums[unseen], counts[unseen] = 1.0, 1.0
    return np.asarray(np.maximum(sums / counts.astype(profile.dtype)[:, None], profile.dtype.type(LOWEST)).T)


def _running_year(upright: Profile, season: int) -> Profile:
    """The mean over the year around each week, (weeks, rows). Within half a year of an end, the nearest whole year's
    mean stands in: a mean of fewer weeks would take the season itself for the level."""
    weeks = len(upright)
    total = np.cumsum(np.concatenate([np.zeros((1, upright.shape[1]), dtype=upright.dtype), upright]), axis=0)
    whole = (total[season:] - total[:-season]) / season
    return np.asarray(whole[np.clip(np.arange(weeks) - season // 2, 0, len(whole) - 1)])
