"""Dates that a document names beside those that have a field of their own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from hub.model.value import Value


class Moment(Value):
    """`kind` is a word of `schemas/codes/moment.toml`, or the sender's code where there is no word. `time` is HHMM or
    HHMMSS, local at the place; `until` the last day where a period is meant. A span without days is `length` in
    `length_unit` (ten days from now). X12 DTM and G62, EDIFACT DTM."""

    spare: ClassVar[frozenset[str]] = frozenset({"time", "until", "zone", "form", "period"})

    kind: str
    on: date | None = None
    until: date | None = None
    time: str | None = None
    zone: str | None = None
    """X12 element 623."""
    length: Decimal | None = None
    length_unit: str | None = None
    form: str | None = None
    period: str | None = None
    """A time or period in another form than a date: X12 1251 in the form of 1250."""
