"""The AS2 door, POST /as2: a message is opened, stored with its job and its receipt in one transaction, then answered.

    200   a receipt (MDN) in the body, positive or negative, where one was asked for
    204   taken; the receipt comes by a request of our own, or none was asked for
    400   no readable AS2 message, 403 nobody we know or an address that was not agreed: both final
    408, 413, 429, 503   as the HTTP door

The receipt is kept with the message: a repeat of a Message-ID gets the very same bytes again. A message that was
refused is forgotten, and may be repeated.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeVar
from urllib.parse import urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.transports.as2.algorithms import first_allowed
from adapters.transports.as2.fault import Fault
from adapters.transports.as2.headers import FEATURES, VERSION, Asked, quoted, unquoted
from adapters.transports.as2.package import Opened, unpack
from adapters.transports.as2.receipt import PROCESSED, Statement, is_receipt, read, write
from adapters.transports.http_body import body, check_length, drain
from adapters.transports.limits import Buckets, Limits, Places
from adapters.transports.problem import problem
from hub.errors import Forbidden, Reject, Retry, TooLarge
from hub.killpoint import reached
from hub.logs import frames
from hub.model.as2 import As2Terms
from hub.model.profile import Profile
from hub.ports import Answer, Clock, Parcel, Receipt

log = structlog.get_logger("hub.as2")
P = ParamSpec("P")
R = TypeVar("R")

LARGEST_RECEIPT = 1024 * 1024
ONCE = ("as2-from", "as2-to", "message-id", "content-type", "disposition-notification-to",
        "disposition-notification-options", "receipt-delivery-option", "content-transfer-encoding")


class Crew(Protocol):
    """Who does the arithmetic, away from the loop that serves."""

    async def call(self, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R: ...


class House(Protocol):
    """What the door needs from the hub."""

    async def receive(self, parcel: Parcel) -> Receipt:
        """Store a parcel; returns after COMMIT."""

    async def partners(self) -> Mapping[str, Profile]:
        """Everybody's profile by short name."""

    async def owe(self, partner: str, message: str | None, url: str, receipt: Answer) -> None:
        """Have a receipt for `message` (None: for one that was refused) sent to `url`."""

    async def receipted(
        self, partner: str, statement: Statement, proven: bool, headers: Mapping[str, str], content: bytes
    ) -> None:
        """A receipt has come for what we sent. Raises NotFound when we never sent it."""

    async def refused(self, partner: str, fault: Fault, reference: str | None) -> None:
        """A partner's message was not taken: somebody should know."""


@dataclass(frozen=True, slots=True)
class Ours:
    """Our side: the name we have where a partner's terms give no other, all our keys, the host part of Message-IDs."""

    name: str
    keys: Callable[[], tuple[str, ...]]
    origin: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A request from a partner that we know, or who claims to be one."""

    partner: str
    profile: Profile
    terms: As2Terms
    us: str
    headers: Mapping[str, str]
    asked: Asked
    reference: str


class As2Door:
    """Joins the door to the hub. `limits.message_bytes` holds for what comes, and for what it is when decompressed."""

    def __init__(self, house: House, clock: Clock, limits: Limits, crew: Crew, ours: Ours) -> None:
        self._house, self._clock, self._limits, self._crew, self._ours = house, clock, limits, crew, ours
        self._places = Places(limits)
        self._buckets = Buckets(limits.per_minute)

    def route(self) -> Route:
        return Route("/as2", self._answer, methods=["POST"])

    async def _answer(self, request: Request) -> Response:
        try:
            self._places.check()
            check_length(request, self._limits.message_bytes)
            return await self._handle(request, single(request))
        except Exception as error:
            response = problem(error)
            if response.status_code == 500:
                log.error("request failed", route="/as2", error=frames(error))
            if response.status_code in (401, 403, 413, 429, 503):
                await drain(request)
            return response

    async def _handle(self, request: Request, headers: Mapping[str, str]) -> Response:
        if not headers.get("as2-from") or not headers.get("as2-to"):
            raise Reject("AS2-From and AS2-To must both be there.", reason="BAD_AS2_HEADER")
        sender, us = unquoted(headers["as2-from"]), unquoted(headers["as2-to"])
        found = await self._found(sender, us)
        if found is None:
            return await self._unknown(request, headers, sender, us)
        self._buckets.take(found.name)
        assert found.as2 is not None  # noqa: S101  (that is how it was found)
        caller = Caller(found.name, found, found.as2, us, headers, Asked.of(headers), headers.get("message-id", ""))
        with self._places.taken(found.name, found.quota.connections), structlog.contextvars.bound_contextvars(
            partner=found.name, reference=caller.reference):
            async with aclosing(body(request, self._limits.message_bytes, self._limits.seconds)) as chunks:
                content = b"".join([chunk async for chunk in chunks])
            reached("as2.body")
            if len(content) <= LARGEST_RECEIPT and is_receipt(headers, content):
                return await self._take_receipt(caller, content)
            return await self._take(caller, content)

    async def _found(self, sender: str, us: str) -> Profile | None:
        for profile in (await self._house.partners()).values():
            if profile.as2 is not None and (profile.as2.name, profile.as2.our_name or self._ours.name) == (sender, us):
                return profile
        return None

    async def _unknown(self, request: Request, headers: Mapping[str, str], sender: str, us: str) -> Response:
        """Nothing of the body is read, nothing is signed: whoever asks costs nothing."""
        await drain(request)
        fault = Fault("unknown-trading-relationship", f"Nobody here is {us!r} to a partner {sender!r}.")
        if sender == us:
            fault = Fault("sender-equals-receiver", "AS2-From and AS2-To are the same.")
        log.warning("as2 refused", trouble=fault.trouble, claimed=sender[:128])
        if not Asked.of(headers).wanted:
            raise Forbidden(fault.message)
        words = said(fault, headers.get("message-id"))
        receipt = write(words, us, None, (), self._clock.now())
        return spoken(self._worded(receipt.headers, receipt.body, us, sender))

    async def _take(self, caller: Caller, content: bytes) -> Response:
        """A message: its file is stored, or a refusal is told."""
        if caller.asked.to is not None and not agreed_address(caller.profile, caller.asked.to):
            raise Forbidden("The address for the receipt is not one that was agreed: see receipt_urls.")
        try:
            opened = await self._opened(caller, content)
            reached("as2.opened")
            receipt = await self._stored(caller, opened)
        except Fault as fault:
            log.warning("as2 refused", trouble=fault.trouble, why=fault.message)
            await self._house.refused(caller.partner, fault, caller.reference or None)
            answer = await self._receipt(caller, said(fault, caller.reference or None))
            return await self._told(caller, None, answer)
        reached("http.answer")
        log.info("message received", message=receipt.message, length=receipt.length, duplicate=receipt.duplicate,
                 cipher=opened.cipher, signer=opened.signer)
        assert receipt.answer is not None  # noqa: S101  (the parcel wants one)
        return await self._told(caller, receipt.message, receipt.answer)

    async def _opened(self, caller: Caller, content: bytes) -> Opened:
        key = caller.reference
        if not 0 < len(key) <= 255 or not (key.isascii() and key.isprintable()):
            raise Fault("invalid-message-id", "The Message-ID is missing, or is not one line of 1 to 255 characters.")
        micalg = first_allowed(caller.asked.micalgs, caller.terms.digests)
        if caller.asked.signed and caller.asked.micalgs and micalg is None:
            raise Fault("unsupported MIC-algorithms", "No digest of signed-receipt-micalg is agreed.")
        opened = await self._crew.call(
            unpack, caller.headers, content, caller.terms, self._ours.keys(), self._clock.now(),
            self._limits.message_bytes, micalg)
        if not opened.content:
            raise Fault("unsupported format", "The file is empty.")
        return opened

    async def _stored(self, caller: Caller, opened: Opened) -> Receipt:
        async def answer(receipt: Receipt) -> Answer:
            text = f"Taken as {receipt.message}, {receipt.length} bytes."
            if receipt.duplicate:
                text = f"The same bytes were taken before, as {receipt.message}."
            return await self._receipt(caller, Statement(caller.reference, PROCESSED, opened.mic, text))

        try:
            return await self._house.receive(Parcel(
                once(opened.content), "as2", caller.partner, self._clock.now(), opened.filename, caller.reference,
                answer))
        except (TooLarge, Retry):
            raise
        except Reject as refusal:
            if refusal.reason == "REFERENCE_REUSED":
                raise Fault("unexpected-processing-error",
                            "This Message-ID came before, with another file: nothing was taken.") from refusal
            raise

    async def _receipt(self, caller: Caller, statement: Statement) -> Answer:
        """The receipt that this caller wants, if any, signed where it wants that."""
        if not caller.asked.wanted:
            return Answer(204, {}, b"")
        digest = None
        if caller.asked.signed:
            digest = first_allowed(caller.asked.micalgs, caller.terms.digests) or "sha256"
        receipt = await self._crew.call(write, statement, caller.us, digest, self._ours.keys(), self._clock.now())
        return self._worded(receipt.headers, receipt.body, caller.us, caller.terms.name)

    def _worded(self, headers: Mapping[str, str], content: bytes, us: str, them: str) -> Answer:
        return Answer(200, {
            "AS2-Version": VERSION, "EDIINT-Features": FEATURES, "AS2-From": quoted(us), "AS2-To": quoted(them),
            "Message-ID": f"<mdn-{uuid.uuid4()}@{self._ours.origin}>", "MIME-Version": "1.0", **headers}, content)

    async def _told(self, caller: Caller, message: str | None, answer: Answer) -> Response:
        """The answer on this connection, or where else the caller wants it."""
        if caller.asked.to is None or not caller.asked.wanted:
            return spoken(answer)
        await self._house.owe(caller.partner, message, caller.asked.to, answer)
        return Response(status_code=204)

    async def _take_receipt(self, caller: Caller, content: bytes) -> Response:
        try:
            statement, proven = await self._crew.call(read, caller.headers, content, caller.terms, self._clock.now())
        except Fault as fault:
            raise Reject(f"{fault.message} {fault.hint}", reason="BAD_RECEIPT") from fault
        await self._house.receipted(caller.partner, statement, proven, caller.headers, content)
        return Response(status_code=204)


def single(request: Request) -> dict[str, str]:
    """Header fields by lower-case name. Raises Reject when one that matters is there twice."""
    for name in ONCE:
        if len(request.headers.getlist(name)) > 1:
            raise Reject(f"The header {name} is there more than once.", reason="BAD_AS2_HEADER")
    return dict(request.headers.items())


def said(fault: Fault, reference: str | None) -> Statement:
    return Statement(reference, fault.disposition, None, f"{fault.message}\n{fault.hint}\n")


def spoken(answer: Answer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers))


def agreed_address(profile: Profile, url: str) -> bool:
    """Whether the hub may be asked to send a receipt there: nobody lets it knock at any door of a network."""
    if profile.as2 is not None and url in profile.as2.receipt_urls:
        return True
    theirs = profile.delivery.url
    return theirs is not None and urlsplit(url)[:2] == urlsplit(theirs)[:2]


async def once(content: bytes) -> AsyncIterator[bytes]:
    yield content


