"""What carriers and shippers say of the freight itself. Codes are the standard's, as sent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from hub.model.said import Said


class Tariff(Said):
    """The tariff that a charge follows. X12 L7."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"item_part", "ex_parte", "rate_basis", "column", "distance", "distance_kind", "city", "region"}
    )

    number: str | None = None
    agency: str | None = None
    tariff: str | None = None
    section: str | None = None
    item: str | None = None
    suffix: str | None = None
    freight_class: str | None = None
    on: date | None = None
    item_part: str | None = None
    ex_parte: str | None = None
    rate_basis: str | None = None
    column: str | None = None
    distance: Decimal | None = None
    distance_kind: str | None = None
    city: str | None = None
    region: str | None = None


class ExcessFreight(Said):
    """Why carriage costs more than agreed (`reason`, X12 626), who bears that (`payer`, X12 627), under which number it
    was allowed, and who pays for returning containers. X12 ETD."""

    reason: str
    payer: str
    number_kind: str | None = None
    number: str | None = None
    returnables: str | None = None


class TrailerPlace(Said):
    """Where in the trailer it lies, of a load that `number` counts. X12 TSD."""

    number: str | None = None
    position: str | None = None


class Vessel(Said):
    """A ship with its voyage or flight. `kind` is X12 854, `numbering` says whose the `code` is (X12 897). X12 V1."""

    code: str | None = None
    name: str | None = None
    country: str | None = None
    voyage: str | None = None
    carrier: str | None = None
    required: str | None = None
    kind: str | None = None
    numbering: str | None = None
    mode: str | None = None


class LadingException(Said):
    """So many packages are short, over or damaged: `kind` is X12 33. X12 Q7."""

    kind: str
    packaging: str | None = None
    packages: Decimal | None = None
