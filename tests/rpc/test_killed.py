"""A hub that is killed (SIGKILL, a process of its own) costs its partners a pause: streams go on without a gap, and
what was asked with a request id is done once and answered as the first time."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest

from hub.client import AsyncClient, CallError, ForecastException
from hub.rpc.pb.v1.exchange_pb2 import WatchMessagesRequest
from tests.rpc.conftest import World
from tests.rpc.test_settling import of

PATIENCE = 240
FILES = 45
"""A third of them is told before the kill."""


@dataclass
class Hub:
    """`hub serve` on the world's database, in plain text on loopback; `port` stays the same over restarts."""

    world: World
    folder: Path
    port: int = 0
    process: asyncio.subprocess.Process | None = None

    async def start(self, point: str = "") -> None:
        """Up, and to die at `point` of hub/killpoint.py."""
        settings = self.world.settings
        urls = {f"HUB_{name.upper()}": getattr(settings, name).get_secret_value()
                for name in ("database_url", "worker_url", "door_url")}
        ports = {"HUB_HTTP_PORT": "0", "HUB_GRPC_TOKEN_PORT": str(self.port), "HUB_HOME": str(self.folder / "home")}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from hub.cli import main; main()", "serve", stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **urls, **ports, "HUB_KILL_POINT": point})
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            if b'"the doors are open"' in line:
                self.port = int(json.loads(line)["grpc_token"])
                self.reading = asyncio.create_task(self.process.stderr.read())
                return
        raise AssertionError("the hub did not open its doors")

    async def dead(self) -> None:
        """It has been killed."""
        assert self.process is not None
        assert await asyncio.wait_for(self.process.wait(), PATIENCE) == -9
        await self.reading

    async def kill(self) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
            await self.dead()

    def client(self, partner: str) -> AsyncClient:
        return AsyncClient.with_token(
            f"127.0.0.1:{self.port}", self.world.tokens[partner], plaintext=True, timeout=PATIENCE)


@pytest.fixture
async def hub(world: World, tmp_path: Path) -> AsyncIterator[Hub]:
    made = Hub(world, tmp_path)
    yield made
    await made.kill()


async def test_a_watcher_misses_nothing_when_the_hub_is_killed_in_the_middle(hub: Hub) -> None:
    """Files come in all the while through another process of the hub, and are processed."""
    told: list[str] = []
    enough = asyncio.Event()
    submitted: set[str] = set()

    async def watch(client: AsyncClient) -> None:
        async for reply in client.watch_messages():
            told.append(reply.message.name)
            if len(told) >= FILES // 3:
                enough.set()

    async def submit(numbers: range) -> None:
        async with hub.world.by_token("north") as north:
            for number in numbers:
                name = (await north.submit(f"file {number}".encode())).message
                async with hub.world.units.worker() as unit:
                    await unit.transaction.execute(
                        "UPDATE message SET state = 'processed' WHERE public_id = %(id)s", id=name.partition("/")[2])
                submitted.add(name)

    await hub.start()
    async with hub.client("north") as client:
        watching = asyncio.create_task(watch(client))
        await _watched(client)
        await submit(range(FILES // 3))
        await asyncio.wait_for(enough.wait(), PATIENCE)
        submitting = asyncio.create_task(submit(range(FILES // 3, FILES)))
        await hub.kill()
        await hub.start()
        await submitting
        async with asyncio.timeout(PATIENCE):
            while not submitted <= set(told):  # noqa: ASYNC110  (another task hears it)
                await asyncio.sleep(0.05)
        watching.cancel()


async def _watched(client: AsyncClient) -> None:
    """A stream of one's own has had its first sign of life, and so the one that was opened before it."""
    first = client._exchange.WatchMessages(WatchMessagesRequest(), metadata=client._metadata())
    assert (await asyncio.wait_for(first.read(), PATIENCE)).resume_token
    first.cancel()


async def test_a_download_goes_on_where_it_was_cut_off(hub: Hub) -> None:
    content = os.urandom(1 << 20) * 12
    await hub.start()
    async with hub.client("north") as client:
        name = (await client.submit(content, filename="large.bin")).message

        class Cut(BytesIO):
            """Kills the hub as soon as the first piece is there."""

            def write(self, piece: object) -> int:
                if not self.tell() and hub.process is not None:
                    hub.process.kill()
                return super().write(piece)  # type: ignore[arg-type]  # bytes, as every file takes them

        into = Cut()
        downloading = asyncio.create_task(client.download(name, into))
        await hub.dead()
        await hub.start()
        assert await asyncio.wait_for(downloading, PATIENCE) == len(content)
        assert into.getvalue() == content


async def test_a_deed_that_is_committed_and_not_answered_is_answered_when_it_is_asked_again(hub: Hub) -> None:
    async with hub.world.by_token("north") as north:
        exception = (await of(north)).name
        id = str(uuid4())
        await hub.start("deed.committed")
        async with hub.client("north") as client:
            with pytest.raises(CallError):
                await client.propose(exception, 5, request_id=id)
        await hub.dead()
        assert (await north.exception(exception)).state == ForecastException.STATE_PROPOSED
        await hub.start()
        async with hub.client("north") as client:
            answer = await client.propose(exception, 5, request_id=id)
        again = await north.propose(exception, 5, request_id=id)
        steps = [step.act for step in (await north.exception(exception)).steps]
    assert answer == again
    assert steps.count("propose") == 1
