"""Sums and measurements that a document names beside those that have a field of their own."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from hub.model.said import Said


class Amount(Said):
    """`kind` is a word of `schemas/codes/amount.toml`, or the sender's code where there is no word; in the document's
    currency unless `currency` says another. X12 AMT, EDIFACT MOA."""

    spare: ClassVar[frozenset[str]] = frozenset({"sign", "currency_use", "status"})

    kind: str
    amount: Decimal | None = None
    currency: str | None = None
    sign: str | None = None
    """C for a credit, D for a debit: X12 478."""
    currency_use: str | None = None
    """What the currency is used for: EDIFACT 6343."""
    status: str | None = None


class ControlTotal(Said):
    """A sum over the whole document that only proves that nothing was lost: `kind` says of what (EDIFACT 6069, as
    sent). EDIFACT CNT."""

    kind: str
    value: Decimal | None = None
    unit: str | None = None


class Measurement(Said):
    """How heavy, long or warm something is. `kind` is a word of `schemas/codes/measurement.toml`, or the sender's code
    where there is no word. X12 MEA, EDIFACT MEA."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"purpose", "minimum", "maximum", "significance", "attribute", "text", "digits", "surface", "method"}
    )

    purpose: str | None = None
    """X12 737, EDIFACT 6311: of what (a physical dimension, a weight, a count)."""
    kind: str | None = None
    value: Decimal | None = None
    unit: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    significance: str | None = None
    attribute: str | None = None
    text: str | None = None
    digits: str | None = None
    surface: str | None = None
    method: str | None = None


class Quantity(Said):
    """A quantity beside the main one. `kind` is a word of `schemas/codes/quantity.toml`, or the sender's code.

    X12 QTY, EDIFACT QTY.
    """

    spare: ClassVar[frozenset[str]] = frozenset({"text"})

    kind: str
    quantity: Decimal | None = None
    unit: str | None = None
    text: str | None = None
