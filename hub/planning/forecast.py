"""The baseline forecast: candidates judged at past origins they could not see beyond, means of the best of them chosen
for each segment, intervals from what the choice missed there, and the reasons of every number.

Nothing is pooled blindly: `hub.planning.choice` says which models serve a segment, and a segment with little evidence
leans on what proved best over all series. Large panels are judged by a sample of their series.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from hub.model.plan import Reasons, Vector
from hub.planning.choice import Pool, blend, choose, segments, wmapes
from hub.planning.intervals import LEVELS, Past, interval
from hub.planning.models.boosted import available, boosted
from hub.planning.models.boosted_offers import boosted_offers
from hub.planning.models.direct import direct
from hub.planning.models.intermittent import intermittent
from hub.planning.models.moving_average import moving_average
from hub.planning.models.network import network
from hub.planning.models.panel import YEAR, Model, Outlook, Panel, Slots
from hub.planning.models.scan_pro import scan_pro
from hub.planning.models.seasonal_naive import seasonal_naive
from hub.planning.models.smoothed import group_season, series_season, smoothed
from hub.planning.models.trended_naive import trended_naive

MODELS: dict[str, Model] = {
    "seasonal_naive": seasonal_naive, "trended_naive": trended_naive, "moving_average": moving_average,
    "smoothed": smoothed, "group_season": group_season, "series_season": series_season, "intermittent": intermittent,
}
"""Quick ones that need nothing but history."""
LEARNT = ("direct", "network", "boosted", "boosted_offers")
"""Models that learn from all series together: they see the whole panel, also when they serve a part of it."""
UNTRIED: Pool = ("group_season", "series_season", "trended_naive")
"""What serves a history too short to judge anything by."""
SAMPLE = 1024
"""At most so many series judge the models; more change the choice hardly and the time much."""
MOST_LEARNT = 20_000
"""Series beyond which nothing is learnt over all of them: a night is too short."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """`outlook` of every series; `pool` (n,) names the models whose mean it is, joined by "+"; `bounds` are the lower
    and upper limits (n, horizon) that should hold 80 and 95 % of what comes, NaN where no past error is known; `scores`
    the WMAPE of every model on the weeks it was judged by. Components are named `model.component`, NaN where a model
    took no part."""

    outlook: Outlook
    pool: tuple[str, ...]
    bounds: dict[float, tuple[Vector, Vector]] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)

    def explain(self, row: int) -> dict[str, float | str | list[float]]:
        """The parts of one series' forecast: the pool, the error of a week (sigma), then `model.component` for each
        that took part, by week where it differs."""
        reason: dict[str, float | str | list[float]] = {"pool": self.pool[row], "sigma": float(self.outlook.sigma[row])}
        for name, part in self.outlook.components.items():
            if not np.isnan(part[row]).all():
                reason[name] = part[row].tolist()
        return reason

    def reasons(self) -> Reasons:
        """What a stored version keeps of it: limits as `lower_80` …, components that are one number a series or what
        promotions add."""
        parts = {f"{side}_{level:.0%}".rstrip("%"): limit for level, limits in self.bounds.items()
                 for side, limit in zip(("lower", "upper"), limits, strict=True)}
        for name, part in self.outlook.components.items():
            if part.ndim == 1 or name.endswith("promotion"):
                parts[name] = part
        return Reasons(self.pool, parts, {"scores": {name: round(score, 6) for name, score in self.scores.items()}})


def candidates(panel: Panel) -> dict[str, Model]:
    """The models that can serve this panel: the quick ones, regression, where the plan is known the promotion-aware
    level, where only past offers are known the network, and boosted trees where they are installed."""
    found: dict[str, Model] = dict(MODELS) | {"direct": direct}
    planned = panel.drivers is not None and panel.drivers.planned
    if planned:
        found["scan_pro"] = scan_pro
    elif panel.drivers is not None:
        found["network"] = network
    if available():
        found["boosted"] = boosted
        if planned:
            found["boosted_offers"] = boosted_offers
    return found


def forecast(panel: Panel, models: Mapping[str, Model] | None = None) -> Baseline:
    """The baseline of every series by the models its segment chose (of `models`; the quick ones when None). Never
    negative; NaN where nothing is known. All series of one family must be in the same panel: they share a season and a
    choice."""
    models = MODELS if models is None else models
    segment, zeros = segments(panel)
    rows = np.arange(0, len(panel.values), max(1, -(-len(panel.values) // SAMPLE)))
    sample = panel.only(rows)
    cuts = origins(panel.weeks, panel.horizon, panel.season)
    made = [{name: model(sample.until(cut)) for name, model in models.items()} for cut in cuts]
    came = [sample.values[:, cut : cut + panel.horizon] for cut in cuts]
    past = {name: [one[name].forecast for one in made] for name in models}
    untried = tuple(name for name in UNTRIED if name in models)
    pools = choose(past, came, panel, rows, (segment, zeros)) if cuts else [untried] * len(zeros)
    outlook = _run(panel, pools, segment, models)
    return Baseline(outlook, tuple("+".join(pools[number]) for number in segment.tolist()),
                    _bounds(panel, outlook, made, came, pools, segment[rows]) if cuts else {}, wmapes(past, came))


def origins(weeks: int, horizon: int, season: int = YEAR) -> list[int]:
    """Past moments to judge from: the last two horizons, and a year ago, when the weeks ahead were the ones now ahead.

    The latest weeks alone would choose a model for the season that is ending. A year ago counts only where a year and a
    half was known before it: less would judge seasonal models by a season they had not seen.
    """
    year_ago = [weeks - season] if weeks - season >= season + season // 2 else []
    return year_ago + [cut for cut in (weeks - 2 * horizon, weeks - horizon) if cut >= horizon]


def _bounds(panel: Panel, outlook: Outlook, made: list[dict[str, Outlook]], came: list[Vector], pools: list[Pool],
            segment: Slots) -> dict[float, tuple[Vector, Vector]]:
    """Limits from what the chosen pools missed on the sample."""
    before = Past(
        np.concatenate([blend({name: one.forecast for name, one in look.items()}, pools, segment) for look in made]),
        np.concatenate(came),
        np.concatenate([blend({name: one.sigma for name, one in look.items()}, pools, segment) for look in made]))
    floor = 0.0 if not (panel.values < 0).any() else -np.inf
    return {level: interval(before, outlook.forecast, outlook.sigma, level, floor) for level in LEVELS}


def _run(panel: Panel, pools: list[Pool], segment: Slots, models: Mapping[str, Model]) -> Outlook:
    """Every series by its segment's pool: the mean of its models, whose error is at most their mean error."""
    count = len(panel.values)
    out = Outlook(np.zeros((count, panel.horizon)), np.zeros(count), {})
    size = np.array([len(pool) for pool in pools], dtype=np.float64)[segment] if len(pools) else np.ones(count)
    for name, model in models.items():
        served = np.array([name in pool for pool in pools], dtype=np.bool_)
        rows = np.flatnonzero(served[segment]) if len(pools) else np.arange(0)
        if not len(rows):
            continue
        if len(rows) == count:
            _add(out, name, model(panel), rows, size)
        elif name in LEARNT:
            _add(out, name, _only(model(panel), rows), rows, size[rows])
        else:
            _add(out, name, model(panel.only(rows)), rows, size[rows])
    return out


def _only(outlook: Outlook, rows: Slots) -> Outlook:
    return Outlook(outlook.forecast[rows], outlook.sigma[rows],
                   {name: part[rows] for name, part in outlook.components.items()})


def _add(out: Outlook, name: str, made: Outlook, rows: Slots, size: Vector) -> None:
    out.forecast[rows] += made.forecast / size[:, None]
    out.sigma[rows] += made.sigma / size
    for part, values in made.components.items():
        target: Vector = out.components.setdefault(
            f"{name}.{part}", np.full((len(out.sigma), *values.shape[1:]), np.nan))
        target[rows] = values


def error_of_new_items(sigma: Vector, demand: Vector, groups: Slots) -> Vector:
    """(n,) `sigma` with the unknown ones (NaN: no history) taken from their family: its median error relative to
    demand, times the item's own mean demand (n, weeks); from all items where the family knows nothing, 0 where nobody
    does."""
    known = ~np.isnan(demand)
    mean = np.where(known, demand, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    usable = ~np.isnan(sigma) & (mean > 0)
    relative = pl.DataFrame({
        "group": groups, "share": np.where(usable, sigma / np.where(mean > 0, mean, 1.0), np.nan),
    }).with_columns(pl.col("share").fill_nan(None))
    usual = relative.select(
        pl.coalesce(pl.col("share").median().over("group"), pl.col("share").median(), pl.lit(0.0)))
    return np.where(np.isnan(sigma), usual.to_series().to_numpy() * mean, sigma)
