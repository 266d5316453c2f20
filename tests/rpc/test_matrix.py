"""Every method, as the protos describe it, by every role, on what is one's own, shared, of others, or of an agreement
that has ended: what may be seen comes back, nothing else does, and a method without a decision fails.

What a method shows is decided by its shape: one that takes a name shows that thing or says NOT_FOUND; a listing holds
exactly what its caller may see. Only what has no such shape has a line of its own in `OTHERS`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.api import field_behavior_pb2, resource_pb2
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from hub.client import AsyncClient, CallError
from hub.client.errors import call_error
from hub.model.account import RIGHTS, Role
from hub.model.item import Item, Location, check_digit
from hub.rpc.masks import resource_of
from hub.rpc.methods import methods_of
from hub.rpc.pb.v1 import exchange_pb2, forecasts_pb2
from hub.rpc.server import FILES, SERVICES
from tests.rpc.conftest import GTIN, PAIRS, PARTNERS, PLACES, World, gln

ROLES: tuple[Role, ...] = ("viewer", "planner", "operator", "admin")
OPERATIONS = "google.longrunning.Operations"
METHODS: tuple[MethodDescriptor, ...] = tuple(
    method for file in FILES for service in file.services_by_name.values() for method in service.methods)
KNOWN = methods_of(FILES)
COLLECTIONS = {"Message": "messages", "Order": "orders", "Forecast": "forecasts", "ForecastException": "exceptions",
               "Agreement": "agreements", "Item": "items", "Location": "locations", "Scorecard": "scorecards",
               "Projection": "projections", "OrderProposal": "orderProposals",
               "Shipment": "shipments", "InventoryPosition": "inventoryPositions",
               "ForecastVersion": "forecastVersions", "Delivery": "deliveries", "Operation": "operations",
               "MetricException": "metricExceptions"}
ENDS_WITH_ITS_AGREEMENT = {"forecasts", "exceptions", "agreements", "scorecards", "projections", "orderProposals",
                           "inventoryPositions", "forecastVersions", "operations", "metricExceptions"}
OTHERS = {
    "Exchange.SubmitMessage": "test_submitting: for its caller alone",
    "Exchange.SubmitLargeMessage": "test_deeds: for its caller alone",
    "Exchange.WatchMessages": "test_streams_show_nothing_of_others below, test_watching",
    "Exceptions.WatchExceptions": "test_streams_show_nothing_of_others below, test_watching",
    "Exceptions.WatchMetricExceptions": "test_scorecards: what is found is told to who may see it",
    "Orders.WatchOrders": "test_streams_show_nothing_of_others below, test_watching",
    "Forecasts.WatchForecastVersions": "test_streaming: a version is told to whoever may see it",
    "Forecasts.BatchGetForecasts": "test_a_batch_with_one_hidden_name_is_not_found below",
    "Replenishment.ReleaseOrderProposals": "test_releasing: for the buyer of the agreement alone",
    "Cycles.RunCycle": "test_cycles: for a planner of the agreement alone",
    "Scorecards.SumScorecards": "test_scorecards: adds up what a listing shows",
    "Forecasts.StreamForecasts": "test_streams_show_nothing_of_others below",
    "Forecasts.SubmitForecast": "test_forecasting: nobody speaks under an agreement that is not his",
    "Forecasts.SubmitLargeForecast": "test_forecasting: nobody speaks under an agreement that is not his",
    "Forecasts.CommitForecast": "test_forecasting: nobody speaks under an agreement that is not his",
    "Forecasts.CompareForecasts": "test_forecasting: only versions that one may see are compared",
}


def short(method: MethodDescriptor) -> str:
    return f"{method.containing_service.name}.{method.name}"


def path(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


def collection_of(method: MethodDescriptor) -> str | None:
    """Of the thing that a method takes by name."""
    name = method.input_type.fields_by_name.get("name")
    if name is None:
        return None
    if method.containing_service.full_name == OPERATIONS:
        return None if listed(method) else "operations"
    kind = name.GetOptions().Extensions[resource_pb2.resource_reference].type.rpartition("/")[2]
    return COLLECTIONS[kind]


def listed(method: MethodDescriptor) -> str | None:
    """The collection that a listing shows; None for what is no listing of things by name."""
    return COLLECTIONS.get(resource_of(method.output_type)[1].name) if "next_page_token" in (
        method.output_type.fields_by_name) else None


NAMED = [method for method in METHODS if collection_of(method)]
LISTINGS = [method for method in METHODS if listed(method)]


def test_every_method_has_a_decision_a_right_and_a_service_that_is_served() -> None:
    assert {short(m) for m in METHODS} == {short(m) for m in (*NAMED, *LISTINGS)} | OTHERS.keys()
    assert not {short(m) for m in (*NAMED, *LISTINGS)} & OTHERS.keys()
    assert {path(m) for m in METHODS} == KNOWN.keys()
    assert {m.containing_service.full_name for m in METHODS} == set(SERVICES)


@pytest.fixture
async def full(world: World) -> World:
    """Also with agreements, and with items and locations of each pair and of each partner alone."""
    for kind in ("agreements", "items", "locations"):
        world.visible[kind] = {partner: set() for partner in PARTNERS}
    async with world.units.worker() as unit:
        for agreement, pair in PAIRS.items():
            owner = pair[0]
            place = Location(gln=PLACES[agreement], name=agreement, kind="dc")
            await unit.catalogue.put(owner, [Item(gtin=GTIN, name="shared")], [], [], [place])
            for partner in pair:
                world.visible["agreements"][partner].add(f"agreements/{agreement}")
                world.visible["locations"][partner].add(f"locations/{PLACES[agreement]}")
                world.visible["items"][partner].add(f"items/{GTIN}")
        for number, partner in enumerate(PARTNERS):
            digits = f"0950110153{number:03}"
            item, place = Item(gtin=digits + check_digit(digits), name=partner), gln(3000 + number)
            await unit.catalogue.put(partner, [item], [], [], [Location(gln=place, name=partner, kind="store")])
            world.visible["items"][partner].add(f"items/{item.gtin}")
            world.visible["locations"][partner].add(f"locations/{place}")
    return world


async def call(hub: AsyncClient, method: MethodDescriptor, **fields: Any) -> Any:
    """What a method says, the last reply of a stream; raises CallError."""
    request = GetMessageClass(method.input_type)(**fields)
    how = hub._channel.unary_stream if method.server_streaming else (
        hub._channel.stream_unary if method.client_streaming else hub._channel.unary_unary)
    asked = how(path(method), request_serializer=type(request).SerializeToString,
                response_deserializer=GetMessageClass(method.output_type).FromString)
    try:
        if not method.server_streaming:
            sent = iter([request]) if method.client_streaming else request
            return await asked(sent, metadata=hub._metadata(), timeout=20)
        return [reply async for reply in asked(request, metadata=hub._metadata(), timeout=20)][-1]
    except grpc.aio.AioRpcError as error:
        raise call_error(error) from None


async def pages(hub: AsyncClient, method: MethodDescriptor, **fields: Any) -> AsyncIterator[Any]:
    while True:
        reply = await call(hub, method, page_size=1, **fields)
        rows, _ = resource_of(method.output_type)
        for row in getattr(reply, rows or ""):
            yield row
        if not reply.next_page_token:
            return
        fields["page_token"] = reply.next_page_token


def needed(method: MethodDescriptor) -> dict[str, Any]:
    """Something for every field that a method demands beside the name."""
    values = {"quantity": 5.0, "owner": "Ana", "comment": "hm"}
    return {field.name: values[field.name] for field in method.input_type.fields if field.name != "name"
            and field_behavior_pb2.REQUIRED in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]}


async def refusal(hub: AsyncClient, method: MethodDescriptor, **fields: Any) -> tuple[Any, ...]:
    with pytest.raises(CallError) as refused:
        await call(hub, method, **fields)
    return refused.value.code, refused.value.reason, refused.value.message


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_sees_and_does_what_it_may_and_nothing_of_others(full: World, role: Role) -> None:
    for partner in ("south", "west"):
        async with full.units.worker() as unit:
            token = await unit.partners.issue_token(partner, role, role=role)
        async with full.with_token(token) as hub:
            for method in LISTINGS:
                seen = {row.name async for row in pages(hub, method)}
                assert seen == full.visible[listed(method) or ""][partner] != set(), (partner, short(method))
            for method in NAMED:
                await _try_names(full, hub, method, partner, role)


async def _try_names(full: World, hub: AsyncClient, method: MethodDescriptor, partner: str, role: Role) -> None:
    visible = full.visible[collection_of(method) or ""]
    may, reads = KNOWN[path(method)].right in RIGHTS[role], KNOWN[path(method)].right == "read"
    for name in set.union(*visible.values()):
        where = (short(method), role, partner, name)
        if not may:
            told = await refusal(hub, method, name=name, **needed(method))
            assert told[:2] == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_LACKS_RIGHT"), where
        elif name not in visible[partner]:
            unknown = name.partition("/")[0] + "/unknown"
            told = await refusal(hub, method, name=name, **needed(method))
            assert told[0] is grpc.StatusCode.NOT_FOUND, where
            assert told == await refusal(hub, method, name=unknown, **needed(method)), where
        elif reads:
            reply = await call(hub, method, name=name)
            assert getattr(reply, "content", b"") or name in (getattr(reply, "name", ""), getattr(reply, "order", ""))


async def test_what_an_agreement_showed_is_gone_when_it_has_ended_and_what_was_ones_own_is_not(full: World) -> None:
    async with full.units.worker() as unit:
        await unit.transaction.execute("UPDATE agreement SET valid_to = (now() AT TIME ZONE 'UTC')::date - 1")
    async with full.by_token("south") as hub:
        for method in LISTINGS:
            seen = {row.name async for row in pages(hub, method)}
            mine = full.visible[listed(method) or ""]["south"]
            assert seen == (set() if listed(method) in ENDS_WITH_ITS_AGREEMENT else _own(full, listed(method), mine))
        for method in NAMED:
            if collection_of(method) in ENDS_WITH_ITS_AGREEMENT:
                for name in full.visible[collection_of(method) or ""]["south"]:
                    told = await refusal(hub, method, name=name, **needed(method))
                    assert told[0] is grpc.StatusCode.NOT_FOUND, short(method)


def _own(full: World, kind: str | None, names: set[str]) -> set[str]:
    """Of items and locations those that nobody shares."""
    others = full.visible[kind or ""]["north"] if kind in ("items", "locations") else set()
    return names - others


async def test_filters_sorting_and_other_peoples_page_tokens_open_nothing(full: World) -> None:
    hidden = {"agreement": "agreements/wholesale", "author": "partners/east", "buyer": "partners/east",
              "sender": "partners/east", "gln": PLACES["wholesale"]}
    tried = 0
    async with full.by_token("south") as ours, full.by_token("west") as theirs:
        for method in LISTINGS:
            if "filter" not in method.input_type.fields_by_name:
                continue
            for field, value in hidden.items():
                try:
                    rows = [row async for row in pages(ours, method, filter=f'{field} = "{value}"')]
                except CallError as refused:
                    assert refused.reason == "UNKNOWN_FIELD"  # noqa: PT017  (most listings lack most of these fields)
                    continue
                assert rows == [], (short(method), field)
                tried += 1
            first = await call(theirs, method, page_size=1)
            if first.next_page_token:
                told = await refusal(ours, method, page_token=first.next_page_token)
                assert told[1] == "PAGE_TOKEN_INVALID"
    assert tried >= 6


async def test_a_batch_with_one_hidden_name_is_not_found(full: World) -> None:
    ours = sorted(full.visible["forecasts"]["south"])
    (theirs, *_) = sorted(full.visible["forecasts"]["west"])
    async with full.by_token("south") as hub:
        found = await hub._call(hub._forecasts.BatchGetForecasts, forecasts_pb2.BatchGetForecastsRequest(names=ours))
        assert [one.name for one in found.forecasts] == ours
        with pytest.raises(CallError) as refused:
            await hub._call(
                hub._forecasts.BatchGetForecasts, forecasts_pb2.BatchGetForecastsRequest(names=[*ours, theirs]))
        assert refused.value.code is grpc.StatusCode.NOT_FOUND
        none = [f"{theirs[:-13]}{number:013d}" for number in range(1000)]
        with pytest.raises(CallError) as refused:
            await hub._call(hub._forecasts.BatchGetForecasts, forecasts_pb2.BatchGetForecastsRequest(names=none))
        assert refused.value.code is grpc.StatusCode.NOT_FOUND, "however many there are not"


async def test_streams_show_nothing_of_others(full: World) -> None:
    async with full.by_token("south") as hub:
        streamed = hub._forecasts.StreamForecasts(
            forecasts_pb2.StreamForecastsRequest(), metadata=hub._metadata(), timeout=20)
        assert {one.name async for reply in streamed for one in reply.forecasts} == full.visible["forecasts"]["south"]
        watched = [hub.watch_messages(), hub.watch_orders(), hub.watch_exceptions()]
        first = [asyncio.create_task(anext(stream)) for stream in watched]
        while sum(map(len, full.server.watchers._waiting.values())) < 3:  # noqa: ASYNC110  (as in test_watching)
            await asyncio.sleep(0.01)
        for partner in ("west", "south"):
            async with full.units.worker() as unit:
                (message,), (order,) = full.visible["messages"][partner], full.visible["orders"][partner]
                await unit.transaction.execute(
                    "UPDATE message SET state = 'sent' WHERE public_id = %(id)s", id=message.removeprefix("messages/"))
                await unit.orders.move(order.removeprefix("orders/"), "accepted")
            async with full.by_token(partner) as their:
                (exception,) = full.visible["exceptions"][partner]
                await their.comment(exception, "hm")
        told = await asyncio.wait_for(asyncio.gather(*first), 30)
        assert told[0].message.name in full.visible["messages"]["south"]
        assert told[0].message.state == exchange_pb2.Message.STATE_SENT
        assert told[1].order.name in full.visible["orders"]["south"]
        assert told[2].exception.name in full.visible["exceptions"]["south"]
        assert not told[2].exception.HasField("baseline_quantity")
