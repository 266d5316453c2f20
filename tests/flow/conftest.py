"""A whole hub with the four example partners, driven step by step: what a worker would do, when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hub.app import Hub, build
from hub.dialects import formats, read_partners
from hub.flow import inbound
from hub.flow.context import gln_address
from hub.model.exchange import Document, Envelope, Numbers
from hub.ports import Message, Parcel, Receipt
from hub.store import Urls
from partners.book import Partner, apply, example_directories
from partners.world import World
from partners.world.sending import AS_OF
from tests.conftest import settings_for
from tests.database import TEMPLATE, Server, lent


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


REPORTS = ("activity", "inventory", "sales_forecast")
RETAIL, WHOLESALE = ("larkmoor", "quillfield"), ("vandermoor", "quillfield")


async def hear(trading: Trading, senders: Sequence[str], kinds: Sequence[str] = REPORTS) -> None:
    """Push everything of these kinds that these partners have to say."""
    for posting in trading.world.postings():
        if posting.kind in kinds and posting.sender in senders:
            receiver = None if posting.kind in REPORTS else posting.receiver
            content = trading.write(posting.sender, posting.table, posting.documents, receiver)
            message = await trading.push(content, posting.sender)
            assert message.state == "processed", message.findings


@dataclass(frozen=True)
class Begun:
    """A database to begin with, and what its tests must know: how late it is there, and the numbers that partners gave
    to their files."""

    template: str
    moment: datetime
    controls: dict[str, int]


@pytest.fixture(scope="session")
def examples() -> list[Partner]:
    """The four example partners. Read once: they are values."""
    partners, findings = read_partners(example_directories())
    assert findings == []
    return partners


@pytest.fixture(scope="session")
def world(examples: list[Partner]) -> World:
    """What they send. Made once: the same seed is the same world."""
    return World(11, examples, AS_OF)


@dataclass(frozen=True)
class Scene:
    """Where a hub and its partners are set up, on a database of their own that begins as another one stands."""

    server: Server
    partners: list[Partner]
    world: World
    home: Path

    @asynccontextmanager
    async def trading(self, begun: Begun) -> AsyncIterator[Trading]:
        with lent(self.server, begun.template) as urls:
            async with self._open(urls, begun) as trading:
                yield trading

    def further(self, begun: Begun, deed: Callable[[Trading], Awaitable[object]]) -> Begun:
        """A beginning where this has been done as well."""
        name = self.server.fresh(begun.template)

        async def do() -> Begun:
            async with self._open(self.server.urls(name), begun) as trading:
                await deed(trading)
                return Begun(name, trading.hub.clock.now(), trading.controls)

        return asyncio.run(do())

    @asynccontextmanager
    async def _open(self, urls: Urls, begun: Begun) -> AsyncIterator[Trading]:
        settings = settings_for(urls, self.home).model_copy(update={"max_message_bytes": 8 << 20})
        async with build(settings, Fixed(begun.moment)) as hub:
            yield Trading(hub, {p.name: p for p in self.partners}, self.world, dict(begun.controls))


@pytest.fixture(scope="session")
def applied(server: Server, examples: list[Partner], world: World, tmp_path_factory: pytest.TempPathFactory) -> Begun:
    """On the morning of the world's Monday the example partners are there, and nothing else."""

    async def apply_all(trading: Trading) -> None:
        async with trading.hub.units.worker() as unit:
            await apply(unit, examples)

    nothing = Begun(TEMPLATE, datetime.combine(AS_OF, datetime.min.time(), UTC), {})
    return Scene(server, examples, world, tmp_path_factory.mktemp("applied")).further(nothing, apply_all)


@pytest.fixture(scope="session")
def heard_retail(
    server: Server, examples: list[Partner], world: World, applied: Begun, tmp_path_factory: pytest.TempPathFactory
) -> Begun:
    """The two of the agreement have said all that a planning cycle asks for."""
    scene = Scene(server, examples, world, tmp_path_factory.mktemp("retail"))
    return scene.further(applied, lambda trading: hear(trading, RETAIL))


@pytest.fixture(scope="session")
def heard_wholesale(
    server: Server, examples: list[Partner], world: World, applied: Begun, tmp_path_factory: pytest.TempPathFactory
) -> Begun:
    """The two of the agreement have said all that a planning cycle asks for."""
    scene = Scene(server, examples, world, tmp_path_factory.mktemp("wholesale"))
    return scene.further(applied, lambda trading: hear(trading, WHOLESALE))


@pytest.fixture
def scene(server: Server, examples: list[Partner], world: World, tmp_path: Path) -> Scene:
    return Scene(server, examples, world, tmp_path)


@pytest.fixture
async def trading(scene: Scene, applied: Begun) -> AsyncIterator[Trading]:
    """A hub with the example partners applied, on the morning of the world's Monday."""
    async with scene.trading(applied) as trading:
        yield trading


@pytest.fixture
async def retail(scene: Scene, heard_retail: Begun) -> AsyncIterator[Trading]:
    """The same, later that morning: a cycle of the agreement `retail` has all that it asks for."""
    async with scene.trading(heard_retail) as trading:
        yield trading


@pytest.fixture
async def wholesale(scene: Scene, heard_wholesale: Begun) -> AsyncIterator[Trading]:
    """The same, later that morning: a cycle of the agreement `wholesale` has all that it asks for."""
    async with scene.trading(heard_wholesale) as trading:
        yield trading


@pytest.fixture
def today() -> date:
    return AS_OF
