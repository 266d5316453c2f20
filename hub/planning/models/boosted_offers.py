"""Boosted trees for panels whose offers are planned (LightGBM, the optional extra `models`): two, and their mean.

One learns what the regression of offers (see `effects`) leaves over, as a difference of logarithms, Huber loss: weeks
that ran away teach little. The other sees sales as they were, against their level, Tweedie loss: it finds the offers by
itself and forecasts the mean, not the middle. They err on different weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.drivers import Drivers
from hub.planning.models.effects import SMALLEST, uplift
from hub.planning.models.moments import CATEGORIES, Moments, learnt_outlook, lessons, moments
from hub.planning.models.odd_periods import without_odd_periods
from hub.planning.models.panel import Outlook, Panel
from hub.planning.models.smoothed import smoothed

MOST = 400_000
"""Moments to learn from."""
LEAST = 2_000
PARAMETERS = {
    "learning_rate": 0.1, "num_leaves": 32, "min_data_in_leaf": 100, "feature_fraction": 0.3,
    "bagging_fraction": 0.33, "bagging_freq": 1, "num_threads": 1, "max_bin": 63, "force_row_wise": True,
    "verbose": -1, "seed": 1, "deterministic": True,
}
ROUNDS = 130
HEAVIEST = 8.0
"""Weights grow with the expected sales, up to exp(8) of them."""


@dataclass(frozen=True, slots=True)
class _Task:
    """What trees learn: the target, its weight, and how to come back from what they say to a factor on the expected
    sales."""

    parameters: dict[str, str | float]
    logarithms: bool
    weight_power: float

    def target(self, sold: Vector, expected: Vector) -> Vector:
        """Sales against the expected ones, as a difference of logarithms or as a ratio."""
        if self.logarithms:
            return np.asarray(np.log(np.maximum(sold, SMALLEST)) - expected)
        return np.asarray(np.maximum(sold, 0.0) / np.exp(expected))

    def weight(self, expected: Vector) -> Vector:
        """(rows,) with mean 1."""
        weight = np.exp(self.weight_power * np.clip(expected, -1.0, HEAVIEST))
        return np.asarray(weight / weight.mean())

    def factor(self, said: Vector) -> Vector:
        """What the expected sales are multiplied by."""
        return np.exp(said) if self.logarithms else np.maximum(said, 0.0)


LEFT_OVER = _Task({"objective": "huber", "alpha": 0.3}, True, 0.7)
SALES = _Task({"objective": "tweedie", "tweedie_variance_power": 1.3}, False, 1.0)


def boosted_offers(panel: Panel) -> Outlook:
    """The mean of both, at most four times the best period; plain smoothing where too little is known to learn from or
    no offers are planned."""
    panel = without_odd_periods(panel)
    plain, offers = smoothed(panel), panel.drivers
    if offers is None or not offers.planned or not panel.weeks:
        return Outlook(plain.forecast, plain.sigma, {"level": plain.components["level"]})
    lift = _as_far(uplift(panel), panel)
    offers = Drivers(_as_far(offers.price, panel), _as_far(offers.feature, panel), _as_far(offers.display, panel),
                     _as_far(offers.usual, panel), offers.planned)
    sight = moments(panel, offers, lift)
    raw = moments(panel, offers, np.zeros(lift.shape))
    made = (_learnt(panel, sight, LEFT_OVER) + _learnt(panel, raw, SALES)) / 2
    return learnt_outlook(panel, plain, sight, lift, made)


def _learnt(panel: Panel, sight: Moments, task: _Task) -> Vector:
    """(n, horizon) one booster's forecast; NaN where nothing could be learnt or nothing is known."""
    lightgbm: Any = import_module("lightgbm")
    out = np.full((len(panel.values), panel.horizon), np.nan)
    series, origin, step, expected = lessons(panel, sight, MOST)
    if len(series) < LEAST:
        return out
    x = sight.describe(series, origin, step)
    names = list(range(x.shape[1] - len(CATEGORIES), x.shape[1]))
    learnt = lightgbm.train(PARAMETERS | task.parameters, lightgbm.Dataset(
        x, task.target(panel.values[series, origin + step], expected), weight=task.weight(expected),
        categorical_feature=names), num_boost_round=ROUNDS)
    everyone = np.arange(len(panel.values))
    last = np.full(len(everyone), panel.weeks - 1)
    for ahead in range(1, panel.horizon + 1):
        step = np.full(len(everyone), ahead)
        said = learnt.predict(sight.describe(everyone, last, step), num_threads=1)
        out[:, ahead - 1] = np.exp(sight.expected(everyone, last, step)) * task.factor(said)
    return out


def _as_far(values: Vector, panel: Panel) -> Vector:
    """(n, weeks + horizon): what is planned no further is 0 from there."""
    out = np.zeros((len(values), panel.weeks + panel.horizon))
    out[:, : values.shape[1]] = values[:, : out.shape[1]]
    return out
