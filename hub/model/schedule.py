"""Shipping or just-in-time schedule: X12 862, EDIFACT DELJIT. Exactly what to deliver, to the day or the hour."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

import polars as pl

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
    SCHEMA: ClassVar[dict[str, Any]] = {
        "gtin": pl.String, "buyer_item": pl.String, "seller_item": pl.String,
        "location": pl.String, "scheme": pl.String, "dock": pl.String, "order_number": pl.String,
        "certainty": pl.String, "bucket": pl.String,
        "start": pl.Date, "time": pl.String, "end": pl.Date, "quantity": pl.Float64, "unit": pl.String,
    }
