"""A document leaves in its receiver's words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from hub.flow.words import in_words_of
from hub.model.acknowledgement import Acknowledged
from hub.model.exchange import Address
from hub.model.forecast import Forecast, ForecastHeader
from hub.model.order import Order, OrderLine
from hub.model.party import Party
from tests.flow.world import BUYER, CRISPS, DC, SELLER, context

ORDER = Order(
    number="4711", purpose="original", placed_on=date(2026, 11, 16), buyer=Party(id=BUYER, scheme="gln"),
    seller=Party(id=SELLER, scheme="gln"), ship_to=Party(id="N1", scheme="buyer"),
    lines=(OrderLine(number="1", quantity=Decimal(24), unit="case", buyer_item="A-100"),
           OrderLine(number="2", quantity=Decimal(1), unit="each", buyer_item="NEVER")),
)


def test_the_seller_reads_its_own_item_number_and_the_gtin() -> None:
    written = in_words_of(ORDER, context(), "alder", "birch")
    assert isinstance(written, Order)
    assert (written.lines[0].gtin, written.lines[0].buyer_item, written.lines[0].seller_item) == (
        CRISPS, "A-100", "CR-150")


def test_an_unknown_item_is_passed_on_as_it_came() -> None:
    written = in_words_of(ORDER, context(), "alder", "birch")
    assert isinstance(written, Order)
    assert written.lines[1] == ORDER.lines[1]


def test_the_place_is_named_by_its_gln_and_its_name() -> None:
    written = in_words_of(ORDER, context(), "alder", "birch")
    assert isinstance(written, Order)
    assert written.ship_to == Party(id=DC, scheme="gln", name="North DC")


def test_a_forecasts_lines_keep_their_order_and_their_columns() -> None:
    row = dict.fromkeys(Forecast.SCHEMA) | {"quantity": 1.0, "bucket": "week", "start": date(2026, 11, 16)}
    lines = pl.DataFrame([
        row | {"buyer_item": "A-100", "location": "N1", "scheme": "buyer"},
        row | {"buyer_item": "NEVER", "location": "MOON", "scheme": "buyer"},
    ], schema=Forecast.SCHEMA)
    header = ForecastHeader(buyer=Party(id=BUYER, scheme="gln"), seller=Party(id=SELLER, scheme="gln"))
    written = in_words_of(Forecast(header, lines), context(), "alder", "birch")
    assert isinstance(written, Forecast)
    assert written.lines.schema == lines.schema
    assert written.lines.select("gtin", "seller_item", "location", "scheme").rows() == [
        (CRISPS, "CR-150", DC, "gln"), (None, None, "MOON", "buyer")]


def test_an_acknowledgement_has_nothing_to_rename() -> None:
    answer = Acknowledged(control="1", outcome="accepted")
    assert in_words_of(answer, context(), "alder", "birch") is answer


def test_a_partner_is_found_by_its_address_and_by_its_gln() -> None:
    known = context()
    assert known.partner_at("x12", Address(qualifier="ZZ", id="ALDER")) == "alder"
    assert known.partner_at("x12", Address(qualifier="01", id="ALDER")) is None
    assert known.partner_at("edifact", Address(qualifier="14", id=BUYER)) == "alder"
    assert known.address_of("birch", "x12") == Address(qualifier="UL", id=SELLER)
