"""Exceptions as partners tell each other of them: UBL ExceptionCriteria (when is it one?) and ExceptionNotification."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hub.model.forecast import ForecastKind
from hub.model.particulars import LineParticulars, Particulars
from hub.model.party import Party
from hub.model.value import Value


class NamedItem(Value):
    """An item, however it is called."""

    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None


class Criterion(LineParticulars):
    """From when on a difference in `items` is an exception: more than `threshold` of `unit`, compared as `comparison`
    says, between `start` and `end` (inclusive).

    Compared are an activity or metric, or two forecasts of one `forecast_kind`: what `source` says against
    `compared_source`, when they are made within `days` of each other. All codes are UBL's own words.
    """

    number: str
    comparison: str
    threshold: Decimal
    unit: str | None = None
    status: str | None = None
    priority: str | None = None
    resolution: str | None = None
    activity: str | None = None
    metric: str | None = None
    start: date | None = None
    end: date | None = None
    items: tuple[NamedItem, ...] = ()
    forecast_kind: ForecastKind | None = None
    forecast_type: str | None = None
    source: str | None = None
    compared_source: str | None = None
    days: Decimal | None = None


class ExceptionCriteria(Particulars):
    """The thresholds that two partners agree on; in force from `start` to `end`."""

    number: str
    purpose: str = "original"
    issued_on: date | None = None
    start: date | None = None
    end: date | None = None
    buyer: Party | None = None
    seller: Party | None = None
    lines: tuple[Criterion, ...] = ()


class NoticedException(LineParticulars):
    """One exception: `value` of the source against `compared`, `variance` apart, from `start` to `end` (inclusive).

    What is compared is said as in `Criterion`; `forecast_issued_on` is the day of the source's forecast.
    """

    number: str
    status: str | None = None
    priority: str | None = None
    resolution: str | None = None
    compared: Decimal
    compared_unit: str | None = None
    value: Decimal
    unit: str | None = None
    variance: Decimal | None = None
    variance_unit: str | None = None
    activity: str | None = None
    metric: str | None = None
    start: date | None = None
    end: date | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    forecast_kind: ForecastKind | None = None
    forecast_type: str | None = None
    forecast_issued_on: date | None = None
    source: str | None = None
    compared_source: str | None = None


class ExceptionNotice(Particulars):
    """What one partner found to be out of line between `start` and `end`."""

    number: str
    purpose: str = "original"
    issued_on: date | None = None
    start: date | None = None
    end: date | None = None
    buyer: Party | None = None
    seller: Party | None = None
    lines: tuple[NoticedException, ...] = ()
