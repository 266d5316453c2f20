"""What lay in the distribution centres: an order-up-to policy run along the demand that was."""

from __future__ import annotations

import numpy as np

from hub.model.plan import Vector


def on_hand(rng: np.random.Generator, demand: Vector, pack: Vector, cover: float = 2.6) -> Vector:
    """Stock at the end of each week, same shape as `demand` (series, weeks), base units.

    Each week brings what was ordered the week before: up to `cover` weeks of recent demand, in full packs (`pack`, one
    number per series). Suppliers sometimes deliver short, so stock can run out; it is never negative.
    """
    recent = demand[:, 0].copy()
    stock = np.floor(recent * cover * rng.uniform(0.7, 1.0, len(demand)))
    arriving = np.zeros(len(demand))
    result = np.empty_like(demand)
    for week in range(demand.shape[1]):
        stock = np.maximum(stock + arriving - demand[:, week], 0)
        recent = 0.7 * recent + 0.3 * demand[:, week]
        wanted = np.maximum(recent * cover - stock, 0)
        served = np.where(rng.random(len(demand)) < 0.06, 0.6, 1.0)
        arriving = np.ceil(wanted * served / pack) * pack
        result[:, week] = stock
    return result
