"""A real Ray cluster of two nodes on this machine plans what one process plans, bit by bit, and is left in peace."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.executors.inline import Inline
from adapters.executors.ray_cluster import RayCluster
from hub.errors import Stop
from hub.planning import arrow
from hub.planning.cycle_math import split
from tests.planning.shards import shard

ROOT = str(Path(__file__).resolve().parents[2])
MEMORY = 80 * 1024 * 1024


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Two nodes of one core each, on loopback; stopped afterwards, whatever happens."""
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    before = dict(os.environ)
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": ROOT}  # what the workers inherit
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster

        node = {"num_cpus": 1, "node_ip_address": "127.0.0.2", "object_store_memory": MEMORY}
        cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False},
                          shutdown_at_exit=True)
        try:
            cluster.add_node(**node)
            yield cluster.address
        finally:
            warnings.simplefilter("ignore")
            cluster.shutdown()
            del cluster
            gc.collect()  # what Ray left open is closed here, and not in the middle of somebody else's test
            os.environ.clear()
            os.environ |= before


@pytest.mark.filterwarnings("ignore")  # what Ray warns of is its own
async def test_two_nodes_give_what_one_process_gives_and_both_work(address: str) -> None:
    pieces = [arrow.packed(part) for part in split(replace(shard(series=48), thorough=True), 1)]
    pieces *= 3
    told: list[int] = []
    alone = await Inline().map(arrow.baseline, pieces)
    with RayCluster(address) as cluster:
        together = await cluster.map(arrow.baseline, pieces, told.append)
        nodes = await cluster.map(_where, list(range(8)))
        for _ in range(20):  # while its neighbour is just about to end, which may take nobody down
            with pytest.raises(ValueError, match="no such shard"):
                await cluster.map(_fails, [1, 2])
    assert together == alone
    assert sorted(told) == list(range(1, len(pieces) + 1))
    assert len(set(nodes)) == 2


async def test_without_ray_installed_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Stop, match="pip install"):
        await RayCluster("127.0.0.1:1").map(abs, [1])


def _where(_: int) -> str:
    import time

    import ray
    time.sleep(0.5)  # long enough that one node alone cannot take all
    return str(ray.get_runtime_context().get_node_id())


def _fails(_: int) -> int:
    raise ValueError("no such shard")
