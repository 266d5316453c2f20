"""One driver per transport, all with the same four verbs: the transport suite runs against each of WIRES.

A new transport adds a class here. `post` puts one file on the wire as the partner would, and lets the hub take it;
it returns what the partner then knows: "accepted", "refused" or "again". `post_half` does the same and breaks off.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

import asyncssh
import httpx

from adapters.transports.folder import Folder
from adapters.transports.http import HttpDoor
from adapters.transports.http_server import serve_http
from adapters.transports.limits import Limits
from adapters.transports.sftp.limits import SftpLimits
from hub.errors import NotFound
from hub.ports import Figure, Message, Page, Parcel, Receipt, Waiting
from tests.transports.sftp.door import Door, put, sftp_door
from tests.transports.shelf import Noon, Shelf

Outcome = Literal["accepted", "refused", "again"]
TOKENS = {"token-of-acme": "acme", "token-of-bolt": "bolt"}


class Wire(Protocol):
    async def post(self, partner: str, filename: str, content: bytes) -> Outcome: ...

    async def post_half(self, partner: str, filename: str, content: bytes) -> None: ...


class FolderWire:
    """A partner that copies files into its directory; what it knows is where the file went."""

    def __init__(self, root: Path, shelf: Shelf) -> None:
        self.root = root
        self.folder = Folder(root, shelf.receive, Noon(), settle=0.0)

    async def post(self, partner: str, filename: str, content: bytes) -> Outcome:
        path = self._write(partner, filename, content)
        await self.folder.fetch()
        await self.folder.fetch()
        if path.exists():
            return "again"
        return "refused" if (self.root / partner / "refused" / filename).exists() else "accepted"

    async def post_half(self, partner: str, filename: str, content: bytes) -> None:
        for end in (len(content) // 2, len(content) // 2 + 1, len(content) // 2 + 2):
            self._write(partner, filename, content[:end])
            await self.folder.fetch()

    def _write(self, partner: str, filename: str, content: bytes) -> Path:
        path = self.root / partner / "in" / filename
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path


class HttpWire:
    """A partner that posts over a real connection."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def post(self, partner: str, filename: str, content: bytes) -> Outcome:
        headers = {
            "Authorization": f"Bearer token-of-{partner}", "Content-Disposition": f'attachment; filename="{filename}"'
        }
        async with httpx.AsyncClient() as client:
            reply = await client.post(f"http://127.0.0.1:{self.port}/v1/messages", content=content, headers=headers)
        if reply.status_code in (200, 201):
            return "accepted"
        return "again" if reply.status_code >= 500 else "refused"

    async def post_half(self, partner: str, filename: str, content: bytes) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(
            f"POST /v1/messages HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer token-of-{partner}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n".encode() + content[: len(content) // 2]
        )
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.05)


class SftpWire:
    """A partner with a key. What it knows is how its file was closed."""

    def __init__(self, door: Door, shelf: Shelf) -> None:
        self.door, self.shelf = door, shelf

    async def post(self, partner: str, filename: str, content: bytes) -> Outcome:
        self.door.door.limits = replace(self.door.door.limits, message_bytes=self.shelf.limit)
        try:
            async with self.door.client(partner) as sftp:
                await put(sftp, f"/in/{filename}", content)
        except asyncssh.SFTPError as error:
            return "again" if error.reason.startswith("TEMPORARY") else "refused"
        return "accepted"

    async def post_half(self, partner: str, filename: str, content: bytes) -> None:
        async with self.door.client(partner) as sftp:
            file = await sftp.open(f"/in/{filename}", "wb")
            await file.write(content[: len(content) // 2])
            sftp.exit()
            await sftp.wait_closed()


@dataclass
class StandIn:
    """The hub behind the door: a shelf, and for each of TOKENS the partner of that name."""

    shelf: Shelf
    receive: Callable[[Parcel], Awaitable[Receipt]]
    boxes: dict[str, list[tuple[Waiting, bytes]]] = field(default_factory=dict)
    glns: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    closing: bool = False
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    async def authenticate(self, token: str) -> str | None:
        return TOKENS.get(token)

    async def certified(self, gln: str) -> str | None:
        return self.glns.get(gln)

    async def connections(self, partner: str) -> int | None:
        return self.places.get(partner)

    async def look_up(self, partner: str, message: str) -> Message:
        for (sender, _), receipt in self.shelf.receipts.items():
            if (sender, receipt.message) == (partner, message):
                return Message(
                    message, "in", "http", "received", sender, None, None, None, None, None, receipt.sha256,
                    receipt.length, Noon().now(),
                )
        raise NotFound(f"There is no message {message}.")

    async def ready(self) -> list[str]:
        return self.missing

    async def figures(self) -> list[Figure]:
        return [Figure("hub_jobs", "Jobs.", {"job": "process", "status": "todo"}, 3.0)]

    async def waiting(self, partner: str, limit: int, after: str | None) -> Page[Waiting]:
        return Page(tuple(waiting for waiting, _ in self.boxes.get(partner, [])[:limit]))

    async def take(self, partner: str, message: str) -> bool:
        box = self.boxes.get(partner, [])
        kept = [entry for entry in box if entry[0].message != message]
        self.boxes[partner] = kept
        return len(kept) < len(box)

    async def rung(self, partner: str, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.bell.wait(), seconds)
        return self.bell.is_set()

    @asynccontextmanager
    async def content(self, partner: str, message: str) -> AsyncIterator[tuple[Message, BinaryIO]]:
        for waiting, content in self.boxes.get(partner, []):
            if waiting.message == message:
                yield Message(
                    message, "out", "mailbox", "queued", None, partner, waiting.format, waiting.kind, None, None,
                    waiting.sha256, waiting.length, Noon().now(), waiting.filename,
                ), io.BytesIO(content)
                return
        raise NotFound(f"There is no message {message}.")


def door(shelf: Shelf, *, limits: Limits | None = None) -> HttpDoor:
    """The HTTP door in front of a shelf, for the two partners of TOKENS."""
    return HttpDoor(StandIn(shelf, shelf.receive), Noon(), limits or Limits(shelf.limit, 5.0, 8))


@asynccontextmanager
async def serving(http: HttpDoor) -> AsyncIterator[int]:
    """The door on a free port of the loopback interface; yields the port."""
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    server = asyncio.create_task(serve_http(http.app(), "127.0.0.1", 0, stop, bound=port.set_result, grace=1))
    try:
        yield await asyncio.wait_for(port, 5)
    finally:
        stop.set()
        await server


@asynccontextmanager
async def folder_wire(tmp_path: Path, shelf: Shelf) -> AsyncIterator[Wire]:
    yield FolderWire(tmp_path, shelf)


@asynccontextmanager
async def http_wire(tmp_path: Path, shelf: Shelf) -> AsyncIterator[Wire]:
    async with serving(door(shelf)) as port:
        yield HttpWire(port)


@asynccontextmanager
async def sftp_wire(tmp_path: Path, shelf: Shelf) -> AsyncIterator[Wire]:
    async with sftp_door(tmp_path, shelf, SftpLimits(shelf.limit)) as door:
        yield SftpWire(door, shelf)


WIRES = {"folder": folder_wire, "http": http_wire, "sftp": sftp_wire}
