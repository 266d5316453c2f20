"""The job table, through procrastinate: its tasks are the drivers of `Work`, its retries what `remedy` decided."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import psycopg
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job, Notification
from procrastinate.worker import Worker
from psycopg_pool import AsyncConnectionPool

from hub.jobs.lanes import Lanes
from hub.jobs.tasks import Attempts, Buried, Rules, TryAgain
from hub.jobs.work import Work
from hub.store.pool import answers

UNEXPLAINED = 10.0
"""Seconds to wait when an attempt ended without an answer, as when the database went away during the burial."""


UNHURRIED = "-c synchronous_commit=off"
"""That a job is taken, over, or to be tried again need not survive a power cut: what it did does, and whoever does it
again finds it done. Jobs themselves are committed with their data, on other connections, and waited for."""


class AsAnswered(BaseRetryStrategy):
    """Does what the attempt answered. A job is over only when it succeeded or was buried; anything else comes back."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, Buried):
            return None
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_in={"seconds": 0})
        seconds = exception.seconds if isinstance(exception, TryAgain) else UNEXPLAINED
        return RetryDecision(retry_in={"milliseconds": round(seconds * 1000)})


def build_queue(url: str, work: Work, rules: Rules) -> App:
    """The queue on the database at `url` (login hub_worker), not yet open."""
    connector = PsycopgConnector(
        conninfo=url, min_size=1, max_size=6, timeout=15.0, pool_factory=attentive,
        kwargs={"application_name": "hub work", "options": UNHURRIED},
    )
    app = App(connector=connector)
    app.job_manager = Lanes(connector)

    async def remember(job: int, what: Mapping[str, int]) -> None:
        await connector.execute_query_async(REMEMBER, job=job, what=dict(what))

    attempts = Attempts(work, rules, remember)
    for name in work.drivers:
        app.task(name=name, retry=AsAnswered(), pass_context=True)(attempts.at(name))
    return app


def attentive(**options: Any) -> AsyncConnectionPool:
    """A pool that tells a dead connection without asking the server each time."""
    return AsyncConnectionPool(**{**options, "check": _refuse_dead, "configure": _by_statement})


async def _by_statement(connection: psycopg.AsyncConnection[Any]) -> None:
    """Each statement is a transaction, unless somebody opens one."""
    await connection.set_autocommit(True)


async def _refuse_dead(connection: psycopg.AsyncConnection[Any]) -> None:
    if not answers(connection):
        raise psycopg.OperationalError("the server has gone")


REMEMBER = "UPDATE procrastinate_jobs SET args = args || %(what)s::jsonb WHERE id = %(job)s"


class LaneWorker(Worker):
    """A worker that looks for more as soon as a job is done, and does not overhear the bell while it looks.

    Procrastinate looks when a job is inserted and every so often, so the next job of a lane would wait for the clock;
    and it forgets a bell that rings during a look. Both reach into private names of procrastinate, which is pinned;
    `tests/jobs` fails when they change.
    """

    def __init__(self, app: App, **options: Any) -> None:
        super().__init__(app, **options)
        self.registered = asyncio.Event()
        self._rung = 0

    @property
    def at_work(self) -> set[int]:
        """Ids of the jobs in hand, until their end is written down."""
        return {context.job.id for context in self._running_jobs.values() if context.job.id is not None}

    def look(self) -> None:
        """Look for jobs now, or once more if a look is under way."""
        self._rung += 1
        self._new_job_event.set()

    async def _fetch_and_process_jobs(self) -> None:
        rung = -1
        while rung != self._rung:
            rung = self._rung
            await super()._fetch_and_process_jobs()  # type: ignore[no-untyped-call]  # procrastinate says no type here

    async def _handle_notification(self, *, channel: str, notification: Notification) -> None:
        self._rung += 1
        await super()._handle_notification(channel=channel, notification=notification)

    async def _run_loop(self) -> None:
        self.registered.set()
        await super()._run_loop()  # type: ignore[no-untyped-call]  # procrastinate says no type here

    async def _persist_job_status(self, *arguments: Any, **named: Any) -> None:
        await super()._persist_job_status(*arguments, **named)
        self.look()
