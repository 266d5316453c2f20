"""Periodic-review base stock, the (R, S) system: every R weeks order up to S.

An order placed now arrives after the lead time L and must last until the next one can arrive, R + L weeks from now. So
S = forecast of the next R + L weeks + z * sigma * sqrt(R + L), where sigma is the standard deviation of the forecast
error of one week (errors of different weeks taken as independent) and z the standard normal quantile of the cycle
service, the probability of no stock-out per review cycle (Silver, Pyke & Peterson, Inventory Management and Production
Planning and Scheduling, 3rd ed. 1998, chapter 7).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from hub.model.plan import Vector

ROUNDING = 1e-9
"""Share of a pack that counts as nothing: 12.000000001 units are one dozen."""


def safety_stock(sigma: Vector, cover: int, service: float) -> Vector:
    """(n,) base units: z(service) * sigma * sqrt(cover weeks), never negative; sigma NaN (unknown) gives 0."""
    if not 0 < service < 1:
        raise ValueError(f"service {service} is a probability between 0 and 1, exclusive")
    z = NormalDist().inv_cdf(service)
    return np.asarray(np.maximum(z * np.nan_to_num(sigma, nan=0.0) * np.sqrt(cover), 0.0))


def order_quantity(position: Vector, level: Vector, pack: Vector, minimum: Vector) -> Vector:
    """(n,) base units to order: what lifts `position` to `level`, in whole packs, at least `minimum`; 0 when not below.

    `pack` > 0; a minimum that is no multiple of the pack is rounded up to one.
    """
    need = level - position
    packs = np.ceil(np.maximum(need, minimum) / pack - ROUNDING)
    return np.where(need > pack * ROUNDING, packs * pack, 0.0)
