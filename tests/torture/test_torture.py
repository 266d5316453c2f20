"""Kill the hub, and PostgreSQL, while partners trade: nothing that was accepted is lost, nothing is doubled.

A short run is part of every test run; `make torture` kills at every point and hundreds of times at random
(HUB_TORTURE: how many rounds of that).
"""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import psycopg
import pytest

from hub.killpoint import POINTS
from tests.torture.hosted import hosted
from tests.torture.rig import ROOT, Rig, rig
from tests.torture.trade import Market, receiver
from tests.torture.wholesale import confirm, wholesaler

ROUNDS = int(os.environ.get("HUB_TORTURE", "0"))
SHORT = ("receive.stored", "receive.committed", "http.answer", "folder.stored", "process.queued", "process.committed",
         "send.handed_over", "http.taken", "sftp.stored", "sftp.taken")
"""Where the short run kills: one point of each kind."""
OVER_AS2 = tuple(point for point in POINTS if point.startswith("as2."))
HOSTED = ("sftp.put", "sftp.fetched")
NOT_TRADED = {"deed.committed", "cycle.worked", "cycle.committed"}
"""On the way of a deed over gRPC and of a planning cycle, which are no files: see tests/rpc/test_killed.py and
tests/flow/test_killed_cycle.py."""


def test_the_list_of_kill_points_is_what_the_code_has() -> None:
    called = {
        point for folder in ("hub", "adapters") for path in (ROOT / folder).rglob("*.py")
        for point in re.findall(r'reached\("([a-z0-9_.]+)"\)', path.read_text()) if path.name != "killpoint.py"
    }
    assert called == set(POINTS)
    assert len(POINTS) >= 20


@asynccontextmanager
async def trading(*, over_as2: bool = False, with_host: bool = False) -> AsyncIterator[tuple[Rig, Market]]:
    """The market trades for the length of the block; afterwards everything comes to rest and is counted."""
    markets: list[Market] = []
    async with receiver(markets) as url, rig(url) as house, AsyncExitStack() as doors:
        market = Market(house.url, house.nodes.settings["sftp_port"], house.tokens, house.home)
        markets.append(market)
        trades = [market.post(), market.drop(), market.upload()]
        if over_as2:
            trades.append((await doors.enter_async_context(wholesaler(house, market))).order())
        if with_host:
            trades.append((await doors.enter_async_context(hosted(house, market))).offer())
        traders = [asyncio.create_task(trade) for trade in trades]
        fetching = [asyncio.create_task(fetch) for fetch in (market.fetch(), market.fetch_by_sftp())]
        try:
            yield house, market
            market.resting.set()
            await asyncio.wait_for(asyncio.gather(*traders), 60)
            await rest(house, market)
            reckon(house, market)
        finally:
            for task in (*traders, *fetching):
                task.cancel()
            await asyncio.gather(*traders, *fetching, return_exceptions=True)


async def rest(house: Rig, market: Market, seconds: float = 90.0) -> None:
    """Until everything that was promised has come out."""
    try:
        async with asyncio.timeout(seconds):
            while market.lost():
                await asyncio.sleep(0.2)
                await asyncio.to_thread(market.collect)
    except TimeoutError:
        print(house.nodes.log.read_text()[-3000:])


def reckon(house: Rig, market: Market) -> None:
    accepted = sum(map(len, market.promised.values()))
    lost, doubled = market.lost(), market.doubled()
    print(f"accepted {accepted}, lost {len(lost)}, doubled {len(doubled)} "
          f"(repeated under their own id: {market.copies})")
    assert accepted > 0
    assert lost == []
    assert doubled == []
    assert house.count("SELECT count(*) FROM message WHERE direction = 'in' AND state <> 'processed'") == 0
    assert house.count("SELECT count(*) FROM dead_letter") == 0
    assert house.count("SELECT count(*) FROM purchase_order") == accepted
    assert house.count("SELECT count(*) FROM document WHERE kind = 'Order'") == accepted
    assert house.count("SELECT count(*) FROM message WHERE direction = 'in' AND sender_reference IS NOT NULL "
                       "AND NOT EXISTS (SELECT 1 FROM answer a WHERE a.message_id = message.id)") == 0


async def kill_at(house: Rig, point: str) -> None:
    """A hub that dies at `point`; it must get there."""
    pid = await house.nodes.start(point)
    if point == "overdue.marked":
        await make_overdue(house)
    code = await house.nodes.end_of(pid, 30)
    await house.nodes.kill(pid)
    assert code == -9, f"the hub did not get to {point}: {house.nodes.log.read_text()[-2000:]}"


async def make_overdue(house: Rig) -> None:
    def due() -> None:
        with psycopg.connect(house.urls.owner) as connection:
            connection.execute("UPDATE delivery SET due_at = now() - interval '1 minute' "
                               "WHERE due_at IS NOT NULL AND overdue_at IS NULL")

    for _ in range(20):
        await asyncio.to_thread(due)
        await asyncio.sleep(0.1)


async def kill_at_random(house: Rig, times: int, seed: int) -> None:
    """Most hubs have their doors open when they die, some have not come that far."""
    chance = random.Random(seed)
    for _ in range(times):
        pid = await house.nodes.start()
        if chance.random() < 0.7:
            await house.nodes.answers()
        await asyncio.sleep(chance.uniform(0.0, 1.2))
        await house.nodes.kill(pid)


async def kill_postgres(house: Rig, times: int, seed: int) -> None:
    """The hub may live on or give up; who watches over it starts it again."""
    chance = random.Random(seed)
    pid = await house.nodes.start()
    for _ in range(times):
        await asyncio.sleep(chance.uniform(0.5, 2.0))
        await house.kill_postgres()
        if pid in house.nodes.ended:
            pid = await house.nodes.start()
    await house.nodes.kill(pid)


@pytest.mark.xdist_group("torture")
@pytest.mark.skipif(ROUNDS > 0, reason="the long run does all of it")
async def test_a_short_torture_loses_and_doubles_nothing() -> None:
    async with trading() as (house, _):
        for point in SHORT:
            await kill_at(house, point)
        await kill_at_random(house, 3, 1)
        await kill_postgres(house, 1, 1)
        await house.nodes.start()


@pytest.mark.skipif(ROUNDS == 0, reason="long: make torture")
@pytest.mark.parametrize("round", range(ROUNDS))
async def test_killed_at_every_point(round: int) -> None:
    traded = [point for point in POINTS if point not in {*NOT_TRADED, *OVER_AS2, *HOSTED}]
    async with trading() as (house, _):
        for point in traded:
            await kill_at(house, point)
        await house.nodes.start()
    print(f"round {round}: killed at {len(traded)} points")


@pytest.mark.xdist_group("torture")
@pytest.mark.parametrize("round", range(ROUNDS or 1))
async def test_killed_at_every_point_on_the_way_over_as2(round: int) -> None:
    """Receipts come at once and later, both ways."""
    chosen = OVER_AS2 if ROUNDS else ("as2.opened", "as2.kept", "as2.receipted")
    async with trading(over_as2=True) as (house, _):
        for point in chosen:
            await confirm(house, "async" if point == "as2.receipted" else "sync")
            await kill_at(house, point)
        await house.nodes.start()
    print(f"round {round}: killed at {len(chosen)} points over AS2")


@pytest.mark.skipif(ROUNDS == 0, reason="long: make torture")
@pytest.mark.parametrize("round", range(ROUNDS))
async def test_killed_on_the_way_to_and_from_a_partners_own_sftp_server(round: int) -> None:
    async with trading(with_host=True) as (house, _):
        for point in HOSTED * 3:
            await kill_at(house, point)
        await house.nodes.start()
    print(f"round {round}: killed three times at each of {len(HOSTED)} points of a partner's SFTP server")


@pytest.mark.skipif(ROUNDS == 0, reason="long: make torture")
@pytest.mark.parametrize("round", range(ROUNDS))
async def test_killed_two_hundred_times_at_random(round: int) -> None:
    async with trading() as (house, _):
        await kill_at_random(house, 200, round)
        await house.nodes.start()
    print(f"round {round}: killed 200 times at random")


@pytest.mark.skipif(ROUNDS == 0, reason="long: make torture")
@pytest.mark.parametrize("round", range(ROUNDS))
async def test_postgres_killed_twenty_times(round: int) -> None:
    async with trading() as (house, _):
        await kill_postgres(house, 20, round)
        await house.nodes.start()
    print(f"round {round}: PostgreSQL killed 20 times")
