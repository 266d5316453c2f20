"""A plan on other levels: a view added up over items, places and periods, and a sum that a planner changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hub.errors import NotFound, Reject
from hub.flow.views import Accepted, Edit, revise
from hub.model.agreement import Agreement
from hub.model.item import Item
from hub.model.plan import PlanMeasure, Series
from hub.planning.calendar import WEEK
from hub.planning.exceptions import Integers, Mask, scaled
from hub.planning.hierarchy import edited, fiscal_period, gathered
from hub.ports import CatalogueView, Clock, Units

HUB = "hub"


@dataclass(frozen=True, slots=True)
class Span:
    """What a sum is of. Empty: no limit. `group` is a planning family, `region` one of the agreement's; `first` and
    `last` are week beginnings, both inclusive."""

    gtin: str | None = None
    group: str | None = None
    gln: str | None = None
    region: str | None = None
    first: date | None = None
    last: date | None = None

    def rows(self, keys: Sequence[tuple[str, str]], agreement: Agreement, catalogue: CatalogueView) -> list[bool]:
        """Which keys it holds. Raises NotFound for a region that the agreement has not."""
        if self.region is not None and self.region not in agreement.regions:
            raise NotFound(f"agreement {agreement.name!r} has no region {self.region!r}", reason="UNKNOWN_REGION")
        inside = agreement.regions.get(self.region or "", ())
        return [
            self.gtin in (None, gtin) and self.gln in (None, gln)
            and self.group in (None, _group(catalogue.items.get(gtin))) and (self.region is None or gln in inside)
            for gtin, gln in keys]

    def weeks(self, series: Series) -> list[bool]:
        days = [series.first_week + timedelta(weeks=week) for week in range(series.weeks)]
        return [(self.first is None or self.first <= day) and (self.last is None or day <= self.last) for day in days]


def _group(item: Item | None) -> str | None:
    return item.group if item else None


@dataclass(frozen=True, slots=True)
class Sums:
    """`values` (groups, periods) in base units; `names` of the groups, `periods` by name, in order."""

    names: tuple[str, ...]
    periods: tuple[str, ...]
    values: np.ndarray[tuple[int, int], np.dtype[np.float64]]


def sums(series: Series, agreement: Agreement, catalogue: CatalogueView, by: str, per: str) -> Sums:
    """A view by item, group, place, region or all, per week, month or fiscal period. Exact to the agreement's decimals;
    what nobody said counts nothing. Raises Reject when the agreement has no fiscal calendar."""
    if per == "fiscal" and agreement.fiscal is None:
        raise Reject(f"agreement {agreement.name!r} has no fiscal calendar ([fiscal])", reason="NO_FISCAL_CALENDAR")
    whose = [_name(key, agreement, catalogue, by) for key in series.keys]
    days = [series.first_week + timedelta(weeks=week) for week in range(series.weeks)]
    when = [_period(day, agreement, per) for day in days]
    names, periods = tuple(sorted(set(whose))), tuple(dict.fromkeys(when))
    rows = np.array([names.index(name) for name in whose], dtype=np.int64)
    columns = np.array([periods.index(name) for name in when], dtype=np.int64)
    scale = 10**agreement.decimals
    return Sums(names, periods, gathered(scaled(series.values, scale), rows, columns) / scale)


def _name(key: tuple[str, str], agreement: Agreement, catalogue: CatalogueView, by: str) -> str:
    gtin, gln = key
    region = next((name for name in sorted(agreement.regions) if gln in agreement.regions[name]), gln)
    return {"item": gtin, "group": _group(catalogue.items.get(gtin)) or gtin, "place": gln, "region": region,
            "all": "all"}[by]


def _period(day: date, agreement: Agreement, per: str) -> str:
    """A week counts in the month that holds its middle day."""
    if per == "fiscal" and agreement.fiscal is not None:
        return fiscal_period(agreement.fiscal, day).name
    return f"{day + timedelta(days=WEEK // 2):%Y-%m}" if per == "month" else str(day)


async def revise_sum(
    units: Units, agreement: str, author: str, measure: PlanMeasure, span: Span, total: float, *, clock: Clock,
    seen: int | None = None,
) -> Accepted:
    """Make the cells of `span` in `author`'s newest view add up to `total`, each in proportion to what it says; then as
    `revise`, fences and all. Raises NotFound without a view, Reject for an empty span, and what `revise` raises."""
    async with units.worker() as unit:
        found = {a.name: a for a in await unit.partners.agreements()}.get(agreement)
        if found is None:
            raise NotFound(f"there is no agreement {agreement!r}", reason="UNKNOWN_AGREEMENT")
        latest = await unit.plans.latest(agreement, author, measure)
        catalogue = await unit.catalogue.snapshot()
    if latest is None:
        raise NotFound(f"{author} has no {measure.replace('_', ' ')} in agreement {agreement!r} yet", reason="NO_VIEW")
    version, view = latest
    cells = _cells(span, view, found, catalogue)
    scale = 10**found.decimals
    new = edited(scaled(view.values, scale), cells, round(total * scale))
    edits = [_edit(view, row, week, new, scale) for row, week in np.argwhere(cells).tolist()]
    return await revise(units, agreement, author, measure, edits, clock=clock, seen=seen or version.id)


def _cells(span: Span, view: Series, agreement: Agreement, catalogue: CatalogueView) -> Mask:
    rows = np.array(span.rows(view.keys, agreement, catalogue), dtype=np.bool_)
    weeks = np.array(span.weeks(view), dtype=np.bool_)
    return np.asarray(rows[:, None] & weeks[None, :] & ~np.isnan(view.values))


def _edit(view: Series, row: int, week: int, new: Integers, scale: int) -> Edit:
    return Edit(*view.keys[row], view.first_week + timedelta(weeks=week), float(new[row, week]) / scale)
