"""How much each party's forecast should weigh, learnt from its errors known at the time, and which edits to ignore.

For each step ahead (lag) and for promoted and other periods apart: every party's bias is corrected in part (a fifth of
it in logarithms: what was biased is biased less next time), the covariance of errors gives the weights with the least
expected square (Bates & Granger 1969), none negative. Numbers are combined as logarithms: demand is skewed, and the
middle of what may come misses less than the mean. Errors of logarithms are multiplied by the square root of the level:
neither do large items decide alone nor do small ones. Where a class of periods is thin, it leans on all periods of that
lag, and those on all lags. Nothing is corrected per series: with less than many cycles that hurts.

What a party says of one item at one place in one forecast is weighed twice: week by week, and as the level that its
weeks have in common. People scatter around what they mean; where their weeks have told little more than their level,
the level gets the weight, and where they knew something of single weeks, those keep it.

The plain mean is hard to beat, and what weighed well last time may weigh badly next time. So the consensus lies between
the two: `trust` says how near to the weighted one, learnt from what weights of one half of the past would have brought
in the other half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hub.model.plan import Vector

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

BIAS_POWER = 0.2
"""How far a bias is corrected: not at all 0, wholly 1."""
LARGEST_BIAS = 3.0
EASE = 0.5
"""Units added before a logarithm is taken, and taken off after: zero is a number like others."""
WILDEST = 1.5
"""Errors of logarithms beyond this (a factor of four and a half) count as this."""
PRIOR = 1000.0
"""Cells at which a class's own bias and covariance weigh as much as those of what it leans on."""
CAUTION = 0.02
"""What trust must bring: so much of the plain mean's error for going all the way to the weighted consensus, a quarter
of it for going half."""
STEPS = 8
"""Trust is counted in eighths."""
LEAST_TRUST = 0.25
"""Of two ways to a consensus that do equally well, neither is taken alone: they miss in different cells."""
GATE_CELLS = 200
"""Edits known below which nothing is judged: they pass."""


@dataclass(frozen=True, slots=True)
class Views:
    """m known or coming cells: `forecast` (m, parties), NaN where a party said nothing; `lag` (m,) from 1; `promoted`
    (m,); `level` (m, parties) what the party's cells of one forecast have in common, see `views`."""

    forecast: Vector
    lag: Ints
    promoted: Flags
    level: Vector

    def only(self, cells: Flags) -> Views:
        """Those of some cells."""
        return Views(self.forecast[cells], self.lag[cells], self.promoted[cells], self.level[cells])

    def said(self) -> Vector:
        """(m, 2 × parties): what is weighed, the cells themselves and their levels."""
        return np.concatenate([self.forecast, self.level], axis=1)


def views(forecast: Vector, lag: Ints, promoted: Flags, series: Ints) -> Views:
    """Cells with their levels: the geometric mean of what a party said of the promoted periods, or of the others, of
    one of `series` (m,), which numbers an item-location in one forecast: at another origin it has another number."""
    _, told = np.unique(series * 2 + promoted, return_inverse=True)
    known = ~np.isnan(forecast)
    level = np.full(forecast.shape, np.nan)
    for party in range(forecast.shape[1]):
        count = np.bincount(told, known[:, party])
        sums = np.bincount(told, np.where(known[:, party], _log(forecast[:, party]), 0.0))
        mean = np.exp(sums / np.maximum(count, 1)) - EASE
        level[:, party] = np.where(known[:, party], mean[told], np.nan)
    return Views(forecast, lag, promoted, level)


def _log(values: Vector) -> Vector:
    """Logarithms of what is not negative; NaN stays NaN."""
    return np.asarray(np.log(np.maximum(values, 0.0) + EASE))


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt: for each (lag, promoted) class `share` and `bias` (a factor), resting on `cells`. Each holds the
    parties' cells first, then their levels. `trust` is 0 where the plain mean of the parties is taken, 1 where it
    counts for nothing."""

    parties: tuple[str, ...]
    share: dict[tuple[int, bool], Vector]
    bias: dict[tuple[int, bool], Vector]
    cells: dict[tuple[int, bool], int]
    trust: float = 1.0

    def combine(self, views: Views) -> Vector:
        """(m,) the consensus. A party that says nothing leaves its weight to the others; NaN where nobody speaks."""
        return (1 - self.trust) * plain_mean(views.forecast) + self.trust * self.weigh(views)

    def weigh(self, views: Views) -> Vector:
        """(m,) what the weights alone say, trusted or not."""
        out = np.full(len(views.lag), np.nan)
        for key in {(int(lag), bool(p)) for lag, p in np.unique(np.stack([views.lag, views.promoted]), axis=1).T}:
            cells = (views.lag == key[0]) & (views.promoted == key[1])
            share, bias = self.share[self.nearest(key)], self.bias[self.nearest(key)]
            out[cells] = _mean(views.said()[cells] * bias, share)
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
        found: dict[str, float | int | str] = {"cells": self.cells[key], "trust": self.trust}
        for number, party in enumerate(self.parties):
            found[f"weight.{party}"] = float(self.share[key][number])
            found[f"level.{party}"] = float(self.share[key][number + len(self.parties)])
            found[f"bias.{party}"] = float(self.bias[key][number])
        return found


def plain_mean(made: Vector) -> Vector:
    """(m,) the mean of what the parties say, NaN where nobody speaks."""
    known = ~np.isnan(made)
    return np.where(known.any(axis=1), np.nan_to_num(made).sum(axis=1) / np.maximum(known.sum(axis=1), 1), np.nan)


def _mean(made: Vector, share: Vector) -> Vector:
    """(m,) the weighted geometric mean of the columns of `made` that are known; the arithmetic one where somebody
    expects more returns than sales; NaN where nobody speaks."""
    weight = np.where(np.isnan(made), 0.0, share)
    total = weight.sum(axis=1)
    weight = weight / np.where(total > 0, total, 1.0)[:, None]
    plain = (np.nan_to_num(made) * weight).sum(axis=1)
    middle = np.exp((np.nan_to_num(_log(made)) * weight).sum(axis=1)) - EASE
    found = np.where((np.nan_to_num(made) < 0).any(axis=1), plain, np.maximum(middle, 0.0))
    return np.where(total > 0, found, np.nan)


def of_rows(parties: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Weights:
    """The weights that `Weights.rows` wrote."""
    keys = [(int(row["lag"]), bool(row["promoted"])) for row in rows]

    def column(of_cells: str, of_levels: str, unknown: float) -> dict[tuple[int, bool], Vector]:
        return {key: np.array([row.get(f"{what}.{party}", unknown) for what in (of_cells, of_levels)
                               for party in parties], dtype=np.float64) for key, row in zip(keys, rows, strict=True)}

    return Weights(tuple(parties), column("weight", "level", 0.0), column("bias", "bias", 1.0),
                   {key: int(row["cells"]) for key, row in zip(keys, rows, strict=True)},
                   float(rows[0].get("trust", 1.0)) if rows else 0.0)


def equal(parties: Sequence[str]) -> Weights:
    """Nobody knows better yet: equal weights and no correction."""
    share, bias = _even(len(parties)), np.ones(2 * len(parties))
    return Weights(tuple(parties), {(1, p): share for p in (False, True)}, {(1, p): bias for p in (False, True)},
                   {(1, False): 0, (1, True): 0}, 0.0)


def _even(parties: int) -> Vector:
    """Every party's cells alike, no levels."""
    return np.concatenate([np.full(parties, 1 / parties), np.zeros(parties)])


def learn(parties: Sequence[str], past: Views, actual: Vector) -> Weights:
    """Weights from `past` views whose `actual` (m,) is known by now, in order of time; cells in which a party or the
    actual is missing are left out. Equal weights when there are none."""
    whole = ~np.isnan(past.forecast).any(axis=1) & ~np.isnan(actual)
    if not whole.any():
        return equal(parties)
    past, actual = past.only(whole), actual[whole]
    return replace(_of_classes(parties, past, actual), trust=_trust(parties, past, actual))


def _trust(parties: Sequence[str], past: Views, actual: Vector) -> float:
    """How far to go from the plain mean to the weighted consensus: each half of the past, the earlier and the later
    one, is judged by weights from the other. At least `LEAST_TRUST`, less where little is known."""
    if len(actual) < 2:
        return 0.0
    later = np.arange(len(actual)) >= len(actual) // 2
    weighed = np.empty(len(actual))
    for half in (later, ~later):
        weighed[half] = _of_classes(parties, past.only(~half), actual[~half]).weigh(past.only(half))
    plain = plain_mean(past.forecast)
    steps = np.linspace(0, 1, STEPS + 1)
    missed = np.array([np.abs((1 - step) * plain + step * weighed - actual).sum() for step in steps])
    found = float(steps[int((missed / max(missed[0], 1e-9) + CAUTION * steps**2).argmin())])
    return max(found, LEAST_TRUST * len(actual) / (len(actual) + PRIOR))


def _of_classes(parties: Sequence[str], past: Views, actual: Vector) -> Weights:
    """Shares and bias factors of every class of whole cells."""
    size, said = np.maximum(past.forecast.mean(axis=1), 1.0), past.said()
    share, bias, cells = {}, {}, {}
    everything = _class(said, actual, size, None)
    for lag in np.unique(past.lag).tolist():
        of_lag = past.lag == lag
        all_of_lag = _class(said[of_lag], actual[of_lag], size[of_lag], everything)
        for promoted in (False, True):
            here = of_lag & (past.promoted == promoted)
            found = _class(said[here], actual[here], size[here], all_of_lag)
            key = (int(lag), promoted)
            share[key], bias[key], cells[key] = _shares(found[1]), found[0], int(here.sum())
    return Weights(tuple(parties), share, bias, cells)


_Class = tuple[Vector, Vector]


def _class(said: Vector, actual: Vector, size: Vector, wider: _Class | None) -> _Class:
    """(bias factors, covariance of scaled errors) of one class, mixed with the `wider` one it is part of. A party's
    level shares its bias factor."""
    count = said.shape[1]
    if not len(actual):
        return wider if wider is not None else (np.ones(count), np.eye(count))
    own = len(actual) / (len(actual) + PRIOR)
    sums = said[:, : count // 2].sum(axis=0)
    ratio = np.tile(np.where((sums > 0) & (actual.sum() > 0), actual.sum() / np.where(sums > 0, sums, 1.0), 1.0), 2)
    bias = np.clip(ratio, 1 / LARGEST_BIAS, LARGEST_BIAS) ** BIAS_POWER
    if wider is not None:
        bias = bias**own * wider[0] ** (1 - own)
    error = np.clip(_log(said * bias) - _log(actual)[:, None], -WILDEST, WILDEST) * np.sqrt(size)[:, None]
    covariance = error.T @ error / len(error)
    return bias, covariance if wider is None else own * covariance + (1 - own) * wider[1]


def _shares(covariance: Vector) -> Vector:
    """Weights with the least expected square, none negative: what would get less than nothing is left out and the
    others are weighed anew."""
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
    return out


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
