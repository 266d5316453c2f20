"""The baseline forecast: candidates judged on weeks they could not see, the best one per planning family, with reasons.

Nothing is pooled blindly: on real retail data a mean of a mixed pool was worse than its best member, and a mean of
equals better than each. So the pools below mix only like with like, and a family uses the pool that proved itself on
its own most recent weeks. A family with little evidence leans on what proved best over all series.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from hub.model.plan import Vector
from hub.planning.models.intermittent import intermittent
from hub.planning.models.moving_average import moving_average
from hub.planning.models.panel import YEAR, Model, Outlook, Panel, Slots
from hub.planning.models.seasonal_naive import seasonal_naive
from hub.planning.models.smoothed import group_season, series_season, smoothed
from hub.planning.models.trended_naive import trended_naive

MODELS: dict[str, Model] = {
    "seasonal_naive": seasonal_naive, "trended_naive": trended_naive, "moving_average": moving_average,
    "smoothed": smoothed, "group_season": group_season, "series_season": series_season, "intermittent": intermittent,
}
POOLS: dict[str, tuple[str, ...]] = {
    "panel": ("group_season", "series_season", "trended_naive"),
    "group_season+trended_naive": ("group_season", "trended_naive"),
    "group_season": ("group_season",),
    "level": ("smoothed", "moving_average", "intermittent"),
    "seasonal_naive": ("seasonal_naive",),
}
"""What may be chosen, in order of preference when two are equally good. Each is the mean of its models."""
DEFAULT = "panel"
SAMPLE = 4096
"""At most so many series judge the pools; more change the choice hardly and the time much."""
EVIDENCE = 400
"""Cells at which a family's own score weighs as much as the score over all series."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """`outlook` of every series; `pool` (n,) names what made it; `scores` has a row per family and pool, as
    `judge` found them. `outlook.components` are named `model.component`; NaN where a model took no part."""

    outlook: Outlook
    pool: tuple[str, ...]
    scores: pl.DataFrame

    def explain(self, row: int) -> dict[str, float | str | list[float]]:
        """The parts of one series' forecast: the pool, the error of a week (sigma), then `model.component` for each
        that took part, by week where it differs."""
        reason: dict[str, float | str | list[float]] = {"pool": self.pool[row], "sigma": float(self.outlook.sigma[row])}
        for name, part in self.outlook.components.items():
            if not np.isnan(part[row]).all():
                reason[name] = part[row].tolist()
        return reason


def forecast(panel: Panel, pools: dict[str, tuple[str, ...]] | None = None) -> Baseline:
    """The baseline of every series by the pool its family chose. Never negative; NaN where nothing is known.

    All series of one family must be in the same panel: they share a season and a choice.
    """
    pools = POOLS if pools is None else pools
    scores = judge(panel, pools)
    chosen = _choose(panel, scores, pools)
    outlook = _run(panel, chosen, pools)
    return Baseline(outlook, tuple(chosen[group] for group in panel.groups.tolist()), scores)


def judge(panel: Panel, pools: dict[str, tuple[str, ...]]) -> pl.DataFrame:
    """Forecast known weeks from those before them, by every pool: group, pool, error (sum of misses), actual (sum of
    sales), cells (weeks compared), wmape (error over actual).

    Judged from up to three past origins (see `origins`). Empty when the history is too short for any.
    """
    schema = {"group": pl.Int64, "pool": pl.String, "error": pl.Float64, "actual": pl.Float64, "cells": pl.Int64}
    if len(pools) < 2:
        return _wmape(pl.DataFrame(schema=schema))
    sample = panel.only(np.arange(0, len(panel.values), max(1, -(-len(panel.values) // SAMPLE))))
    found = [pl.DataFrame(schema=schema)]
    for cut in origins(panel.weeks, panel.horizon, panel.season):
        past = sample.until(cut)
        actual = sample.values[:, cut : cut + panel.horizon]
        made = {name: MODELS[name](past).forecast for name in _needed(pools.values())}
        for pool, names in pools.items():
            error = np.abs(np.mean([made[name] for name in names], axis=0) - actual)
            known = ~np.isnan(error)
            found.append(pl.DataFrame({
                "group": sample.groups, "pool": [pool] * len(error), "error": np.where(known, error, 0.0).sum(axis=1),
                "actual": np.where(known, np.abs(actual), 0.0).sum(axis=1), "cells": known.sum(axis=1),
            }, schema=schema))
    return _wmape(pl.concat(found))


def origins(weeks: int, horizon: int, season: int = YEAR) -> list[int]:
    """Past moments to judge from: the last two horizons, and a year ago, when the weeks ahead were the ones now ahead.

    The latest weeks alone would choose a model for the season that is ending. A year ago counts only where a year and a
    half was known before it: less would judge seasonal models by a season they had not seen.
    """
    year_ago = [weeks - season] if weeks - season >= season + season // 2 else []
    return year_ago + [cut for cut in (weeks - 2 * horizon, weeks - horizon) if cut >= horizon]


def _wmape(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.group_by("group", "pool", maintain_order=True)
        .agg(pl.col("error", "actual", "cells").sum())
        .with_columns((pl.col("error") / pl.col("actual")).alias("wmape"))
    )


def _needed(pools: Iterable[tuple[str, ...]]) -> list[str]:
    names = {name for pool in pools for name in pool}
    return [name for name in MODELS if name in names]


def _choose(panel: Panel, scores: pl.DataFrame, pools: dict[str, tuple[str, ...]]) -> dict[int, str]:
    """The pool of each family: least WMAPE, a family's own mixed with everybody's by how much evidence it has."""
    order = list(pools)
    default = DEFAULT if DEFAULT in pools else order[0]
    overall = {
        pool: (error / actual if actual > 0 else 0.0)
        for pool, error, actual in scores.group_by("pool").agg(pl.col("error", "actual").sum()).iter_rows()
    }
    best_overall = min(order, key=lambda pool: overall.get(pool, 0.0)) if overall else default
    chosen = dict.fromkeys(np.unique(panel.groups).tolist(), best_overall)
    for rows in scores.filter(pl.col("actual") > 0).partition_by("group"):
        own = {pool: (wmape, cells) for pool, wmape, cells in rows.select("pool", "wmape", "cells").iter_rows()}
        chosen[rows["group"][0]] = min(order, key=lambda pool: _mixed(own.get(pool), overall[pool]))
    return chosen


def _mixed(own: tuple[float, int] | None, overall: float) -> float:
    if own is None:
        return overall
    wmape, cells = own
    share = cells / (cells + EVIDENCE)
    return share * wmape + (1 - share) * overall


def _run(panel: Panel, chosen: dict[int, str], pools: dict[str, tuple[str, ...]]) -> Outlook:
    """Every series by its family's pool: the mean of its models, whose error is at most their mean error."""
    count = len(panel.values)
    out = Outlook(np.full((count, panel.horizon), np.nan), np.full(count, np.nan), {})
    of_pool = np.array([list(pools).index(chosen[g]) for g in panel.groups.tolist()], dtype=np.int64)
    for number, names in enumerate(pools.values()):
        rows = np.flatnonzero(of_pool == number)
        if len(rows):
            part = panel if len(rows) == count else panel.only(rows)
            _fill(out, rows, {name: MODELS[name](part) for name in names}, count)
    return out


def _fill(out: Outlook, rows: Slots, made: dict[str, Outlook], count: int) -> None:
    out.forecast[rows] = sum(outlook.forecast for outlook in made.values()) / len(made)
    out.sigma[rows] = sum(outlook.sigma for outlook in made.values()) / len(made)
    for name, outlook in made.items():
        for part, values in outlook.components.items():
            target: Vector = out.components.setdefault(f"{name}.{part}", np.full((count, *values.shape[1:]), np.nan))
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
