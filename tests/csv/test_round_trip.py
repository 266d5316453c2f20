"""Whatever a table can carry is read back exactly as it was written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.csv import codecs
from adapters.csv.format import Csv
from adapters.csv.table import shipped
from hub.model.activity import Activity
from hub.model.bulk import Bulk
from hub.model.exchange import CANONICAL
from hub.model.forecast import Forecast
from hub.model.inventory import Inventory
from hub.model.item import check_digit
from hub.model.order import Order, OrderLine
from hub.model.party import Party
from tests.csv.test_messages import ENVELOPE, readings

days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12).map(
    str.strip).filter(bool)
gtins = st.integers(0, 10**13 - 1).map(lambda n: f"{n:013d}" + check_digit(f"{n:013d}"))
quantities = st.integers(-10**14, 10**14).map(lambda n: n / 1000)
decimals = st.decimals(min_value=0, max_value=10**9, places=3, allow_nan=False, allow_infinity=False)


def word(concept: str) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(set(codecs.code_words(concept).values())))


parties = st.builds(
    Party, id=texts, scheme=st.none() | word("party_scheme"), name=st.none() | texts, city=st.none() | texts,
    country=st.none() | texts)
BY_FIELD: dict[str, st.SearchStrategy[Any]] = {
    "gtin": gtins, "location": texts, "quantity": quantities, "measure": word("measure"), "unit": word("unit"),
    "scheme": word("party_scheme"), "bucket": word("bucket"), "certainty": word("certainty"),
    "purpose": word("purpose"), "kind": word("forecast_kind"), "buyer": parties, "seller": parties,
    "reporter": parties, "ship_to": parties, "number": texts, "buyer_item": texts, "seller_item": texts,
    "start": days, "end": days, "as_of": days, "issued_on": days,
}
NEEDED = {"gtin", "location", "measure", "start", "as_of", "quantity", "kind"}


def maybe(field: str) -> st.SearchStrategy[Any]:
    return BY_FIELD[field] if field in NEEDED else st.none() | BY_FIELD[field]


@st.composite
def bulks(draw: st.DrawFn, kind: type[Bulk]) -> Bulk:
    header = kind.Header(**{f: draw(maybe(f)) for f in kind.Header.model_fields if f in BY_FIELD})
    row = st.fixed_dictionaries({f: maybe(f) for f in kind.SCHEMA if f in BY_FIELD})
    rows = draw(st.lists(row, min_size=1, max_size=5))
    return kind(header, pl.DataFrame(rows, schema=kind.SCHEMA))


lines = st.builds(
    OrderLine, number=st.none() | texts, quantity=decimals, unit=word("unit"), price=st.none() | decimals, gtin=gtins,
    buyer_item=st.none() | texts, seller_item=st.none() | texts, description=st.none() | texts,
    deliver_on=st.none() | days)
orders = st.builds(
    Order, number=texts, purpose=word("purpose"), placed_on=days, deliver_on=st.none() | days,
    currency=st.none() | texts, department=st.none() | texts, promotion=st.none() | texts, buyer=st.none() | parties,
    seller=st.none() | parties, ship_to=st.none() | parties, lines=st.lists(lines, min_size=1, max_size=4).map(tuple))
MAKERS: dict[str, st.SearchStrategy[Any]] = {
    "Activity": bulks(Activity), "Inventory": bulks(Inventory), "Forecast": bulks(Forecast), "Order": orders}


@pytest.mark.parametrize("name", sorted(n for n, t in shipped().items() if t.canonical in CANONICAL))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back_the_same(name: str, data: st.DataObject) -> None:
    document = data.draw(MAKERS[shipped()[name].canonical])
    content = Csv().write(name, [document], ENVELOPE, None)
    assert Csv().recognises(content)
    [reading] = readings(content)
    assert reading.findings == ()
    assert reading.document == document


@given(st.binary(max_size=400))
def test_no_bytes_below_a_header_line_raise(noise: bytes) -> None:
    for reading in readings(b"GTIN,Location,Measure,Start,Quantity\n" + noise):
        assert reading.document is None or isinstance(reading.document, Activity)


@pytest.mark.parametrize(("text", "number"), [
    ("12", "12"), ("1,5", "1.5"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("1 234", "1234"), ("-3", "-3"),
    ("1,234,567", "1234567"), ("+7", "7"), ("0", "0"), (".5", ".5"),
])
def test_numbers_are_read_however_they_are_grouped(text: str, number: str) -> None:
    assert Decimal(codecs.read_number(text)) == Decimal(number)


@pytest.mark.parametrize("text", ["12A", "1,2,3", "1.2.3", "--1", "", "-", "1e5", "١٢", "1.23,4.5", "NaN", "1-"])
def test_what_is_no_number_is_refused(text: str) -> None:
    for read in (codecs.read_number, codecs.read_comma_number):
        with pytest.raises(codecs.Unreadable):
            read(text)


@pytest.mark.parametrize("text", ["2026-02-30", "30.02.2026", "2026-W47", "16/11/2026", "16.11.26", "1.1", "2026-11-1",
                                  "20261316", "..", "١٦.١١.٢٠٢٦"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(codecs.Unreadable):
        codecs.read_date(text)


@pytest.mark.parametrize("text", ["2026-11-16", "20261116", "16.11.2026"])
def test_dates_are_read_in_three_forms(text: str) -> None:
    assert codecs.read_date(text) == date(2026, 11, 16)
