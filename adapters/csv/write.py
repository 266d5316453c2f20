"""Canonical documents as CSV: UTF-8, commas, decimal points, ISO dates, CRLF; only columns that have a value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.csv.codecs import write_value
from adapters.csv.table import Column, Table, lay
from hub.errors import Reject
from hub.model.bulk import Bulk
from hub.model.exchange import Document

Row = dict[str, str]


def write(table: Table, documents: Sequence[Document]) -> bytes:
    """One file of all lines of `documents`. Raises Reject when there is nothing to write, when a document is of another
    type than the table's, or lacks what the table needs on each line."""
    rows = [row for document in documents for row in _rows(table, document)]
    if not rows:
        raise Reject(f"{table.name}: a CSV file needs at least one line", reason="EMPTY_DOCUMENT")
    columns = _columns(table, rows)
    titles = [c.titles[0] for c in columns]
    if lay(table, titles) is None or not all(_complete(table, row) for row in rows):
        raise Reject(f"{table.name}: a line lacks one of: {', '.join(' or '.join(n) for n in table.needs)}",
                     reason="CANNOT_CARRY")
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(titles)
    writer.writerows([row.get(c.field, "") for c in columns] for row in rows)
    return out.getvalue().encode()


def _complete(table: Table, row: Row) -> bool:
    return all(any(row.get(f) for f in group) for group in table.needs)


def _columns(table: Table, rows: Sequence[Row]) -> list[Column]:
    """Those with a value somewhere; and those that a reader would otherwise fill from another column's title."""
    used = {f for row in rows for f, text in row.items() if text}
    columns = (*table.header, *table.lines)
    titles = {c.titles[0] for c in columns if c.field in used}
    return [c for c in columns if c.field in used or titles & set(c.titles[1:])]


def _rows(table: Table, document: Document) -> Iterator[Row]:
    if type(document).__name__ != table.canonical:
        raise Reject(f"{table.name} carries {table.canonical}, not {type(document).__name__}", reason="CANNOT_CARRY")
    header = dict(_header(table, document.header if isinstance(document, Bulk) else document))
    for line in _lines(document):
        yield header | {c.field: _text(table, c.field, line[c.field]) for c in table.lines if line[c.field] is not None}


def _lines(document: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(document, Bulk):
        yield from document.lines.iter_rows(named=True)
    else:
        yield from (dict(line) for line in document.lines)


def _header(table: Table, header: Any) -> Iterator[tuple[str, str]]:
    for column in table.header:
        outer, _, inner = column.field[1:].partition(".")
        value = getattr(header, outer)
        value = getattr(value, inner) if inner and value is not None else value
        if value is not None:
            yield column.field, _text(table, column.field, value)


def _text(table: Table, field: str, value: Any) -> str:
    """The text of a value; one that would be read as something else, because of blanks at its ends, is refused."""
    text = write_value(value)
    if text != text.strip() or not text:
        raise Reject(f"{table.name}: {field} {text!r} is empty or begins or ends with a blank", reason="CANNOT_CARRY")
    return text
