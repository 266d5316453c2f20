"""Streams a file into interchange headers, control segments and whole transactions. Holds one transaction at a time.

Delimiters are read anew at every ISA: the element separator is its fourth byte, ISA16 and the byte after it are the
component separator and the segment terminator (X12.5 section 3.2), found by counting separators, because real headers
are not always padded to their widths.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from adapters.mapping.columns.block import Array, Block
from adapters.mapping.dialect import COMPONENT, REPEAT, Row, without_bare_ends
from adapters.mapping.window import Window

ISA_WIDTHS = (3, 2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
ISA_LIMIT = 400
SEGMENT_LIMIT = 1 << 20
BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The separators of one interchange, one character each; `repetition` from release 00402 on."""

    element: bytes
    component: bytes
    segment: bytes
    repetition: bytes = b""

    @property
    def end(self) -> str:
        return decoded(self.segment)

    @property
    def between(self) -> str:
        return decoded(self.element)

    @property
    def signs(self) -> tuple[str, str]:
        """Between components and between repetitions; a blank where there is none."""
        return decoded(self.component) or " ", decoded(self.repetition) or " "


@dataclass(frozen=True, slots=True)
class Piece:
    """A control segment outside of transactions: its elements as sent, and where it stands."""

    row: Row
    offset: int


@dataclass(frozen=True, slots=True)
class Header(Piece):
    """An ISA. `padded`: its elements have the widths of the standard. `damage` says why it cannot be read."""

    delimiters: Delimiters
    padded: bool = True
    damage: str | None = None


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes between interchanges that belong to none."""

    offset: int
    length: int
    beginning: str


@dataclass(frozen=True, slots=True)
class Endless:
    """No terminator within `SEGMENT_LIMIT`: the rest of the file is not X12."""

    offset: int


@dataclass(frozen=True)
class Cut:
    """One ST up to its SE, or up to where something else begins (then `closed` is False)."""

    content: bytes
    offset: int
    closed: bool
    delimiters: Delimiters

    @cached_property
    def text(self) -> str:
        """Decoded, with our own marks for components and repetitions and no line ends after terminators."""
        marks, end = self.delimiters, self.delimiters.end
        narrow = len(marks.segment) == 1 and not (marks.element + marks.component + marks.segment).isascii()
        text = self.content.decode("latin-1") if narrow else decoded(self.content)
        if "\n" in text or "\r" in text or end + " " in text:
            if end == "\n":  # blanks at the ends of lines belong to nothing
                text = "\n".join(line.rstrip(" \t\r") for line in text.split("\n"))
            text = re.sub(re.escape(end) + r"\s+", lambda _: end, text)
            if end not in "\r\n":  # lines broken in the middle of segments, at 80 columns
                text = text.replace("\r", "").replace("\n", "")
        if marks.component and (sign := decoded(marks.component)) in text:
            text = without_bare_ends(text.replace(sign, COMPONENT), marks.between, end)
        if marks.repetition and (sign := decoded(marks.repetition)) in text:
            text = text.replace(sign, REPEAT)
        return text

    @cached_property
    def head(self) -> Row:
        """The ST."""
        return self.text.partition(self.delimiters.end)[0].split(self.delimiters.between)

    @cached_property
    def tail(self) -> Row | None:
        """The SE, None where there is none."""
        if not self.closed:
            return None
        end = self.delimiters.end
        return self.text.rstrip(end).rpartition(end)[2].split(self.delimiters.between)

    def rows(self) -> Iterator[Row]:
        """The segments between ST and SE; the text is cut in blocks, so that a long message is never a list of all."""
        text, end, element = self.text, self.delimiters.end, self.delimiters.between
        start = text.find(end) + 1 or len(text)
        last = text.rstrip(end).rfind(end) + 1 if self.closed else len(text)
        while start < last:
            stop = text.find(end, min(start + BLOCK, last - 1), last)
            stop = last if stop < 0 else stop
            for segment in text[start:stop].split(end):
                if segment:
                    yield segment.split(element)
            start = stop + 1

    def offset_of(self, number: int) -> int:
        """The byte of the file at which segment `number` (ST is 1) begins; the end when there are fewer."""
        places = self._starts
        return places[number - 1] if number <= len(places) else self.offset + len(self.content.rstrip())

    @cached_property
    def _starts(self) -> Sequence[int]:
        content, end = self.content, self.delimiters.segment
        starts, at = array("Q"), 0
        while at < len(content):
            stop = content.find(end, at)
            stop = len(content) if stop < 0 else stop
            segment = content[at:stop]
            if stripped := segment.strip():
                starts.append(self.offset + at + segment.index(stripped[:1]))
            at = stop + len(end)
        return starts

    def tag_at(self, number: int) -> str:
        """The name of segment `number`, "" behind the last; asked where something is out of order."""
        return self._tags[number - 2] if number - 2 < len(self._tags) else ""

    @cached_property
    def _tags(self) -> list[str]:
        return [row[0] for row in self.rows()]


def decoded(content: bytes) -> str:
    """UTF-8 where it is that, Latin-1 where not: every byte means something, nothing is lost."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


@dataclass(frozen=True, slots=True)
class Run:
    """Several whole transactions, one after the other, whose borders are where they should be. `block` has their
    offsets, counted from byte `offset` of the file; `heads` and `tails` are the segments ST and SE in it."""

    block: Block
    offset: int
    delimiters: Delimiters
    heads: Array
    tails: Array

    def cut(self, number: int) -> Cut:
        """One of them (from 0) by itself."""
        start, stop = self.byte(number), int(self.block.end[self.tails[number]])
        return Cut(self.block.content[start - self.offset : stop], start, True, self.delimiters)

    def byte(self, number: int) -> int:
        """The byte of the file at which one of them begins."""
        return self.offset + int(self.block.begin[self.heads[number]])


Part = Header | Piece | Cut | Run | Garbage | Endless


Gather = Callable[[Window, Delimiters], Part | None]
"""Takes more than one transaction at once out of a window that stands at an ST, or nothing."""


def split(source: BinaryIO, gather: Gather | None = None) -> Iterator[Part]:
    """Everything in the file, in order. Where `gather` finds something at an ST, that is the next part."""
    window = Window(source)
    if window.peek(3) == b"\xef\xbb\xbf":
        window.take(3)
    marks: Delimiters | None = None
    while True:
        window.skip_blank()
        if not window.peek(1):
            return
        head = window.peek(3)
        if head == b"ISA":
            header = _header(window)
            marks = header.delimiters if header.damage is None else None
            yield header
        elif marks is None:
            yield _garbage(window)
        else:
            several = gather(window, marks) if gather and head == b"ST" + marks.element else None
            part = several or next_part(window, marks)
            over = isinstance(part, Endless) or (isinstance(part, Piece) and part.row[0] == "IEA")
            yield part
            del several, part  # a block: let it go before the next one is made
            marks = None if over else marks


def _header(window: Window) -> Header:
    offset, head = window.offset, window.peek(ISA_LIMIT)
    element = head[3:4]
    places = [m.start() for m in re.finditer(re.escape(element), head)][:16] if element else []
    broken = len(places) < 16 or len(head) < places[15] + 3 or element.isalnum() or element in b"\r\n"
    if broken:
        window.take(3)
        return Header(["ISA"], offset, Delimiters(b"*", b":", b"~"), False, "it does not have 16 elements")
    last = places[15]
    after = last + 1 + _width(head[last + 1 : last + 5])
    component, segment = head[last + 1 : after], head[after : after + _width(head[after : after + 4])]
    if segment == b" " and (line := re.match(rb"[ \t]*\r?\n", head[after:])):
        segment, after_all = b"\n", after + line.end()  # the ISA, and maybe every line, is padded with blanks
    else:
        after_all = after + len(segment)
    window.take(after_all)
    row = decoded(head[:after]).split(decoded(element))
    if not segment or segment.isalnum() or segment == element:
        return Header(row, offset, Delimiters(element, component, b"~"), False, "no segment terminator follows ISA16")
    padded = tuple(map(len, row)) == ISA_WIDTHS
    repetition = row[11].encode("latin-1", "replace") if row[12] >= "00402" and _is_separator(row[11]) else b""
    if component in (element, segment):  # then nobody can tell components apart, and none are meant
        component = b""
    if repetition in (element, segment, component):
        repetition = b""
    return Header(row, offset, Delimiters(element, component, segment, repetition), padded)


def _width(data: bytes) -> int:
    """Bytes of the character that `data` begins with: more than one where somebody ends segments with an Ö in UTF-8."""
    for width in range(2, 5) if data[:1] >= b"\xc0" else ():
        with suppress(UnicodeDecodeError):
            if len(data[:width].decode("utf-8")) == 1 and len(data) >= width:
                return width
    return 1


def _is_separator(text: str) -> bool:
    """ISA11 is a separator only when it looks like one: older habits leave "U" there."""
    return len(text) == 1 and not text.isalnum() and not text.isspace()


def _garbage(window: Window) -> Garbage:
    """Everything up to the next ISA."""
    offset, beginning, length = window.offset, window.peek(40), 0
    while True:
        at = window.find(b"ISA", limit=0)
        if at >= 0 and not window.peek(at + 4)[at + 3 :].isalnum():
            window.take(at)
            return Garbage(offset, length + at, decoded(beginning[: length + at]))
        step = at + 3 if at >= 0 else max(len(window.data) - window.at - 3, 0)
        length += step
        window.at += step
        if at < 0 and not window.more():
            length += len(window.take(3))
            return Garbage(offset, length, decoded(beginning[:length]))


def next_part(window: Window, marks: Delimiters) -> Part:
    """A transaction, or a single segment outside of any."""
    offset = window.offset
    if window.peek(3) == b"ST" + marks.element:
        return _transaction(window, marks, offset)
    length = window.find(marks.segment, limit=SEGMENT_LIMIT)
    if length < 0:
        rest = len(window.data) - window.at
        if rest > SEGMENT_LIMIT:
            _drain(window)
            return Endless(offset)
        length = rest
    content = window.take(length)
    window.take(len(marks.segment))
    text = decoded(content).strip().replace("\r", "").replace("\n", "")
    return Piece(text.split(marks.between), offset)


def _drain(window: Window) -> None:
    """Go on to the next ISA, or to the end."""
    _garbage(window)


def _transaction(window: Window, marks: Delimiters, offset: int) -> Part:
    """From ST to behind SE, or to before whatever control segment comes instead."""
    end, element = re.escape(marks.segment), re.escape(marks.element)
    border = re.compile(end + rb"\s*(SE|ST|GE|GS|IEA|ISA)" + element)
    looked, last_end = window.at, window.at
    while True:
        found = border.search(window.data, looked)
        if found:
            tag, start = found[1], found.start(1)
            del found
            if tag != b"SE":
                return Cut(window.take(start - window.at), offset, False, marks)
            length = window.find(marks.segment, start - window.at, SEGMENT_LIMIT)
            closed = length >= 0
            content = window.take(length + len(marks.segment) if closed else len(window.data) - window.at)
            return Cut(content, offset, True, marks)
        here = window.at
        last = window.data.rfind(marks.segment, last_end)
        last_end = last if last >= 0 else last_end
        looked = max(last_end, here)
        if len(window.data) - max(last_end, here) > SEGMENT_LIMIT:
            content = window.take(last_end + len(marks.segment) - here)
            return Cut(content, offset, False, marks) if content else _endless(window)
        if not window.more():
            return Cut(window.take(len(window.data) - window.at), offset, False, marks)
        shift = here - window.at
        looked, last_end = looked - shift, last_end - shift


def _endless(window: Window) -> Endless:
    offset = window.offset
    _drain(window)
    return Endless(offset)
