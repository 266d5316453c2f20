"""Whatever is sent, the answer is one of the API's own: never INTERNAL, never a word of what is behind the door.

`make fuzz` sends more of them (HUB_FUZZ_CALLS).
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from typing import Any

import grpc
import hypothesis
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

from hub.client import AsyncClient
from hub.client.errors import call_error
from tests.rpc import requests
from tests.rpc.conftest import GTIN, PLACES, World
from tests.rpc.test_matrix import METHODS, path, short

CALLS = int(os.environ.get("HUB_FUZZ_CALLS", "250"))
NEVER = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)
TELLTALE = re.compile(r'Traceback|File "|psycopg|sqlalchemy|SELECT |Error\b.*line|/site-packages/')


async def _first(hub: AsyncClient, method: MethodDescriptor, requests: list[bytes]) -> Any:
    """The answer, the first one of a stream; raises AioRpcError."""
    asked: dict[str, Any] = {"request_serializer": bytes, "response_deserializer": GetMessageClass(
        method.output_type).FromString}
    more: dict[str, Any] = {"metadata": hub._metadata(), "timeout": 60}
    if method.client_streaming:
        return await hub._channel.stream_unary(path(method), **asked)(iter(requests), **more)
    if not method.server_streaming:
        return await hub._channel.unary_unary(path(method), **asked)(requests[0], **more)
    call = hub._channel.unary_stream(path(method), **asked)(requests[0], **more)
    try:
        return await call.read()
    finally:
        call.cancel()


def _harmless(error: grpc.aio.AioRpcError, what: str) -> None:
    told = call_error(error)
    assert error.code() not in NEVER, (what, error.code(), error.details())
    assert told.reason, (what, error.details())
    assert not TELLTALE.search(str(told)), (what, str(told))


async def test_whatever_is_sent_the_answer_is_one_of_the_apis_own(world: World) -> None:
    loop = asyncio.get_running_loop()
    known = sorted({name for rows in world.visible.values() for names in rows.values() for name in names})
    names = [*known, "agreements/retail", "partners/north", f"items/{GTIN}", GTIN, PLACES["retail"], "jam%_*'\\"]
    made: Callable[[MethodDescriptor], st.SearchStrategy[bytes]] = lambda method: st.one_of(  # noqa: E731
        requests.of(method.input_type, names).map(lambda one: one.SerializeToString()), st.binary(max_size=30))

    async with world.by_token("north") as hub:
        @hypothesis.settings(max_examples=CALLS, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
        @hypothesis.given(st.data())
        def send(data: st.DataObject) -> None:
            method = data.draw(st.sampled_from(METHODS))
            sent = data.draw(st.lists(made(method), min_size=1, max_size=3 if method.client_streaming else 1))
            try:
                asyncio.run_coroutine_threadsafe(_first(hub, method, sent), loop).result()
            except grpc.aio.AioRpcError as error:
                _harmless(error, f"{short(method)} {sent!r}")

        await asyncio.to_thread(send)
