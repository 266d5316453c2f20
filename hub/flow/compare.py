"""Two versions, or two parties, of one agreement beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from hub.errors import NotFound, Reject
from hub.model.agreement import Agreement
from hub.model.plan import PlanMeasure, PlanVersion, Series
from hub.planning.comparison import differences, shared
from hub.planning.levels import view_of
from hub.ports import Unit

HUB = "hub"
OWN: tuple[PlanMeasure, ...] = ("baseline", "consensus", "order_forecast")


@dataclass(frozen=True, slots=True)
class Compared:
    """`rows` as `hub.planning.comparison.differences`; `cells` is how many both speak of."""

    left: PlanVersion
    right: PlanVersion
    rows: pl.DataFrame
    cells: int


async def compare(
    unit: Unit, agreement: Agreement, left: str, right: str, as_of: datetime | None = None
) -> Compared:
    """`left` and `right` each: a member of the agreement, "baseline", "consensus" or "order_forecast" of the hub's, or
    a version's number; the newest as known at `as_of`, where it is given. Raises NotFound for what there is no version
    of, Reject for a word that names none."""
    one, two = await _version(unit, agreement, left, as_of), await _version(unit, agreement, right, as_of)
    values = shared(one[1], two[1])
    items = (await unit.catalogue.snapshot()).items
    prices = np.array([np.nan if (item := items.get(gtin)) is None or item.unit_value is None else
                       float(item.unit_value) for gtin, _ in values[0].keys], dtype=np.float64)
    both = ~np.isnan(values[0].values + values[1].values)
    return Compared(one[0], two[0], differences(*values, prices), int(both.sum()))


async def _version(
    unit: Unit, agreement: Agreement, name: str, as_of: datetime | None
) -> tuple[PlanVersion, Series]:
    if name.isdigit():
        known = await unit.plans.versions(agreement.name, limit=10_000, as_of=as_of)
        found = [v for v in known if v.id == int(name)]
        if not found:
            then = f" as of {as_of:%Y-%m-%d %H:%M:%S} UTC" if as_of else ""
            raise NotFound(f"agreement {agreement.name!r} has no version {name}{then}", reason="NO_VERSION")
        return found[0], await unit.plans.series(found[0].id)
    view = view_of(agreement)
    measure = next((word for word in OWN if word == name), view)
    author = HUB if name in OWN else name
    if author != HUB and author not in {member.partner for member in agreement.members}:
        raise Reject(f"{name!r} is neither a member of {agreement.name!r}, nor one of {', '.join(OWN)}, nor the number "
                     "of a version", reason="NOBODY")
    latest = await unit.plans.latest(agreement.name, author, measure, as_of=as_of)
    if latest is None:
        by_then = f"by {as_of:%Y-%m-%d %H:%M:%S} UTC" if as_of else "yet"
        raise NotFound(f"{name} has said nothing {by_then} about agreement {agreement.name!r}", reason="NO_VERSION")
    return latest
