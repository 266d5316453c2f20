"""What transport documents have in common: how much is carried, in which equipment, and where."""

from __future__ import annotations

from decimal import Decimal

from hub.model.note import Note
from hub.model.reference import Reference
from hub.model.value import Value


class Load(Value):
    """How heavy, how many and how big. `weight_kind` is a word of `schemas/codes/weight_kind.toml` (gross, net, billed).

    `packages` are pieces, `pallets` (X12: the first lading quantity) what they stand on where both are told.
    """

    weight_kind: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    packages: Decimal | None = None
    pieces: Decimal | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None


class Seal(Value):
    """A seal on a container or trailer."""

    number: str


class Equipment(Value):
    """A trailer, container or car: `initial` (owner's letters) and `number`; `kind` is the sender's code of the type."""

    initial: str | None = None
    number: str
    kind: str | None = None
    owner: str | None = None
    weight_kind: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    seals: tuple[Seal, ...] = ()


class Spot(Value):
    """A place on the way. `code` is a UN/LOCODE or other code; `name` the city where nothing else is told."""

    code: str | None = None
    name: str | None = None
    region: str | None = None
    country: str | None = None


class Goods(Value):
    """Goods as a carrier sees them. `commodity` is a code of `commodity_list` (NMFC, STCC, HS …), `marks` what stands on
    the packages, `packaging` a word of `schemas/codes/packaging.toml`."""

    number: str | None = None
    description: str | None = None
    commodity: str | None = None
    commodity_list: str | None = None
    packaging: str | None = None
    marks: str | None = None
    marks_kind: str | None = None
    loads: tuple[Load, ...] = ()
    notes: tuple[Note, ...] = ()
    references: tuple[Reference, ...] = ()
