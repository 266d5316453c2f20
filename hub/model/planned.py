"""When how much is wanted, sent or allowed, beside the dates that have a field. Codes are the standard's, as sent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from hub.model.contact import OtherNumber
from hub.model.said import Said
from hub.model.value import Value


class LeadTime(Said):
    """How long something takes. X12 LDT."""

    kind: str
    length: Decimal
    unit: str
    on: date | None = None


class PlannedDelivery(Said):
    """So much of the line at a time and place of its own. X12 SCH."""

    spare: ClassVar[frozenset[str]] = frozenset({"request", "number"})

    quantity: Decimal
    unit: str
    role: str | None = None
    party: str | None = None
    date_kind: str
    on: date
    time: str | None = None
    until_kind: str | None = None
    until: date | None = None
    until_time: str | None = None
    request: str | None = None
    number: str | None = None


class TimedQuantity(Said):
    """So much of a day's quantity at this time of day. X12 JIT."""

    quantity: Decimal
    time: str


class Pattern(Said):
    """On which days and how often is delivered. EDIFACT SCC, X12 SDP, which says up to four kinds of days, each with
    its `times`."""

    kind: str
    requirement: str | None = None
    frequency: str | None = None
    days: str | None = None
    times: str | None = None
    kind_2: str | None = None
    times_2: str | None = None
    kind_3: str | None = None
    times_3: str | None = None
    kind_4: str | None = None
    times_4: str | None = None


class StoreQuantity(Value):
    """So much for this store; both as sent."""

    location: str
    quantity: str


class StoreQuantities(Said):
    """How the quantity of a line is split over stores, in `unit`; `scheme` says who numbers them. X12 SDQ."""

    spare: ClassVar[frozenset[str]] = frozenset({"place"})

    unit: str
    scheme: str | None = None
    place: str | None = None
    stores: tuple[StoreQuantity, ...] = ()


class ShippedBefore(Said):
    """What was shipped or received before, and when. X12 SHP."""

    kind: str | None = None
    quantity: Decimal | None = None
    date_kind: str | None = None
    on: date | None = None
    time: str | None = None
    until: date | None = None
    until_time: str | None = None


class Authorization(Said):
    """How much may be made or bought ahead, until when. X12 ATH."""

    kind: str
    until: date | None = None
    quantity: Decimal | None = None
    most: Decimal | None = None
    since: date | None = None


class Shortfall(Said):
    """How many were shipped, and what became of the others. X12 IT3."""

    shipped: Decimal | None = None
    unit: str | None = None
    status: str | None = None
    difference: Decimal | None = None
    reason: str | None = None


class Loading(Said):
    """How many loads of how many each, and how they are packed. X12 CLD."""

    loads: Decimal
    quantity: Decimal
    packaging: str | None = None
    size: Decimal | None = None
    unit: str | None = None


class Span(Said):
    """From `minimum` to `maximum` of `unit`. `kind` says of what (EDIFACT 6167). EDIFACT RNG."""

    kind: str
    unit: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None


class Stage(Said):
    """One of so many stages. EDIFACT STG."""

    kind: str
    number: Decimal | None = None
    most: Decimal | None = None


class Limitation(Said):
    """What to do where not all can be delivered, or substitutes. EDIFACT DLM."""

    backorder: str | None = None
    instruction_kind: str | None = None
    instruction: str | None = None
    instruction_agency: str | None = None
    instruction_text: str | None = None
    service: str | None = None
    service_agency: str | None = None
    service_text: str | None = None
    substitution: str | None = None


class Split(Said):
    """What is in which container. EDIFACT SGP."""

    container: str
    packages: int | None = None


class Need(Said):
    """Why goods are needed, by codes. X12 DD."""

    code: str | None = None
    list: str | None = None
    number_kind: str | None = None
    number: str | None = None
    quantity: Decimal | None = None
    answer: str | None = None


class AddressPart(Value):
    """A piece of an address: `kind` says which (X12 1106, as sent). X12 NX2."""

    kind: str
    text: str


class LineStatus(Said):
    """What becomes of a line, or of a part of it. X12 ACK."""

    code: str
    quantity: Decimal | None = None
    unit: str | None = None
    date_kind: str | None = None
    on: date | None = None
    request: str | None = None
    item_codes: tuple[OtherNumber, ...] = ()
    agency: str | None = None
    source: str | None = None
    industry: str | None = None


class Multipack(Said):
    """So many of an item are in a pack, and how big that is. X12 PKL."""

    kind: str
    item: str
    unit: str
    quantity: Decimal
    height: Decimal | None = None
    width: Decimal | None = None
    depth: Decimal | None = None
    edge_unit: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    answer: str | None = None


class OrderNumbers(Said):
    """Numbers of orders that are given out ahead, to whom. X12 XPO."""

    number: str
    until: str | None = None
    scheme: str | None = None
    party: str | None = None


class Pallet(Said):
    """How a pallet is built. X12 PAL."""

    kind: str | None = None
    tiers: Decimal | None = None
    blocks: Decimal | None = None
    pack: Decimal | None = None
    unit_weight: Decimal | None = None
    unit_weight_unit: str | None = None
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    edge_unit: str | None = None
    gross_weight: Decimal | None = None
    gross_weight_unit: str | None = None
    gross_volume: Decimal | None = None
    gross_volume_unit: str | None = None
    exchange: str | None = None
    inner: Decimal | None = None


class Route(Said):
    """The carrier that an invoice names, with its equipment. X12 CAD."""

    mode: str | None = None
    owner: str | None = None
    equipment: str | None = None
    carrier: str | None = None
    name: str | None = None
    status: str | None = None
    number_kind: str | None = None
    number: str | None = None
    service: str | None = None


class AddressLine(Said):
    """More lines of a name or an address than one segment holds. X12 N2 and N3."""

    text: str
    text_2: str | None = None


class PartRelease(Said):
    """How far a part is released for production: `status` is X12 682. X12 PRS."""

    status: str
    text: str | None = None


class Maintenance(Said):
    """What is done with the record of an item: a word of `schemas/codes/maintenance.toml`. X12 G53."""

    action: str


class Sums(Said):
    """Further totals of a grocery document, and how it is paid: `bracket` is that of the list of prices by quantity,
    `sizing_factor` what the seller counts full loads by, `method` X12 107. X12 G76 and G31."""

    sizing_factor: Decimal | None = None
    bracket: str | None = None
    method: str | None = None
    amount: Decimal | None = None
    quantity: Decimal | None = None
    weight: Decimal | None = None
