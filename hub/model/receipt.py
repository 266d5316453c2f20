"""Receiving advice: X12 861, EDIFACT RECADV. What arrived, and what was wrong with it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from hub.model.particulars import LineParticulars, Particulars
from hub.model.party import Party

Condition = Literal["good", "damaged", "short", "over", "missing", "wrong_item", "quality", "late", "early", "expired",
                    "refused", "other"]
"""What is said of a quantity that is questioned."""


class ReceiptLine(LineParticulars):
    """`quantity` arrived, `returned` goes back, `questioned` is in dispute because of `condition`; all in `unit`.

    `despatched` is what the despatch advice promised.
    """

    number: str | None = None
    quantity: Decimal | None = None
    despatched: Decimal | None = None
    returned: Decimal | None = None
    questioned: Decimal | None = None
    condition: str | None = None
    unit: str | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    lot: str | None = None
    sscc: str | None = None
    order_number: str | None = None


class Receipt(Particulars):
    """What the buyer says about a delivery. `despatch_number` is the seller's despatch advice."""

    number: str
    purpose: str = "original"
    issued_on: date | None = None
    received_on: date | None = None
    order_number: str | None = None
    despatch_number: str | None = None
    bill_of_lading: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_to: Party | None = None
    lines: tuple[ReceiptLine, ...] = ()
