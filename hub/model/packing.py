"""How an item is packed, and what else distinguishes it."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from hub.model.said import Said
from hub.model.value import Value


class Packing(Said):
    """One unit of the line holds `pack` inner ones of `size` in `size_unit`; `packages` are so many of `packaging` (a
    word of `schemas/codes/packaging.toml`). Weight, volume and edges are those of one package. X12 PO4, EDIFACT PAC."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"pack", "inner", "size", "size_unit", "weight_kind", "gross_weight", "weight_unit", "volume", "volume_unit",
         "length", "width", "height", "edge_unit", "packages", "packaging", "surface", "number", "number_2", "level",
         "marked", "terms", "kind", "text", "returnable", "load", "packages_inside",
         "colour", "blocks_and_tiers"}
    )

    packages: int | None = None
    packaging: str | None = None
    pack: Decimal | None = None
    inner: Decimal | None = None
    size: Decimal | None = None
    size_unit: str | None = None
    weight_kind: str | None = None
    gross_weight: Decimal | None = None
    weight_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    edge_unit: str | None = None
    surface: str | None = None
    number: str | None = None
    number_2: str | None = None
    packages_inside: Decimal | None = None
    level: str | None = None
    """Inner, intermediate or outer: EDIFACT 7075."""
    marked: str | None = None
    """EDIFACT 7233."""
    terms: str | None = None
    """Who pays for the packaging: EDIFACT 7073."""
    kind: str | None = None
    text: str | None = None
    returnable: str | None = None
    load: str | None = None
    colour: str | None = None
    blocks_and_tiers: str | None = None
    """How many stand in a layer of a pallet, and how many layers there are, three digits each: X12 416."""


class Trait(Said):
    """A further description. `kind` is the standard's code of how it is told (X12 349, EDIFACT 7077), `about` what it
    speaks of (colour, size …: X12 750, EDIFACT 7081), `code` in the list of `agency`, `text` in words.

    X12 PID, EDIFACT IMD.
    """

    spare: ClassVar[frozenset[str]] = frozenset({"language", "agency", "surface", "source", "answer"})

    kind: str | None = None
    about: str | None = None
    agency: str | None = None
    code: str | None = None
    text: str | None = None
    language: str | None = None
    surface: str | None = None
    source: str | None = None
    answer: str | None = None


class Characteristic(Value):
    """A technical property, named in the list of `agency` and in words, and its value, as a code or in words. `kind` is
    the standard's code of the class (EDIFACT 7059). EDIFACT CCI and CAV."""

    kind: str | None = None
    property: str | None = None
    agency: str | None = None
    property_text: str | None = None
    value_code: str | None = None
    value: str | None = None


class PackingLevel(Said):
    """A level of packing: its number, that of the level around it, and how far outside it is (EDIFACT 7075). EDIFACT
    CPS, where it is not what the document is about."""

    number: str
    above: str | None = None
    level: str | None = None
