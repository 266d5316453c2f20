"""Schedules: rows of the table `schedule` become jobs when they are due. Nothing here does any work of its own.

Every worker process runs `run_scheduler`; one of them leads, by an advisory lock on a connection of its own. The lock
only saves work. That a due time is enqueued once is the row in `schedule_run`, inserted by the statement that enqueues
the job, on the connection that holds the lock: who has lost the lock cannot enqueue at all.

Due times that nobody saw (all processes were down) are made up for by the latest of them, once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hub.errors import BrokenTable
from hub.jobs.alive import KEEPALIVE, pause
from hub.jobs.cron import latest_due, trigger
from hub.ports import Clock

LEADER = 0x43504652_00000001
"""The advisory lock of the one that leads."""

log = structlog.get_logger("hub.schedule")


@dataclass(frozen=True, slots=True)
class Schedule:
    """One row. `arguments` go to the job; `{due}` in a value is the date on which the run was due, where the schedule
    lives."""

    id: int
    name: str
    cron: str
    timezone: str
    job: str
    arguments: dict[str, str]

    @property
    def lane(self) -> str:
        """Runs of one agreement never overlap, whichever schedule they come from."""
        agreement = self.arguments.get("agreement")
        return f"schedule:{self.name}" if agreement is None else f"{self.job}:{agreement}"

    def arguments_at(self, due: datetime) -> dict[str, str]:
        day = due.astimezone(ZoneInfo(self.timezone)).date().isoformat()
        return {name: value.replace("{due}", day) for name, value in self.arguments.items()}


async def run_scheduler(url: str, clock: Clock, stop: asyncio.Event, *, check: float = 1.0) -> None:
    """Lead, or stand by to lead, until `stop`. `url` is a libpq URL for hub_worker.

    `check`: seconds between two looks, at the lock by those who stand by and at the table by the one who leads.
    """
    while not stop.is_set():
        try:
            await _stand_by(url, clock, stop, check)
        except psycopg.OperationalError as error:
            log.warning("scheduler lost the database", error=type(error).__name__)
            await pause(stop, check)


async def _stand_by(url: str, clock: Clock, stop: asyncio.Event, check: float) -> None:
    connection = await psycopg.AsyncConnection.connect(
        url, autocommit=True, application_name="hub schedule", options=KEEPALIVE, row_factory=dict_row
    )
    async with connection:
        while not stop.is_set():
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s) AS leads", (LEADER,))
            row = await cursor.fetchone()
            if row is not None and row["leads"]:
                log.info("leads the schedules")
                await Leader(connection, clock).lead(stop, check)
                return
            await pause(stop, check)


@dataclass
class Leader:
    """The one who watches the clock. APScheduler only wakes it; what is due, the table and the cron line say."""

    connection: psycopg.AsyncConnection[dict[str, Any]]
    clock: Clock
    known: dict[int, tuple[Schedule, CronTrigger]] = field(default_factory=dict)
    broken: dict[int, Schedule] = field(default_factory=dict)

    async def lead(self, stop: asyncio.Event, check: float) -> None:
        """Until `stop`. Raises OperationalError when the connection, and so the lock, is lost."""
        alarm = AsyncIOScheduler(
            timezone=ZoneInfo("UTC"),
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        alarm.start()
        try:
            while not stop.is_set():
                await self.refresh(alarm)
                await pause(stop, check)
        finally:
            alarm.shutdown(wait=False)

    async def refresh(self, alarm: AsyncIOScheduler) -> None:
        """Make the alarms equal to the table. A line that cannot be read is logged once, and the others go on."""
        rows = await (await self.connection.execute(ENABLED)).fetchall()
        current = {row["id"]: Schedule(**row) for row in rows}
        for gone in (self.known.keys() | self.broken.keys()) - current.keys():
            self._forget(gone, alarm)
        for schedule in current.values():
            if self._is_new(schedule):
                changed = schedule.id in self.known
                self._forget(schedule.id, alarm)
                await self._learn(schedule, alarm, changed)

    def _is_new(self, schedule: Schedule) -> bool:
        known = self.known.get(schedule.id)
        return schedule not in (self.broken.get(schedule.id), known[0] if known else None)

    def _forget(self, schedule: int, alarm: AsyncIOScheduler) -> None:
        self.broken.pop(schedule, None)
        if self.known.pop(schedule, None) is not None:
            alarm.remove_job(str(schedule))

    async def _learn(self, schedule: Schedule, alarm: AsyncIOScheduler, changed: bool) -> None:
        """Set the alarm. A new or changed line starts now; for one that ran before, make up for what was missed."""
        try:
            cron = trigger(schedule.cron, schedule.timezone)
        except BrokenTable as error:
            log.error("schedule cannot be read", schedule=schedule.name, error=str(error))
            self.broken[schedule.id] = schedule
            return
        self.known[schedule.id] = (schedule, cron)
        await self.connection.execute(START, {"id": schedule.id, "now": self.clock.now(), "anew": changed})
        await self.enqueue_due(schedule.id)
        alarm.add_job(self._rung, cron, args=[schedule.id], id=str(schedule.id), name=schedule.name)

    async def _rung(self, schedule: int) -> None:
        with suppress(psycopg.OperationalError):  # the connection is gone: `lead` finds out at once, and another leads
            await self.enqueue_due(schedule)

    async def enqueue_due(self, schedule_id: int) -> datetime | None:
        """Enqueue the latest due time since the last one that was enqueued; None when there is none."""
        schedule, cron = self.known[schedule_id]
        row = await (await self.connection.execute(LAST_DUE, {"id": schedule_id})).fetchone()
        if row is None:
            return None
        due = latest_due(cron, row["last_due"], self.clock.now())
        if due is not None:
            await self.connection.execute(ENQUEUE, {
                "id": schedule_id, "due": due, "job": schedule.job, "lane": schedule.lane,
                "arguments": Jsonb(schedule.arguments_at(due)),
            })
            log.info("due", schedule=schedule.name, due=due.isoformat())
        return due


ENABLED = "SELECT id, name, cron, timezone, job, arguments FROM schedule WHERE enabled ORDER BY id"

START = "UPDATE schedule SET last_due = %(now)s WHERE id = %(id)s AND (last_due IS NULL OR %(anew)s)"

LAST_DUE = "SELECT last_due FROM schedule WHERE id = %(id)s"

ENQUEUE = """
WITH fresh AS (
  INSERT INTO schedule_run (schedule_id, due) VALUES (%(id)s, %(due)s) ON CONFLICT DO NOTHING RETURNING due),
noted AS (
  UPDATE schedule SET last_due = greatest(last_due, %(due)s) WHERE id = %(id)s)
SELECT hub_defer(%(job)s, %(lane)s, %(arguments)s) FROM fresh"""
