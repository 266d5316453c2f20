"""Golden files: what each XML document means, and what is found in each bad one. Written by hand, never by our writer.

tests/messages/ubl-<version>-<document>/pass/*.xml  with  *.json           the documents that it says
                                       /bad/*.xml   with  *.findings.json  what is wrong, and where
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from adapters.xml.format import Xml
from hub.model.bulk import Bulk
from hub.model.exchange import Closing, Document, Reading, Status
from hub.ports import Guide
from tests.xml.samples import ENVELOPE, events, findings

HOME = Path(__file__).parents[1] / "messages"
PASS = sorted(HOME.glob("ubl-*/pass/*.xml"))
BAD = sorted(HOME.glob("ubl-*/bad/*.xml"))
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "ubl"


def read(content: bytes) -> list[Reading]:
    return [e for e in Xml().read(io.BytesIO(content), lambda _: Guide()) if isinstance(e, Reading)]


def bare(value: Any) -> Any:
    """Without what says nothing."""
    if isinstance(value, dict):
        return {key: bare(one) for key, one in value.items() if one is not None and one != []}
    return [bare(one) for one in value] if isinstance(value, list) else value


def golden(document: Document) -> Any:
    return bare(document.as_json() if isinstance(document, Bulk) else document.model_dump(mode="json"))


@pytest.mark.parametrize("path", PASS, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_a_document_means_what_its_golden_says(path: Path) -> None:
    found = read(path.read_bytes())
    assert [reading.status for reading in found] == [Status.ACCEPTED], findings(events(path.read_bytes()))
    assert [golden(r.document) for r in found if r.document] == json.loads(path.with_suffix(".json").read_text())


@pytest.mark.parametrize("path", PASS, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_what_was_read_is_written_and_read_again_the_same(path: Path) -> None:
    (reading,) = read(path.read_bytes())
    assert reading.document is not None
    written = Xml().write(str(reading.table), [reading.document], ENVELOPE, None)
    assert [again.document for again in read(written)] == [reading.document]


@pytest.mark.parametrize("path", BAD, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_a_bad_document_is_told_every_fault_with_line_and_path(path: Path) -> None:
    content = path.read_bytes()
    wanted = json.loads(path.with_suffix(".findings.json").read_text())
    told = [{"code": f.code, "line": f.where.line, "path": f.where.path} for f in findings(events(content))]
    assert told == wanted["findings"]
    assert [reading.status.value for reading in read(content)] == wanted["statuses"]
    assert all(f.message and f.hint for f in findings(events(content)))


def test_every_document_of_the_corpus_is_read_or_told_and_answered() -> None:
    if not CORPUS.exists():
        pytest.skip("the corpus is not there")
    taken = 0
    for path in sorted(CORPUS.glob("*/*.xml")):
        found = events(path.read_bytes())
        closing = found[-1]
        assert isinstance(closing, Closing), path.name
        taken += any(isinstance(event, Reading) and event.document is not None for event in found)
    assert taken >= 45


def test_what_the_corpus_says_is_written_and_read_again_the_same() -> None:
    if not CORPUS.exists():
        pytest.skip("the corpus is not there")
    for path in sorted(CORPUS.glob("*/*.xml")):
        for reading in read(path.read_bytes()):
            if reading.document is None:
                continue
            written = Xml().write(str(reading.table), [reading.document], ENVELOPE, None)
            assert [again.document for again in read(written)] == [reading.document], path.name
