"""One order for one season: the newsvendor, for promotions and fashion that are bought once."""

from __future__ import annotations

from statistics import NormalDist

from hub.model.plan import Vector


def newsvendor(mean: Vector, sigma: Vector, overage: float, underage: float) -> tuple[Vector, Vector]:
    """(quantity, expected cost) for normal demand: quantity = mean + z sigma with z the quantile of the critical ratio
    underage / (underage + overage); `overage` is the cost of a unit left over, `underage` of one missing.

    Cost = (overage + underage) * density(z) * sigma (Snyder & Shen, Fundamentals of Supply Chain Theory, section 4.3).
    """
    if overage <= 0 or underage <= 0:
        raise ValueError("costs of a unit too many and of a unit too few are both positive")
    normal = NormalDist()
    z = normal.inv_cdf(underage / (underage + overage))
    return mean + z * sigma, (overage + underage) * normal.pdf(z) * sigma
