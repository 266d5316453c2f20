"""Gradient-boosted trees over all series at once (LightGBM, the optional extra `models`).

Sales relative to the series' recent mean, Tweedie loss, so that many zeros and a long tail are both natural. Three
models, for the next period, the nearer and the farther half of the horizon: each sees only what is known that long
before. Where the plan is known its offers are features; where not, only past ones.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from hub.model.plan import Vector
from hub.planning.models.levels import trailing_mean
from hub.planning.models.odd_periods import without_odd_periods
from hub.planning.models.panel import Outlook, Panel, Wide, otherwise
from hub.planning.models.smoothed import ceiling, smoothed

ROUNDS = 100
LATEST = 110
MOST = 450_000
"""Rows to learn from; of more, every second, third ... series-period is taken."""
LEAST = 2_000
EASE = 0.5
"""Units added to the mean by which a series is scaled: a series that sold nothing has a scale too."""
PARAMETERS = {
    "objective": "tweedie", "tweedie_variance_power": 1.3, "learning_rate": 0.1, "num_leaves": 64,
    "min_data_in_leaf": 60, "feature_fraction": 0.7, "bagging_fraction": 0.8, "bagging_freq": 1, "num_threads": 1,
    "max_bin": 63, "force_row_wise": True, "verbose": -1, "seed": 1, "deterministic": True,
}
LIGHTER = {"num_leaves": 32, "min_data_in_leaf": 100, "feature_fraction": 0.3, "bagging_fraction": 0.5}
LIGHTER_ROUNDS, LIGHTER_MOST = 80, 225_000
"""Where the plan is known: there are many columns about few weeks, and half the time is as good."""


def available() -> bool:
    """Whether the extra `models` is installed."""
    return find_spec("lightgbm") is not None


def boosted(panel: Panel) -> Outlook:
    """At most four times the best period; plain smoothing where too little is known to learn from."""
    panel = without_odd_periods(panel)
    plain = smoothed(panel)
    out = np.full(plain.forecast.shape, np.nan)
    middle = max(1, -(-panel.horizon // 2))
    bands = [(1, [1]), (middle, range(2, middle + 1)), (panel.horizon, range(max(middle, 1) + 1, panel.horizon + 1))]
    for gap, steps in bands:
        if steps and panel.weeks > gap + 1:
            _predict(panel, gap, list(steps), out)
    missing = np.isnan(out)
    held = np.clip(out, 0.0, 2 * ceiling(panel.values)[:, None])
    return Outlook(np.where(missing, plain.forecast, held), plain.sigma,
                   {"level": plain.components["level"], "learnt": np.where(missing, 0.0, 1.0)})


def _predict(panel: Panel, gap: int, steps: list[int], out: Vector) -> None:
    """Fill the columns `steps` (from 1) of `out` by a model that knows everything up to `gap` periods before."""
    lightgbm: Any = import_module("lightgbm")
    extended = _extended(panel)
    features, scale = _features(panel, extended, gap)
    target = np.arange(max(gap + 2, panel.weeks - LATEST), panel.weeks)
    usable = ~np.isnan(panel.values[:, target]) & ~np.isnan(scale[:, target])
    rows, columns = np.nonzero(usable)
    if len(rows) < LEAST:
        return
    planned = panel.drivers is not None and panel.drivers.planned
    every = -(-len(rows) // (LIGHTER_MOST if planned else MOST))
    rows, columns = rows[::every], target[columns[::every]]
    level = scale[rows, columns]
    learnt = lightgbm.train(PARAMETERS | (LIGHTER if planned else {}), lightgbm.Dataset(
        _gather(features, rows, columns), np.maximum(panel.values[rows, columns], 0.0) / level, weight=level,
        categorical_feature=_categories(features)), num_boost_round=LIGHTER_ROUNDS if planned else ROUNDS)
    everyone = np.arange(len(panel.values))
    for step in steps:
        column = np.full(len(everyone), panel.weeks + step - 1)
        made = learnt.predict(_gather(features, everyone, column), num_threads=1) * scale[everyone, column]
        out[:, step - 1] = np.where(np.isnan(scale[everyone, column]), np.nan, made)


def _categories(features: dict[str, Wide]) -> list[int]:
    return [number for number, name in enumerate(features) if name in ("item", "place")]


def _gather(features: dict[str, Wide], rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Wide:
    out = np.empty((len(rows), len(features)), dtype=np.float32)
    for number, part in enumerate(features.values()):
        out[:, number] = part[rows if len(part) > 1 else 0, columns if part.shape[1] > 1 else 0]
    return out


def _extended(panel: Panel) -> Vector:
    return np.concatenate([panel.values, np.full((len(panel.values), panel.horizon), np.nan)], axis=1)


def _features(panel: Panel, values: Vector, gap: int) -> tuple[dict[str, Wide], Vector]:
    """Every feature as (n, periods + horizon), (n, 1) or (1, periods + horizon), and the scale of each cell."""
    scale = otherwise(_shifted(trailing_mean(values, 13), gap), _shifted(trailing_mean(values, 52), gap))
    scale = np.maximum(scale, 0.0) + EASE
    levels = {f"lag_{far}": _shifted(values, gap + far) for far in (0, 1, 2, 3, 4, 7, 12)}
    levels |= {f"mean_{wide}": _shifted(trailing_mean(values, wide), gap) for wide in (4, 8, 13, 26, 52)}
    levels |= {f"season_{side}": _shifted(values, panel.season + side)
               for side in (-1, 0, 1) if panel.season + side >= gap}
    others: dict[str, Vector] = {"scale": np.log(scale)}
    if panel.drivers is not None:
        price, feature, display, usual = (_as_wide(part, values.shape[1]) for part in (
            panel.drivers.price, panel.drivers.feature, panel.drivers.display, panel.drivers.usual))
        promoted = (price < -0.05) | (feature > 0) | (display > 0)
        often = promoted.astype(np.float64)
        levels["plain_13"] = _shifted(trailing_mean(np.where(promoted, np.nan, values), 13), gap)
        levels["plain_52"] = _shifted(trailing_mean(np.where(promoted, np.nan, values), 52), gap)
        levels["promoted_52"] = _shifted(trailing_mean(np.where(promoted, values, np.nan), 52), gap)
        others |= {f"price_lag_{far}": _shifted(price, gap + far) for far in range(5)}
        others |= {"usual": _shifted(usual, gap), "promoted_a_season_ago": _shifted(often, panel.season)}
        others |= {"feature_lag": _shifted(feature, gap), "display_lag": _shifted(display, gap)}
        others |= {f"often_{wide}": _shifted(trailing_mean(often, wide), gap) for wide in (13, 52)}
        if panel.drivers.planned:
            others |= {"usual": usual, "paid": usual + price}
            for name, part in (("price", price), ("feature", feature), ("display", display)):
                others |= {f"{name}_now": part, f"{name}_1": _shifted(part, 1), f"{name}_2": _shifted(part, 2)}
    slots = np.concatenate([panel.past_slots(), panel.future_slots()]).astype(np.float64)[None, :]
    others |= {"slot": slots, "item": panel.groups.astype(np.float64)[:, None]}
    if panel.places is not None:
        others["place"] = panel.places.astype(np.float64)[:, None]
    found = {name: (part / scale).astype(np.float32) for name, part in levels.items()}
    return found | {name: part.astype(np.float32) for name, part in others.items()}, scale


def _as_wide(values: Vector, columns: int) -> Vector:
    out = np.zeros((len(values), columns))
    out[:, : min(columns, values.shape[1])] = values[:, :columns]
    return out


def _shifted(values: Vector, columns: int) -> Vector:
    """`values` as they were known so many columns before; NaN before the first."""
    out = np.full(values.shape, np.nan)
    out[:, columns:] = values[:, : max(values.shape[1] - columns, 0)]
    return out
