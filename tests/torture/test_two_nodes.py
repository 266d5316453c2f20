"""Two hubs on one PostgreSQL: they share the work, and when one is killed the other takes over within 15 seconds."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.torture.rig import Rig, free_port
from tests.torture.test_torture import trading
from tests.torture.trade import Market

pytestmark = pytest.mark.xdist_group("torture")
LIMIT = 15.0


async def second(house: Rig, point: str = "", *, hasty: bool = True) -> int:
    """A second hub beside the one that partners know, with doors of its own."""
    return await house.nodes.start(point, hasty=hasty, http_port=free_port(), sftp_port=None)


async def until_nothing_is_due(market: Market) -> None:
    while market.lost():
        await asyncio.sleep(0.1)
        await asyncio.to_thread(market.collect)


@pytest.mark.parametrize("point", ["process.begun", "send.begun"])
async def test_the_other_takes_over_what_a_killed_one_had_in_hand(point: str) -> None:
    """With the hub's own clocks: what is measured is what an operator sees."""
    async with trading() as (house, market):
        await house.nodes.start(hasty=False)
        await house.nodes.answers()
        victim = await second(house, point, hasty=False)
        assert await house.nodes.end_of(victim, 60) == -9
        killed = time.monotonic()
        market.resting.set()
        async with asyncio.timeout(60):
            await until_nothing_is_due(market)
        took = time.monotonic() - killed
        print(f"killed at {point}: everything was done after {took:.1f} s")
        assert took < LIMIT


async def test_of_two_hubs_one_after_the_other_is_killed_and_trade_goes_on() -> None:
    async with trading() as (house, market):
        first, other = await house.nodes.start(), await second(house)
        await house.nodes.answers()
        for turn in range(4):
            await asyncio.sleep(2.5)
            await house.nodes.kill(first if turn % 2 else other)
            if turn % 2:
                first = await house.nodes.start()
            else:
                other = await second(house)
        assert market.promised["folder"]
