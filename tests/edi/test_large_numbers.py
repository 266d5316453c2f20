"""1E930301 says in eight characters what takes a megabyte to write: it is told, answered, and worked out by nobody."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from adapters.csv.format import Csv
from adapters.mapping.codec import MOST_DIGITS, decimal_of, plain
from hub.errors import Reject
from hub.model.bulk import Bulk
from hub.model.exchange import Address, Envelope, Numbers, Reading
from hub.model.order import Order
from hub.ports import Guide
from tests.edi.samples import ACTIVITY, NOW, ORDER, ORDERS, E, X, answers, edifact, places, put, readings, st, unh, x12
from tests.edi.test_x12_columns import copies, joined, same
from tests.xml.samples import ORDER as UBL_ORDER
from tests.xml.samples import names, ubl
from tests.xml.samples import readings as xml_readings

LARGE = ["1E930301", "1E-930301", "-1E930301", "0E930301", "1E99999999999999"]
ENVELOPE = Envelope(sender=Address(id="A"), receiver=Address(id="B"), numbers=Numbers(interchange=7, group=3, also=9),
                    prepared_at=NOW)
SMALL_ENOUGH = 5_000


def quantities(content: str) -> list[Decimal]:
    [reading] = readings(content)
    assert isinstance(reading.document, Order)
    return [line.quantity for line in reading.document.lines]


@pytest.mark.parametrize("number", LARGE)
def test_a_decimal_number_of_x12_that_explodes_is_told_and_answered(number: str) -> None:
    content = x12(st(put(ORDER, 6, f"PO1*1*{number}*EA*68.12")))
    assert places(readings(content)[0].findings) == [("TOO-LARGE", 8, "PO1", 2)]
    told = answers(content)["997"]
    assert told[told.index("AK3*PO1*8*PO1*8") + 1] == f"AK4*2*330*5*{number}"


def test_a_power_of_ten_may_stand_behind_a_decimal_number_of_x12() -> None:
    assert quantities(x12(st(put(ORDER, 6, "PO1*1*1.5E2*EA*681.2E-1")))) == [150, 3]


@pytest.mark.parametrize(("number", "fault"), [
    ("1.5e2", "NOT-NUMERIC"), ("1E", "NOT-NUMERIC"), ("1E+2", "NOT-NUMERIC"), ("1_000", "NOT-NUMERIC"),
    ("123456789E1234567", "TOO-LONG"), ("1E41", "TOO-LARGE"),
])
def test_a_power_of_ten_is_written_as_the_standard_has_it(number: str, fault: str) -> None:
    assert places(readings(x12(st(put(ORDER, 6, f"PO1*1*{number}*EA*68.12"))))[0].findings)[0] == (fault, 8, "PO1", 2)


def test_neither_letter_nor_signs_of_a_power_of_ten_count_as_length() -> None:
    longest = "-1.2345678901234E-1"  # 15 digits, as many as element 380 has
    assert places(readings(x12(st(put(ORDER, 6, f"PO1*1*{longest}*EA*68.12"))))[0].findings) == []
    assert places(readings(x12(st(put(ORDER, 6, f"PO1*1*{longest}2*EA*68.12"))))[0].findings) == [
        ("TOO-LONG", 8, "PO1", 2)]


@pytest.mark.parametrize("number", [*LARGE, "1_000", "9" * 400])
def test_an_amount_with_implied_decimals_that_explodes_is_told(number: str) -> None:
    invoice = ["BIG*20261122*INV1", "IT1*1*3*EA*1.50", f"TDS*{number}", "CTT*1"]
    content = x12(st(invoice, kind="810"), gs="GS*IN*SENDER*RECEIVER*20261122*1200*1*X*004010~")
    fault = "TOO-LONG" if number.isdigit() else "NOT-NUMERIC"
    assert (fault, 4, "TDS", 1) in places(readings(content)[0].findings)
    assert "AK3*TDS*4**8" in answers(content)["997"]


@pytest.mark.parametrize("number", [*LARGE, "9" * 400])
def test_a_number_of_edifact_that_explodes_is_told_and_answered(number: str) -> None:
    content = edifact(unh(put(ORDERS, 8, f"QTY+21:{number}:PCE")))
    [(_, segment, tag, element)] = places(readings(content)[0].findings)
    assert (segment, tag, element) == (10, "QTY", 1)
    [contrl] = answers(content).values()
    assert "UCS+10" in contrl
    assert sum(map(len, contrl)) < SMALL_ENOUGH


@pytest.mark.parametrize("number", LARGE)
def test_in_lines_read_by_columns_it_is_no_number_and_the_others_are(number: str) -> None:
    content = x12(st(put(ACTIVITY, 3, f"ZA*QS*{number}*EA"), kind="852"),
                  gs="GS*PD*SENDER*RECEIVER*20261122*1200*1*X*004010~")
    [reading] = [event for event in same(content.encode()) if isinstance(event, Reading)]
    assert isinstance(reading.document, Bulk)
    assert reading.document.lines["quantity"].to_list() == [None, 298.0, 35.5]


def test_columns_read_orders_with_powers_of_ten_as_ever() -> None:
    content = x12(st(put(ORDER, 6, "PO1*1*1E2*EA*1E41"))).encode()
    same(joined(content, copies(content)))


@pytest.mark.parametrize("number", ["9" * 400, "9" * 50_000, "0." + "0" * 400 + "1"])
def test_a_number_of_ubl_that_has_no_end_is_told(number: str) -> None:
    content = ubl("Order", UBL_ORDER.replace(">12<", f">{number}<"))
    assert names(content)[:1] == ["UNREADABLE"]
    assert all(one.document is None for one in xml_readings(content))


@pytest.mark.parametrize("number", ["1" + "0" * 400, "0." + "0" * 400 + "1", "1E930301"])
def test_a_number_of_a_spreadsheet_that_has_no_end_is_told(number: str) -> None:
    head = b"GTIN,Location,Measure,Start,Quantity,Unit\n"
    content = head + f"9521001100106,9521002001013,sold,2026-11-02,{number},each\n".encode()
    found = [f.code for event in Csv().read(io.BytesIO(content), lambda _: Guide())
             for f in getattr(event, "findings", ())]
    assert any("NUMBER" in code for code in found)


@pytest.mark.parametrize("number", ["1E930301", "1E-930301", "-1E99999999999999999"])
@pytest.mark.parametrize(("format", "table"), [(X, "x12/004010/850"), (E, "edifact/D96A/ORDERS")])
def test_we_refuse_to_write_it(format: object, table: str, number: str) -> None:
    [reading] = readings(x12(st(ORDER)))
    assert isinstance(reading.document, Order)
    line = reading.document.lines[0].model_copy(update={"quantity": Decimal(number)})
    order = reading.document.model_copy(update={"lines": (line,)})
    with pytest.raises(Reject, match=f"at most {MOST_DIGITS} digits") as refused:
        format.write(table, [order], ENVELOPE, None)  # type: ignore[attr-defined]  # both have it
    assert len(str(refused.value)) < SMALL_ENOUGH


def test_numbers_of_as_many_digits_as_a_standard_gives_are_read_and_written() -> None:
    for text in ("9" * 35, f"0.{'0' * 34}1", f"-{'9' * 17}.{'9' * 18}", "0"):
        assert plain(decimal_of(text)) == text
