"""What stands twice where the table has room for one is read by the rest of its kind, or told."""

from __future__ import annotations

import io
from typing import Any

from adapters import x12
from hub.model.exchange import Reading
from tests.edi.samples import GS, ORDER, put, st
from tests.edi.samples import x12 as interchange

PARTIES = [
    "BHT*0065*00*4711*20261101",
    "N1*FR*FERNWICK",
    "HL*1**35",
    "N1*ST*STORE 1*UL*9012345000011",
    "N3*MAIN STREET 1",
    "N1*BT*HEAD OFFICE*UL*9012345000028",
]


def unmapped(content: str) -> tuple[Any, list[str]]:
    [read] = [event for event in x12.read(io.BytesIO(content.encode())) if isinstance(event, Reading)]
    return read.document, [f.message for f in read.findings if f.code.endswith("UNMAPPED")]


def test_a_second_party_of_a_party_record_stands_aside() -> None:
    document, told = unmapped(interchange(st(PARTIES, kind="816"), gs=GS.replace("PO", "OR", 1)))
    assert document.records[0].name == "STORE 1"
    assert [(party.role, party.name) for party in document.records[0].aside.parties] == [("bill_to", "HEAD OFFICE")]
    assert told == []


def test_a_second_article_number_is_kept_beside_the_first() -> None:
    at = next(n for n, row in enumerate(ORDER) if row.startswith("PO1"))
    both = put(ORDER, at, "PO1*1*12*CA*9.25**UP*012345678905*UK*10012345678902")
    document, told = unmapped(interchange(st(both)))
    assert document.lines[0].gtin == "00012345678905"
    assert [code.code for code in document.lines[0].item_codes] == ["10012345678902"]
    assert told == []
