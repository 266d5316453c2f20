"""Credit or debit adjustment: X12 812. A sum that is given back or asked for beside an invoice, and why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from hub.model.particulars import LineParticulars, TradeParticulars
from hub.model.party import Party

AdjustmentKind = Literal["credit", "debit"]
"""credit: the receiver is given money; debit: it is asked for it."""


class AdjustmentLine(LineParticulars):
    """`amount` for `reason`, a word of `schemas/codes/adjustment.toml` or the sender's code where there is no word.

    `quantity` in `unit` is what it is about, `price_difference` the error in the price of one, `price` the right one.
    """

    number: str | None = None
    kind: AdjustmentKind
    reason: str
    amount: Decimal | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    price_difference: Decimal | None = None
    price: Decimal | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None


class Adjustment(TradeParticulars):
    """`amount` is the sum of all lines in `currency`; `handling` what the receiver shall do (X12 element 305)."""

    number: str
    kind: AdjustmentKind
    purpose: str = "original"
    issued_on: date | None = None
    amount: Decimal | None = None
    currency: str | None = None
    handling: str | None = None
    invoice_number: str | None = None
    invoiced_on: date | None = None
    order_number: str | None = None
    ordered_on: date | None = None
    seller_order: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    lines: tuple[AdjustmentLine, ...] = ()
