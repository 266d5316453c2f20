"""Shards on a local pool of processes, started fresh (spawn): no lock, connection or thread is inherited."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from types import TracebackType
from typing import ParamSpec, TypeVar

from adapters.executors.collector import quieten
from hub.errors import Retry

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")


def _begin() -> None:
    """In each worker: it computes, and ends when the process that started it was killed and could not tell it to."""
    quieten()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _count(tasks: Sequence[asyncio.Future[R]], done: Callable[[int], None]) -> None:
    """Tell `done` how many have ended well, each time that one has."""
    finished: list[object] = []

    def one(task: asyncio.Future[R]) -> None:
        if not task.cancelled() and task.exception() is None:
            finished.append(None)
            done(len(finished))

    for task in tasks:
        task.add_done_callback(one)


class Processes:
    """An `Executor` of `count` worker processes, started on first use and kept until `close`.

    Each worker computes one shard at a time; a lone shard is not worth a process and runs in a thread. Close it, or use
    it as a context manager: no worker outlives it then.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: ProcessPoolExecutor | None = None

    async def map(
        self, function: Callable[[T], R], shards: Sequence[T], done: Callable[[int], None] | None = None
    ) -> list[R]:
        """Results in order of the shards. The first exception of `function` is raised, shards not yet begun are
        dropped; raises Retry when a worker was killed (out of memory, say): the next call starts a fresh pool."""
        if len(shards) == 1:
            results = [await asyncio.to_thread(function, shards[0])]
            if done is not None:
                done(1)
            return results
        pool = self._started()
        loop = asyncio.get_running_loop()
        tasks = [loop.run_in_executor(pool, function, shard) for shard in shards]
        if done is not None:
            _count(tasks, done)
        try:
            return list(await asyncio.gather(*tasks))
        except BrokenProcessPool as broken:
            self.close()
            raise Retry(f"a planning worker died: {broken}", reason="WORKER_DIED") from broken
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def call(self, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """One call in one of the processes, side by side with others. Raises as `map` does."""
        pool, loop = self._started(), asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(pool, partial(function, *arguments, **named))
        except BrokenProcessPool as broken:
            if self._pool is pool:
                self.close()
            raise Retry(f"a worker died: {broken}", reason="WORKER_DIED") from broken

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            spawning = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._count, mp_context=spawning, initializer=_begin)
        return self._pool

    def close(self) -> None:
        """Finish what runs, drop what waits, end the workers."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
