"""A worker in a process of its own, for tests that kill it: `python -m tests.jobs.hand WORKER_URL DOOR_URL DIARY`.

It does what the first bytes of a message say, and writes each start and end into the diary:

    KILL     the process dies on the spot, every time
    ONCE     the first attempt never ends, later ones do
    BUSY n   computes for n seconds without letting go of the event loop
    SLEEP n  takes n seconds
    else     done at once
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from hub.jobs.work import Work
from hub.jobs.worker import Pace, run_worker
from hub.store import StoredUnits

QUICK = Pace(look=0.2, heartbeat=0.3, silence=1.5, sweep=0.3, grace=1.0)


class Diary:
    """Lines `start|end <pid> <text>`, written through at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, what: str, text: str) -> None:
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(handle, f"{what} {os.getpid()} {text}\n".encode())
        os.close(handle)

    def read(self) -> list[tuple[str, int, str]]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [(what, int(pid), text) for what, pid, text in (line.split(" ", 2) for line in lines)]

    def count(self, what: str, text: str) -> int:
        return sum((w, t) == (what, text) for w, _, t in self.read())


class Hand:
    """The drivers of the test worker."""

    def __init__(self, units: StoredUnits, diary: Diary) -> None:
        self.units = units
        self.diary = diary

    async def process(self, message: str) -> None:
        async with self.units.worker() as unit:
            text = b"".join([chunk async for chunk in unit.inbox.content(message)]).decode()
        earlier = self.diary.count("start", text)
        self.diary.write("start", text)
        verb, _, amount = text.partition(" ")
        if verb == "KILL":
            os.kill(os.getpid(), signal.SIGKILL)
        elif verb == "ONCE" and not earlier:
            await asyncio.sleep(600)
        elif verb == "BUSY":
            until = time.monotonic() + float(amount)
            while time.monotonic() < until:
                sum(range(10_000))
        elif verb == "SLEEP":
            await asyncio.sleep(float(amount.split()[0]))
        self.diary.write("end", text)

    async def nothing(self, *arguments: str) -> None:
        self.diary.write("end", " ".join(arguments))


async def main(worker_url: str, door_url: str, diary: str) -> None:
    units = StoredUnits(worker_url, door_url, pool_size=2, overflow=2)
    hand, stop = Hand(units, Diary(Path(diary))), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        work = Work(hand.process, hand.nothing, units, *[hand.nothing] * 5)
        await run_worker(worker_url, work, stop, pace=QUICK)
    finally:
        await units.dispose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
