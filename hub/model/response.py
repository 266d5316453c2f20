"""Order response: X12 855, EDIFACT ORDRSP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from hub.model.particulars import TradeLineParticulars, TradeParticulars
from hub.model.party import Party

Answer = Literal["accepted", "accepted_with_changes", "rejected"]
LineAnswer = Literal["accepted", "quantity_changed", "date_changed", "price_changed", "backordered", "substituted",
                     "rejected"]


class OrderResponseLine(TradeLineParticulars):
    """What the seller says to one order line. `ordered` is what was asked, `quantity` what is promised, in `unit`."""

    number: str | None = None
    answer: LineAnswer | None = None
    ordered: Decimal | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    price: Decimal | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    deliver_on: date | None = None


class OrderResponse(TradeParticulars):
    """The seller's answer to an order. `number` is the seller's own, `order_number` the buyer's."""

    order_number: str
    answer: Answer
    purpose: str = "original"
    number: str | None = None
    ordered_on: date | None = None
    responded_on: date | None = None
    deliver_on: date | None = None
    currency: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_to: Party | None = None
    lines: tuple[OrderResponseLine, ...] = ()
