"""Transactions with wrong elements are told as if one by one, but read by columns: only what they say is wrong."""

from __future__ import annotations

import pytest

from hub.model.exchange import Reading, Status
from hub.model.finding import name_of
from hub.model.order import Order
from tests.edi.samples import ORDER, put, x12
from tests.edi.samples import st as transaction_set
from tests.edi.test_x12_columns import careful_in, events, one_by_one, same

LINE = "PO1*1*841*EA*68.12**UP*641520749044*VN*60816"
MENDED = {
    "a quantity in words": (6, LINE.replace("841", "many"), ["NOT-NUMERIC"]),
    "a day that does not exist": (0, "BEG*00*SA*PO1**20261322", ["INVALID-DATE"]),
    "a unit of no code list": (6, LINE.replace("EA", "EACH"), ["UNKNOWN-CODE"]),
    "no order number": (0, "BEG*00*SA***20261122", ["MISSING-ELEMENT"]),
    "neither number nor date": (0, "BEG*00*SA", ["MISSING-ELEMENT", "MISSING-ELEMENT"]),
    "a name that is too long": (7, "PID*F****" + "LAMP " * 30, ["TOO-LONG"]),
    "a unit of no list and a price in words": (
        6,
        LINE.replace("EA*68.12", "KASTEN*viel"),
        ["UNKNOWN-CODE", "NOT-NUMERIC"],
    ),
    "blanks behind a unit": (6, LINE.replace("EA", "EA "), ["PADDED"]),
}
"""What is wrong, in which segment of `ORDER`, and what is told of it."""


def orders(count: int, *odd: tuple[int, str]) -> bytes:
    rows = ORDER
    for at, text in odd:
        rows = put(rows, at, text)
    return x12(*(transaction_set(rows, number) for number in range(1, count + 1))).encode()


@pytest.mark.parametrize("name", MENDED)
def test_wrong_elements_are_told_without_reading_transactions_one_by_one(name: str) -> None:
    at, text, told = MENDED[name]
    content = orders(8, (at, text))
    assert careful_in(content) == 0
    for found in same(content):
        if isinstance(found, Reading):
            assert [name_of(f) for f in found.findings if name_of(f) != "UNMAPPED"] == told


def test_faults_of_several_segments_are_told_in_the_order_of_the_file() -> None:
    content = orders(8, *((at, text) for at, text, _ in (MENDED["a unit of no code list"], MENDED["no order number"])))
    assert careful_in(content) == 0
    reading = next(e for e in same(content) if isinstance(e, Reading))
    assert [f.where.segment for f in reading.findings] == [2, 8]
    assert reading.status is Status.REJECTED
    assert isinstance(reading.document, Order)
    assert reading.document.number == ""


def test_a_code_of_no_list_stands_in_the_document_as_it_was_sent() -> None:
    at, text, _ = MENDED["a unit of no code list"]
    for event in events(orders(8, (at, text)), True):
        if isinstance(event, Reading):
            assert event.status is Status.ACCEPTED_WITH_ERRORS
            assert isinstance(event.document, Order)
            assert [line.unit for line in event.document.lines] == ["x12:EACH", "each"]


def test_right_and_wrong_transactions_keep_their_places() -> None:
    wrong = [put(ORDER, at, text) for at, text, _ in MENDED.values()]
    sets = [transaction_set(wrong[n // 2 % len(wrong)] if n % 2 else ORDER, n) for n in range(1, 60)]
    assert careful_in(x12(*sets).encode()) == 0
    assert careful_in(x12(*sets).replace("~", "~\r\n").encode()) == 0


def test_what_is_wrong_with_more_than_elements_is_read_one_by_one() -> None:
    line = MENDED["a quantity in words"][1]
    rows = put(ORDER, 6, line)
    unknown, long = [*rows[:8], "XYZ*1", *rows[8:]], put(rows, 1, "REF*DP*404*A*B*C*D*E")
    for odd in (unknown, rows[1:], long, put(rows, 10, "CTT*9")):
        assert careful_in(x12(*(transaction_set(odd, n) for n in range(1, 9))).encode()) == 8


def test_a_number_that_comes_twice_is_told_of_wrong_transactions_too() -> None:
    rows = put(ORDER, *MENDED["a quantity in words"][:2])
    found = same(x12(*(transaction_set(rows, n % 6) for n in range(1, 13))).encode())
    told = [name_of(f) for e in found if isinstance(e, Reading) for f in e.findings]
    assert (told.count("NOT-NUMERIC"), told.count("DUPLICATE-CONTROL")) == (12, 6)


def test_what_is_wrong_in_a_transaction_that_is_only_checked_is_always_told_by_columns() -> None:
    wrong = transaction_set(put(ORDER, *MENDED["a quantity in words"][:2]), 1)
    content = x12(wrong, *(transaction_set(ORDER, n) for n in range(2, 30))).encode()
    with one_by_one() as seen:
        found = events(content, True, mapped=False)
    assert seen == []
    assert found == events(content, False, mapped=False)
    assert [e.status for e in found if isinstance(e, Reading)][:2] == [Status.ACCEPTED_WITH_ERRORS, Status.ACCEPTED]
