"""Every refusal carries a stable reason, says which field is wrong, and shows nothing of the inside."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from structlog.testing import capture_logs

from hub.client import AsyncClient, CallError
from hub.client.errors import call_error
from hub.errors import Forbidden, Retry
from hub.ports import Parcel, Receipt, Units
from hub.rpc.exchange import Receive
from hub.rpc.methods import methods_of
from hub.rpc.pb.v1 import exceptions_pb2, exchange_pb2, forecasts_pb2, orders_pb2
from hub.rpc.server import FILES, serve
from tests.rpc.conftest import World

FILE = exchange_pb2.SubmitMessageRequest(content=b"x").SerializeToString()
SECRET = "password=hunter2 at line 42 of tables.py"


@asynccontextmanager
async def _serving(world: World, receive: Receive, **changes: Any) -> AsyncIterator[World]:
    settings = world.settings.model_copy(update=changes)
    server = serve(settings, world.units, receive)
    await server.start()
    try:
        yield World(settings, world.units, server, world.authority, world.tokens, world.visible)
    finally:
        await server.stop(grace=0)


@asynccontextmanager
async def _channel(world: World) -> AsyncIterator[grpc.aio.Channel]:
    """A channel that repeats nothing by itself."""
    credentials = grpc.ssl_channel_credentials(world.authority.certificate)
    options = [("grpc.enable_retries", 0)]
    async with grpc.aio.secure_channel(f"localhost:{world.server.token_port}", credentials, options) as channel:
        yield channel


async def _raw(world: World, method: str, body: bytes) -> CallError | None:
    """Calls without our client; what the hub refused with, None when it answered."""
    metadata = grpc.aio.Metadata(("authorization", f"Bearer {world.tokens['north']}"))
    async with _channel(world) as channel:
        call = channel.unary_unary(f"/cpfr.hub.v1.{method}")
        try:
            await call(body, metadata=metadata, timeout=20)
        except grpc.aio.AioRpcError as error:
            return call_error(error)
    return None


async def test_bytes_that_are_no_message_are_refused_without_a_traceback(world: World) -> None:
    refused = await _raw(world, "Orders/ListOrders", b"\xff\xff\xff")
    assert refused is not None
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "UNPARSEABLE_REQUEST")


async def test_an_unknown_method_is_unimplemented_with_a_reason(world: World) -> None:
    refused = await _raw(world, "Orders/ShredOrders", b"")
    assert refused is not None
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNIMPLEMENTED, "UNKNOWN_METHOD")


WRONG: tuple[tuple[str, Any, str, str], ...] = (
    ("Exchange/SubmitMessage", exchange_pb2.SubmitMessageRequest(), "content", "FIELD_REQUIRED"),
    ("Exchange/GetMessage", exchange_pb2.GetMessageRequest(), "name", "FIELD_REQUIRED"),
    ("Exchange/GetMessage", exchange_pb2.GetMessageRequest(name="orders/1"), "name", "MALFORMED_NAME"),
    ("Orders/GetOrder", orders_pb2.GetOrderRequest(name="orders/' OR 1=1"), "name", "MALFORMED_NAME"),
    ("Orders/ListOrders", orders_pb2.ListOrdersRequest(page_size=-1), "page_size", "PAGE_SIZE_NEGATIVE"),
    ("Orders/ListOrders", orders_pb2.ListOrdersRequest(page_token="abc"), "page_token", "PAGE_TOKEN_INVALID"),
    ("Forecasts/ListForecasts", forecasts_pb2.ListForecastsRequest(gtin="123"), "gtin", "MALFORMED_GTIN"),
    ("Forecasts/ListForecasts", forecasts_pb2.ListForecastsRequest(gln="9501101530004"), "gln", "MALFORMED_GLN"),
    ("Forecasts/ListForecasts", forecasts_pb2.ListForecastsRequest(agreement="x"), "agreement", "MALFORMED_NAME"),
    ("Exceptions/ListExceptions", exceptions_pb2.ListExceptionsRequest(state=77), "state", "UNKNOWN_ENUM_VALUE"),
)


async def test_a_wrong_field_is_named(world: World) -> None:
    for method, request, field, reason in WRONG:
        refused = await _raw(world, method, request.SerializeToString())
        assert refused is not None
        assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
        assert list(refused.violations) == [field]


async def test_a_page_token_continues_its_own_query_only(world: World) -> None:
    async with world.by_token("north") as north, world.by_token("east") as east:
        ask = forecasts_pb2.ListForecastsRequest(page_size=1)
        page = await north._call(north._forecasts.ListForecasts, ask)
        assert page.next_page_token
        for hub, request in (
            (east, forecasts_pb2.ListForecastsRequest(page_token=page.next_page_token)),
            (north, forecasts_pb2.ListForecastsRequest(page_token=page.next_page_token, author="partners/hub")),
            (north, forecasts_pb2.ListForecastsRequest(page_token=page.next_page_token[:-1])),
        ):
            with pytest.raises(CallError) as refused:
                await hub._call(hub._forecasts.ListForecasts, request)
            assert refused.value.reason == "PAGE_TOKEN_INVALID"


FAILURES = (
    (RuntimeError(SECRET), grpc.StatusCode.INTERNAL, "INTERNAL"),
    (KeyError(SECRET), grpc.StatusCode.INTERNAL, "INTERNAL"),
    (Forbidden(SECRET), grpc.StatusCode.PERMISSION_DENIED, "FORBIDDEN"),
    (Retry(SECRET, reason="DATABASE_AWAY"), grpc.StatusCode.UNAVAILABLE, "DATABASE_AWAY"),
)


async def test_what_goes_wrong_inside_stays_inside(world: World) -> None:
    failing = iter([failure for failure, _, _ in FAILURES])

    async def fails(units: Units, parcel: Parcel, limit: int) -> Receipt:
        raise next(failing)

    async with _serving(world, fails) as here:
        for failure, code, reason in FAILURES:
            with capture_logs() as logged:
                refused = await _raw(here, "Exchange/SubmitMessage", FILE)
            assert refused is not None
            assert (refused.code, refused.reason) == (code, reason)
            assert "hunter2" not in repr(refused)
            assert (refused.retry_after is not None) == (code is grpc.StatusCode.UNAVAILABLE)
            noted = [line["error"] for line in logged if "incident" in line and line["incident"] == refused.incident]
            assert [said.split()[0] for said in noted] == (
                [type(failure).__name__] if code is grpc.StatusCode.INTERNAL else [])
            assert "hunter2" not in str(logged), "what an exception says may quote a file"


async def test_a_call_that_takes_too_long_ends_with_its_reason(world: World) -> None:
    async def sleeps(units: Units, parcel: Parcel, limit: int) -> Receipt:
        await asyncio.sleep(60)
        raise AssertionError("not reached")

    async with _serving(world, sleeps, max_request_seconds=0.2) as here:
        refused = await _raw(here, "Exchange/SubmitMessage", FILE)
    assert refused is not None
    assert (refused.code, refused.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")


async def test_more_calls_than_there_is_room_for_are_sent_away_with_a_time_to_come_back(world: World) -> None:
    free = asyncio.Event()

    async def waits(units: Units, parcel: Parcel, limit: int) -> Receipt:
        await free.wait()
        return Receipt("msg_1", "", 0, False)

    async with _serving(world, waits, max_in_flight=1) as here:
        calls = [asyncio.create_task(_raw(here, "Exchange/SubmitMessage", FILE)) for _ in range(3)]
        (sent_away,), waiting = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        refused = sent_away.result()
        assert refused is not None
        assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "BUSY")
        assert refused.retry_after is not None
        free.set()
        assert await asyncio.gather(*waiting) == [None, None]


async def test_the_log_names_caller_and_outcome_and_never_the_content(world: World) -> None:
    with capture_logs() as logged:
        async with world.by_token("north") as hub:
            await hub.submit(b"SECRETCONTENT")
    (line,) = [line for line in logged if line["event"] == "call"]
    assert (line["method"], line["partner"], line["code"]) == ("/cpfr.hub.v1.Exchange/SubmitMessage", "north", "OK")
    told = json.dumps(logged, default=str)
    assert "SECRETCONTENT" not in told
    assert world.tokens["north"] not in told


NASTY = (
    "", "\0", "a" * 5000, "orders/", "orders/\u202e", "messages/msg_1", "agreements/retail", "partners/hub", "%s",
    "';--", "../..", "9501101530003", "💥", "forecasts/plan_a-09501101530003-9501101530003",
)
METHODS = [
    method for file in FILES for service in file.services_by_name.values() for method in service.methods
]
EXPECTED = {
    grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.FAILED_PRECONDITION,
}


def _wild(kind: Any, chance: random.Random) -> bytes:
    """A request of that kind with nasty values in random fields."""
    request = GetMessageClass(kind)()
    for field in kind.fields:
        if chance.random() < 0.3:
            continue
        if field.is_repeated or field.message_type is not None:
            continue
        if field.type == FieldDescriptor.TYPE_STRING:
            setattr(request, field.name, chance.choice(NASTY))
        elif field.type == FieldDescriptor.TYPE_BYTES:
            setattr(request, field.name, chance.randbytes(chance.randrange(50)))
        else:
            setattr(request, field.name, chance.choice((0, 1, -1, 7, 2**31 - 1, -(2**31))))
    body: bytes = request.SerializeToString()
    return body if chance.random() < 0.8 else chance.randbytes(chance.randrange(40))


def _requests() -> Iterator[tuple[str, bytes]]:
    chance = random.Random(20261122)
    answered = methods_of(FILES)
    for method in METHODS:
        path = f"/{method.containing_service.full_name}/{method.name}"
        if method.server_streaming or method.client_streaming or path not in answered:
            continue
        for _ in range(40):
            yield path, _wild(method.input_type, chance)


async def test_no_request_whatever_makes_the_hub_fail(world: World) -> None:
    metadata = grpc.aio.Metadata(("authorization", f"Bearer {world.tokens['north']}"))
    async with _channel(world) as channel:
        for method, body in _requests():
            try:
                await channel.unary_unary(method)(body, metadata=metadata)
            except grpc.aio.AioRpcError as error:
                refused = call_error(error)
                assert refused.code in EXPECTED, (method, body, refused)
                assert refused.reason


def test_the_client_does_not_send_a_token_in_plain_text_to_another_machine() -> None:
    with pytest.raises(ValueError, match="plain text"):
        AsyncClient.with_token("hub.example:8444", "token", plaintext=True)
