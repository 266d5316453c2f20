"""A partner's mailbox over HTTP, for partners who fetch: look, get the bytes, say that they are safe.

    GET  /v1/mailbox?wait=30&limit=50     what waits, oldest first; with `wait` (seconds) not before there is something
    GET  /v1/messages/{id}/content        the exact bytes
    POST /v1/messages/{id}/acknowledge    "I have it": it waits no longer; saying so twice is saying it once
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import BinaryIO, Protocol

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from hub.errors import NotFound, Reject, Retry
from hub.killpoint import reached
from hub.ports import Message, Page, Waiting

LONGEST = 60.0
"""Seconds that one request may wait for a file."""
LOOK = 5.0
"""Seconds after which a waiting request looks for itself: a bell may be missed while the database is away."""
POLLS = 4
"""Requests that one partner may have waiting at a time."""

TYPES = {"x12": "application/EDI-X12", "edifact": "application/EDIFACT", "csv": "text/csv", "xml": "application/xml"}


class Post(Protocol):
    """What the mailbox needs from the hub; each under the partner's own row-level security. `closing`: nobody should
    wait any longer, because the hub stops."""

    @property
    def closing(self) -> bool: ...

    async def waiting(self, partner: str, limit: int, after: str | None) -> Page[Waiting]: ...

    async def take(self, partner: str, message: str) -> bool: ...

    async def rung(self, partner: str, seconds: float) -> bool:
        """Wait for a file to be committed for the partner; False when none was."""

    def content(self, partner: str, message: str) -> AbstractAsyncContextManager[tuple[Message, BinaryIO]]:
        """A message and all its bytes, held outside of the database. Raises NotFound."""


class MailboxDoor:
    """The three handlers. `limit` at most 200 a page; a page goes on `after` the last id of the one before."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self._polling: Counter[str] = Counter()

    async def look(self, request: Request, partner: str) -> Response:
        limit, wait = number(request, "limit", 50, 1, 200), float(number(request, "wait", 0, 0, int(LONGEST)))
        after = request.query_params.get("after")
        until = time.monotonic() + wait
        with self._place(partner, wait):
            page = await self.post.waiting(partner, limit, after)
            while not page.rows and (left := until - time.monotonic()) > 0 and not self.post.closing:
                await self.post.rung(partner, min(left, LOOK))
                page = await self.post.waiting(partner, limit, after)
        reached("http.mailbox")
        return JSONResponse({"messages": [shown(w) for w in page.rows], "next": page.next_key})

    async def fetch(self, request: Request, partner: str) -> Response:
        holding = self.post.content(partner, request.path_params["id"])
        message, source = await holding.__aenter__()

        async def close() -> None:
            await holding.__aexit__(None, None, None)

        digest = base64.b64encode(bytes.fromhex(message.sha256)).decode()
        headers = {
            "Content-Length": str(message.length), "Content-Digest": f"sha-256=:{digest}:",
            "ETag": f'"{message.sha256}"', "Message-ID": message.id,
        }
        if message.filename and message.filename.isascii() and '"' not in message.filename:
            headers["Content-Disposition"] = f'attachment; filename="{message.filename}"'
        kind = TYPES.get(message.format or "", "application/octet-stream")
        return StreamingResponse(pieces(source), 200, headers, kind, BackgroundTask(close))

    async def acknowledge(self, request: Request, partner: str) -> Response:
        message = request.path_params["id"]
        if not await self.post.take(partner, message):
            raise NotFound(f"There is no message {message} in your mailbox.")
        reached("http.taken")
        return Response(status_code=204)

    @contextmanager
    def _place(self, partner: str, wait: float) -> Iterator[None]:
        if wait and self._polling[partner] >= POLLS:
            raise Retry("You have as many requests waiting as one partner may.", reason="TOO_MANY_FROM_YOU")
        self._polling[partner] += bool(wait)
        try:
            yield
        finally:
            self._polling[partner] -= bool(wait)


async def pieces(source: BinaryIO) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(source.read, 1 << 18):
        yield piece


def shown(waiting: Waiting) -> dict[str, object]:
    return {
        "id": waiting.message, "filename": waiting.filename, "format": waiting.format, "message": waiting.kind,
        "control": waiting.control, "sha256": waiting.sha256, "length": waiting.length,
        "since": waiting.since.isoformat(), "content": f"/v1/messages/{waiting.message}/content",
        "acknowledge": f"/v1/messages/{waiting.message}/acknowledge",
    }


def number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A whole number of the query. Raises Reject when it is none, or out of range."""
    given = request.query_params.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit()) or not least <= int(given) <= most:
        raise Reject(f"{name} must be a whole number from {least} to {most}.", reason="BAD_QUERY")
    return int(given)
