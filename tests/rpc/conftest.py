"""A hub with two pairs of partners that know nothing of each other, and its gRPC server with both listeners open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hub.client import AsyncClient
from hub.flow.inbound import receive
from hub.model.agreement import Agreement, Member, Replenishment
from hub.model.despatch import Despatch, DespatchedItem, HandlingUnit
from hub.model.exception import ForecastException
from hub.model.exchange import Address, Interchange, Reading, Status
from hub.model.item import check_digit
from hub.model.order import Order, OrderLine
from hub.model.party import Party
from hub.model.performance import Accuracy, Commitment, MetricException, Scorecard, ValueAdded
from hub.model.plan import PlanMeasure, PlanVersion, Reasons, Series
from hub.model.profile import FormatAddress, Profile
from hub.model.query import Compare
from hub.planning.replenish import Stock, why_proposed
from hub.ports import Parcel, Unit
from hub.rpc.certificates import Authority
from hub.rpc.server import RpcServer, serve
from hub.settings import Settings
from hub.store import StoredUnits, Urls
from tests.database import TEMPLATE, Server, lent

FIRST_WEEK, WEEKS = date(2026, 11, 23), 52
PLANNED_ON = date(2026, 11, 20)
"""A day that has gone: a cycle of today is another one, whenever the tests run."""
GTIN = "9501101530003".zfill(14)
PAIRS = {"retail": ("north", "south"), "wholesale": ("east", "west")}
PARTNERS = ("north", "south", "east", "west")
SEES = {
    "buyer": ("sold", "sales_forecast", "order_forecast", "consensus", "baseline", "proposed_order",
              "on_hand_projection", "safety_stock", "on_hand", "damaged"),
    "seller": ("sold", "sales_forecast", "order_forecast", "consensus", "proposed_order", "on_hand_projection",
               "on_hand"),
}
"""The seller is not shown the baseline, the safety stock and what is damaged."""


def gln(number: int) -> str:
    digits = f"9501101{number:05}"
    return digits + check_digit(digits)


GLNS = {partner: gln(1000 + number) for number, partner in enumerate(PARTNERS)}
PLACES = {"retail": gln(2000), "wholesale": gln(2001)}


@dataclass
class World:
    """What was planted: each partner's token, and by kind the names that each partner may see."""

    settings: Settings
    units: StoredUnits
    server: RpcServer
    authority: Authority
    tokens: dict[str, str]
    visible: dict[str, dict[str, set[str]]]

    def by_token(self, partner: str) -> AsyncClient:
        return self.with_token(self.tokens[partner])

    def with_token(self, token: str) -> AsyncClient:
        return AsyncClient.with_token(f"localhost:{self.server.token_port}", token, ca=self.authority.certificate)

    def by_certificate(self, partner: str) -> AsyncClient:
        pair = self.authority.client(GLNS[partner])
        return AsyncClient.with_certificate(
            f"localhost:{self.server.port}", pair.certificate, pair.key, ca=self.authority.certificate
        )


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def secured(settings: Settings, authority: Authority, tmp_path: Path) -> Settings:
    """Settings with TLS: both listeners open."""
    certificate, key = authority.server().save(tmp_path / "tls", "server")
    trusted = tmp_path / "tls" / "clients.pem"
    trusted.write_bytes(authority.certificate)
    return settings.model_copy(update={"tls_certificate": certificate, "tls_key": key, "tls_client_ca": trusted})


@dataclass(frozen=True)
class Planted:
    """A database in which the two pairs trade, and what `World` says of it."""

    template: str
    tokens: dict[str, str]
    visible: dict[str, dict[str, set[str]]]


@pytest.fixture(scope="session")
def planted(server: Server) -> Planted:
    """Planted once; every test works on a clone."""
    template = server.fresh()
    return asyncio.run(_planted(template, server.urls(template)))


async def _planted(template: str, urls: Urls) -> Planted:
    units = StoredUnits(urls.worker, urls.door, pool_size=2, overflow=2)
    async with units.worker() as unit:
        for number, partner in enumerate(PARTNERS):
            await unit.partners.put(_profile(partner, number), [], {})
        tokens = {partner: await unit.partners.issue_token(partner, "test") for partner in PARTNERS}
    visible: dict[str, dict[str, set[str]]] = {kind: {p: set() for p in PARTNERS} for kind in (
        "messages", "orders", "forecasts", "exceptions", "scorecards", "projections", "orderProposals",
        "shipments", "inventoryPositions", "forecastVersions", "deliveries", "operations",
        "metricExceptions")}
    for agreement, (buyer, seller) in PAIRS.items():
        await _plant(units, agreement, buyer, seller, visible)
    await units.dispose()
    return Planted(template, tokens, visible)


@pytest.fixture
def urls(server: Server, request: pytest.FixtureRequest) -> Iterator[Urls]:
    """The three logins of a database of the test's own: a clone of what is planted for who asks for the world, an empty
    one for all others."""
    template = request.getfixturevalue("planted").template if "world" in request.fixturenames else TEMPLATE
    with lent(server, template) as urls:
        yield urls


@pytest.fixture
async def world(
    secured: Settings, units: StoredUnits, authority: Authority, planted: Planted
) -> AsyncIterator[World]:
    server = serve(secured, units, receive)
    await server.start()
    yield World(secured, units, server, authority, dict(planted.tokens), deepcopy(planted.visible))
    await server.stop(grace=0)


def _profile(partner: str, number: int) -> Profile:
    address = FormatAddress(format="x12", address=Address(qualifier="ZZ", id=partner.upper()))
    return Profile(name=partner, title=partner.title(), kind="retailer", gln=GLNS[partner], addresses=(address,))


async def _plant(
    units: StoredUnits, agreement: str, buyer: str, seller: str, visible: dict[str, dict[str, set[str]]]
) -> None:
    """One file in and one out, one order, four plans and one exception between `buyer` and `seller`."""
    parcel = Parcel(_bytes(f"file of {buyer}".encode()), "grpc", buyer, datetime(2026, 11, 22, tzinfo=UTC), "in.edi")
    arrived = (await receive(units, parcel, 1000)).message
    visible["messages"][buyer].add(f"messages/{arrived}")
    async with units.worker() as unit:
        book = _agreement(agreement, buyer, seller)
        await unit.partners.put(_profile(buyer, PARTNERS.index(buyer)), [book], {})
        sent = await unit.outbox.put(
            seller, "folder", "out.edi", b"file for " + seller.encode(), sender=None, format="edifact", kind="ORDERS",
            version="D96A", control="1", in_reply_to=arrived,
        )
        visible["messages"][seller].add(f"messages/{sent}")
        visible["deliveries"][seller].add(f"deliveries/{sent}")
        order = await unit.orders.place(_order(agreement), buyer, seller, arrived)
        stock = await _supply(unit, agreement, arrived, str(order), buyer, seller)
        (shipment,) = [row async for row in _shipments(unit, str(order))]
        for partner in (buyer, seller):
            visible["orders"][partner].add(f"orders/{order}")
            visible["shipments"][partner].add(f"shipments/{shipment}")
            visible["inventoryPositions"][partner].add(f"inventoryPositions/{stock}")
        await _plan(unit, agreement, buyer, seller)
        run = await _except(unit, agreement, buyer, seller)
        await unit.scorecards.add(scorecard(run, agreement, seller, buyer))
        await unit.runs.advance(run, "release", {"ordered_now": 6.0}, "finished")
        series = await unit.forecasts.list(agreement=agreement, limit=1000)
        for one in series:
            kinds = {"on_hand_projection": "projections", "proposed_order": "orderProposals"}
            for partner, role in ((buyer, "buyer"), (seller, "seller")):
                if one.version.measure in SEES[role]:
                    visible["forecasts"][partner].add(f"forecasts/{one.id}")
                    if kind := kinds.get(one.version.measure):
                        visible[kind][partner].add(f"{kind}/{one.id}")
        for card in await unit.plan_book.list(limit=1000, where=Compare("agreement", "=", agreement)):
            for partner, role in ((buyer, "buyer"), (seller, "seller")):
                if card.version.measure in SEES[role]:
                    visible["forecastVersions"][partner].add(f"forecastVersions/{card.id}")
        (exception,) = await unit.exceptions.list(agreement=agreement)
        for partner in (buyer, seller):
            visible["exceptions"][partner].add(f"exceptions/{exception.id}")
            visible["scorecards"][partner].add(f"scorecards/{run}")
            visible["operations"][partner].add(f"operations/{run}")
        worse = await unit.metric_exceptions.of_run(run)
        visible["metricExceptions"][buyer] |= {f"metricExceptions/{row.id}" for row in worse}
        visible["metricExceptions"][seller] |= {
            f"metricExceptions/{row.id}" for row in worse if row.found.measure != "baseline"}


async def _supply(unit: Unit, agreement: str, message: str, order: str, buyer: str, seller: str) -> str:
    """A despatch of the order, from the seller to the hub, and what lies there: on hand for both, damaged for the
    buyer. The name of the stock."""
    item = DespatchedItem(gtin=GTIN, quantity=Decimal(12), unit="each", order_number=f"{agreement}-1", order_line="1")
    despatch = Despatch(
        number=f"{agreement}-S1", shipped_on=date(2026, 11, 21), carrier="CARR", tracking="T1", packages=1,
        ship_to=Party(id=PLACES[agreement], scheme="gln"),
        units=(HandlingUnit(kind="tare", sscc="0" * 18, units=(HandlingUnit(kind="pack", items=(item,)),)),))
    interchange = Interchange(ordinal=1, format="x12", version="004010", sender=Address(qualifier="ZZ", id="S"),
                              receiver=Address(qualifier="ZZ", id="HUB"), control="1")
    reading = Reading(interchange, 1, 1, "856", "004010", "0001", Status.ACCEPTED, despatch)
    await unit.documents.add(message, reading, seller, None)
    await unit.orders.happen(order, "despatch", despatch.number, message, {"document": "Despatch"})
    rows = [(GTIN, PLACES[agreement], kind, date(2026, 11, day), quantity) for kind, day, quantity in (
        ("on_hand", 15, 9.0), ("on_hand", 20, 7.0), ("damaged", 20, 1.0), ("on_hand", 21, float("nan")))]
    await unit.observations.post(agreement, message, pl.DataFrame(
        rows, schema=["gtin", "gln", "measure", "period", "quantity"], orient="row"))
    return f"{agreement}-{GTIN}-{PLACES[agreement]}"


async def _shipments(unit: Unit, order: str) -> AsyncIterator[str]:
    for row in await unit.shipments.list(limit=100):
        if row.order == order:
            yield row.id


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _agreement(name: str, buyer: str, seller: str) -> Agreement:
    members = (
        Member(partner=buyer, role="buyer", sees=SEES["buyer"]),
        Member(partner=seller, role="seller", sees=SEES["seller"]),
    )
    scope = {"items": (GTIN,), "locations": (PLACES[name],)}
    return Agreement(name=name, members=members, valid_from=date(2020, 1, 1), **scope)


def _order(agreement: str) -> Order:
    line = OrderLine(number="1", quantity=Decimal("12"), unit="each", price=Decimal("1.50"), gtin=GTIN)
    placed_on = date(2026, 11, 20)
    return Order(number=f"{agreement}-1", purpose="original", placed_on=placed_on, currency="EUR", lines=(line,))


async def _plan(unit: Unit, agreement: str, buyer: str, seller: str) -> None:
    """The baseline twice: only its newer version is listed."""
    run = (await unit.runs.open(agreement, PLANNED_ON)).id
    plans = (
        (buyer, "sales_forecast"), (seller, "sales_forecast"), ("hub", "baseline"), ("hub", "baseline"),
        ("hub", "consensus"),
    )
    for number, (author, measure) in enumerate(plans):
        values = np.arange(WEEKS, dtype=np.float64)[None, :] + number
        values[0, 1] = np.nan
        version = PlanVersion.model_validate({
            "agreement": agreement, "author": author, "measure": measure, "first_week": FIRST_WEEK, "weeks": WEEKS,
            "source": run})
        await unit.plans.add(version, Series(((GTIN, PLACES[agreement]),), FIRST_WEEK, values))
    await replenish(unit, agreement, run)


async def replenish(unit: Unit, agreement: str, run: str) -> None:
    """Two are there and four are wanted in two weeks: with three in reserve six are ordered, a whole pack."""
    terms = Replenishment(lead_weeks=1, review_weeks=1, order_unit="case")
    one = {name: np.array([value]) for name, value in (("on_hand", 2.0), ("pack", 6.0), ("minimum", 0.0))}
    stock = Stock(on_hand=one["on_hand"], on_order=np.zeros((1, 2)), pack=one["pack"], minimum=one["minimum"])
    begun = Reasons(("base_stock",), {"on_hand": one["on_hand"], "coming": np.array([0.0])})
    plans: tuple[tuple[PlanMeasure, list[float], Reasons | None], ...] = (
        ("order_forecast", [6.0, 0.0], None), ("proposed_order", [6.0], why_proposed(stock, terms)),
        ("on_hand_projection", [-2.0, 4.0], begun), ("safety_stock", [3.0], None))
    for measure, values, reasons in plans:
        version = PlanVersion(agreement=agreement, author="hub", measure=measure, first_week=FIRST_WEEK,
                              weeks=len(values), source=run)
        await unit.plans.add(
            version, Series(((GTIN, PLACES[agreement]),), FIRST_WEEK, np.array([values])), reasons)


async def _except(unit: Unit, agreement: str, buyer: str, seller: str) -> str:
    """One exception; the run that found it."""
    run = await unit.runs.open(agreement, PLANNED_ON)
    await unit.exceptions.add(run.id, [ForecastException(
        agreement=agreement, gtin=GTIN, gln=PLACES[agreement], period=FIRST_WEEK, lag=1, left_party=buyer,
        right_party=seller, left=10, right=20, baseline=12, percent=66.7, value_at_stake=15,
    )])
    return run.id


def scorecard(run: str, agreement: str, seller: str, buyer: str = "north") -> Scorecard:
    """The baseline, which the seller is not shown, was better than the seller's view."""
    sums = {"cells": 4, "volume": 40, "actual": 40}
    return Scorecard(
        run=run, agreement=agreement, as_of=PLANNED_ON, first_week=FIRST_WEEK, last_week=FIRST_WEEK,
        accuracy=(
            Accuracy(author=seller, measure="sales_forecast", lag=1, group="jam", error=-2, absolute=8, **sums),
            Accuracy(author=seller, measure="sales_forecast", lag=2, group="jam", error=6, absolute=16, **sums),
            Accuracy(author="hub", measure="baseline", lag=1, error=1, absolute=4, **sums)),
        value_added=(
            ValueAdded(author=seller, measure="sales_forecast", against="baseline", cells=4, before=4, after=8,
                       volume=40),),
        commitments=(Commitment(author=seller, lines=2, ordered=30, promised=30, committed=24, delivered=18),),
        exceptions=(
            MetricException(kind="wmape", author=seller, measure="sales_forecast", group="jam", from_week=1, to_week=2,
                            found=30, allowed=20, value_at_stake=8, cells=8, part=24, whole=80),
            MetricException(kind="bias", author="hub", measure="baseline", from_week=1, to_week=1, found=2.5,
                            allowed=2, value_at_stake=0.2, cells=4, part=1, whole=40),
            MetricException(kind="in_stock", author=buyer, measure="on_hand", from_week=0, to_week=0, found=75,
                            allowed=90, value_at_stake=6, cells=4, part=3, whole=4)))
