"""What people write to people in a document."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from hub.model.said import Said


class Note(Said):
    """`text` in lines; `kind` is a word of `schemas/codes/note.toml`, or the sender's code where there is no word.

    `title` and `number` (X12 N9 before its MSG) are left out where a dialect has no room for them; `language` is an
    ISO 639 code. X12 NTE, MSG, MTX; EDIFACT FTX.
    """

    spare: ClassVar[frozenset[str]] = frozenset(
        {"title", "number", "kind", "language", "code", "function", "on", "time", "zone", "agency", "form"}
    )

    kind: str | None = None
    function: str | None = None
    """What is to be done with the text: EDIFACT 4453."""
    title: str | None = None
    number: str | None = None
    code: str | None = None
    """A text that both sides know by a code of their own."""
    text: str | None = None
    language: str | None = None
    on: date | None = None
    time: str | None = None
    zone: str | None = None
    agency: str | None = None
    """Whose code it is."""
    form: str | None = None
    """How it is to be printed: X12 934 and the like."""
