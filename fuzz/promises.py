"""What every target checks with: the formats, what is told of an event, and that what was read can be written."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

from pydantic import BaseModel

from adapters.edifact.format import Edifact
from adapters.mapping.carried import carried, only
from adapters.x12.format import X12
from hub.errors import Finding, Reject, Severity
from hub.model.exchange import Address, Closing, Document, Envelope, Event, Numbers, Reading, Remark
from hub.ports import Guide

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NUMBERS = Numbers(interchange=7, group=3, also=9)
ENVELOPE = Envelope(sender=Address(id="A"), receiver=Address(id="B"), numbers=NUMBERS, prepared_at=NOW)
FORMATS: dict[str, X12 | Edifact] = {"x12": X12(), "edifact": Edifact()}


class Wrong(AssertionError):
    """What a target promises does not hold."""


def demand(holds: object, what: str, *about: object) -> None:
    if not holds:
        raise Wrong(f"{what}: {about!r}"[:2000])


def findings_of(event: Event) -> list[Finding]:
    if isinstance(event, Remark):
        return [event.finding]
    if isinstance(event, Closing):
        return [*event.findings, *(f for group in event.groups for f in group.findings)]
    return list(event.findings) if isinstance(event, Reading) else []


def written_again(reading: Reading, content: bytes) -> None:
    """What was read without a fault can be written again by its own table, or is refused with a sentence; and what we
    wrote we read without an error, as the same. Of segments that were sent twice one may be left out."""
    if reading.document is not None and reading.table is not None:
        clean = not any(f.severity is not Severity.INFO for f in reading.findings)
        rows = [row.strip() for row in re.split(rb"[~'\\^|\n]", content) if row.strip()]
        repeated = len(set(rows)) < len(rows)
        _again(reading.interchange.format, reading.table, reading.document, clean, repeated)


def _again(name: str, table: str, document: Document, clean: bool, repeated: bool) -> None:
    try:
        content = FORMATS[name].write(table, [document], ENVELOPE, None)
    except Reject as refused:
        demand(str(refused), "a sentence")
        return
    found = list(FORMATS[name].read(io.BytesIO(content), lambda _: Guide()))
    errors = [f for event in found for f in findings_of(event) if f.severity is Severity.ERROR]
    demand(not clean or not errors, "what we write is right", content, errors[:2])
    documents = [event.document for event in found if isinstance(event, Reading)]
    if clean and len(documents) == 1 and documents != [document]:
        lost = carried(FORMATS[name].tables.get(table), document).lost  # what stands aside may be left out, by name
        same = _holds(only(document, _nothing), only(documents[0], _nothing), repeated)
        demand((lost or repeated) and same, "it says the same", lost, document, documents)


def _nothing(path: str) -> bool:
    return False


def _holds(said: object, again: object, repeated: bool) -> bool:
    """Whether both say the same; of what was `repeated` one may be missing."""
    if said == again or not (repeated and isinstance(said, BaseModel) and type(said) is type(again)):
        return said == again
    pairs = [(getattr(said, name), getattr(again, name)) for name in type(said).model_fields]
    return all(one == other or (isinstance(one, tuple) and set(map(repr, other)) <= set(map(repr, one)))
               for one, other in pairs)
