"""Inventory report: X12 846, EDIFACT INVRPT. What lies where at one moment."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from hub.model.bulk import Bulk
from hub.model.line_aside import BulkParticulars
from hub.model.party import Party
from hub.model.value import Value


class InventoryHeader(BulkParticulars):
    """`as_of` is the moment of the count for every line that names none of its own."""

    number: str | None = None
    purpose: str | None = None
    issued_on: date | None = None
    as_of: date | None = None
    buyer: Party | None = None
    seller: Party | None = None
    reporter: Party | None = None


class Inventory(Bulk):
    """One line per item, location and measure (a word of `hub.model.activity.Measure`). `time` of the day `as_of` is
    HHMM or HHMMSS, local at the place."""

    spare: ClassVar[frozenset[str]] = frozenset({"time"})

    Header: ClassVar[type[Value]] = InventoryHeader
    COLUMNS: ClassVar[dict[str, type]] = {
        "gtin": str, "buyer_item": str, "seller_item": str,
        "location": str, "scheme": str, "measure": str,
        "as_of": date, "time": str, "quantity": float, "unit": str,
    }
