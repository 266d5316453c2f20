"""X12 as it is sent: blanks after a value, centuries in old releases, answers that are neither yes nor no."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from hub.errors import Severity
from hub.model.exchange import Reading
from hub.model.order import Order
from hub.model.price_list import PriceList
from hub.model.response import OrderResponse
from tests.messages.test_messages import ENVELOPE, FORMATS, HOME, documents, read


def _one(message: str, group: str, release: str, *segments: str) -> Reading:
    head = (
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261122*0915*U*00401*000000001*0*P*>",
        f"GS*{group}*SENDER*RECEIVER*20261122*0915*1*X*{release}",
        f"ST*{message}*0001",
    )
    tail = (f"SE*{len(segments) + 2}*0001", "GE*1*1", "IEA*1*000000001")
    content = "".join(f"{segment}~" for segment in (*head, *segments, *tail)).encode()
    [reading] = read(f"x12/004010/{message}", content)
    return reading


def _errors(reading: Reading) -> list[str]:
    return [f.code for f in reading.findings if f.severity is Severity.ERROR]


def test_blanks_after_a_unit_are_a_warning_and_the_unit_is_read() -> None:
    reading = _one("850", "PO", "004010", "BEG*00*SA*4711**20261122", "PO1*1*5*EA *2**UP*614141001019")
    assert _errors(reading) == []
    assert [f.code for f in reading.findings if f.where.element == 3] == ["W-X12-PADDED"]
    assert isinstance(reading.document, Order)
    assert reading.document.lines[0].unit == "each"


def test_a_wrong_code_stays_wrong_whatever_blanks_follow() -> None:
    reading = _one("850", "PO", "004010", "BEG*00*SA*4711**20261122", "PO1*1*5*?? *2**UP*614141001019")
    assert _errors(reading) == ["E-X12-UNKNOWN-CODE"]


@pytest.mark.parametrize("day", ["981122", "19981122"])
def test_an_old_release_takes_dates_with_and_without_the_century(day: str) -> None:
    reading = _one("850", "PO", "003050", f"BEG*00*SA*4711**{day}", "PO1*1*5*EA*2**UP*614141001019")
    assert _errors(reading) == []
    assert isinstance(reading.document, Order)
    assert reading.document.placed_on.isoformat() == "1998-11-22"


def test_a_date_without_century_is_wrong_since_4010() -> None:
    reading = _one("850", "PO", "004010", "BEG*00*SA*4711**981122", "PO1*1*5*EA*2**UP*614141001019")
    assert _errors(reading) == ["E-X12-INVALID-DATE"]


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("NA", "accepted_with_changes"),
        ("AH", "accepted_with_changes"),
        ("ZZ", "accepted_with_changes"),
        ("RV", "rejected"),
        ("RN", "rejected"),
    ],
)
def test_every_answer_of_the_standard_has_a_word(code: str, answer: str) -> None:
    reading = _one("855", "PR", "004010", f"BAK*00*{code}*4711*20261122")
    assert _errors(reading) == []
    assert isinstance(reading.document, OrderResponse)
    assert reading.document.answer == answer


@pytest.mark.parametrize("table", ["x12/004010/832", "edifact/D96A/PRICAT"])
def test_a_price_without_an_amount_costs_no_catalogue(table: str) -> None:
    path = HOME / table.replace("/", "-") / "pass" / "small.edi"
    text = path.read_text().replace("CTP**NET*14.5*1", "CTP**NET").replace("CTP**NET*CA", "CTP**NET").replace(
        "PRI+AAA:14.5'", "PRI+AAA'")
    assert text != path.read_text()
    [reading] = read(table, text.encode())
    assert _errors(reading) == []
    assert isinstance(reading.document, PriceList)
    [price] = reading.document.lines[0].prices
    assert (price.kind, price.amount) == ("net", None)
    assert [f.code.partition("-")[2].partition("-")[2] for f in reading.findings] == ["NOTHING-SAID"]
    assert documents(table, FORMATS[table.split("/")[0]].write(table, [reading.document], ENVELOPE, None)) == [
        reading.document]


@pytest.mark.parametrize(("message", "before", "after"), [
    ("888", "QTY*A5*48*CA", "QTY*A5*48*1N"), ("888", "G93*A*100*CA", "G93*A*100*1N"), ("889", "50*CA", "50*1N"),
    ("889", "02*0.5*CA", "02*0.5*1N"), ("889", "G51*1*CA*11*CA", "G51*1*1N*11*CA"),
])
def test_a_unit_without_a_word_costs_no_document_and_keeps_the_name_of_its_standard(
    message: str, before: str, after: str
) -> None:
    paths = sorted((HOME / f"x12-004010-{message}" / "pass").glob("*.edi"))
    path = next(path for path in paths if before in path.read_text())
    text = path.read_text()
    assert before in text
    [reading] = read(f"x12/004010/{message}", text.replace(before, after).encode())
    assert _errors(reading) == []
    assert isinstance(reading.document, BaseModel)
    assert '"x12:1N"' in reading.document.model_dump_json()


def test_every_line_without_a_quantity_is_told() -> None:
    lines = [f"PO1*{number}*****UP*614141001019" for number in (1, 2, 3)]
    reading = _one("850", "PO", "004010", "BEG*00*SA*4711**20261122", *lines)
    assert [(f.code, f.where.segment) for f in reading.findings] == [("W-X12-TAKEN-AS", at) for at in (3, 4, 5)]


@pytest.mark.parametrize(("difference", "told"), [("2", []), ("3", [("W-X12-UNMAPPED", 4)])])
def test_a_difference_is_told_where_it_is_not_ordered_less_shipped(difference: str, told: list[object]) -> None:
    paths = sorted((HOME / "x12-004010-945" / "pass").glob("*.edi"))
    text = next(text for path in paths if "W12*CP*6*4*2" in (text := path.read_text()))
    [reading] = read("x12/004010/945", text.replace("W12*CP*6*4*2", f"W12*CP*6*4*{difference}").encode())
    assert [(one.code, one.where.element) for one in reading.findings if one.where.tag == "W12"] == told
