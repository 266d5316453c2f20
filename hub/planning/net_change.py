"""Exceptions by net change: only what has moved since the last planning run is judged again.

A cell has moved when either view says another number there, when one fell silent or began to speak, or when time has
brought it under other thresholds. A cell that is added up with others at some level moves with each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from hub.model.plan import Series, Vector
from hub.planning.calendar import WEEK
from hub.planning.exceptions import Criteria, Mask, View, disputed, scaled
from hub.planning.history import Keys, align

Found = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Compared:
    """What a planning run compared, by which criteria, and what it found: `found` as from `disputed`."""

    buyer: Series
    seller: Series
    criteria: Criteria
    found: Found


def disputed_since(before: Compared | None, buyer: View, seller: View, criteria: Criteria) -> tuple[Found, Mask]:
    """What `disputed` finds, and the cells that had to be judged for it; all of them when there is no `before`."""
    shape = buyer.series.values.shape
    if before is None or not _comparable(before, criteria, buyer.series):
        return disputed(buyer, seller, criteria), np.ones(shape, dtype=np.bool_)
    moved = _moved(before, buyer.series, seller.series, criteria)
    judged = moved.copy()
    for group in criteria.groups.values():
        touched = np.zeros((int(group.max(initial=-1)) + 1, shape[1]), dtype=np.bool_)
        np.logical_or.at(touched, group, moved)
        judged |= touched[group]
    known = _numbers_on(before, buyer.series.keys, buyer.series.first_week, shape[1])
    judged |= _over_weeks(before, known, buyer, seller, criteria)
    fresh = disputed(buyer, seller, criteria, judged)
    return np.where(judged, fresh, known), judged


def _over_weeks(before: Compared, known: Found, buyer: View, seller: View, criteria: Criteria) -> Mask:
    """The cells of events and of the range that are in dispute or were: such a cell moves with what is usual, with the
    calendar of events and with its other weeks, though neither view of it has."""
    now, then = criteria.over_weeks(), before.criteria.over_weeks()
    if not now.thresholds and not then.thresholds:
        return np.zeros(known.shape, dtype=np.bool_)
    return np.asarray((known != 0) | (disputed(buyer, seller, now) != 0))


def _comparable(before: Compared, criteria: Criteria, now: Series) -> bool:
    """Whether it is the same calendar and the same decimals, and sums are made of the same rows as then."""
    if (now.first_week - before.buyer.first_week).days % WEEK or before.criteria.decimals != criteria.decimals:
        return False
    then, groups = before.criteria.groups, criteria.groups
    if not then and not groups:
        return True
    return before.buyer.keys == now.keys and then.keys() == groups.keys() and all(
        np.array_equal(then[level], group) for level, group in groups.items())


def _numbers_on(before: Compared, keys: Keys, first: date, weeks: int) -> Found:
    """What was found then, on other rows and weeks; 0 where nothing was compared."""
    found = Series(before.buyer.keys, before.buyer.first_week, before.found.astype(np.float64))
    return np.nan_to_num(align(found, keys, first, weeks).values, nan=0.0).astype(np.int8)


def _moved(before: Compared, buyer: Series, seller: Series, criteria: Criteria) -> Mask:
    moved = np.zeros(buyer.values.shape, dtype=np.bool_)
    for then, now in ((before.buyer, buyer), (before.seller, seller)):
        old = align(then, now.keys, now.first_week, now.weeks).values
        moved |= _differ(old, now.values, criteria.scale)
    passed = (buyer.first_week - before.buyer.first_week).days // WEEK
    for column in range(buyer.weeks):
        if criteria.at(column + 1) != before.criteria.at(column + 1 + passed):
            moved[:, column] = True
    return moved


def _differ(old: Vector, new: Vector, scale: int) -> Mask:
    """Numbers are scaled only where they are not the same to the last bit."""
    known = ~np.isnan(old), ~np.isnan(new)
    differ: Mask = np.asarray(known[0] != known[1])
    look = known[0] & known[1] & (old != new)
    differ[look] = scaled(old[look], scale) != scaled(new[look], scale)
    return differ
