"""What a document says beside its own matter and a table has no place for: named field by field, as it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from adapters.mapping.codecs import is_renamed
from adapters.xml.part import Part
from adapters.xml.table import Table
from hub.errors import Finding, Where
from hub.model.exchange import Document
from hub.model.finding import finding


def left_out(part: Part, document: Any, path: str = "") -> Iterator[str]:
    """The fields that `Part.write` passes over, like "lines.references.on", once for each time."""
    for name, field in part.model.model_fields.items():
        if name not in part.places and getattr(document, name) not in (None, (), field.default):
            yield path + name
    said_otherwise = (slot for slot in part.slots if is_renamed(slot.choices[0].codec, getattr(document, slot.name)))
    yield from (path + slot.name for slot in said_otherwise)
    for name, one in part.said(document):
        loop = part.loop(name, one)
        if loop is None:
            yield path + name
        else:
            yield from left_out(loop.part, one, f"{path}{name}.")


def findings(table: Table, document: Document) -> tuple[Finding, ...]:
    """One for each field, with the number of times; none of a document that the table cannot write at all, which is
    refused when it is written."""
    if type(document) is not table.canonical:
        return ()
    fields = left_out(table.part, getattr(document, "header", document))
    return tuple(finding("xml", "LOST-FIELD", Where(path=field), None, field=field, actual=times, table=table.name)
                 for field, times in Counter(fields).items())
