"""Streams a file into service segments and whole messages. Holds one message at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, cast

from adapters.edifact.marks import Marks, marks_without_una, service_characters, with_syntax
from adapters.mapping.border import border
from adapters.mapping.columns.block import Array, Block
from adapters.mapping.dialect import Row
from adapters.mapping.window import Window

SEGMENT_LIMIT = 1 << 20
BLOCK = 64 * 1024
LONG = 256 * 1024
"""Bytes of a message that is read in pieces if no block held it."""
SERVICE = ("UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ")


@dataclass(frozen=True, slots=True)
class Piece:
    """A service segment outside of messages, and where it stands. UNB carries the marks that hold from there on."""

    row: Row
    offset: int
    marks: Marks
    una: bool = False


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that belong to no interchange. `interactive`: they begin with UIB."""

    offset: int
    length: int
    beginning: str
    interactive: bool = False


@dataclass(frozen=True, slots=True)
class Endless:
    """No terminator within `SEGMENT_LIMIT`."""

    offset: int


@dataclass(frozen=True)
class Cut:
    """One UNH up to its UNT, or up to where something else begins (then `closed` is False)."""

    content: bytes
    offset: int
    closed: bool
    marks: Marks

    @cached_property
    def _shielded(self) -> str:
        return self.marks.shield(self.marks.decode(self.content)).strip()

    @cached_property
    def head(self) -> Row:
        """The UNH."""
        return self.marks.row(self._shielded.partition(self.marks.segment)[0])

    @cached_property
    def tail(self) -> Row | None:
        """The UNT, None where there is none."""
        end = self.marks.segment
        return self.marks.row(self._shielded.rstrip(end).rpartition(end)[2]) if self.closed else None

    def ends(self) -> tuple[Row, Row] | None:
        """UNH and UNT of a message that is closed, found without looking at what lies between; None where something is
        released in them."""
        marks, content = self.marks, self.content
        stop = content.rfind(marks.end)
        start = border(content, marks.end, f"UNT{marks.element}".encode("latin-1"), 0, stop, last=True) + 1
        head, tail = (marks.decode(bytes(some)) for some in (content[: content.find(marks.end)], content[start:stop]))
        if marks.release and marks.release in head + tail:
            return None
        return marks.row(marks.shield(head)), marks.row(marks.shield(tail).strip())

    def rows(self) -> Iterator[Row]:
        """The segments between UNH and UNT."""
        text, end, marks = self._shielded, self.marks.segment, self.marks
        start = text.find(end) + 1 or len(text)
        last = text.rstrip(end).rfind(end) + 1 if self.closed else len(text)
        element, row = marks.element, marks.row
        while start < last:
            stop = text.find(end, min(start + BLOCK, last - 1), last)
            stop = last if stop < 0 else stop
            block = text[start:stop]
            if block.isascii() and end + " " not in block and block[:1] != " ":
                for segment in block.split(end):
                    if segment:
                        yield segment.split(element)
            else:
                for segment in block.split(end):
                    if segment.strip():
                        yield row(segment)
            start = stop + 1

    def offset_of(self, number: int) -> int:
        """The byte of the file at which segment `number` (UNH is 1) begins; the end when there are fewer."""
        places = self._starts
        return places[number - 1] if number <= len(places) else self.offset + len(self.content.rstrip())

    @cached_property
    def _starts(self) -> list[int]:
        content = self.content
        if self.marks.release:
            content = re.sub(re.escape(self.marks.release.encode("iso8859-1")) + b".", b"\0\0", content, flags=re.S)
        starts, at = [], 0
        for segment in content.split(self.marks.end):
            if stripped := segment.strip():
                starts.append(self.offset + at + segment.index(stripped[:1]))
            at += len(segment) + 1
        return starts

    def tag_at(self, number: int) -> str:
        """The name of segment `number`, "" behind the last; asked where something is out of order."""
        return self._tags[number - 2] if number - 2 < len(self._tags) else ""

    @cached_property
    def _tags(self) -> list[str]:
        return [row[0] for row in self.rows()]


@dataclass(frozen=True, slots=True)
class Run:
    """Several whole messages, one after the other, whose borders are where they should be. `block` has their offsets,
    counted from byte `offset` of the file; `heads` and `tails` are the segments UNH and UNT in it."""

    block: Block
    offset: int
    marks: Marks
    heads: Array
    tails: Array

    def cut(self, number: int) -> Cut:
        """One of them (from 0) by itself."""
        start, stop = self.byte(number), self.block.origin(int(self.block.end[self.tails[number]]))
        return Cut(self.block.content[start - self.offset : stop], start, True, self.marks)

    def byte(self, number: int) -> int:
        """The byte of the file at which one of them begins."""
        return self.offset + self.block.origin(int(self.block.begin[self.heads[number]]))


Part = Piece | Cut | Run | Garbage | Endless


Gather = Callable[[Window, Marks], Run | None]
"""Takes more than one message at once out of a window that stands at a UNH, or nothing."""


def split(source: BinaryIO, gather: Gather | None = None) -> Iterator[Part]:
    """Everything in the file, in order. Where `gather` finds something at a UNH, that is the next part."""
    window = Window(source)
    if window.peek(3) == b"\xef\xbb\xbf":
        window.take(3)
    marks, una = Marks(), False
    inside, una_at = False, 0
    while True:
        window.skip_blank()
        head = window.peek(9)
        another = head[:3] == b"UNA" and len(head) == 9 and not head[3:9].strip().isalnum()
        if una and (another or (head[:3].decode("latin-1") not in SERVICE and not inside)):
            yield Garbage(una_at, 9, "UNA")  # it introduces nothing
            marks, una = Marks(), False
        if not head:
            return
        if another:
            una_at = window.offset
            short = head[8:9] in b"\r\n" and head[7:8] != b" "  # five signs: the blank was left out
            marks, una = service_characters(head[:7] + b" " + head[7:8] if short else head), True
            window.take(8 if short else 9)
            continue
        if head[:3] == b"UNB" and not una:
            marks = marks_without_una(window.peek(300))
        tag = head[:3].decode("latin-1")
        if tag in SERVICE or inside:
            part = (gather(window, marks) if gather and tag == "UNH" else None) or _next(window, marks, una)
            if isinstance(part, Piece) and part.row[0] in ("UNB", "UNZ"):
                marks, inside = part.marks, part.row[0] == "UNB"
                if not inside:
                    marks = Marks()
            elif isinstance(part, Cut | Run):
                inside = True
            elif isinstance(part, Endless):
                inside = False
            una = False
            yield part
            del part  # a block: let it go before the next one is made
        else:
            yield _garbage(window)


def _garbage(window: Window) -> Garbage:
    """Everything up to the next UNA, UNB or UNH."""
    offset, beginning, length = window.offset, window.peek(40), 0
    heads = re.compile(rb"UN(A[^A-Za-z0-9\s]|[BH]\+)")
    while True:
        found = heads.search(window.data, window.at + (0 if length else 1))
        if found:
            at = found.start() - window.at
            del found
            window.take(at)
            length += at
            break
        step = max(len(window.data) - window.at - 4, 0)
        window.at += step
        length += step
        if not window.more():
            length += len(window.take(8))
            break
    text = Marks().decode(beginning[:length])
    return Garbage(offset, length, text, text.startswith("UIB"))


def _segment_length(window: Window, marks: Marks, start: int = 0) -> int:
    """Bytes up to the next terminator that is one, -1 when there is none in reach."""
    while True:
        found = window.find(marks.end, start, start + SEGMENT_LIMIT)
        if found < 0 or not marks.released(window.data, window.at + found, window.at):
            return found
        start = found + 1


def _next(window: Window, marks: Marks, una: bool) -> Part:
    offset = window.offset
    if window.peek(3) == b"UNH":
        return _message(window, marks, offset)
    length = _segment_length(window, marks)
    if length < 0:
        length = len(window.data) - window.at
        if length > SEGMENT_LIMIT:
            _garbage(window)
            return Endless(offset)
    content = window.take(length)
    window.take(1)
    row = marks.row(marks.shield(marks.decode(content)))
    if row[0] == "UNB":
        marks = with_syntax(marks, row, una)
        row = marks.row(marks.shield(marks.decode(content)))
    return Piece(row, offset, marks, una)


def _message(window: Window, marks: Marks, offset: int) -> Part:
    """From UNH to behind UNT, or to before whatever service segment comes instead."""
    element = re.escape(marks.element.encode("iso8859-1"))
    border = re.compile(re.escape(marks.end) + rb"\s*(?:(UNT|UNH|UNZ|UNE|UNG|UNB)" + element + rb"|(UNA)[^A-Za-z0-9])")
    looked = last_end = window.at
    while True:
        found = border.search(window.data, looked)
        while found and marks.released(window.data, found.start(), window.at):
            looked = found.start() + 1
            found = border.search(window.data, looked)
        if found:
            tag, start = found[1], found.start(1 if found[1] else 2)
            del found
            if tag != b"UNT":
                return Cut(window.take(start - window.at), offset, False, marks)
            length = _segment_length(window, marks, start - window.at)
            return Cut(_taken(window, length + 1 if length >= 0 else len(window.data) - window.at), offset, True, marks)
        here = window.at
        last_end = max(window.data.rfind(marks.end, last_end), last_end)
        looked = last_end
        if len(window.data) - last_end > SEGMENT_LIMIT:
            content = window.take(last_end - here)
            if content:
                return Cut(content, offset, False, marks)
            _garbage(window)
            return Endless(offset)
        if not window.more():
            return Cut(window.take(len(window.data) - window.at), offset, False, marks)
        shift = here - window.at
        looked, last_end = looked - shift, last_end - shift


def _taken(window: Window, length: int) -> bytes:
    """The next bytes; of a long message those that are here, not a copy of them."""
    return cast(bytes, window.give(length)) if length > LONG else window.take(length)
