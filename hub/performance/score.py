"""What came of what was said: sums by author, lag and item group, and what each step and kind of edit was worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hub.model.performance import Accuracy, Edit, ValueAdded
from hub.model.plan import PlanMeasure, Vector

Said = tuple[str, PlanMeasure]
"""Whose forecast, of what measure."""
NAIVE: Said = ("naive", "baseline")
BASELINE: Said = ("hub", "baseline")
CONSENSUS: Said = ("hub", "consensus")
CLASSES: tuple[tuple[Edit, bool, bool], ...] = (
    ("up_small", True, False), ("up_large", True, True), ("down_small", False, False), ("down_large", False, True))


@dataclass(frozen=True, slots=True)
class Came:
    """One week that came, as it had been forecast `lag` weeks before; n item-locations. `step` (n,) is the usual change
    from one week to the next as known before; NaN: not known."""

    lag: int
    actual: Vector
    step: Vector
    said: Mapping[Said, Vector]


def accuracy(weeks: Iterable[Came], groups: Sequence[str]) -> tuple[Accuracy, ...]:
    """The sums of every author, measure, lag and group (n,) that has any cell."""
    names, group = np.unique(np.array(groups, dtype=object).astype(str), return_inverse=True)
    sums: dict[tuple[Said, int], Vector] = {}
    for week in weeks:
        for said, forecast in week.said.items():
            at = sums.setdefault((said, week.lag), np.zeros((7, len(names))))
            at += _sums(forecast, week.actual, week.step, group, len(names))
    found = []
    for ((author, measure), lag), table in sorted(sums.items(), key=lambda entry: entry[0]):
        for number, name in enumerate(names.tolist()):
            cells, error, absolute, actual, volume, scaled, scaled_cells = table[:, number].tolist()
            if cells:
                found.append(Accuracy(
                    author=author, measure=measure, lag=lag, group=name, cells=int(cells), error=error,
                    absolute=absolute, actual=actual, volume=volume, scaled=scaled, scaled_cells=int(scaled_cells)))
    return tuple(found)


def _sums(forecast: Vector, actual: Vector, step: Vector, group: npt.NDArray[Any], count: int) -> Vector:
    error = forecast - actual
    known = ~np.isnan(error)
    scaled = known & (step > 0)
    parts: list[tuple[npt.NDArray[np.bool_], Vector]] = [
        (known, np.ones(len(error))), (known, error), (known, np.abs(error)), (known, actual), (known, np.abs(actual)),
        (scaled, np.abs(error) / np.where(scaled, step, 1.0)), (scaled, np.ones(len(error)))]
    return np.stack([np.bincount(group[cells], values[cells], count) for cells, values in parts])


def value_added(weeks: Sequence[Came], parties: Sequence[Said]) -> tuple[ValueAdded, ...]:
    """The baseline over the naive forecast; the consensus and each party's view over the baseline, as a whole and by
    kind of edit. Only cells that both forecast count; steps without any are left out."""
    found = [_step(weeks, NAIVE, BASELINE)]
    for after in (CONSENSUS, *parties):
        found.append(_step(weeks, BASELINE, after))
        middle = _middle(weeks, after)
        found += [_step(weeks, BASELINE, after, edit, up, large, middle) for edit, up, large in CLASSES]
    return tuple(one for one in found if one is not None)


def _middle(weeks: Sequence[Came], after: Said) -> float:
    """The median size of an edit, 0 without any."""
    sizes = [np.abs(week.said[after] - week.said[BASELINE]) for week in weeks
             if after in week.said and BASELINE in week.said]
    size = np.concatenate(sizes) if sizes else np.empty(0)
    size = size[size > 0]
    return float(np.median(size)) if len(size) else 0.0


def _step(weeks: Sequence[Came], before: Said, after: Said, edit: Edit = "all", up: bool = True, large: bool = True,
          middle: float = 0.0) -> ValueAdded | None:
    sums = np.zeros(4)
    for week in weeks:
        if before not in week.said or after not in week.said:
            continue
        old, new = week.said[before], week.said[after]
        known = ~np.isnan(old + new + week.actual)
        if edit != "all":
            size = np.abs(new - old)
            known &= (size > 0) & ((new > old) == up) & ((size > middle) == large)
        sums += [known.sum(), np.abs(old - week.actual)[known].sum(), np.abs(new - week.actual)[known].sum(),
                 np.abs(week.actual)[known].sum()]
    if not sums[0]:
        return None
    return ValueAdded(author=after[0], measure=after[1], against="naive" if before == NAIVE else before[1], edit=edit,
                      cells=int(sums[0]), before=float(sums[1]), after=float(sums[2]), volume=float(sums[3]))
