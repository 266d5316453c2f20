"""What a planning run tells the partners of the future, each in its own dialect: the sales that were agreed, and the
orders that follow from them, as firm as the fences make them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from hub.errors import Finding
from hub.flow.context import Context
from hub.flow.planned import HUB, Cycle
from hub.flow.tell import base_unit, named, sides, tell_members
from hub.model.agreement import Agreement
from hub.model.forecast import Forecast, ForecastHeader
from hub.model.plan import PlanMeasure, PlanVersion, Series
from hub.planning.calendar import WEEK


async def tell_views(cycle: Cycle) -> tuple[int, list[Finding]]:
    """Send the members the views that the agreement `tells`: a sales forecast of the consensus, an order forecast. Only
    those who may see a view and have a table for it; how many were sent, and what kept others from it."""
    sent = 0
    findings: list[Finding] = []
    for measure in cycle.agreement.tells:
        found = await cycle.unit.plans.latest(cycle.agreement.name, HUB, measure)
        if found is not None:
            document = forecast_document(cycle.agreement, *found, cycle.context)
            kind = f"{document.header.kind}_forecast"
            done, wrong = await tell_members(cycle.dispatch, cycle.agreement, {kind: document}, measure=measure)
            sent, findings = sent + done, findings + wrong
    return sent, findings


def forecast_document(agreement: Agreement, version: PlanVersion, series: Series, context: Context) -> Forecast:
    """A view of the hub's with a line for each week that it speaks of; weeks inside the frozen fence are firm."""
    rows, weeks = np.nonzero(~np.isnan(series.values))
    lines = [forecast_line(
        *series.keys[row], series.first_week + timedelta(weeks=week), float(series.values[row, week]), agreement,
        context, firm=week < agreement.fences.frozen) for row, week in zip(rows.tolist(), weeks.tolist(), strict=True)]
    header = ForecastHeader.model_validate({
        "number": f"{agreement.name}-{version.id}"[:30], "purpose": "original", "issued_on": context.today,
        "kind": _kind(version.measure), "start": series.first_week, "end": _last(series),
        **sides(agreement, context)})
    return Forecast(header, pl.DataFrame(lines, schema=Forecast.SCHEMA))


def _kind(measure: PlanMeasure) -> str:
    return "order" if measure == "order_forecast" else "sales"


def _last(series: Series) -> date:
    return series.first_week + timedelta(weeks=series.weeks, days=-1)


def forecast_line(
    gtin: str, gln: str, start: date, quantity: float, agreement: Agreement, context: Context, *, firm: bool = False
) -> dict[str, object]:
    """One week of one item at one place, as both sides call it."""
    names = named(gtin, agreement, context)
    return {
        "gtin": gtin, "buyer_item": names["buyer_item"], "seller_item": names["seller_item"], "location": gln,
        "scheme": "gln", "bucket": "week", "certainty": "firm" if firm else "planned", "start": start,
        "end": start + timedelta(days=WEEK - 1), "quantity": round(quantity, agreement.decimals),
        "unit": base_unit(gtin, context)}
