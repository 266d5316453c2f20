"""Purchase order: X12 850, EDIFACT ORDERS."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from hub.model.particulars import TradeLineParticulars, TradeParticulars
from hub.model.party import Party

Purpose = Literal["original", "replace", "change", "cancel", "confirmation", "duplicate"]
"""What a document does to an earlier one of the same number."""


class OrderLine(TradeLineParticulars):
    """One ordered item. `quantity` is in `unit` (a word of `schemas/codes/unit.toml`), `price` is per `unit`, net. A
    line of which no quantity was sent orders 0; its sender is told."""

    expected: ClassVar[frozenset[str]] = frozenset({"quantity"})

    number: str | None = None
    quantity: Decimal
    unit: str
    price: Decimal | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    deliver_on: date | None = None


class Order(TradeParticulars):
    """What the buyer asks the seller to deliver. `kind` is a word of `schemas/codes/order_kind.toml`, or the sender's
    code where there is no word; `release` is the call-off's number under `contract`. `rule` says what may be left back,
    substituted or shipped apart (X12 element 563)."""

    spare: ClassVar[frozenset[str]] = TradeParticulars.spare | {"rule"}

    number: str
    purpose: Purpose
    kind: str = "standard"
    release: str | None = None
    contract: str | None = None
    rule: str | None = None
    placed_on: date
    deliver_on: date | None = None
    currency: str | None = None
    department: str | None = None
    promotion: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_to: Party | None = None
    lines: tuple[OrderLine, ...] = ()
