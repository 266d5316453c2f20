"""Whatever a table can carry is read back exactly as it was written."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.xml.format import Xml
from adapters.xml.table import Table
from adapters.xml.tables import Tables
from hub.model.bulk import Bulk
from hub.model.exception_notice import (
    Criterion,
    ExceptionCriteria,
    ExceptionNotice,
    NamedItem,
    NoticedException,
)
from hub.model.exchange import Reading
from hub.model.goods_return import GoodsReturn, ReturnLine
from hub.model.item import check_digit
from hub.model.order import Order, OrderLine
from hub.model.party import Party
from hub.ports import Guide
from tests.xml.samples import ENVELOPE

XML = Xml()
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cn", "Co")), min_size=1,
                max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
gtins = st.integers(0, 10**13 - 1).map(lambda n: f"{n:013d}" + check_digit(f"{n:013d}"))
decimals = st.decimals(min_value=0, max_value=10**9, places=3, allow_nan=False, allow_infinity=False)
quantities = st.integers(-10**13, 10**13).map(lambda n: n / 100)
KINDS: dict[Any, st.SearchStrategy[Any]] = {pl.String: texts, pl.Float64: quantities, pl.Date: days}
BULKS = sorted(name for name in XML.tables.names() if XML.tables.get(name).frame and "StockAvail" not in name)


def again(table: str, document: Any) -> Any:
    content = XML.write(table, [document], ENVELOPE, None)
    (reading,) = [e for e in XML.read(io.BytesIO(content), lambda _: Guide()) if isinstance(e, Reading)]
    return reading.document


def values(table: Table, column: str, dtype: Any) -> st.SearchStrategy[Any]:
    """What a column may hold: a word of its list, a GTIN, or anything of its type."""
    assert table.frame is not None
    found = next((c for c in table.frame.columns if c.name == column), None)
    if found is None:
        return st.none()
    made = found.slot.choices[0].codec
    if made.words is not None:
        return st.sampled_from(sorted(made.words))
    return gtins if column == "gtin" else KINDS[dtype]


@st.composite
def bulks(draw: st.DrawFn, name: str, tables: Tables = XML.tables) -> Bulk:
    table = tables.get(name)
    kind: Any = table.canonical
    always = {"quantity", "unit", "measure", "start", "location", "as_of"}
    columns = {c: values(table, c, t) for c, t in kind.SCHEMA.items()}
    row = st.fixed_dictionaries({c: v if c in always else st.none() | v for c, v in columns.items()})
    drawn = draw(st.lists(row, min_size=1, max_size=4))
    rows = [{**r, "scheme": r["scheme"] if r["location"] else None} for r in drawn]
    for r in rows:
        if r.get("bucket") is None and "bucket" in r:
            r["bucket"] = "flexible" if r["end"] else None
    header = kind.Header(number=draw(texts), issued_on=draw(days), purpose="change", **draw(st.fixed_dictionaries(
        {f: st.none() | days for f in ("start", "end", "as_of") if f in kind.Header.model_fields})))
    return kind(header, pl.DataFrame(rows, schema=kind.SCHEMA))


@pytest.mark.parametrize("name", BULKS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_lines_are_read_back_as_they_were_written(name: str, data: st.DataObject) -> None:
    document = data.draw(bulks(name))
    found = again(name, document)
    assert found.header == document.header
    left, right = found.lines, document.lines
    if "bucket" in left.columns:  # what nobody said is what the length of the period says
        left, right = left.drop("bucket"), right.drop("bucket")
    assert left.equals(right), (left, right)


parties = st.builds(Party, id=texts, scheme=st.sampled_from(["gln", "duns", "buyer", "seller"]), name=st.none() | texts,
                    street=st.none() | texts, city=st.none() | texts, country=st.none() | texts)
lines = st.builds(OrderLine, number=texts, quantity=decimals, unit=st.sampled_from(["each", "case", "kilogram"]),
                  price=st.none() | decimals, gtin=st.none() | gtins, buyer_item=st.none() | texts,
                  seller_item=st.none() | texts, description=st.none() | texts, deliver_on=st.none() | days)
orders = st.builds(
    Order, number=texts, purpose=st.sampled_from(["original", "replace", "duplicate"]), placed_on=days,
    deliver_on=st.none() | days, currency=st.none() | st.sampled_from(["EUR", "USD"]), department=st.none() | texts,
    promotion=st.none() | texts, contract=st.none() | texts, buyer=st.none() | parties, seller=st.none() | parties,
    ship_to=st.none() | parties, lines=st.lists(lines, min_size=1, max_size=4).map(tuple))


@given(order=orders)
@settings(max_examples=60, deadline=None)
def test_an_order_is_read_back_as_it_was_written(order: Order) -> None:
    assert again("ubl/2.1/Order", order) == order


units = st.sampled_from(["each", "case", "kilogram"])
names = {"gtin": st.none() | gtins, "buyer_item": st.none() | texts, "seller_item": st.none() | texts,
         "description": texts}
span = {"start": days, "end": st.none() | days}
words = {"status": st.none() | texts, "priority": st.none() | texts, "resolution": st.none() | texts}
heads = {"number": texts, "purpose": st.sampled_from(["original", "replace", "change"]), "issued_on": days,
         "buyer": st.none() | parties, "seller": st.none() | parties}
compared = st.one_of(
    st.fixed_dictionaries({"activity": st.none() | texts, "metric": st.none() | texts}),
    st.fixed_dictionaries({"forecast_kind": st.sampled_from(["sales", "order"]), "forecast_type": texts,
                           "source": texts, "compared_source": st.none() | texts}))


@st.composite
def built(draw: st.DrawFn, /, kind: Any, **values: st.SearchStrategy[Any]) -> Any:
    """A line that compares activities or forecasts."""
    said = draw(compared)
    more = {"forecast_issued_on": draw(days)} if kind is NoticedException and "source" in said else {}
    return kind(**draw(st.fixed_dictionaries(values)), **said, **more)


criteria = st.builds(ExceptionCriteria, **heads, **span, lines=st.lists(built(
    Criterion, number=texts, comparison=texts, threshold=decimals, unit=units, **words, **span,
    items=st.lists(st.builds(NamedItem, **names), min_size=1, max_size=3).map(tuple)),
    min_size=1, max_size=3).map(tuple))
notices = st.builds(ExceptionNotice, **heads, **span, lines=st.lists(built(
    NoticedException, number=texts, compared=decimals, compared_unit=units, value=decimals, unit=units,
    variance=decimals, variance_unit=units, **words, **span, **names), min_size=1, max_size=3).map(tuple))
returns = st.builds(
    GoodsReturn, **heads, stage=st.just("instructed"), authorization=st.none() | texts, order_number=texts,
    ordered_on=st.none() | days, lines=st.lists(st.builds(
        ReturnLine, number=texts, quantity=decimals, unit=units, **names), min_size=1, max_size=3).map(tuple))


@given(document=criteria | notices | returns)
@settings(max_examples=90, deadline=None)
def test_criteria_notices_and_returns_are_read_back_as_they_were_written(document: Any) -> None:
    table = {ExceptionCriteria: "ExceptionCriteria", ExceptionNotice: "ExceptionNotification"}
    assert again(f"ubl/2.1/{table.get(type(document), 'InstructionForReturns')}", document) == document
