"""Time-phased documents: the lines of a document <-> a Polars frame.

`rows = "cac:ForecastLine"` makes one row for each such element, `rows = "cac:Line/cac:SalesItem"` one for each inner
element. A column's place is seen from the row; `^` climbs to the line around it, and the last `^` to the document.

Lines come by the hundred thousand and in few shapes. A shape is the names and child counts of all elements of a line in
order; where each column stands in it is worked out once, and then only texts are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from adapters.mapping.codecs import Codec, Values
from adapters.xml.codecs import bucket_of
from adapters.xml.part import PartMaker, Slot
from adapters.xml.place import Place, Step, below
from adapters.xml.report import Report
from hub.errors import BrokenTable, Reject
from hub.model.bulk import Bulk
from hub.model.late import polars as pl

SHAPES_KEPT = 1_000
EXACT_DIGITS = 15
DERIVED = "period"
"""`bucket = "cac:ForecastPeriod/cbc:DescriptionCode | code bucket else period"`: what the period's length says where
nothing else is said; then nothing is written either."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the frame and the places that may hold it, seen from the row (`climb` 0) or from above."""

    name: str
    slot: Slot
    climb: int
    derived: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FrameTable:
    """A compiled `[frame]`: `path` leads from the root to the row; `constants` are columns always meant."""

    document: type[Bulk]
    path: tuple[Step, ...]
    columns: tuple[Column, ...]
    constants: Mapping[str, str]

    @property
    def line(self) -> str:
        """The element that streams: the first one on the way."""
        return self.path[0].tag

    def rows(self, root: etree._Element, report: Report) -> Rows:
        return Rows(self, root, report)

    def write(self, document: Bulk, root: etree._Element) -> None:
        """The lines below `root`, where the header stands already. Raises Reject for what they cannot say."""
        for name, constant in self.constants.items():
            others = document.lines.get_column(name).drop_nulls().unique().to_list()
            if others and others != [constant]:
                raise Reject(f"this table writes only lines with {name} = {constant!r}", reason="NOT_WRITABLE")
        self._write_shared(document.lines, root)
        depth = len(self.path)
        opened: list[etree._Element] = []
        last: list[list[Any]] = []
        for row in document.lines.iter_rows(named=True):
            self._demand_places(row)
            said = [[row[c.name] for c in self.columns if c.climb == climb] for climb in range(depth - 1, 0, -1)]
            del opened[next((n for n, key in enumerate(said) if n >= len(last) or key != last[n]), depth - 1):]
            for n in range(len(opened), depth):
                opened.append(self.path[n].make(opened[-1] if opened else root))
                self._fill(opened[-1], row, depth - 1 - n)
            last = said

    def _write_shared(self, lines: pl.DataFrame, root: etree._Element) -> None:
        """Columns that stand above all lines: the same in every row."""
        for column in self.columns:
            if column.climb != len(self.path):
                continue
            said = lines.get_column(column.name).unique().to_list()
            if len(said) > 1:
                raise Reject(f"{column.name} is the same for all lines of this document", reason="NOT_WRITABLE")
            if said and said[0] is not None:
                column.slot.write(said[0], root, {})

    def _demand_places(self, row: Mapping[str, Any]) -> None:
        known = {c.name for c in self.columns} | self.constants.keys()
        for name, value in row.items():
            if value is not None and name not in known:
                raise Reject(f"this table has no place for the column {name}", reason="NOT_WRITABLE")

    def _fill(self, node: etree._Element, row: Mapping[str, Any], climb: int) -> None:
        made: dict[str, etree._Element] = {}
        for column in self.columns:
            value = row[column.name]
            if column.climb != climb or value is None:
                continue
            if column.derived and value == bucket_of(row.get("start"), row.get("end")):
                continue
            column.slot.write(value, node, made)


Shape = tuple[Any, ...]


@dataclass(slots=True)
class Rows:
    """Collects the columns of one document, line by line."""

    table: FrameTable
    root: etree._Element
    report: Report
    values: list[list[Any]] = field(init=False)
    header: dict[str, Any] = field(init=False)
    shapes: dict[Shape, tuple[Getter, ...]] = field(default_factory=dict)
    fresh: Callable[[etree._Element], None] = field(default=lambda _: None)
    """Called with the first line of each shape."""
    count: int = 0

    def __post_init__(self) -> None:
        self.values = [[] for _ in self.table.columns]
        self.header = self._header()

    def _header(self) -> dict[str, Any]:
        top = len(self.table.path)
        found: dict[str, etree._Element] = {}
        return {c.name: c.slot.read(self.root, self.report, found) for c in self.table.columns if c.climb == top}

    def extend(self, columns: Sequence[list[Any]], count: int) -> None:
        """Rows whose values are known already, in the order of the columns."""
        for values, more in zip(self.values, columns, strict=True):
            values += more
        self.count += count

    def take(self, line: etree._Element, number: int) -> None:
        """One line, the `number`-th of the document: its row, or its rows."""
        self.report.numbers[str(line.tag)] = number
        if len(self.table.path) == 1:
            self._row(line, line)
            return
        for inner in below(line, self.table.path[1:]):
            self._row(inner, line)

    def _row(self, row: etree._Element, line: etree._Element) -> None:
        nodes = list(line.iter())
        shape: Shape = tuple([n.tag for n in nodes]), tuple(map(len, nodes))
        if row is not line:
            shape = (*shape, nodes.index(row))
        getters = self.shapes.get(shape)
        if getters is None:
            if len(self.shapes) >= SHAPES_KEPT:
                self.shapes.clear()
            getters = self.shapes[shape] = tuple(self._getter(c, row, line, nodes) for c in self.table.columns)
            self.fresh(line)
        for values, get in zip(self.values, getters, strict=True):
            values.append(get(nodes))
        self.count += 1

    def _getter(self, column: Column, row: etree._Element, line: etree._Element,
                nodes: list[etree._Element]) -> Getter:
        if column.climb == len(self.table.path):
            value = self.header[column.name]
            return lambda _: value
        slot = column.slot
        top = line if column.climb else row
        ways = []
        tested = False
        for choice in slot.choices:
            bare = tuple(Step(step.tag) for step in choice.place.steps)
            tested = tested or any(step.tests for step in choice.place.steps)
            for node in below(top, bare):
                ways.append((nodes.index(node), choice))
        if not ways:
            return lambda _: slot.otherwise
        if tested or slot.beside or len(ways) > 1:
            at = nodes.index(top)
            return self._careful(slot, at)
        index, choice = ways[0]
        return self._plain(slot, index, choice.place.attribute, choice.values, choice.codec, at=nodes.index(top))

    def _careful(self, slot: Slot, at: int) -> Getter:
        def get(nodes: list[etree._Element]) -> Any:
            return slot.value(nodes[at], self.report)

        return get

    def _plain(self, slot: Slot, index: int, attribute: str | None, values: Values, codec: Codec, at: int) -> Getter:
        exact = codec.kind is float
        otherwise = slot.otherwise

        def get(nodes: list[etree._Element]) -> Any:
            text = nodes[index].get(attribute) if attribute else nodes[index].text
            if text is None or not (text := text.strip()):
                return otherwise
            try:
                value = values[text]
            except (ValueError, OverflowError, ArithmeticError):
                return slot.value(nodes[at], self.report)
            if exact and len(text) > EXACT_DIGITS and _significant(text) > EXACT_DIGITS:
                self.report.add("LOST-PRECISION", nodes[index], text, item=slot.choices[0].place.text)
            return value

        return get

    def frame(self) -> pl.DataFrame:
        """What was collected since the last time, in the columns of the document."""
        lines, schema = self.count, self.table.document.SCHEMA
        said = {c.name: values for c, values in zip(self.table.columns, self.values, strict=True)}
        for column in self.table.columns:
            if column.derived:
                said[column.name] = [
                    word if word is not None else bucket_of(first, last) for word, first, last in zip(
                        said[column.name], said.get("start", [None] * lines), said.get("end", [None] * lines),
                        strict=True)]
        columns = {name: said.get(name, [self.table.constants.get(name)] * lines) for name in schema}
        self.values, self.count = [[] for _ in self.table.columns], 0
        return pl.DataFrame(columns, schema=schema)


Getter = Callable[[list[etree._Element]], Any]


@dataclass(frozen=True, slots=True)
class Way:
    """An element of a line where a column may stand: whether it is meant there, and the texts that tell (elements and
    attributes that a test looks at)."""

    node: etree._Element
    place: Place
    holds: bool
    tests: tuple[tuple[etree._Element, str | None], ...]


def row_nodes(line: etree._Element, table: FrameTable) -> list[etree._Element]:
    """The elements of a line that make a row each."""
    return [line] if len(table.path) == 1 else list(below(line, table.path[1:]))


def ways_of(column: Column, row: etree._Element, line: etree._Element) -> list[Way]:
    """Every element where a column may stand; none for a column of the document."""
    top = row if column.climb == 0 else line
    if column.climb and row is line:
        return []
    found = []
    for choice in column.slot.choices:
        meant = list(below(top, choice.place.steps))
        for node in below(top, tuple(Step(step.tag) for step in choice.place.steps)):
            tests = tuple(_looked_at(node, choice.place))
            present = choice.place.attribute is None or node.get(choice.place.attribute) is not None
            found.append(Way(node, choice.place, node in meant and present, tests))
    return found


def _looked_at(node: etree._Element, place: Place) -> Iterator[tuple[etree._Element, str | None]]:
    """What the tests of a place look at on the way to `node`."""
    for step in reversed(place.steps):
        for test in step.tests:
            for found in below(node, tuple(Step(tag) for tag in test.path)):
                yield found, test.attribute
        parent = node.getparent()
        if parent is None:
            return
        node = parent


def _significant(text: str) -> int:
    return len(text.lstrip("+-").replace(".", "").lstrip("0"))


def compile_frame(document: type[Bulk], raw: Mapping[str, Any], maker: PartMaker) -> FrameTable:
    """A checked `[frame]`. Raises BrokenTable."""
    if "rows" not in raw:
        raise BrokenTable(f"{maker.table} [frame]: rows is missing")
    path = maker.place(raw["rows"], "[frame] rows").steps
    constants = {str(k): str(v) for k, v in raw.get("constant", {}).items()}
    columns = []
    for name, row in raw.items():
        if name in ("rows", "constant"):
            continue
        at = f"[frame] {name}"
        if name not in document.COLUMNS:
            raise BrokenTable(f"{maker.table} {at}: {document.__name__} has no column {name!r}")
        columns.append(_column(name, row, document.COLUMNS[name], path, maker, at))
    if odd := constants.keys() - document.COLUMNS.keys():
        raise BrokenTable(f"{maker.table} [frame.constant]: {document.__name__} has no column {', '.join(odd)}")
    return FrameTable(document, path, tuple(columns), constants)


def _column(name: str, row: str, kind: type, path: tuple[Step, ...], maker: PartMaker, at: str) -> Column:
    derived = row.removesuffix(f" else {DERIVED}")
    places, bar, codec = derived.partition("|")
    texts = [text.strip() for text in places.split(" or ")]
    climbs = {len(text) - len(text.lstrip("^")) for text in texts}
    if len(climbs) > 1 or max(climbs) > len(path):
        raise BrokenTable(f"{maker.table} {at}: all places of a column stand on one level of rows = {len(path)}")
    climb = climbs.pop()
    above = tuple(step.tag for step in path[:len(path) - climb])
    bare = " or ".join(text.lstrip("^") for text in texts) + f" {bar}{codec}"
    slot = maker.slot(name, bare, kind, None, False, above, at)
    return Column(name, slot, climb, derived != row)
