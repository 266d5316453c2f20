"""A request for figures: UBL ItemInformationRequest. What one partner wants to be told about which items."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hub.model.exception_notice import NamedItem
from hub.model.order import Purpose
from hub.model.particulars import Particulars
from hub.model.party import Party
from hub.model.value import Value


class AskedPeriod(Value):
    """From `start` to `end` (inclusive)."""

    start: date | None = None
    end: date | None = None


class AskedItem(NamedItem):
    """An item that is asked about; `quantity` in `unit` is about how much of it (0: whatever there is)."""

    quantity: Decimal = Decimal(0)
    unit: str | None = None


class Question(Value):
    """What is asked: an activity (sales, stock), a forecast or a metric, how often and for which periods. All codes are
    UBL's own words."""

    frequency: str | None = None
    activity: str | None = None
    forecast_type: str | None = None
    metric: str | None = None
    periods: tuple[AskedPeriod, ...] = ()
    items: tuple[AskedItem, ...] = ()


class InformationRequest(Particulars):
    """Several questions from one partner to another, about the time from `start` to `end` (inclusive)."""

    number: str
    purpose: Purpose = "original"
    issued_on: date | None = None
    start: date | None = None
    end: date | None = None
    buyer: Party | None = None
    seller: Party | None = None
    lines: tuple[Question, ...] = ()
