"""What every model takes and gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import wraps

import numpy as np
import numpy.typing as npt

from hub.model.plan import Vector
from hub.planning.calendar import season_slot

Slots = npt.NDArray[np.int64]
YEAR = 52
"""Weeks after which the season is taken to repeat."""


@dataclass(frozen=True, slots=True)
class Panel:
    """History to forecast from: `values` (n, weeks) from `first_week`, NaN = not known; `groups` (n,) numbers each
    series' planning family from 0; `horizon` weeks are wanted after the last column."""

    values: Vector
    first_week: date
    groups: Slots
    horizon: int

    @property
    def weeks(self) -> int:
        return int(self.values.shape[1])

    def past_slots(self) -> Slots:
        """The place in the year (0..51) of every history week."""
        return season_slot(self.first_week, self.weeks)

    def future_slots(self) -> Slots:
        """The place in the year of every forecast week."""
        return season_slot(self.first_week + timedelta(weeks=self.weeks), self.horizon)

    def until(self, weeks: int) -> Panel:
        """The same panel as it was known `weeks` weeks after its first one."""
        return Panel(self.values[:, :weeks], self.first_week, self.groups, self.horizon)

    def only(self, rows: Slots) -> Panel:
        """The panel of some series."""
        return Panel(self.values[rows], self.first_week, self.groups[rows], self.horizon)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast (n, horizon), never negative, NaN where the history says nothing at all; `sigma` (n,) is the standard
    deviation of the one-week-ahead error, in units of the series; `components` say what the number is made of, each
    (n,) or (n, horizon)."""

    forecast: Vector
    sigma: Vector
    components: dict[str, Vector] = field(default_factory=dict)


Model = Callable[[Panel], Outlook]
BLOCK = 2048
"""Series per block: what one block needs stays in the processor's cache."""


def in_blocks(model: Model) -> Model:
    """A model that looks at each series alone, run over blocks of series: the same numbers, sooner, in less memory."""

    @wraps(model)
    def run(panel: Panel) -> Outlook:
        if len(panel.values) <= BLOCK:
            return model(panel)
        blocks = [model(panel.only(np.arange(low, min(low + BLOCK, len(panel.values)))))
                  for low in range(0, len(panel.values), BLOCK)]
        return Outlook(
            np.concatenate([block.forecast for block in blocks]), np.concatenate([block.sigma for block in blocks]),
            {name: np.concatenate([block.components[name] for block in blocks]) for name in blocks[0].components})

    return run


def filled(values: Vector) -> tuple[Vector, Vector]:
    """(values with NaN as 0, mask of known cells as 0/1)."""
    known = ~np.isnan(values)
    return np.where(known, values, 0.0), known.astype(np.float64)


def recent_mean(values: Vector, weeks: int, floor: int = 1) -> Vector:
    """The mean of the last `weeks` columns per series, over known cells; NaN with fewer than `floor` of them."""
    numbers, known = filled(values[:, -weeks:])
    count = known.sum(axis=1)
    return np.where(count >= floor, numbers.sum(axis=1) / np.maximum(count, 1), np.nan)


def otherwise(first: Vector, second: Vector) -> Vector:
    """`first`, and `second` where `first` is NaN."""
    return np.where(np.isnan(first), second, first)
