"""Two pairs of invented partners that trade in the tests of the store: acme sells to bolt, cork sells to dune."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from hub.model.agreement import Agreement, Member
from hub.model.alert import Alert
from hub.model.business_plan import BusinessPlan, PlannedEvent
from hub.model.event import HubEvent
from hub.model.exception import ForecastException
from hub.model.exchange import Address, Interchange, Reading, Status
from hub.model.item import Item, ItemCode, Location, UnitConversion, check_digit
from hub.model.order import Order, OrderLine
from hub.model.party import Party
from hub.model.performance import Accuracy, Commitment, MetricException, Scorecard, ValueAdded
from hub.model.plan import PlanMeasure, PlanVersion, Reasons, Series
from hub.model.profile import Profile
from hub.model.response import OrderResponse, OrderResponseLine
from hub.ports import CatalogueView, Parcel, Unit
from hub.store import StoredUnits

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
MONDAY = date(2026, 11, 16)
LIMIT = 64 * 1024 * 1024
ALL = ("sold", "on_hand", "sales_forecast", "order_forecast", "baseline", "consensus")


def gln(number: int) -> str:
    digits = f"9501101{number:05d}"
    return digits + check_digit(digits)


def gtin(number: int) -> str:
    digits = f"0950600{number:06d}"
    return digits + check_digit(digits)


PARTNERS = {"acme": gln(1), "bolt": gln(2), "cork": gln(3), "dune": gln(4)}
SOAP, ROPE = gtin(1), gtin(2)
DEPOT, YARD = gln(20), gln(40)


def profile(name: str, title: str | None = None) -> Profile:
    return Profile(name=name, title=title or name.title(), kind="retailer", gln=PARTNERS[name], addresses=())


def agreement(
    name: str, seller: str, buyer: str, *, sees: tuple[str, ...] = ALL, valid_to: date | None = None, item: str = SOAP,
    place: str = DEPOT,
) -> Agreement:
    """`sees` is what the buyer may see; the seller sees all."""
    members = (Member(partner=seller, role="seller", sees=ALL), Member(partner=buyer, role="buyer", sees=sees))
    return Agreement(
        name=name, members=members, valid_from=date(2026, 1, 1), valid_to=valid_to, items=(item,), locations=(place,))


async def found(units: StoredUnits, *agreements: Agreement) -> None:
    """Partners, their two agreements (`north`: acme and bolt, `south`: cork and dune), items and places."""
    north, south = agreement("north", "acme", "bolt"), agreement("south", "cork", "dune", item=ROPE, place=YARD)
    async with units.worker() as unit:
        await unit.partners.put(profile("acme"), [north, *agreements], {"x12/004010/850": "[map]\n"})
        await unit.partners.put(profile("cork"), [south], {})
        for buyer in ("bolt", "dune"):
            await unit.partners.put(profile(buyer), [], {})
        await stock(unit, "acme", "bolt", SOAP, DEPOT, "soap")
        await stock(unit, "cork", "dune", ROPE, YARD, "rope")


async def stock(unit: Unit, seller: str, buyer: str, item: str, place: str, name: str) -> None:
    await unit.catalogue.put(
        seller, [Item(gtin=item, name=name, unit_value=Decimal("1.50"))],
        [ItemCode(gtin=item, scheme="seller", code=f"S-{name}")],
        [UnitConversion(gtin=item, unit="case", factor=Decimal(12))], [])
    await unit.catalogue.put(
        buyer, [], [ItemCode(gtin=item, scheme="buyer", code=f"B-{name}")], [],
        [Location(gln=place, name=f"{name} depot", code="D1")])


async def bytes_of(content: bytes) -> AsyncIterator[bytes]:
    yield content


def parcel(content: bytes, sender: str | None) -> Parcel:
    return Parcel(bytes_of(content), "http", sender, NOW, "file.edi")


async def submit(units: StoredUnits, sender: str, content: bytes = b"ISA*00*~") -> str:
    async with units.door(sender) as unit:
        return (await unit.inbox.receive(parcel(content, sender), LIMIT)).message


async def settle(unit: Unit, message: str, sender: str, receiver: str) -> None:
    await unit.inbox.settle(
        message, "processed", sender=sender, receiver=receiver, format="x12", kind="850", version="004010",
        control="000000001", findings=[])


def order(number: str = "4500", *, item: str = SOAP, place: str = DEPOT, unit: str = "case") -> Order:
    return Order(
        number=number, purpose="original", placed_on=MONDAY, deliver_on=MONDAY + timedelta(days=7),
        ship_to=Party(id=place, scheme="gln"),
        lines=(OrderLine(number="1", quantity=Decimal(3), unit=unit, gtin=item),))


def interchange(control: str | None = "000000001") -> Interchange:
    return Interchange(
        ordinal=1, format="x12", version="004010", sender=Address(qualifier="ZZ", id="BOLT"),
        receiver=Address(qualifier="14", id="9501101530003"), control=control)


def reading(document: Order) -> Reading:
    return Reading(interchange(), 1, 1, "850", "004010", "0001", Status.ACCEPTED, document)


def observed(
    quantity: float = 5.0, *, measure: str = "sold", item: str = SOAP, place: str = DEPOT, week: int = 0
) -> pl.DataFrame:
    return pl.DataFrame({
        "gtin": [item], "gln": [place], "measure": [measure], "period": [MONDAY + timedelta(weeks=week)],
        "quantity": [quantity]})


def version(name: str, author: str, measure: PlanMeasure, weeks: int = 2) -> PlanVersion:
    return PlanVersion(agreement=name, author=author, measure=measure, first_week=MONDAY, weeks=weeks, source="msg_1")


def series(values: list[list[float]], keys: tuple[tuple[str, str], ...] = ((SOAP, DEPOT),)) -> Series:
    return Series(keys, MONDAY, np.array(values))


def dispute(
    name: str = "north", item: str = SOAP, place: str = DEPOT, *, value: float = 30.0, week: int = 1
) -> ForecastException:
    return ForecastException(
        agreement=name, gtin=item, gln=place, period=MONDAY + timedelta(weeks=week), lag=week, left_party="bolt",
        right_party="acme", left=10, right=30, baseline=15, percent=100, value_at_stake=value)


def scorecard(run: str, name: str, seller: str) -> Scorecard:
    """Of a party, of the hub's consensus over its baseline, and of what was promised."""
    sums: dict[str, Any] = {"cells": 4, "volume": 40}
    return Scorecard(
        run=run, agreement=name, as_of=MONDAY, first_week=MONDAY - timedelta(weeks=1), last_week=MONDAY,
        accuracy=(
            Accuracy(author=seller, measure="sales_forecast", lag=1, group="g", error=-2, absolute=8,
                     actual=40, **sums),
            Accuracy(author="hub", measure="consensus", lag=1, error=1, absolute=4, actual=40, **sums)),
        value_added=(ValueAdded(author="hub", measure="consensus", against="baseline", before=6, after=4, **sums),),
        commitments=(Commitment(author=seller, lines=2, ordered=30, promised=30, committed=24, delivered=18),),
        exceptions=(
            MetricException(kind="wmape", author=seller, measure="sales_forecast", group="g", from_week=1, to_week=4,
                            found=20, allowed=15, value_at_stake=9),
            MetricException(kind="bias", author="hub", measure="consensus", from_week=1, to_week=4, found=2.5,
                            allowed=1, value_at_stake=3)))


def business_plan(name: str, item: str) -> BusinessPlan:
    return BusinessPlan(agreement=name, events=(
        PlannedEvent(name="leaflet", items=(item,), start=MONDAY, end=MONDAY + timedelta(days=6)),))


async def live(units: StoredUnits, name: str, seller: str, buyer: str, item: str, place: str) -> dict[str, str]:
    """One of everything in agreement `name`; the public ids."""
    message = await submit(units, buyer, f"{name} 850".encode())
    async with units.worker() as unit:
        await settle(unit, message, buyer, seller)
        placed = order(item=item, place=place)
        document = await unit.documents.add(message, reading(placed), buyer, seller)
        number = await unit.orders.place(placed, buyer, seller, message)
        await unit.orders.answer(str(number), promise(item), message, "accepted")
        await unit.orders.happen(str(number), "despatch", f"{name}-1", message, {})
        shipment = (await unit.shipments.list())[0].id
        await unit.observations.post(name, message, observed(item=item, place=place))
        await unit.observations.post(name, message, observed(item=item, place=place, measure="on_hand"))
        for author, measure in ((buyer, "sales_forecast"), (seller, "sales_forecast"), ("hub", "baseline")):
            plan = await unit.plans.add(
                version(name, author, measure), series([[7, 8]], ((item, place),)),  # type: ignore[arg-type]
                Reasons((f"{name} says so",), {"level": np.array([7.0]), "promotion": np.array([[0.0, 1.0]])},
                        {"scores": {name: 1}}))
        run = (await unit.runs.open(name, MONDAY)).id
        await unit.runs.advance(run, "compare", {"exceptions": 1})
        await unit.exceptions.add(run, [dispute(name, item, place)])
        await unit.scorecards.add(scorecard(run, name, seller))
        await unit.business_plans.put(business_plan(name, item))
        sent = await unit.outbox.put(
            seller, "folder", "orders.edi", name.encode(), sender=buyer, format="edifact", kind="ORDERS",
            version="D96A",
            control="7", in_reply_to=message, expects="CONTRL")
        await unit.events.publish([HubEvent(type="order.placed", subject=str(number), partners=(buyer, seller))])
        await unit.audit.record("worker", "order.place", str(number), {"agreement": name})
        await unit.dead_letters.add(sent, "send", "no route", 3)
        forecast = (await unit.forecasts.list(agreement=name))[0].id
        baseline = (await unit.forecasts.list(agreement=name, measure="baseline"))[0].id
        exception = (await unit.exceptions.list(agreement=name))[0].id or ""
        metric = (await unit.metric_exceptions.of_run(run))[0].id
    return {"message": message, "sent": sent, "document": document, "order": str(number), "run": run, "plan": str(plan),
            "forecast": forecast, "baseline": baseline, "shipment": shipment, "exception": exception,
            "metric": metric}


def alert(partner: str) -> Alert:
    return Alert(kind="test", subject=partner, partner=partner, message="A test.", hint="Nothing is to be done.")


def is_empty(answer: Any) -> bool:
    """Whether a repository had nothing to say."""
    if isinstance(answer, CatalogueView):
        return not (answer.items or answer.locations or answer.codes)
    return answer.is_empty() if isinstance(answer, pl.DataFrame) else not answer


def shown(answer: Any) -> str:
    """All that a repository said, as text."""
    return str(answer.rows() if isinstance(answer, pl.DataFrame) else answer)


def today() -> date:
    """The day that PostgreSQL takes for today."""
    return datetime.now(UTC).date()


def promise(item: str, number: str = "4500") -> OrderResponse:
    return OrderResponse(order_number=number, answer="accepted", lines=(
        OrderResponseLine(number="1", gtin=item, answer="accepted", quantity=Decimal(3), unit="case"),))


def refusal(number: str = "4500") -> OrderResponse:
    return OrderResponse(order_number=number, answer="rejected")
