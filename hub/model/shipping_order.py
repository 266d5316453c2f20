"""Warehouse shipping order: X12 940. The owner of goods tells a warehouse what to ship, and to whom."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from hub.model.particulars import LineParticulars, Particulars
from hub.model.party import Party


class ShippingOrderLine(LineParticulars):
    """`quantity` in `unit` is to be shipped; `weight` in `weight_unit` is that of the whole line.

    `lot` is the warehouse's lot to take it from, `pack` how many inner units of `size` a unit holds.
    """

    spare: ClassVar[frozenset[str]] = LineParticulars.spare | {"volume", "volume_unit"}

    quantity: Decimal
    unit: str
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    lot: str | None = None
    pack: Decimal | None = None
    size: Decimal | None = None
    size_unit: str | None = None
    weight_kind: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None


class ShippingOrder(Particulars):
    """What a warehouse is to ship. `number` is the depositor's (who owns the goods), `order_number` the buyer's order.

    `mode`, `payment` and `carrier` (a SCAC) say how: words of `schemas/codes/transport_mode.toml` and
    `freight_payment.toml`. `total_quantity` and `weight` are the sender's sums over all lines.
    """

    number: str
    purpose: str = "original"
    order_number: str | None = None
    ordered_on: date | None = None
    ship_on: date | None = None
    deliver_on: date | None = None
    depositor: Party | None = None
    warehouse: Party | None = None
    ship_to: Party | None = None
    bill_to: Party | None = None
    payment: str | None = None
    mode: str | None = None
    carrier: str | None = None
    routing: str | None = None
    lines: tuple[ShippingOrderLine, ...] = ()
    total_quantity: Decimal | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
