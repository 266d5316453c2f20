"""Lines of one shape, by pattern: what the tree says of a line, said again by its text in a fraction of the time.

The tree is still built; only taking the values out goes by text. The first line of a shape is read through the tree.
From its text a pattern is made: all markup literally, attribute values and texts free, those that a column wants as
groups. A line that matches it has the same tree, because it stands in the same place with the same markup. Where our
schema alone judges, a pattern can also prove a line: it has the markup of one that was judged right, any text is
right where it is free, and each other value is one that the schema has found right. Lines that no pattern proves are
judged one by one. Whatever could make text and tree differ is left to the tree: character references, CDATA, comments
and processing instructions (then for the rest of the document), other encodings than UTF-8, values that cannot be
read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from lxml import etree

from adapters.xml.frame import EXACT_DIGITS, Column, FrameTable, Rows, row_nodes, ways_of
from adapters.xml.validate import Judge

PATTERNS = 20
"""So many shapes are remembered; a document with more of them goes by the tree."""
KEPT_TEXTS = 5_000
_TOKEN = re.compile(rb"<[^>]*>|[^<]+")
_TAG = re.compile(rb"<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<&]*\"|'[^'<&]*'))*)(\s*)(/?)>")
_ATTRIBUTE = re.compile(rb"(\s+)([\w:.-]+)(\s*=\s*)(\"[^\"]*\"|'[^']*')")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([\w.-]+)["']""")


class Texts(dict[bytes, Any]):
    """Text of a column to its value, each read once. A miss may raise ValueError. `otherwise`: where there is none."""

    def __init__(self, column: Column, otherwise: Any) -> None:
        super().__init__()
        self.otherwise = otherwise
        self.read = column.slot.choices[0].values
        self.exact = column.slot.choices[0].codec.kind is float
        self.tag = ""
        self.judge: Judge | None = None

    def ask(self, judge: Judge, tag: str) -> bool:
        """From here on hold only texts that are right in elements of this name; False where others are asked for."""
        if self.tag in ("", tag):
            if not self.tag:
                self.clear()
            self.tag, self.judge = tag, judge
        return self.tag == tag

    def __missing__(self, raw: bytes) -> Any:
        text = raw.decode().replace("\r\n", "\n").replace("\r", "\n").strip()
        if self.judge is not None and not self.judge.right(self.tag, text):
            raise ValueError(text)
        if self.exact and len(text) > EXACT_DIGITS:
            raise ValueError(text)
        value = self.read[text] if text else self.otherwise
        if len(self) >= KEPT_TEXTS:
            self.clear()
        self[raw] = value
        return value


@dataclass(frozen=True, slots=True)
class Pattern:
    """`expression` matches a line of this shape, with the blanks before it; `orders` are the groups of each of its
    rows, by column (-1: the last group, which is empty). `tags` is the number of all its tags. `proves`: a line that
    matches is right when each value is that of its column."""

    expression: re.Pattern[bytes]
    orders: tuple[tuple[int, ...], ...]
    tags: int
    proves: bool = False

    def rows(self, found: Sequence[tuple[bytes, ...]]) -> Iterator[Sequence[bytes]]:
        """The columns of matched lines."""
        if len(self.orders) == 1:
            columns = list(zip(*found, strict=True))
            return (columns[at] for at in self.orders[0])
        return zip(*([groups[at] for at in order] for groups in found for order in self.orders), strict=True)


class Kind(Enum):
    """What became of a line: as it was sent, changed (newer elements taken out), or set aside."""

    PLAIN = 0
    CHANGED = 1
    ASIDE = 2


Line = tuple[etree._Element, int, Kind]
"""A finished line, its number in the document, and what became of it."""


@dataclass(slots=True)
class Quick:
    """Follows the text of a document beside its tree. `name` is the line's tag as it is written, with its prefix;
    `judge` our schema, where it is the only one that judges lines."""

    table: FrameTable
    rows: Rows
    name: bytes
    judge: Judge | None = None
    text: bytes = b""
    now: bytes = b""
    patterns: list[Pattern] = field(default_factory=list)
    texts: list[Texts] = field(default_factory=list)
    off: bool = False
    made: int = 0
    started: bool = False

    def __post_init__(self) -> None:
        top = len(self.table.path)
        self.texts = [Texts(c, self.rows.header[c.name] if c.climb == top else c.slot.otherwise)
                      for c in self.table.columns]

    def feed(self, chunk: bytes) -> None:
        """The next bytes, before their lines are taken."""
        if not self.off:
            self.text += chunk

    def stop(self) -> None:
        """From here on the tree alone."""
        self.off, self.text = True, b""

    def cut(self) -> None:
        """The lines that ended since the last `feed` are to be taken, in order."""
        self.now = b"" if self.off else self._cut()

    def proved(self, count: int) -> bool:
        """Take that many lines, when their text alone proves that all of them are right."""
        return bool(self.now and self.patterns and self.patterns[0].proves and self._all_alike(count))

    def take(self, lines: Sequence[Line]) -> None:
        """Take those lines after they were judged; their rows go to `rows`."""
        text = self.now
        plain = all(kind is Kind.PLAIN for _, _, kind in lines)
        if not self.off and not (plain and self._all_alike(len(lines))):
            if b"<!" in text or b"<?" in text or text.count(b"</%s>" % self.name) != len(lines):
                self.stop()
            else:
                self._one_by_one(text, lines)
                return
        if self.off:
            for node, number, kind in lines:
                if kind is not Kind.ASIDE:
                    self.rows.take(node, number)

    def _cut(self) -> bytes:
        """The text of all lines that are complete."""
        start = 0 if self.started else max(self.text.find(b"<%s" % self.name), 0)
        self.started = True
        end = self.text.rfind(b"</%s>" % self.name) + len(self.name) + 3
        text, self.text = self.text[start:end], self.text[end:]
        return text

    def _all_alike(self, count: int) -> bool:
        """Take lines that all have the shape of the one before them: every tag in the text is one of theirs."""
        if not self.patterns:
            return False
        pattern = self.patterns[0]
        if self.now.count(b"<") != count * pattern.tags:
            return False
        found = pattern.expression.findall(self.now)
        return len(found) == count and self._keep(pattern, found)

    def _keep(self, pattern: Pattern, found: Sequence[tuple[bytes, ...]]) -> bool:
        """The rows of matched lines; False where one of their values cannot be read."""
        try:
            columns = [list(map(texts.__getitem__, column))
                       for texts, column in zip(self.texts, pattern.rows(found), strict=True)]
        except (ValueError, OverflowError, ArithmeticError):
            return False
        self.rows.extend(columns, len(columns[0]))
        return True

    def _one_by_one(self, text: bytes, lines: Sequence[Line]) -> None:
        """Lines of several shapes, or with something to tell."""
        at = 0
        for node, number, kind in lines:
            found = self._match(text, at) if kind is Kind.PLAIN else None
            if found and self._keep(found[0], [found[1].groups()]):
                at = found[1].end()
                continue
            if kind is not Kind.ASIDE:
                self.rows.take(node, number)
            end = text.find(b"</%s>" % self.name, at) + len(self.name) + 3
            if kind is Kind.PLAIN and not found:
                self._learn(text[text.find(b"<%s" % self.name, at):end], node)
            at = end

    def _match(self, text: bytes, at: int) -> tuple[Pattern, re.Match[bytes]] | None:
        for pattern in self.patterns:
            if found := pattern.expression.match(text, at):
                return pattern, found
        return None

    def _learn(self, raw: bytes, line: etree._Element) -> None:
        """Make a pattern of one line's text."""
        if b"&" in raw or self.made >= PATTERNS:
            return
        self.made += 1
        if made := pattern(raw, line, self.table):
            self.patterns.insert(0, replace(made, proves=self._proves(line)))

    def _proves(self, line: etree._Element) -> bool:
        """Whether other lines with the markup of this one, which is right, are right when their values are."""
        if self.judge is None:
            return False
        nodes = list(line.iter())
        _, literal, rows = _wanted(line, nodes, self.table)
        texts = {spot: texts for row in rows for spot, texts in zip(row, self.texts, strict=True) if spot}
        for number, node in enumerate(nodes):
            spots: list[Spot] = [(number, None)] if not len(node) else []
            for spot in (*spots, *((number, str(name)) for name in node.attrib)):
                tag, name = str(node.tag), spot[1]
                if spot in literal or (name and "}" in name) or self.judge.free(tag, name):
                    continue
                if name or spot not in texts or not texts[spot].ask(self.judge, tag):
                    return False
        return True


def utf8(head: bytes) -> bool:
    """Whether a document that begins so is UTF-8."""
    declared = _ENCODING.search(head[:200].split(b"?>")[0]) if head.lstrip().startswith(b"<?xml") else None
    return b"\0" not in head[:4] and (declared is None or declared[1].upper() in (b"UTF-8", b"US-ASCII"))


def pattern(raw: bytes, line: etree._Element, table: FrameTable) -> Pattern | None:
    """What matches lines with the markup of this one. None where a column has more than one place in it, or where the
    text cannot be told apart so."""
    nodes = list(line.iter())
    wanted, literal, rows = _wanted(line, nodes, table)
    if wanted is None:
        return None
    parts, groups, number = [rb"\s*"], dict[tuple[int, str | None], int](), -1
    tokens = _TOKEN.findall(raw)
    for index, token in enumerate(tokens):
        if token.startswith(b"</"):
            parts.append(re.escape(token))
        elif token.startswith(b"<"):
            number += 1
            tag = _TAG.fullmatch(token)
            if tag is None or number >= len(nodes):
                return None
            parts.append(_start(tag, number, wanted, literal, groups))
            if not tag[4] and tokens[index + 1].startswith(b"</"):
                parts.append(_text(number, b"", wanted, literal, groups))
        elif tokens[index - 1].startswith(b"</") or not tokens[index + 1].startswith(b"</"):
            parts.append(re.escape(token))
        else:
            parts.append(_text(number, token, wanted, literal, groups))
    expression = re.compile(b"".join((*parts, b"()()")))
    if number + 1 != len(nodes) or expression.fullmatch(raw) is None:
        return None
    orders = tuple(tuple(groups.get(at, -1) if at else -1 for at in row) for row in rows)
    return Pattern(expression, orders, raw.count(b"<"))


Spot = tuple[int, str | None]


def _wanted(line: etree._Element, nodes: list[etree._Element], table: FrameTable) -> tuple[
        set[Spot] | None, set[Spot], list[list[Spot | None]]]:
    """Which texts and attributes the columns want, which must be as they are, and for each row the spot of each
    column."""
    where = {node: index for index, node in enumerate(nodes)}
    wanted: set[Spot] = set()
    literal: set[Spot] = set()
    rows: list[list[Spot | None]] = []
    for row in row_nodes(line, table):
        spots: list[Spot | None] = []
        for column in table.columns:
            found = ways_of(column, row, line)
            tests = [test for way in found for test in way.tests]
            holding = [way for way in found if way.holds]
            if len(holding) > 1:
                return None, set(), []
            literal |= {(where[node], attribute) for node, attribute in tests}
            spots.append((where[holding[0].node], holding[0].place.attribute) if holding else None)
        wanted |= {spot for spot in spots if spot}
        rows.append(spots)
    return (None, set(), []) if wanted & literal else (wanted, literal, rows)


def _start(tag: re.Match[bytes], number: int, wanted: set[Spot], literal: set[Spot], groups: dict[Spot, int]) -> bytes:
    """The pattern of a start tag: names literally, values free."""
    parts = [re.escape(b"<" + tag[1])]
    for space, name, equals, value in _ATTRIBUTE.findall(tag[2]):
        spot = (number, name.decode())
        parts.append(re.escape(space + name + equals))
        if name.startswith(b"xmlns") or b":" in name or spot in literal:
            parts.append(re.escape(value))
            continue
        quote = value[:1]
        body = b"[^%s<&]*+" % quote
        if spot in wanted:
            groups[spot] = len(groups)
            body = b"(%s)" % body
        parts.append(quote + body + quote)
    return b"".join((*parts, re.escape(tag[3] + tag[4] + b">")))


def _text(number: int, text: bytes, wanted: set[Spot], literal: set[Spot], groups: dict[Spot, int]) -> bytes:
    """The pattern of a text: free, but for one that a row looks at to know what is meant."""
    if (number, None) in literal:
        return re.escape(text)
    if (number, None) in wanted:
        groups[number, None] = len(groups)
        return b"([^<&]*+)"
    return b"[^<&]*+"
