"""SFTP put together: one door, one transport, and one who fetches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from adapters.transports import Receive
from adapters.transports.sftp.limits import SftpLimits
from adapters.transports.sftp.line import Secret
from adapters.transports.sftp.pull import SftpPull
from adapters.transports.sftp.push import SftpPush
from adapters.transports.sftp.server import SftpDoor
from hub.model.alert import Alert
from hub.model.profile import Profile
from hub.ports import Clock, Message, Page, Parcel, Receipt, Units, Waiting


class Post(Protocol):
    """What the hub does for every door."""

    async def receive(self, parcel: Parcel) -> Receipt: ...

    async def waiting(self, partner: str, limit: int, after: str | None) -> Page[Waiting]: ...

    async def take(self, partner: str, message: str) -> bool: ...

    def content(self, partner: str, message: str) -> AbstractAsyncContextManager[tuple[Message, BinaryIO]]: ...


@dataclass(frozen=True, slots=True)
class SftpHouse:
    """The hub behind the SFTP door. `admitted`: see `hub.flow.intake.Guard`."""

    post: Post
    units: Units
    admitted: Callable[[str | None], Awaitable[None]]
    directory: Callable[[], Awaitable[Mapping[str, Profile]]]

    async def receive(self, parcel: Parcel) -> Receipt:
        return await self.post.receive(parcel)

    async def admit(self, partner: str) -> None:
        await self.admitted(partner)

    async def partners(self) -> Mapping[str, Profile]:
        return await self.directory()

    async def waiting(self, partner: str, limit: int, after: str | None) -> Page[Waiting]:
        return await self.post.waiting(partner, limit, after)

    async def fetched(self, partner: str, limit: int) -> tuple[Waiting, ...]:
        async with self.units.door(partner) as unit:
            return await unit.mailbox.fetched(limit)

    async def named(self, partner: str, filename: str, *, waiting: bool, fetched: bool) -> Waiting | None:
        async with self.units.door(partner) as unit:
            return await unit.mailbox.named(filename, waiting=waiting, fetched=fetched)

    async def take(self, partner: str, message: str) -> bool:
        return await self.post.take(partner, message)

    def content(self, partner: str, message: str) -> AbstractAsyncContextManager[tuple[Message, BinaryIO]]:
        return self.post.content(partner, message)


@dataclass(frozen=True, slots=True)
class Sftp:
    """Everything of SFTP that the hub has. `secrets`: the directory of secrets, with our keys in `sftp/`."""

    units: Units
    directory: Callable[[], Awaitable[Mapping[str, Profile]]]
    clock: Clock
    admitted: Callable[[str | None], Awaitable[None]]
    mailboxes: Path
    secrets: Path
    limits: SftpLimits

    def door(self, post: Post) -> SftpDoor:
        house = SftpHouse(post, self.units, self.admitted, self.directory)
        return SftpDoor(house, self.clock, self.mailboxes, self.secrets / "sftp" / "host", self.limits)

    def push(self, secret: Secret) -> SftpPush:
        return SftpPush(secret, self.secrets / "sftp" / "client")

    def pull(self, secret: Secret, receive: Receive) -> SftpPull:
        return SftpPull(receive, self.clock, secret, self.secrets / "sftp" / "client", self.limits.message_bytes,
                        self._tell, self._over)

    async def _tell(self, alert: Alert) -> None:
        async with self.units.worker() as unit:
            await unit.alerts.open(alert)

    async def _over(self, kind: str, subject: str) -> None:
        async with self.units.worker() as unit:
            await unit.alerts.close(kind, subject)
