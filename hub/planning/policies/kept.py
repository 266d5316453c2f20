"""What two partners agreed to keep of an item at a place: the item-site policies of their joint business plan.

`minimum` is a floor of the safety stock: an order is placed in time for the stock not to fall below it. `maximum` caps
what lies there when an order arrives; the cap is kept also where demand would want more, because that is what both
agreed. Outside of its days on sale an item is wanted by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from hub.model.business_plan import SitePolicy
from hub.model.plan import Vector
from hub.planning.calendar import WEEK
from hub.planning.history import Keys
from hub.planning.policies.base_stock import ROUNDING


@dataclass(frozen=True, slots=True)
class Kept:
    """Base units per item-location: `least` (n,), 0 where nothing is agreed, and `most` (n,), inf likewise; `on_sale`
    (n, weeks) is the share of each week's days on which the item is sold, 0 to 1."""

    least: Vector
    most: Vector
    on_sale: Vector

    def floor(self, safety: Vector) -> Vector:
        """(n,) the safety stock, no lower than agreed."""
        return np.maximum(safety, self.least)

    def sold_in(self, week: int) -> Vector:
        """(n,) 1.0 where the item is still on sale in that week; what comes after the last one is like the last one."""
        return (self.on_sale[:, min(week, self.on_sale.shape[1] - 1)] > 0).astype(np.float64)

    def within(self, order: Vector, there: Vector, pack: Vector, minimum: Vector) -> Vector:
        """(n,) `order` cut to whole packs that do not lift the stock `there`, when they arrive, above `most`; nothing
        where not even a `minimum` order fits in."""
        room = np.maximum(self.most - there, 0.0)
        fits = np.floor(np.minimum(order, room) / pack + ROUNDING) * pack
        return np.where(order <= room, order, np.where(fits < minimum, 0.0, fits))

    def only(self, rows: npt.NDArray[np.int64]) -> Kept:
        """Of some item-locations."""
        return Kept(self.least[rows], self.most[rows], self.on_sale[rows])


def kept(policies: Iterable[SitePolicy], keys: Keys, first_week: date, weeks: int) -> Kept | None:
    """The policies on the rows and weeks of a plan; of several for one item and place each later one replaces what it
    says itself. None where none of them is about any of `keys`."""
    where = {key: row for row, key in enumerate(keys)}
    mine = [(where[policy.gtin, policy.gln], policy) for policy in policies if (policy.gtin, policy.gln) in where]
    if not mine:
        return None
    found = Kept(np.zeros(len(keys)), np.full(len(keys), np.inf), np.ones((len(keys), weeks)))
    for row, policy in mine:
        if policy.minimum is not None:
            found.least[row] = float(policy.minimum)
        if policy.maximum is not None:
            found.most[row] = float(policy.maximum)
        if policy.start is not None or policy.end is not None:
            found.on_sale[row] = _shares(policy, first_week, weeks)
    return found


def _shares(policy: SitePolicy, first_week: date, weeks: int) -> list[float]:
    starts = [first_week + timedelta(weeks=week) for week in range(weeks)]
    return [sum(_sold(policy, start + timedelta(days=day)) for day in range(WEEK)) / WEEK for start in starts]


def _sold(policy: SitePolicy, day: date) -> bool:
    return (policy.start is None or policy.start <= day) and (policy.end is None or day <= policy.end)
