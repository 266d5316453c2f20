"""GS1 messages of any size: document by document, place by place, in memory that does not grow with them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from adapters.xml import stream
from adapters.xml.door import Limits
from adapters.xml.format import Xml
from hub.model.advice import ApplicationAdvice
from hub.model.exchange import Closing, Numbers, Reading, Status
from hub.model.finding import name_of
from hub.model.forecast import Forecast
from tests.xml.samples import NOW, events, findings, names, readings
from tests.xml.test_stream import RUN

SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
NAME = "replenishmentProposal"
HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<rp:{NAME}Message xmlns:rp="urn:gs1:ecom:replenishment_proposal:xsd:3" xmlns:sh="{SBDH}">
<sh:StandardBusinessDocumentHeader><sh:HeaderVersion>1.0</sh:HeaderVersion>
<sh:Sender><sh:Identifier Authority="GS1">5412345000013</sh:Identifier></sh:Sender>
<sh:Receiver><sh:Identifier Authority="GS1">4012345000009</sh:Identifier></sh:Receiver>
<sh:DocumentIdentification><sh:Standard>GS1</sh:Standard><sh:TypeVersion>3.1</sh:TypeVersion>
<sh:InstanceIdentifier>M1</sh:InstanceIdentifier><sh:Type>ReplenishmentProposal</sh:Type>
<sh:CreationDateAndTime>2026-11-20T08:15:00+01:00</sh:CreationDateAndTime></sh:DocumentIdentification>
</sh:StandardBusinessDocumentHeader>
"""
DOCUMENT = f"""<{NAME}><creationDateTime>2026-11-20T08:00:00</creationDateTime>
<documentStatusCode>ORIGINAL</documentStatusCode>
<{NAME}Identification><entityIdentification>RP{{n}}</entityIdentification></{NAME}Identification>
<structureTypeCode>LOCATION_BY_ITEM</structureTypeCode><seller><gln>5412345000013</gln></seller>
<buyer><gln>4012345000009</gln></buyer>
"""
PLACE = f"""<{NAME}ItemLocationInformation><shipTo><gln>5412345000020</gln></shipTo>
<transactionalTradeItem><gtin>04012345000016</gtin></transactionalTradeItem>{{rows}}</{NAME}ItemLocationInformation>
"""
ROW = f"""<{NAME}LineItem><lineItemNumber>1</lineItemNumber>
<proposedQuantity measurementUnitCode="CS">{{n}}</proposedQuantity><periodOfReplenishment>
<beginDate>2026-12-07</beginDate><endDate>2026-12-13</endDate></periodOfReplenishment></{NAME}LineItem>
"""


def proposal(number: int, places: int, rows: int = 2) -> str:
    body = "".join(PLACE.format(rows="".join(ROW.format(n=place * rows + n) for n in range(rows)))
                   for place in range(places))
    return f"{DOCUMENT.format(n=number)}{body}</{NAME}>\n"


def message(*documents: str) -> str:
    return f"{HEAD}{''.join(documents)}</rp:{NAME}Message>"


def forecasts(content: str) -> list[Forecast]:
    return [r.document for r in readings(content) if isinstance(r.document, Forecast)]


def quantities(content: str) -> list[float]:
    return pl.concat([found.lines for found in forecasts(content)])["quantity"].to_list()


def answered(content: str) -> ApplicationAdvice:
    closing = events(content)[-1]
    assert isinstance(closing, Closing)
    (answer,) = Xml().acknowledge(closing, Numbers(interchange=9), NOW)
    (reading,) = readings(answer.content)
    assert isinstance(reading.document, ApplicationAdvice)
    return reading.document


@pytest.fixture
def _short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HELD", 100)


@pytest.mark.usefixtures("_short_parts")
def test_a_long_document_comes_in_parts_with_every_row_in_order_and_is_answered_once() -> None:
    content = message(proposal(1, 600), proposal(2, 3))
    assert names(content) == []
    found = forecasts(content)
    assert [part.header.number for part in found] == ["RP1"] * 12 + ["RP2"]
    assert {part.lines.height for part in found[:-1]} == {100}
    assert quantities(content) == [float(n) for n in range(1_200)] + [float(n) for n in range(6)]
    assert [(d.number, d.outcome) for d in answered(content).documents] == [("RP1", "accepted"), ("RP2", "accepted")]


def test_many_documents_are_one_reading_each() -> None:
    content = message(*(proposal(n, 1) for n in range(1, 301)))
    assert names(content) == []
    assert [found.header.number for found in forecasts(content)] == [f"RP{n}" for n in range(1, 301)]
    assert [d.number for d in answered(content).documents] == [f"RP{n}" for n in range(1, 301)]


@pytest.mark.usefixtures("_short_parts")
def test_a_fault_deep_in_a_long_document_is_told_where_it_stands_and_the_rest_is_read() -> None:
    content = message(proposal(1, 3), proposal(2, 600)).replace(">901<", ">many<")
    (told,) = findings(events(content))
    assert told.code == "E-XML-VALUE"
    assert told.where.path == (f"/{NAME}Message/{NAME}[2]/{NAME}ItemLocationInformation[451]/{NAME}LineItem[2]"
                               "/proposedQuantity")
    assert told.where.line == next(n for n, text in enumerate(content.split("\n"), 1) if ">many<" in text)
    assert len(quantities(content)) == 6 + 1_200
    outcomes = [(d.number, d.outcome) for d in answered(content).documents]
    assert outcomes == [("RP1", "accepted"), ("RP2", "accepted_with_errors")]


def test_a_head_with_a_fault_is_told_once_and_its_lines_are_read() -> None:
    content = message(proposal(1, 600)).replace(">2026-11-20T08:00:00<", ">yesterday<")
    (told,) = findings(events(content))
    assert (told.code, told.where.path) == ("E-XML-VALUE", f"/{NAME}Message/{NAME}/creationDateTime")
    assert len(quantities(content)) == 1_200


def test_what_is_no_line_behind_the_lines_of_a_long_document_is_refused() -> None:
    content = message(proposal(1, 600).replace(f"</{NAME}>", f"<note>late</note></{NAME}>"))
    assert names(content) == ["NOT-EXPECTED"]
    closing = events(content)[-1]
    assert isinstance(closing, Closing)
    assert closing.rejected


def test_a_message_that_breaks_off_behind_a_document_is_rejected_as_a_whole() -> None:
    content = message(proposal(1, 600), proposal(2, 600))
    found = events(content[:len(content) - 2_000])
    assert isinstance(found[-1], Closing)
    assert found[-1].rejected
    assert [name_of(finding) for finding in found[-1].findings] == ["CUT-OFF"]
    assert answered(content[:len(content) - 2_000]).outcome == "rejected"


@pytest.mark.usefixtures("_short_parts")
def test_where_all_or_nothing_is_wanted_a_fault_in_one_part_condemns_the_message() -> None:
    content = message(proposal(1, 600)).replace(">901<", ">many<")
    assert {reading.status for reading in readings(content, "reject")} == {Status.ACCEPTED, Status.REJECTED}
    closing = events(content, "reject")[-1]
    assert isinstance(closing, Closing)
    assert [name_of(finding) for finding in closing.findings] == ["PARTS"]


@pytest.mark.parametrize("content", [
    message(proposal(1, 2, rows=400)),
    message(proposal(1, 600).replace("<seller>", "<contact><personName>x</personName></contact>" * 3_000 + "<seller>")),
], ids=["line", "head"])
def test_a_line_and_a_head_have_their_limits(content: str) -> None:
    assert names(content) == []
    assert names(content, Limits(tree=100_000, line=50_000)) == ["LIMIT"]


def test_a_message_is_longer_than_one_document_may_be() -> None:
    content = message(*(proposal(n, 1) for n in range(1, 401)))
    assert len(content) > 250_000
    assert names(content, Limits(tree=150_000, line=50_000)) == []


def test_memory_does_not_grow_with_the_message(tmp_path: Path) -> None:
    peaks = {}
    for count in (100, 800):
        path = tmp_path / f"{count}.xml"
        path.write_text(message(proposal(1, count, rows=10), proposal(2, count, rows=10)))
        done = subprocess.run([sys.executable, "-c", RUN, str(path)], capture_output=True, text=True, check=True,
                              env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
        rows, peaks[count] = map(int, done.stdout.split())
        assert rows == 20 * count
    assert peaks[800] < peaks[100] + 15


def test_readings_tell_how_many_rows_they_hold() -> None:
    (only,) = [e for e in events(message(proposal(1, 7))) if isinstance(e, Reading)]
    assert only.segments == 14
