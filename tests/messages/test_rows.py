"""Shapes that several rows come from: quantities by store, other ways to a row, texts that run on, units beside."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.edifact.format import Edifact
from adapters.x12.format import X12
from hub.model.exchange import Address, Document, Envelope, Numbers, Reading
from hub.model.order import Order, OrderLine
from hub.model.party import Party
from hub.model.price_list import ListPrice, PriceList, PriceListLine
from hub.model.response import OrderResponse, OrderResponseLine
from hub.ports import Format, Guide

FORMATS: dict[str, Format] = {"x12": X12(), "edifact": Edifact()}
ENVELOPE = Envelope(
    sender=Address(id="SENDER"),
    receiver=Address(id="RECEIVER"),
    numbers=Numbers(interchange=1),
    prepared_at=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
)


def _read(format: str, content: bytes) -> list[Any]:
    events = FORMATS[format].read(io.BytesIO(content), lambda _: Guide())
    return [event.document for event in events if isinstance(event, Reading)]


def _there_and_back(table: str, document: Document) -> tuple[bytes, list[Any]]:
    format = table.split("/")[0]
    written = FORMATS[format].write(table, [document], ENVELOPE, None)
    return written, _read(format, written)


def _852(*segments: str) -> bytes:
    head = (
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261122*0915*U*00401*000000001*0*P*>",
        "GS*PD*SENDER*RECEIVER*20261122*0915*1*X*004010",
        "ST*852*0001",
        "XQ*H*20261116*20261122",
    )
    tail = (f"SE*{len(segments) + 3}*0001", "GE*1*1", "IEA*1*000000001")
    return "".join(f"{segment}~" for segment in (*head, *segments, *tail)).encode()


def test_each_store_of_a_run_is_a_row_in_place_of_the_row_that_carries_it() -> None:
    [activity] = _read(
        "x12",
        _852(
            "LIN**UP*614141001019", "ZA*QS*57*EA", "SDQ*EA*92*S-12*35*S-13*12*S-14*10", "SDQ*EA*92*S-15*0", "ZA*QA*3*CA"
        ),
    )
    rows = activity.lines.select("location", "scheme", "measure", "quantity", "unit").rows()
    assert rows == [
        ("S-12", "buyer", "sold", 35, "each"),
        ("S-13", "buyer", "sold", 12, "each"),
        ("S-14", "buyer", "sold", 10, "each"),
        ("S-15", "buyer", "sold", 0, "each"),
        (None, None, "on_hand", 3, "case"),
    ]
    assert set(activity.lines["gtin"]) == {"00614141001019"}


def test_reports_on_several_stores_are_written_one_message_a_store() -> None:
    [activity] = _read("x12", _852("LIN**UP*614141001019", "ZA*QS", "SDQ*EA*UL*0614141000036*35*0614141000128*12"))
    _, back = _there_and_back("x12/004010/852", activity)
    assert [document.lines["location"].to_list() for document in back] == [["0614141000036"], ["0614141000128"]]


@pytest.mark.parametrize("length", [1, 35, 36, 70])
def test_a_long_description_runs_on_into_the_next_component(length: int) -> None:
    text = ("Oat biscuits with dark chocolate, sea salt and roasted hazelnuts, 12 x 250 g" * 2)[:length].strip()
    line = OrderLine(quantity=Decimal(1), unit="case", description=text)
    order = Order(
        number="1",
        purpose="original",
        placed_on=date(2026, 11, 22),
        lines=(line,),
        buyer=Party(id="0614141000012", scheme="gln", name=text),
    )
    assert _there_and_back("edifact/D96A/ORDERS", order)[1] == [order]


def test_a_description_in_two_short_components_is_read_with_a_blank_between_them() -> None:
    line = OrderLine(quantity=Decimal(1), unit="case", description="Oat biscuits 250 g")
    order = Order(number="1", purpose="original", placed_on=date(2026, 11, 22), lines=(line,))
    written, _ = _there_and_back("edifact/D96A/ORDERS", order)
    [read] = _read("edifact", written.replace(b"Oat biscuits 250 g", b"Oat biscuits:250 g"))
    assert read.lines[0].description == "Oat biscuits 250 g"


@pytest.mark.parametrize(("ordered", "quantity"), [(None, "4"), ("5", None), ("5", "4")])
@pytest.mark.parametrize("table", ["x12/004010/855", "edifact/D96A/ORDRSP"])
def test_the_unit_stands_beside_every_quantity_of_an_answered_line(
    table: str,
    ordered: str | None,
    quantity: str | None,
) -> None:
    line = OrderResponseLine(
        number="1",
        answer="accepted",
        unit="case",
        gtin="00614141001019",
        ordered=Decimal(ordered) if ordered else None,
        quantity=Decimal(quantity) if quantity else None,
    )
    answer = OrderResponse(
        order_number="1",
        answer="accepted",
        number="2",
        ordered_on=date(2026, 11, 20),
        responded_on=date(2026, 11, 22),
        lines=(line,),
    )
    written, back = _there_and_back(table, answer)
    assert back == [answer]
    unit = b"*CA" if table.startswith("x12") else b":CS"
    assert written.count(unit) == (ordered is not None) + (quantity is not None)


@pytest.mark.parametrize(
    ("number", "place"), [("17", b"LIN+17+"), ("17A", b"RFF+LI:17A'"), ("12345678", b"RFF+LI:12345678'")]
)
def test_a_line_number_that_edifact_cannot_count_becomes_a_reference(number: str, place: bytes) -> None:
    line = OrderLine(number=number, quantity=Decimal("2.5"), unit="case", gtin="00614141001019")
    order = Order(number="1", purpose="original", placed_on=date(2026, 11, 22), lines=(line,))
    written, back = _there_and_back("edifact/D96A/ORDERS", order)
    assert place in written
    assert back == [order]


def test_a_price_is_per_unit_of_its_line_where_the_dialect_has_no_unit_of_lines() -> None:
    line = PriceListLine(number="1", gtin="00614141001019", unit="case", prices=(
        ListPrice(amount=Decimal("14.5"), minimum=Decimal(1)),
        ListPrice(kind="retail", amount=Decimal("1.99"), unit="each", minimum=Decimal(1))))
    other = line.model_copy(update={"number": "2", "unit": "each"})
    offer = PriceList(number="P-7", lines=(line, other))
    _, [read] = _there_and_back("x12/004010/832", offer)
    assert [[price.unit for price in one.prices] for one in read.lines] == [["case", "each"], ["each", "each"]]
    found = X12().left_out("x12/004010/832", offer, None)
    assert [(one.code, one.where.path) for one in found] == [("W-X12-LOST-FIELD", "lines.unit")]
