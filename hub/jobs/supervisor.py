"""`hub run`: one parent keeps the processes of a hub running, and none of them outlives it.

    crashed          started again, after a wait that doubles while it keeps crashing
    cannot start     when one dies `GIVE_UP` times and has never stood for `STEADY` seconds, all stop, and its exit code
                     is ours: a taken port or a wrong setting does not heal; what has once worked is tried for ever
    SIGTERM, SIGINT  passed on; all have `grace` seconds to finish, then they are killed
    parent killed    the kernel sends the children SIGTERM (Linux); they finish what they have in hand
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
STEADY = 10.0
GIVE_UP = 5
SLOWEST = 30.0
PR_SET_PDEATHSIG = 1

log = structlog.get_logger("hub.supervisor")


@dataclass
class Child:
    """One process, again and again. `crashes`: how often in a row it died young; `stood`: whether it ever did not."""

    name: str
    command: Sequence[str]
    crashes: int = 0
    stood: bool = False
    process: Process | None = None

    async def start(self) -> float:
        """Start it; the moment (monotonic). Its group is its own, so that Ctrl-C reaches it through the parent only."""
        self.process = await asyncio.create_subprocess_exec(
            *self.command, preexec_fn=die_with_parent(), process_group=0
        )
        log.info("started", process=self.name, pid=self.process.pid)
        return time.monotonic()

    def send(self, number: int) -> None:
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    async def keep(self, stop: asyncio.Event, first_wait: float) -> int:
        """Run it until `stop`; its last exit code. Returns earlier only when it cannot stay up."""
        while True:
            started = await self.start()
            if stop.is_set():  # asked to stop while it was being started
                self.send(signal.SIGTERM)
            assert self.process is not None  # noqa: S101  (it was started just now)
            code = await self.process.wait()
            if stop.is_set():
                return code
            wait = self._count(time.monotonic() - started, first_wait)
            log.error("ended by itself", process=self.name, exit=code, in_a_row=self.crashes, again_in=wait)
            if self.crashes >= GIVE_UP and not self.stood:
                return code or 1
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)
            if stop.is_set():
                return 0

    def _count(self, lived: float, first_wait: float) -> float:
        """One more crash, after so many seconds of life; the seconds to wait."""
        self.crashes = 1 if lived >= STEADY else self.crashes + 1
        self.stood = self.stood or lived >= STEADY
        return min(first_wait * 2.0 ** min(self.crashes - 1, 10), SLOWEST)


@dataclass
class Supervisor:
    """Several children under one roof."""

    commands: Mapping[str, Sequence[str]]
    grace: float = 30.0
    first_wait: float = 0.5
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> int:
        """Until a signal or until one cannot stay up. 0 when all ended well after a signal."""
        children = [Child(name, command) for name, command in self.commands.items()]
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.stop.set)
        try:
            return await self._keep(children)
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)

    async def _keep(self, children: list[Child]) -> int:
        keeping = [asyncio.create_task(child.keep(self.stop, self.first_wait)) for child in children]
        stopping = asyncio.create_task(self.stop.wait())
        await asyncio.wait({*keeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        gave_up = next((task.result() for task in keeping if task.done() and not self.stop.is_set()), 0)
        self.stop.set()
        stopping.cancel()
        return await self._end(children, keeping) or gave_up

    async def _end(self, children: list[Child], keeping: list[asyncio.Task[int]]) -> int:
        """Ask all to finish; kill who does not. The first exit code that is not 0."""
        for child in children:
            child.send(signal.SIGTERM)
        _, late = await asyncio.wait(keeping, timeout=self.grace)
        for child, task in zip(children, keeping, strict=True):
            if task in late:
                log.error("killed", process=child.name, after=self.grace)
                child.send(signal.SIGKILL)
        codes = await asyncio.gather(*keeping)
        return next((code if code > 0 else 128 - code for code in codes if code), 0)


def supervise(commands: Mapping[str, Sequence[str]], *, grace: float = 30.0) -> int:
    """Run `commands` (name -> argv) until SIGTERM or SIGINT; the exit code of `hub run`."""
    return asyncio.run(_supervise(commands, grace))


async def _supervise(commands: Mapping[str, Sequence[str]], grace: float) -> int:
    return await Supervisor(commands, grace).run()


def die_with_parent() -> Callable[[], None] | None:
    """What a child does between fork and exec: ask for SIGTERM at its parent's death, and check that it still lives."""
    if not sys.platform.startswith("linux"):
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask
