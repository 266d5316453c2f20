"""What transport documents have in common: how much is carried, in which equipment, when and where."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hub.model.contact import OtherNumber
from hub.model.moment import Moment
from hub.model.note import Note
from hub.model.reference import Reference
from hub.model.said import Said
from hub.model.terms import Carriage
from hub.model.value import Value


class Load(Value):
    """How heavy, how many and how big. `weight_kind` is a word of `schemas/codes/weight_kind.toml` (gross, net …).

    `packages` and `pieces` are the two counts that X12 AT8 has: what is handled, and what it holds.
    """

    weight_kind: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    packages: Decimal | None = None
    pieces: Decimal | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None


class Seals(Said):
    """Up to four seals on a container or trailer; `set_by` is a code of who set them."""

    number: str
    number_2: str | None = None
    number_3: str | None = None
    number_4: str | None = None
    set_by: str | None = None


class Equipment(Said):
    """A trailer, container or car: `initial` (owner's letters) and `number`; `owner` is a SCAC, `kind` the code of the
    type as sent (X12 element 40, EDIFACT 8155), `category` what it is at all (EDIFACT 8053: CN for a container).

    `length` is in feet and inches (FFII), `height` and `width` in inches, `size_type` an ISO 6346 type, `tare_kind` A
    for actual and E for estimated: all as X12 N7 has them. `fullness`: 4 empty, 5 full (EDIFACT 8169).
    """

    category: str | None = None
    initial: str | None = None
    number: str | None = None
    kind: str | None = None
    fullness: str | None = None
    owner: str | None = None
    position: str | None = None
    weight_kind: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    tare_weight: Decimal | None = None
    tare_kind: str | None = None
    length: str | None = None
    height: Decimal | None = None
    width: Decimal | None = None
    size_type: str | None = None
    weight_allowance: Decimal | None = None
    dunnage: Decimal | None = None
    """The weight of what the goods are secured with."""
    volume: Decimal | None = None
    volume_unit: str | None = None
    ownership: str | None = None
    temperature: str | None = None
    """At which temperature it is kept: X12 319."""
    check_digit: str | None = None
    service: str | None = None
    """Whether goods are taken from door to door, or from pier to pier: X12 56."""
    operator: str | None = None
    car_type: str | None = None
    seals: tuple[Seals, ...] = ()


class Spot(Said):
    """A place on the way. `role` says what happens there (EDIFACT 3227, as sent), `code` is a UN/LOCODE or other code
    of `code_list` of `code_agency` (EDIFACT 1131 and 3055, as sent); `name` the city where nothing else is told."""

    role: str | None = None
    code: str | None = None
    code_list: str | None = None
    code_agency: str | None = None
    name: str | None = None
    region: str | None = None
    country: str | None = None
    dates: tuple[Moment, ...] = ()


class Leg(Carriage):
    """One leg of the way with its places and times; `status` is a word of `schemas/codes/transport_stage.toml`."""

    means_kind: str | None = None
    """What kind of vehicle (EDIFACT 8179, as sent)."""
    places: tuple[Spot, ...] = ()
    dates: tuple[Moment, ...] = ()
    references: tuple[Reference, ...] = ()


class Lading(Value):
    """Packages of one kind with what they hold."""

    packaging: str | None = None
    packages: Decimal | None = None
    unit_weight: Decimal | None = None
    unit_weight_unit: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    item_codes: tuple[OtherNumber, ...] = ()
    description: str | None = None


class Goods(Said):
    """Goods as a carrier sees them. `commodity` is a code of `commodity_list` (a word of `commodity_list.toml`: nmfc,
    stcc, hs), `marks` what stands on the packages, `packaging` a word of `schemas/codes/packaging.toml`."""

    number: str | None = None
    description: str | None = None
    commodity: str | None = None
    commodity_list: str | None = None
    commodity_2: str | None = None
    commodity_list_2: str | None = None
    compartment: str | None = None
    packages: Decimal | None = None
    packaging: str | None = None
    marks: str | None = None
    marks_kind: str | None = None
    gross_weight: Decimal | None = None
    net_weight: Decimal | None = None
    weight_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    loads: tuple[Load, ...] = ()
    notes: tuple[Note, ...] = ()
    references: tuple[Reference, ...] = ()


class Event(Said):
    """Something that happened, or is expected, to a shipment on the way.

    `status` is a word of `schemas/codes/transport_event.toml` or the code as sent, `reason` one of `event_reason.toml`;
    `appointment` instead says which appointment was made (`appointment.toml`). `time` is HHMM in `time_zone` (as sent).
    """

    status: str | None = None
    text: str | None = None
    reason: str | None = None
    appointment: str | None = None
    appointment_reason: str | None = None
    on: date | None = None
    time: str | None = None
    time_zone: str | None = None
