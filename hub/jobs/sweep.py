"""Jobs of the dead: found every few seconds, given back to their lanes, and given up when they killed too many.

Every worker sweeps, beside its jobs and not as one of them: a sweep that is a job waits for a free place, and one that
takes a lock can itself be left behind. Two sweeps at once skip each other's rows.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from hub.jobs.alive import WORKERS, pause
from hub.jobs.queue import LaneWorker
from hub.jobs.remedy import Bury, WorkerDied
from hub.jobs.tasks import Memory, Rules, bury, why
from hub.jobs.work import Work
from hub.logs import frames

FORGOTTEN = 15.0
"""Seconds after which a job that is ours by the table, but that nobody here works on, counts as left behind."""

log = structlog.get_logger("hub.jobs")


@dataclass
class Sweep:
    """Looks after the jobs of dead workers. `silence`: seconds without a heartbeat, and without its lock, that make a
    worker dead."""

    pool: AsyncConnectionPool[Any]
    work: Work
    rules: Rules
    worker: LaneWorker
    silence: float = 8.0
    _missed: dict[int, float] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event, every: float = 2.0) -> None:
        """Sweep until `stop`. A sweep that fails is logged and repeated: the database may be away for a moment."""
        while not stop.is_set():
            try:
                await self.once()
            except (psycopg.Error, OSError, TimeoutError) as error:
                log.warning("sweep failed", error=type(error).__name__)
            await pause(stop, every)

    async def once(self) -> int:
        """One sweep; the number of jobs taken from the dead."""
        async with (
            self.pool.connection() as connection, connection.transaction(),
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(MINE, {"me": self.worker.worker_id})
            forgotten = self._forgotten({row["id"] for row in await cursor.fetchall()})
            await cursor.execute(STALLED, {"silence": self.silence, "forgotten": forgotten, "workers": WORKERS})
            stalled = await cursor.fetchall()
            for row in stalled:
                try:
                    async with connection.transaction():
                        await self._take_from_the_dead(cursor, row)
                except Exception as error:
                    log.error("job stays with the dead until the next sweep", job_id=row["id"], error=frames(error))
        if stalled:
            self.worker.look()
        return len(stalled)

    def _forgotten(self, mine: set[int]) -> list[int]:
        """Jobs that are ours by the table but not in hand, and that were so some time ago already."""
        now, lost = time.monotonic(), mine - self.worker.at_work
        self._missed = {job: self._missed.get(job, now) for job in lost}
        return [job for job, since in self._missed.items() if now - since >= FORGOTTEN]

    async def _take_from_the_dead(self, cursor: psycopg.AsyncCursor[DictRow], row: DictRow) -> None:
        """Give one job back to its lane, or up. The row is locked until the end of the sweep.

        A job that had died before and was not alone now had not begun: it waited for its turn, and is as it was.
        """
        job, before, (memory, arguments) = row["task_name"], row["attempts"], Memory.split(row["args"])
        guilty = memory.deaths == 0 or memory.alone == before
        log.warning("job left behind", job=job, job_id=row["id"], attempts=before + 1, guilty=guilty, **arguments)
        if not guilty:
            await cursor.execute(GIVE_BACK, {"id": row["id"], "what": Jsonb({})})
            return
        deaths = memory.deaths + 1
        error = WorkerDied(f"The worker process died, or lost this job, while working on it. Deaths so far: {deaths}.")
        answer = self.rules.answer(job, error, before, memory)
        if isinstance(answer, Bury):
            await bury(self.work.units, job, arguments, why(error), before + 1, answer)
            await cursor.execute(GIVE_UP, {"id": row["id"]})
        else:
            what = {"failures": answer.failures, "deaths": deaths}
            await cursor.execute(GIVE_BACK, {"id": row["id"], "what": Jsonb(what)})


MINE = "SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %(me)s"

STALLED = """
SELECT job.id, job.task_name, job.args, job.attempts
FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
WHERE job.status = 'doing' AND (
  worker.id IS NULL
  OR job.id = ANY (%(forgotten)s::bigint[])
  OR worker.last_heartbeat < now() - make_interval(secs => %(silence)s) AND NOT EXISTS (
    SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = %(workers)s::oid AND l.objsubid = 2
    AND l.objid::bigint = worker.id AND l.granted
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())))
FOR UPDATE OF job SKIP LOCKED"""

GIVE_BACK = """
UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL, attempts = attempts + 1, scheduled_at = NULL,
  abort_requested = false, args = args || %(what)s
WHERE id = %(id)s"""

GIVE_UP = "SELECT procrastinate_finish_job_v1(%(id)s, 'failed', false)"
