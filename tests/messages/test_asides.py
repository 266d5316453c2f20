"""What stands aside: read where no row of the table reads it, written where it fits, named where it does not."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapters.edifact.format import Edifact
from adapters.mapping.carried import carried, only
from adapters.x12.format import X12
from adapters.xml.format import Xml
from hub.model.aside import Aside
from hub.model.conditions import Percentage, Restriction
from hub.model.exchange import Reading
from hub.model.forecast import Forecast
from hub.model.moment import Moment
from hub.model.reference import Reference
from hub.ports import Guide
from tests.edi.samples import GS, ORDER, edifact, put, st, unh, x12
from tests.edi.samples import ORDERS as EDIFACT_ORDER
from tests.messages.test_messages import ENVELOPE, documents

FORMATS: dict[str, Any] = {"x12": X12(), "edifact": Edifact()}
PO, ORDERS = "x12/004010/850", "edifact/D96A/ORDERS"
AT = next(number for number, row in enumerate(ORDER) if row.startswith("PO1"))


def read(*more: str) -> tuple[Any, list[str]]:
    """An order with more segments below its first line, and the notes on it."""
    rows = [*ORDER[: AT + 2], *more, *ORDER[AT + 2 :]]
    events = FORMATS["x12"].read(io.BytesIO(x12(st(rows)).encode()), lambda _: Guide())
    [found] = [event for event in events if isinstance(event, Reading)]
    return found.document, [f.message for f in found.findings]


def ordered(**aside: Any) -> Any:
    """The sample order with something aside of its first line."""
    document, _ = read()
    line = document.lines[0].model_copy(update={"aside": Aside(**aside)})
    return document.model_copy(update={"lines": (line, *document.lines[1:])})


def named(table: str, document: Any) -> list[str]:
    return [f.where.path for f in FORMATS[table.split("/")[0]].left_out(table, document, None)]


def test_a_segment_that_no_row_reads_stands_aside_under_what_it_means() -> None:
    document, told = read("PCT*AB*12.5", "CTB*OR*KEEP COLD")
    assert told == []
    assert document.lines[0].aside.restrictions == (Restriction(kind="x12:OR", text="KEEP COLD"),)
    assert document.lines[0].aside.percentages[0].percent == Decimal("12.5")


def test_what_stands_aside_comes_back_from_its_own_dialect_and_nothing_is_named() -> None:
    document = ordered(restrictions=(Restriction(kind="x12:OR", text="KEEP COLD"),),
                       percentages=(Percentage(kind="x12:AB", percent=Decimal("12.5")),))
    content = FORMATS["x12"].write(PO, [document], ENVELOPE, None)
    assert documents(PO, content) == [document]
    assert named(PO, document) == []


def test_what_another_dialect_has_no_place_for_is_left_out_and_named() -> None:
    document = ordered(restrictions=(Restriction(kind="x12:OR", text="KEEP COLD"),))
    [written] = documents(ORDERS, FORMATS["edifact"].write(ORDERS, [document], ENVELOPE, None))
    assert written.lines[0].aside is None
    assert "lines.aside.restrictions" in named(ORDERS, document)


def test_what_stands_aside_changes_nothing_of_what_does_not() -> None:
    """A date for delivery that stands aside would be read as the one that the order has no other place for."""
    document = ordered(dates=(Moment(kind="delivery_requested", on=date(2031, 5, 6)),))
    message = FORMATS["x12"].tables.get(PO)
    again = message.read_back(carried(message, document).rows[0])
    plain = message.read_back(carried(message, only(document, lambda path: False)).rows[0])
    assert only(again, lambda path: False) == only(plain, lambda path: False)


def test_of_two_statements_of_which_one_is_in_the_way_the_other_is_written() -> None:
    odd = Reference(kind="x12:??", number="N" * 80)  # longer than any place
    document = ordered(restrictions=(Restriction(kind="x12:OR", text="KEEP COLD"),), references=(odd,))
    assert documents(PO, FORMATS["x12"].write(PO, [document], ENVELOPE, None))[0].lines[0].aside.restrictions
    assert set(named(PO, document)) == {"lines.aside.references"}


@pytest.mark.parametrize("code", ["15", "21", "99", "46", "FI"])
def test_a_party_scheme_without_a_word_is_kept_under_the_name_of_its_standard(code: str) -> None:
    at = next(number for number, row in enumerate(ORDER) if row.startswith("N1"))
    role = ORDER[at].split("*")[1]
    content = x12(st(put(ORDER, at, f"N1*{role}*SOMEBODY*{code}*4711234567")))
    events = FORMATS["x12"].read(io.BytesIO(content.encode()), lambda _: Guide())
    [found] = [event for event in events if isinstance(event, Reading)]
    assert not [f for f in found.findings if "UNKNOWN-WORD" in f.code]
    scheme = {"15": "san", "21": "hin", "FI": "tax"}.get(code, f"x12:{code}")
    assert scheme in found.document.model_dump_json()


@pytest.mark.parametrize("said", ["N", "Z"], ids=["no word", "no code of the standard"])
def test_what_is_neither_an_allowance_nor_a_charge_costs_no_document_in_any_dialect(said: str) -> None:
    content = x12(st(put(ORDER, 1, ORDER[1], f"SAC*{said}*C310***500")))
    found: Any
    [found] = [event for event in FORMATS["x12"].read(io.BytesIO(content.encode()), lambda _: Guide())
               if isinstance(event, Reading)]
    assert [charge.kind for charge in found.document.charges] == [f"x12:{said}"]
    again = documents(PO, FORMATS["x12"].write(PO, [found.document], ENVELOPE, None))
    assert (again == [found.document]) is (said == "N"), "what is no code of its own standard is not written either"
    assert named(PO, found.document) == ([] if said == "N" else ["charges"])
    written: Any
    [written] = documents(ORDERS, FORMATS["edifact"].write(ORDERS, [found.document], ENVELOPE, None))
    assert written.charges == ()
    assert "charges" in named(ORDERS, found.document)
    ubl = Xml()
    assert b"AllowanceCharge>" not in ubl.write("ubl/2.1/Order", [found.document], ENVELOPE, None)
    assert "charges" in [f.where.path for f in ubl.left_out("ubl/2.1/Order", found.document, None)]


@pytest.mark.parametrize(("sent", "means"), [("H", "allowance"), ("Q", "allowance"), ("E", "charge"), ("L", "charge"),
                                             ("S", "charge"), ("J", "edifact:J"), ("Z9", "edifact:Z9")])
def test_an_edifact_charge_is_added_or_taken_off_as_its_standard_says(sent: str, means: str) -> None:
    content = edifact(unh(put(EDIFACT_ORDER, 4, EDIFACT_ORDER[4], f"ALC+{sent}++++FC", "MOA+8:5")))
    found: Any
    [found] = [event for event in FORMATS["edifact"].read(io.BytesIO(content.encode()), lambda _: Guide())
               if isinstance(event, Reading)]
    assert [(charge.kind, charge.amount) for charge in found.document.charges] == [(means, Decimal("5"))]


def test_a_delivery_pattern_is_said_of_the_forecast_rows_that_stand_in_it() -> None:
    rows = ["BFR*05*R1**DL*A*20261122*20261222*20261122", "LIN**IN*P1", "UIT*EA", "SDP*Y*Z*SA*A", "FST*1*C*W*20261123",
            "FST*2*C*W*20261130", "SDP*S*B", "FST*3*C*W*20261207", "LIN**IN*P2", "UIT*EA", "SDP*S*B",
            "FST*4*C*W*20261123"]
    table, message = "x12/004010/830", x12(st(rows, kind="830"), gs=GS.replace("*PO*", "*PS*")).encode()
    content = FORMATS["x12"].write(table, documents(table, message), ENVELOPE, None)
    [forecast] = documents(table, content)
    assert isinstance(forecast, Forecast)
    assert "~".join(rows[1:]).encode().replace(b"LIN**", b"LIN*1*", 1).replace(b"LIN**", b"LIN*2*") in content
    assert [(one.first, one.count, one.aside and one.aside.patterns[0].kind) for one in forecast.header.asides] == [
        (0, 2, "x12:Y"), (2, 1, "x12:S"), (3, 1, "x12:S")]
    assert named(table, forecast) == []
