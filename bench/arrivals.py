"""Files on their way into a hub with a real database that keeps its word (fsync on), for `bench.exchange`.

The limit of a row is what the issue asks for. Beside it, measured in the same run: the same sessions into an SFTP door
that stores nothing, how often this disk syncs, and how many there would be if nobody ever had to wait: by the processor
time of the hub's process, which other work on the machine disturbs less.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh

from adapters.clock import SystemClock
from adapters.executors.collector import quieten
from adapters.transports.sftp.limits import SftpLimits
from adapters.transports.sftp.server import SftpDoor
from bench.harness import Measurement, measurement
from bench.uploads import LANES, in_a_queue, one_by_one, session
from hub.app import Hub, Ports, build
from hub.dialects import read_partners
from hub.model.profile import Profile
from hub.model.sftp import SftpTerms
from hub.ports import Parcel, Receipt, Waiting
from hub.settings import Settings
from partners.book import apply, example_directories
from tests.torture.trade import x12_order

SENDER = "larkmoor"
SFTP_GOAL, QUEUE_GOAL = 300.0, 60.0


class Forgetful:
    """A hub that takes everything and stores nothing."""

    def __init__(self, known: Profile) -> None:
        self._known = known

    async def receive(self, parcel: Parcel) -> Receipt:
        assert parcel.held is not None
        return Receipt(f"msg_{parcel.held.sha256}", parcel.held.sha256, parcel.held.length, False)

    async def admit(self, partner: str) -> None: ...

    async def partners(self) -> dict[str, Profile]:
        return {SENDER: self._known}

    async def waiting(self, partner: str, limit: int, after: str | None) -> None:
        raise AssertionError("nobody fetches")

    fetched = take = content = waiting

    async def named(self, partner: str, filename: str, *, waiting: bool, fetched: bool) -> Waiting | None:
        return None


def syncs(folder: Path, times: int = 200) -> float:
    """How often a second 8 KiB are brought to this disk, as a COMMIT does."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"\0" * 8192 * 16)
        began = time.perf_counter()
        for turn in range(times):
            os.pwrite(file.fileno(), b"x" * 8192, turn % 16 * 8192)
            os.fdatasync(file.fileno())
        return times / (time.perf_counter() - began)


@asynccontextmanager
async def serving(home: Path, key: asyncssh.SSHKey) -> AsyncIterator[tuple[Hub, Ports]]:
    async with build(Settings(home=home, http_port=0, grpc_port=0, grpc_token_port=0, sftp_port=0)) as hub:
        partners, _ = read_partners(example_directories())
        async with hub.units.worker() as unit:
            await apply(unit, partners)
            one = next(partner for partner in partners if partner.name == SENDER)
            await unit.partners.put(with_key(one.profile, key), one.agreements, one.overlays)
        stop, ports = asyncio.Event(), asyncio.get_running_loop().create_future()
        task = asyncio.create_task(hub.serve(stop, ports.set_result))
        try:
            yield hub, await ports
        finally:
            stop.set()
            await task


def with_key(profile: Profile, key: asyncssh.SSHKey) -> Profile:
    return profile.model_copy(update={"sftp": SftpTerms(keys=(key.export_public_key().decode().strip(),))})


@asynccontextmanager
async def forgetting(home: Path, known: Profile) -> AsyncIterator[int]:
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    door = SftpDoor(Forgetful(known), SystemClock(), home / "m", home / "k", SftpLimits(1 << 20))  # type: ignore[arg-type]  # it is asked for no more than this
    task = asyncio.create_task(door.serve("127.0.0.1", 0, stop, bound=port.set_result))
    try:
        yield await port
    finally:
        stop.set()
        await task


async def queue(hub: Hub, orders: int) -> tuple[float, float]:
    """850s a second from the queue to their documents and answers, by a worker as `hub work` runs it; by the clock and
    by processor time. All are of one partner, so one follows the other. Counted from when the worker is at work: its
    start, and the first orders, are not in it."""
    now = hub.clock.now()
    for number in range(1, orders + 1):
        content = x12_order(f"LK{number:06d}", number)

        async def once(content: bytes = content) -> AsyncIterator[bytes]:
            yield content

        await hub.receive(Parcel(once(), "bench", SENDER, now, f"{hashlib.sha256(content).hexdigest()}.x12"))
    stop = asyncio.Event()
    quieten()
    working = asyncio.create_task(hub.work(stop))
    while not (before := await count(hub, "processed", orders)):  # noqa: ASYNC110  (other tasks do it)
        await asyncio.sleep(0.02)
    began, spent = time.perf_counter(), time.process_time()
    while await count(hub, "received", 1):  # noqa: ASYNC110  (other tasks do it)
        await asyncio.sleep(0.05)
    taken, worked = time.perf_counter() - began, time.process_time() - spent
    if (done := await count(hub, "processed", orders + 1)) != orders:
        raise SystemExit(f"of {orders} messages {done} were processed")
    stop.set()
    await working
    return (orders - before) / taken, (orders - before) / worked


async def count(hub: Hub, state: str, most: int) -> int:
    async with hub.units.worker() as unit:
        return len((await unit.inbox.list(direction="in", state=state, limit=most)).rows)


def both(work: str, rates: tuple[float, float], unit: str, goal: float) -> list[Measurement]:
    return [measurement(work, rates[0], unit, against="issue", limit=goal),
            measurement(f"{work}, by processor time", rates[1], unit, against="issue", limit=goal)]


async def uploads(door: str, port: int, key: asyncssh.SSHKey, files: int) -> list[Measurement]:
    ways = {"one by one": one_by_one(SENDER, port), f"{LANES} under way": in_a_queue(SENDER, port, files)}
    return [row for how, way in ways.items() for row in both(
        f"{door}, 2 KB files in one session, {how}", await session(way, key, files), "files/s", SFTP_GOAL)]


async def measured(files: int, orders: int) -> list[Measurement]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    rows: list[Measurement] = []
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as place:
        home = Path(place)
        os.chmod(home, 0o755)  # noqa: S103  (PostgreSQL runs as another user when we are root)
        async with serving(home, key) as (hub, ports):
            synced = syncs(home)
            known = (await hub.directory.current())[SENDER]
            if shutil.which("sftp"):
                rows += await uploads("SFTP", ports.sftp or 0, key, files)
                async with forgetting(home, known) as port:
                    rows += await uploads("a door that stores nothing", port, key, files)
        async with build(Settings(home=home / "queue")) as hub:
            async with hub.units.worker() as unit:
                await apply(unit, read_partners(example_directories())[0])
            rows += both("850 from the queue to its documents", await queue(hub, orders), "messages/s", QUEUE_GOAL)
    return [*rows, measurement("8 KiB to this disk (fsync)", synced, "syncs/s", against="issue, queue",
                               limit=QUEUE_GOAL)]
