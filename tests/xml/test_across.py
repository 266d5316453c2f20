"""The same content in X12, EDIFACT and UBL is the same canonical document, there and back."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from adapters.xml.format import Xml
from hub.cli.explain import formats
from hub.cli.terminal import app
from hub.errors import Reject
from hub.model.activity import Activity, ActivityHeader
from hub.model.bulk import Bulk
from hub.model.exchange import Acknowledged, Closing, Document, Numbers, Reading, Status, Writing
from hub.model.forecast import Forecast, ForecastHeader
from hub.model.order import Order, OrderLine
from hub.model.party import Party
from hub.model.response import LineAnswer, OrderResponse, OrderResponseLine
from hub.ports import Guide
from tests.xml.samples import ENVELOPE, NOW, forecast

FORMATS = formats()
MESSAGES = Path(__file__).parents[1] / "messages"
BUYER = Party(id="5412345000013", scheme="gln", name="Larkmoor Stores", city="Gent", country="BE")
SELLER = Party(id="4012345000009", scheme="gln", name="Quillfield Foods")
ORDER = Order(
    number="PO-4711", purpose="original", kind="standard", placed_on=date(2026, 11, 20), deliver_on=date(2026, 11, 28),
    currency="EUR", promotion="ADVENT26", buyer=BUYER, seller=SELLER,
    ship_to=Party(id="5412345000020", scheme="gln", name="DC North"),
    lines=(
        OrderLine(number="1", quantity=Decimal(120), unit="case", price=Decimal("18.5"), gtin="04012345000016",
                  buyer_item="60816", seller_item="QF-100", description="Oat biscuits"),
        OrderLine(number="2", quantity=Decimal("7.25"), unit="kilogram", gtin="04012345000023"),
    ),
)


def through(table: str, document: Document) -> Document:
    """A document written by a table and read again."""
    name = table.split("/")[0]
    content = FORMATS[name].write(table, [document], ENVELOPE, None)
    (reading,) = [e for e in FORMATS[name].read(io.BytesIO(content), lambda _: Guide()) if isinstance(e, Reading)]
    assert reading.document is not None, reading.findings
    return reading.document


@pytest.mark.parametrize("way", [
    ("ubl/2.1/Order",),
    ("x12/004010/850", "ubl/2.1/Order", "edifact/D96A/ORDERS"),
    ("edifact/D96A/ORDERS", "ubl/2.1/Order", "x12/004010/850"),
])
def test_an_order_is_the_same_in_every_dialect_and_on_every_way(way: tuple[str, ...]) -> None:
    document: Document = ORDER
    for table in way:
        document = through(table, document)
    assert document == ORDER


def filled(lines: pl.DataFrame, kind: type[Bulk]) -> pl.DataFrame:
    """The lines with all columns of their kind."""
    absent = {name: dtype for name, dtype in kind.SCHEMA.items() if name not in lines.columns}
    return lines.with_columns(pl.lit(None, dtype=t).alias(n) for n, t in absent.items()).select(kind.SCHEMA.keys())


def readings(path: Path) -> list[Reading]:
    name = "ubl" if path.suffix == ".xml" else path.parts[-3].split("-")[0]
    with path.open("rb") as file:
        return [e for e in FORMATS[name].read(file, lambda _: Guide()) if isinstance(e, Reading)]


@pytest.mark.parametrize("name", ["small", "by-store-and-by-release"])
def test_an_x12_forecast_through_ubl_is_the_same_frame(name: str) -> None:
    """What stands aside of the lines (SDP) has no place there."""
    for reading in readings(MESSAGES / "x12-004010-830" / "pass" / f"{name}.edi"):
        document = reading.document
        assert isinstance(document, Forecast)
        kept = Forecast(document.header.model_copy(update={"asides": ()}), document.lines)
        assert through("ubl/2.1/Forecast", document) == kept


def test_activity_of_many_measures_through_ubl_is_the_same_frame() -> None:
    rows = [
        {"gtin": gtin, "location": "5412345000020", "scheme": "gln", "measure": measure, "quantity": quantity,
         "unit": "each", "start": date(2026, 11, 16), "end": date(2026, 11, 22)}
        for measure, quantity in (("sold", 187.0), ("on_hand", 298.5), ("lost_sales", 3.0))
        for gtin in ("04012345000016", "04012345000023")
    ]
    lines = pl.DataFrame(rows, schema={name: Activity.SCHEMA[name] for name in rows[0]})
    lines = filled(lines, Activity)
    header = ActivityHeader(number="PA1", purpose="original", issued_on=date(2026, 11, 22), reporter=BUYER)
    document = Activity(header, lines)
    assert through("ubl/2.1/ProductActivity", document) == document


def test_what_ubl_cannot_carry_is_refused_with_its_name() -> None:
    lines = pl.DataFrame([{"certainty": "immediate", "start": date(2026, 11, 23), "quantity": 1.0}],
                         schema_overrides={"quantity": pl.Float64})
    document = Forecast(ForecastHeader(number="F"), filled(lines, Forecast))
    with pytest.raises(Reject, match="'immediate'"):
        through("ubl/2.1/Forecast", document)


@pytest.mark.parametrize("table", ["ubl/2.1/OrderResponse", "edifact/D96A/ORDRSP"])
@pytest.mark.parametrize("answer", ["backordered", "substituted", "price_changed"])
def test_why_a_line_is_changed_has_no_code_in_1229_and_is_named(table: str, answer: LineAnswer) -> None:
    line = OrderResponseLine(number="1", answer=answer, quantity=Decimal(5), ordered=Decimal(6), unit="case",
                             gtin="04012345000016", description="Oat biscuits")
    response = OrderResponse(number="R-1", order_number="PO-4711", answer="accepted_with_changes", buyer=BUYER,
                             seller=SELLER, responded_on=date(2026, 11, 21), ordered_on=date(2026, 11, 20),
                             lines=(line,))
    read = through(table, response)
    assert isinstance(read, OrderResponse)
    assert read.lines == (line.model_copy(update={"answer": "quantity_changed"}),)
    told = FORMATS[table.split("/")[0]].left_out(table, response, None)
    assert [found.where.path for found in told] == ["lines.answer"]


def test_the_answer_to_what_we_sent_names_our_control_number() -> None:
    content = FORMATS["ubl"].write("ubl/2.1/Order", [ORDER], ENVELOPE, None)
    closing = list(FORMATS["ubl"].read(io.BytesIO(content), lambda _: Guide()))[-1]
    assert isinstance(closing, Closing)
    (answer,) = FORMATS["ubl"].acknowledge(closing, Numbers(interchange=3), NOW)
    (reading, *_) = [e for e in FORMATS["ubl"].read(io.BytesIO(answer.content), lambda _: Guide())
                     if isinstance(e, Reading)]
    assert reading.status is Status.ACCEPTED
    assert reading.document == Acknowledged(control=str(ENVELOPE.numbers.interchange), outcome="accepted")


def test_an_answer_is_not_answered() -> None:
    content = (MESSAGES / "ubl-2.1-ApplicationResponse" / "pass" / "accepted.xml").read_bytes()
    closing = list(FORMATS["ubl"].read(io.BytesIO(content), lambda _: Guide()))[-1]
    assert isinstance(closing, Closing)
    assert FORMATS["ubl"].acknowledge(closing, Numbers(interchange=3), NOW) == []


def test_parts_of_one_forecast_are_written_as_one_document() -> None:
    (reading,) = [e for e in FORMATS["ubl"].read(io.BytesIO(forecast(4).encode()), lambda _: Guide())
                  if isinstance(e, Reading)]
    whole = reading.document
    assert isinstance(whole, Forecast)
    parts = [Forecast(whole.header, whole.lines.slice(at, 2)) for at in (0, 2)]
    content = FORMATS["ubl"].write("ubl/2.1/Forecast", parts, ENVELOPE, None)
    assert content == FORMATS["ubl"].write("ubl/2.1/Forecast", [whole], ENVELOPE, None)


def test_two_orders_are_two_ubl_files_with_a_number_each_and_one_gs1_message() -> None:
    second = ORDER.model_copy(update={"number": "PO-4712"})
    xml = Xml()
    portions = list(xml.portions("ubl/2.1/Order", [ORDER, second], Writing(), None))
    assert portions == [(ORDER,), (second,)]
    assert list(xml.portions("gs1/3.1/order", [ORDER, second], Writing(), None)) == [(ORDER, second)]
    assert len(list(xml.portions("gs1/3.1/order", [ORDER, second], Writing(max_transactions=1), None))) == 2
    with pytest.raises(Reject, match="one document, and these are 2"):
        xml.write("ubl/2.1/Order", [ORDER, second], ENVELOPE, None)


def converted(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["convert", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_a_file_of_two_orders_is_converted_into_a_directory(tmp_path: Path) -> None:
    second = ORDER.model_copy(update={"number": "PO-4712"})
    file, into = tmp_path / "two.edi", tmp_path / "xml"
    file.write_bytes(FORMATS["edifact"].write("edifact/D96A/ORDERS", [ORDER, second], ENVELOPE, None))
    code, out, err = converted(str(file), "--to", "ubl/2.1/Order")
    assert (code, out) == (1, "")
    assert "--into DIRECTORY" in err
    assert converted(str(file), "--to", "ubl/2.1/Order", "--into", str(into))[0] == 0
    found = [readings(path)[0] for path in sorted(into.iterdir())]
    assert [reading.document for reading in found] == [ORDER, second]
    assert len({reading.interchange.control for reading in found}) == 2
