"""Economic order quantity: the lot that balances the cost of ordering against the cost of holding (Harris, 1913)."""

from __future__ import annotations

import numpy as np

from hub.model.plan import Vector


def economic_order(demand: Vector, per_order: Vector, holding: Vector) -> tuple[Vector, Vector]:
    """(quantity, cost per period): sqrt(2 K d / h) and sqrt(2 K d h), for `demand` d per period, `per_order` K and
    `holding` h per unit and period, all positive."""
    return np.sqrt(2 * per_order * demand / holding), np.sqrt(2 * per_order * demand * holding)
