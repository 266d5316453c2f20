"""A courier in a process of its own that never finishes: `python -m tests.jobs.slow_courier WORKER_URL DOOR_URL`."""

from __future__ import annotations

import asyncio
import sys

from hub.jobs.courier import Courier
from hub.store import StoredUnits
from tests.jobs.test_courier import QUICK, Peers, profiles


async def main(worker_url: str, door_url: str) -> None:
    units = StoredUnits(worker_url, door_url, pool_size=2, overflow=2)
    peers = Peers(mood={"acme": "slow"})
    await Courier(worker_url, units, {"folder": peers}, profiles, "hub.test", tempo=QUICK).run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
