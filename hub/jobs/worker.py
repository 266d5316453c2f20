"""The entry point of `hub work`: a worker that does jobs until it is told to stop, and the sweep beside it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import psycopg
import psycopg_pool
import structlog
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException

from hub.errors import Retry
from hub.jobs.alive import hold
from hub.jobs.queue import LaneWorker, build_queue
from hub.jobs.sweep import Sweep
from hub.jobs.tasks import Rules
from hub.jobs.work import Work

log = structlog.get_logger("hub.jobs")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. A job of a killed worker starts again within `silence` + `sweep` + `look`.

    `look`: how often a worker looks for jobs when nothing told it to; `heartbeat`: how often it shows that it lives;
    `silence`: after how long without one, and without its lock, it counts as dead; `sweep`: how often that is checked;
    `grace`: how long jobs in hand may take to finish when the worker stops, before they are handed back.
    """

    look: float = 0.5
    heartbeat: float = 2.0
    silence: float = 8.0
    sweep: float = 2.0
    grace: float = 20.0


async def run_worker(
    url: str, work: Work, stop: asyncio.Event, *, rules: Rules | None = None, concurrency: int = 4,
    pace: Pace | None = None,
) -> None:
    """Do jobs, `concurrency` at a time, until `stop` is set; then finish those in hand, or hand them back.

    `url` is a libpq URL for hub_worker. Raises Retry when the worker had to stop by itself, as when the database went
    away; whoever started it starts it again.
    """
    why: BaseException | None = None
    try:
        await _run(url, work, stop, rules or Rules(), concurrency, pace or Pace())
    except* (psycopg.Error, ConnectorException, OSError) as lost:
        why = lost
        log.warning("worker lost the database", errors=[type(error).__name__ for error in lost.exceptions])
    if not stop.is_set():
        raise Retry("The worker stopped by itself; its log says why.", reason="WORKER_STOPPED") from why


async def _run(url: str, work: Work, stop: asyncio.Event, rules: Rules, concurrency: int, pace: Pace) -> None:
    queue = build_queue(url, work, rules)
    async with queue.open_async():
        worker = LaneWorker(
            queue, concurrency=concurrency, fetch_job_polling_interval=pace.look, install_signal_handlers=False,
            update_heartbeat_interval=pace.heartbeat, stalled_worker_timeout=86400.0,
            shutdown_graceful_timeout=pace.grace, delete_jobs="successful",
        )
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(_beside(url, pool_of(queue.connector), work, rules, worker, pace, over))
            group.create_task(_stop_when(stop, over, worker))
            try:
                await worker.run()  # type: ignore[no-untyped-call]  # procrastinate says no type here
            finally:
                over.set()


async def _beside(
    url: str, pool: psycopg_pool.AsyncConnectionPool, work: Work, rules: Rules, worker: LaneWorker, pace: Pace,
    over: asyncio.Event,
) -> None:
    """Hold the sign of life and sweep, from when the worker has an id until its jobs are done."""
    registered, ended = asyncio.create_task(worker.registered.wait()), asyncio.create_task(over.wait())
    await asyncio.wait({registered, ended}, return_when=asyncio.FIRST_COMPLETED)
    registered.cancel()
    ended.cancel()
    if worker.worker_id is None:
        return
    sweep = Sweep(pool, work, rules, worker, pace.silence)
    async with asyncio.TaskGroup() as group:
        group.create_task(hold(url, worker.worker_id, over))
        group.create_task(sweep.run(over, pace.sweep))


async def _stop_when(stop: asyncio.Event, over: asyncio.Event, worker: LaneWorker) -> None:
    asked, ended = asyncio.create_task(stop.wait()), asyncio.create_task(over.wait())
    await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    ended.cancel()
    worker.stop()  # type: ignore[no-untyped-call]  # procrastinate says no type here


def pool_of(connector: object) -> psycopg_pool.AsyncConnectionPool:
    assert isinstance(connector, PsycopgConnector)  # noqa: S101  (build_queue makes no other)
    return connector.pool
