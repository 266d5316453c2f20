"""A small agreement with everything in it: two families, promotions, two views that differ, stock and open orders."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np

from hub.model.agreement import Agreement, Fences, Member, Replenishment, Threshold
from hub.planning.cycle_math import ShardInput
from hub.planning.replenish import Stock
from tests.planning.panels import demand

HORIZON = 13
FIRST = date(2026, 11, 23)

AGREEMENT = Agreement(
    name="shop-maker", valid_from=date(2026, 1, 1), items=(), locations=(), horizon_weeks=HORIZON,
    members=(Member(partner="shop", role="buyer", sees=()), Member(partner="maker", role="seller", sees=())),
    thresholds=(Threshold(percent=Decimal(20), quantity=Decimal(10)),), settlement="nearest_to_baseline",
    fences=Fences(frozen=1, slushy=3, tolerance=Decimal(10)),
    replenishment=Replenishment(lead_weeks=2, service=Decimal("0.95")),
)


def shard(series: int = 8, weeks: int = 104, seed: int = 0) -> ShardInput:
    random = np.random.default_rng(seed)
    promoted = (random.random((series, weeks)) < 0.08).astype(float)
    ahead = np.zeros((series, HORIZON))
    ahead[:1, 5] = 1.0
    history = demand(series, weeks, seed) * (1 + 0.6 * promoted)
    level = history[:, -8:].mean(axis=1, keepdims=True)
    buyer = level * random.normal(1.03, 0.02, (series, HORIZON))
    seller = level * random.normal(0.97, 0.02, (series, HORIZON))
    seller[1:2, 2:6] *= 2
    previous = np.full((series, HORIZON), np.nan)
    previous[:, :2] = level
    stock = Stock(level[:, 0] * 2, np.zeros((series, HORIZON)), np.full(series, 12.0), np.full(series, 24.0))
    return ShardInput(
        AGREEMENT, tuple((f"{i:014d}", "9501101530003") for i in range(series)), np.arange(series) % 2, FIRST, history,
        buyer, seller, previous, promoted, ahead, np.full(series, 2.5), stock)
