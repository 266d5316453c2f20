"""Sums and measurements that a document names beside those that have a field of their own."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from hub.model.value import Value


class Amount(Value):
    """`kind` is a word of `schemas/codes/amount.toml`, or the sender's code where there is no word; in the document's
    currency unless `currency` says another. X12 AMT, EDIFACT MOA."""

    kind: str
    amount: Decimal | None = None
    currency: str | None = None


class Measurement(Value):
    """How heavy, long or warm something is. `kind` is a word of `schemas/codes/measurement.toml`, or the sender's code
    where there is no word. X12 MEA, EDIFACT MEA."""

    spare: ClassVar[frozenset[str]] = frozenset({"purpose"})

    purpose: str | None = None
    """X12 737, EDIFACT 6311: of what (a physical dimension, a weight, a count)."""
    kind: str | None = None
    value: Decimal | None = None
    unit: str | None = None


class Quantity(Value):
    """A quantity beside the main one. `kind` is a word of `schemas/codes/quantity.toml`, or the sender's code.

    X12 QTY, EDIFACT QTY.
    """

    kind: str
    quantity: Decimal | None = None
    unit: str | None = None
