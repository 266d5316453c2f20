"""A worker in this process: remedies, lanes, speed of the bell."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from statistics import median

import psycopg
import pytest

from hub.errors import Reject, Retry
from hub.flow.patience import Patience
from hub.jobs.tasks import Rules
from hub.jobs.work import Work
from hub.jobs.worker import Pace, run_worker
from hub.store import StoredUnits, Urls
from tests.jobs.conftest import Jobs, Post, eventually
from tests.jobs.hand import QUICK

SLEEPY = replace(QUICK, look=300.0)
"""A worker that the clock would call after everybody's patience has ended."""
BRISK = Patience(first=0.1, cap=0.2, total=1.0)
RULES = Rules(limit=3, patience={"process": BRISK, "plan": BRISK})
Process = Callable[[str], Awaitable[None]]


async def nothing(*arguments: str) -> None:
    """A driver that has nothing to do."""


@asynccontextmanager
async def working(
    urls: Urls, units: StoredUnits, *, process: Process = nothing,
    plan: Callable[[str, str], Awaitable[None]] = nothing, pace: Pace = QUICK,
) -> AsyncIterator[None]:
    stop = asyncio.Event()
    work = Work(process, plan, units, *[nothing] * 5)
    worker = asyncio.create_task(run_worker(urls.worker, work, stop, rules=RULES, pace=pace))
    try:
        yield
    finally:
        stop.set()
        await worker


async def test_bad_weather_is_waited_out(urls: Urls, units: StoredUnits, post: Post, jobs: Jobs) -> None:
    attempts: list[str] = []

    async def process(message: str) -> None:
        attempts.append(message)
        if len(attempts) < 6:
            raise Retry("The partner's computer is down.")

    message = await post("rain", "acme")
    async with working(urls, units, process=process):
        await eventually(lambda: len(attempts) == 6 and jobs.over())
    async with units.worker() as unit:
        assert await unit.dead_letters.list() == []
    assert attempts == [message] * 6


async def test_patience_ends_in_the_dead_letters(urls: Urls, units: StoredUnits, post: Post, jobs: Jobs) -> None:
    async def process(message: str) -> None:
        raise Retry("The partner's computer is down.", reason="PEER_DOWN")

    message = await post("rain", "acme")
    async with working(urls, units, process=process):
        await eventually(jobs.over)
    async with units.worker() as unit:
        [letter] = await unit.dead_letters.list()
    assert (letter.message, letter.reason) == (message, "PEER_DOWN: The partner's computer is down.")


async def test_a_failure_of_ours_is_tried_three_times_and_the_lane_goes_on(
    urls: Urls, units: StoredUnits, post: Post, jobs: Jobs
) -> None:
    attempts: list[str] = []

    async def process(message: str) -> None:
        attempts.append(message)
        if message == first:
            raise ZeroDivisionError("division by zero")

    first, second = await post("bad", "acme"), await post("good", "acme")
    async with working(urls, units, process=process):
        await eventually(jobs.over)
    assert attempts == [first, first, first, second]
    async with units.worker() as unit:
        [letter] = await unit.dead_letters.list()
        message = await unit.inbox.get(first)
        content = b"".join([chunk async for chunk in unit.inbox.content(first)])
    assert (letter.message, letter.job, letter.attempts) == (first, "process", 3)
    assert letter.reason == "ZeroDivisionError: division by zero"
    assert (message.state, content) == ("dead", b"bad")
    assert jobs.all() == [("process", "failed", 3)]


async def test_a_rejected_message_is_tried_once(urls: Urls, units: StoredUnits, post: Post, jobs: Jobs) -> None:
    attempts: list[str] = []

    async def process(message: str) -> None:
        attempts.append(message)
        raise Reject("Nobody can read this.", reason="UNREADABLE")

    message = await post("bad", "acme")
    async with working(urls, units, process=process):
        await eventually(jobs.over)
    async with units.worker() as unit:
        [letter] = await unit.dead_letters.list()
        state = (await unit.inbox.get(message)).state
    assert attempts == [message]
    assert (letter.attempts, letter.reason, state) == (1, "UNREADABLE: Nobody can read this.", "rejected")


async def test_bad_weather_before_a_failure_does_not_count(
    urls: Urls, units: StoredUnits, post: Post, jobs: Jobs
) -> None:
    storms: list[Exception] = [Retry("1"), ValueError("2"), Retry("3"), ValueError("4"), Retry("5")]
    done: list[str] = []

    async def process(message: str) -> None:
        if storms:
            raise storms.pop(0)
        done.append(message)

    message = await post("rain", "acme")
    async with working(urls, units, process=process):
        await eventually(lambda: jobs.over())
    assert done == [message]


async def test_a_waiting_lane_holds_up_no_other(urls: Urls, units: StoredUnits, post: Post, jobs: Jobs) -> None:
    done: list[str] = []

    async def process(message: str) -> None:
        if message == stuck:
            await asyncio.sleep(1.0)
        done.append(message)

    stuck, behind, other = await post("1", "acme"), await post("2", "acme"), await post("3", "bolt")
    async with working(urls, units, process=process):
        await eventually(jobs.over)
    assert done == [other, stuck, behind]


async def test_a_plan_that_fails_is_in_the_audit_trail(urls: Urls, units: StoredUnits, jobs: Jobs) -> None:
    async def plan(agreement: str, as_of: str) -> None:
        raise ValueError(f"no history for {agreement} at {as_of}")

    async with units.worker() as unit:
        await unit.queue.defer("plan", lock="plan:a", agreement="a", as_of="2026-11-22")
    async with working(urls, units, plan=plan):
        await eventually(jobs.over)
    with psycopg.connect(urls.worker) as connection:
        [row] = connection.execute("SELECT action, subject, detail FROM audit_entry").fetchall()
    assert row[:2] == ("plan.failed", "a")
    assert row[2] == {
        "agreement": "a", "as_of": "2026-11-22", "attempts": 3, "reason": "ValueError: no history for a at 2026-11-22",
    }


async def test_a_job_for_a_message_that_does_not_exist_ends(urls: Urls, units: StoredUnits, jobs: Jobs) -> None:
    async def process(message: str) -> None:
        async with units.worker() as unit:
            await unit.inbox.get(message)

    async with units.worker() as unit:
        await unit.queue.defer("process", lock="in:acme", message="msg_0000000000000000000000")
    async with working(urls, units, process=process):
        await eventually(jobs.over)
    assert jobs.all() == [("process", "failed", 1)]


async def test_a_burial_that_fails_is_repeated(
    urls: Urls, units: StoredUnits, post: Post, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes away between the failure and its dead letter; nothing may be lost by that."""
    from hub.jobs import queue

    monkeypatch.setattr(queue, "UNEXPLAINED", 0.1)
    away = [True]

    class Flickering:
        """The units of a database that is away for the first burial."""

        def worker(self):  # type: ignore[no-untyped-def]
            if away:
                away.clear()
                raise Retry("the database does not answer", reason="DATABASE_AWAY")
            return units.worker()

        door = units.door

    async def process(message: str) -> None:
        raise Reject("Nobody can read this.")

    message = await post("bad", "acme")
    async with working(urls, Flickering(), process=process):  # type: ignore[arg-type]
        await eventually(jobs.over)
    async with units.worker() as unit:
        assert [letter.message for letter in await unit.dead_letters.list()] == [message]


async def test_a_job_starts_within_moments_of_its_commit(
    urls: Urls, units: StoredUnits, post: Post, jobs: Jobs, record_property: Callable[[str, object], None]
) -> None:
    begun: dict[str, float] = {}

    async def process(message: str) -> None:
        begun[message] = time.perf_counter()

    waits: list[float] = []
    async with working(urls, units, process=process, pace=SLEEPY):
        await eventually(lambda: listening(urls))
        for n in range(15):
            message = await post(str(n), f"lane-{n}")
            committed = time.perf_counter()
            await eventually(lambda message=message: message in begun)
            waits.append(begun[message] - committed)
    record_property("latency_ms_median", round(median(waits) * 1000, 1))
    print(f"from COMMIT to start: median {median(waits) * 1000:.1f} ms, longest {max(waits) * 1000:.1f} ms")


def listening(urls: Urls) -> bool:
    with psycopg.connect(urls.worker) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
        ).fetchone()
    return row is not None and row[0] > 0


async def test_a_long_lane_does_not_wait_for_the_clock_between_its_jobs(
    urls: Urls, units: StoredUnits, post: Post, jobs: Jobs
) -> None:
    for n in range(40):
        await post(str(n), "acme")
    async with working(urls, units, pace=SLEEPY):
        await eventually(jobs.over)


@pytest.mark.parametrize("cut", range(3))
async def test_a_worker_whose_connections_are_cut_goes_on_or_asks_to_be_started_again(
    urls: Urls, units: StoredUnits, post: Post, jobs: Jobs, cut: int
) -> None:
    done: list[str] = []

    async def process(message: str) -> None:
        done.append(message)

    stop = asyncio.Event()
    work = Work(process, nothing, units, *[nothing] * 5)
    worker = asyncio.create_task(run_worker(urls.worker, work, stop, rules=RULES, pace=QUICK))
    await eventually(lambda: listening(urls))
    await asyncio.sleep(cut * 0.1)
    cut_connections(urls)
    message = await post("after the cut", "acme")
    await eventually(lambda: message in done or worker.done())
    if worker.done():
        assert isinstance(worker.exception(), Retry)
        worker = asyncio.create_task(run_worker(urls.worker, work, stop, rules=RULES, pace=QUICK))
        await eventually(lambda: message in done)
    stop.set()
    await worker


def cut_connections(urls: Urls) -> None:
    with psycopg.connect(urls.worker) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'hub work%' "
            "AND datname = current_database()"
        )
