"""A block of lines as typed columns. Every distinct text is read once; a line with a fault is set aside."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.csv import codecs, faults
from adapters.csv.records import Record
from adapters.csv.table import Column, Layout
from hub.errors import Where
from hub.model.late import polars as pl

_COMMA = re.compile(r"^[^.]*,(\d{1,2}|\d{4,})$|\.\d{3},")
_POINT = re.compile(r"^[^,]*\.(\d{1,2}|\d{4,})$|,\d{3}\.")


@dataclass(frozen=True, slots=True)
class Block:
    """The good lines of a block: their numbers, and by field a list of values (None where the cell is empty).

    `marks` says which lines were set aside, and why. Spread measures stand under "*", a list of pairs for each line.
    """

    lines: list[int]
    values: dict[str, list[Any]]
    marks: faults.Marks


def decimal_comma(delimiter: str, layout: Layout, rows: Sequence[Record]) -> bool:
    """Whether numbers are written with a decimal comma: what the first unmistakable one says, else by the delimiter:
    a file cut by commas has decimal points, others come from where the comma is the decimal mark."""
    numbers = [layout.at[c.field] for c in layout.table.lines if c.codec == "number" and c.field in layout.at]
    for at in (*numbers, *layout.spread.values()):
        for _, cells in rows:
            cell = cells[at].strip() if at < len(cells) else ""
            if _COMMA.search(cell):
                return True
            if _POINT.search(cell):
                return False
    return delimiter != ","


def read_block(layout: Layout, rows: Sequence[Record], comma: bool) -> Block:
    """The cells of `rows` as values by field. A line with cells too few or too many, an unreadable text or an empty
    needed cell is set aside with its findings."""
    width, marks = len(layout.titles), faults.Marks()
    straight = [row for row in rows if len(row[1]) == width or _only_empty_beyond(row, width, marks)]
    lines = [line for line, _ in straight]
    cells = list(zip(*(row[1][:width] for row in straight), strict=True)) if straight else [()] * width
    sheet = _Sheet(layout, lines, {i: [c.strip() for c in cells[i]] for i in _places(layout)}, comma, marks)
    values = {
        column.field: sheet.read(column, layout.at[column.field])
        for column in (*layout.table.header, *layout.table.lines) if column.field in layout.at
    }
    if layout.spread:
        values["*"] = sheet.measures()
    sheet.check_needed(values)
    keep = [i for i, line in enumerate(lines) if line not in marks.by_line]
    if len(keep) < len(lines):
        values = {field: [column[i] for i in keep] for field, column in values.items()}
    return Block([lines[i] for i in keep], values, marks)


def _places(layout: Layout) -> set[int]:
    return {*layout.at.values(), *layout.spread.values()}


def _only_empty_beyond(row: Record, width: int, marks: faults.Marks) -> bool:
    """Whether a row of another width can be read all the same: too many cells, and all of those empty."""
    line, cells = row
    if len(cells) > width and not any(c.strip() for c in cells[width:]):
        return True
    marks.add(line, ("CELLS", ""), lambda: faults.finding(
        "CELLS", Where(line=line), value=str(len(cells)), other=str(width)))
    return False


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The stripped texts of one block by column, and where to note what is wrong with them."""

    layout: Layout
    lines: list[int]
    texts: dict[int, list[str]]
    comma: bool
    marks: faults.Marks

    def read(self, column: Column, at: int) -> list[Any]:
        """One column's values; every distinct text is read once."""
        read = codecs.reader(column.codec, column.argument, self.comma)
        values: dict[str, Any] = {"": None}
        wrong: dict[str, codecs.Unreadable] = {}
        for text in set(self.texts[at]):
            if text:
                try:
                    values[text] = read(text)
                except codecs.Unreadable as why:
                    wrong[text] = why
        if wrong:
            for line, text in zip(self.lines, self.texts[at], strict=True):
                if text in wrong:
                    self._unreadable(line, at, text, wrong[text])
        return [values.get(text) for text in self.texts[at]]

    def _unreadable(self, line: int, at: int, text: str, why: codecs.Unreadable) -> None:
        title = self.layout.titles[at]
        self.marks.add(line, (why.code, title), lambda: faults.finding(
            "VALUE", Where(line=line, element=at + 1, path=title), column=title, value=text, message=why.message,
            hint=why.hint, name=why.code))

    def measures(self) -> list[Any]:
        """For each line its (measure, quantity) pairs, from the columns that hold one measure each."""
        columns = [(field, self.read(Column(field, (), "number"), at)) for field, at in self.layout.spread.items()]
        return [[(m, c[i]) for m, c in columns if c[i] is not None] for i in range(len(self.lines))]

    def check_needed(self, values: dict[str, list[Any]]) -> None:
        """Marks the lines that are good so far but leave all fields of a need empty."""
        for group in self.layout.table.needs:
            there = [values[f] for f in group if f in values]
            if not there and self.layout.spread and group in (("measure",), ("quantity",)):
                continue
            at = next(self.layout.at[f] for f in group if f in self.layout.at)
            for i, line in enumerate(self.lines):
                if all(column[i] is None for column in there) and line not in self.marks.by_line:
                    self._missing(line, at)

    def _missing(self, line: int, at: int) -> None:
        title = self.layout.titles[at]
        self.marks.add(line, ("MISSING", title), lambda: faults.finding(
            "MISSING", Where(line=line, element=at + 1, path=title), column=title))


def part(block: Block, first: int, last: int) -> Block:
    """The good lines from number `first` to `last`."""
    cut = slice(bisect_left(block.lines, first), bisect_right(block.lines, last))
    return Block(block.lines[cut], {f: c[cut] for f, c in block.values.items()}, block.marks)


def as_frame(block: Block, schema: dict[str, Any]) -> pl.DataFrame:
    """The lines of a block as a frame of `schema`; spread measures become a line each."""
    values, count = block.values, len(block.lines)
    if pairs := values.get("*"):
        at = [i for i, held in enumerate(pairs) for _ in held]
        values = {f: [c[i] for i in at] for f, c in values.items() if f != "*"}
        values["measure"] = [measure for held in pairs for measure, _ in held]
        values["quantity"] = [quantity for held in pairs for _, quantity in held]
        count = len(at)
    columns = {
        field: ([None if v is None else float(v) for v in values[field]] if kind == pl.Float64 else values[field])
        if field in values else [None] * count
        for field, kind in schema.items()
    }
    return pl.DataFrame(columns, schema=schema)
