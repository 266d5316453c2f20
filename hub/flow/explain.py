"""Says what a file is, without a database: for scripts as JSON that is written while the file is read.

One object per file; its shape is part of the hub's contract with those who script it:

    {"file", "interchanges": [{"format", "version", "sender", "receiver", "control",
     "transactions": [{"message", "control", "status", "documents": [...], "findings": [...]}],
     "findings": [...], "acknowledgements": [{"type", "content"}]}], "findings": [...]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from pydantic import BaseModel

from hub.errors import Finding, Severity
from hub.model.bulk import Bulk
from hub.model.exchange import (
    Acknowledgement,
    Closing,
    Document,
    Event,
    Interchange,
    Numbers,
    Opening,
    Reading,
    Remark,
    Status,
)
from hub.ports import Format

NUMBERS = Numbers(interchange=1, group=1, also=2)
"""Control numbers of the acknowledgements that would be sent; a real answer takes them from the durable counters."""
ROWS = 5_000


class Outcome(IntEnum):
    """Exit codes; of several files the highest counts."""

    ACCEPTED = 0
    REJECTED = 1
    UNREADABLE = 2


@dataclass(slots=True)
class Verdict:
    """How the file as a whole came out, known when all its events have passed."""

    interchanges: int = 0
    rejected: bool = False

    def take(self, event: Event) -> None:
        if isinstance(event, Opening):
            self.interchanges += 1
        elif isinstance(event, Reading):
            self.rejected = self.rejected or event.status is Status.REJECTED
        elif isinstance(event, Closing):
            self.rejected = self.rejected or event.rejected
        elif event.finding.severity is Severity.ERROR:
            self.rejected = True

    @property
    def outcome(self) -> Outcome:
        if not self.interchanges:
            return Outcome.UNREADABLE
        return Outcome.REJECTED if self.rejected else Outcome.ACCEPTED


def finding_json(item: Finding) -> dict[str, Any]:
    """A finding with all eleven keys of its place, null where one does not apply."""
    return {
        "code": item.code,
        "severity": item.severity.value,
        "where": item.where.model_dump(),
        "message": item.message,
        "hint": item.hint,
    }


def acknowledgements(closing: Closing, formats: Mapping[str, Format], now: datetime) -> list[Acknowledgement]:
    """What would be answered to an interchange."""
    format = formats.get(closing.interchange.format)
    return format.acknowledge(closing, NUMBERS, now) if format else []


def document_pieces(document: Document, max_lines: int | None) -> Iterator[str]:
    """A document as JSON text, in pieces, so that a million lines are never one string. Lines beyond `max_lines` are
    left out; `line_count` tells the true number."""
    if isinstance(document, Bulk):
        yield from _bulk_pieces(document, max_lines)
        return
    body: dict[str, Any] = {"type": type(document).__name__, **_said(document)}
    for name in ("lines", "transactions"):
        if name in type(document).model_fields:
            rows = body.pop(name, [])
            body |= {"line_count": len(rows), name: rows if max_lines is None else rows[:max_lines]}
    yield _text(body)


def _bulk_pieces(document: Bulk, max_lines: int | None) -> Iterator[str]:
    head = {
        "type": type(document).__name__,
        **_said(document.header),
        "line_count": document.height,
    }
    yield _text(head)[:-1] + ', "lines": ['
    shown = document.lines if max_lines is None else document.lines.head(max_lines)
    for start in range(0, shown.height, ROWS):
        rows = type(document)(document.header, shown.slice(start, ROWS)).as_json()["lines"]
        yield (", " if start else "") + ", ".join(map(_text, rows))
    yield "]}"


def _summary(document: Document) -> Iterator[str]:
    lines = getattr(document, "lines", None)
    yield _text({"type": type(document).__name__, "line_count": len(lines) if lines is not None else 0})


def _said(value: BaseModel) -> dict[str, Any]:
    """What a value says; what it does not say is left out."""
    said: dict[str, Any] = _filled(value.model_dump(mode="json", exclude_none=True))
    return said


def _filled(content: Any) -> Any:
    if isinstance(content, dict):
        inside = ((name, _filled(one)) for name, one in content.items())
        return {name: one for name, one in inside if one not in ([], {})}
    return [_filled(one) for one in content] if isinstance(content, list) else content


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


@dataclass(slots=True)
class JsonTeller:
    """Turns the events of one file into the pieces of one JSON object on one line."""

    file: str
    formats: Mapping[str, Format]
    now: datetime
    max_lines: int | None = None
    summary: bool = False
    verdict: Verdict = field(default_factory=Verdict)
    _remarks: list[Finding] = field(default_factory=list)
    _waiting: Interchange | None = None
    _transactions: int = 0

    def tell(self, events: Iterable[Event]) -> Iterator[str]:
        """The pieces; together they are the object. `verdict` is complete afterwards."""
        yield f'{{"file": {_text(self.file)}, "interchanges": ['
        for event in events:
            self.verdict.take(event)
            if isinstance(event, Remark):
                self._remarks.append(event.finding)
            elif isinstance(event, Opening):
                self._waiting, self._transactions = event.interchange, 0
            elif isinstance(event, Reading):
                yield from self._head(event.version)
                yield from self._reading(event)
            else:
                yield from self._head(None)
                yield from self._tail(event)
        yield f'], "findings": {_text([finding_json(f) for f in self._remarks])}}}\n'

    def _head(self, version: str | None) -> Iterator[str]:
        """The interchange's own facts, once. Its version is that of its first message where there is one: what the
        table names say (004010, D96A)."""
        head = self._waiting
        if head is None:
            return
        self._waiting = None
        facts = {
            "format": head.format,
            "version": version or head.version,
            "sender": head.sender.model_dump() if head.sender else None,
            "receiver": head.receiver.model_dump() if head.receiver else None,
            "control": head.control,
        }
        yield (", " if self.verdict.interchanges > 1 else "") + _text(facts)[:-1] + ', "transactions": ['

    def _reading(self, reading: Reading) -> Iterator[str]:
        facts = {"message": reading.message, "control": reading.control, "status": reading.status.value}
        yield (", " if self._transactions else "") + _text(facts)[:-1] + ', "documents": ['
        self._transactions += 1
        if reading.document is not None:
            yield from _summary(reading.document) if self.summary else document_pieces(reading.document, self.max_lines)
        yield f'], "findings": {_text([finding_json(f) for f in reading.findings])}}}'

    def _tail(self, closing: Closing) -> Iterator[str]:
        findings = [*closing.findings, *(f for group in closing.groups for f in group.findings)]
        answers = (
            []
            if self.summary
            else [
                {"type": a.type, "content": a.content.decode("utf-8", "replace")}
                for a in acknowledgements(closing, self.formats, self.now)
            ]
        )
        yield f'], "findings": {_text([finding_json(f) for f in findings])}, "acknowledgements": {_text(answers)}}}'
