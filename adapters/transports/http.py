"""The HTTP door: a partner posts a file and gets its receipt once the file is safe.

    POST /v1/messages         201 stored, 200 the same bytes were there already
    GET  /v1/messages/{id}    what became of it, with findings
    GET  /healthz /readyz /metrics

A token names the partner, the database decides what it may see. Bodies go to `receive` as they come and are never held
whole; a body shorter than HELD is complete before `receive` opens its transaction, so slow senders of small files hold
no connection to the database.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from email.message import Message as Headers
from pathlib import PurePosixPath

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from adapters.transports import Receive
from adapters.transports.metrics import Metrics
from adapters.transports.problem import TooSlow, Unauthenticated, problem
from hub.errors import NotFound, Reject, Retry, TooLarge
from hub.logs import frames
from hub.ports import Clock, Message, Parcel

HELD = 1024 * 1024
SLOWEST = 64 * 1024
"""Bytes per second below which a sender's time runs out."""

LINGER, LINGER_CHUNKS = 1.0, 256
"""Seconds and pieces (of at most 64 KiB) for which a refused sender is listened to."""

log = structlog.get_logger("hub.http")
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of one message, seconds that a request may idle away, messages received at once from all partners."""

    message_bytes: int
    seconds: float
    in_flight: int

    @property
    def per_partner(self) -> int:
        return max(1, self.in_flight // 2)


class HttpDoor:
    """Joins the door to the hub.

    `receive` stores a parcel. `authenticate` turns a token into a partner's short name or None. `look_up(partner, id)`
    reads a message under that partner's row-level security and raises NotFound. `ready` returns what keeps the hub from
    working, in one sentence each; none when all is well.
    """

    def __init__(
        self, receive: Receive, authenticate: Callable[[str], Awaitable[str | None]],
        look_up: Callable[[str, str], Awaitable[Message]], ready: Callable[[], Awaitable[list[str]]], clock: Clock,
        limits: Limits, registry: CollectorRegistry | None = None,
    ) -> None:
        self.receive = receive
        self.authenticate = authenticate
        self.look_up = look_up
        self.ready = ready
        self.clock = clock
        self.limits = limits
        self.metrics = Metrics(registry or CollectorRegistry())
        self._busy: Counter[str] = Counter()

    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/v1/messages", self._answering(self._submit), methods=["POST"]),
            Route("/v1/messages/{id}", self._answering(self._show), methods=["GET"]),
            Route("/healthz", self._health, methods=["GET"]),
            Route("/readyz", self._readiness, methods=["GET"]),
            Route("/metrics", self._figures, methods=["GET"]),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: off_the_map})

    def _answering(self, handler: Handler) -> Handler:
        """Every exception becomes a problem document, every request a figure."""

        async def answer(request: Request) -> Response:
            started, route = time.perf_counter(), request.scope["route"].path
            try:
                response = await handler(request)
            except Exception as error:
                response = problem(error)
                if response.status_code == 500:
                    log.error("request failed", route=route, error=frames(error))
                if response.status_code in (401, 413, 429, 503):
                    await drain(request)
            self.metrics.requests.labels(route, request.method, str(response.status_code)).inc()
            self.metrics.seconds.labels(route).observe(time.perf_counter() - started)
            return response

        return answer

    async def _submit(self, request: Request) -> Response:
        self._check_room()
        partner = await self._partner(request)
        check_length(request, self.limits.message_bytes)
        with self._in_flight(partner):
            async with aclosing(self._body(request)) as body, aclosing(held(body)) as chunks:
                first = await anext(chunks)
                receipt = await self.receive(
                    Parcel(resumed(first, chunks), "http", partner, self.clock.now(), filename(request))
                )
        self.metrics.received.inc(0 if receipt.duplicate else receipt.length)
        self.metrics.duplicates.inc(receipt.duplicate)
        log.info(
            "message received", message=receipt.message, partner=partner, length=receipt.length,
            duplicate=receipt.duplicate,
        )
        content = {
            "message": receipt.message, "sha256": receipt.sha256, "length": receipt.length,
            "duplicate": receipt.duplicate,
        }
        place = {"Location": f"/v1/messages/{receipt.message}"}
        return JSONResponse(content, 200 if receipt.duplicate else 201, place)

    async def _show(self, request: Request) -> Response:
        partner = await self._partner(request)
        message = await self.look_up(partner, request.path_params["id"])
        return JSONResponse(shown(message))

    async def _health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _readiness(self, request: Request) -> Response:
        missing = await self.ready()
        return JSONResponse({"ready": not missing, "missing": missing}, 503 if missing else 200)

    async def _figures(self, request: Request) -> Response:
        return PlainTextResponse(generate_latest(self.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def _partner(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        partner = await self.authenticate(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
        if partner is None:
            raise Unauthenticated("There is no token, or it is not valid.")
        return partner

    def _check_room(self) -> None:
        if self._busy.total() >= self.limits.in_flight:
            raise Retry("The hub is receiving as many messages as it can.", reason="BUSY")

    @contextmanager
    def _in_flight(self, partner: str) -> Iterator[None]:
        """One of the places for messages under way: the door has so many, and one partner may not take them all."""
        self._check_room()
        if self._busy[partner] >= self.limits.per_partner:
            raise Retry("You are sending as many messages at once as one partner may.", reason="TOO_MANY_FROM_YOU")
        self._busy[partner] += 1
        self.metrics.in_flight.inc()
        try:
            yield
        finally:
            self._busy[partner] -= 1
            self.metrics.in_flight.dec()

    async def _body(self, request: Request) -> AsyncGenerator[bytes]:
        """The body as it comes, within its limits. Raises TooSlow, TooLarge, or Reject when the sender went away."""
        started, length = time.monotonic(), 0
        async with aclosing(request.stream()) as stream:
            while True:
                left = started + self.limits.seconds + length / SLOWEST - time.monotonic()
                try:
                    chunk = await asyncio.wait_for(anext(stream), left)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    raise TooSlow(f"{length} bytes came in {time.monotonic() - started:.0f} seconds.") from None
                except ClientDisconnect:
                    raise Reject("The sender went away in the middle of the body.", reason="GONE") from None
                length += len(chunk)
                if length > self.limits.message_bytes:
                    raise TooLarge(f"The limit is {self.limits.message_bytes} bytes.")
                if chunk:
                    yield chunk


async def drain(request: Request) -> None:
    """Take what the sender is still sending, for a moment: closing on unread bytes would reset the connection, and the
    sender would never read why it was refused."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            for _ in range(LINGER_CHUNKS):
                message = await request.receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return


async def held(body: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The same bytes, the first HELD of them (or all, if there are fewer) in one piece. Raises Reject for none."""
    first = bytearray()
    async for chunk in body:
        first += chunk
        if len(first) >= HELD:
            break
    if not first:
        raise Reject("There is nothing in the body.", reason="EMPTY")
    yield bytes(first)
    async for chunk in body:
        yield chunk


async def resumed(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """`first`, then what is left."""
    yield first
    async for chunk in rest:
        yield chunk


def check_length(request: Request, limit: int) -> None:
    """Refuse by the announcement alone, before a byte is read. Raises Reject or TooLarge."""
    announced = request.headers.get("content-length")
    if announced is None and "transfer-encoding" not in request.headers:
        raise Reject("There is neither Content-Length nor a chunked body.", reason="LENGTH_REQUIRED")
    if announced is not None and announced.isdigit() and int(announced) > limit:
        raise TooLarge(f"The limit is {limit} bytes, {announced} were announced.")


def filename(request: Request) -> str | None:
    """The file name of Content-Disposition, without any folders and at most 200 characters long."""
    disposition = request.headers.get("content-disposition")
    if disposition is None:
        return None
    headers = Headers()
    headers["content-disposition"] = disposition
    name = PurePosixPath((headers.get_filename() or "").replace("\\", "/")).name
    return "".join(c if c.isprintable() else "?" for c in name)[:200] or None


def shown(message: Message) -> dict[str, object]:
    """A message as its sender or receiver may see it."""
    return {
        "id": message.id, "direction": message.direction, "channel": message.channel, "state": message.state,
        "sender": message.sender, "receiver": message.receiver, "format": message.format, "message": message.message,
        "version": message.version, "control": message.control, "sha256": message.sha256, "length": message.length,
        "received_at": message.received_at.isoformat(), "filename": message.filename,
        "in_reply_to": message.in_reply_to,
        "findings": [finding.model_dump(mode="json") for finding in message.findings],
    }


async def off_the_map(request: Request, error: Exception) -> Response:
    """No such path or method: the router's own refusals, in the door's words."""
    if isinstance(error, HTTPException) and error.status_code == 405:
        response = problem(Reject("This address does not take that method.", reason="METHOD_NOT_ALLOWED"))
        response.headers.update(error.headers or {})
        return response
    return problem(NotFound("There is nothing at this address.", reason="NO_SUCH_PAGE"))
