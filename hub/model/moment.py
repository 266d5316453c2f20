"""Dates that a document names beside those that have a field of their own."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from hub.model.value import Value


class Moment(Value):
    """`kind` is a word of `schemas/codes/moment.toml`, or the sender's code where there is no word. `time` is HHMM,
    local at the place. X12 DTM and G62, EDIFACT DTM."""

    spare: ClassVar[frozenset[str]] = frozenset({"time"})

    kind: str
    on: date | None = None
    time: str | None = None
