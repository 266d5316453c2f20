"""Transport order: X12 204 (motor carrier load tender), EDIFACT IFTMIN. What a carrier is to take, and whereto."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from hub.model.cargo import Equipment, Goods, Lading, Leg, Load, Spot
from hub.model.moment import Moment
from hub.model.note import Note
from hub.model.particulars import Particulars
from hub.model.party import OtherParty, Party
from hub.model.reference import Reference
from hub.model.said import Said
from hub.model.value import Value


class CarriedOrder(Value):
    """A part of an order that is loaded or unloaded at a stop. X12 OID."""

    number: str | None = None
    order_number: str | None = None
    line: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    dates: tuple[Moment, ...] = ()
    lading: tuple[Lading, ...] = ()
    goods: tuple[Goods, ...] = ()


class Stop(Said):
    """A place where something is loaded or unloaded. `reason` is a word of `schemas/codes/stop_reason.toml`."""

    number: int
    reason: str
    weight: Decimal | None = None
    weight_unit: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    description: str | None = None
    place: OtherParty | None = None
    dates: tuple[Moment, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    loads: tuple[Load, ...] = ()
    lading: tuple[Lading, ...] = ()
    goods: tuple[Goods, ...] = ()
    orders: tuple[CarriedOrder, ...] = ()
    equipment: tuple[Equipment, ...] = ()


class TransportOrder(Particulars):
    """What a carrier is to take. X12 tells the way by `stops`, each with what is loaded or unloaded; EDIFACT by
    `shipper`, `consignee`, `places`, `carriage` (the legs) and `goods` of the whole.

    `application` says what the carrier is asked for (`schemas/codes/transport_request.toml`), `payment` who pays
    (`freight_payment.toml`). `charge` is the agreed sum, `rate` by `rate_basis` (`rate_basis.toml`).
    `carrier_name` is left out where a dialect has no room for it.
    """

    spare: ClassVar[frozenset[str]] = frozenset({"carrier_name"})

    number: str
    purpose: str = "original"
    application: str | None = None
    issued_on: date | None = None
    respond_by: date | None = None
    respond_time: str | None = None
    carrier: str | None = None
    carrier_name: str | None = None
    payment: str | None = None
    shipper: Party | None = None
    consignee: Party | None = None
    bill_to: Party | None = None
    carriage: tuple[Leg, ...] = ()
    places: tuple[Spot, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    stops: tuple[Stop, ...] = ()
    goods: tuple[Goods, ...] = ()
    weight: Decimal | None = None
    weight_kind: str | None = None
    weight_unit: str | None = None
    rate: Decimal | None = None
    rate_basis: str | None = None
    charge: Decimal | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    packages: Decimal | None = None
