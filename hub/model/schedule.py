"""Shipping or just-in-time schedule: X12 862, EDIFACT DELJIT. Exactly what to deliver, to the day or the hour."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from hub.model.bulk import Bulk
from hub.model.line_aside import BulkParticulars
from hub.model.party import Party
from hub.model.value import Value

ScheduleBasis = Literal["delivery", "shipment"]
"""Whether the dates are those of arrival at the buyer or of leaving the seller."""


class ScheduleHeader(BulkParticulars):
    """`start` to `end` (inclusive) is the horizon. A later schedule of the same items takes the place of this one."""

    number: str | None = None
    purpose: str | None = None
    basis: ScheduleBasis = "delivery"
    issued_on: date | None = None
    start: date | None = None
    end: date | None = None
    order_number: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_to: Party | None = None


class Schedule(Bulk):
    """One line per item, location and moment. `time` is HHMM, local at the place; `dock` where it is handed over."""

    Header: ClassVar[type[Value]] = ScheduleHeader
    COLUMNS: ClassVar[dict[str, type]] = {
        "gtin": str, "buyer_item": str, "seller_item": str,
        "location": str, "scheme": str, "dock": str, "order_number": str,
        "certainty": str, "bucket": str,
        "start": date, "time": str, "end": date, "quantity": float, "unit": str,
    }
