"""What is this file? By its first bytes, in little time and memory."""

from __future__ import annotations

import gzip
import io
import time
import zipfile
from typing import BinaryIO, cast

import pytest

from hub.cli.explain import formats
from hub.flow.identify import identify
from hub.model.exchange import Event, Opening, Reading, Remark, Status
from hub.ports import Guide
from tests.edi.samples import GS, ISA, ORDER, ORDERS, edifact, st, unh, x12

KNOWN = list(formats().values())
UBL = b"""<?xml version="1.0"?><Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"><ID>1</ID></Order>"""
GS1 = b"""<order:orderMessage xmlns:order="urn:gs1:ecom:order:xsd:3"
 xmlns:sh="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"><sh:StandardBusinessDocumentHeader>
 <sh:Sender><sh:Identifier Authority="GS1">4012345000009</sh:Identifier></sh:Sender>
 </sh:StandardBusinessDocumentHeader></order:orderMessage>"""


class Zeros(io.RawIOBase):
    """A gigabyte of zeros that nobody has to hold; `head` stands before it."""

    def __init__(self, head: bytes = b"", length: int = 1 << 30) -> None:
        super().__init__()
        self.head, self.left, self.given = head, length, 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "nobody may ask for all of it"
        taken, self.head = self.head[:size], self.head[size:]
        if not taken:
            taken = bytes(min(size, self.left))
            self.left -= len(taken)
        self.given += len(taken)
        return taken


def events(content: bytes | Zeros) -> list[Event]:
    source = cast(BinaryIO, content if isinstance(content, Zeros) else io.BytesIO(content))
    return list(identify(source, KNOWN, lambda _: Guide()))


def code(content: bytes) -> str:
    (only,) = events(content)
    assert isinstance(only, Remark)
    return only.finding.code


def packed() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("order.x12", x12(st(ORDER)))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (packed(), "ZIP"),
        (gzip.compress(b"ISA", mtime=0), "gzip"),
        (bytes(5000), "zeros"),
        (b"\n\n \t", "blanks"),
        (bytes(range(256)) * 20, "binary"),
        (b"Dear Sir, please find attached", "Dear Sir"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_what_is_no_message_says_what_it_is_instead(content: bytes, words: str) -> None:
    (only,) = events(content)
    assert isinstance(only, Remark)
    assert only.finding.code == "E-FILE-NO-FORMAT"
    assert words in only.finding.message


def test_an_empty_file_is_called_empty() -> None:
    assert code(b"") == "E-FILE-EMPTY"


def test_a_gigabyte_of_zeros_is_answered_from_its_first_bytes() -> None:
    zeros = Zeros()
    began = time.monotonic()
    assert len(events(zeros)) == 1
    assert time.monotonic() - began < 5
    assert zeros.given < 1 << 20


@pytest.mark.parametrize(
    "head",
    [
        ISA + GS,
        x12(st(ORDER), ge="", iea=""),
        ISA + GS + "ST*850*0001~BEG*00",
        edifact(unz=""),
        edifact(unh(ORDERS), unz="") + "UNH+2+ORDERS:D:96A:UN'BGM+2",
    ],
)
def test_zeros_behind_a_good_beginning_do_not_fill_the_memory(head: str) -> None:
    found = events(Zeros(head.encode(), 1 << 26))
    assert isinstance(found[0], Opening)
    assert any("TRUNCATED" in f.code or "TERMINATOR" in f.code for e in found for f in getattr(e, "findings", ()))


@pytest.mark.parametrize(("content", "format", "message"), [(UBL, "ubl", "Order"), (GS1, "gs1", "order")])
def test_xml_is_known_by_its_root(content: bytes, format: str, message: str) -> None:
    reading = next(e for e in events(content) if isinstance(e, Reading))
    assert (reading.interchange.format, reading.message, reading.status) == (format, message, Status.REJECTED)
    assert reading.findings


def test_a_gs1_sender_stands_in_its_header() -> None:
    opened = next(e for e in events(GS1) if isinstance(e, Opening))
    assert opened.interchange.sender is not None
    assert opened.interchange.sender.id == "4012345000009"


def test_a_doctype_is_refused_and_no_entity_is_resolved() -> None:
    bomb = b"""<?xml version="1.0"?><!DOCTYPE Order [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
    <Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2">&b;</Order>"""
    opened, closed = events(bomb)
    assert isinstance(opened, Opening)
    assert [f.code for f in getattr(closed, "findings", ())] == ["E-XML-DOCTYPE"]


def test_broken_and_foreign_xml_is_told() -> None:
    assert code(b"<?xml version='1.0'?><Order") == "E-XML-CUT-OFF"
    assert code(b"<?xml version='1.0'?><Order a=1/>") == "E-XML-BROKEN-XML"
    assert code(b"<?xml version='1.0'?><cat/>") == "E-FILE-NO-FORMAT"


def test_the_content_decides_and_not_what_stands_before_it() -> None:
    assert any(isinstance(e, Reading) for e in events(b"--- mail header ---\r\n" + x12(st(ORDER)).encode()))
