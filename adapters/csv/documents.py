"""Typed columns as canonical documents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from adapters.csv.columns import Block, as_frame
from adapters.csv.table import Table
from hub.model.bulk import Bulk
from hub.model.exchange import CANONICAL, Document
from hub.model.order import Order, OrderLine


def document(table: Table, block: Block) -> Document:
    """One document of all the lines of `block`. Raises ValidationError when the model refuses a field."""
    kind = CANONICAL[table.canonical]
    header = _header(table, block)
    if issubclass(kind, Bulk):
        return kind(kind.Header(**header), as_frame(block, kind.SCHEMA))
    fields = [c.field for c in table.lines if c.field in block.values]
    lines = tuple(
        OrderLine(**{f: Decimal(v) if f in ("quantity", "price") and v is not None else v
                     for f, v in zip(fields, row, strict=True)})
        for row in zip(*(block.values[f] for f in fields), strict=True))
    return Order(**header, lines=lines)


def _header(table: Table, block: Block) -> dict[str, Any]:
    """The document's fields from the first line, parts as nested mappings, defaults filled in."""
    header: dict[str, Any] = {}
    for column in table.header:
        value = block.values[column.field][0] if column.field in block.values else None
        value = table.default.get(column.field) if value is None else value
        if value is not None:
            outer, _, inner = column.field[1:].partition(".")
            if inner:
                header.setdefault(outer, {})[inner] = value
            else:
                header[outer] = value
    return header


def refusal(wrong: ValidationError) -> str:
    """What the model says against a document, in one sentence."""
    first = wrong.errors(include_url=False)[0]
    return f"{'.'.join(str(x) for x in first['loc'])}: {first['msg']}"
