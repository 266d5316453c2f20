"""Parties for the consensus bench: real demand, real model forecasts, invented judgement.

The retailer knows the plan, is optimistic, and its noise grows with the lag; the supplier does not know it and lies too
low. Noise is partly common, and each series has a leaning of its own. `weak`: the hub's statistical baseline is a
moving average. `strong`: it is the best forecast there is, and the parties hold private information on a share of the
weeks, in which they know part of what will differ from it. Bias, noise and seed are arguments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from hub.model.plan import Vector

LEAST = 0.1


@dataclass(frozen=True, slots=True)
class Judgement:
    """A party's hand: `bias` and `leaning` (per series) in logarithms, noise `start` + `growth` × lag, the share of it
    that is common with others, and how often (`informed`) it knows `insight` of what will differ."""

    bias: float
    leaning: float
    start: float
    growth: float
    informed: float
    insight: float = 0.6
    common: float = 0.5


RETAILER = Judgement(0.08, 0.10, 0.12, 0.025, 0.35)
SUPPLIER = Judgement(-0.06, 0.15, 0.08, 0.010, 0.25)


@dataclass(frozen=True, slots=True)
class Cells:
    """m cells of several origins: what came and three model forecasts; `origin` and `period` count columns."""

    origin: npt.NDArray[np.int64]
    period: npt.NDArray[np.int64]
    series: npt.NDArray[np.int64]
    actual: Vector
    with_plan: Vector
    without_plan: Vector
    moving_average: Vector
    promoted: npt.NDArray[np.bool_]


def parties(cells: Cells, *, strong: bool, seed: int, retailer: Judgement = RETAILER,
            supplier: Judgement = SUPPLIER) -> pl.DataFrame:
    """Long rows for `hub consensus backtest`: three parties, days instead of column numbers (a week apart)."""
    random = np.random.default_rng(seed)
    lag = cells.period - cells.origin
    common = random.normal(size=len(lag))
    made = {}
    for name, judgement, base in (("retailer", retailer, cells.with_plan), ("supplier", supplier, cells.without_plan)):
        base = np.maximum(base, LEAST)
        if strong:
            knows = random.random(len(lag)) < judgement.informed
            base = np.maximum(base + np.where(knows, judgement.insight * (cells.actual - base), 0.0), LEAST)
        own = random.normal(size=len(lag))
        noise = judgement.common * common + np.sqrt(1 - judgement.common**2) * own
        leaning = random.normal(0, judgement.leaning, int(cells.series.max()) + 1)[cells.series]
        wide = judgement.start + judgement.growth * lag
        made[name] = base * np.exp(judgement.bias + leaning + wide * noise)
    made["statistical"] = cells.with_plan if strong else cells.moving_average
    week = np.timedelta64(7, "D")
    first = np.datetime64("2024-01-01")
    shared = {
        "origin": pl.Series(first + cells.origin * week).cast(pl.Date), "lag": lag, "item": cells.series.astype(str),
        "location": ["1"] * len(lag), "period": pl.Series(first + cells.period * week).cast(pl.Date),
        "actual": cells.actual, "promoted": cells.promoted}
    return pl.concat([pl.DataFrame({"party": [name] * len(lag), "forecast": values, **shared})
                      for name, values in made.items()])
