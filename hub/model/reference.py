"""Numbers of other things that a document points at: contracts, price lists, projects, licences, seals."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from hub.model.value import Value


class Reference(Value):
    """`kind` is a word of `schemas/codes/reference.toml`, or the sender's code where there is no word; `on` its date.

    X12 REF and N9, EDIFACT RFF.
    """

    spare: ClassVar[frozenset[str]] = frozenset({"line", "description", "on"})

    kind: str
    number: str | None = None
    line: str | None = None
    description: str | None = None
    on: date | None = None
