"""How fast planning is: series per core-second of the baseline forecast, item-locations per core-second of the rest.

    python -m bench.panel [--series 100000] [--weeks 104] [--horizon 13] [--runs 3] [--json]

The series are invented: 2,000 seasonal ones with promotions and gaps, replicated with small changes to the number asked
for. Their speed is that of real ones, their accuracy is not measured here.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial

import numpy as np

from bench.harness import Measurement, measurement, median_seconds, report
from hub.model.agreement import Threshold
from hub.model.plan import Series, Vector
from hub.planning.consensus import settle
from hub.planning.exceptions import Criteria, View, disputed, rank
from hub.planning.forecast import MODELS, UNTRIED, forecast
from hub.planning.models.panel import Panel
from hub.planning.replenish import Stock, Terms, replenish

FIRST = date(2024, 11, 25)
ORIGINALS = 2000
FAMILY = 400
GOAL_FORECAST = 100_000
GOAL_REST = 100_000


def replicated(series: int, weeks: int) -> Vector:
    """(series, weeks) demand: level, yearly wave, promotions, noise, 2 % of weeks unreported."""
    random = np.random.default_rng(20261122)
    count = min(series, ORIGINALS)
    wave = 1 + 0.4 * np.sin(2 * np.pi * (np.arange(weeks) / 52 + random.random((count, 1))))
    lift = 1 + 0.8 * (random.random((count, weeks)) < 0.05)
    made = random.gamma(2, 40, (count, 1)) * wave * lift * random.gamma(20, 1 / 20, (count, weeks))
    made[random.random(made.shape) < 0.02] = np.nan
    copies = np.tile(made, (-(-series // count), 1))[:series]
    return np.asarray(copies * random.uniform(0.9, 1.1, (series, 1)))


def measure(series: int, weeks: int, horizon: int, runs: int) -> list[Measurement]:
    panel = Panel(replicated(series, weeks), FIRST, np.arange(series) // FAMILY, horizon)
    rows = []

    def timed(work: str, goal: float, function: Callable[[], object]) -> None:
        seconds = median_seconds(function, runs, time.process_time)
        rows.append(measurement(work, series / seconds, "series/core-s", against="goal", limit=goal))

    for name, model in MODELS.items():
        timed(f"model {name} ({series:,} replicated)", GOAL_FORECAST, partial(model, panel))
    timed("three models, judged", GOAL_FORECAST, lambda: forecast(panel, {name: MODELS[name] for name in UNTRIED}))
    timed("baseline with choice per family", GOAL_FORECAST, lambda: forecast(panel))
    baseline = forecast(panel).outlook
    keys = tuple((f"{i // 20:014d}", f"{i % 20:013d}") for i in range(series))
    random = np.random.default_rng(1)
    buyer, seller = (
        View(party, "sales", Series(keys, FIRST, baseline.forecast * random.normal(mean, 0.1, baseline.forecast.shape)))
        for party, mean in (("buyer", 1.05), ("seller", 0.95)))
    criteria = Criteria((Threshold(percent=Decimal(25), quantity=Decimal(20)),))
    found = disputed(buyer, seller, criteria) != 0
    prices = random.gamma(2, 2, series)
    whole = Series(keys, FIRST, baseline.forecast)
    timed("exceptions: compare, value, rank", GOAL_REST,
          lambda: rank(buyer, seller, disputed(buyer, seller, criteria), prices, whole))
    timed("consensus", GOAL_REST,
          lambda: settle(buyer.series, seller.series, whole, found, "nearest_to_baseline"))
    nothing = np.zeros_like(baseline.forecast)
    stock = Stock(baseline.forecast[:, 0] * 2, nothing, np.full(series, 12.0), np.zeros(series))
    timed("replenishment", GOAL_REST,
          lambda: replenish(baseline.forecast, baseline.sigma, stock, Terms(2, 1, 0.97)))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--horizon", type=int, default=13)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    options = parser.parse_args()
    rows = measure(options.series, options.weeks, options.horizon, options.runs)
    report(rows, title="Planning panel", as_json=options.json)


if __name__ == "__main__":
    main()
