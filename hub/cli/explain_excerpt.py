"""The segment that a finding is about, cut out of the file again, with the characters that are meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from adapters.edifact.marks import CHARSETS
from hub.errors import Finding
from hub.model.finding import name_of

READ = 16 * 1024
"""Bytes that are looked at: a longer segment is shown up to there."""
WIDTH = 150
NOT_A_SEGMENT = {"TRUNCATED", "MANY-FINDINGS", "EMPTY", "NO-FORMAT", "NO-TERMINATOR"}
"""Findings about what is not there, or about the file as a whole."""
BARE = {"segment": "'", "element": "+", "component": ":", "release": "?"}
"""The service characters of an EDIFACT message that has no interchange around it."""
CONTROLS = {n: 0x2400 + n for n in range(32)} | {0x7F: 0x2421} | dict.fromkeys(range(128, 160), 65533)
CONTROLS |= dict.fromkeys((*range(8203, 8208), *range(8232, 8239), *range(8288, 8304), 65279), 65533)
"""Signs that a terminal would obey, or that turn a text around: each becomes a picture of itself."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A segment as sent; `text[start:stop]` is what is wrong, empty where something is missing."""

    text: str
    start: int
    stop: int
    cut_before: bool = False
    cut_after: bool = False

    @property
    def before(self) -> str:
        return self.text[: self.start]

    @property
    def meant(self) -> str:
        return self.text[self.start : self.stop]

    @property
    def after(self) -> str:
        return self.text[self.stop :]

    @property
    def carets(self) -> str:
        """A line of blanks and carets to stand below the text."""
        return " " * self.start + "^" * max(self.stop - self.start, 1)

    def narrowed(self, width: int = WIDTH) -> Excerpt:
        """At most so many characters, those around what is meant."""
        if len(self.text) <= width:
            return self
        first = max(0, min(self.start - width // 3, len(self.text) - width))
        last = min(len(self.text), first + width)
        text = ("…" if first else "") + self.text[first:last] + ("…" if last < len(self.text) else "")
        shift = first - bool(first)
        return Excerpt(text, self.start - shift, min(self.stop, last) - shift, bool(first), last < len(self.text))


def visible(text: str) -> str:
    """A text from a file, with nothing in it that a terminal or a browser would take for an order."""
    return text.translate(CONTROLS)


def excerpt(file: BinaryIO, item: Finding, syntax: Mapping[str, str]) -> Excerpt | None:
    """The segment at the finding's offset; None where the finding is not about one. `syntax` is the interchange's."""
    if item.where.offset is None or name_of(item) in NOT_A_SEGMENT:
        return None
    syntax = syntax or (BARE if "-EDIFACT-" in item.code and item.where.tag else {})
    file.seek(item.where.offset)
    text = _decoded(file.read(READ), syntax)
    end, release = syntax.get("segment") or "\n", syntax.get("release", "")
    text = text[: next((at for at in _places(text, end, release)), len(text))].rstrip()
    if end not in "\r\n":
        text = text.replace("\r", "").replace("\n", "")  # a line broken at column 80
    start, stop = _span(text, item, syntax, release)
    return Excerpt(visible(text), start, stop) if text else None


def _decoded(content: bytes, syntax: Mapping[str, str]) -> str:
    charset = CHARSETS.get(syntax.get("charset", ""), "utf-8")
    for name in (charset, "utf-8"):
        try:
            return content.decode(name)
        except UnicodeDecodeError as broken:
            if broken.start > len(content) - 4:  # cut in the middle of a letter by ourselves
                return content[: broken.start].decode(name)
    return content.decode("latin-1")


def _span(text: str, item: Finding, syntax: Mapping[str, str], release: str) -> tuple[int, int]:
    """From where to where: a component, an element, the segment's name, or the place before it."""
    where, between = item.where, syntax.get("element", "")
    elements = _cuts(text, 0, len(text), between, release)
    tag = text[: elements[0][1]]
    if not where.element:
        return (0, len(tag)) if tag == (where.tag or tag) else (0, 0)
    if tag != where.tag:
        return 0, 0
    if where.element >= len(elements):
        return len(text), len(text)
    start, stop = elements[where.element]
    if where.repeat and (sign := syntax.get("repetition", "")):
        start, stop = _nth(_cuts(text, start, stop, sign, release), where.repeat)
    if where.component and tag != "ISA" and (sign := syntax.get("component", "")):
        start, stop = _nth(_cuts(text, start, stop, sign, release), where.component)
    return start, stop


def _nth(cuts: list[tuple[int, int]], number: int) -> tuple[int, int]:
    """The cut of that number (from 1), or the place behind the last."""
    return cuts[number - 1] if number <= len(cuts) else (cuts[-1][1], cuts[-1][1])


def _cuts(text: str, start: int, stop: int, sign: str, release: str) -> list[tuple[int, int]]:
    """Where the pieces between separators begin and end."""
    places = _places(text[start:stop], sign, release) if sign else []
    edges = [start - 1, *(start + at for at in places), stop]
    return [(before + 1, after) for before, after in pairwise(edges)]


def _places(text: str, sign: str, release: str) -> list[int]:
    """Every place of `sign` that is not released."""
    if not release:
        return [at for at, one in enumerate(text) if one == sign]
    found, at = [], 0
    while at < len(text):
        if text[at] == release:
            at += 2
            continue
        if text[at] == sign:
            found.append(at)
        at += 1
    return found
