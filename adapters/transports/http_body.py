"""The body of a request: what it may be, how slow it may come, and what its headers say about it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from email.message import Message as Headers
from pathlib import PurePosixPath

from starlette.requests import ClientDisconnect, Request

from adapters.transports.problem import TooSlow
from hub.errors import Reject, TooLarge
from hub.killpoint import reached

SLOWEST = 64 * 1024
"""Bytes per second below which a sender's time runs out."""

LINGER, LINGER_CHUNKS = 1.0, 256
"""Seconds and pieces (of at most 64 KiB) for which a refused sender is listened to."""


async def body(request: Request, limit: int, seconds: float) -> AsyncGenerator[bytes]:
    """The body as it comes. Raises TooSlow, TooLarge, or Reject when it is empty or the sender went away."""
    started, length = time.monotonic(), 0
    async with aclosing(request.stream()) as stream:
        while True:
            left = started + seconds + length / SLOWEST - time.monotonic()
            try:
                chunk = await asyncio.wait_for(anext(stream), left)
            except StopAsyncIteration:
                break
            except TimeoutError:
                raise TooSlow(f"{length} bytes came in {time.monotonic() - started:.0f} seconds.") from None
            except ClientDisconnect:
                raise Reject("The sender went away in the middle of the body.", reason="GONE") from None
            length += len(chunk)
            if length > limit:
                raise TooLarge(f"The limit is {limit} bytes.")
            if chunk:
                yield chunk
    if not length:
        raise Reject("There is nothing in the body.", reason="EMPTY")
    reached("http.body")


async def drain(request: Request) -> None:
    """Take what the sender is still sending, for a moment: closing on unread bytes would reset the connection, and the
    sender would never read why it was refused."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            for _ in range(LINGER_CHUNKS):
                message = await request.receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return


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


def reference(request: Request) -> str | None:
    """The sender's own id of the file: its Idempotency-Key, or its Message-ID. Raises Reject for an odd one."""
    for name in ("idempotency-key", "message-id"):
        given = request.headers.getlist(name)
        if not given:
            continue
        key = given[0].strip().strip('"')
        if len(given) > 1 or not 0 < len(key) <= 255 or not (key.isascii() and key.isprintable()):
            raise Reject("The id must be one line of 1 to 255 plain characters, given once.", reason="BAD_KEY")
        return key
    return None


def is_test(request: Request) -> bool:
    """Whether the sender says `?test=true`. Raises Reject for a word that says neither yes nor no."""
    said = request.query_params.get("test", "false").lower()
    if said not in ("true", "1", "false", "0"):
        raise Reject("`test` is true or false.", reason="BAD_TEST_MARK")
    return said in ("true", "1")
