"""What both sides have signed, told as a revised forecast: UBL ForecastRevision, X12 830, EDIFACT DELFOR or SLSFCT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
import polars as pl

from hub.errors import Finding
from hub.flow.context import Context
from hub.flow.dispatch import Dispatch
from hub.flow.tell import forecast_kind, sides, tell_members
from hub.flow.told_plan import forecast_line
from hub.model.agreement import Agreement
from hub.model.alert import Alert
from hub.model.exception import ForecastException
from hub.model.forecast import Forecast, ForecastHeader
from hub.model.plan import Series
from hub.ports import Clock, Format, Units


async def tell_revision(
    units: Units, formats: Mapping[str, Format], version: int, exceptions: Sequence[str], *, clock: Clock, hub_gln: str
) -> tuple[int, list[Finding]]:
    """Send the members what the signatures under `exceptions` have changed: the consensus `version`, once, however
    often asked."""
    async with units.worker() as unit:
        if not await unit.plans.told(version):
            return 0, []
        context = await Context.load(unit, hub_gln, clock.now().date())
        signed = [await unit.exceptions.get(name) for name in exceptions]
        agreement = next(a for a in context.agreements if a.name == signed[0].agreement)
        forecast = revision_document(agreement, await unit.plans.series(version), signed, version, context)
        sent, findings = await tell_members(
            Dispatch(unit, context, formats, clock.now()), agreement, {"forecast_revision": forecast})
        for finding in findings:
            await unit.alerts.open(_untold(agreement.name, version, finding))
        return sent, findings


def _untold(agreement: str, version: int, finding: Finding) -> Alert:
    return Alert(
        kind="revision.not_told", subject=f"{agreement} {version}", severity="warning",
        message=f"What both sides of agreement {agreement} have signed could not be written for one of them: "
                f"{finding.message}",
        hint=f"{finding.hint} The consensus holds the number; `hub plan show {agreement}` shows it.")


def revision_document(
    agreement: Agreement, consensus: Series, signed: Sequence[ForecastException], version: int, context: Context
) -> Forecast:
    """The whole horizon of the item-locations that were signed, to stand in the place of what was said before."""
    keys = sorted({(e.gtin, e.gln) for e in signed})
    rows = [(*key, week, value) for key in keys for week, value in enumerate(
        consensus.values[consensus.keys.index(key)].tolist()) if not np.isnan(value)]
    lines = [forecast_line(gtin, gln, consensus.first_week + timedelta(weeks=week), value, agreement, context)
             for gtin, gln, week, value in rows]
    header = ForecastHeader.model_validate({
        "number": f"{agreement.name}-{version}"[:30], "purpose": "replace", "issued_on": context.today,
        "kind": forecast_kind(signed[0].measure), "start": consensus.first_week,
        "end": consensus.first_week + timedelta(weeks=consensus.weeks, days=-1), **sides(agreement, context)})
    return Forecast(header, pl.DataFrame(lines, schema=Forecast.SCHEMA))
