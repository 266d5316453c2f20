"""Messages longer than any block, with wrong elements in them: told as ever, and only what is wrong is read slowly."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from adapters.edifact import gather as edifact_gather
from adapters.edifact import split as edifact_split
from adapters.edifact.format import Edifact
from adapters.mapping.columns import pieces
from adapters.mapping.columns.apart import Apart, Span
from adapters.mapping.report import LIMIT
from adapters.x12 import gather as x12_gather
from adapters.x12.format import X12
from bench.edi_inputs import single
from hub.errors import Severity
from hub.model.bulk import Bulk
from hub.model.exchange import Reading, Status
from hub.ports import Guide
from tests.edi import test_edifact_columns as edifact_columns
from tests.edi import test_x12_columns as x12_columns
from tests.edi.samples import edifact, unh

KINDS = ("x12_850", "x12_852", "edi_orders", "edi_slsrpt")


def columns(kind: str) -> ModuleType:
    return x12_columns if kind.startswith("x12") else edifact_columns


@contextmanager
def pieces_of(size: int) -> Iterator[None]:
    """Every message is long, and cut into pieces of so many bytes."""
    switched = x12_columns.switched
    with switched(x12_gather, "MOST", 0), switched(edifact_gather, "MOST", 0), switched(edifact_split, "LONG", 0), \
            switched(pieces, "SIZE", size):
        yield


def spoilt(content: bytes, rng: Random, faults: int) -> bytes:
    """With characters added and taken away within segments, whose names and number stay."""
    end, between = (b"~", b"*") if content.startswith(b"ISA") else (b"'", b"+")
    rows = content.split(end)
    for _ in range(faults):
        at = rng.randrange(4, len(rows) - 3)
        row = bytearray(rows[at])
        place = rng.randrange(len(row))
        if rng.random() < 0.3:
            del row[place]
        else:
            row[place:place] = rng.choice([b"x", b"9", b"99999999999999", b" ", b"-", between + b"x", b":x"])
        rows[at] = bytes(row) if row[:3] == rows[at][:3] else rows[at]
    return end.join(rows)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("size", "faults"), [(1, 2), (3000, 5), (8000, 1), (3000, 700)])
def test_wrong_elements_of_a_long_message_are_told_the_same(
    kind: str, size: int, faults: int, tmp_path: Path
) -> None:
    content = spoilt(single(kind, 0.02, tmp_path).read_bytes(), Random(f"{kind} {size} {faults}"), faults)
    with pieces_of(size):
        columns(kind).same(content)


def read_slowly(content: bytes, monkeypatch: pytest.MonkeyPatch, size: int = 10_000) -> tuple[Reading, list[int]]:
    """The only message of a file, in pieces of so many bytes, and the lengths of those that were read apart."""
    slowly: list[int] = []
    read = Apart.read

    def counted(apart: Apart, span: Span) -> object:
        slowly.append(len(span.content))
        return read(apart, span)

    monkeypatch.setattr(Apart, "read", counted)
    kind, format = ("x12", X12()) if content.startswith(b"ISA") else ("edi", Edifact())
    with pieces_of(size), columns(kind).one_by_one() as whole:
        [reading] = [one for one in format.read(io.BytesIO(content), lambda _: Guide()) if isinstance(one, Reading)]
    assert whole == []
    return reading, slowly


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_elements_alone_make_no_piece_slow(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = single(kind, 0.2, tmp_path, wrong=True).read_bytes()
    content = re.sub(rb"(~PO1\*)x(\d+\*)", rb"\1\2x", content)  # the quantity and not the number of the line
    reading, slowly = read_slowly(content, monkeypatch)
    assert slowly == []
    [fault] = [one for one in reading.findings if one.severity is Severity.ERROR]
    assert fault.where.offset is not None
    assert content[fault.where.offset :].startswith((b"ZA*QS*x", b"QTY+153:x", b"PO1*", b"QTY+21:x"))
    if isinstance(reading.document, Bulk):
        assert reading.status is Status.ACCEPTED_WITH_ERRORS
        assert reading.document.lines["quantity"].null_count() == 1
    else:
        assert reading.status is Status.REJECTED


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_long_message_in_which_each_line_is_wrong_500_faults_are_told_and_all_are_counted(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = {"x12_850": b"~PO1*", "x12_852": b"~ZA*QS*", "edi_orders": b"'QTY+21:", "edi_slsrpt": b"'QTY+153:"}[kind]
    right = single(kind, 0.1, tmp_path).read_bytes()
    content = right.replace(tag, tag + b"x") if kind != "x12_850" else re.sub(rb"(~PO1\*\d+\*)", rb"\1x", right)
    reading, slowly = read_slowly(content, monkeypatch)
    assert slowly == []
    assert len(reading.findings) == LIMIT + 1
    assert f"{content.count(tag)} " in reading.findings[-1].message
    columns(kind).same(content)


@pytest.mark.parametrize("kind", ["x12_852", "edi_slsrpt"])
def test_of_a_long_message_only_the_piece_with_the_fault_is_read_slowly(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = b"~ZA*QS*" if kind == "x12_852" else b"'QTY+153:"
    content = single(kind, 0.2, tmp_path, wrong=True).read_bytes().replace(tag + b"x", tag + b"1234567890123456")
    reading, slowly = read_slowly(content, monkeypatch)
    assert len(slowly) == 1
    assert slowly[0] < 20_000 < len(content)
    assert {one.where.tag for one in reading.findings} == {"ZA" if kind == "x12_852" else "QTY"}


def test_a_loop_longer_than_a_fine_piece_is_read_once_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["BGM+73E::9+SR1+9", "DTM+137:20261122:102", "NAD+SE+5412345000013::9", "NAD+SU+4012345000009::9"]
    for site in range(1, 4):
        rows += [f"LOC+162+{site}::92", *["RFF+ABO:A LONG REFERENCE"] * 5]
        for line in range(1, 4):
            rows += [f"LIN+{line}++4012345000016:EN", *["PRI+AAA:83.06"] * 5, "QTY+153:1234567890123456"]
    content = edifact(unh(rows, kind="SLSRPT:D:96A:UN")).encode()
    monkeypatch.setattr(pieces, "FINE", 50)
    with pieces_of(400):
        edifact_columns.same(content)
