"""How much each party's forecast should weigh, learnt from its errors known at the time, and which edits to ignore.

For each step ahead (lag) and for promoted and other periods apart: every party's bias is corrected in part (two fifths
of it in logarithms: what was biased is biased less next time), the covariance of errors gives the weights with the
least expected square (Bates & Granger 1969), none negative, a fifth pulled to equal. Errors are divided by the square
root of the level: neither do large items decide alone nor do small ones. Where a class of periods is thin, it leans on
all periods of that lag, and those on all lags. Nothing is corrected per series: with less than many cycles that hurts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hub.model.plan import Vector

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

TO_EQUAL = 0.2
"""The share that every party gets for being one of them."""
BIAS_POWER = 0.4
"""How far a bias is corrected: not at all 0, wholly 1."""
LARGEST_BIAS = 3.0
WILDEST = 8.0
"""Scaled errors beyond this count as this."""
PRIOR = 1000.0
"""Cells at which a class's own bias and covariance weigh as much as those of what it leans on. This and `BIAS_POWER`
were tuned on seeds 1 and 2 and the first three of five origins of the consensus bench."""
GATE_CELLS = 200
"""Edits known below which nothing is judged: they pass."""


@dataclass(frozen=True, slots=True)
class Views:
    """m known or coming cells: `forecast` (m, parties), NaN where a party said nothing; `lag` (m,) from 1; `promoted`
    (m,); `series` (m,) numbers the item-location."""

    forecast: Vector
    lag: Ints
    promoted: Flags
    series: Ints

    def only(self, cells: Flags) -> Views:
        """Those of some cells."""
        return Views(self.forecast[cells], self.lag[cells], self.promoted[cells], self.series[cells])


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt: for each (lag, promoted) class `share` and `bias` (a factor), by party, resting on `cells`."""

    parties: tuple[str, ...]
    share: dict[tuple[int, bool], Vector]
    bias: dict[tuple[int, bool], Vector]
    cells: dict[tuple[int, bool], int]

    def combine(self, views: Views) -> Vector:
        """(m,) the consensus. A party that says nothing leaves its weight to the others; NaN where nobody speaks."""
        out = np.full(len(views.lag), np.nan)
        for key in {(int(lag), bool(p)) for lag, p in np.unique(np.stack([views.lag, views.promoted]), axis=1).T}:
            cells = (views.lag == key[0]) & (views.promoted == key[1])
            share, bias = self.share[self.nearest(key)], self.bias[self.nearest(key)]
            made = views.forecast[cells] * bias
            said = ~np.isnan(made)
            weight = np.where(said, share, 0.0)
            total = weight.sum(axis=1)
            out[cells] = np.where(
                total > 0, np.where(said, made * weight, 0.0).sum(axis=1) / np.where(total > 0, total, 1.0), np.nan)
        return out

    def nearest(self, key: tuple[int, bool]) -> tuple[int, bool]:
        """The class that speaks for `key`: itself, or for a lag never seen the nearest lag that was."""
        return min(self.share, key=lambda known: (known[1] != key[1], abs(known[0] - key[0]), known[0]))

    def rows(self) -> list[dict[str, float | int | str | bool]]:
        """Every class as plain values, as a plan keeps them and `of_rows` reads them back."""
        return [{"lag": lag, "promoted": promoted, **self.explain(lag, promoted)}
                for lag, promoted in sorted(self.share)]

    def explain(self, lag: int, promoted: bool) -> dict[str, float | int | str]:
        """Weights and bias factors of one class by party, and what they rest on."""
        key = self.nearest((lag, promoted))
        found: dict[str, float | int | str] = {"cells": self.cells[key]}
        for number, party in enumerate(self.parties):
            found[f"weight.{party}"] = float(self.share[key][number])
            found[f"bias.{party}"] = float(self.bias[key][number])
        return found


def of_rows(parties: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Weights:
    """The weights that `Weights.rows` wrote."""
    keys = [(int(row["lag"]), bool(row["promoted"])) for row in rows]

    def column(what: str) -> dict[tuple[int, bool], Vector]:
        return {key: np.array([row[f"{what}.{party}"] for party in parties], dtype=np.float64)
                for key, row in zip(keys, rows, strict=True)}

    return Weights(tuple(parties), column("weight"), column("bias"),
                   {key: int(row["cells"]) for key, row in zip(keys, rows, strict=True)})


def equal(parties: Sequence[str]) -> Weights:
    """Nobody knows better yet: equal weights and no correction."""
    count = len(parties)
    return Weights(tuple(parties), {(1, p): np.full(count, 1 / count) for p in (False, True)},
                   {(1, p): np.ones(count) for p in (False, True)}, {(1, False): 0, (1, True): 0})


def learn(parties: Sequence[str], past: Views, actual: Vector) -> Weights:
    """Weights from `past` views whose `actual` (m,) is known by now; cells in which a party or the actual is missing
    are left out. Equal weights when there are none."""
    whole = ~np.isnan(past.forecast).any(axis=1) & ~np.isnan(actual)
    if not whole.any():
        return equal(parties)
    past, actual = past.only(whole), actual[whole]
    level = np.maximum(past.forecast.mean(axis=1), 1.0)
    share, bias, cells = {}, {}, {}
    everything = _class(past.forecast, actual, level, None)
    for lag in np.unique(past.lag).tolist():
        of_lag = past.lag == lag
        all_of_lag = _class(past.forecast[of_lag], actual[of_lag], level[of_lag], everything)
        for promoted in (False, True):
            here = of_lag & (past.promoted == promoted)
            found = _class(past.forecast[here], actual[here], level[here], all_of_lag)
            key = (int(lag), promoted)
            share[key], bias[key], cells[key] = _shares(found[1]), found[0], int(here.sum())
    return Weights(tuple(parties), share, bias, cells)


_Class = tuple[Vector, Vector]


def _class(forecast: Vector, actual: Vector, level: Vector, wider: _Class | None) -> _Class:
    """(bias factors, covariance of scaled errors) of one class, mixed with the `wider` one it is part of."""
    count = forecast.shape[1]
    if not len(actual):
        return wider if wider is not None else (np.ones(count), np.eye(count))
    own = len(actual) / (len(actual) + PRIOR)
    sums = forecast.sum(axis=0)
    ratio = np.where((sums > 0) & (actual.sum() > 0), actual.sum() / np.where(sums > 0, sums, 1.0), 1.0)
    bias = np.clip(ratio, 1 / LARGEST_BIAS, LARGEST_BIAS) ** BIAS_POWER
    if wider is not None:
        bias = bias**own * wider[0] ** (1 - own)
    error = np.clip((forecast * bias - actual[:, None]) / np.sqrt(level)[:, None], -WILDEST, WILDEST)
    covariance = error.T @ error / len(error)
    return bias, covariance if wider is None else own * covariance + (1 - own) * wider[1]


def _shares(covariance: Vector) -> Vector:
    """Weights with the least expected square, none negative, pulled to equal. A party that would get less than nothing
    is left out and the others are weighed anew."""
    count = len(covariance)
    covariance = covariance + (1e-6 * np.trace(covariance) + 1e-12) * np.eye(count)
    kept = np.arange(count)
    while True:
        raw = np.linalg.solve(covariance[np.ix_(kept, kept)], np.ones(len(kept)))
        raw = raw / raw.sum()
        if len(kept) == 1 or (raw >= 0).all():
            break
        kept = np.delete(kept, int(raw.argmin()))
    out = np.zeros(count)
    out[kept] = raw
    return np.asarray((1 - TO_EQUAL) * out + TO_EQUAL / count)


@dataclass(frozen=True, slots=True)
class Gate:
    """Which edits of a baseline are ignored, as history judged them. Edits fall into four classes: up or down, small or
    large (against `middle`, the median size of past edits); `gain` is what each class took off the sum of absolute
    errors, `cells` how many edits say so."""

    middle: float = 0.0
    gain: dict[str, float] = field(default_factory=dict)
    cells: dict[str, int] = field(default_factory=dict)

    def ignores(self, name: str) -> bool:
        """Classes that made the error larger; one that is not known well enough passes."""
        return self.cells.get(name, 0) >= GATE_CELLS and self.gain[name] < 0

    def apply(self, base: Vector, edited: Vector) -> tuple[Vector, Flags]:
        """(what to use, which edits were ignored), both of the shape of `base`."""
        size = np.abs(edited - base)
        ignored = np.zeros(base.shape, dtype=np.bool_)
        for name, up, large in EDITS:
            if self.ignores(name):
                ignored |= (size > 0) & ((edited > base) == up) & ((size > self.middle) == large)
        return np.where(ignored, base, edited), ignored


EDITS = (("up_small", True, False), ("up_large", True, True), ("down_small", False, False), ("down_large", False, True))


def learn_gate(base: Vector, edited: Vector, actual: Vector) -> Gate:
    """Judge past edits, (m,) each."""
    size = np.abs(edited - base)
    made = ~np.isnan(size) & ~np.isnan(actual) & (size > 0)
    middle = float(np.median(size[made])) if made.any() else 0.0
    gain, cells = {}, {}
    for name, up, large in EDITS:
        known = made & ((edited > base) == up) & ((size > middle) == large)
        cells[name] = int(known.sum())
        gain[name] = float(np.abs(base - actual)[known].sum() - np.abs(edited - actual)[known].sum())
    return Gate(middle, gain, cells)
