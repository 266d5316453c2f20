"""What two sides expect of several weeks together: what an event adds, and whether an item is carried at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Beyond = Callable[[Any, Any], Any]
"""(|left − right|, |left| + |right|) -> whether that is beyond the threshold."""


def of_events(left: Integers, right: Integers, cells: Mask, beyond: Beyond) -> Mask:
    """(n, weeks): of each event whose sums are too far apart, the weeks that pull in the direction of its difference.

    `left` and `right` are what each side adds to the usual sales. An event of an item at a place is a run of weeks that
    follow each other in `cells`, the weeks with an event of which both sides speak.
    """
    hit = np.zeros(cells.shape, dtype=np.bool_)
    if not cells.any():
        return hit
    begins = cells & ~np.concatenate([np.zeros((len(cells), 1), dtype=np.bool_), cells[:, :-1]], axis=1)
    starts = np.flatnonzero(begins[cells])
    one, other = left[cells], right[cells]
    sums = np.add.reduceat(one, starts), np.add.reduceat(other, starts)
    apart = sums[0] - sums[1]
    event = np.cumsum(begins[cells]) - 1
    disputed = np.asarray(beyond(np.abs(apart), np.abs(sums[0]) + np.abs(sums[1])), dtype=np.bool_)
    hit[cells] = disputed[event] & ((one - other) * np.sign(apart)[event] > 0)
    return hit


def not_carried(left: Integers, right: Integers, speaks: tuple[bool, bool], beyond: Beyond) -> Mask:
    """(n, weeks): where one side plans an item at a place (in some week more than nothing) and the other one, which
    `speaks` of other items, does not: the weeks in which it is planned. Silence is 0 in `left` and `right`."""
    hit = np.zeros(left.shape, dtype=np.bool_)
    if not left.shape[1]:
        return hit
    carried = (left > 0).any(axis=1), (right > 0).any(axis=1)
    for side, own in enumerate((left, right)):
        total = np.where(own > 0, own, 0).sum(axis=1)
        lone = carried[side] & ~carried[1 - side] & np.asarray(beyond(total, total), dtype=np.bool_)
        hit |= (lone & speaks[1 - side])[:, None] & (own > 0)
    return hit
