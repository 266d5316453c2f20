"""The master data files that come with a partner: rows of texts by field name, still to be checked by the model."""

from __future__ import annotations

import io
from typing import BinaryIO

from adapters.csv import codecs, faults, table, text
from adapters.csv.records import Broken, best_delimiter, cut, records
from hub.errors import Finding, Where

Row = tuple[int, dict[str, str]]


def read_master(kind: str, source: BinaryIO | bytes) -> tuple[list[Row], list[Finding]]:
    """Rows of `items`, `item_codes`, `conversions` or `locations`: the line's number and its texts by field.

    Empty cells are left out. Findings carry the line, and the column's title in `path`; a line with one is left out.
    """
    source = io.BytesIO(source) if isinstance(source, bytes) else source
    wanted = table.shipped()[f"csv/1/{kind}"]
    found: list[Finding] = []
    lines = text.lines(source, lambda n: found.append(faults.finding("ENCODING", Where(line=n))))
    first = next((x for x in lines if x[1] is None or x[1].strip()), None)
    if first is None:
        return [], found
    delimiter = best_delimiter(first[1] or "", lambda cells: _score(wanted, cells))
    layout = table.lay(wanted, cut(first[1] or "", delimiter)) if delimiter else None
    if layout is None or delimiter is None:
        return [], [*found, faults.finding("HEADER", Where(line=first[0]), value=(first[1] or "").strip())]
    rows: list[Row] = []
    for record in records(lines, delimiter):
        if isinstance(record, Broken):
            found.append(faults.finding(record.code, Where(line=record.line)))
            continue
        row, wrong = _row(layout, *record, decimal_comma=delimiter != ",")
        found += wrong
        if not wrong:
            rows.append((record[0], row))
    return rows, found


def _score(wanted: table.Table, cells: list[str]) -> int:
    layout = table.lay(wanted, cells)
    return layout.score if layout else 0


def _row(
    layout: table.Layout, line: int, cells: list[str], *, decimal_comma: bool
) -> tuple[dict[str, str], list[Finding]]:
    width = len(layout.titles)
    if len(cells) < width or any(c.strip() for c in cells[width:]):
        return {}, [faults.finding("CELLS", Where(line=line), value=str(len(cells)), other=str(width))]
    row, wrong = {}, []
    for column in layout.table.lines:
        at = layout.at.get(column.field)
        cell = cells[at].strip() if at is not None else ""
        where = Where(line=line, element=at + 1 if at is not None else None,
                      path=layout.titles[at] if at is not None else column.titles[0])
        if cell:
            try:
                row[column.field] = str(codecs.reader(column.codec, column.argument, decimal_comma)(cell))
            except codecs.Unreadable as why:
                wrong.append(faults.finding("VALUE", where, column=where.path or "", value=cell, message=why.message,
                                            hint=why.hint, name=why.code))
        elif (column.field,) in layout.table.needs:
            wrong.append(faults.finding("MISSING", where, column=where.path or ""))
    return row, wrong
