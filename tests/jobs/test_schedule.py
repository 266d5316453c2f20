"""Schedules on a real database: once per due time, whoever leads, whatever was missed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from hub.jobs.schedule import Leader, run_scheduler
from hub.store import Urls
from tests.jobs.conftest import ROOT, eventually
from tests.jobs.metronome import Wall

SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Standing:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = SUNDAY

    def now(self) -> datetime:
        return self.time


class Timetable:
    """The two tables, as a test sees them."""

    def __init__(self, url: str) -> None:
        self.url = url

    def sql(self, query: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def add(self, name: str, cron: str, *, last_due: datetime | None = None, zone: str = "UTC") -> None:
        self.sql(
            "INSERT INTO schedule (name, cron, timezone, job, arguments, last_due) VALUES (%s, %s, %s, 'plan', "
            """'{"agreement": "acme-bolt", "as_of": "{due}"}', %s)""", name, cron, zone, last_due,
        )

    def due(self) -> list[datetime]:
        return [row[0] for row in self.sql("SELECT due FROM schedule_run ORDER BY schedule_id, due")]

    def jobs(self) -> list[tuple[str, str, dict[str, str]]]:
        return self.sql("SELECT task_name::text, lock, args FROM procrastinate_jobs ORDER BY id")

    def leaders(self) -> int:
        return len(self.sql(
            "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.granted "
            "AND a.application_name = 'hub schedule' AND a.datname = current_database()"
        ))


@pytest.fixture
def timetable(urls: Urls) -> Timetable:
    table = Timetable(urls.owner)
    table.sql("DELETE FROM schedule")  # those that the hub comes with
    return table


@pytest.fixture
def clock() -> Standing:
    return Standing()


@pytest.fixture
def metronome(urls: Urls) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.jobs.metronome", urls.worker]
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@asynccontextmanager
async def leading(urls: Urls, clock: Standing | Wall) -> AsyncIterator[None]:
    stop = asyncio.Event()
    scheduler = asyncio.create_task(run_scheduler(urls.worker, clock, stop, check=0.05))
    try:
        yield
    finally:
        stop.set()
        await scheduler


def settled(timetable: Timetable) -> bool:
    """Every schedule was looked at by the leader."""
    return not timetable.sql("SELECT 1 FROM schedule WHERE enabled AND last_due IS NULL")


async def test_of_many_missed_runs_the_latest_is_made_up_for(urls: Urls, timetable: Timetable, clock: Standing) -> None:
    timetable.add("weekly", "0 6 * * 1", last_due=SUNDAY - timedelta(days=60))
    async with leading(urls, clock):
        await eventually(lambda: len(timetable.due()) == 1)
        await asyncio.sleep(0.3)
    monday = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
    assert timetable.due() == [monday]
    assert timetable.jobs() == [("plan", "plan:acme-bolt", {"agreement": "acme-bolt", "as_of": "2026-11-16"})]


async def test_a_new_schedule_has_missed_nothing(urls: Urls, timetable: Timetable, clock: Standing) -> None:
    timetable.add("new", "0 6 * * 1")
    async with leading(urls, clock):
        await eventually(lambda: settled(timetable))
        await asyncio.sleep(0.2)
    assert timetable.due() == []


async def test_the_second_leader_does_not_make_up_again(urls: Urls, timetable: Timetable, clock: Standing) -> None:
    timetable.add("daily", "0 6 * * *", last_due=SUNDAY - timedelta(days=3))
    for _ in range(2):
        async with leading(urls, clock):
            await eventually(lambda: len(timetable.due()) == 1)
            await asyncio.sleep(0.2)
    assert len(timetable.due()) == len(timetable.jobs()) == 1


async def test_the_day_in_the_arguments_is_the_day_where_the_schedule_lives(
    urls: Urls, timetable: Timetable, clock: Standing
) -> None:
    timetable.add("tokyo", "0 6 * * *", last_due=SUNDAY - timedelta(days=3), zone="Asia/Tokyo")
    async with leading(urls, clock):
        await eventually(lambda: len(timetable.jobs()) == 1)
    assert timetable.due() == [datetime(2026, 11, 21, 21, 0, tzinfo=UTC)]
    assert timetable.jobs()[0][2]["as_of"] == "2026-11-22"


async def test_a_line_that_cannot_be_read_stops_no_other(urls: Urls, timetable: Timetable, clock: Standing) -> None:
    timetable.add("broken", "every morning", last_due=SUNDAY - timedelta(days=3))
    timetable.add("daily", "0 6 * * *", last_due=SUNDAY - timedelta(days=3))
    async with leading(urls, clock):
        await eventually(lambda: len(timetable.jobs()) == 1)
        timetable.sql("UPDATE schedule SET cron = '0 7 * * *' WHERE name = 'broken'")
        await eventually(lambda: len(timetable.jobs()) == 2)


async def test_a_changed_line_counts_from_now_and_a_disabled_one_not_at_all(
    urls: Urls, timetable: Timetable, clock: Standing
) -> None:
    timetable.add("daily", "0 13 * * *", last_due=SUNDAY)
    async with leading(urls, clock):
        clock.time += timedelta(minutes=5)
        await asyncio.sleep(0.3)
        timetable.sql("UPDATE schedule SET cron = '1 12 * * *'")
        await asyncio.sleep(0.3)
        timetable.sql("UPDATE schedule SET enabled = false")
        await asyncio.sleep(0.3)
        clock.time += timedelta(days=3)
        await asyncio.sleep(0.3)
    assert timetable.due() == []


async def test_a_schedule_fires_by_the_clock(urls: Urls, timetable: Timetable) -> None:
    timetable.add("each second", "* * * * * *")
    async with leading(urls, Wall()):
        await eventually(lambda: len(timetable.due()) >= 3)
    due = timetable.due()
    assert len(due) == len(timetable.jobs())
    assert all(later - earlier <= timedelta(seconds=4) for earlier, later in pairwise(due))


async def test_two_schedulers_run_each_due_time_once_and_the_other_takes_over_when_one_is_killed(
    timetable: Timetable, metronome: Callable[[], subprocess.Popen[bytes]]
) -> None:
    timetable.add("each second", "* * * * * *")
    first = metronome()
    await eventually(lambda: timetable.leaders() == 1)
    second = metronome()
    await eventually(lambda: len(timetable.due()) >= 3)
    first.kill()
    before = len(timetable.due())
    await eventually(lambda: len(timetable.due()) >= before + 3)
    assert timetable.leaders() == 1
    second.kill()
    second.wait()
    due = timetable.due()
    assert len(due) == len(set(due)) == len(timetable.jobs())
    assert max(later - earlier for earlier, later in pairwise(due)) <= timedelta(seconds=4)


async def test_two_leaders_at_once_still_enqueue_each_due_time_once(urls: Urls, timetable: Timetable) -> None:
    """The lock is a saving; the row is the proof."""
    timetable.add("each second", "* * * * * *")
    stop = asyncio.Event()
    connections = [
        await psycopg.AsyncConnection.connect(urls.worker, autocommit=True, row_factory=psycopg.rows.dict_row)
        for _ in range(2)
    ]
    leaders = [asyncio.create_task(Leader(c, Wall()).lead(stop, 0.1)) for c in connections]
    await eventually(lambda: len(timetable.due()) >= 3)
    stop.set()
    await asyncio.gather(*leaders)
    for connection in connections:
        await connection.close()
    assert len(timetable.due()) == len(set(timetable.due())) == len(timetable.jobs())
