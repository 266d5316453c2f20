"""A scheduler in a process of its own, for tests that kill it: `python -m tests.jobs.metronome WORKER_URL`."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from hub.jobs.schedule import run_scheduler


class Wall:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


if __name__ == "__main__":
    asyncio.run(run_scheduler(sys.argv[1], Wall(), asyncio.Event(), check=0.2))
