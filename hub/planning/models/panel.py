"""What every model takes and gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import wraps
from typing import Literal

import numpy as np
import numpy.typing as npt

from hub.model.plan import Vector
from hub.planning.calendar import season_slot
from hub.planning.models.drivers import Drivers

Slots = npt.NDArray[np.int64]
Wide = npt.NDArray[np.float32]
"""Where the digits of a double are more than a forecast has."""
Bucket = Literal["day", "week", "month"]
SEASON: dict[Bucket, int] = {"day": 7, "week": 52, "month": 12}
"""Periods after which the season is taken to repeat: days of a week, weeks or months of a year."""
YEAR = SEASON["week"]


@dataclass(frozen=True, slots=True)
class Panel:
    """History to forecast from: `values` (n, weeks) from `first_week`, NaN = not known; `groups` (n,) numbers each
    series' planning family from 0; `horizon` weeks are wanted after the last column.

    Columns are weeks unless `bucket` says otherwise. `places` (n,) numbers the location of each series, `drivers` says
    what moved its sales besides time; both may be unknown."""

    values: Vector
    first_week: date
    groups: Slots
    horizon: int
    bucket: Bucket = "week"
    places: Slots | None = None
    drivers: Drivers | None = None

    @property
    def weeks(self) -> int:
        return int(self.values.shape[1])

    @property
    def season(self) -> int:
        """Periods after which the season repeats."""
        return SEASON[self.bucket]

    def past_slots(self) -> Slots:
        """The place in the season (0..51 for weeks) of every known period."""
        return self._slots(0, self.weeks)

    def future_slots(self) -> Slots:
        """The place in the season of every forecast period."""
        return self._slots(self.weeks, self.horizon)

    def _slots(self, start: int, count: int) -> Slots:
        if self.bucket == "week":
            return season_slot(self.first_week + timedelta(weeks=start), count)
        first = self.first_week.month - 1 if self.bucket == "month" else self.first_week.weekday()
        return np.arange(first + start, first + start + count, dtype=np.int64) % self.season

    def until(self, weeks: int) -> Panel:
        """The same panel as it was known `weeks` weeks after its first one."""
        drivers = None if self.drivers is None else self.drivers.until(weeks, self.horizon)
        return replace(self, values=self.values[:, :weeks], drivers=drivers)

    def only(self, rows: Slots) -> Panel:
        """The panel of some series."""
        return replace(
            self, values=self.values[rows], groups=self.groups[rows],
            places=None if self.places is None else self.places[rows],
            drivers=None if self.drivers is None else self.drivers.only(rows))


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
