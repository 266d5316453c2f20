"""Streams a file into service segments and whole messages. Holds one message at a time.

Service characters are read anew at every UNA and fall back to `:+.? '` at a UNB without one; the charset follows UNB's
syntax identifier. A terminator, separator or release character that is released is text: it is shielded before anything
is split, because looking back from a separator misreads `ok??'`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from adapters.mapping.columns.block import Array, Block
from adapters.mapping.dialect import COMPONENT, REPEAT, Row
from adapters.mapping.window import Window

SEGMENT_LIMIT = 1 << 20
BLOCK = 64 * 1024
SERVICE = ("UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ")
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
        text = text.replace(self.component, COMPONENT)
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

    def released(self, data: bytearray, at: int, start: int) -> bool:
        """Whether the byte at `at` is text because an odd run of release characters stands before it."""
        if not self.release:
            return False
        sign, run = ord(self.release), 0
        while at - run > start and data[at - run - 1] == sign:
            run += 1
        return run % 2 == 1


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
        return self.offset + self.block.origin(int(self.block.start[self.block.first[self.heads[number]]]))


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
            marks, una = _service_characters(head[:7] + b" " + head[7:8] if short else head), True
            window.take(8 if short else 9)
            continue
        if head[:3] == b"UNB" and not una:
            marks = _marks_without_una(window.peek(300))
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
        else:
            yield _garbage(window)


def _marks_without_una(head: bytes) -> Marks:
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


def _service_characters(una: bytes) -> Marks:
    c = una.decode("iso8859-1")
    release = c[6] if c[6] != " " else ""
    repetition = c[7] if c[7] != " " and not c[7].isalnum() else ""
    return Marks(component=c[3], element=c[4], decimal=c[5], release=release, repetition=repetition, segment=c[8])


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
        marks = _with_syntax(marks, row, una)
        row = marks.row(marks.shield(marks.decode(content)))
    return Piece(row, offset, marks, una)


def _with_syntax(marks: Marks, row: Row, una: bool) -> Marks:
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
            return Cut(window.take(length + 1 if length >= 0 else len(window.data) - window.at), offset, True, marks)
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
