"""A transaction that is longer than any block: kept whole, read in pieces, and apart if something about it is odd."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import cast

from adapters.mapping.border import border as before
from adapters.mapping.dialect import COMPONENT
from adapters.mapping.window import Window
from adapters.x12.split import SEGMENT_LIMIT, Cut, Delimiters, Part, next_part


@dataclass(frozen=True)
class Long(Cut):
    """From an ST to behind the next SE. What lies between was not looked at: it may be more than one transaction."""

    def parts(self) -> Iterator[Part]:
        """What a reader that looks at every border finds in it."""
        window = Window(BytesIO(self.content))
        window.base = self.offset
        while True:
            window.skip_blank()
            if not window.peek(1):
                return
            yield next_part(window, self.delimiters)

    def row(self, last: bool) -> list[str]:
        """Its first segment, or its last."""
        marks = self.delimiters
        end = len(self.content) - 1
        start = self.content.rfind(marks.segment, 0, end) + 1 if last else 0
        stop = end if last else self.content.find(marks.segment)
        text = bytes(self.content[start:stop]).decode("latin-1").strip("\r\n")
        if marks.component:
            text = text.replace(marks.component.decode("latin-1"), COMPONENT)
        return text.split(marks.between)


def border(data: bytes | bytearray, marks: Delimiters, tag: bytes, start: int, stop: int, last: bool = False) -> int:
    """Where the terminator before the first segment `tag` stands, or before the `last` one; -1 where there is none."""
    return before(data, marks.segment, tag + marks.element, start, stop, last)


def reach(window: Window, marks: Delimiters) -> Long | None:
    """The transaction that begins here, None where no trailer follows in its interchange, or no terminator
    within `SEGMENT_LIMIT`. All of it is then in memory, once."""
    looked = ended = 0
    while True:
        data, start = window.data, window.at
        found = border(data, marks, b"SE", start + looked, len(data))
        over = data.find(marks.segment, found + 1 + _lead(data, found)) if found >= 0 else -1
        if over >= 0:
            if any(before(data, marks.segment, tag, start, found) >= 0 for tag in AROUND):
                return None
            offset = window.offset
            return Long(cast(bytes, window.give(over + 1 - start)), offset, True, marks)
        looked = max(len(data) - start - TRAILER, 0)
        ended = max(data.rfind(marks.segment, start + ended) - start, ended)
        if len(data) - start - ended > SEGMENT_LIMIT or not window.more():
            return None


AROUND = (b"ISA", b"IEA")
"""Behind one of these another interchange begins, or none: then the transaction has lost its trailer."""
TRAILER = 64
"""A trailer that may have begun at the end of what is here."""


def _lead(data: bytes | bytearray, found: int) -> int:
    return next(n for n in (0, 1, 2) if data[found + 1 + n : found + 2 + n] == b"S")
