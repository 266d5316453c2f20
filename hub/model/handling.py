"""How goods are packed, loaded and treated on their way. Codes are the standard's, as sent, where nothing else is said.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from hub.model.said import Said


class Wrapping(Said):
    """How something is to be packed, marked or loaded: `about` what (X12 753), in words or by a code of `agency`.

    X12 PKG.
    """

    spare: ClassVar[frozenset[str]] = frozenset({"kind", "about", "agency", "code", "load"})

    kind: str | None = None
    about: str | None = None
    agency: str | None = None
    code: str | None = None
    text: str | None = None
    load: str | None = None
    """How units are loaded: X12 400."""


class LoadSum(Said):
    """How many packages of which kind, with what in them, and how heavy. `packaging` is the standard's code, as sent.

    X12 TD1.
    """

    packaging: str | None = None
    packages: int | None = None
    commodity_list: str | None = None
    commodity: str | None = None
    description: str | None = None
    weight_kind: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None


class Handling(Said):
    """What is to be heeded. `code` says how to treat the goods, `hazard` their class in `hazard_list`.

    X12 TD4, EDIFACT HAN.
    """

    spare: ClassVar[frozenset[str]] = frozenset({"answer", "agency", "service"})

    code: str | None = None
    agency: str | None = None
    text: str | None = None
    hazard_list: str | None = None
    hazard: str | None = None
    answer: str | None = None
    """Y or N, to what the code asks: X12 1073."""
    service: str | None = None
    """What the carrier is asked for beside carrying: X12 560."""


class DangerousGoods(Said):
    """Goods that are dangerous to carry. EDIFACT DGS, X12 H1."""

    spare: ClassVar[frozenset[str]] = frozenset({"text", "contact"})

    regulations: str | None = None
    hazard: str | None = None
    page: str | None = None
    undg: str | None = None
    flashpoint: Decimal | None = None
    flashpoint_unit: str | None = None
    packing_group: str | None = None
    emergency: str | None = None
    medical: str | None = None
    card: str | None = None
    text: str | None = None
    contact: str | None = None


class Extent(Said):
    """Edges of goods or a container, in `unit`. `kind` says of what (EDIFACT 6145). EDIFACT DIM."""

    kind: str | None = None
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    unit: str | None = None


class Temperature(Said):
    """At how many degrees something is kept. `kind` is EDIFACT 6245. EDIFACT TMP."""

    kind: str | None = None
    value: Decimal | None = None
    unit: str | None = None
