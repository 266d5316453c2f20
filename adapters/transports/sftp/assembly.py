"""SFTP put together: one door, one transport, and one who fetches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from adapters.transports.sftp.limits import SftpLimits
from adapters.transports.sftp.server import SftpDoor
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
