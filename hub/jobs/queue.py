"""The job table, through procrastinate: its tasks are the drivers of `Work`, its retries what `remedy` decided."""

from __future__ import annotations

import asyncio
from typing import Any

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from hub.jobs.tasks import Buried, Rules, TryAgain, attempting
from hub.jobs.work import Work

UNEXPLAINED = 10.0
"""Seconds to wait when an attempt ended without an answer, as when the database went away during the burial."""


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
        conninfo=url, min_size=1, max_size=6, timeout=15.0, kwargs={"application_name": "hub work"}
    )
    app = App(connector=connector)

    async def remember(job: int, failures: int) -> None:
        await connector.execute_query_async(REMEMBER, job=job, failures=failures)

    for name in work.drivers:
        app.task(name=name, retry=AsAnswered(), pass_context=True)(attempting(name, work, rules, remember))
    return app


REMEMBER = """
UPDATE procrastinate_jobs SET args = args || jsonb_build_object('failures', %(failures)s::int) WHERE id = %(job)s"""


class LaneWorker(Worker):
    """A worker that looks for more as soon as a job is done.

    Procrastinate looks when a job is inserted and every so often, so the next job of a lane would wait for the clock.
    Reaches into three private names of procrastinate (pinned; `tests/jobs` fails when they change).
    """

    def __init__(self, app: App, **options: Any) -> None:
        super().__init__(app, **options)
        self.registered = asyncio.Event()

    @property
    def at_work(self) -> set[int]:
        """Ids of the jobs in hand, until their end is written down."""
        return {context.job.id for context in self._running_jobs.values() if context.job.id is not None}

    def look(self) -> None:
        """Look for jobs now."""
        self._new_job_event.set()

    async def _run_loop(self) -> None:
        self.registered.set()
        await super()._run_loop()  # type: ignore[no-untyped-call]

    async def _persist_job_status(self, *arguments: Any, **named: Any) -> None:
        await super()._persist_job_status(*arguments, **named)
        self.look()
