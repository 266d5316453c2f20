"""Which models make the number: means of one to three of them, judged on origins whose outcome is known by now.

A blind mean of everything was worse than its best member on every real data set measured; a mean of few good and unlike
ones is better than each. So the best models over all series are combined in every way up to three, and each segment
takes the combination with the least cost on its own past, mixed with everybody's as far as its evidence is thin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from hub.model.plan import Vector
from hub.planning.models.panel import Panel, Slots

BEST = 6
"""So many models, best over all series, may be combined."""
TOGETHER = 3
EVIDENCE = 400.0
"""Known cells at which a segment's own cost weighs as much as everybody's."""
EVIDENCE_WITH_OFFERS = 4000.0
"""The same where offers move sales: those of an item fall into the same weeks everywhere, so its cells tell less than
their number says."""
SLOW = 0.5
"""Segments with more than this share of zeros are slow movers: forecasting nothing would have the least absolute error
there, so the part of the bias beyond `TOLERATED` costs as much as error does."""
TOLERATED = 0.02
SAMPLE = 20_000
Pool = tuple[str, ...]
_Cost = tuple[Vector, float, Vector]
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


def choose(made: Made, actual: Sequence[Vector], panel: Panel, rows: Slots | None = None) -> list[Pool]:
    """The pool of each segment of `panel`, by the errors of `made` against `actual` at past origins; both may be of
    some `rows` of the panel only. Without any past, the mean of everything."""
    segment, zeros = segments(panel)
    segment = segment if rows is None else segment[rows]
    evidence = EVIDENCE if panel.drivers is None else EVIDENCE_WITH_OFFERS
    every = max(1, -(-len(segment) // SAMPLE))
    came = np.stack([part[::every] for part in actual]) if actual else np.empty((0, 0, 0))
    if not (~np.isnan(came)).any():
        return [tuple(made)] * len(zeros)
    past = {name: np.stack([part[::every] for part in parts]) for name, parts in made.items()}
    slow = zeros > SLOW
    single: dict[Pool, _Cost] = {
        (name,): _costs([past[name]], came, segment[::every], slow) for name in past}
    ranked = sorted(single, key=lambda pool: single[pool][1])
    best = [pool[0] for pool in ranked[:BEST]]
    costs = {pool: single.get(pool) or _costs([past[name] for name in pool], came, segment[::every], slow)
             for size in range(1, TOGETHER + 1) for pool in combinations(best, size)}
    table = np.stack([_mixed(*cost, evidence) for cost in costs.values()])
    pools = list(costs)
    return [pools[number] for number in table.argmin(axis=0)]


def _costs(members: list[Vector], came: Vector, segment: Slots, slow: npt.NDArray[np.bool_]) -> _Cost:
    """(cost of each segment, cost over all, known cells of each segment), relative to sales."""
    miss = np.mean(members, axis=0) - came
    known = ~np.isnan(miss)
    sums = [np.bincount(segment, np.where(known, part, 0.0).sum(axis=(0, 2)), len(slow))
            for part in (np.abs(miss), miss, np.abs(came), known)]
    error = sums[0] + np.where(slow, np.maximum(np.abs(sums[1]) - TOLERATED * sums[2], 0.0), 0.0)
    of_all = sums[0].sum()
    if slow.mean() > SLOW:
        of_all += max(abs(sums[1].sum()) - TOLERATED * sums[2].sum(), 0.0)
    return error / np.maximum(sums[2], 1e-9), float(of_all / max(sums[2].sum(), 1e-9)), sums[3].astype(np.float64)


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


def _mixed(own: Vector, overall: float, cells: Vector, evidence: float) -> Vector:
    share = cells / (cells + evidence)
    return np.asarray(share * np.minimum(own, 1e6) + (1 - share) * overall)


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
