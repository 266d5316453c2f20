"""The HTTP door: a partner posts a file and gets its receipt once the file is safe, and fetches what waits for it.

    POST /v1/messages                     201 stored, 200 the same bytes were there already
    GET  /v1/messages/{id}                what became of it, with findings
    GET  /v1/messages/{id}/content        its exact bytes
    POST /v1/messages/{id}/acknowledge    a file of the mailbox is safe with the partner
    GET  /v1/mailbox                      what waits for the partner
    GET  /healthz /readyz /metrics

A token names the partner, or on a listener of its own a client certificate; the database decides what it may see.
With an Idempotency-Key (or a Message-ID) a repeat gets the first answer again, byte for byte.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from ipaddress import ip_address
from typing import Protocol

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from adapters.transports.certificate import certified_gln
from adapters.transports.http_body import body, check_length, drain, filename, is_test, reference
from adapters.transports.http_mailbox import MailboxDoor, Post
from adapters.transports.limits import Buckets, Limits, Places
from adapters.transports.metrics import Metrics, Shown
from adapters.transports.problem import Unauthenticated, problem
from hub.errors import Forbidden, NotFound, Reject
from hub.killpoint import reached
from hub.logs import frames
from hub.ports import Answer, Clock, Figure, Message, Parcel, Receipt

log = structlog.get_logger("hub.http")
Handler = Callable[[Request, str], Awaitable[Response]]


class House(Post, Protocol):
    """What the door needs from the hub."""

    async def receive(self, parcel: Parcel) -> Receipt:
        """Store a parcel; returns after COMMIT."""

    async def authenticate(self, token: str) -> str | None:
        """Whose token this is."""

    async def certified(self, gln: str) -> str | None:
        """Whose GLN this is; the certificate has proven that the caller holds it."""

    async def connections(self, partner: str) -> int | None:
        """How many files of a partner may be under way at once, where that was agreed."""

    async def look_up(self, partner: str, message: str) -> Message:
        """A message as that partner may see it. Raises NotFound."""

    async def ready(self) -> list[str]:
        """What keeps the hub from working, one sentence each; none when all is well."""

    async def figures(self) -> list[Figure]:
        """What the whole hub has to do."""


class HttpDoor:
    """Joins the door to the hub. `watcher`: the token with which /metrics may be read from elsewhere."""

    def __init__(
        self, house: House, clock: Clock, limits: Limits, *, registry: CollectorRegistry | None = None,
        watcher: str | None = None,
    ) -> None:
        self.house = house
        self.clock = clock
        self.limits = limits
        self.metrics = Metrics(registry or CollectorRegistry())
        self._watcher = watcher
        self._places = Places(limits)
        self._buckets = Buckets(limits.per_minute)
        self._mailbox = MailboxDoor(house)

    def app(self, *, by_certificate: bool = False) -> Starlette:
        """The ASGI application, for callers that show a token or for those that show a certificate."""
        prove = self._by_certificate if by_certificate else self._by_token
        message = "/v1/messages/{id}"
        routes = [
            Route("/v1/messages", self._answering(self._submit, prove, early=self._places.check), methods=["POST"]),
            Route(message, self._answering(self._show, prove), methods=["GET"]),
            Route(f"{message}/content", self._answering(self._mailbox.fetch, prove), methods=["GET"]),
            Route(f"{message}/acknowledge", self._answering(self._mailbox.acknowledge, prove), methods=["POST"]),
            Route("/v1/mailbox", self._answering(self._mailbox.look, prove), methods=["GET"]),
            Route("/healthz", self._health, methods=["GET"]),
            Route("/readyz", self._readiness, methods=["GET"]),
            Route("/metrics", self._figures, methods=["GET"]),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: off_the_map})

    def _answering(
        self, handler: Handler, prove: Callable[[Request], Awaitable[str]], early: Callable[[], None] | None = None
    ) -> Callable[[Request], Awaitable[Response]]:
        """Proves who calls; every exception becomes a problem document, every request a figure. `early` may refuse
        before the database is asked who calls."""

        async def answer(request: Request) -> Response:
            started, route = time.perf_counter(), request.scope["route"].path
            with structlog.contextvars.bound_contextvars(**named(request)):
                try:
                    if early is not None:
                        early()
                    partner = await prove(request)
                    self._buckets.take(partner)
                    response = await handler(request, partner)
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

    async def _submit(self, request: Request, partner: str) -> Response:
        check_length(request, self.limits.message_bytes)
        own = await self.house.connections(partner)
        with self._places.taken(partner, own), self.metrics.in_flight.track_inprogress():
            async with aclosing(body(request, self.limits.message_bytes, self.limits.seconds)) as chunks:
                receipt = await self.house.receive(Parcel(
                    chunks, "http", partner, self.clock.now(), filename(request), reference(request), answer_to,
                    test=is_test(request)))
        reached("http.answer")
        self.metrics.received.inc(0 if receipt.duplicate else receipt.length)
        self.metrics.duplicates.inc(receipt.duplicate)
        log.info(
            "message received", message=receipt.message, partner=partner, length=receipt.length,
            duplicate=receipt.duplicate,
        )
        words = receipt.answer or await answer_to(receipt)
        return Response(words.body, words.status, dict(words.headers))

    async def _show(self, request: Request, partner: str) -> Response:
        return JSONResponse(shown(await self.house.look_up(partner, request.path_params["id"])))

    async def _health(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _readiness(self, request: Request) -> Response:
        missing = await self.house.ready()
        return JSONResponse({"ready": not missing, "missing": missing}, 503 if missing else 200)

    async def _figures(self, request: Request) -> Response:
        """For the machine itself, and for who shows the watcher's token: partners come through the same port."""
        if not (from_here(request) or self._is_watcher(request)):
            return problem(Forbidden("The figures are not for everybody."))
        whole = CollectorRegistry()
        whole.register(Shown(await self.house.figures()))
        text = generate_latest(self.metrics.registry) + generate_latest(whole)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    def _is_watcher(self, request: Request) -> bool:
        token = bearer(request)
        return self._watcher is not None and token is not None and secrets.compare_digest(token, self._watcher)

    async def _by_token(self, request: Request) -> str:
        token = bearer(request)
        partner = await self.house.authenticate(token) if token else None
        if partner is None:
            raise Unauthenticated("There is no token, or it is not valid.")
        return partner

    async def _by_certificate(self, request: Request) -> str:
        gln = certified_gln(request)
        partner = await self.house.certified(gln)
        if partner is None:
            raise Unauthenticated(f"No partner of this hub has the certificate's GLN {gln}.")
        return partner


async def answer_to(receipt: Receipt) -> Answer:
    """The words for a receipt."""
    content = {
        "message": receipt.message, "sha256": receipt.sha256, "length": receipt.length, "duplicate": receipt.duplicate,
    }
    headers = {"Content-Type": "application/json", "Location": f"/v1/messages/{receipt.message}"}
    return Answer(200 if receipt.duplicate else 201, headers, json.dumps(content).encode())


def bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def named(request: Request) -> dict[str, str]:
    """What every line of the log says of a request: the message that it is about."""
    return {"message": request.path_params["id"]} if "id" in request.path_params else {}


def from_here(request: Request) -> bool:
    """Whether the caller is a process of this machine, and not a proxy that speaks for somebody else."""
    forwarded = {"forwarded", "x-forwarded-for", "x-real-ip", "via"} & set(request.headers)
    return request.client is not None and not forwarded and ip_address(request.client.host).is_loopback


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
