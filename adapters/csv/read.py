"""The stream of one CSV file: Opening, a Reading for each block of lines or each order, Closing.

Lines whose document columns say the same and that follow each other are one document. A time-phased document is also
cut after `BLOCK` lines, so that memory never grows with the file; an order is never cut, and is taken whole or not at
all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, BinaryIO

from pydantic import ValidationError

from adapters.csv import columns, faults, text
from adapters.csv.documents import document, refusal
from adapters.csv.records import Broken, Record, best_delimiter, cut, records
from adapters.csv.table import MASTER, Layout, Table, best_layout
from hub.errors import Finding, Where
from hub.model.bulk import Bulk
from hub.model.exchange import (
    CANONICAL,
    Closing,
    Event,
    GroupVerdict,
    Interchange,
    Opening,
    Reading,
    Remark,
    Status,
    Verdict,
)
from hub.ports import Guide, Guides

BLOCK = 50_000
HEAVIEST_BLOCK = 16_000_000
"""Characters: wide or wordy lines make shorter blocks."""
LONGEST_HEADER = 1 << 16

TablesOf = Callable[[str | None], Mapping[str, Table]]
"""The tables that hold for a partner, its own rows laid over; for None the shipped ones."""


def sniff(line: str, tables: Mapping[str, Table]) -> tuple[Layout, str] | None:
    """The table and the delimiter that explain most of a header line; None when no table knows it."""
    if len(line) > LONGEST_HEADER:
        return None

    def score(cells: list[str]) -> int:
        found = best_layout(tables, cells)
        return found.score if found else 0

    delimiter = best_delimiter(line, score)
    layout = best_layout(tables, cut(line, delimiter)) if delimiter else None
    return (layout, delimiter) if layout and delimiter else None


def read(source: BinaryIO, guides: Guides, tables_of: TablesOf) -> Iterator[Event]:
    """Everything in the file, in order. Never raises on content."""
    fallback: list[int] = []
    lines = text.lines(source, lambda n: fallback.append(n) if not fallback else None)
    number, header = next(((n, line) for n, line in lines if line is None or line.strip()), (1, ""))
    if not header:
        yield Remark(faults.finding("EMPTY" if header == "" else "TOO-LONG", Where(line=number)))
        return
    interchange = Interchange(ordinal=1, format="csv", version="1")
    guide = guides(interchange)
    found = sniff(header, tables_of(guide.partner))
    if found is None:
        yield Opening(interchange)
        yield Closing(interchange, (), (_header_finding(number, header),))
        return
    layout, delimiter = found
    interchange = interchange.model_copy(update={"syntax": {"delimiter": delimiter}})
    yield Opening(interchange)
    stream = _Stream(interchange, guide, layout, number)
    if layout.table.canonical in MASTER:
        yield stream.closing((faults.finding("MASTER", Where(interchange=1, line=number), value=layout.table.message),))
        return
    yield from stream.readings(records(lines, delimiter), delimiter)
    ends = list(stream.tally.summary())
    if fallback:
        ends.append(faults.finding("ENCODING", Where(interchange=1, line=fallback[0])))
    if stream.torn:
        ends.append(faults.finding("PARTS", stream.torn))
    if not stream.verdicts:
        ends.append(faults.finding("NO-LINES", Where(interchange=1, line=number)))
    yield stream.closing(tuple(ends))


def _header_finding(number: int, header: str) -> Finding:
    shown = header.strip()[:200].encode("unicode_escape").decode("ascii")
    return faults.finding("HEADER", Where(interchange=1, line=number), value=shown)


@dataclass(slots=True)
class _Run:
    """Lines of one document: numbers of the first and the last."""

    first: int
    last: int


@dataclass(slots=True)
class _Stream:
    """What is known while one file is read."""

    interchange: Interchange
    guide: Guide
    layout: Layout
    header_line: int
    tally: faults.Tally = field(default_factory=faults.Tally)
    verdicts: list[Verdict] = field(default_factory=list)
    comma: bool | None = None
    last: tuple[str, ...] | None = None
    """The document columns of the last line of the block before; None before the first."""
    refused: bool = False
    """Whether the last part was rejected."""
    torn: Where | None = None
    """Where a part was taken, and another of the same document rejected."""

    @property
    def whole(self) -> bool:
        """Whether a document is taken whole or not at all."""
        return not issubclass(CANONICAL[self.layout.table.canonical], Bulk)

    def closing(self, findings: tuple[Finding, ...]) -> Closing:
        table = self.layout.table
        group = GroupVerdict(table.message, None, table.version, None, len(self.verdicts), tuple(self.verdicts))
        return Closing(self.interchange, (group,), findings)

    def readings(self, source: Iterator[Record | Broken], delimiter: str) -> Iterator[Reading]:
        for rows, broken in self._blocks(source):
            if self.comma is None:
                self.comma = columns.decimal_comma(delimiter, self.layout, rows)
            block = columns.read_block(self.layout, rows, self.comma)
            for bad in broken:
                block.marks.add(bad.line, (bad.code, ""), _cut(bad))
            self.tally.held += block.marks.unsaid
            marked = sorted(block.marks.by_line)
            keys = [key for row in (*rows[:1], *rows[-1:]) if (key := self._key(row)) is not None]
            goes_on = bool(self.verdicts) and (not keys or keys[0] == self.last)
            for run in self._runs(rows, block):
                bad_lines = marked[bisect_left(marked, run.first) : bisect_right(marked, run.last)]
                reading = self._reading(block, run, bad_lines)
                self._compare(reading.status is Status.REJECTED, run.first, goes_on)
                goes_on = False
                yield reading
            self.last = keys[-1] if keys else self.last

    def _compare(self, rejected: bool, line: int, goes_on: bool) -> None:
        """A document that was cut is taken in all its parts or in none, where the partner wants it so."""
        if goes_on and rejected != self.refused and self.guide.policy == "reject":
            self.torn = self.torn or Where(interchange=1, line=line)
        self.refused = rejected

    def _blocks(self, source: Iterator[Record | Broken]) -> Iterator[tuple[list[Record], list[Broken]]]:
        """`BLOCK` lines at a time, or as many as weigh `HEAVIEST_BLOCK`; for orders the lines of the last one wait for
        what comes after them."""
        rows: list[Record] = []
        broken: list[Broken] = []
        weight, lightest, fewest = 0, HEAVIEST_BLOCK, BLOCK
        for record in source:
            if isinstance(record, Broken):
                broken.append(record)
            else:
                rows.append(record)
                weight += sum(map(len, record[1])) + 8 * len(record[1])
            if len(rows) + len(broken) >= fewest or weight >= lightest:
                at = self._last_start(rows) if self.whole and rows else len(rows)
                edge = rows[at][0] if at < len(rows) else None
                if at or edge is None:
                    yield rows[:at], [b for b in broken if edge is None or b.line < edge]
                    rows, broken = rows[at:], [b for b in broken if edge is not None and b.line >= edge]
                    weight = 0
                lightest, fewest = max(HEAVIEST_BLOCK, 2 * weight), max(BLOCK, 2 * len(rows))
        if rows or broken:
            yield rows, broken

    def _last_start(self, rows: list[Record]) -> int:
        """Where the last document of `rows` begins; 0 when they are all one."""
        last = self._key(rows[-1])
        return next((i + 1 for i in range(len(rows) - 1, -1, -1) if self._key(rows[i]) != last), 0)

    def _key(self, row: Record) -> tuple[str, ...] | None:
        """The texts of the document's columns; None for a row that is not wide enough to tell."""
        places = sorted({self.layout.at[c.field] for c in self.layout.table.header if c.field in self.layout.at})
        cells = row[1]
        return None if len(cells) < len(self.layout.titles) else tuple(cells[i].strip() for i in places)

    def _runs(self, rows: list[Record], block: columns.Block) -> list[_Run]:
        """Which lines belong together; lines that cannot tell belong to those before them."""
        keyed = [(key, row[0]) for row in rows if (key := self._key(row)) is not None]
        starts = [next(group)[1] for _, group in groupby(keyed, key=lambda k: k[0])]
        every = [*block.lines, *block.marks.by_line]
        if not starts:
            return [_Run(min(every), max(every))] if every else []
        starts[0] = min(every)
        return [_Run(a, b - 1) for a, b in zip(starts, [*starts[1:], max(every) + 1], strict=True)]

    def _reading(self, block: columns.Block, run: _Run, bad: list[int]) -> Reading:
        ordinal = len(self.verdicts) + 1
        good = columns.part(block, run.first, run.last)
        found = [f for line in bad for f in sorted(block.marks.by_line[line], key=_place)]
        made, refused = self._document(good, bool(bad))
        found = [*self._unmapped(ordinal), *found, *refused]
        status = Status.ACCEPTED_WITH_ERRORS if bad or refused else Status.ACCEPTED
        status = Status.REJECTED if made is None else status
        said = tuple(_at(f, ordinal) for f in self.tally.admit(found))
        table = self.layout.table
        self.verdicts.append(Verdict(table.message, table.version, None, status, said))
        return Reading(self.interchange, None, ordinal, table.message, table.version, None, status, made, said,
                       table.name, len(good.lines) + len(bad))

    def _document(self, good: columns.Block, faulty: bool) -> tuple[Any, list[Finding]]:
        """The document of the good lines, or None; and what else there is to say."""
        if not good.lines or (faulty and self.guide.policy == "reject"):
            return None, []
        where = Where(line=good.lines[0])
        if faulty and self.whole:
            return None, [faults.finding("WHOLE", where, value=str(good.values["^number"][0]))]
        try:
            return document(self.layout.table, good), []
        except ValidationError as wrong:
            return None, [faults.finding("REFUSED", where, other=self.layout.table.canonical, value=refusal(wrong))]

    def _unmapped(self, ordinal: int) -> list[Finding]:
        """A note for each column that no row maps, said once."""
        if ordinal > 1:
            return []
        return [faults.finding("UNMAPPED", Where(line=self.header_line, element=at + 1, path=self.layout.titles[at]),
                               column=self.layout.titles[at], other=self.layout.table.name)
                for at in self.layout.unmapped]


def _cut(bad: Broken) -> Callable[[], Finding]:
    return lambda: faults.finding(bad.code, Where(line=bad.line))


def _place(found: Finding) -> int:
    return found.where.element or 0


def _at(found: Finding, ordinal: int) -> Finding:
    where = found.where.model_copy(update={"interchange": 1, "transaction": ordinal})
    return found.model_copy(update={"where": where})
