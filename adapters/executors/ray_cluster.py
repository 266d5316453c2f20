"""Shards on a Ray cluster (the optional extra `ray`): the same functions, the same Arrow streams, other machines.

Chosen when HUB_RAY_ADDRESS is set. Every node must have this hub installed, in the same version. Ray spreads the shards
over the nodes that have a free core.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, TypeVar

from hub.errors import Retry, Stop

T = TypeVar("T")
R = TypeVar("R")

class RayCluster:
    """An `Executor` on the cluster at `address`, joined on first use and left by `close`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._ray: Any = None

    async def map(
        self, function: Callable[[T], R], shards: Sequence[T], done: Callable[[int], None] | None = None
    ) -> list[R]:
        """Results in order of the shards. The first exception of `function` is raised and what has not begun is
        dropped; raises Retry when the cluster cannot be reached or has lost a worker too often."""
        if not shards:
            return []
        ray = await asyncio.to_thread(self._joined)
        call = ray.remote(_call).options(num_cpus=1, max_retries=2, scheduling_strategy="SPREAD")
        tasks = [call.remote(function, shard) for shard in shards]
        try:
            if done is not None:
                await asyncio.to_thread(_watch, ray, tasks, done)
            return list(await asyncio.to_thread(ray.get, tasks))
        except ray.exceptions.RayTaskError as failed:
            raise failed.cause from failed
        except ray.exceptions.RayError as lost:
            raise Retry(f"the Ray cluster did not finish: {type(lost).__name__}", reason="WORKER_DIED") from lost
        finally:
            for task in tasks:
                ray.cancel(task, force=False)

    def _joined(self) -> Any:
        if self._ray is None:
            try:
                ray: Any = import_module("ray")
            except ImportError as missing:
                raise Stop("HUB_RAY_ADDRESS is set, but Ray is not installed: pip install 'cpfr-hub[ray]'",
                           reason="NO_RAY") from missing
            try:
                ray.init(address=self._address, log_to_driver=False, logging_level="ERROR", **_here(self._address))
            except ConnectionError as away:
                raise Retry(f"no Ray cluster answers at {self._address}", reason="NO_CLUSTER") from away
            self._ray = ray
        return self._ray

    def close(self) -> None:
        """Leave the cluster; it goes on without us."""
        ray, self._ray = self._ray, None
        if ray is not None:
            ray.shutdown()

    def __enter__(self) -> RayCluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _call(function: Callable[[T], R], shard: T) -> R:
    return function(shard)


def _here(address: str) -> dict[str, str]:
    """A cluster on loopback is joined from loopback: Ray would look for a node at this machine's outer address."""
    host = address.rpartition(":")[0]
    return {"_node_ip_address": host} if host.startswith("127.") else {}


def _watch(ray: Any, tasks: Sequence[Any], done: Callable[[int], None]) -> None:
    """Tell `done` each time that one more has ended."""
    left = list(tasks)
    while left:
        _, left = ray.wait(left, num_returns=1)
        done(len(tasks) - len(left))
