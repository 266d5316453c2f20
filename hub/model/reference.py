"""Numbers of other things that a document points at: contracts, price lists, projects, licences, seals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from hub.model.said import Said


class Reference(Said):
    """`kind` is a word of `schemas/codes/reference.toml`, or the sender's code where there is no word; `on` its date.

    X12 REF and N9, EDIFACT RFF.
    """

    spare: ClassVar[frozenset[str]] = frozenset(
        {"line", "description", "on", "version", "time", "zone"}
        | {f"{name}_{at}" for name in ("kind", "number") for at in (2, 3, 4)}
    )

    kind: str
    number: str | None = None
    line: str | None = None
    description: str | None = None
    on: date | None = None
    kind_2: str | None = None
    number_2: str | None = None
    kind_3: str | None = None
    number_3: str | None = None
    kind_4: str | None = None
    number_4: str | None = None
    """Numbers that make the first one whole, and what each is."""
    version: str | None = None
    time: str | None = None
    zone: str | None = None


class OrderMention(Said):
    """An order that something belongs to: the buyer's `number`, the `line` in it, and how much of it there is. `kind`
    is X12 92. X12 PRF and SPO."""

    number: str
    release: str | None = None
    change: str | None = None
    on: date | None = None
    line: str | None = None
    contract: str | None = None
    kind: str | None = None
    reference: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
