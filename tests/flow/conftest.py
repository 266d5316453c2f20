"""A whole hub with the four example partners, driven step by step: what a worker would do, when the test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from hub.app import Hub, build
from hub.dialects import formats, read_partners
from hub.flow import inbound
from hub.flow.context import gln_address
from hub.model.exchange import Document, Envelope, Numbers
from hub.ports import Message, Parcel, Receipt
from hub.settings import Settings
from partners.book import Partner, apply, example_directories
from partners.world import World
from partners.world.sending import AS_OF


class Fixed:
    """A clock that a test can move."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


async def one(content: bytes, piece: int = 1 << 20) -> AsyncIterator[bytes]:
    for start in range(0, len(content), piece):
        yield content[start : start + piece]


@dataclass
class Trading:
    """The hub and its partners. `push` is a file arriving and being processed; `outbox` what left for a partner. While
    `test` is true, what is written is marked as a test."""

    hub: Hub
    partners: dict[str, Partner]
    world: World
    controls: dict[str, int] = field(default_factory=dict)
    test: bool = False

    def write(
        self, sender: str, table: str, documents: Sequence[Document], receiver: str | None = None,
        control: int | None = None,
    ) -> bytes:
        """An interchange as `sender` would write it; to the hub when there is no receiver."""
        format = table.split("/")[0]
        pair = f"{sender} {format} {receiver}"
        number = control or self.controls.get(pair, 0) + 1
        self.controls[pair] = max(number, self.controls.get(pair, 0))
        profile = self.partners[sender].profile
        to = self.partners[receiver].profile if receiver else None
        envelope = Envelope(
            sender=profile.address(format) or gln_address(format, profile.gln),
            receiver=(to.address(format) or gln_address(format, to.gln)) if to
            else gln_address(format, self.hub.settings.gln),
            numbers=Numbers(interchange=number, group=number), prepared_at=self.hub.clock.now(),
            test=self.test,
        )
        return formats({p.name: p.overlays for p in self.partners.values()})[format].write(
            table, documents, envelope, sender)

    async def deliver(self, content: bytes, sender: str | None, filename: str = "file") -> Receipt:
        parcel = Parcel(one(content), "folder", sender, self.hub.clock.now(), filename)
        return await inbound.receive(self.hub.units, parcel, self.hub.settings.max_message_bytes)

    async def push(self, content: bytes, sender: str | None, filename: str = "file") -> Message:
        receipt = await self.deliver(content, sender, filename)
        await self.hub.process(receipt.message)
        return await self.message(receipt.message)

    async def message(self, id: str) -> Message:
        async with self.hub.units.worker() as unit:
            return await unit.inbox.get(id)

    async def outbox(self, partner: str, kind: str | None = None) -> list[Message]:
        """Outbound messages to `partner`, oldest first."""
        async with self.hub.units.worker() as unit:
            rows = (await unit.inbox.list(direction="out", limit=500)).rows
        return [m for m in reversed(rows) if m.receiver == partner and kind in (None, m.message)]

    async def content(self, message: Message) -> bytes:
        async with self.hub.units.worker() as unit:
            return b"".join([chunk async for chunk in unit.inbox.content(message.id)])

    async def answer(self, message: Message) -> str:
        """The text of the one acknowledgement to `message`."""
        async with self.hub.units.worker() as unit:
            rows = (await unit.inbox.list(direction="out", limit=500)).rows
        [found] = [m for m in rows if m.in_reply_to == message.id and m.message in ("997", "TA1", "CONTRL", "csv")]
        return (await self.content(found)).decode("latin-1")


@pytest.fixture
async def trading(settings: Settings) -> AsyncIterator[Trading]:
    """On a fresh database, with the example partners applied, on the morning of the world's Monday."""
    settings = settings.model_copy(update={"max_message_bytes": 8 << 20})
    async with build(settings, Fixed(datetime.combine(AS_OF, datetime.min.time(), UTC))) as hub:
        partners, findings = read_partners(example_directories())
        assert findings == []
        async with hub.units.worker() as unit:
            await apply(unit, partners)
        yield Trading(hub, {p.name: p for p in partners}, World(11, partners, AS_OF))


@pytest.fixture
def today() -> date:
    return AS_OF
