"""Retail event: UBL RetailEvent. What a retailer or supplier plans to do in shops, and what it shall sell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hub.model.exception_notice import NamedItem
from hub.model.forecast import ForecastKind
from hub.model.order import Purpose
from hub.model.particulars import Particulars
from hub.model.party import Party
from hub.model.value import Value


class PlannedImpact(Value):
    """`amount` in `currency` that an item shall sell more of from `start` to `end` (inclusive), and whose forecast says
    so. `forecast_type` is UBL's word (TOTAL, BASE, PROMOTIONAL)."""

    amount: Decimal
    currency: str
    forecast_kind: ForecastKind
    forecast_type: str
    start: date | None = None
    end: date | None = None


class EventItem(NamedItem):
    """An item that takes part, at `location` (empty: wherever the event is)."""

    number: str | None = None
    location: Party | None = None
    impacts: tuple[PlannedImpact, ...] = ()


class PromotedItem(EventItem):
    """`amount` in `currency` is what the promotion gives for it."""

    amount: Decimal
    currency: str


class Tactic(Value):
    """What is done to sell more, from `start` to `end` (inclusive). All codes are UBL's own words.

    `incentive`: a coupon, a price cut; `display` and `feature`: how shops and print show it; `labelling`: how it is
    packed or labelled for it.
    """

    incentive: str | None = None
    display: str | None = None
    feature: str | None = None
    labelling: str | None = None
    comment: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    start: date | None = None
    end: date | None = None


class Specification(Value):
    """One part of a promotion: its items and what is done for them."""

    number: str | None = None
    items: tuple[PromotedItem, ...] = ()
    tactics: tuple[Tactic, ...] = ()


class Promotion(Value):
    """`kind` is UBL's word (HOLIDAY, STORE_OPENING …). It was handed in on `submitted_on`, first ships on
    `first_ships_on` and is to be accepted until `accept_until`."""

    kind: str
    submitted_on: date | None = None
    first_ships_on: date | None = None
    accept_until: date | None = None
    specifications: tuple[Specification, ...] = ()


class OtherEvent(Value):
    """Something else that changes demand. `kind` is UBL's word (WEATHER, LABOR, COMPETITIVE …)."""

    kind: str
    items: tuple[EventItem, ...] = ()


class EventComment(Value):
    """What somebody wrote about the event, on which day."""

    text: str
    on: date | None = None


class RetailEvent(Particulars):
    """`status` is UBL's word (PLANNED, PROPOSED, ACCEPTED, CANCELED …); both sides may number it, each in its own way.
    It lasts from `start` to `end` (inclusive)."""

    number: str
    purpose: Purpose = "original"
    issued_on: date | None = None
    name: str | None = None
    status: str
    seller_number: str | None = None
    buyer_number: str | None = None
    description: str | None = None
    start: date | None = None
    end: date | None = None
    buyer: Party | None = None
    seller: Party | None = None
    promotion: Promotion | None = None
    other: OtherEvent | None = None
    comments: tuple[EventComment, ...] = ()
