"""A partner's way of exchanging files, tried out on this machine: the real transports and doors, real sockets on the
loopback interface, and the hub itself on the other side in the partner's place. Nothing is stored and nothing leaves.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.transports.folder import Folder
from adapters.transports.http_server import serve_http
from adapters.transports.push import HttpPush, Secrets
from hub.errors import HubError, Reject, Retry
from hub.model.profile import Profile
from hub.model.proof import Proof
from hub.ports import Clock, Outgoing, Parcel, Receipt, Transport

NAME = "loopback.edi"
Leg = Callable[[bytes], Awaitable[str]]
"""Carries some bytes one way; in words what happened. Raises HubError or OSError when they did not arrive unchanged."""


@dataclass
class Caught:
    """Stands where the hub's inbox is, and keeps what comes in memory."""

    files: list[bytes] = field(default_factory=list)

    async def receive(self, parcel: Parcel) -> Receipt:
        content = b"".join([chunk async for chunk in parcel.chunks]) if parcel.held is None else parcel.held.file.read()
        self.files.append(content)
        receipt = Receipt("msg_loopback", hashlib.sha256(content).hexdigest(), len(content), False)
        answer = None if parcel.answer is None else await parcel.answer(receipt)
        return Receipt(receipt.message, receipt.sha256, receipt.length, False, answer=answer)

    def same_as(self, content: bytes) -> None:
        """Raises Reject unless exactly these bytes have arrived, once."""
        if self.files != [content]:
            raise Reject(f"{len(self.files)} files arrived, and not the one that was sent.", reason="OTHER_BYTES")


@asynccontextmanager
async def open_door(app: Starlette) -> AsyncIterator[int]:
    """An application on a free port of the loopback interface; the port."""
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve_http(app, "127.0.0.1", 0, stop, bound=port.set_result, grace=1))
    try:
        yield await asyncio.wait_for(port, 30)
    finally:
        stop.set()
        await serving


async def proven(what: str, leg: Leg, content: bytes, remedy: str) -> Proof:
    """One leg of the way as a line of the checklist."""
    try:
        told = await leg(content)
    except (HubError, OSError, httpx.HTTPError) as failure:
        said = str(failure) or type(failure).__name__
        return Proof(area="wire", what=what, outcome="failed", told=said, remedy=remedy)
    return Proof(area="wire", what=what, outcome="passed", told=told)


def outgoing(profile: Profile, content: bytes) -> Outgoing:
    digest = hashlib.sha256(content).hexdigest()
    return Outgoing(
        "msg_loopback", "<msg_loopback@loopback>", profile, NAME, None, digest, len(content), io.BytesIO(content))


def addressed(profile: Profile, url: str) -> Profile:
    """The same partner, as if its server stood at `url`."""
    return profile.model_copy(update={"delivery": profile.delivery.model_copy(update={"url": url})})


async def by_door(app: Callable[[Caught], Starlette], token: str, content: bytes) -> str:
    """The partner posts a file to our HTTP door, with a token."""
    caught = Caught()
    async with open_door(app(caught)) as port, httpx.AsyncClient(timeout=30, trust_env=False) as client:
        reply = await client.post(f"http://127.0.0.1:{port}/v1/messages", content=content,
                                  headers={"Authorization": f"Bearer {token}"})
        if reply.status_code != 201:
            raise Retry(f"The door answered {reply.status_code}: {reply.text[:200]}")
    caught.same_as(content)
    return "POST /v1/messages with a token of its own: 201"


async def by_mailbox(app: Callable[[Caught], Starlette], token: str, content: bytes) -> str:
    """The partner looks into its mailbox, with a token; what waits there is not touched."""
    async with open_door(app(Caught())) as port, httpx.AsyncClient(timeout=30, trust_env=False) as client:
        reply = await client.get(
            f"http://127.0.0.1:{port}/v1/mailbox?limit=1", headers={"Authorization": f"Bearer {token}"})
    if reply.status_code != 200:
        raise Retry(f"The door answered {reply.status_code}: {reply.text[:200]}")
    return "GET /v1/mailbox with a token of its own: 200"


async def by_push(profile: Profile, secrets: Secrets, clock: Clock, content: bytes) -> str:
    """We post a file to a server that stands in for the partner's."""
    caught, headers = Caught(), dict[str, str]()

    async def take(request: Request) -> Response:
        headers.update(request.headers)
        caught.files.append(await request.body())
        return Response(status_code=201)

    async with open_door(Starlette(routes=[Route("/in", take, methods=["POST"])])) as port:
        here = addressed(profile, f"http://127.0.0.1:{port}/in")
        answer = await HttpPush(secrets, clock).deliver(outgoing(here, content))
    caught.same_as(content)
    return f"POST with {'its bearer token' if 'authorization' in headers else 'no token'}: {answer}"


async def by_folder(profile: Profile, clock: Clock, content: bytes) -> str:
    """A file into out/, and the same one taken from in/."""
    caught = Caught()
    with tempfile.TemporaryDirectory(prefix="hub-loopback-") as root:
        folder = Folder(Path(root), caught.receive, clock, settle=0.0, patience=0.0, doubt=0.0)
        where = await folder.deliver(outgoing(profile, content))
        box = Path(root) / profile.name
        if [path.read_bytes() for path in (box / "out").iterdir()] != [content]:
            raise Reject("What lies in out/ is not what was put there.", reason="OTHER_BYTES")
        await asyncio.to_thread((box / "in").mkdir)
        await asyncio.to_thread((box / "in" / NAME).write_bytes, content)
        for _ in range(2):  # a file is taken when it looks the same twice
            await folder.fetch()
    caught.same_as(content)
    return f"{where} Taken from in/ and archived."


async def by_transport(transport: Transport, profile: Profile, caught: Caught, content: bytes) -> str:
    """Over any transport, to where `caught` listens."""
    answer = await transport.deliver(outgoing(profile, content))
    caught.same_as(content)
    return answer
