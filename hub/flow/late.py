"""Orders whose day is over and of which no receipt has come: said once on each, and counted in every plan."""

from __future__ import annotations

import numpy as np
import polars as pl

from hub.flow.planned import Cycle, Detail
from hub.model.event import HubEvent
from hub.model.plan import Vector
from hub.planning.history import Keys


async def late_orders(cycle: Cycle) -> Detail:
    """How many orders are late, or count as delivered without a receipt where that was agreed; which, their timelines
    say, and whoever watches orders hears it when it is new."""
    open_still = cycle.agreement.replenishment.overdue == "open"
    kind = "late" if open_still else "assumed_delivered"
    late = await cycle.unit.orders.overdue(cycle.agreement.name, cycle.as_of)
    fresh = [order for order in late if await cycle.unit.orders.happen(
        order.id, kind, f"{order.due}", None, {"run": cycle.run})]
    await cycle.unit.events.publish([
        HubEvent(type=f"order.{kind}", subject=order.id, partners=(order.buyer, order.seller),
                 data={"number": order.number}) for order in fresh])
    return {"late_orders" if open_still else "assumed_delivered": [order.number for order in late]}


async def late_quantities(cycle: Cycle, keys: Keys) -> Vector:
    """(n,) base units of each item-location that should have come before the planning day, and are still expected."""
    if cycle.agreement.replenishment.overdue == "delivered":
        return np.zeros(len(keys))
    coming = await cycle.unit.orders.open_quantities(cycle.agreement.name)
    late = coming.filter(pl.col("due") < cycle.as_of).group_by("gtin", "gln").agg(pl.col("quantity").sum())
    found = {(gtin, gln): quantity for gtin, gln, quantity in late.iter_rows()}
    return np.array([found.get(key, 0.0) for key in keys])
