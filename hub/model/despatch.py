"""Despatch advice, or advance ship notice: X12 856, EDIFACT DESADV. What is on its way, and in which boxes.

The goods are a tree of handling units: pallets hold cartons, cartons hold items. What stands in no box is in `items`
of the despatch itself. Which order an item belongs to is said by the item, because one pallet may hold several orders.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from hub.model.order import Purpose
from hub.model.particulars import LineParticulars, Particulars
from hub.model.party import Party
from hub.model.value import Value

UnitKind = Literal["tare", "pack"]
"""tare: what is moved as one (a pallet, a skid); pack: what stands on it or is sent alone (a carton)."""


class DespatchedItem(LineParticulars):
    """`quantity` in `unit` is in this place of the tree. `ordered` is what the order line asked for.

    `order_number` and `order_line` are the buyer's; `units` are boxes that hold nothing but parts of this quantity.
    """

    number: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    ordered: Decimal | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    lot: str | None = None
    expires_on: date | None = None
    order_number: str | None = None
    order_line: str | None = None
    status: str | None = None
    """Whether all was sent: a word of `schemas/codes/shipment_status.toml`."""
    weight_kind: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    units: tuple[HandlingUnit, ...] = ()


class HandlingUnit(Value):
    """One box or pallet, or `count` alike ones. `sscc` is its 18 digits (AI 00), `label` another mark on it.

    `packaging` is a word of `schemas/codes/packaging.toml`; `gross_weight` is in `weight_unit`.
    """

    kind: UnitKind | None = None
    sscc: str | None = None
    label: str | None = None
    count: int | None = None
    packaging: str | None = None
    gross_weight: Decimal | None = None
    weight_unit: str | None = None
    items: tuple[DespatchedItem, ...] = ()
    units: tuple[HandlingUnit, ...] = ()


class DespatchedOrder(Value):
    """An order that the despatch fulfils wholly or in part. `number` is the buyer's, `seller_number` the seller's."""

    number: str
    ordered_on: date | None = None
    seller_number: str | None = None


class Despatch(Particulars):
    """What a seller sends, told ahead. `packages` is the count of pieces that the carrier was given.

    `bill_of_lading` and `tracking` are the carrier's numbers, `carrier` its SCAC or other code; `mode` and `payment` of
    the carriage are words of `schemas/codes/transport_mode.toml` and `freight_payment.toml`.
    """

    number: str
    purpose: Purpose = "original"
    issued_on: date | None = None
    shipped_on: date | None = None
    deliver_on: date | None = None
    shipping_order_number: str | None = None
    """Of the owner of the goods, where a warehouse sends them for him."""
    bill_of_lading: str | None = None
    tracking: str | None = None
    mode: str | None = None
    payment: str | None = None
    carrier: str | None = None
    carrier_name: str | None = None
    packages: int | None = None
    packaging: str | None = None
    gross_weight: Decimal | None = None
    weight_unit: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_from: Party | None = None
    ship_to: Party | None = None
    orders: tuple[DespatchedOrder, ...] = ()
    items: tuple[DespatchedItem, ...] = ()
    units: tuple[HandlingUnit, ...] = ()


DespatchedItem.model_rebuild()
HandlingUnit.model_rebuild()
Despatch.model_rebuild()
