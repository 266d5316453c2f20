"""Random documents for every table: what is written reads back as the same, whatever the table can carry at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from pydantic import BaseModel

from adapters.edifact.envelope import Writer
from hub.errors import Reject
from hub.model.bulk import Bulk
from hub.model.despatch import Despatch
from hub.model.exchange import Document
from hub.model.party import Party
from schemas import facts
from tests.messages.drawn import whole
from tests.messages.test_messages import ENVELOPE, FORMATS, documents


def sorted_orders(document: Document) -> Document:
    """Whatever the sequence in which a tree names its orders."""
    if not isinstance(document, Despatch):
        return document
    return document.model_copy(update={"orders": tuple(sorted(document.orders, key=lambda order: order.number))})


def without_what_orders_say(read: Document, document: Document) -> Document:
    """A ship notice that names no buyer, seller or place to ship to takes the one that one of its orders names."""
    if not isinstance(document, Despatch):
        return read
    named = [party.model_dump(include=set(Party.model_fields)) for order in document.orders for party in order.parties]
    taken = [
        role
        for role in ("buyer", "seller", "ship_to")
        if getattr(document, role) is None and getattr(read, role) and getattr(read, role).model_dump() in named
    ]
    return read.model_copy(update=dict.fromkeys(taken))


def joined(found: list[Document]) -> Document:
    """A frame that was split over several messages, whole again."""
    first = found[0]
    if isinstance(first, Bulk):
        return type(first)(first.header, pl.concat([d.lines for d in found if isinstance(d, Bulk)]))
    assert len(found) == 1
    return first


def compared(document: Document) -> Any:
    """What is compared field by field: of a frame the header, of a tree whatever the sequence of its orders."""
    return document.header if isinstance(document, Bulk) else sorted_orders(document)


def differences(read: Any, written: Any, path: str = "") -> Iterator[str]:
    """Where two documents differ, as findings name fields: "lines.references.description: read, written"."""
    if isinstance(read, BaseModel) and type(read) is type(written):
        for field in type(read).model_fields:
            yield from differences(getattr(read, field), getattr(written, field), f"{path}.{field}".lstrip("."))
    elif isinstance(read, tuple) and isinstance(written, tuple) and len(read) == len(written):
        for one, other in zip(read, written, strict=True):
            yield from differences(one, other, path)
    elif read != written:
        yield f"{path}: {read!r}, written {written!r}"


def is_named(difference: str, named: set[str]) -> bool:
    """Whether a finding names the field that differs, or one that holds it. A field that lost an entry is as long no
    more: then the finding may name what is in it."""
    path = difference.partition(":")[0]
    return any(path == one or path.startswith(f"{one}.") or one.startswith(f"{path}.") for one in named)


@pytest.mark.parametrize("name", facts.message_tables())
def test_what_is_written_reads_back_as_the_same_document(name: str) -> None:
    """Except for what a finding names as left out."""
    format = name.split("/")[0]
    dialect = FORMATS[format]
    message = dialect.tables.get(name)
    written = refused = 0
    reasons: dict[str, int] = {}

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(whole(message, format))
    def there_and_back(document: Document) -> None:
        nonlocal written, refused
        try:
            content = dialect.write(name, [document], ENVELOPE, None)
        except Reject as reason:
            refused += 1
            reasons[str(reason)] = reasons.get(str(reason), 0) + 1
            assume(False)
            return
        written += 1
        read = without_what_orders_say(joined(documents(name, content)), document)
        if isinstance(read, Bulk) and isinstance(document, Bulk):
            assert read.lines.to_dicts() == document.lines.to_dicts()
        named = {finding.where.path or "" for finding in dialect.left_out(name, document, None)}
        found = differences(compared(read), compared(document))
        assert [each for each in found if not is_named(each, named)] == []

    there_and_back()
    assert written > refused, reasons


@pytest.mark.filterwarnings("ignore:segments.xml not found")
@pytest.mark.parametrize("text", ["a?b", "it's", "1+1", "x:y", "?'", "ok??", "+", "Grün", "?"])
def test_another_reader_understands_our_edifact(text: str) -> None:
    from pydifact.segmentcollection import RawSegmentCollection

    writer = Writer(ENVELOPE)
    writer.open()
    writer.message("ORDERS", "D96A", [["FTX", "ZZZ", "", "", f"{text}\x1fsecond"]])
    read = RawSegmentCollection.from_str(writer.close().decode("latin-1"))
    ftx = next(s for s in read.segments if s.tag == "FTX")
    assert ftx.elements[3] == [text, "second"]
