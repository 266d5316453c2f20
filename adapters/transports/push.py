"""The HTTP transport outwards: partners who host a server get each file by POST, as they would send one to us.

    POST <url>
    Message-ID, Idempotency-Key   the same at every attempt
    Content-Digest                sha-256 of the body (RFC 9530)
    Authorization                 Bearer <secret>, where the profile names one

2xx: it has arrived. 408, 425, 429 and 5xx, no answer, a broken or untrusted connection: later, and not before
Retry-After. Any other answer, a redirect too, is final: somebody has to look at it.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import BinaryIO

import httpx

from hub.errors import Reject, Retry
from hub.ports import Clock, Outgoing

LATER = {408, 425, 429}
TIMES = httpx.Timeout(30.0, connect=10.0)
SLOWEST = 64 * 1024
"""Bytes per second below which a receiver's time runs out."""
PATIENCE = 60.0
"""Seconds for an attempt, beside what its size allows."""
SAID = 300
"""Characters of an answer that are kept."""

TYPES = {"x12": "application/EDI-X12", "edifact": "application/EDIFACT", "csv": "text/csv", "xml": "application/xml"}

Secrets = Callable[[str], str]
"""The secret of a name. Raises Stop when there is none."""


class HttpPush:
    """Delivers by POST. Every attempt is a connection of its own: one that had been closed by the other side in the
    meantime would fail for nothing."""

    name = "http"

    def __init__(self, secrets: Secrets, clock: Clock, trust: ssl.SSLContext | None = None) -> None:
        self._secrets = secrets
        self._clock = clock
        self._trust = trust or ssl.create_default_context()

    async def deliver(self, outgoing: Outgoing) -> str:
        """The receiver's answer. Raises Retry and Reject as the module says."""
        terms = outgoing.receiver.delivery
        if terms.url is None:
            raise Reject(f"The profile of {outgoing.receiver.name} names no url.", reason="NO_URL")
        headers = self._headers(outgoing)
        try:
            async with asyncio.timeout(PATIENCE + outgoing.length / SLOWEST), httpx.AsyncClient(
                timeout=TIMES, verify=self._trust, follow_redirects=False, trust_env=False,
            ) as client, client.stream("POST", terms.url, content=pieces(outgoing.source), headers=headers) as reply:
                said = await beginning(reply)
        except (httpx.TimeoutException, TimeoutError) as error:
            raise Retry("The receiver did not answer in time.", reason="PEER_SLOW") from error
        except httpx.TransportError as error:
            why = str(error) or type(error).__name__
            raise Retry(f"The receiver cannot be reached: {why}.", reason="PEER_DOWN") from error
        return self._judged(reply, said)

    def _headers(self, outgoing: Outgoing) -> dict[str, str]:
        terms = outgoing.receiver.delivery
        digest = base64.b64encode(bytes.fromhex(outgoing.sha256)).decode()
        headers = {
            "Content-Type": TYPES.get(outgoing.format or "", "application/octet-stream"),
            "Content-Length": str(outgoing.length), "Content-Digest": f"sha-256=:{digest}:",
            "Content-Disposition": f'attachment; filename="{outgoing.filename}"',
            "Message-ID": outgoing.message_id, "Idempotency-Key": outgoing.message, "User-Agent": "cpfr-hub",
        }
        if terms.secret is not None:
            headers["Authorization"] = f"Bearer {self._secrets(terms.secret)}"
        return headers

    def _judged(self, reply: httpx.Response, said: str) -> str:
        words = f"{reply.status_code} {reply.reason_phrase}".strip() + (f": {said}" if said else "")
        if reply.is_success:
            return words
        if reply.status_code in LATER or reply.status_code >= 500:
            after = seconds_of(reply.headers.get("retry-after"), self._clock)
            raise Retry(f"The receiver answered {words}", reason="PEER_BUSY", after=after)
        raise Reject(f"The receiver answered {words}", reason="PEER_REFUSED")


async def pieces(source: BinaryIO) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(source.read, 1 << 18):
        yield piece


async def beginning(reply: httpx.Response) -> str:
    """The first words of an answer, on one line; whatever it holds, no more of it is read than that takes."""
    content = bytearray()
    async for piece in reply.aiter_raw(4096):
        content += piece
        if len(content) >= 4096:
            break
    text = " ".join(content.decode("utf-8", "replace").split())
    return "".join(c if c.isprintable() else "?" for c in text)[:SAID]


def seconds_of(retry_after: str | None, clock: Clock) -> float | None:
    """RFC 9110, 10.2.3: seconds, or a date. What is neither says nothing."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        date = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - clock.now()).total_seconds())
