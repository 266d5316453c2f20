"""Canonical values arrive in protobuf whole, exact and with nothing invented."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args

import numpy as np
import pytest

from hub.errors import Finding, Severity, Where
from hub.fulfilment.lifecycle import OrderState
from hub.model.agreement import Agreement, Member, Threshold
from hub.model.exception import ExceptionState, ForecastException
from hub.model.order import Order, OrderLine
from hub.model.party import Party, PartyScheme
from hub.model.plan import PlanMeasure, PlanVersion
from hub.model.response import Answer, LineAnswer, OrderResponse, OrderResponseLine
from hub.ports import Message, OrderRow, PlannedSeries
from hub.rpc import convert
from hub.rpc.errors import Invalid
from hub.rpc.pb.v1 import exceptions_pb2, exchange_pb2, forecasts_pb2, orders_pb2, resources_pb2

NOON = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)
MESSAGE = Message(
    id="msg_1", direction="in", channel="grpc", state="received", sender=None, receiver=None, format=None, message=None,
    version=None, control=None, sha256="ab", length=3_000_000_000, received_at=NOON,
)
ORDER = Order(
    number="4711", purpose="original", placed_on=date(2026, 11, 20), ship_to=Party(id="9501101530003", scheme="gln"),
    lines=(OrderLine(number="1", quantity=Decimal("1E+3"), unit="case", price=Decimal("0.10"), gtin="09501101530003"),),
)
ROW = OrderRow(
    id="ord_1", number="4711", buyer="north", seller="south", state="received", placed_on=date(2026, 11, 20),
    deliver_on=None, currency="EUR", message="msg_1", body=ORDER.model_dump(mode="json"),
)


def test_a_file_not_yet_read_has_no_partners_and_no_format() -> None:
    made = convert.message(MESSAGE)
    assert (made.name, made.sender, made.receiver, made.format) == ("messages/msg_1", "", "", "")
    assert (made.size_bytes, made.create_time.ToDatetime(UTC)) == (3_000_000_000, NOON)
    assert made.direction == exchange_pb2.Message.DIRECTION_INBOUND


@pytest.mark.parametrize(
    "state", ["received", "processed", "rejected", "dead", "queued", "sent", "acknowledged", "failed"]
)
def test_every_state_of_a_file_has_its_enum_value_and_back(state: str) -> None:
    made = convert.message(replace(MESSAGE, state=state)).state
    assert exchange_pb2.Message.State.Name(made) == f"STATE_{state.upper()}"
    assert convert.wanted(exchange_pb2.Message.State, made, "state") == state


def test_a_place_that_does_not_apply_stays_unset() -> None:
    where = Where(segment=3, offset=0)
    found = Finding(code="E-1", severity=Severity.ERROR, where=where, message="m", hint="h", value="")
    made = convert.finding(found)
    assert made.position == resources_pb2.Position(segment=3, offset=0)
    assert made.position.HasField("offset")
    assert not made.position.HasField("line")
    assert (made.HasField("value"), made.severity) == (True, resources_pb2.SEVERITY_ERROR)


def test_a_series_keeps_silence_apart_from_zero() -> None:
    version = PlanVersion(agreement="retail", author="hub", measure="baseline", first_week=date(2026, 11, 23), weeks=3)
    values = np.array([0.0, np.nan, 2.5])
    made = convert.forecast(PlannedSeries("f", version, NOON, "09501101530003", "9501101530003", values))
    assert (made.agreement, made.author, made.measure) == (
        "agreements/retail", "partners/hub", forecasts_pb2.MEASURE_BASELINE
    )
    assert made.quantities[0] == 0.0
    assert math.isnan(made.quantities[1])
    assert (made.first_week.year, made.first_week.month, made.first_week.day) == (2026, 11, 23)


def test_an_exception_without_a_baseline_has_none_not_zero() -> None:
    row = ForecastException(
        id="exc_1", agreement="retail", gtin="g", gln="l", period=date(2026, 11, 23), lag=1, left_party="north",
        right_party="south", left=10, right=20, percent=66.7, value_at_stake=5,
    )
    made = convert.forecast_exception(row)
    assert not made.HasField("baseline_quantity")
    assert not made.HasField("settled_quantity")
    assert (made.name, made.buyer, made.seller_quantity) == ("exceptions/exc_1", "partners/north", 20)
    assert convert.forecast_exception(row.model_copy(update={"baseline": 0.0})).HasField("baseline_quantity")


def test_decimals_travel_exactly_and_without_an_exponent() -> None:
    line = convert.placed_order(ROW).lines[0]
    assert (line.quantity.value, line.price.value) == ("1000", "0.10")


def test_an_order_has_no_answer_until_the_seller_gave_one() -> None:
    assert not convert.placed_order(ROW).HasField("response")
    answer = OrderResponse(order_number="4711", answer="accepted_with_changes", lines=(
        OrderResponseLine(number="1", answer="quantity_changed", ordered=Decimal(10), quantity=Decimal(8), unit="case"),
    ))
    made = convert.placed_order(replace(ROW, state="changed", response=answer.model_dump(mode="json"))).response
    assert made.answer == orders_pb2.OrderResponse.ANSWER_ACCEPTED_WITH_CHANGES
    assert (made.lines[0].ordered_quantity.value, made.lines[0].quantity.value) == ("10", "8")
    assert not made.lines[0].HasField("delivery_date")


def test_an_agreement_says_its_scenario_and_how_far_each_threshold_adds_up() -> None:
    sides = (Member(partner="north", role="buyer", sees=()), Member(partner="south", role="seller", sees=()))
    made = convert.agreement(Agreement(
        name="spring", members=sides, valid_from=date(2026, 1, 1), items=(), locations=(), scenario="retail_event",
        thresholds=(Threshold(level="event", percent=Decimal(20), quantity=Decimal(50), measure="sales_forecast"),
                    Threshold(percent=Decimal(10), quantity=Decimal(5)))))
    assert made.scenario == "retail_event"
    assert [(one.level, one.measure) for one in made.thresholds] == [
        ("event", "sales_forecast"), ("item_location", "")]


@pytest.mark.parametrize(("kind", "words"), [
    (forecasts_pb2.Measure, get_args(PlanMeasure)), (exceptions_pb2.ForecastException.State, get_args(ExceptionState)),
    (orders_pb2.Party.Scheme, get_args(PartyScheme)), (orders_pb2.OrderResponse.Answer, get_args(Answer)),
    (orders_pb2.OrderResponseLine.Answer, get_args(LineAnswer)), (resources_pb2.Severity, tuple(Severity)),
    (orders_pb2.Order.State, ("release", *get_args(OrderState))),
])
def test_the_api_knows_every_word_of_the_model_and_no_other(kind: Any, words: tuple[str, ...]) -> None:
    assert {convert.wanted(kind, number, "f") for number in kind.values()[1:]} == set(words)
    assert {convert.value(kind, word) for word in words} == set(kind.values()[1:])


def test_an_unknown_word_is_unspecified_and_an_unknown_number_is_refused() -> None:
    assert convert.value(orders_pb2.Order.State, "shipped") == orders_pb2.Order.STATE_UNSPECIFIED
    with pytest.raises(Invalid) as refused:
        convert.wanted(orders_pb2.Order.State, 99, "state")  # type: ignore[arg-type]
    assert (refused.value.field, refused.value.reason) == ("state", "UNKNOWN_ENUM_VALUE")
