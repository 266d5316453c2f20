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
        try:
            return await asyncio.to_thread(_run, ray, function, shards, done or (lambda _: None))
        except ray.exceptions.RayTaskError as failed:
            raise failed.cause from failed
        except ray.exceptions.RayError as lost:
            raise Retry(f"the Ray cluster did not finish: {type(lost).__name__}", reason="WORKER_DIED") from lost

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


def _run(ray: Any, function: Callable[[T], R], shards: Sequence[T], done: Callable[[int], None]) -> list[R]:
    """Two shards a core are with the cluster at a time, so that after a failure nothing more begins. What runs then
    runs out: `ray.cancel` of a task that ends in the same moment takes down the process that asks for it (Ray 2.60)."""
    call = ray.remote(_call).options(num_cpus=1, max_retries=2, scheduling_strategy="SPREAD")
    room = 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))
    results: dict[int, R] = {}
    flying: dict[Any, int] = {}
    for number, shard in enumerate(shards):
        if len(flying) == room:
            _land(ray, flying, results, done)
        flying[call.remote(function, shard)] = number
    while flying:
        _land(ray, flying, results, done)
    return [results[number] for number in range(len(shards))]


def _land(ray: Any, flying: dict[Any, int], results: dict[int, Any], done: Callable[[int], None]) -> None:
    """Wait for one of the `flying` and put what it gives into `results`; raises what it raised."""
    [task], _ = ray.wait(list(flying), num_returns=1)
    results[flying.pop(task)] = ray.get(task)
    done(len(results))
