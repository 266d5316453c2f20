"""GS1 XML: what each document means, what its header says, and that nothing is dropped in silence.

tests/messages/gs1-3.1-<document>/pass/*.xml with *.json, bad/*.xml with *.findings.json: like those of UBL.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.xml.format import Xml
from adapters.xml.gs1_schema import FACTS
from hub.errors import Where
from hub.model.advice import ApplicationAdvice
from hub.model.exchange import Closing, Interchange, Numbers, Opening, Reading, Status
from hub.model.finding import finding, name_of
from hub.model.order import Order
from hub.model.party import Party
from schemas import facts
from schemas.components import components
from tests.xml.samples import ENVELOPE, NOW, events, findings, names, readings
from tests.xml.test_across import ORDER, through
from tests.xml.test_messages import golden, read
from tests.xml.test_random import bulks, orders

HOME = Path(__file__).parents[1] / "messages"
PASS = sorted(HOME.glob("gs1-*/pass/*.xml"))
BAD = sorted(HOME.glob("gs1-*/bad/*.xml"))
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "gs1"
XML = Xml()
WEEKLY = (HOME / "gs1-3.1-order" / "pass" / "weekly.xml").read_text()
SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
BULKS = sorted(name for name in XML.gs1.tables.names() if XML.gs1.tables.get(name).frame)


def said(content: str) -> list[str]:
    """The names of all findings, notes too."""
    return [name_of(f) for e in events(content) if isinstance(e, Reading | Closing) for f in e.findings]


@pytest.mark.parametrize("path", PASS, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_a_message_means_what_its_golden_says(path: Path) -> None:
    found = read(path.read_bytes())
    assert {reading.status for reading in found} == {Status.ACCEPTED}, findings(events(path.read_bytes()))
    assert findings(events(path.read_bytes())) == []
    assert [golden(r.document) for r in found if r.document] == json.loads(path.with_suffix(".json").read_text())


@pytest.mark.parametrize("path", PASS, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_what_was_read_is_written_as_one_message_and_read_again_the_same(path: Path) -> None:
    found = [reading.document for reading in read(path.read_bytes()) if reading.document is not None]
    written = XML.write(str(read(path.read_bytes())[0].table), found, ENVELOPE, None)
    assert [again.document for again in read(written)] == found
    assert findings(events(written)) == []


@pytest.mark.parametrize("path", BAD, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_a_bad_message_is_told_every_fault_with_line_and_path(path: Path) -> None:
    content = path.read_bytes()
    wanted = json.loads(path.with_suffix(".findings.json").read_text())
    told = [{"code": f.code, "line": f.where.line, "path": f.where.path} for f in findings(events(content))]
    assert told == wanted["findings"]
    assert [reading.status.value for reading in read(content)] == wanted["statuses"]
    assert all(f.message and f.hint for f in findings(events(content)))


# -- the four dialects ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [
    ("gs1/3.1/order",),
    ("x12/004010/850", "gs1/3.1/order", "edifact/D96A/ORDERS", "ubl/2.1/Order"),
    ("ubl/2.1/Order", "edifact/D96A/ORDERS", "gs1/3.1/order", "x12/004010/850"),
    ("gs1/3.1/order", "ubl/2.1/Order", "gs1/3.1/order", "x12/004010/850", "edifact/D96A/ORDERS"),
])
def test_an_order_is_the_same_in_all_four_dialects_and_on_every_way(way: tuple[str, ...]) -> None:
    document: Any = ORDER
    for table in way:
        document = through(table, document)
    assert document == ORDER


GLNS = st.sampled_from(["5412345000013", "4012345000009", "5412345000020"])


def named(party: Party | None, gln: str) -> Party | None:
    """A GLN has 13 digits; every other number may be anything else."""
    if party is None:
        return None
    return party.model_copy(update={"id": gln if party.scheme == "gln" else f"N{party.id}"})


@given(order=orders, gln=GLNS)
@settings(max_examples=60, deadline=None)
def test_an_order_is_read_back_as_it_was_written(order: Order, gln: str) -> None:
    lines = tuple(line.model_copy(update={"number": str(n)}) for n, line in enumerate(order.lines, 1))
    order = order.model_copy(update={
        "lines": lines, "buyer": named(order.buyer, gln) or Party(), "seller": named(order.seller, gln),
        "ship_to": named(order.ship_to, gln)})
    written = XML.write("gs1/3.1/order", [order], ENVELOPE, None)
    (reading,) = read(written)
    bare = order.model_copy(update={"buyer": None if order.buyer == Party() else order.buyer})
    assert reading.document == bare, reading.findings


# -- the header -------------------------------------------------------------------------------------------------------


def test_the_header_says_who_sends_what_to_whom() -> None:
    (opened,) = [e.interchange for e in events(WEEKLY) if isinstance(e, Opening)]
    assert opened.sender is not None
    assert opened.receiver is not None
    assert (opened.sender.id, opened.sender.qualifier, opened.receiver.id) == ("5412345000013", None, "4012345000009")
    assert (opened.format, opened.version, opened.control) == ("gs1", "3.1", "MSG-2026-0815")
    assert opened.prepared_at is not None
    assert opened.prepared_at.isoformat() == "2026-11-20T08:15:00+01:00"


@pytest.mark.parametrize(("old", "new", "name"), [
    ("<sh:Type>Order<", "<sh:Type>Invoice<", "SBDH-CONTRADICTS"),
    ("<sh:TypeVersion>3.1<", "<sh:TypeVersion>2.8<", "SBDH-CONTRADICTS"),
    ("2026-11-20T08:15:00+01:00<", "yesterday<", "SBDH-CONTRADICTS"),
    ("MSG-2026-0815", "", "SBDH-GAP"),
    ("<sh:Sender><sh:Identifier Authority=\"GS1\">5412345000013</sh:Identifier></sh:Sender>", "", "SBDH-GAP"),
    ("sh:", "", "SBDH-NAMESPACE"),
])
def test_a_header_that_is_not_right_is_told_and_the_order_is_read(old: str, new: str, name: str) -> None:
    content = WEEKLY.replace(old, new)
    assert content != WEEKLY
    assert names(content) == [name]
    assert [reading.document for reading in readings(content)] == [read(WEEKLY.encode())[0].document]


def test_a_header_in_a_document_of_its_own_leads_to_the_message() -> None:
    head = WEEKLY[WEEKLY.index("<sh:Standard"):WEEKLY.index("</sh:StandardBusinessDocumentHeader>") + 37]
    message = WEEKLY.replace(head, "").removeprefix('<?xml version="1.0" encoding="UTF-8"?>\n')
    content = f'<sh:StandardBusinessDocument xmlns:sh="{SBDH}">{head}{message}</sh:StandardBusinessDocument>'
    assert names(content) == []
    (reading,) = readings(content)
    assert reading.document == read(WEEKLY.encode())[0].document
    assert reading.interchange.sender is not None


def test_what_we_send_names_both_sides_by_its_header() -> None:
    written = XML.write("gs1/3.1/order", [ORDER], ENVELOPE, None)
    (opened,) = [e.interchange for e in events(written) if isinstance(e, Opening)]
    assert (opened.sender, opened.receiver, opened.control) == (ENVELOPE.sender, ENVELOPE.receiver, "7")
    assert opened.prepared_at == NOW


# -- what is odd ------------------------------------------------------------------------------------------------------


def test_a_namespace_of_another_message_is_refused() -> None:
    assert names(WEEKLY.replace("ecom:order:xsd", "ecom:despatch_advice:xsd")) == ["OTHER-NAMESPACE"]


def test_a_later_major_version_is_refused_with_the_versions_that_are_known() -> None:
    content = WEEKLY.replace("order:xsd:3", "order:xsd:4").replace("<sh:TypeVersion>3.1", "<sh:TypeVersion>4.0")
    assert names(content) == ["UNKNOWN-VERSION"]
    assert all(reading.document is None for reading in readings(content))


def test_a_document_of_another_kind_within_a_message_is_told_and_the_others_are_read() -> None:
    content = (HOME / "gs1-3.1-order" / "pass" / "three-in-one-message.xml").read_text()
    first = content.index("<order>")
    end = content.index("</order>") + len("</order>")
    mixed = content[:first] + content[first:end].replace("order>", "invoice>", 1)[:-8] + "</invoice>" + content[end:]
    assert [reading.document is None for reading in readings(mixed)] == [True, False, False]
    assert "NOT-EXPECTED" in names(mixed)


def test_stock_and_activity_in_one_message_are_read_each_by_its_own_table() -> None:
    stock, activity = ((HOME / f"gs1-3.1-{name}" / "pass" / f"{file}.xml").read_text()
                       for name, file in (("inventoryReport", "two-places"), ("inventoryActivityReport", "one-place")))
    second = activity[activity.index("  <inventoryReport>"):activity.index("</inventory_report:")]
    content = stock.replace("</inventory_report:", f"{second * 2}</inventory_report:")
    assert names(content) == []
    assert [type(reading.document).__name__ for reading in readings(content)] == ["Inventory", "Activity", "Activity"]


def test_a_message_without_a_document_says_so() -> None:
    content = WEEKLY[:WEEKLY.index("  <order>")] + WEEKLY[WEEKLY.index("</order:orderMessage>"):]
    assert names(content) == ["INCOMPLETE"]
    assert [reading.status for reading in readings(content)] == [Status.REJECTED]


def test_an_element_that_no_fact_names_is_told_and_the_rest_is_read() -> None:
    content = WEEKLY.replace("<netPrice", "<sparkle>much</sparkle><netPrice")
    assert names(content) == ["NEWER"]
    assert readings(content)[0].document == read(WEEKLY.encode())[0].document


def test_a_second_value_where_one_is_read_is_told() -> None:
    tag = "additionalPartyIdentification"
    content = WEEKLY.replace("</seller>", f'<{tag} {tag}TypeCode="DUNS">1</{tag}></seller>')
    assert said(content).count("MORE-THAN-ONE") == 1


def test_a_pair_that_no_row_names_becomes_a_reference() -> None:
    (reading,) = readings(WEEKLY)
    assert isinstance(reading.document, Order)
    assert ("routing", "DOCK 7") in [(r.kind, r.number) for r in reading.document.references]


def test_every_value_of_an_order_is_mapped_or_told() -> None:
    content = WEEKLY.replace("<orderTypeCode>", "<orderTypeCode codeDescription='an order'>").replace(
        "</contact>", "</contact><organisationDetails><organisationName>L</organisationName></organisationDetails>")
    assert sorted(said(content)) == ["UNMAPPED", "UNMAPPED"]


@pytest.mark.parametrize("attack", ['<!DOCTYPE order:orderMessage [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
                                    '<!DOCTYPE order:orderMessage>'])
def test_a_doctype_is_refused_before_a_gs1_message_too(attack: str) -> None:
    assert names(WEEKLY.replace("<order:orderMessage", attack + "<order:orderMessage")) == ["DOCTYPE"]


def test_a_message_that_breaks_off_gives_no_document() -> None:
    for at in range(200, len(WEEKLY), 700):
        assert all(reading.document is None for reading in readings(WEEKLY[:at]))


def test_a_number_that_is_no_gln_is_not_written_as_one_but_with_the_name_of_one() -> None:
    party = Party(id="0123456789", scheme="gln")
    content = XML.write("gs1/3.1/order", [ORDER.model_copy(update={"buyer": party})], ENVELOPE, None)
    assert b"<gln>0123456789</gln>" not in content
    (reading,) = read(content)
    assert isinstance(reading.document, Order)
    assert reading.document.buyer == party


def test_a_party_with_a_number_of_the_buyer_keeps_its_issuer() -> None:
    party = Party(id="5412345000013", scheme="buyer")
    document = through("gs1/3.1/order", ORDER.model_copy(update={"buyer": party}))
    assert isinstance(document, Order)
    assert document.buyer == party


# -- the answer -------------------------------------------------------------------------------------------------------


def advice(content: str) -> tuple[Interchange, ApplicationAdvice]:
    """What is answered to a message, read again: without any finding, and never answered itself."""
    closing = events(content)[-1]
    assert isinstance(closing, Closing)
    (answer,) = XML.acknowledge(closing, Numbers(interchange=9), NOW)
    assert (answer.type, answer.control) == ("applicationReceiptAcknowledgement", "9")
    found = events(answer.content)
    assert findings(found) == []
    (reading,) = [event for event in found if isinstance(event, Reading)]
    assert isinstance(reading.document, ApplicationAdvice)
    assert isinstance(found[-1], Closing)
    assert XML.acknowledge(found[-1], Numbers(interchange=1), NOW) == []
    return reading.interchange, reading.document


def test_a_message_is_acknowledged_document_by_document_to_who_sent_it() -> None:
    sent = events(WEEKLY)[0]
    assert isinstance(sent, Opening)
    head, answer = advice(WEEKLY)
    assert (head.sender, head.receiver) == (sent.interchange.receiver, sent.interchange.sender)
    assert [(d.outcome, d.number, d.message, d.issued_on) for d in answer.documents] == [
        ("accepted", "PO-4711", "35", date(2026, 11, 20))]


def test_a_fault_is_told_with_its_code_place_and_value() -> None:
    _, answer = advice(WEEKLY.replace("<buyer>", "<buyer><gln>1</gln>", 1))
    (document,) = answer.documents
    assert document.outcome in ("accepted_with_errors", "rejected")
    fault = document.errors[0]
    assert fault.code == "E-XML-NOT-EXPECTED"
    assert fault.field == "gln[2]"
    assert "/order/buyer/gln[2]" in (fault.reference or "")


def test_a_message_that_cannot_be_read_on_is_answered_as_a_whole() -> None:
    sent = events(WEEKLY)
    assert isinstance(sent[-1], Closing)
    closing = replace(sent[-1], findings=(finding("xml", "CUT-OFF", Where(line=7), reason="it ends"),))
    (answer,) = XML.acknowledge(closing, Numbers(interchange=9), NOW)
    (reading,) = readings(answer.content)
    assert isinstance(reading.document, ApplicationAdvice)
    assert (reading.document.outcome, reading.document.errors[0].code) == ("rejected", "E-XML-CUT-OFF")
    assert b"<entityIdentification>MSG-2026-0815</entityIdentification>" in answer.content


def test_an_order_that_wants_no_answer_and_a_message_from_nobody_get_none() -> None:
    says = "<isApplicationReceiptAcknowledgementRequired>{}</isApplicationReceiptAcknowledgementRequired>"
    for word, count in (("false", 0), ("true", 1)):
        content = WEEKLY.replace("</orderTypeCode>", f"</orderTypeCode>{says.format(word)}", 1)
        assert content != WEEKLY
        closing = events(content)[-1]
        assert isinstance(closing, Closing)
        assert len(XML.acknowledge(closing, Numbers(interchange=1), NOW)) == count
        nobody = replace(closing, interchange=closing.interchange.model_copy(update={"sender": None}))
        assert XML.acknowledge(nobody, Numbers(interchange=1), NOW) == []


# -- the facts --------------------------------------------------------------------------------------------------------

VIRTUAL = {"scheme", "kind", "sscc"}
"""Written by adapters/xml/gs1_shape.py for the tables alone."""
NESTED = {"despatchAdviceLogisticUnit", "despatchAdviceLineItem", "receivingAdviceLineItem"}


@pytest.mark.parametrize("name", XML.gs1.tables.names())
def test_every_place_of_a_table_is_one_that_the_facts_know(name: str) -> None:
    made = components("gs1", FACTS)
    table = XML.gs1.tables.get(name)
    for way in table.known:
        children = made.documents[table.root]
        for step in way:
            if step.startswith("@"):
                assert step[1:] in VIRTUAL or children == (), (name, way)
                break
            if step in VIRTUAL:
                break
            parts = (*made.aggregates.values(), *made.documents.values())
            every = [child for part in parts for child in part if child.name == step]
            child = next((c for c in children if c.name == step), None) or (every[0] if step in NESTED else None)
            assert child is not None, (name, way)
            children = made.aggregates[child.type] if child.type else ()


def test_every_document_of_the_facts_says_what_confirmed_it() -> None:
    proof = facts.read_toml(facts.HOME / "gs1" / "proof.toml")
    made = components("gs1", FACTS)
    assert proof["documents"].keys() == made.documents.keys()
    assert set(proof["any_order"]) <= {*made.documents, *made.aggregates}
    unsure = {name for name, how in proof["documents"].items() if how != "types"}
    assert unsure <= set(proof["any_order"])


@pytest.mark.parametrize("name", BULKS)
@given(data=st.data(), gln=GLNS)
@settings(max_examples=25, deadline=None)
def test_lines_are_read_back_as_they_were_written(name: str, data: st.DataObject, gln: str) -> None:
    document: Any = data.draw(bulks(name, XML.gs1.tables))
    frame = XML.gs1.tables.get(name).frame
    assert frame is not None
    header = {"purpose": "replace", **({"kind": "order"} if "kind" in type(document.header).model_fields else {})}
    period = {field: None for field in ("start", "end") if field in type(document.header).model_fields}
    lines = document.lines.with_columns(
        pl.when(pl.col("scheme") == "gln").then(pl.lit(gln)).otherwise("N" + pl.col("location")).alias("location"),
        pl.when(pl.col("location").is_null()).then(None).otherwise(pl.col("scheme").fill_null("mutual")).alias("scheme"))
    for column, word in frame.constants.items():
        lines = lines.with_columns(pl.lit(word).alias(column))
    document = type(document)(document.header.model_copy(update={**header, **period}), lines)
    written = XML.write(name, [document], ENVELOPE, None)
    found: Any = read(written)[0].document
    left, right = found.lines, document.lines
    if "bucket" in left.columns:
        left, right = left.drop("bucket"), right.drop("bucket")
    assert left.equals(right), (left, right)
    kept = {"buyer", "reporter", "seller"}
    assert found.header.model_dump(exclude=kept) == document.header.model_dump(exclude=kept)


# -- the wild ---------------------------------------------------------------------------------------------------------


def test_every_message_of_the_corpus_is_read_or_told() -> None:
    if not CORPUS.exists():
        pytest.skip("the corpus is not there")
    taken = 0
    for path in sorted(CORPUS.glob("*/*.xml")):
        found = events(path.read_bytes())
        assert isinstance(found[-1], Closing), path.name
        taken += sum(1 for e in found if isinstance(e, Reading) and e.document is not None)
        assert all(e.document is not None or e.findings for e in found if isinstance(e, Reading)), path.name
    assert taken >= 5


def test_what_the_corpus_says_is_written_and_read_again_the_same() -> None:
    if not CORPUS.exists():
        pytest.skip("the corpus is not there")
    for path in sorted(CORPUS.glob("*/*.xml")):
        for reading in read(path.read_bytes()):
            if reading.document is not None:
                written = XML.write(str(reading.table), [reading.document], ENVELOPE, None)
                assert [again.document for again in read(written)] == [reading.document], path.name
