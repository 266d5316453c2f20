"""AS2 outwards: each file by POST to the partner's AS2 server, and the receipt that comes back for it.

A file has arrived when a receipt says so that the partner has signed (where that was agreed) and whose MIC is that of
what we sent. A receipt that says no is final, like one that cannot be believed: somebody has to look at it. No answer,
none in time, 408, 425, 429 and 5xx, a 2xx without the receipt, and the partner's own "unexpected-processing-error":
later, under the same Message-ID.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import format_datetime

import httpx

from adapters.transports.as2.fault import Fault
from adapters.transports.as2.headers import FEATURES, VERSION, asking, quoted
from adapters.transports.as2.mime import parse
from adapters.transports.as2.package import Mic, pack
from adapters.transports.as2.receipt import Statement, micalg, read, same
from adapters.transports.as2.server import LARGEST_RECEIPT, Crew, Ours
from adapters.transports.push import LATER, PATIENCE, SLOWEST, TIMES, TYPES, seconds_of
from hub.errors import Reject, Retry
from hub.killpoint import reached
from hub.model.as2 import As2Terms
from hub.ports import Clock, Outgoing

Keep = Callable[[str, Statement, bool, Mapping[str, str], bytes], Awaitable[None]]
"""Keeps a receipt for a message of ours as evidence, before anything is concluded from it."""


Expect = Callable[[str, float], Awaitable[None]]
"""Notes that a receipt for a message of ours is to come by itself within so many seconds."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the partner's server answered: at most the largest receipt of its body."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


class As2Wire:
    """Posts bytes, and says what no answer and what bad answers mean. Each attempt is a connection of its own."""

    def __init__(self, clock: Clock, trust: ssl.SSLContext | None = None) -> None:
        self._clock = clock
        self._trust = trust or ssl.create_default_context()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """A 2xx answer. Raises Retry and Reject."""
        try:
            async with asyncio.timeout(PATIENCE + len(body) / SLOWEST), httpx.AsyncClient(
                timeout=TIMES, verify=self._trust, follow_redirects=False, trust_env=False,
            ) as client, client.stream("POST", url, content=body, headers=dict(headers)) as reply:
                answer = bytearray()
                async for piece in reply.aiter_bytes(65536):
                    answer += piece
                    if len(answer) > LARGEST_RECEIPT:
                        raise Reject("The receiver's answer is too large for a receipt.", reason="PEER_ODD")
        except (httpx.TimeoutException, TimeoutError) as error:
            raise Retry("The receiver did not answer in time.", reason="PEER_SLOW") from error
        except httpx.TransportError as error:
            why = str(error) or type(error).__name__
            raise Retry(f"The receiver cannot be reached: {why}.", reason="PEER_DOWN") from error
        return self._judged(Reply(reply.status_code, reply.reason_phrase, dict(reply.headers.items()), bytes(answer)))

    def _judged(self, reply: Reply) -> Reply:
        if 200 <= reply.status < 300:
            return reply
        text = " ".join(reply.body[:1000].decode("utf-8", "replace").split())
        words = f"The receiver answered {reply.status} {reply.reason}: " + "".join(
            c if c.isprintable() else "?" for c in text)[:300]
        if reply.status in LATER or reply.status >= 500:
            raise Retry(words, reason="PEER_BUSY", after=seconds_of(reply.headers.get("retry-after"), self._clock))
        raise Reject(words, reason="PEER_REFUSED")


class As2Push:
    """`hub.ports.Transport` for the channel "as2". `receipts`: our own address for receipts that come later."""

    name = "as2"

    def __init__(
        self, wire: As2Wire, clock: Clock, crew: Crew, ours: Ours, keep: Keep, expect: Expect,
        receipts: str | None = None,
    ) -> None:
        self._wire, self._clock, self._crew, self._ours, self._keep = wire, clock, crew, ours, keep
        self._expect, self._receipts = expect, receipts

    async def deliver(self, outgoing: Outgoing) -> str:
        """What the receipt says. Raises Retry and Reject as the module says."""
        terms, url = outgoing.receiver.as2, outgoing.receiver.delivery.url
        if terms is None or url is None:
            raise Reject(f"The profile of {outgoing.receiver.name} has no table [as2], or no url.", reason="NO_AS2")
        content = await asyncio.to_thread(outgoing.source.read)
        packed = await self._crew.call(
            pack, content, outgoing.filename, kind_of(outgoing.format), terms, self._ours.keys(), self._clock.now())
        del content
        headers = self._headers(outgoing, terms, packed.mic) | dict(packed.headers)
        if terms.receipt == "async":  # before it leaves: the receipt may be faster than the answer
            await self._expect(outgoing.message, terms.receipt_minutes * 60)
        reply = await self._wire.post(url, headers, packed.body)
        reached("as2.posted")
        if terms.receipt is None:
            return f"{reply.status} {reply.reason}; no receipt was asked for"
        if terms.receipt == "async":
            return f"{reply.status} {reply.reason}; the receipt is to come"
        return await self._concluded(outgoing.message, outgoing.message_id, terms, packed.mic, reply)

    def _headers(self, outgoing: Outgoing, terms: As2Terms, mic: Mic) -> dict[str, str]:
        us = terms.our_name or self._ours.name
        later = terms.receipt == "async"
        if later and self._receipts is None:
            raise Reject("HUB_AS2_URL says no address for receipts that come later.", reason="NO_AS2")
        wanted = {} if terms.receipt is None else asking(
            micalg(mic.digest), self._receipts if later else None, terms.receipt_signed, self._ours.origin)
        return {
            "AS2-Version": VERSION, "EDIINT-Features": FEATURES, "AS2-From": quoted(us), "AS2-To": quoted(terms.name),
            "Message-ID": outgoing.message_id, "Subject": "EDI", "MIME-Version": "1.0", "User-Agent": "cpfr-hub",
            "Date": format_datetime(self._clock.now()), **wanted,
        }

    async def _concluded(self, message: str, reference: str, terms: As2Terms, mic: Mic, reply: Reply) -> str:
        if not reply.body:
            raise Retry(f"The receiver answered {reply.status}, but sent no receipt.", reason="NO_RECEIPT")
        try:
            statement, proven = await self._crew.call(read, reply.headers, reply.body, terms, self._clock.now())
        except Fault as fault:
            raise Reject(f"The receipt cannot be believed: {fault.message}", reason="BAD_RECEIPT") from fault
        await self._keep(message, statement, proven, reply.headers, reply.body)
        reached("as2.kept")
        return conclude(statement, proven, reference, mic, terms)


def conclude(statement: Statement, proven: bool, reference: str, mic: Mic, terms: As2Terms) -> str:
    """In words what a receipt means for the file. Raises Retry or Reject when it does not mean that it has arrived."""
    if statement.original is not None and statement.original.strip("<> ") != reference.strip("<> "):
        raise Reject(f"The receipt is about {statement.original!r}, another message.", reason="BAD_RECEIPT")
    told = f" ({first_line(statement.text)})" if statement.text else ""
    if not statement.positive:
        if "unexpected-processing-error" in statement.disposition.lower():
            raise Retry(f"The receiver could not process it: {statement.disposition}{told}", reason="PEER_BUSY")
        raise Reject(f"The receiver refused it: {statement.disposition}{told}", reason="NEGATIVE_RECEIPT")
    if terms.receipt_signed and not proven:
        raise Reject("The receipt is not signed, as was agreed.", reason="BAD_RECEIPT")
    if (terms.receipt_signed or statement.mic is not None) and not same(statement.mic, mic):
        raise Reject(f"The receiver got other bytes: its MIC is {statement.mic or 'missing'}, ours {mic}.",
                     reason="MIC_DIFFERS")
    return f"{statement.disposition}; {'signed' if proven else 'unsigned'} receipt, MIC {mic}"


def first_line(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))[:200]


def kind_of(format: str | None) -> str:
    return TYPES.get(format or "", "application/octet-stream")


class As2Receipts:
    """Delivers receipts that their receivers do not wait for; each is stored with its heading, which says where to."""

    name = "as2-receipt"

    def __init__(self, wire: As2Wire) -> None:
        self._wire = wire

    async def deliver(self, outgoing: Outgoing) -> str:
        """The receiver's answer. Raises Retry and Reject."""
        entity = parse(await asyncio.to_thread(outgoing.source.read))
        headers = dict(entity.headers)
        reply = await self._wire.post(headers.pop("receipt-delivery-option"), headers, entity.body)
        return f"{reply.status} {reply.reason}"
