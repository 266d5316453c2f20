"""Canonical values to protobuf, field by field; nothing is decided here.

None becomes an unset field. Words become enum values by their name ("accepted" -> STATE_ACCEPTED); a word that this
version of the API does not know becomes UNSPECIFIED.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal as Number
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from hub import errors, ports
from hub.model import agreement as arrangement
from hub.model import exception, order, party, response
from hub.model import item as items
from hub.rpc.errors import Invalid
from hub.rpc.names import name
from hub.rpc.pb.v1 import (
    agreements_pb2,
    catalogue_pb2,
    exceptions_pb2,
    exchange_pb2,
    forecasts_pb2,
    orders_pb2,
    resources_pb2,
)

if TYPE_CHECKING:
    from google.protobuf.internal.enum_type_wrapper import _EnumTypeWrapper as Enum

E = TypeVar("E", bound=int)


def message(row: ports.Message) -> exchange_pb2.Message:
    """A stored file."""
    kinds = exchange_pb2.Message
    return kinds(
        name=name("messages", row.id), direction=value(kinds.Direction, DIRECTIONS.get(row.direction, row.direction)),
        state=value(kinds.State, row.state), channel=row.channel, sender=name("partners", row.sender),
        receiver=name("partners", row.receiver), format=row.format or "", message_type=row.message or "",
        format_version=row.version or "", control_number=row.control or "", filename=row.filename or "",
        sha256=row.sha256, size_bytes=row.length, create_time=moment(row.received_at),
        in_reply_to=name("messages", row.in_reply_to), findings=[finding(one) for one in row.findings],
    )


def finding(found: errors.Finding) -> resources_pb2.Finding:
    """What is wrong and where; positions that do not apply stay unset."""
    return resources_pb2.Finding(
        code=found.code, severity=value(resources_pb2.Severity, found.severity.value), message=found.message,
        hint=found.hint, value=found.value,
        position=resources_pb2.Position(**found.where.model_dump(exclude_none=True)),
    )


def forecast(series: ports.PlannedSeries) -> forecasts_pb2.Forecast:
    """One item-location of one plan version."""
    version = series.version
    return forecasts_pb2.Forecast(
        name=name("forecasts", series.id), agreement=name("agreements", version.agreement),
        author=name("partners", version.author), measure=value(forecasts_pb2.Measure, version.measure),
        gtin=series.gtin, gln=series.gln, first_week=day(version.first_week), quantities=series.values.tolist(),
        create_time=moment(series.created_at),
    )


def forecast_exception(
    row: exception.ForecastException, steps: Sequence[exception.ExceptionStep] = ()
) -> exceptions_pb2.ForecastException:
    """One disagreement, with all that happened to it where that was asked for."""
    kinds = exceptions_pb2.ForecastException
    return kinds(
        name=name("exceptions", row.id), agreement=name("agreements", row.agreement), gtin=row.gtin, gln=row.gln,
        week=day(row.period), lag_weeks=row.lag, buyer=name("partners", row.left_party),
        seller=name("partners", row.right_party), buyer_quantity=row.left, seller_quantity=row.right,
        baseline_quantity=row.baseline, difference_percent=row.percent, value_at_stake=row.value_at_stake,
        state=value(kinds.State, row.state), settled_quantity=row.settled, settlement_rule=row.rule or "",
        owner=row.owner or "", offered_quantity=row.offered, offered_by=name("partners", row.offered_by),
        due_date=day(row.due), etag=str(row.revision), steps=[_step(step) for step in steps],
        measure=value(forecasts_pb2.Measure, row.measure),
    )


def _step(step: exception.ExceptionStep) -> exceptions_pb2.ForecastException.Step:
    kinds = exceptions_pb2.ForecastException
    return kinds.Step(
        act=step.act, actor=name("partners", None if step.actor == "hub" else step.actor), quantity=step.quantity,
        state=value(kinds.State, step.state), reason=step.reason or "", comment=step.comment or "",
        create_time=moment(step.at),
    )


def placed_order(row: ports.OrderRow) -> orders_pb2.Order:
    """An order with its lines and the seller's last answer."""
    document = order.Order.model_validate(row.body)
    kinds = orders_pb2.Order
    answer = None if row.response is None else order_response(_answer(row.response))
    return kinds(
        name=name("orders", row.id), number=row.number, buyer=name("partners", row.buyer),
        seller=name("partners", row.seller), state=value(kinds.State, row.state), order_date=day(row.placed_on),
        delivery_date=day(row.deliver_on), currency_code=row.currency or "",
        lines=[order_line(one) for one in document.lines], ship_to=named_party(document.ship_to), response=answer,
    )


def happening(row: ports.Happening) -> orders_pb2.OrderTimeline.Happening:
    """One thing that happened to an order."""
    return orders_pb2.OrderTimeline.Happening(
        kind=row.kind, number=row.number, message=name("messages", row.message), create_time=moment(row.at))


def _answer(stored: dict[str, Any]) -> response.OrderResponse:
    """The document in what the store keeps of an answer (it adds the message that brought it)."""
    fields = response.OrderResponse.model_fields
    return response.OrderResponse.model_validate({name: value for name, value in stored.items() if name in fields})


def order_line(line: order.OrderLine) -> orders_pb2.OrderLine:
    """One ordered item."""
    return orders_pb2.OrderLine(
        number=line.number or "", quantity=decimal(line.quantity), unit=line.unit, price=decimal(line.price),
        delivery_date=day(line.deliver_on), **_item(line),
    )


def order_response(document: response.OrderResponse) -> orders_pb2.OrderResponse:
    """The seller's answer."""
    kinds = orders_pb2.OrderResponse
    return kinds(
        number=document.number or "", answer=value(kinds.Answer, document.answer),
        response_date=day(document.responded_on), delivery_date=day(document.deliver_on),
        lines=[order_response_line(one) for one in document.lines],
    )


def order_response_line(line: response.OrderResponseLine) -> orders_pb2.OrderResponseLine:
    """What the seller says to one line."""
    kinds = orders_pb2.OrderResponseLine
    return kinds(
        number=line.number or "", answer=value(kinds.Answer, line.answer), ordered_quantity=decimal(line.ordered),
        quantity=decimal(line.quantity), unit=line.unit or "", price=decimal(line.price),
        delivery_date=day(line.deliver_on), **_item(line),
    )


def named_party(who: party.Party | None) -> orders_pb2.Party | None:
    """A party as the document names it."""
    if who is None:
        return None
    return orders_pb2.Party(
        id=who.id or "", scheme=value(orders_pb2.Party.Scheme, who.scheme), display_name=who.name or "",
        street=who.street or "", city=who.city or "", region=who.region or "", postal_code=who.postcode or "",
        country_code=who.country or "",
    )


def _item(line: order.OrderLine | response.OrderResponseLine) -> dict[str, Any]:
    """The four ways in which both kinds of line name their item."""
    return {field: getattr(line, field) or "" for field in ("gtin", "buyer_item", "seller_item", "description")}


def agreement(row: arrangement.Agreement) -> agreements_pb2.Agreement:
    """What was agreed."""
    kinds = agreements_pb2.Agreement
    return kinds(
        name=name("agreements", row.name), members=[_member(one) for one in row.members],
        start_date=day(row.valid_from), end_date=day(row.valid_to), gtins=row.items, glns=row.locations,
        thresholds=[kinds.Threshold(from_week=one.from_week, to_week=one.to_week, percent=decimal(one.percent),
                                    quantity=decimal(one.quantity), level=one.level, measure=one.measure or "")
                    for one in row.thresholds],
        frozen_weeks=row.fences.frozen, slushy_weeks=row.fences.slushy,
        slushy_tolerance_percent=decimal(row.fences.tolerance), settlement_rule=row.settlement,
        settle_days=row.settle_days, reasons=row.reasons, horizon_weeks=row.horizon_weeks,
        currency_code=row.currency, grants=[_grant(one) for one in row.visibility],
        release=value(kinds.Release, row.replenishment.release), scenario=row.scenario,
    )


def granted(row: arrangement.Granted) -> agreements_pb2.Agreement:
    """An agreement of others, as far as it grants the reader something."""
    kind = agreements_pb2.Agreement.Member
    return agreements_pb2.Agreement(
        name=name("agreements", row.agreement), grants=[_grant(one) for one in row.grants],
        members=[kind(partner=name("partners", who), role=role) for who, role in (
            (row.buyer, kind.ROLE_BUYER), (row.seller, kind.ROLE_SELLER))])


def _member(row: arrangement.Member) -> agreements_pb2.Agreement.Member:
    return agreements_pb2.Agreement.Member(
        partner=name("partners", row.partner), role=value(agreements_pb2.Agreement.Member.Role, row.role),
        **_seen(row.sees))


def _grant(row: arrangement.Grant) -> agreements_pb2.Agreement.Grant:
    return agreements_pb2.Agreement.Grant(
        partner=name("partners", row.partner), tier=row.tier, gtins=row.items, glns=row.locations,
        start_date=day(row.valid_from), end_date=day(row.valid_to), **_seen(row.sees))


def _seen(words: Sequence[str]) -> dict[str, Any]:
    """What may be seen, by whether it is planned or observed."""
    planned = _values(forecasts_pb2.Measure)
    return {"measures": [value(forecasts_pb2.Measure, word) for word in words if word in planned],
            "observations": [word for word in words if word not in planned]}


def item(card: ports.ItemCard) -> catalogue_pb2.Item:
    """An item with what the reader calls it."""
    kinds = catalogue_pb2.Item
    return kinds(
        name=name("items", card.item.gtin), gtin=card.item.gtin, display_name=card.item.name,
        base_unit=card.item.base_unit, group=card.item.group or "",
        codes=[kinds.Code(scheme=one.scheme, code=one.code) for one in card.codes],
        conversions=[kinds.Conversion(unit=one.unit, factor=decimal(one.factor)) for one in card.conversions],
    )


def location(row: items.Location) -> catalogue_pb2.Location:
    """A place."""
    return catalogue_pb2.Location(
        name=name("locations", row.gln), gln=row.gln, display_name=row.name, kind=row.kind)


def day(when: date | None) -> Date | None:
    """A civil date."""
    return None if when is None else Date(year=when.year, month=when.month, day=when.day)


def moment(when: datetime) -> Timestamp:
    """An aware moment, UTC."""
    stamp = Timestamp()
    stamp.FromDatetime(when)
    return stamp


def decimal(number: Number | None) -> Decimal | None:
    """Exactly, digit by digit, without an exponent."""
    return None if number is None else Decimal(value=f"{number:f}")


DIRECTIONS = {"in": "inbound", "out": "outbound"}
DIRECTION_WORDS = {long: short for short, long in DIRECTIONS.items()}
"""The store says in and out where the API says inbound and outbound, and the other way round."""


def value(kind: Enum[E], word: str | None) -> E:
    """The enum value named after `word`, UNSPECIFIED when there is none."""
    values = _values(kind)
    return kind.Value(values.get(word or "", values[""]))


def wanted(kind: Enum[E], number: E, field: str) -> str | None:
    """The word of a filter; None for UNSPECIFIED. Raises Invalid for a number that this version does not know."""
    words = {kind.Value(known): word for word, known in _values(kind).items()}
    if number not in words:
        raise Invalid(field, f"{int(number)} is not one of {', '.join(kind.keys()[1:])}.", reason="UNKNOWN_ENUM_VALUE")
    return words[number] or None


@cache
def _values(kind: Enum[Any]) -> dict[str, str]:
    """Word -> name of the enum value, "" for the first (UNSPECIFIED)."""
    first, *others = kind.keys()
    prefix = first.removesuffix("UNSPECIFIED")
    return {"": first, **{known.removeprefix(prefix).lower(): known for known in others}}
