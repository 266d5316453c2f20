"""Product activity: X12 852, EDIFACT SLSRPT. What was sold, received, withdrawn or held in a period."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from hub.model.bulk import Bulk
from hub.model.line_aside import BulkParticulars
from hub.model.party import Party
from hub.model.value import Value

Measure = Literal["sold", "on_hand", "on_order", "in_transit", "received", "withdrawn", "returned", "out_of_stock",
                  "lost_sales", "planned_order", "minimum", "maximum", "reserved", "damaged", "adjusted"]


class ActivityHeader(BulkParticulars):
    """`start` to `end` (inclusive) is the reported period of every line that names none of its own."""

    number: str | None = None
    purpose: str | None = None
    issued_on: date | None = None
    start: date | None = None
    end: date | None = None
    buyer: Party | None = None
    seller: Party | None = None
    reporter: Party | None = None


class Activity(Bulk):
    """One line per item, location, measure and period. `location` is the identifier as sent, `scheme` who issued it.

    `price` is what consumers paid for one, `amount` for all of them, as far as the reporter tells.
    """

    spare: ClassVar[frozenset[str]] = frozenset({"price", "amount"})

    Header: ClassVar[type[Value]] = ActivityHeader
    COLUMNS: ClassVar[dict[str, type]] = {
        "gtin": str, "buyer_item": str, "seller_item": str,
        "location": str, "scheme": str, "measure": str,
        "start": date, "end": date, "quantity": float, "unit": str,
        "price": float, "amount": float,
    }
