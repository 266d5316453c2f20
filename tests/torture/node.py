"""Hubs in one process each, made to be killed: `python -m tests.torture.node` forks one for each line that it reads.

A line is a JSON object: `settings` for the hub, `point`, where it shall die (hub/killpoint.py), and `hasty`, whether
its clocks run faster than a hub's. The parent has loaded everything, so a new hub stands within half a second; it
writes a line when a child has started or ended.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import select
import signal
import sys
from dataclasses import replace
from functools import partial
from typing import Any, cast

import structlog

from adapters.alerts.ways import announcers
from adapters.executors.processes import Processes
from hub import killpoint
from hub.app import Hub, build, secret
from hub.jobs.courier import Tempo
from hub.jobs.tasks import Rules
from hub.jobs.watch import Watch
from hub.jobs.work import Work
from hub.jobs.worker import Pace, run_worker
from hub.logs import configure
from hub.settings import Settings
from tests.transports.as2.hub import Threads

PACE = Pace(look=0.2, heartbeat=0.3, silence=1.5, sweep=0.3, grace=2.0)
TEMPO = Tempo(look=0.2, silence=1.5, grace=2.0)
"""The clocks of a hub, turned faster: what is tested is what happens, not how long it takes."""
PR_SET_PDEATHSIG = 1


async def live(settings: Settings, *, hasty: bool) -> None:
    """Serve and work until SIGTERM; with the hub's own clocks, and processes for AS2, unless `hasty`: those would begin
    more slowly than a hub here dies."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with build(settings) as built, asyncio.TaskGroup() as group:
        hub = replace(built, crew=cast(Processes, Threads())) if hasty else built
        group.create_task(hub.serve(stop))
        group.create_task(work(hub, stop) if hasty else hub.work(stop))


async def work(hub: Hub, stop: asyncio.Event) -> None:
    async def other(*arguments: str) -> None:
        raise NotImplementedError

    pull = hub.sftp().pull(partial(secret, hub.settings), hub.receive)
    pull.settle = 0.3

    async def fetch(partner: str) -> None:
        await pull.fetch((await hub.directory.current())[partner])

    courier = hub.courier()
    courier.tempo = TEMPO
    jobs = Work(process=hub.process, plan=other, units=hub.units, fetch=fetch, tell_revision=other,
                purge=other, start_cycles=other, send_order=other)
    rules = Rules(limit=hub.settings.job_attempts)
    async with asyncio.TaskGroup() as group:
        group.create_task(run_worker(hub.urls.worker, jobs, stop, rules=rules, pace=PACE))
        group.create_task(courier.run(stop))
        group.create_task(Watch(hub.units, announcers(hub.settings), every=0.5, glance=0.5).run(stop))
        group.create_task(hub.folder.poll(stop, every=0.2))


def child(order: dict[str, Any]) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    os.dup2(2, 1)
    configure("INFO")
    killpoint.arm(order.get("point", ""))
    structlog.get_logger("torture").info("begins", point=order.get("point", ""))
    try:
        asyncio.run(live(Settings(**order["settings"]), hasty=order["hasty"]))
    except BaseException as error:
        structlog.get_logger("torture").error("ended", error=repr(error))
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Fork for every line; tell of every end. Ends when its input does, and all children with it."""
    pending = b""
    while True:
        if select.select([0], [], [], 0.02)[0]:
            piece = os.read(0, 65536)
            if not piece:
                return
            *lines, pending = (pending + piece).split(b"\n")
            for line in lines:
                pid = os.fork()
                if pid == 0:
                    child(json.loads(line))
                tell(started=pid)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            tell(ended=pid, code=os.waitstatus_to_exitcode(status))


def tell(**event: int) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
