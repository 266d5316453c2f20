"""What is added up before it is compared: an agreement's criteria on the rows of a plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hub.model.agreement import Agreement, Level
from hub.model.exception import View
from hub.planning.exceptions import OVER_WEEKS, Criteria, Integers
from hub.planning.history import Keys


def view_of(agreement: Agreement) -> View:
    """The measure in which both sides speak of the future: of dependent demand they forecast orders."""
    return "order_forecast" if agreement.demand == "orders" else "sales_forecast"


def criteria_of(
    agreement: Agreement, keys: Keys, families: Sequence[int] | Integers, measure: View | None = None
) -> Criteria:
    """The thresholds for what is compared: `measure`, or the agreement's own view; `families` (n,) numbers the planning
    family of each key. What an event adds is compared in sales only."""
    compared = measure or view_of(agreement)
    thresholds = tuple(t for t in agreement.thresholds if t.measure in (None, compared)
                       and (t.level != "event" or compared == "sales_forecast"))
    levels = {t.level for t in thresholds} - {"item_location", *OVER_WEEKS}
    return Criteria(thresholds, agreement.decimals, {
        level: groups(level, agreement, keys, families) for level in sorted(levels)})


def groups(level: Level, agreement: Agreement, keys: Keys, families: Sequence[int] | Integers) -> Integers:
    """(n,): the number of the sum that each key belongs to. A place in no region is a region of its own; in several, it
    counts in the first by name."""
    region = {gln: name for name in sorted(agreement.regions, reverse=True) for gln in agreement.regions[name]}
    what, _, where = level.partition("_")
    names = [
        (gtin if what == "item" else str(family),
         {"": "", "location": gln, "region": region.get(gln, f"\x00{gln}")}[where])
        for (gtin, gln), family in zip(keys, families, strict=True)
    ]
    number = {name: at for at, name in enumerate(sorted(set(names)))}
    return np.array([number[name] for name in names], dtype=np.int64)
