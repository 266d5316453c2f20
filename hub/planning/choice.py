"""Which models make the number: means of one to three or four of them, judged on origins whose outcome is known by now.

A blind mean of everything was worse than its best member on every real data set measured; a mean of few good and unlike
ones is better than each. So the best models over all series are combined in every way, and each segment
takes the combination with the least cost on its own past, mixed with everybody's as far as its evidence is thin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from hub.model.plan import Vector
from hub.planning.models.panel import Panel, Slots, Wide

BEST = 6
"""So many models, best over all series, may be combined."""
TOGETHER = 3
TOGETHER_WITH_PLAN = 4
CAUTION_WITH_PLAN = 0.1
"""Where planned offers move sales, single weeks of an item go wrong everywhere at once, so few past weeks choose by
luck: a pool of k models is taken to cost so much over k more than it did."""
EVIDENCE = 400.0
"""Known cells at which a segment's own cost weighs as much as everybody's."""
EVIDENCE_WITH_PLAN = 4_000.0
"""The same where planned offers move sales: those of an item fall into the same weeks everywhere, so its cells tell
less than their number says."""
EVIDENCE_WITHOUT_PLAN = 20_000.0
"""The same where offers move sales and nobody knows the coming ones: a family's best model is then mostly chance."""
SLOW = 0.5
"""Segments with more than this share of zeros are slow movers: forecasting nothing would have the least absolute error
there, so the part of the bias beyond `TOLERATED` costs as much as error does."""
TOLERATED = 0.02
SAMPLE = 20_000
Pool = tuple[str, ...]
_Cost = tuple[Vector, float]
Made = Mapping[str, Sequence[Vector]]
"""Model -> its forecasts (n, horizon) at each past origin."""


def segments(panel: Panel) -> tuple[Slots, Vector]:
    """(n,) the segment of each series: its family, or without families its class of zeros (few, some, most); and the
    share of zeros of each segment."""
    known = ~np.isnan(panel.values)
    zeros = (panel.values == 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    families = np.unique(panel.groups, return_inverse=True)[1].astype(np.int64)
    segment = families if families.max(initial=0) > 0 else np.digitize(zeros, (0.25, 0.7)).astype(np.int64)
    count = np.bincount(segment)
    return segment, np.bincount(segment, zeros) / np.maximum(count, 1)


def choose(made: Made, actual: Sequence[Vector], panel: Panel, rows: Slots | None = None,
           parts: tuple[Slots, Vector] | None = None) -> list[Pool]:
    """The pool of each segment of `panel`, by the errors of `made` against `actual` at past origins; both may be of
    some `rows` of the panel only. Without any past, the mean of everything. `parts` are the panel's `segments`, where
    they are known already."""
    segment, zeros = segments(panel) if parts is None else parts
    segment = segment if rows is None else segment[rows]
    offers = panel.drivers
    planned = offers is not None and offers.planned
    evidence = EVIDENCE if offers is None else EVIDENCE_WITH_PLAN if planned else EVIDENCE_WITHOUT_PLAN
    every = max(1, -(-len(segment) // SAMPLE))
    came = np.stack([part[::every] for part in actual]) if actual else np.empty((0, 0, 0))
    miss = {name: (np.stack([part[::every] for part in parts]) - came).astype(np.float32)
            for name, parts in made.items()}
    known = ~np.isnan(list(miss.values())).any(axis=0) & ~np.isnan(came)
    if not known.any():
        return [tuple(made)] * len(zeros)
    for part in miss.values():
        part[~known] = 0.0
    judge = _Judge(segment[::every], zeros > SLOW, np.where(known, np.abs(came), 0.0), known)
    single: dict[Pool, _Cost] = {(name,): judge.costs([miss[name]]) for name in miss}
    best = [pool[0] for pool in sorted(single, key=lambda pool: single[pool][1])[:BEST]]
    costs = {pool: single.get(pool) or judge.costs([miss[name] for name in pool])
             for size in range(1, (TOGETHER_WITH_PLAN if planned else TOGETHER) + 1)
             for pool in combinations(best, size)}
    share = judge.cells / (judge.cells + evidence)
    caution = CAUTION_WITH_PLAN if planned else 0.0
    table = np.stack([(share * np.minimum(own, 1e6) + (1 - share) * overall) * (1 + caution / len(pool))
                      for pool, (own, overall) in costs.items()])
    pools = list(costs)
    return [pools[number] for number in table.argmin(axis=0)]


class _Judge:
    """Costs of pools relative to sales, on the cells (origins, n, horizon) that every model forecast and that came:
    `sold` are their quantities without sign, `segment` (n,) says whose they are, `slow` which segments are slow."""

    def __init__(self, segment: Slots, slow: npt.NDArray[np.bool_], sold: Vector, known: npt.NDArray[np.bool_]) -> None:
        self.segment, self.slow = segment, slow
        self.sold, self.cells = self._sums(sold), self._sums(known)

    def _sums(self, values: npt.NDArray[Any]) -> Vector:
        return np.asarray(np.bincount(self.segment, values.sum(axis=(0, 2), dtype=np.float64), len(self.slow)),
                          dtype=np.float64)

    def costs(self, members: list[Wide]) -> _Cost:
        """(cost of each segment, cost over all) of the mean of the `members`' misses, 0 where nothing counts."""
        miss = members[0] if len(members) == 1 else sum(members[1:], start=members[0]) / np.float32(len(members))
        absolute = self._sums(np.abs(miss))
        error, of_all = absolute, float(absolute.sum())
        if self.slow.any():
            bias = self._sums(miss)
            error = absolute + np.where(self.slow, np.maximum(np.abs(bias) - TOLERATED * self.sold, 0.0), 0.0)
            if self.slow.mean() > SLOW:
                of_all += max(abs(float(bias.sum())) - TOLERATED * float(self.sold.sum()), 0.0)
        return error / np.maximum(self.sold, 1e-9), of_all / max(float(self.sold.sum()), 1e-9)


def wmapes(made: Made, actual: Sequence[Vector]) -> dict[str, float]:
    """Each model's error over all past origins relative to what came; empty without any past."""
    if not actual:
        return {}
    came = np.concatenate(actual)
    found = {}
    for name, parts in made.items():
        miss = np.abs(np.concatenate(parts) - came)
        known = ~np.isnan(miss)
        found[name] = float(miss[known].sum() / max(np.abs(came[known]).sum(), 1e-9))
    return found


def blend(made: Mapping[str, Vector], pools: list[Pool], segment: Slots) -> Vector:
    """(n, horizon) or (n,): each series by its segment's pool."""
    first = next(iter(made.values()))
    out = np.full(first.shape, np.nan)
    numbers = {pool: number for number, pool in enumerate(dict.fromkeys(pools))}
    of = np.array([numbers[pool] for pool in pools], dtype=np.int64)[segment]
    for pool, number in numbers.items():
        rows = of == number
        out[rows] = np.mean([made[name][rows] for name in pool], axis=0)
    return out
