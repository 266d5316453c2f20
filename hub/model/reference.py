"""Numbers of other things that a document points at: contracts, price lists, projects, licences, seals."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from hub.model.said import Said


class Reference(Said):
    """`kind` is a word of `schemas/codes/reference.toml`, or the sender's code where there is no word; `on` its date.

    X12 REF and N9, EDIFACT RFF.
    """

    spare: ClassVar[frozenset[str]] = frozenset(
        {"line", "description", "on", "kind_2", "number_2", "version", "time", "zone"}
    )

    kind: str
    number: str | None = None
    line: str | None = None
    description: str | None = None
    on: date | None = None
    kind_2: str | None = None
    number_2: str | None = None
    """A number that makes the first one whole, and what it is."""
    version: str | None = None
    time: str | None = None
    zone: str | None = None
