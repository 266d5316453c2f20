"""What of the performance that a cycle found is worse than the agreement allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import polars as pl

from hub.flow.planned import Cycle
from hub.model.performance import Scorecard
from hub.model.plan import Vector
from hub.performance.metric_exceptions import Shelf, metric_exceptions
from hub.planning.calendar import WEEK
from hub.planning.history import Keys


async def with_exceptions(cycle: Cycle, card: Scorecard, keys: Keys, groups: Sequence[str], sold: Vector) -> Scorecard:
    """The card with what of it is an exception. `groups` (n,) are the planning families of `keys`, `sold` (n, weeks) is
    what came in the weeks of the card, base units."""
    if not cycle.agreement.metrics:
        return card
    shelves = await _shelves(cycle, card) if any(c.metric == "in_stock" for c in cycle.agreement.metrics) else {}
    found = metric_exceptions(cycle.agreement, card.accuracy, shelves, _worth(cycle, keys, groups, sold))
    return card.model_copy(update={"exceptions": found})


def _worth(cycle: Cycle, keys: Keys, groups: Sequence[str], sold: Vector) -> dict[str, float]:
    """What each family sold, at today's unit values; units of an item without one count as 1 each."""
    items, worth = cycle.context.catalogue.items, dict.fromkeys(groups, 0.0)
    for (gtin, _), group, units in zip(keys, groups, np.nansum(np.abs(sold), axis=1).tolist(), strict=True):
        value = items[gtin].unit_value if gtin in items else None
        worth[group] += units * (1.0 if value is None else float(value))
    return worth


async def _shelves(cycle: Cycle, card: Scorecard) -> dict[str, Shelf]:
    counts = await cycle.unit.observations.history(
        cycle.agreement.name, "on_hand", card.first_week, card.last_week + timedelta(days=WEEK - 1))
    by_item = counts.group_by("gtin").agg(pl.len().alias("counts"), (pl.col("quantity") > 0).sum().alias("in_stock"))
    items, shelves = cycle.context.catalogue.items, dict[str, Shelf]()
    for gtin, counted, there in by_item.iter_rows():
        group = (items[gtin].group if gtin in items else None) or ""
        so_far = shelves.get(group, Shelf(0, 0))
        shelves[group] = Shelf(so_far.counts + counted, so_far.in_stock + there)
    return shelves
