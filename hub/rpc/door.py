"""What stands in front of every call: who asks, how many at once, for how long, and what a refusal looks like.

An interceptor of grpc.aio sees neither the peer's certificate nor can it hand anything on; therefore it wraps the
method itself. Servicers behind it hear `caller()`, raise errors of the tree in `hub.errors`, and return messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import code_pb2
from grpc_status import rpc_status

from hub.rpc.demands import demand
from hub.rpc.errors import Busy, Unknown, Unparseable, log, status_of
from hub.rpc.identity import Context, Identify, speak_for, speaker

OPEN_TO_ALL = "/grpc."
"""Health and reflection say nothing about anybody; they need no identity and no place."""

Answer = Callable[[bytes, Context], Awaitable[Any]]


@dataclass(slots=True)
class Limits:
    """What the process gives to calls: `places` run at once, as many again may wait, none longer than `seconds`."""

    places: int
    seconds: float
    _running: asyncio.Semaphore = field(init=False)
    _present: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._running = asyncio.Semaphore(self.places)

    @asynccontextmanager
    async def place(self, remaining: float | None) -> AsyncIterator[None]:
        """Waits for a place. Raises Busy when too many wait already, TimeoutError after `remaining` or `seconds`."""
        if self._present >= 2 * self.places:
            raise Busy("The hub is answering as many calls as it can. Try again in a moment.")
        self._present += 1
        try:
            seconds = self.seconds if remaining is None else min(self.seconds, remaining)
            async with asyncio.timeout(seconds), self._running:
                yield
        finally:
            self._present -= 1


class Door(grpc.aio.ServerInterceptor):
    """The door of one listener: everything but health and reflection passes `identify` and `limits`."""

    def __init__(self, identify: Identify, limits: Limits) -> None:
        self._identify = identify
        self._limits = limits

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        method = handler_call_details.method
        handler = await continuation(handler_call_details)
        if method.startswith(OPEN_TO_ALL):
            return handler
        answer = _unknown if handler is None else self._behind(handler)
        return grpc.unary_unary_rpc_method_handler(
            _spoken(method, answer), response_serializer=handler.response_serializer if handler else None
        )

    def _behind(self, handler: Any) -> Answer:
        async def answer(raw: bytes, context: Context) -> Any:
            async with self._limits.place(context.time_remaining()):
                speak_for(await self._identify(context))
                request = _parsed(handler, raw)
                demand(request)
                return await handler.unary_unary(request, context)

        return answer


def _spoken(method: str, answer: Answer) -> Any:
    """`answer`, with errors told as google.rpc.Status and one line in the log for each call, never with its content."""

    async def spoken(raw: bytes, context: Context) -> Any:
        speak_for(None)
        started, code = perf_counter(), "CANCELLED"
        try:
            reply = await answer(raw, context)
            code = "OK"
            return reply
        except Exception as error:
            status = status_of(error)
            code = code_pb2.Code.Name(status.code)
        finally:
            seconds = round(perf_counter() - started, 4)
            log.info("call", method=method, partner=speaker(), peer=context.peer(), code=code, seconds=seconds)
        return await context.abort_with_status(rpc_status.to_status(status))

    return spoken


def _parsed(handler: Any, raw: bytes) -> Any:
    try:
        return handler.request_deserializer(raw)
    except DecodeError:
        raise Unparseable("The request is not the protobuf message that this method takes.") from None


async def _unknown(raw: bytes, context: Context) -> Any:
    raise Unknown("This hub has no such method. Ask its reflection service what there is.")
