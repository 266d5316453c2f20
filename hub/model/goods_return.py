"""Returns: X12 180, EDIFACT RETANN and RETINS. What is to go back, why, and what the seller says to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from hub.model.charge import Charge
from hub.model.particulars import LineParticulars, Particulars
from hub.model.party import Party

Stage = Literal["announced", "instructed"]
"""announced: the buyer asks or tells (RETANN); instructed: the seller answers what is to be done (RETINS). An X12 180
is both and says which only by its content: there `stage` stays empty."""


class ReturnLine(LineParticulars):
    """`quantity` in `unit` of one item. `price` is what was paid for a unit, of
    `price_kind` (`schemas/codes/price_kind.toml`).

    `reason` says why it goes back (a word of `schemas/codes/return_reason.toml`), `disposition` what is done with it
    (`return_disposition.toml`), `answer` why the seller objects (`return_answer.toml`).
    """

    number: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    price: Decimal | None = None
    price_kind: str | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    reason: str | None = None
    disposition: str | None = None
    answer: str | None = None
    remark: str | None = None
    order_number: str | None = None
    order_line: str | None = None
    ordered_on: date | None = None
    invoice_number: str | None = None
    charges: tuple[Charge, ...] = ()


class GoodsReturn(Particulars):
    """Goods that a buyer sends back, or wants to. `authorization` is the seller's leave (RMA number).

    `reason`, `disposition` and `answer` hold for every line that says no other.
    """

    number: str
    stage: Stage | None = None
    purpose: str = "original"
    issued_on: date | None = None
    authorization: str | None = None
    order_number: str | None = None
    ordered_on: date | None = None
    reason: str | None = None
    disposition: str | None = None
    answer: str | None = None
    remark: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_from: Party | None = None
    ship_to: Party | None = None
    charges: tuple[Charge, ...] = ()
    lines: tuple[ReturnLine, ...] = ()
