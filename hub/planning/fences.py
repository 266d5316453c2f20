"""The fences at the door: what a side may still say about the weeks that are near.

Measured from what the last planning run planned with: inside `frozen` weeks a number stands, inside `slushy` it may
move by `tolerance` percent, after that it is free. Silence changes nothing either. What both sides agreed upon is no
change of one side, so a number may always move to the consensus.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from hub.model.agreement import Fences
from hub.model.plan import Series, Vector
from hub.planning.calendar import WEEK
from hub.planning.exceptions import PERCENT_SCALE, Mask, scaled
from hub.planning.history import Keys, align


@dataclass(frozen=True, slots=True)
class Held:
    """A number that was not taken: one item-location and week, base units. `said` is new, `kept` stands; `low` and
    `high` bound what would be taken (both `kept` in a frozen week)."""

    gtin: str
    gln: str
    period: date
    fence: Literal["frozen", "slushy"]
    said: float
    kept: float
    low: float
    high: float


def hold(
    said: Series, standing: Series | None, agreed: Series | None, fences: Fences, first: date
) -> tuple[Series, tuple[Held, ...]]:
    """`said` with the fenced cells of `standing` in their place, and what was not taken, by item, place and week.

    `standing` is what the same author's view was when the hub last planned (None: nothing is held), `agreed` the
    consensus; `first` begins the first future week, lag 1. The result covers all weeks and items of `said`, and what
    stands inside the fences. Raises Reject for quantities beyond comparison.
    """
    reach = max(fences.frozen, fences.slushy)
    if standing is None or not reach:
        return said, ()
    near = align(standing, standing.keys, first, reach, recut=True)
    keys = _with(said.keys, near)
    start = min(said.first_week, first)
    weeks = (max(_end(said), first + timedelta(weeks=reach)) - start).days // WEEK
    values = align(said, keys, start, weeks).values.copy()
    window = slice((first - start).days // WEEK, (first - start).days // WEEK + reach)
    old = align(near, keys, first, reach).values
    fixed = np.full(old.shape, np.nan) if agreed is None else align(agreed, keys, first, reach, recut=True).values
    new = values[:, window]
    frozen = np.broadcast_to(np.arange(1, reach + 1) <= fences.frozen, old.shape)
    broken = ~np.isnan(old) & ~np.isnan(new) & (frozen | _beyond(new, old, fences)) & (scaled(new) != scaled(old))
    broken &= np.isnan(fixed) | (scaled(new) != scaled(fixed))
    held = _held(broken, frozen, new, old, keys, first, float(fences.tolerance) / 100)
    values[:, window] = np.where(broken | np.isnan(new), old, new)
    return Series(keys, start, values), held


def _with(keys: Keys, near: Series) -> Keys:
    """`keys`, and after them those that have something standing in the near weeks."""
    known = set(keys)
    return (*keys, *(key for key, row in zip(near.keys, near.values, strict=True)
                     if key not in known and not np.isnan(row).all()))


def _end(series: Series) -> date:
    return series.first_week + timedelta(weeks=series.weeks)


def _beyond(new: Vector, old: Vector, fences: Fences) -> Mask:
    """Further from `old` than the tolerance, compared as integers."""
    room = int(fences.tolerance * PERCENT_SCALE)
    return np.asarray(np.abs(scaled(new) - scaled(old)) * (100 * PERCENT_SCALE) > room * np.abs(scaled(old)))


def _held(
    broken: Mask, frozen: Mask, new: Vector, old: Vector, keys: Keys, first: date, share: float
) -> tuple[Held, ...]:
    found = []
    for row, week in np.argwhere(broken).tolist():
        kept = float(old[row, week])
        room = 0.0 if frozen[row, week] else abs(kept) * share
        found.append(Held(
            *keys[row], first + timedelta(weeks=week), "frozen" if frozen[row, week] else "slushy",
            float(new[row, week]), kept, kept - room, kept + room))
    return tuple(found)
