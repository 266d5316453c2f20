"""The engine as a library: what docs/library.md shows is true, and sources of every kind are read alike."""

from __future__ import annotations

import doctest
import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import adapters.edifact
import adapters.x12
from adapters import edifact, x12
from hub.errors import BrokenTable, NotFound, Reject
from tests.edi.samples import NOW, ORDER, ORDERS, put, st, unh
from tests.edi.samples import edifact as edifact_file
from tests.edi.samples import x12 as x12_file

DOCS = Path(__file__).parents[2] / "docs"
X12_ORDER = x12_file(st(ORDER)).encode()
EDIFACT_ORDER = edifact_file(unh(ORDERS)).encode()


def test_the_page_about_the_library_is_true() -> None:
    ran = doctest.testfile(str(DOCS / "library.md"), module_relative=False, optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    assert (ran.failed, ran.attempted > 20) == (0, True)


@pytest.mark.parametrize("module", [adapters.x12, adapters.edifact], ids=["x12", "edifact"])
def test_the_examples_of_the_packages_are_true(module: object) -> None:
    ran = doctest.testmod(module)  # type: ignore[arg-type]
    assert (ran.failed, ran.attempted > 3) == (0, True)


def test_bytes_paths_and_open_files_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "order"
    path.write_bytes(X12_ORDER)
    expected = list(x12.read(X12_ORDER))
    assert len(expected) == 3
    for source in (bytearray(X12_ORDER), memoryview(X12_ORDER), path, str(path), io.BytesIO(X12_ORDER)):
        assert list(x12.read(source)) == expected
    with path.open("rb") as file:
        assert list(x12.read(file)) == expected
        assert not file.closed


def test_a_file_of_characters_is_refused_because_its_charset_is_inside() -> None:
    with pytest.raises(TypeError, match="binary mode"):
        list(edifact.read(io.StringIO("UNB+")))  # type: ignore[arg-type]


def test_a_path_that_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(x12.read(tmp_path / "nothing"))


def test_reading_goes_on_while_the_file_still_comes() -> None:
    taken: list[int] = []

    class Slow(io.RawIOBase):
        """Interchange after interchange, without end."""

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            taken.append(1)
            assert len(taken) < 50, "read ahead without bounds"
            return EDIFACT_ORDER * 500

    events = edifact.read(Slow())  # type: ignore[arg-type]
    found = [next(events) for _ in range(1000)]
    assert sum(isinstance(event, edifact.Reading) for event in found) > 300
    assert len(taken) < 10


def test_checking_says_the_same_without_documents() -> None:
    bad = x12_file(st(put(ORDER, 6, "PO1*1*8x1*EA*68.12"))).encode()
    read = [e for e in x12.read(bad) if isinstance(e, x12.Reading)]
    checked = [e for e in x12.check(bad) if isinstance(e, x12.Reading)]
    assert [f.code for f in checked[0].findings] == [f.code for f in read[0].findings if f.severity.value == "error"]
    assert checked[0].document is None


def test_what_is_written_reads_back_as_the_same_in_both_dialects() -> None:
    [order] = [e.document for e in x12.read(X12_ORDER) if isinstance(e, x12.Reading)]
    assert order is not None
    now = datetime(2026, 11, 22, tzinfo=UTC)
    again = x12.write("x12/004010/850", [order], sender="A", receiver=x12.Address(id="B", qualifier="01"), now=now)
    assert [e.document for e in x12.read(again) if isinstance(e, x12.Reading)] == [order]
    other = edifact.write("edifact/D96A/ORDERS", [order], sender="A", receiver="B", now=now, syntax={"charset": "UNOY"})
    assert other.startswith(b"UNA:+.? 'UNB+UNOY:")


def test_answers_carry_the_control_number_that_was_given() -> None:
    [closing] = [e for e in edifact.read(EDIFACT_ORDER) if isinstance(e, edifact.Closing)]
    [answer] = edifact.acknowledge(closing, now=NOW, control=4711)
    assert b"+4711'" in answer.content.split(b"UNH")[0]
    assert [e.message for e in edifact.read(answer.content) if isinstance(e, edifact.Reading)] == ["CONTRL"]


def test_an_overlay_holds_for_its_call_only_and_a_wrong_one_is_named() -> None:
    overlay = {"x12/004010/850": '[map]\ndepartment = "REF[IA]-02"'}
    content = x12_file(st(put(ORDER, 1, "REF*IA*77"))).encode()

    def departments(**options: object) -> Iterator[object]:
        for event in x12.read(content, **options):  # type: ignore[arg-type]
            if isinstance(event, x12.Reading):
                yield event.document.department if event.document else None  # type: ignore[union-attr]

    assert [*departments(overlay=overlay), *departments()] == ["77", None]
    with pytest.raises(BrokenTable, match="no field 'nonsense'"):
        list(x12.read(content, overlay={"x12/004010/850": '[map]\nnonsense = "REF-02"'}))


def test_refusals_are_sentences() -> None:
    [order] = [e.document for e in x12.read(X12_ORDER) if isinstance(e, x12.Reading)]
    assert order is not None
    with pytest.raises(NotFound):
        x12.write("x12/004010/000", [order], sender="A", receiver="B", now=NOW)
    with pytest.raises(Reject, match="does not fit"):
        x12.write("x12/004010/850", [order], sender="A" * 16, receiver="B", now=NOW)


def test_the_library_needs_neither_server_nor_database_nor_network() -> None:
    """In a process of its own: nothing of them is even imported."""
    program = (
        "import sys; from adapters import x12, edifact\n"
        f"assert [e for e in x12.read({X12_ORDER!r})]\n"
        "heavy = ('hub.store', 'hub.app', 'hub.flow', 'hub.settings', 'sqlalchemy', 'psycopg', 'grpc', 'starlette',"
        " 'procrastinate', 'httpx', 'typer')\n"
        "found = [name for name in heavy if name in sys.modules]\n"
        "assert not found, found"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_reading_orders_does_not_load_what_only_frames_need() -> None:
    program = (
        "import sys; from adapters import edifact, x12\n"
        f"for source, engine in (({X12_ORDER!r}, x12), ({EDIFACT_ORDER!r}, edifact)):\n"
        "    assert any(isinstance(event, x12.Reading) and event.document for event in engine.read(source))\n"
        "sys.exit('polars' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=600).returncode == 0
