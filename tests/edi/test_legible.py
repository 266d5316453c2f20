"""A rejected transaction is still shown as far as it can be read; what it changes is decided by its status."""

from __future__ import annotations

import pytest

from hub.model.exchange import Reading, Status
from hub.model.invoice import Invoice
from hub.model.order import Order
from tests.edi.samples import ORDER, ORDERS, answers, edifact, names, put, readings, st, unh, x12

INVOICE = ["BIG*20261122*R1**PO1", "IT1*1*2*EA*5**UP*641520749044", "TDS*1000", "ISS*2*EA*7*LB", "CTT*1"]


def invoice(rows: list[str]) -> Reading:
    gs = "GS*IN*SENDER*RECEIVER*20261122*1200*1*X*004010~"
    return readings(x12(st(rows, kind="810"), gs=gs))[0]


def test_a_segment_before_its_turn_is_read_where_it_belongs() -> None:
    early = [*INVOICE[:2], INVOICE[3], INVOICE[2], INVOICE[4]]
    found, right = invoice(early), invoice(INVOICE)
    assert (names(found.findings), found.status) == (["OUT-OF-ORDER"], Status.REJECTED)
    assert isinstance(found.document, Invoice)
    assert found.document == right.document
    assert found.findings[0].message.endswith("it was read as part of the message.")


def test_a_segment_after_its_turn_is_read_where_it_belongs() -> None:
    found = readings(edifact(unh([*ORDERS[:5], "ALI+DE", *ORDERS[5:]])))[0]
    assert (names(found.findings), found.status) == (["OUT-OF-ORDER"], Status.REJECTED)
    assert isinstance(found.document, Order)
    assert found.document.conditions[0].origin == "DE"


def test_a_segment_that_has_no_loop_to_belong_to_leaves_no_document() -> None:
    found = readings(edifact(unh(put(ORDERS, 2, "CTA++:JOHN DOE", ORDERS[2]))))[0]
    assert names(found.findings) == ["OUT-OF-ORDER"]
    assert found.document is None
    assert found.findings[0].message.endswith("it was passed over.")


def test_a_missing_mandatory_segment_rejects_what_is_shown() -> None:
    found = readings(edifact(unh([row for row in ORDERS if row != "UNS+S"])))[0]
    assert (names(found.findings), found.status) == (["MISSING-SEGMENT"], Status.REJECTED)
    assert isinstance(found.document, Order)


def test_a_document_without_its_number_is_rejected_and_shown_with_none() -> None:
    found = readings(x12(st(put(ORDER, 0, "BEG*00*SA***20261122"))))[0]
    assert found.status is Status.REJECTED
    assert isinstance(found.document, Order)
    assert (found.document.number, len(found.document.lines)) == ("", 2)
    assert "AK5*R*5" in answers(x12(st(put(ORDER, 0, "BEG*00*SA***20261122"))))["997"]


def test_a_line_without_a_quantity_orders_nothing_and_is_told() -> None:
    found = readings(edifact(unh([row for row in ORDERS if not row.startswith("QTY")])))[0]
    assert (names(found.findings), found.status) == (["TAKEN-AS"], Status.ACCEPTED)
    assert isinstance(found.document, Order)
    assert found.document.lines[0].quantity == 0


@pytest.mark.parametrize(("sent", "total"), [("1000", "10"), ("46.02", "46.02"), ("-46.02", "-46.02")])
def test_a_point_where_decimals_are_implied_says_what_it_says(sent: str, total: str) -> None:
    found = invoice(put(INVOICE, 2, f"TDS*{sent}"))
    assert names(found.findings) == (["NOT-NUMERIC"] if "." in sent else [])
    assert isinstance(found.document, Invoice)
    assert found.document.total is not None
    assert format(found.document.total.normalize(), "f") == total


@pytest.mark.parametrize(
    ("dtm", "day"),
    [
        ("DTM+2:202612011430EST:303", "2026-12-01"),
        ("DTM+2:20261201143000EST:304", "2026-12-01"),
        ("DTM+2:2612011430EST:301", "2026-12-01"),
        ("DTM+2:26335:105", "2026-12-01"),
        ("DTM+2:26492:103", "2026-12-01"),
        ("DTM+2:2649:615", "2026-11-30"),
        ("DTM+2:20264:608", "2026-10-01"),
        ("DTM+2:011220261430:5", "2026-12-01"),
    ],
)
def test_rarer_forms_of_dates_are_read_too(dtm: str, day: str) -> None:
    found = readings(edifact(unh(put(ORDERS, 1, ORDERS[1], dtm))))[0]
    assert names(found.findings) == []
    assert isinstance(found.document, Order)
    assert str(found.document.deliver_on) == day


@pytest.mark.parametrize(
    ("value", "form", "first", "last"),
    [
        ("2612010800-2612051700", "713", "2026-12-01", "2026-12-05"),
        ("202612010800-202612051700", "719", "2026-12-01", "2026-12-05"),
        ("202612-202701", "710", "2026-12-01", "2027-01-31"),
        ("202649-202650", "716", "2026-11-30", "2026-12-13"),
        ("20264", "608", "2026-10-01", "2026-12-31"),
    ],
)
def test_both_ends_of_a_period_are_read_by_its_form(value: str, form: str, first: str, last: str) -> None:
    found = readings(edifact(unh(put(ORDERS, 1, ORDERS[1], f"DTM+273:{value}:{form}"))))[0]
    assert names(found.findings) == []
    assert isinstance(found.document, Order)
    moment = next(one for one in found.document.dates)
    assert (str(moment.on), str(moment.until)) == (first, last)
