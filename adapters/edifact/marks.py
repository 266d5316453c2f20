"""The service characters and the charset of an interchange, and what they make of a text.

Service characters are read anew at every UNA and fall back to `:+.? '` at a UNB without one; the charset follows UNB's
syntax identifier. A terminator, separator or release character that is released is text: it is shielded before anything
is split, because looking back from a separator misreads `ok??'`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from adapters.mapping.dialect import COMPONENT, REPEAT, Row, without_bare_ends

CHARSETS = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOW": "utf-8",
    "UNOY": "utf-8",
}
_SHIELD = 0xE000


@dataclass(frozen=True)
class Marks:
    """The service characters of one interchange, and how its text is encoded."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repetition: str = ""
    segment: str = "'"
    charset: str = "ascii"

    @property
    def signs(self) -> tuple[str, str]:
        """Between components and between repetitions; a blank where there is none."""
        return self.component, self.repetition or " "

    def decode(self, content: bytes) -> str:
        """By the declared charset; what is not of it is taken as UTF-8, else as Latin-1: nothing is lost."""
        for charset in dict.fromkeys((self.charset, "utf-8")):
            try:
                return content.decode(charset)
            except UnicodeDecodeError:
                continue
        return content.decode("iso8859-1")

    def row(self, segment: str) -> Row:
        """The elements of a shielded segment, their shields taken off."""
        row = segment.lstrip().split(self.element)
        return row if segment.isascii() else [text.translate(self._unshield) for text in row]

    def shield(self, text: str) -> str:
        """Released characters out of the way, line ends gone, components and repetitions under our own marks."""
        if self.release and self.release in text:
            text = re.sub(re.escape(self.release) + "(.)", lambda m: self._shields.get(m[1], m[1]), text, flags=re.S)
        if "\n" in text or "\r" in text:
            text = text.replace("\r", "" if self.segment != "\r" else "\r")
            text = text.replace("\n", "") if self.segment != "\n" else text
        text = without_bare_ends(text.replace(self.component, COMPONENT), self.element, self.segment)
        return text.replace(self.repetition, REPEAT) if self.repetition else text

    @cached_property
    def _special(self) -> str:
        return self.component + self.element + self.release + self.repetition + self.segment

    @cached_property
    def _shields(self) -> dict[str, str]:
        return {sign: chr(_SHIELD + ord(sign)) for sign in self._special}

    @cached_property
    def _unshield(self) -> dict[int, str]:
        return {_SHIELD + ord(sign): sign for sign in self._special}

    @cached_property
    def end(self) -> bytes:
        return self.segment.encode("iso8859-1")

    def released(self, data: bytes | bytearray, at: int, start: int) -> bool:
        """Whether the byte at `at` is text because an odd run of release characters stands before it."""
        if not self.release:
            return False
        sign, run = ord(self.release), 0
        while at - run > start and data[at - run - 1] == sign:
            run += 1
        return run % 2 == 1


def marks_without_una(head: bytes) -> Marks:
    """The default service characters, unless this UNB plainly uses others, as some translators write: a line end for
    the apostrophe, or a set of their own."""
    line, _, following = head.partition(b"\n")
    if b"'" not in line and following.lstrip().startswith((b"UNH+", b"UNG+")):
        return Marks(segment="\n")
    own = re.match(rb"UNB([^+A-Za-z0-9])UNO[A-Z]([^A-Za-z0-9])\d\1.*?([^A-Za-z0-9\s])\s*UN[HG]\1", head, re.S)
    if own:
        return Marks(
            element=own[1].decode("latin-1"), component=own[2].decode("latin-1"), segment=own[3].decode("latin-1")
        )
    return Marks()


def service_characters(una: bytes) -> Marks:
    c = una.decode("iso8859-1")
    release = c[6] if c[6] != " " else ""
    repetition = c[7] if c[7] != " " and not c[7].isalnum() else ""
    return Marks(component=c[3], element=c[4], decimal=c[5], release=release, repetition=repetition, segment=c[8])


def with_syntax(marks: Marks, row: Row, una: bool) -> Marks:
    """The marks with the charset of UNB's syntax identifier; repetition only from syntax version 4 on."""
    name, _, version = (row[1] if len(row) > 1 else "").partition(COMPONENT)
    repetition = (marks.repetition if una else "*") if version[:1] == "4" else ""
    return Marks(
        marks.component,
        marks.element,
        marks.decimal,
        marks.release,
        repetition,
        marks.segment,
        CHARSETS.get(name, "ascii"),
    )
