"""Inventory report: X12 846, EDIFACT INVRPT. What lies where at one moment."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import polars as pl

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
    """One line per item, location and measure (a word of `hub.model.activity.Measure`)."""

    Header: ClassVar[type[Value]] = InventoryHeader
    SCHEMA: ClassVar[dict[str, Any]] = {
        "gtin": pl.String, "buyer_item": pl.String, "seller_item": pl.String,
        "location": pl.String, "scheme": pl.String, "measure": pl.String,
        "as_of": pl.Date, "quantity": pl.Float64, "unit": pl.String,
    }
