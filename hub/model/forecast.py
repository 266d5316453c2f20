"""Forecast: X12 830, EDIFACT SLSFCT (sales) and DELFOR (orders)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from hub.model.bulk import Bulk
from hub.model.line_aside import BulkParticulars
from hub.model.party import Party
from hub.model.value import Value

ForecastKind = Literal["sales", "order"]
"""What is forecast: what consumers will buy, or what the buyer will order. The two are never compared."""
Bucket = Literal["day", "week", "month", "quarter", "flexible"]
Certainty = Literal["firm", "planned", "immediate"]


class ForecastHeader(BulkParticulars):
    """`start` to `end` (inclusive) is the horizon. `purpose` says what it does to the earlier one of that `number`."""

    number: str | None = None
    purpose: str | None = None
    kind: ForecastKind = "sales"
    issued_on: date | None = None
    start: date | None = None
    end: date | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_to: Party | None = None


class Forecast(Bulk):
    """One line per item, location and bucket; `end` is inclusive and may be null for a bucket named by its start.
    `time` of that day is HHMM or HHMMSS, local at the place."""

    Header: ClassVar[type[Value]] = ForecastHeader
    spare: ClassVar[frozenset[str]] = frozenset({"certainty", "time"})
    COLUMNS: ClassVar[dict[str, type]] = {
        "gtin": str, "buyer_item": str, "seller_item": str,
        "location": str, "scheme": str, "bucket": str, "certainty": str,
        "start": date, "time": str, "end": date, "quantity": float, "unit": str,
    }
