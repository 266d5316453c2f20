"""What the SFTP door needs from the hub."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import BinaryIO, Protocol

from hub.model.profile import Profile
from hub.ports import Message, Page, Parcel, Receipt, Waiting


class House(Protocol):
    """Each of the partner's own things under the partner's own row-level security."""

    async def receive(self, parcel: Parcel) -> Receipt:
        """Store a parcel; returns after COMMIT."""

    async def admit(self, partner: str) -> None:
        """Raises Retry when the partner may send no more now, or nobody may."""

    async def partners(self) -> Mapping[str, Profile]:
        """Everybody's profile by short name."""

    async def waiting(self, partner: str, limit: int, after: str | None) -> Page[Waiting]:
        """What waits in the partner's mailbox, oldest first."""

    async def fetched(self, partner: str, limit: int) -> tuple[Waiting, ...]:
        """What the partner has fetched, newest first."""

    async def named(self, partner: str, filename: str, *, waiting: bool, fetched: bool) -> Waiting | None:
        """A file of that name: the oldest of those that wait for the partner, else the newest that it has fetched."""

    async def take(self, partner: str, message: str) -> bool:
        """The partner has it for good."""

    def content(self, partner: str, message: str) -> AbstractAsyncContextManager[tuple[Message, BinaryIO]]:
        """A message and all its bytes, held outside of the database. Raises NotFound."""
