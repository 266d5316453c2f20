"""How good would the forecasts have been? Rolling origins: at each, models see only what was known then.

Origins lie one horizon apart, the last one a horizon before the end. A few more before the first serve to choose and to
measure errors; later origins learn from earlier ones, never the other way round. All models are scored on the same
cells: known demand at or after the origin. Series without history get the level of like items, from every model alike.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from hub.errors import Reject
from hub.model.plan import Vector
from hub.planning.choice import Pool, blend, choose, segments
from hub.planning.forecast import LEARNT, MODELS, candidates
from hub.planning.intervals import LEVELS, Past, interval
from hub.planning.models.like_items import like_items
from hub.planning.models.panel import Model, Outlook, Panel, Slots

BENCHMARK = "seasonal_naive"
BEFORE = 3
"""Origins before the first scored one, for choice and errors."""
REMEMBERED = 5
"""Latest origins that choice and intervals look back on."""
LEAST_HISTORY = 2


@dataclass(frozen=True, slots=True)
class Score:
    """One model's figures, pooled over all scored origins. `mase` is the mean over series and origins, against the mean
    step from one period to the next as known at the origin. `coverage` is the share of demand inside the interval.
    `series_per_core_second` of the choice counts the choosing, and the pools' models as far as they serve."""

    model: str
    wmape: float
    bias: float
    mase: float
    ratio: float
    coverage: dict[float, float]
    series_per_core_second: float


@dataclass(frozen=True, slots=True)
class Report:
    """`models` and what the `chosen` pools made; `pools` counts the series of each pool at the last origin."""

    models: list[Score]
    chosen: Score
    pools: dict[str, int]
    series: int
    bucket: str
    cells: int
    peak_rss_mb: float
    forecasts: list[Vector]


@dataclass
class _Tally:
    """Sums over the scored origins."""

    error: float = 0.0
    miss: float = 0.0
    actual: float = 0.0
    absolute: float = 0.0
    scaled: list[float] = field(default_factory=list)
    inside: dict[float, int] = field(default_factory=lambda: dict.fromkeys(LEVELS, 0))
    bounded: int = 0
    cells: int = 0
    seconds: float = 0.0
    runs: int = 0

    def add(self, forecast: Vector, came: Vector, step: Vector) -> None:
        """One origin's forecasts (n, horizon) against what came; `step` (n,) scales MASE."""
        miss = forecast - came
        known = ~np.isnan(miss)
        self.error += float(np.abs(miss[known]).sum())
        self.miss += float(miss[known].sum())
        self.actual += float(came[known].sum())
        self.absolute += float(np.abs(came[known]).sum())
        self.cells += int(known.sum())
        usable = known.any(axis=1) & (step > 0)
        mean = np.where(known, np.abs(miss), 0.0).sum(axis=1)[usable] / known.sum(axis=1)[usable]
        self.scaled.extend((mean / step[usable]).tolist())

    def cover(self, past: Past, made: Outlook, came: Vector, floor: float) -> None:
        """Count what falls into the intervals."""
        known = ~np.isnan(came) & ~np.isnan(made.forecast)
        for level in LEVELS:
            lower, upper = interval(past, made.forecast, made.sigma, level, floor)
            if np.isnan(lower[known]).all():
                return
            self.inside[level] += int(((came >= lower) & (came <= upper))[known].sum())
        self.bounded += int(known.sum())

    def spend(self, seconds: float) -> None:
        """One more run, of so many seconds."""
        self.seconds += seconds
        self.runs += 1

    def score(self, model: str, benchmark: float, series: int) -> Score:
        """The figures; NaN where nothing was sold."""
        nan = float("nan")
        wmape = self.error / self.absolute if self.absolute else nan
        return Score(
            model, wmape, self.miss / self.actual if self.actual else nan,
            float(np.mean(self.scaled)) if self.scaled else nan, wmape / benchmark if benchmark else nan,
            {level: inside / self.bounded if self.bounded else nan for level, inside in self.inside.items()},
            series * self.runs / self.seconds if self.seconds else nan)


def backtest(panel: Panel, origins: int, models: Mapping[str, Model] | None = None,
             clock: Callable[[], float] = time.process_time) -> Report:
    """Score `models` (all `candidates` when None; the benchmark is always among them) and their choice from `origins`
    past moments. `panel` holds everything known; Reject TOO_SHORT when it does not reach back that far."""
    cuts = [panel.weeks - panel.horizon * back for back in range(origins, 0, -1)]
    if cuts[0] < LEAST_HISTORY:
        raise Reject(f"{panel.weeks} periods are too few for {origins} origins of {panel.horizon}: at least "
                     f"{origins * panel.horizon + LEAST_HISTORY} are needed", reason="TOO_SHORT")
    models = dict(candidates(panel) if models is None else models)
    models = {BENCHMARK: MODELS[BENCHMARK]} | models
    least = max(2 * panel.horizon, min(panel.season + panel.horizon, cuts[0] - BEFORE * panel.horizon))
    warm = [cut for back in range(BEFORE, 0, -1) if (cut := cuts[0] - back * panel.horizon) >= least]
    tallies = {name: _Tally() for name in (*models, "chosen")}
    made: list[dict[str, Outlook]] = []
    forecasts, counts = [], dict[str, int]()
    for cut in warm + cuts:
        now = panel.until(cut)
        fresh, seconds = _run(now, models, tallies, clock)
        if cut in cuts:
            old = list(range(max(0, len(made) - REMEMBERED), len(made)))
            came = [panel.values[:, (warm + cuts)[number] :][:, : panel.horizon] for number in old]
            before, began = [made[number] for number in old], clock()
            pools = choose({name: [one[name].forecast for one in before] for name in fresh}, came, now)
            tallies["chosen"].spend(clock() - began + _of_pools(seconds, pools, segments(now)[0]))
            forecasts.append(_score(now, panel.values[:, cut : cut + panel.horizon], fresh, before, came, pools,
                                    tallies))
            counts = _counted(pools, segments(now)[0])
        made.append(fresh)
    base = tallies[BENCHMARK].error / tallies[BENCHMARK].absolute if tallies[BENCHMARK].absolute else float("nan")
    scores = {name: tally.score(name, base, len(panel.values)) for name, tally in tallies.items()}
    chosen_score = scores.pop("chosen")
    return Report(list(scores.values()), chosen_score, counts, len(panel.values), panel.bucket,
                  tallies["chosen"].cells, peak_rss_mb(), forecasts)


def _run(now: Panel, models: Mapping[str, Model], tallies: dict[str, _Tally], clock: Callable[[], float],
         ) -> tuple[dict[str, Outlook], dict[str, float]]:
    """Every model's forecast of the whole panel, and the seconds that each took."""
    like = like_items(now)[:, None]
    out, seconds = {}, {}
    for name, model in models.items():
        began = clock()
        made = model(now)
        seconds[name] = clock() - began
        tallies[name].spend(seconds[name])
        out[name] = Outlook(np.where(np.isnan(made.forecast), like, made.forecast), made.sigma)
    return out, seconds


def _of_pools(seconds: Mapping[str, float], pools: list[Pool], segment: Slots) -> float:
    """What the chosen forecast takes: of each model's `seconds` the share of the series that it serves, and all of it
    where a model learns from everybody."""
    size = np.bincount(segment, minlength=len(pools))
    served = {name: sum(int(n) for pool, n in zip(pools, size, strict=True) if name in pool) for name in seconds}
    return sum(spent * (1.0 if name in LEARNT and served[name] else served[name] / len(segment))
               for name, spent in seconds.items())


def _score(now: Panel, came: Vector, fresh: dict[str, Outlook], made: list[dict[str, Outlook]], past: list[Vector],
           pools: list[Pool], tallies: dict[str, _Tally]) -> Vector:
    """Score one origin's models and the means of the `pools`; the chosen forecast."""
    step = _steps(now.values)
    floor = 0.0 if not (now.values < 0).any() else -np.inf
    segment, _ = segments(now)

    def of_pools(one: Mapping[str, Outlook]) -> Outlook:
        return Outlook(blend({n: o.forecast for n, o in one.items()}, pools, segment),
                       blend({n: o.sigma for n, o in one.items()}, pools, segment))

    chosen = of_pools(fresh)
    looks = {name: (outlook, [one[name] for one in made]) for name, outlook in fresh.items()}
    looks["chosen"] = (chosen, [of_pools(one) for one in made])
    for name, (outlook, before) in looks.items():
        tallies[name].add(outlook.forecast, came, step)
        if before:
            errors = Past(np.concatenate([b.forecast for b in before]), np.concatenate(past),
                          np.concatenate([b.sigma for b in before]))
            tallies[name].cover(errors, outlook, came, floor)
    return chosen.forecast


def _counted(pools: list[Pool], segment: Slots) -> dict[str, int]:
    counts: dict[str, int] = {}
    for pool, count in zip(pools, np.bincount(segment, minlength=len(pools)).tolist(), strict=True):
        counts["+".join(pool)] = counts.get("+".join(pool), 0) + count
    return dict(sorted(counts.items(), key=lambda entry: -entry[1]))


def _steps(values: Vector) -> Vector:
    """(n,) mean |y(t) − y(t − 1)| of the known history, NaN without any."""
    steps = np.abs(np.diff(values, axis=1))
    known = ~np.isnan(steps)
    count = known.sum(axis=1)
    return np.where(count > 0, np.where(known, steps, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def peak_rss_mb() -> float:
    """The most memory this process has held, MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)
