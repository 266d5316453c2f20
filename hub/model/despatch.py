"""Despatch advice, or advance ship notice: X12 856, EDIFACT DESADV. What is on its way, and in which boxes.

The goods are a tree of handling units: pallets hold cartons, cartons hold items. What stands in no box is in `items`
of the despatch itself. Which order an item belongs to is said by the item, because one pallet may hold several orders.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from hub.model.amount import Measurement, Quantity
from hub.model.equipment import Equipment
from hub.model.marks import Label
from hub.model.moment import Moment
from hub.model.packing import Packing
from hub.model.particulars import LineParticulars, Particulars
from hub.model.party import OtherParty, Party
from hub.model.reference import Reference
from hub.model.said import Said
from hub.model.terms import DeliveryTerms

UnitKind = Literal["tare", "pack"]
"""tare: what is moved as one (a pallet, a skid); pack: what stands on it or is sent alone (a carton)."""


class DespatchedItem(LineParticulars):
    """`quantity` in `unit` is in this place of the tree. `ordered` is what the order line asked for.

    `order_number` and `order_line` are the buyer's; `units` are boxes that hold nothing but parts of this quantity.
    """

    spare: ClassVar[frozenset[str]] = LineParticulars.spare | {"sent_to_date"}

    number: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    ordered: Decimal | None = None
    sent_to_date: Decimal | None = None
    """So much of the item was sent in all, this despatch included."""
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


class HandlingUnit(Said):
    """One box or pallet, or `count` alike ones. `sscc` is its 18 digits (AI 00), `label` another mark on it.

    `packaging` is a word of `schemas/codes/packaging.toml`; `gross_weight` is in `weight_unit`.
    """

    spare: ClassVar[frozenset[str]] = frozenset(
        {"references", "packings", "quantities", "marks", "order_number", "quantity", "unit"}
    )

    kind: UnitKind | None = None
    sscc: str | None = None
    label: str | None = None
    count: int | None = None
    packaging: str | None = None
    gross_weight: Decimal | None = None
    weight_unit: str | None = None
    references: tuple[Reference, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    packings: tuple[Packing, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    marks: tuple[Label, ...] = ()
    """Further marks on it, and further ones of it."""
    order_number: str | None = None
    """The buyer's order for what is in it, where that is said of the box itself; `quantity` in `unit` likewise."""
    quantity: Decimal | None = None
    unit: str | None = None
    items: tuple[DespatchedItem, ...] = ()
    units: tuple[HandlingUnit, ...] = ()


class DespatchedOrder(Said):
    """An order that the despatch fulfils wholly or in part. `number` is the buyer's, `seller_number` the seller's."""

    spare: ClassVar[frozenset[str]] = frozenset({"release"})

    number: str
    ordered_on: date | None = None
    seller_number: str | None = None
    release: str | None = None
    references: tuple[Reference, ...] = ()
    dates: tuple[Moment, ...] = ()
    parties: tuple[OtherParty, ...] = ()


class Despatch(Particulars):
    """What a seller sends, told ahead. `packages` is the count of pieces that the carrier was given.

    `bill_of_lading` and `tracking` are the carrier's numbers, `carrier` its SCAC or other code; `payment` of the
    carriage is a word of `schemas/codes/freight_payment.toml`.
    """

    spare: ClassVar[frozenset[str]] = Particulars.spare | {
        "carrier_sequence", "transport_mode", "transport_status", "total_quantity", "total_unit",
    }

    number: str
    purpose: str = "original"
    issued_on: date | None = None
    shipped_on: date | None = None
    deliver_on: date | None = None
    shipping_order_number: str | None = None
    """Of the owner of the goods, where a warehouse sends them for him."""
    bill_of_lading: str | None = None
    tracking: str | None = None
    payment: str | None = None
    carrier: str | None = None
    carrier_name: str | None = None
    carrier_sequence: str | None = None
    transport_mode: str | None = None
    """A word of `schemas/codes/transport_mode.toml`."""
    transport_status: str | None = None
    equipment: tuple[Equipment, ...] = ()
    delivery_terms: tuple[DeliveryTerms, ...] = ()
    total_quantity: Decimal | None = None
    total_unit: str | None = None
    measurements: tuple[Measurement, ...] = ()
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
