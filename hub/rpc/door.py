"""What stands in front of every call: who asks, what it may do, how many at once, for how long, and what a refusal
looks like.

An interceptor of grpc.aio sees neither the peer's certificate nor can it hand anything on; therefore it wraps the
method itself. Servicers behind it hear `caller()`, raise errors of the tree in `hub.errors`, and return messages.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import code_pb2, status_pb2
from grpc_status import rpc_status

from hub.errors import Forbidden
from hub.rpc import masks
from hub.rpc.demands import demand
from hub.rpc.errors import Unknown, Unparseable, log, status_of
from hub.rpc.identity import Context, Identify, speak_for, speaker, who
from hub.rpc.limits import Limits
from hub.rpc.methods import Method
from hub.rpc.trail import Trail

OPEN_TO_ALL = "/grpc."
"""Health and reflection say nothing about anybody; they need no identity and no place."""

Answer = Callable[[Any, Context], Awaitable[Any]]
Stream = Callable[[bytes, Context], AsyncIterator[Any]]


@dataclass(frozen=True, slots=True)
class Door(grpc.aio.ServerInterceptor):
    """The door of one listener: everything but health and reflection passes `identify` and `limits`."""

    identify: Identify
    limits: Limits
    methods: dict[str, Method]
    trail: Trail

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        path = handler_call_details.method
        handler = await continuation(handler_call_details)
        if path.startswith(OPEN_TO_ALL):
            return handler
        method = self.methods.get(path)
        if handler is None or method is None:
            return grpc.unary_unary_rpc_method_handler(_spoken(path, _unknown))
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                _told(path, self._streams(handler, method)), response_serializer=handler.response_serializer)
        if handler.request_streaming:
            return grpc.stream_unary_rpc_method_handler(
                _spoken(path, self._collects(handler, method)), response_serializer=handler.response_serializer)
        return grpc.unary_unary_rpc_method_handler(
            _spoken(path, self._answers(handler, method)), response_serializer=handler.response_serializer)

    def _answers(self, handler: Any, method: Method) -> Answer:
        async def answer(raw: bytes, context: Context) -> Any:
            async def act() -> Any:
                request = await self._let_in(handler, method, raw, context)
                return masks.masked(request, await handler.unary_unary(request, context))

            return await self.limits.placed(context.time_remaining(), act)

        return answer

    def _collects(self, handler: Any, method: Method) -> Answer:
        async def answer(raw: AsyncIterator[bytes], context: Context) -> Any:
            async with self.limits.stream():
                await self._know(method, context)
                requests = (_checked(handler, one) async for one in raw)
                return await handler.stream_unary(requests, context)

        return answer

    def _streams(self, handler: Any, method: Method) -> Stream:
        async def answer(raw: bytes, context: Context) -> AsyncIterator[Any]:
            async with self.limits.stream():
                request = await self._let_in(handler, method, raw, context)
                async with aclosing(handler.unary_stream(request, context)) as replies:
                    async for reply in replies:
                        yield reply

        return answer

    async def _let_in(self, handler: Any, method: Method, raw: bytes, context: Context) -> Any:
        """The request, if its caller is known and may ask, and it has what it must have."""
        await self._know(method, context)
        request = _checked(handler, raw)
        masks.check(request, method.reply)
        if method.right == "read":
            await self.trail.note(who(), method.path, getattr(request, "name", ""))
        return request

    async def _know(self, method: Method, context: Context) -> None:
        found = await self.identify(context)
        speak_for(found)
        if not found.may(method.right):
            raise Forbidden(f"{found.actor} is {found.role}: lacks {method.right}", reason="ROLE_LACKS_RIGHT")


def _spoken(path: str, answer: Answer) -> Any:
    """`answer`, with errors told as google.rpc.Status and one line in the log for each call, never with its content."""

    async def spoken(raw: Any, context: Context) -> Any:
        call = _Call(path, context)
        try:
            reply = await answer(raw, context)
            call.code = "OK"
            return reply
        except Exception as error:
            status = call.failed(error)
        finally:
            call.end()
        return await context.abort_with_status(rpc_status.to_status(status))

    return spoken


def _told(path: str, stream: Stream) -> Any:
    """Like `_spoken`, for an answer in many pieces; the line in the log comes at its end."""

    async def told(raw: bytes, context: Context) -> AsyncIterator[Any]:
        call = _Call(path, context)
        status = None
        try:
            async with aclosing(stream(raw, context)) as replies:  # type: ignore[type-var]  # an async generator
                async for reply in replies:
                    yield reply
            call.code = "OK"
        except Exception as error:
            status = call.failed(error)
        finally:
            call.end()
        if status is not None:
            await context.abort_with_status(rpc_status.to_status(status))

    return told


class _Call:
    """One call as the log shows it."""

    def __init__(self, path: str, context: Context) -> None:
        speak_for(None)
        self.code, self._path, self._started = "CANCELLED", path, perf_counter()
        self._peer = context.peer()  # asked now: a context whose call is over must not be touched

    def failed(self, error: Exception) -> status_pb2.Status:
        status = status_of(error)
        self.code = code_pb2.Code.Name(status.code)
        return status

    def end(self) -> None:
        log.info("call", method=self._path, partner=speaker(), peer=self._peer, code=self.code,
                 seconds=round(perf_counter() - self._started, 4))


def _checked(handler: Any, raw: bytes) -> Any:
    try:
        request = handler.request_deserializer(raw)
    except DecodeError:
        raise Unparseable("The request is not the protobuf message that this method takes.") from None
    demand(request)
    return request


async def _unknown(raw: bytes, context: Context) -> Any:
    raise Unknown("This hub has no such method. Ask its reflection service what there is.")
