"""`schemas/csv/<version>/<message>.toml` as checked values, and which of them fits a header line.

    [map]     fields of the document: the same on each of its lines; `buyer = "Buyer -> party"` reads the columns of
              [part.party] under titles that begin with "Buyer"
    [default] what stands for a column of [map] that is not there
    [lines]   fields of each line (an order's lines, a frame's columns, a master data row)
    [spread]  columns that each hold one measure, as spreadsheets have them: the title says which
    needs     what each line must have; "a or b" is content with either; "^a" is a field of [map]
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from adapters.csv import codecs
from adapters.mapping.merge import merged
from hub.errors import BrokenTable
from hub.model.bulk import Bulk
from hub.model.exchange import CANONICAL
from hub.model.item import Item, ItemCode, Location, UnitConversion
from hub.model.order import OrderLine
from hub.model.party import Party
from hub.model.value import Value

MASTER: dict[str, type[Value]] = {t.__name__: t for t in (Item, ItemCode, UnitConversion, Location)}


@dataclass(frozen=True, slots=True)
class Column:
    """One field and the titles it may stand under; the first is written. Fields of the document begin with "^", as in
    "^number" and "^buyer.id"."""

    field: str
    titles: tuple[str, ...]
    codec: str
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One message. `name` is "csv/1/activity"."""

    name: str
    canonical: str
    header: tuple[Column, ...]
    lines: tuple[Column, ...]
    spread: tuple[Column, ...]
    needs: tuple[tuple[str, ...], ...]
    default: Mapping[str, str]

    @property
    def message(self) -> str:
        return self.name.rsplit("/", 1)[1]

    @property
    def version(self) -> str:
        return self.name.split("/")[1]

    def column(self, field: str) -> Column | None:
        return next((c for c in (*self.header, *self.lines) if c.field == field), None)


@dataclass(frozen=True, slots=True)
class Layout:
    """A table laid over one header line: where each column stands (index into the cells)."""

    table: Table
    titles: tuple[str, ...]
    at: Mapping[str, int]
    spread: Mapping[str, int]
    unmapped: tuple[int, ...]

    @property
    def score(self) -> int:
        return len(set(self.at.values()) | set(self.spread.values()))


def normalised(title: str) -> str:
    """Titles are compared without case, and with blanks, underscores, hyphens and points taken as one blank."""
    return " ".join(title.casefold().replace("_", " ").replace("-", " ").replace(".", " ").split())


def lay(table: Table, titles: list[str]) -> Layout | None:
    """`table` over a header line; None when something that it needs has no column."""
    where = {normalised(t): i for i, t in reversed(list(enumerate(titles))) if t.strip()}
    at = {c.field: where[t] for c in (*table.header, *table.lines) for t in _first(c, where)}
    spread = {c.field: where[t] for c in table.spread for t in _first(c, where)}
    if spread:
        at = {f: i for f, i in at.items() if f not in ("measure", "quantity")}
    have = set(at) | ({"measure", "quantity"} if spread else set())
    if not all(any(f in have for f in group) for group in table.needs):
        return None
    used = set(at.values()) | set(spread.values())
    return Layout(table, tuple(t.strip() for t in titles), at, spread, tuple(
        i for i, t in enumerate(titles) if t.strip() and i not in used))


def _first(column: Column, where: Mapping[str, int]) -> Iterator[str]:
    for title in column.titles:
        if normalised(title) in where:
            yield normalised(title)
            return


def best_layout(tables: Mapping[str, Table], titles: list[str]) -> Layout | None:
    """The table that explains most of the header line; of equals the first by name."""
    laid = [lay(tables[name], titles) for name in sorted(tables)]
    return max((x for x in laid if x is not None), key=lambda x: x.score, default=None)


@cache
def shipped() -> dict[str, Table]:
    """All tables under `schemas/csv`, by name. Raises BrokenTable."""
    return {name: parse(name, text) for name, text in _texts().items()}


@cache
def _texts() -> dict[str, str]:
    root = resources.files("schemas") / "csv"
    return {
        f"csv/{version.name}/{file.name.removesuffix('.toml')}": file.read_text()
        for version in root.iterdir() if version.is_dir()
        for file in version.iterdir() if file.name.endswith(".toml")
    }


def overlaid(name: str, overlay: str) -> Table:
    """A partner's rows laid over the shipped table of that name. Raises BrokenTable."""
    base = _texts().get(name)
    if base is None:
        raise BrokenTable(f"{name}: there is no such table to lay rows over")
    rows = {key: value for key, value in _loads(name, overlay).items() if key != "base"}
    return _compile(name, merged(_loads(name, base), rows))


def parse(name: str, text: str) -> Table:
    """One table from its TOML text, checked against the model. Raises BrokenTable with the table's name and the row."""
    return _compile(name, _loads(name, text))


def _loads(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise BrokenTable(f"{name}: {wrong}") from None


def _compile(name: str, rows: dict[str, Any]) -> Table:
    unknown = set(rows) - {"canonical", "needs", "map", "lines", "spread", "part", "default"}
    if unknown:
        raise BrokenTable(f"{name}: unknown section {sorted(unknown)[0]!r}")
    kind = CANONICAL.get(rows.get("canonical", "")) or MASTER.get(rows.get("canonical", ""))
    if kind is None:
        raise BrokenTable(f"{name}: canonical names no document or master data type")
    header_fields, line_fields = _fields(kind)
    table = Table(
        name, rows["canonical"],
        tuple(_columns(name, {f"^{f}": row for f, row in rows.get("map", {}).items()}, rows.get("part", {}))),
        tuple(_columns(name, rows.get("lines", {}), {})),
        tuple(_columns(name, rows.get("spread", {}), {})),
        tuple(tuple(need.split(" or ")) for need in rows.get("needs", ())),
        dict(rows.get("default", {})),
    )
    _check(table, header_fields, line_fields)
    return table


def _fields(kind: type[Any]) -> tuple[set[str], set[str]]:
    if kind.__name__ in MASTER:
        return set(), set(kind.model_fields)
    if issubclass(kind, Bulk):
        return set(kind.Header.model_fields), set(kind.COLUMNS)
    return set(kind.model_fields) - {"lines"}, set(OrderLine.model_fields)


def _columns(name: str, rows: Mapping[str, str], parts: Mapping[str, Mapping[str, str]]) -> Iterator[Column]:
    for field, row in rows.items():
        if " -> " in row:
            prefix, part = row.split(" -> ")
            for inner, place in parts.get(part, {}).items():
                column = _column(name, f"{field}.{inner}", place)
                yield Column(column.field, tuple(f"{prefix} {t}" for t in column.titles), column.codec, column.argument)
        else:
            yield _column(name, field, row)


def _column(name: str, field: str, row: str) -> Column:
    places, _, codec = row.partition(" | ")
    word, _, argument = codec.strip().partition(" ")
    column = Column(field, tuple(t.strip() for t in places.split(" or ")), word or "text", argument or None)
    try:
        codecs.reader(column.codec, column.argument, False)
    except BrokenTable as wrong:
        raise BrokenTable(f"{name}: row {field!r}: {wrong}") from None
    return column


def _check(table: Table, header_fields: set[str], line_fields: set[str]) -> None:
    for column in table.header:
        outer, _, inner = column.field[1:].partition(".")
        if outer not in header_fields or (inner and inner not in Party.model_fields):
            raise BrokenTable(f"{table.name}: [map] {column.field!r} is no field of {table.canonical}")
    for column in table.lines:
        if column.field not in line_fields:
            raise BrokenTable(f"{table.name}: [lines] {column.field!r} is no field of a line of {table.canonical}")
    known = {c.field for c in (*table.header, *table.lines)}
    for field in (*(f for need in table.needs for f in need), *table.default):
        if field not in known:
            raise BrokenTable(f"{table.name}: {field!r} is needed or has a default, but no row maps it")
