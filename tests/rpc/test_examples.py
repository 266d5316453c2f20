"""The programs of `examples/` run as they stand, in processes of their own."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.flow.inbound import receive
from hub.rpc.server import serve
from hub.settings import Settings
from tests.rpc.conftest import World
from tests.transports.shelf import Noon

ROOT = Path(__file__).parents[2]
PATIENCE = 120
STARTED: list[Process] = []


@pytest.fixture
async def target(world: World, settings: Settings) -> AsyncIterator[str]:
    server = serve(settings, world.units, receive, clock=Noon())
    await server.start()
    yield f"127.0.0.1:{server.token_port}"
    while STARTED:
        process = STARTED.pop()
        if process.returncode is None:
            process.kill()
            await process.communicate()
    await server.stop(grace=0)


async def begun(example: str, world: World, partner: str, target: str, *words: str | Path) -> Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, ROOT / "examples" / f"{example}.py", *map(str, words), stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HUB_TARGET": target, "HUB_TOKEN": world.tokens[partner],
             "HUB_PLAINTEXT": "1"})
    STARTED.append(process)
    return process


async def printed(example: str, world: World, partner: str, target: str, *words: str | Path) -> list[str]:
    process = await begun(example, world, partner, target, *words)
    out, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0
    return out.decode().splitlines()


async def test_a_file_is_sent_and_followed(world: World, target: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.edi"
    path.write_bytes(b"no EDI at all")
    process = await begun("send_a_file", world, "north", target, path)
    assert process.stdout is not None
    first = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode()
    assert first.startswith("orders.edi is messages/msg_")
    async with world.units.worker() as unit:
        await unit.transaction.execute(
            "UPDATE message SET state = 'rejected' WHERE public_id = %(id)s",
            id=first.split()[2].rstrip(",").partition("/")[2])
    out, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert out.decode().splitlines() == ["STATE_REJECTED"]


async def test_what_is_cheap_is_settled_by_both_sides(world: World, target: str) -> None:
    assert await printed("settle_exceptions", world, "north", target, "1") == []
    for partner, state in (("north", "STATE_PROPOSED"), ("south", "STATE_RESOLVED")):
        (line,) = await printed("settle_exceptions", world, partner, target, "1000")
        assert line.endswith(f"week of 2026-11-23: {state}")


async def test_weeks_are_capped_and_committed(world: World, target: str) -> None:
    (line,) = await printed("commit_weeks", world, "south", target, "agreements/retail", "partners/south", "10")
    assert line.startswith("3 weeks in forecastVersions/plan_")
    assert line.endswith(", 0 held")


async def test_orders_are_followed_and_what_happened_meanwhile_comes_first(
    world: World, target: str, tmp_path: Path
) -> None:
    (name,), place = world.visible["orders"]["north"], tmp_path / "place.txt"

    async def move(state: str) -> None:
        async with world.units.worker() as unit:
            await unit.orders.move(name.removeprefix("orders/"), state)

    async def keep_moving() -> None:
        while True:
            for state in ("changed", "accepted"):
                await move(state)
                await asyncio.sleep(0.1)

    async def first_line() -> str:
        process = await begun("follow_orders", world, "north", target, place)
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        async with asyncio.timeout(PATIENCE):
            while not place.exists():  # noqa: ASYNC110  (another process writes it)
                await asyncio.sleep(0.01)
        process.kill()
        await process.communicate()
        return line.decode()

    moving = asyncio.create_task(keep_moving())
    assert (await first_line()).startswith("retail-1 STATE_")
    moving.cancel()
    await asyncio.gather(moving, return_exceptions=True)
    await move("rejected")
    assert await first_line() == "retail-1 STATE_REJECTED\n"
