"""The arrangement as documents: the thresholds as exception criteria, the item-site policies as location profiles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from hub.errors import Finding, NotFound
from hub.flow.announce import announce
from hub.flow.context import Context
from hub.flow.dispatch import Dispatch
from hub.flow.tell import base_unit, forecast_kind, named, sides, tell_members
from hub.model.agreement import Agreement, Threshold
from hub.model.agreement import Criterion as Agreed
from hub.model.business_plan import BusinessPlan, SitePolicy
from hub.model.exception_notice import Criterion, ExceptionCriteria, NamedItem
from hub.model.location_profile import LocationProfile, ManagedItem
from hub.model.note import Note
from hub.planning.calendar import WEEK, first_future
from hub.planning.levels import view_of
from hub.ports import Clock, Format, Units

ALWAYS_OVER = "EXCEEDS_EXCEPTION_VALUE"
"""UBL's word for a difference beyond the threshold."""
COMPARED = {"event": "of what is added by an", "range": "by what only one side carries: the"}
"""How the levels are called that are no sums of items and places."""
BELOW = "FALLS_BELOW_EXCEPTION_VALUE"
"""Ours, in the manner of that word: UBL leaves the list open."""


async def tell_arrangement(
    units: Units, formats: Mapping[str, Format], name: str, *, clock: Clock, hub_gln: str
) -> tuple[int, list[Finding]]:
    """Send the agreement's criteria, item-site policies and coming promotions to those who receive such documents.
    Raises NotFound."""
    today = clock.now().date()
    async with units.worker() as unit:
        context = await Context.load(unit, hub_gln, today)
        agreement = next((a for a in context.agreements if a.name == name), None)
        if agreement is None:
            raise NotFound(f"there is no agreement {name!r}", reason="UNKNOWN_AGREEMENT")
        dispatch = Dispatch(unit, context, formats, clock.now())
        sent, findings = await tell_members(
            dispatch, agreement, {"exception_criteria": criteria_document(agreement, context)})
        plan = await unit.business_plans.get(name)
        if plan is not None and plan.policies:
            more, found = await tell_members(
                dispatch, agreement, {"location_profile": profile_document(agreement, plan, context)})
            sent, findings = sent + more, findings + found
        if plan is not None:
            more, found = await announce(dispatch, agreement, plan)
            sent, findings = sent + more, findings + found
        await unit.audit.record("operator", "agreement.told", name, {"messages": sent})
        return sent, findings


def criteria_document(agreement: Agreement, context: Context) -> ExceptionCriteria:
    """The thresholds as UBL ExceptionCriteria: one line for the percent and one for the quantity of each, because both
    must be exceeded; the weeks as they lie today. Then one line for each criterion of performance, which holds as long
    as the agreement."""
    items = tuple(NamedItem.model_validate(named(gtin, agreement, context)) for gtin in agreement.items)
    lines = [line for number, threshold in enumerate(agreement.thresholds, 1)
             for line in _criteria(number, threshold, agreement, items, context)]
    lines += [_metric(number, one, agreement, items) for number, one in enumerate(agreement.metrics, 1)]
    return ExceptionCriteria.model_validate({
        "number": f"{agreement.name}-criteria", "issued_on": context.today, "start": agreement.valid_from,
        "end": agreement.valid_to, "lines": tuple(lines), **sides(agreement, context)})


def _criteria(
    number: int, threshold: Threshold, agreement: Agreement, items: tuple[NamedItem, ...], context: Context
) -> list[Criterion]:
    first = first_future(context.today, agreement.week_start)
    last = min(threshold.to_week, agreement.horizon_weeks)
    words = (f"An exception exceeds {threshold.percent:f} percent of the mean AND {threshold.quantity:f} base units, "
             f"weeks {threshold.from_week} to {last} from now, {COMPARED.get(threshold.level, 'added up by')} "
             f"{threshold.level.replace('_', ' ')}.")
    return [
        Criterion(
            number=f"{number}.{part}", comparison=ALWAYS_OVER, threshold=value, unit=unit,
            start=first + timedelta(weeks=threshold.from_week - 1), end=first + timedelta(weeks=last, days=-1),
            items=items, forecast_kind=forecast_kind(threshold.measure or view_of(agreement)),
            forecast_type="PROMOTIONAL" if threshold.level == "event" else "TOTAL",
            source="BUYER", compared_source="SELLER", notes=(Note(text=words),))
        for part, (value, unit) in enumerate(((threshold.percent, "percent"), (threshold.quantity, "each")), 1)]


def _metric(number: int, one: Agreed, agreement: Agreement, items: tuple[NamedItem, ...]) -> Criterion:
    """`days`: a forecast counts when it was made at most so long before. A criterion of the shelf compares no
    forecasts."""
    least, last = one.metric == "in_stock", min(one.to_week, agreement.horizon_weeks)
    words = f"At {'least' if least else 'most'} {one.percent:f} percent {one.metric.upper()} of each planning family"
    forecast = {} if least else {
        "forecast_kind": "sales", "forecast_type": "TOTAL", "source": (one.measure or "any").upper(),
        "compared_source": "ACTUAL", "days": Decimal(last * WEEK)}
    words += "." if least else f", forecast {one.from_week} to {last} weeks ahead."
    return Criterion.model_validate({
        "number": f"M{number}", "comparison": BELOW if least else ALWAYS_OVER, "threshold": one.percent,
        "unit": "percent", "metric": one.metric.upper(), "items": items, "notes": (Note(text=words),), **forecast})


def profile_document(agreement: Agreement, plan: BusinessPlan, context: Context) -> LocationProfile:
    """The item-site policies of the joint business plan as UBL TradeItemLocationProfile."""
    lines = tuple(_managed(policy, agreement, context) for policy in plan.policies)
    return LocationProfile.model_validate({
        "number": f"{agreement.name}-profile", "issued_on": context.today, "status": "update",
        "start": agreement.valid_from, "end": agreement.valid_to, "lines": lines, **sides(agreement, context)})


def _managed(policy: SitePolicy, agreement: Agreement, context: Context) -> ManagedItem:
    rules, unit = agreement.replenishment, base_unit(policy.gtin, context)
    return ManagedItem.model_validate({
        **named(policy.gtin, agreement, context), "location": policy.gln, "scheme": "gln", "start": policy.start,
        "end": policy.end, "frozen_days": Decimal(agreement.fences.frozen * WEEK),
        "order_interval_days": Decimal(rules.review_weeks * WEEK), "minimum_stock": policy.minimum,
        "minimum_stock_unit": unit if policy.minimum is not None else None, "target_stock": policy.maximum,
        "target_stock_unit": unit if policy.maximum is not None else None, "service_percent": rules.service * 100})
