"""The joint forecast of one item at one place, gathered once, for a terminal, a page or a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from hub.app import Hub
from hub.cli.plan.group import the_agreement
from hub.model.agreement import Agreement
from hub.model.exception import ForecastException
from hub.model.item import Item, Location
from hub.model.plan import PlanMeasure, Series
from hub.ports import CatalogueView, Unit

PAST = 15
"""Weeks of history that are shown before the future."""
SHOWN = 200
Weeks = dict[date, float]


@dataclass(frozen=True, slots=True)
class Joint:
    """What both sides, history and the hub say of `item` at `place`, by week, base units. `views` has the keys buyer,
    seller, baseline, consensus, order, stock; `error` is the standard deviation of a week's baseline. `here` are the
    exceptions of this item and place, `elsewhere` the dearest of the agreement."""

    agreement: Agreement
    catalogue: CatalogueView
    item: Item
    place: Location
    views: dict[str, Weeks]
    history: Weeks
    error: float
    here: tuple[ForecastException, ...]
    elsewhere: tuple[ForecastException, ...]

    @property
    def weeks(self) -> list[date]:
        """Of the future, in order."""
        return sorted({week for view in self.views.values() for week in view})


async def gather(hub: Hub, name: str, item: str | None, place: str | None) -> Joint:
    """Of the item and place most in dispute where they are left out. Raises NotFound."""
    async with hub.units.worker() as unit:
        agreement = await the_agreement(unit, name)
        worst = (await unit.exceptions.list(agreement=name, limit=SHOWN)).rows
        gtin = (item or (worst[0].gtin if worst else agreement.items[0])).zfill(14)
        gln = place or (worst[0].gln if worst else agreement.locations[0])
        catalogue = await unit.catalogue.snapshot()
        measure: PlanMeasure = "order_forecast" if agreement.demand == "orders" else "sales_forecast"
        wanted: list[tuple[str, str, PlanMeasure]] = [
            ("buyer", agreement.partner("buyer"), measure), ("seller", agreement.partner("seller"), measure),
            ("baseline", "hub", "baseline"), ("consensus", "hub", "consensus"), ("order", "hub", "order_forecast"),
            ("stock", "hub", "on_hand_projection"), ("error", "hub", "forecast_error"),
        ]
        found = {title: await unit.plans.latest(name, author, what) for title, author, what in wanted}
        views = {title: of(version[1], gtin, gln) for title, version in found.items() if version}
        error = next(iter(views.pop("error", {}).values()), float("nan"))
        return Joint(
            agreement, catalogue, catalogue.items[gtin], catalogue.locations[gln], views,
            await _history(unit, agreement, gtin, gln, min((min(v) for v in views.values() if v), default=None)), error,
            tuple(e for e in worst if (e.gtin, e.gln) == (gtin, gln)),
            tuple(e for e in worst if (e.gtin, e.gln) != (gtin, gln)))


async def _history(unit: Unit, agreement: Agreement, gtin: str, gln: str, first: date | None) -> Weeks:
    if agreement.demand == "orders" or first is None:
        return {}
    rows = await unit.observations.history(
        agreement.name, agreement.demand, first - timedelta(weeks=PAST), first - timedelta(days=1))
    mine = rows.filter(gtin=gtin, gln=gln).group_by("period").agg(pl.col("quantity").sum())
    return dict(sorted(zip(mine["period"].to_list(), mine["quantity"].to_list(), strict=True)))


def of(series: Series, gtin: str, gln: str) -> Weeks:
    """The known weeks of one item at one place."""
    if (gtin, gln) not in series.keys:
        return {}
    values = series.values[series.keys.index((gtin, gln))]
    return {
        series.first_week + timedelta(weeks=week): float(value)
        for week, value in enumerate(values) if not np.isnan(value)
    }
