"""Every message table against its hand-written files: pass/ both ways, bad/ to the exact finding, and at random.

tests/messages/<format>-<version>-<message>/pass/*.edi  with  *.json           the documents that it says
                                           /bad/*.edi   with  *.findings.json  what is wrong, and where
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.edifact.format import Edifact
from adapters.x12.format import X12
from hub.model.bulk import Bulk
from hub.model.exchange import Address, Document, Envelope, Numbers, Reading
from hub.ports import Guide
from schemas import facts

HOME = Path(__file__).parent
FORMATS = {"x12": X12(), "edifact": Edifact()}
PASS = sorted(HOME.glob("*/pass/*.edi"))
BAD = sorted(HOME.glob("*/bad/*.edi"))
ENVELOPE = Envelope(
    sender=Address(id="SENDER"),
    receiver=Address(id="RECEIVER"),
    numbers=Numbers(interchange=1),
    prepared_at=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
)


def table(path: Path) -> str:
    """x12/004010/850 of …/x12-004010-850/pass/small.edi."""
    return path.parent.parent.name.replace("-", "/")


def read(name: str, content: bytes) -> list[Reading]:
    format = FORMATS[name.split("/")[0]]
    return [e for e in format.read(io.BytesIO(content), lambda _: Guide()) if isinstance(e, Reading)]


def documents(name: str, content: bytes) -> list[Document]:
    return [r.document for r in read(name, content) if r.document is not None]


def plain(document: Document) -> dict[str, Any]:
    """The golden shape: fields that say nothing are left out."""
    if isinstance(document, Bulk):
        rows = document.as_json()["lines"]
        return {
            **document.header.model_dump(mode="json", exclude_none=True),
            "line_count": document.lines.height,
            "lines": rows,
        }
    return document.model_dump(mode="json", exclude_none=True)


def label(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", PASS, ids=label)
def test_a_file_says_exactly_its_golden_documents(path: Path) -> None:
    found = read(table(path), path.read_bytes())
    errors = [(f.code, f.where.segment, f.message) for r in found for f in r.findings if f.severity.value == "error"]
    assert errors == []
    golden = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    shown = [plain(r.document) for r in found if r.document is not None]
    for document in golden:
        if "lines" in document and "line_count" in document:
            document.setdefault("line_count", len(document["lines"]))
    assert [without_nulls(d) for d in shown] == [without_nulls(d) for d in golden]


def without_nulls(value: Any) -> Any:
    """Rows of frames may spell their nulls or leave them out, documents their empty lists; nothing else differs."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v not in (None, []) and k != "line_count"}
    return [without_nulls(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", PASS, ids=label)
def test_what_we_write_reads_back_as_the_same_document(path: Path) -> None:
    name = table(path)
    before = documents(name, path.read_bytes())
    written = FORMATS[name.split("/")[0]].write(name, before, ENVELOPE, None)
    assert documents(name, written) == before


@pytest.mark.parametrize("path", BAD, ids=label)
def test_a_faulty_file_is_told_exactly_what_is_wrong(path: Path) -> None:
    found = [
        {"code": f.code, "segment": f.where.segment, "element": f.where.element, "component": f.where.component}
        for r in read(table(path), path.read_bytes())
        for f in r.findings
        if f.severity.value != "info"
    ]
    golden = json.loads(path.with_name(path.stem + ".findings.json").read_text(encoding="utf-8"))
    assert found == [{"element": None, "component": None, "segment": None} | row for row in golden]


@pytest.mark.parametrize("name", facts.message_tables())
def test_every_table_loads_and_has_files_of_both_kinds(name: str) -> None:
    FORMATS[name.split("/")[0]].tables.get(name)
    home = HOME / name.replace("/", "-")
    assert len(list(home.glob("pass/*.edi"))) >= 1
    assert len(list(home.glob("bad/*.edi"))) >= 1
