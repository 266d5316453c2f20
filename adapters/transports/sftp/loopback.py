"""SFTP with a partner, tried out on this machine: our own door in the partner's place, entered with our own key; and
our own door as it is, entered with a key made for the moment in the place of the partner's."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import asyncssh

from adapters.transports.loopback import Caught, by_transport
from adapters.transports.sftp.keys import KIND, client_key, host_keys, imported
from adapters.transports.sftp.limits import SftpLimits
from adapters.transports.sftp.line import Secret
from adapters.transports.sftp.push import SftpPush
from adapters.transports.sftp.server import SftpDoor
from hub.errors import NotFound
from hub.model.profile import Profile
from hub.model.sftp import SftpTerms
from hub.ports import Clock, Message, Page, Parcel, Receipt, Waiting

LIMIT = 64 * 1024 * 1024


@dataclass
class Stand:
    """What the SFTP door needs of a hub, without one: nothing waits, and what comes is kept in memory."""

    caught: Caught
    partner: Profile

    async def receive(self, parcel: Parcel) -> Receipt:
        return await self.caught.receive(parcel)

    async def admit(self, partner: str) -> None:
        """Everybody may."""

    async def partners(self) -> Mapping[str, Profile]:
        return {self.partner.name: self.partner}

    async def waiting(self, partner: str, limit: int, after: str | None) -> Page[Waiting]:
        return Page(())

    async def fetched(self, partner: str, limit: int) -> tuple[Waiting, ...]:
        return ()

    async def named(self, partner: str, filename: str, *, waiting: bool, fetched: bool) -> Waiting | None:
        return None

    async def take(self, partner: str, message: str) -> bool:
        return False

    def content(self, partner: str, message: str) -> AbstractAsyncContextManager[tuple[Message, BinaryIO]]:
        raise NotFound(f"There is no message {message}.")


async def by_sftp_out(profile: Profile, secrets: Secret, ours: Path, clock: Clock, content: bytes) -> str:
    """We log in with the key that we would show the partner, and put a file there."""
    terms = profile.sftp or SftpTerms()
    key = await asyncio.to_thread(client_key, ours) if terms.secret is None else imported(
        secrets(terms.secret), terms.secret)
    return await _through(profile, key, secrets, ours, terms.secret, clock, content)


async def by_sftp_in(profile: Profile, ours: Path, clock: Clock, content: bytes) -> str:
    """The partner logs in and puts a file into /in."""
    key = asyncssh.generate_private_key(KIND, "loopback")
    text = key.export_private_key().decode()
    return await _through(profile, key, lambda _: text, ours, "loopback", clock, content)


async def _through(
    profile: Profile, key: asyncssh.SSHKey, secrets: Secret, ours: Path, secret: str | None, clock: Clock,
    content: bytes,
) -> str:
    caught = Caught()
    public = key.export_public_key().decode().strip()
    known = profile.model_copy(update={"sftp": SftpTerms(keys=(public,))})
    with tempfile.TemporaryDirectory(prefix="hub-loopback-") as root:
        async with _open(SftpDoor(Stand(caught, known), clock, Path(root) / "boxes", Path(root) / "host", SftpLimits(
            LIMIT))) as port:
            terms = SftpTerms(
                server=f"sftp://{profile.name}@127.0.0.1:{port}", put="/in", secret=secret,
                host_keys=tuple(k.export_public_key().decode().strip() for k in host_keys(Path(root) / "host")))
            return await by_transport(
                SftpPush(secrets, ours), profile.model_copy(update={"sftp": terms}), caught, content)


@asynccontextmanager
async def _open(door: SftpDoor) -> AsyncIterator[int]:
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(door.serve("127.0.0.1", 0, stop, bound=port.set_result, grace=1.0))
    try:
        yield await asyncio.wait_for(port, 30)
    finally:
        stop.set()
        await serving
