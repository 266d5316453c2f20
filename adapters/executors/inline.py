"""Shards one after the other in a thread of this process: for tests, what-if runs and very small agreements."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Inline:
    """An `Executor` without processes."""

    async def map(
        self, function: Callable[[T], R], shards: Sequence[T], done: Callable[[int], None] | None = None
    ) -> list[R]:
        """Results in order of the shards; the first exception of `function` is raised."""
        results = []
        for shard in shards:
            results.append(await asyncio.to_thread(function, shard))
            if done is not None:
                done(len(results))
        return results

    def close(self) -> None:
        """Nothing to end."""
