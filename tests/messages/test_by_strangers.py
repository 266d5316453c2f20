"""What partners' own files taught: one sentence of a message, and what it must mean."""

from __future__ import annotations

from datetime import date

import pytest

from hub.model.activity import Activity
from hub.model.exchange import Document
from hub.model.forecast import Forecast
from hub.model.invoice import Invoice
from hub.model.order import Order
from hub.model.response import OrderResponse
from tests.edi.samples import GS, ORDER, ORDERS, edifact, names, put, readings, st, unh, x12
from tests.messages.test_messages import documents


def said(kind: str, group: str, *rows: str) -> Document:
    """The one document of an X12 transaction set of these segments."""
    [document] = documents(f"x12/004010/{kind}", x12(st(rows, kind=kind), gs=GS.replace("PO", group)).encode())
    return document


@pytest.mark.parametrize(("qualifier", "day"), [("067", date(2026, 12, 5)), ("017", date(2026, 12, 5)), ("068", None)])
def test_the_day_of_an_acknowledged_line_is_one_of_delivery_only_where_its_qualifier_says_so(
    qualifier: str, day: date | None
) -> None:
    response = said("855", "PR", "BAK*00*AC*4711*20261120", "PO1*1*300*EA*2", f"ACK*IA*300*EA*{qualifier}*20261205")
    assert isinstance(response, OrderResponse)
    [line] = response.lines
    assert line.deliver_on == day
    statuses = line.aside.statuses if line.aside else ()
    assert [one.on for one in statuses] == ([] if day else [date(2026, 12, 5)])


def told(kind: str, *rows: str) -> Document:
    """The one document of an EDIFACT message of these segments."""
    directory, message = kind.split("/")
    text = edifact(unh(rows, kind=f"{message}:{directory[0]}:{directory[1:]}:UN"))
    [document] = documents(f"edifact/{kind}", text.encode())
    return document


@pytest.mark.parametrize(("row", "description"), [("PID*F****BOLT >8 MM", "BOLT >8 MM"), ("PID*F****A>B>C", "A>B>C")])
def test_a_separator_of_components_inside_a_text_is_told_and_stays_in_the_text(row: str, description: str) -> None:
    [reading] = readings(x12(st(put(ORDER, 7, row))))
    assert names(reading.findings) == ["TOO-MANY-COMPONENTS"]
    assert isinstance(reading.document, Order)
    assert reading.document.lines[0].description == description


def test_of_a_code_with_components_that_it_cannot_have_the_first_is_read() -> None:
    [reading] = readings(edifact(unh(put(ORDERS, 2, "ALI+++166::28", ORDERS[2]))))
    assert names(reading.findings) == ["TOO-MANY-COMPONENTS"]
    assert isinstance(reading.document, Order)
    assert [condition.special for condition in reading.document.conditions] == ["166"]


def test_the_sum_over_all_allowances_is_no_further_allowance() -> None:
    invoice = told(
        "D96A/INVOIC", "BGM+380+R-1+9", "DTM+137:20261120:102", "NAD+SU+5012345000002::9", "NAD+BY+5000119000006::9",
        "CUX+2:GBP:4", "ALC+A++2++DI", "MOA+8:10.53", "LIN+1++5012345000019:EN", "QTY+47:100:PCE", "MOA+203:210.53",
        "PRI+AAA:2.1053", "UNS+S", "MOA+9:200", "ALC+A++++DI", "MOA+131:10.53")
    assert isinstance(invoice, Invoice)
    assert [str(charge.amount) for charge in invoice.charges] == ["10.53"]
    assert [str(charge.amount) for charge in invoice.charge_totals] == ["10.53"]


def test_the_period_of_a_sales_report_is_that_of_every_place_without_its_own() -> None:
    report = told(
        "D96A/SLSRPT", "BGM+73E+A+9", "DTM+137:20261123:102", "DTM+356:20261116-20261122:718",
        "NAD+SU+4012345000009::9", "LOC+162+4388840000024::9", "DTM+356:20261118-20261118:718",
        "LIN+1++4012345000016:EN", "QTY+153:1:PCE", "LOC+162+4388840000031::9", "LIN+2++4012345000016:EN",
        "QTY+153:2:PCE")
    assert isinstance(report, Activity)
    days = [(date(2026, 11, 18), date(2026, 11, 18)), (date(2026, 11, 16), date(2026, 11, 22))]
    assert report.lines.select("start", "end").rows() == days


@pytest.mark.parametrize("lines", [1, 40])
def test_a_quantity_that_is_not_asked_for_is_no_line_of_a_forecast_and_stands_aside_of_its_item(lines: int) -> None:
    rows = ["BGM+241+R1+5", "DTM+137:20261119:102", "NAD+BY+1::92", "UNS+D", "NAD+CN+P100::92"]
    for line in range(1, lines + 1):
        rows += [f"LIN+{line}++0445:IN", "QTY+113:100:PCE", "SCC+1", "DTM+2:20261124:102"]
    [right] = readings(edifact(unh([*rows, "UNS+S"], kind="DELFOR:D:96A:UN")))
    [other] = readings(edifact(unh([*rows, "QTY+70:12400:PCE", "UNS+S"], kind="DELFOR:D:96A:UN")))
    assert right.findings == other.findings == ()
    assert isinstance(right.document, Forecast)
    assert isinstance(other.document, Forecast)
    assert other.document.lines.equals(right.document.lines)
    assert right.document.lines.height == lines
    [said] = other.document.header.asides
    assert said.first == lines - 1
    assert said.aside is not None
    assert [(one.kind, one.quantity) for one in said.aside.quantities] == [("cumulative_received", 12400)]
