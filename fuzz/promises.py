"""What every target checks with: the formats, what is told of an event, and that what was read can be written."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from adapters.edifact.format import Edifact
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


def written_again(reading: Reading) -> None:
    """What was read without a fault can be written again by its own table, or is refused with a sentence; and what we
    wrote we read without an error, as the same."""
    if reading.document is not None and reading.table is not None:
        clean = not any(f.severity is not Severity.INFO for f in reading.findings)
        _again(reading.interchange.format, reading.table, reading.document, clean)


def _again(name: str, table: str, document: Document, clean: bool) -> None:
    try:
        content = FORMATS[name].write(table, [document], ENVELOPE, None)
    except Reject as refused:
        demand(str(refused), "a sentence")
        return
    found = list(FORMATS[name].read(io.BytesIO(content), lambda _: Guide()))
    errors = [f for event in found for f in findings_of(event) if f.severity is Severity.ERROR]
    demand(not clean or not errors, "what we write is right", content, errors[:2])
    documents = [event.document for event in found if isinstance(event, Reading)]
    demand(not clean or len(documents) > 1 or documents == [document], "it says the same", document, documents)
