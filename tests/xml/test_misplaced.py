"""A fault in the structure is told with line, path, what was found, what is expected, and why in words."""

from __future__ import annotations

import pytest

from tests.xml.samples import ORDER, events, findings, forecast, ubl
from tests.xml.test_gs1 import WEEKLY

ID, QUANTITY = "<cbc:ID>1</cbc:ID>", '<cbc:Quantity unitCode="CS">12</cbc:Quantity>'
LINE = "/Order/cac:OrderLine/cac:LineItem"


@pytest.mark.parametrize(("old", "new", "path", "found", "words"), [
    ("<cac:SellerSupplierParty/>", "", "/Order/cac:OrderLine", "cac:OrderLine",
     "expected is cac:SellerSupplierParty (cac:SellerSupplierParty is missing before it)"),
    (ID, f"{ID}<cbc:IssueDate>2026-11-22</cbc:IssueDate>", f"{LINE}/cbc:IssueDate", "cbc:IssueDate",
     "(cac:LineItem has no such element)"),
    (ID, f"{ID}<cbc:Nonsense/>", f"{LINE}/cbc:Nonsense", "cbc:Nonsense", "(cac:LineItem has no such element)"),
    (ID + QUANTITY, QUANTITY + ID, f"{LINE}/cbc:Quantity", "cbc:Quantity",
     "expected is cbc:ID (it belongs behind cbc:ID)"),
    (ID, f"{ID}<cbc:ID>2</cbc:ID>", f"{LINE}/cbc:ID[2]", "cbc:ID", "(cac:LineItem has no more than 1 of it)"),
    ("</cac:OrderLine>", "</cac:OrderLine><cbc:Note>x</cbc:Note>", "/Order/cbc:Note", "cbc:Note",
     "expected is cac:OrderLine (it belongs before cbc:DocumentCurrencyCode)"),
], ids=["missing", "unexpected", "unknown", "too early", "too many", "too late"])
def test_what_is_wrong_with_the_place_of_an_element(old: str, new: str, path: str, found: str, words: str) -> None:
    content = ubl("Order", ORDER.replace(old, new, 1))
    (told,) = findings(events(content))
    assert (told.code, told.where.path, told.value) == ("E-XML-NOT-EXPECTED", path, found)
    assert told.where.line == (5 if found == "cbc:Note" else 4)
    assert words in told.message


def test_a_line_without_what_it_needs_is_told_in_a_streamed_document_too() -> None:
    content = forecast(3).replace("<cbc:ForecastTypeCode>TOTAL</cbc:ForecastTypeCode>", "", 2)
    told = findings(events(content))
    assert [f.where.path for f in told] == [f"/Forecast/cac:ForecastLine[{n}]/cac:ForecastPeriod" for n in (1, 2)]
    assert all("cbc:ForecastTypeCode is missing before it" in f.message for f in told)


@pytest.mark.parametrize(("old", "new", "path", "words"), [
    ("<buyer>", "<buyer><gln>1</gln>", "/order:orderMessage/order/buyer/gln[2]", "(buyer has no more than 1 of it)"),
    ("<lineItemNumber>1</lineItemNumber>", "", "/orderMessage/order/orderLineItem[1]/requestedQuantity",
     "(lineItemNumber is missing before it)"),
])
def test_a_gs1_element_at_the_wrong_place_is_told_why(old: str, new: str, path: str, words: str) -> None:
    assert old in WEEKLY
    told = findings(events(WEEKLY.replace(old, new, 1)))
    assert told[0].where.path == path.replace("order:orderMessage", "orderMessage")
    assert words in told[0].message


def test_many_misplaced_elements_do_not_take_long() -> None:
    content = ubl("Order", ORDER.replace(ID, ID + "<cbc:IssueDate/>" * 20_000))
    told = findings(events(content))
    assert told[0].code == "E-XML-NOT-EXPECTED"
