"""Golden files: what each CSV means, and what is found in each bad one. Written by hand, never by our writer."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.csv.format import Csv
from hub.model.bulk import Bulk
from hub.model.exchange import Address, Closing, Document, Envelope, Event, Numbers, Reading, Status
from hub.ports import Guide

HERE = Path(__file__).parent / "messages"
PASS = sorted(HERE.glob("*/pass/*.csv"))
BAD = sorted(HERE.glob("*/bad/*.csv"))
ENVELOPE = Envelope(sender=Address(id="a"), receiver=Address(id="b"), numbers=Numbers(interchange=1),
                    prepared_at=datetime(2026, 11, 16, tzinfo=UTC))


def events(content: bytes, guide: Guide | None = None) -> list[Event]:
    return list(Csv().read(io.BytesIO(content), lambda _: guide or Guide()))


def readings(content: bytes, guide: Guide | None = None) -> list[Reading]:
    return [e for e in events(content, guide) if isinstance(e, Reading)]


def golden(document: Document) -> dict[str, Any]:
    if isinstance(document, Bulk):
        body = document.as_json()
        return _said(body)
    return _said(document.model_dump(mode="json", exclude_none=True))


def _said(value: dict[str, Any]) -> dict[str, Any]:
    """Without what nobody said: a CSV has no place for much of what a document can hold."""
    shown = {k: _said(v) if isinstance(v, dict) else [_said(r) if isinstance(r, dict) else r for r in v]
             if isinstance(v, list) else v for k, v in value.items()}
    return {k: v for k, v in shown.items() if v not in (None, [], {})}


@pytest.mark.parametrize("path", PASS, ids=lambda p: f"{p.parts[-3]}/{p.stem}")
def test_a_good_file_means_what_its_golden_says(path: Path) -> None:
    read = readings(path.read_bytes())
    assert all(r.status is Status.ACCEPTED for r in read)
    assert [golden(r.document) for r in read if r.document] == json.loads(path.with_suffix(".json").read_text())


@pytest.mark.parametrize("path", PASS, ids=lambda p: f"{p.parts[-3]}/{p.stem}")
def test_what_was_read_is_written_and_read_again_the_same(path: Path) -> None:
    for reading in readings(path.read_bytes()):
        assert reading.document
        assert reading.table
        again = readings(Csv().write(reading.table, [reading.document], ENVELOPE, None))
        assert [r.document for r in again] == [reading.document]


@pytest.mark.parametrize("path", BAD, ids=lambda p: f"{p.parts[-3]}/{p.stem}")
def test_a_bad_file_is_told_every_fault_with_line_and_column(path: Path) -> None:
    read = events(path.read_bytes())
    closing = read[-1]
    assert isinstance(closing, Closing)
    found = [f for e in read if isinstance(e, Reading | Closing) for f in e.findings]
    wanted = json.loads(path.with_suffix(".findings.json").read_text())
    assert [{"code": f.code, "line": f.where.line, "column": f.where.path} for f in found] == wanted["findings"]
    assert [e.status.value for e in read if isinstance(e, Reading)] == wanted["statuses"]
    assert all(f.message and f.hint for f in found)
