"""What a writer makes of a partner's limits, charset and separators, and what it refuses, with place and remedy."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from adapters.edifact.envelope import Writer as EdifactWriter
from adapters.x12.envelope import Writer as X12Writer
from hub.errors import Reject
from hub.model.activity import Activity
from hub.model.contact import Contact, OtherNumber
from hub.model.exchange import Address, Document, Envelope, Numbers, Writing
from hub.model.moment import Moment
from hub.model.order import Order, OrderLine
from hub.model.order_change import OrderChange, OrderChangeLine
from hub.model.party import Party
from hub.model.response import OrderResponse, OrderResponseLine
from tests.edi.samples import NOW, E, X, readings

BUYER, SELLER = (Party(id=gln, scheme="gln", name="X") for gln in ("5412345000013", "4012345000009"))


def order(number: str = "PO1", text: str = "LAMP", lines: int = 1) -> Order:
    return Order(
        number=number, purpose="original", placed_on=date(2026, 11, 22), buyer=BUYER, seller=SELLER, currency="EUR",
        lines=tuple(OrderLine(number=str(n), quantity=Decimal(n), unit="each", gtin="04012345000016", description=text)
                    for n in range(1, lines + 1)))


def activity(rows: int) -> Document:
    text = "XQ*H*20261115*20261121\nN1*ST*STORE*92*6468\n" + "".join(
        f"LIN*{n}*UP*054335349840\nZA*QS*{n}*EA\n" for n in range(1, rows + 1)) + f"CTT*{rows}\n"
    isa = "ISA*00*          *00*          *ZZ*SENDERID       *ZZ*RECEIVERID     *261122*1200*U*00401*000000001*0*P*>\n"
    body = f"ST*852*0001\n{text}SE*{2 * rows + 5}*0001\n"
    content = f"{isa}GS*PD*S*R*20261122*1200*1*X*004010\n{body}GE*1*1\nIEA*1*000000001\n"
    document = readings(content)[0].document
    assert isinstance(document, Activity)
    return document


def envelope(number: int, writing: Writing, group: int = 1) -> Envelope:
    return Envelope(sender=Address(qualifier="14", id="4012345000009"), receiver=Address(id="B"), prepared_at=NOW,
                    numbers=Numbers(interchange=number, group=group), syntax=writing.syntax())


def written(format: object, table: str, documents: list[Document], writing: Writing) -> list[str]:
    """Every interchange that the documents become."""
    portions = format.portions(table, documents, writing, None)  # type: ignore[attr-defined]
    return [format.bind(table, portion, envelope(n, writing), None).decode("latin-1")  # type: ignore[attr-defined]
            for n, portion in enumerate(portions, 1)]


@pytest.mark.parametrize(("format", "table", "head"), [
    (X, "x12/004010/850", "~ST*"), (E, "edifact/D96A/ORDERS", "'UNH+")])
def test_an_interchange_holds_no_more_messages_than_the_receiver_takes(format: object, table: str, head: str) -> None:
    texts = written(format, table, [order(f"PO{n}") for n in range(7)], Writing(max_transactions=3))
    assert [text.count(head) for text in texts] == [3, 3, 1]
    numbers = [r.document.number for text in texts for r in readings(text)]  # type: ignore[union-attr]
    assert numbers == [f"PO{n}" for n in range(7)]


@pytest.mark.parametrize(("format", "table"), [(X, "x12/004010/850"), (E, "edifact/D96A/ORDERS")])
@pytest.mark.parametrize("limit", [700, 1000, 2000])
def test_an_interchange_is_never_longer_than_the_receiver_takes(format: object, table: str, limit: int) -> None:
    texts = written(format, table, [order(f"PO{n}") for n in range(30)], Writing(max_bytes=limit))
    assert max(map(len, texts)) <= limit
    assert sum(len(readings(text)) for text in texts) == 30
    assert len(texts) > 1


def test_a_report_is_told_in_several_sets_when_it_has_too_many_lines() -> None:
    texts = written(X, "x12/004010/852", [activity(10)], Writing(max_lines=4))
    assert [text.count("~ST*") for text in texts] == [3]
    found = [r.document for r in readings(texts[0])]
    assert [d.lines.height for d in found] == [4, 4, 2]  # type: ignore[union-attr]
    assert pl.concat([d.lines for d in found]).equals(activity(10).lines)  # type: ignore[union-attr]


def test_a_report_that_is_too_long_is_halved_until_it_fits() -> None:
    texts = written(X, "x12/004010/852", [activity(100)], Writing(max_bytes=1500))
    assert max(map(len, texts)) <= 1500
    lines = pl.concat([r.document.lines for text in texts for r in readings(text)])  # type: ignore[union-attr]
    assert lines.equals(activity(100).lines)


@pytest.mark.parametrize(("writing", "reason", "words"), [
    (Writing(max_lines=2), "TOO_MANY_LINES", "it has 3 lines, and the receiver takes at most 2"),
    (Writing(max_bytes=300), "TOO_LONG", "and the receiver takes at most 300"),
])
def test_an_order_cannot_be_cut_and_is_refused_with_the_limit(writing: Writing, reason: str, words: str) -> None:
    with pytest.raises(Reject, match=words) as refused:
        written(X, "x12/004010/850", [order(lines=3)], writing)
    assert refused.value.reason == reason


@pytest.mark.parametrize(("format", "table", "charset", "text", "place"), [
    (E, "edifact/D96A/ORDERS", "UNOC", "Łódź", r"IMD \(segment \d+ of the content\), element 3: the character 'Ł'"),
    (E, "edifact/D96A/ORDERS", "UNOA", "Lamp", r"IMD \(segment \d+ of the content\), element 3: the character 'a'"),
    (E, "edifact/D96A/ORDERS", "UNOB", "50 €", r"IMD \(segment \d+ of the content\), element 3: the character '€'"),
    (X, "x12/004010/850", "ascii", "Müller", r"PID \(segment \d+ of the content\), element 5: the character 'ü'"),
    (X, "x12/004010/850", "latin-1", "Łódź", r"PID \(segment \d+ of the content\), element 5: the character 'Ł'"),
])
def test_a_character_that_the_charset_cannot_carry_is_refused_at_its_place(
    format: object, table: str, charset: str, text: str, place: str
) -> None:
    with pytest.raises(Reject, match=place + r" is not of the charset .*agree on another charset") as refused:
        written(format, table, [order(text=text)], Writing(charset=charset))
    assert refused.value.reason == "CHARACTER_NOT_ALLOWED"


@pytest.mark.parametrize(("charset", "text"), [("UNOA", "LAMP 50 = (A), B'+:?/"), ("UNOB", "Lamp & Co; 50 %"),
                                               ("UNOC", "Größe"), ("UNOY", "日本")])
def test_what_a_charset_carries_comes_back_as_it_was(charset: str, text: str) -> None:
    upper = order(text=text).model_copy(update={"currency": "EUR"})
    [portion] = E.portions("edifact/D96A/ORDERS", [upper], Writing(charset=charset), None)
    content = E.bind("edifact/D96A/ORDERS", portion, envelope(1, Writing(charset=charset)), None)
    assert readings(content)[0].document.lines[0].description == text  # type: ignore[union-attr]


def test_a_separator_in_a_text_is_refused_or_replaced_as_agreed() -> None:
    with pytest.raises(Reject, match=r"holds the element separator '\*'"):
        written(X, "x12/004010/850", [order(text="A*B")], Writing())
    [text] = written(X, "x12/004010/850", [order(text="A*B~C")], Writing(in_place_of_separator=" "))
    assert readings(text)[0].document.lines[0].description == "A B C"  # type: ignore[union-attr]
    [text] = written(X, "x12/004010/850", [order(text="A*B")], Writing(element="|"))
    assert readings(text)[0].document.lines[0].description == "A*B"  # type: ignore[union-attr]


def test_the_repetition_separator_is_one_from_release_5_on() -> None:
    with pytest.raises(Reject, match="repetition separator"):
        written(X, "x12/005010/850", [order(text="A^B")], Writing())
    [text] = written(X, "x12/004010/850", [order(text="A^B")], Writing())
    assert "A^B" in text


def test_messages_are_written_in_a_group_where_that_is_agreed() -> None:
    writing = Writing(groups=True, charset="UNOC")
    [portion] = E.portions("edifact/D96A/ORDERS", [order("A"), order("B")], writing, None)
    text = E.bind("edifact/D96A/ORDERS", portion, envelope(5, writing, group=9), None).decode()
    assert "'UNG+ORDERS+4012345000009:14+B+261122:1200+9+UN+D:96A" in text
    assert text.endswith("'UNE+2+9'UNZ+1+5'")
    assert [r.document.number for r in readings(text)] == ["A", "B"]  # type: ignore[union-attr]
    assert [one.group for one in E.sent(text.encode())] == ["9", "9"]


def test_the_isa_has_its_fixed_widths_and_its_control_version() -> None:
    for table, version, mark in (("x12/004010/850", "00401", "U"), ("x12/005010/850", "00501", "^")):
        [text] = written(X, table, [order()], Writing())
        assert (len(text.split("~")[0]), text[82:84], text[84:89]) == (105, f"{mark}*", version)


@pytest.mark.parametrize(("group", "groups"), [(999_999_998, ["999999998", "999999999", "1"])])
def test_group_numbers_begin_anew_after_the_last(group: int, groups: list[str]) -> None:
    writer = X12Writer(envelope(1, Writing(), group=group))
    for _ in groups:
        writer.group("PO", "004010", [])
    assert re.findall(r"GE\*0\*(\d+)~", "".join(writer.text)) == groups
    other = EdifactWriter(envelope(1, Writing(), group=group))
    for _ in groups:
        other.group("ORDERS", "D96A", [])
    assert re.findall(r"UNE\+0\+(\d+)'", "".join(other.text)) == groups


ONE = Envelope(
    sender=Address(id="A"), receiver=Address(id="B"), prepared_at=NOW, numbers=Numbers(interchange=1, group=1)
)


def test_what_no_code_says_is_refused_by_name_also_beside_a_place_that_is_filled() -> None:
    line = OrderChangeLine(number="1", action="change", quantity=Decimal(5), unit="furlong", gtin="04012345000016")
    change = OrderChange(order_number="PO1", role="buyer", number="C1", changed_on=date(2026, 11, 22), buyer=BUYER,
                         seller=SELLER, lines=(line,))
    for format, table in ((E, "edifact/D96A/ORDCHG"), (X, "x12/004010/860")):
        with pytest.raises(Reject, match="furlong") as refused:
            format.write(table, [change], ONE, None)
        assert refused.value.reason == "NOT_WRITABLE"


def test_a_reason_that_edifact_has_no_code_for_is_written_as_a_change_and_named() -> None:
    """UN/EDIFACT 1229 knows added, deleted, changed, accepted and not accepted; 21 is "no delivery", 23 a proposal."""
    line = OrderResponseLine(number="1", answer="backordered", ordered=Decimal(5), quantity=Decimal(0), unit="each")
    response = OrderResponse(order_number="PO1", answer="accepted_with_changes", number="R1", buyer=BUYER,
                             responded_on=date(2026, 11, 22), lines=(line,))
    assert b"LIN+1+3'" in E.write("edifact/D96A/ORDRSP", [response], ONE, None)
    [named] = E.left_out("edifact/D96A/ORDRSP", response, None)
    assert (named.code, named.where.path) == ("W-EDIFACT-LOST-FIELD", "lines.answer")
    assert X.left_out("x12/004010/855", response, None) == ()


def test_a_way_to_reach_somebody_that_has_no_code_is_refused_by_name() -> None:
    contact = Contact(name="ANN", channels=(OtherNumber(kind="pigeon", code="77"),))
    one = order().model_copy(update={"buyer": BUYER.model_copy(update={"contacts": (contact,)})})
    with pytest.raises(Reject, match="pigeon"):
        X.write("x12/004010/850", [one], ONE, None)


def test_a_span_in_a_unit_without_a_code_is_left_out_like_all_that_is_spare() -> None:
    moment = Moment(kind="delivery", length=Decimal(3), length_unit="fortnight")
    line = order().lines[0].model_copy(update={"dates": (moment,)})
    text = E.write("edifact/D96A/ORDERS", [order().model_copy(update={"lines": (line,)})], ONE, None).decode()
    assert readings(text)[0].document == order()


@pytest.mark.parametrize("nothing", ["-0", "-0.00", "0E+3", "-0E-7"])
def test_a_nothing_has_no_sign_and_no_exponent(nothing: str) -> None:
    line = order().lines[0].model_copy(update={"quantity": Decimal(nothing), "price": Decimal(nothing)})
    one = order().model_copy(update={"lines": (line,)})
    assert b"'QTY+21:0:PCE'PRI+AAA:0'" in E.write("edifact/D96A/ORDERS", [one], ONE, None)
    assert b"~PO1*1*0*EA*0**" in X.write("x12/004010/850", [one], ONE, None)
