"""Couriers at work: partners with servers of their own, some slow, some dead, and couriers that die on the way."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psycopg
import pytest

from hub.errors import Reject, Retry
from hub.flow import care
from hub.jobs.courier import Courier, Tempo
from hub.model.profile import Profile
from hub.ports import Delivery, Outgoing
from hub.store import StoredUnits, Urls
from hub.store.deliveries import SMALL
from tests.jobs.conftest import ROOT
from tests.store import trade

QUICK = Tempo(look=0.1, silence=1.0, grace=1.0)


@dataclass
class Peers:
    """A transport to partners that behave as `mood` says: "ok", "slow" (never answers), "down", "busy" (for two hours),
    "hasty" (busy, for a second), "no", "broken"."""

    name: str = "folder"
    mood: dict[str, str] = field(default_factory=dict)
    got: list[tuple[str, str, bytes]] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    async def deliver(self, outgoing: Outgoing) -> str:
        partner = outgoing.receiver.name
        self.tried.append(partner)
        match self.mood.get(partner, "ok"):
            case "slow":
                await asyncio.sleep(600)
            case "down":
                raise Retry("Connection refused.", reason="PEER_DOWN")
            case "busy":
                raise Retry("503 Busy", reason="PEER_BUSY", after=7200.0)
            case "hasty":
                raise Retry("503 Busy", reason="PEER_BUSY", after=1.0)
            case "no":
                raise Reject("404 Not Found", reason="PEER_REFUSED")
            case "broken":
                raise ZeroDivisionError("division by zero")
        self.got.append((partner, outgoing.message_id, outgoing.source.read()))
        return "202 Accepted"


async def profiles() -> Mapping[str, Profile]:
    return {name: trade.profile(name) for name in trade.PARTNERS}


@asynccontextmanager
async def carrying(urls: Urls, units: StoredUnits, peers: Peers, couriers: int = 1) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(
            Courier(urls.worker, units, {peers.name: peers}, profiles, "hub.test", tempo=QUICK).run(stop))
        for _ in range(couriers)
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


@pytest.fixture
async def book(units: StoredUnits) -> StoredUnits:
    await trade.found(units)
    return units


async def queue(units: StoredUnits, partner: str, content: str, **more: str) -> str:
    async with units.worker() as unit:
        return await unit.outbox.put(
            partner, "folder", f"{content}.edi", content.encode(), sender=None, format="edifact", kind="ORDERS",
            version="D96A", control="7", in_reply_to=None, **more)


async def delivery(units: StoredUnits, message: str) -> Delivery:
    async with units.worker() as unit:
        return await unit.deliveries.get(message)


async def until(units: StoredUnits, message: str, state: str, seconds: float = 60.0) -> Delivery:
    async with asyncio.timeout(seconds):
        while (found := await delivery(units, message)).state != state:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return found


def hurry(urls: Urls) -> None:
    with psycopg.connect(urls.worker) as connection:
        connection.execute("UPDATE delivery SET next_at = now() WHERE state = 'queued'")
        connection.execute("UPDATE circuit SET open_until = now() WHERE open_until IS NOT NULL")


async def test_files_of_a_partner_arrive_in_their_order_with_ids_of_their_own(
    urls: Urls, book: StoredUnits
) -> None:
    peers = Peers()
    async with carrying(urls, book, peers, couriers=3):
        messages = [await queue(book, "acme", f"{n:02d}") for n in range(20)]
        await until(book, messages[-1], "delivered")
    assert [content for _, _, content in peers.got] == [f"{n:02d}".encode() for n in range(20)]
    assert [id for _, id, _ in peers.got] == [f"<{message}@hub.test>" for message in messages]


async def test_a_file_too_large_to_come_with_its_claim_arrives_whole(urls: Urls, book: StoredUnits) -> None:
    peers, content = Peers(), os.urandom(int(SMALL) * 20)
    async with book.worker() as unit:
        message = await unit.outbox.put(
            "acme", "folder", "large.edi", content, sender=None, format="edifact", kind="ORDERS", version="D96A",
            control="7", in_reply_to=None)
    async with carrying(urls, book, peers):
        await until(book, message, "delivered")
    assert [content for _, _, content in peers.got] == [content]


async def test_a_file_leaves_within_moments_of_its_commit(urls: Urls, book: StoredUnits) -> None:
    async with carrying(urls, book, Peers()):
        await until(book, await queue(book, "acme", "first"), "delivered")
        waits = []
        for n in range(10):
            started = time.perf_counter()
            await until(book, await queue(book, "acme", str(n)), "delivered")
            waits.append(time.perf_counter() - started)
    print(f"from COMMIT to delivered: median {sorted(waits)[5] * 1000:.0f} ms")
    assert sorted(waits)[5] < QUICK.look + 0.3


async def test_slow_and_dead_partners_hold_up_nobody_else(urls: Urls, book: StoredUnits) -> None:
    peers = Peers(mood={"acme": "slow", "bolt": "down"})
    async with carrying(urls, book, peers):
        for n in range(10):
            await queue(book, "acme", f"a{n}")
            await queue(book, "bolt", f"b{n}")
        started = time.perf_counter()
        messages = [await queue(book, "cork", f"c{n}") for n in range(20)]
        await until(book, messages[-1], "delivered")
        assert time.perf_counter() - started < 10
        assert peers.tried.count("acme") == peers.tried.count("bolt") == 1


async def test_a_dead_partner_is_tried_ever_more_rarely_and_for_two_days(urls: Urls, book: StoredUnits) -> None:
    peers = Peers(mood={"acme": "down"})
    message = await queue(book, "acme", "x")
    waits = []
    async with carrying(urls, book, peers):
        for n in range(5):
            async with asyncio.timeout(10):
                while (found := await delivery(book, message)).attempts != n + 1 or found.state != "queued":  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            with psycopg.connect(urls.worker) as connection:
                row = connection.execute("SELECT extract(epoch FROM next_at - now())::float8 FROM delivery").fetchone()
            assert row is not None
            waits.append(row[0] / 60)
            hurry(urls)
        for wait, planned in zip(waits, (5, 10, 20, 40, 80), strict=True):
            assert planned * 0.79 < wait < planned * 1.21
        await asyncio.sleep(0.3)
        with psycopg.connect(urls.worker) as connection:
            connection.execute("UPDATE delivery SET first_at = now() - interval '48 hours'")
        hurry(urls)
        found = await until(book, message, "failed")
    assert found.answer == "Connection refused."
    async with book.worker() as unit:
        [letter] = await unit.dead_letters.list()
        alerts = {raised.alert.kind: raised.alert for raised in await unit.alerts.list()}
        outcomes = {a.outcome for a in await unit.deliveries.attempts(message)}
        events = [event.type for _, event in await unit.events.list() if event.type != "message.changed"]
    assert (letter.message, letter.job, letter.reason) == (message, "send", "PEER_DOWN: Connection refused.")
    assert set(alerts) == {"partner.unreachable", "delivery.dead"}
    assert alerts["delivery.dead"].subject == message
    assert outcomes == {"retry", "failed"}
    assert events == ["message.failed"]


async def test_a_receiver_that_says_when_is_not_asked_before(urls: Urls, book: StoredUnits) -> None:
    message = await queue(book, "acme", "x")
    async with carrying(urls, book, Peers(mood={"acme": "busy"})):
        async with asyncio.timeout(10):
            while (await delivery(book, message)).answer is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    with psycopg.connect(urls.worker) as connection:
        row = connection.execute("SELECT extract(epoch FROM next_at - now())::float8 FROM delivery").fetchone()
    assert row is not None
    assert 7190 < row[0] < 7930


@pytest.mark.parametrize(("before", "least", "most"), [(0, float("-inf"), 1.2), (4, 3600.0, 5300.0)])
async def test_a_promise_of_the_next_moment_is_believed_three_times_only(
    urls: Urls, book: StoredUnits, before: int, least: float, most: float
) -> None:
    """`before`: attempts that were made already; the fifth is followed by eighty minutes."""
    message = await queue(book, "acme", "x")
    with psycopg.connect(urls.worker) as connection:
        connection.execute("UPDATE delivery SET attempts = %s", [before])
    async with carrying(urls, book, Peers(mood={"acme": "hasty"})), asyncio.timeout(10):
        while (await delivery(book, message)).answer is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    with psycopg.connect(urls.worker) as connection:
        row = connection.execute("SELECT extract(epoch FROM next_at - now())::float8 FROM delivery").fetchone()
    assert row is not None
    assert least < row[0] < most


async def test_a_refusal_is_final_and_the_next_file_goes(urls: Urls, book: StoredUnits) -> None:
    peers = Peers(mood={"acme": "no"})
    refused = await queue(book, "acme", "x")
    async with carrying(urls, book, peers):
        await until(book, refused, "failed")
        peers.mood.clear()
        await until(book, await queue(book, "acme", "y"), "delivered")
        assert [content for _, _, content in peers.got] == [b"y"]
        async with book.worker() as unit:
            await care.replay(unit, refused)
            assert await unit.dead_letters.list() == []
            assert await unit.alerts.list() == []
        found = await until(book, refused, "delivered")
    assert found.attempts == 2
    assert peers.got[-1] == ("acme", f"<{refused}@hub.test>", b"x")


async def test_a_fault_of_our_own_is_tried_three_times(urls: Urls, book: StoredUnits) -> None:
    message = await queue(book, "acme", "x")
    async with carrying(urls, book, Peers(mood={"acme": "broken"})):
        async with asyncio.timeout(15):
            while (await delivery(book, message)).state != "failed":
                hurry(urls)
                await asyncio.sleep(0.05)
    async with book.worker() as unit:
        [letter] = await unit.dead_letters.list()
        assert await unit.alerts.close("partner.unreachable", "acme") is False, "it was not the partner's fault"
    assert (letter.attempts, letter.reason) == (3, "ZeroDivisionError: division by zero")


async def test_a_partner_that_comes_back_gets_everything_at_once(urls: Urls, book: StoredUnits) -> None:
    peers = Peers(mood={"acme": "down"})
    messages = [await queue(book, "acme", str(n)) for n in range(3)]
    async with carrying(urls, book, peers):
        for n in range(3):
            async with asyncio.timeout(10):
                while len(peers.tried) <= n or (await delivery(book, messages[0])).state == "sending":  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            hurry(urls)
        async with book.worker() as unit:
            assert [r.alert.kind for r in await unit.alerts.list()] == ["partner.unreachable"]
        peers.mood.clear()
        hurry(urls)
        await until(book, messages[-1], "delivered")
        async with book.worker() as unit:
            assert await unit.alerts.list() == []
    assert [content for _, _, content in peers.got] == [b"0", b"1", b"2"]


async def test_a_stopped_courier_hands_back_what_it_cannot_finish(urls: Urls, book: StoredUnits) -> None:
    peers = Peers(mood={"acme": "slow"})
    message = await queue(book, "acme", "x")
    async with carrying(urls, book, peers):
        async with asyncio.timeout(10):
            while not peers.tried:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    found = await delivery(book, message)
    assert (found.state, found.failures, found.losses) == ("queued", 0, 0)
    async with carrying(urls, book, Peers()):
        await until(book, message, "delivered")


async def test_a_courier_whose_connection_is_cut_goes_on(urls: Urls, book: StoredUnits) -> None:
    async with carrying(urls, book, Peers()):
        await until(book, await queue(book, "acme", "before"), "delivered")
        with psycopg.connect(urls.worker, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                               "WHERE application_name = 'hub send' AND datname = current_database()")
        await until(book, await queue(book, "acme", "after"), "delivered")


async def test_what_a_killed_courier_carried_is_sent_by_another_under_the_same_id(
    urls: Urls, book: StoredUnits
) -> None:
    message = await queue(book, "acme", "x")
    victim = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-m", "tests.jobs.slow_courier", urls.worker, urls.door], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        await until(book, message, "sending")
        peers = Peers()
        async with carrying(urls, book, peers):
            await asyncio.sleep(2 * QUICK.silence)
            assert peers.got == [], "the other one lives, and computes"
            os.kill(victim.pid, signal.SIGKILL)
            found = await until(book, message, "delivered")
    finally:
        victim.kill()
        victim.wait()
    assert (found.attempts, found.losses) == (2, 1)
    assert peers.got == [("acme", f"<{message}@hub.test>", b"x")]


async def test_a_file_over_which_processes_die_is_given_up(urls: Urls, book: StoredUnits) -> None:
    message = await queue(book, "acme", "x")
    with psycopg.connect(urls.worker) as connection:
        connection.execute("UPDATE delivery SET losses = 9, state = 'sending', claimed_by = 1, "
                           "claimed_at = now() - interval '1 hour'")
    peers = Peers()
    async with carrying(urls, book, peers):
        await until(book, message, "failed")
    assert peers.tried == []
