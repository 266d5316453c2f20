"""The composition root: the one module that sees everything.

`build(settings)` opens the store, loads the tables with every partner's overlays, wires ports to their implementations
and yields a `Hub`: the verbs of the house, ready to be called by a door, a job or the terminal.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import SpooledTemporaryFile, gettempdir
from typing import BinaryIO, cast

from starlette.applications import Starlette

from adapters.alerts.ways import announcers, revealed
from adapters.clock import SystemClock
from adapters.executors.processes import Processes
from adapters.executors.ray_cluster import RayCluster
from adapters.transports.as2.assembly import As2, key_files
from adapters.transports.as2.server import Ours
from adapters.transports.certificates import in_use
from adapters.transports.folder import Folder
from adapters.transports.http import HttpDoor
from adapters.transports.http_server import serve_http
from adapters.transports.limits import Limits
from adapters.transports.push import HttpPush
from adapters.transports.sftp.assembly import Sftp
from adapters.transports.sftp.limits import SftpLimits
from hub.dialects import Dialects, world
from hub.errors import Finding, Stop
from hub.flow import cycle, inbound
from hub.flow.arrangement import tell_arrangement
from hub.flow.cadence import start_due
from hub.flow.deadlines import pass_deadlines
from hub.flow.expiry import look_at_certificates
from hub.flow.intake import IN_MEMORY, Guard, Quota, existing
from hub.flow.planned import Watcher
from hub.flow.purge import purge
from hub.flow.release import send_order
from hub.flow.revision import tell_revision
from hub.jobs.courier import Courier
from hub.jobs.schedule import run_scheduler
from hub.jobs.sealer import Sealer
from hub.jobs.tasks import Rules
from hub.jobs.watch import Watch
from hub.jobs.work import Work
from hub.jobs.worker import run_worker
from hub.model.alert import Alert
from hub.model.certificate import WatchedCertificate
from hub.ports import (
    Clock,
    Executor,
    Figure,
    Message,
    Page,
    Parcel,
    Receipt,
    Run,
    Transport,
    Units,
    Waiting,
)
from hub.rpc.server import serve as serve_grpc
from hub.settings import Settings
from hub.standing import Directory, Ledger
from hub.store import Urls, open_store
from hub.store.bell import Bell


def secret(settings: Settings, name: str) -> str:
    """What the file of that name in the directory of secrets holds. Raises Stop when it cannot be read."""
    path = settings.secrets_folder / name
    try:
        return path.read_text().strip()
    except OSError as error:
        raise Stop(f"The secret {name!r} cannot be read ({error.strerror}); it is a file of that name in HUB_SECRETS, "
                   "unset: HUB_HOME/secrets.", reason="NO_SECRET") from error


@dataclass(frozen=True, slots=True)
class Hub:
    """What the hub can do. Doors and jobs call these; they hold no logic of their own."""

    settings: Settings
    units: Units
    urls: Urls
    dialects: Dialects
    directory: Directory
    folder: Folder
    clock: Clock
    executor: Executor
    guard: Guard
    bell: Bell
    ledger: Ledger
    crew: Processes
    shut: set[str] = field(default_factory=set)
    """Doors that should be open and are not."""

    async def receive(self, parcel: Parcel) -> Receipt:
        return await inbound.receive(self.units, parcel, self.settings.max_message_bytes, self.guard)

    async def process(self, message: str) -> None:
        await inbound.process(self.units, self.dialects.world, message, clock=self.clock)

    async def plan(
        self, agreement: str, as_of: date, watcher: Watcher | None = None, *, again: bool = True
    ) -> Run:
        return await cycle.run(
            self.units, await self.dialects.current(), self.executor, agreement, as_of, clock=self.clock,
            hub_gln=self.settings.gln, watcher=watcher, again=again, offers=self.settings.planning_offers,
        )

    async def start_cycles(self, day: str) -> list[str]:
        """The job of that name, on an ISO date."""
        return await start_due(self.units, self.settings.gln, date.fromisoformat(day))

    async def tell_revision(self, version: str, exceptions: str) -> None:
        """The job of that name: a version's number, and the public ids of the exceptions signed in it."""
        await tell_revision(
            self.units, await self.dialects.current(), int(version), exceptions.split(), clock=self.clock,
            hub_gln=self.settings.gln)

    async def send_order(self, order: str) -> None:
        """The job of that name: a released order's public id."""
        await send_order(
            self.units, await self.dialects.current(), order, clock=self.clock, hub_gln=self.settings.gln)

    async def tell_arrangement(self, agreement: str) -> tuple[int, list[Finding]]:
        return await tell_arrangement(
            self.units, await self.dialects.current(), agreement, clock=self.clock, hub_gln=self.settings.gln)

    async def authenticate(self, token: str) -> str | None:
        """The partner whose token this is, if its account may trade files."""
        async with self.units.door(None) as unit:
            found = (await unit.partners.callers_of_tokens([token])).get(token)
        return found.partner if found is not None and found.may("trade") else None

    async def connections(self, partner: str) -> int | None:
        return (await self.guard.terms(partner)).connections

    async def certified(self, gln: str) -> str | None:
        """The partner with this GLN, if whoever holds its certificate may trade files."""
        async with self.units.door(None) as unit:
            found = (await unit.partners.callers_of_glns([(gln, None)])).get((gln, None))
        return found.partner if found is not None and found.may("trade") else None

    async def waiting(self, partner: str, limit: int, after: str | None) -> Page[Waiting]:
        async with self.units.door(partner) as unit:
            return await unit.mailbox.list(limit, after)

    async def take(self, partner: str, message: str) -> bool:
        async with self.units.door(partner) as unit:
            return await unit.mailbox.take(message)

    async def rung(self, partner: str, seconds: float) -> bool:
        return await self.bell.wait(partner, seconds)

    @property
    def closing(self) -> bool:
        return self.bell.closing

    @asynccontextmanager
    async def content(self, partner: str, message: str) -> AsyncIterator[tuple[Message, BinaryIO]]:
        """A message as that partner may see it, with its bytes held outside of the database."""
        with SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
            async with self.units.door(partner) as unit:
                found = await unit.inbox.get(message)
                async for chunk in unit.inbox.content(message):
                    spool.write(chunk)
            spool.seek(0)
            yield found, cast(BinaryIO, spool)

    async def figures(self) -> list[Figure]:
        """Read at most every five seconds, however often somebody looks."""
        return await self.ledger.current()

    async def look_up(self, partner: str, message: str) -> Message:
        async with self.units.door(partner) as unit:
            return await unit.inbox.get(message)

    async def ready(self) -> list[str]:
        """What keeps the hub from working, one sentence each."""
        try:
            async with self.units.worker() as unit:
                await unit.partners.revision()
        except Exception as error:
            return [f"The database does not answer ({type(error).__name__})."]
        return [f"The {door} door is not open." for door in sorted(self.shut)]

    async def serve(self, stop: asyncio.Event, opened: Callable[[Ports], None] = lambda ports: None) -> None:
        """Open both doors, HTTP and gRPC, on this loop until `stop`; `opened` is told the ports once both answer."""
        limits = Limits(
            self.settings.max_message_bytes, self.settings.max_request_seconds, self.settings.max_in_flight,
            self.settings.requests_per_minute,
        )
        door = HttpDoor(self, self.clock, limits, watcher=revealed(self.settings.metrics_token))
        outside = door.app()
        outside.router.routes.append(self.as2().route(replace(limits, message_bytes=self.settings.as2_max_bytes)))
        grpc = serve_grpc(self.settings, self.units, partial(inbound.receive, guard=self.guard), clock=self.clock)
        await grpc.start()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.bell.run(stop))
                http, client, sftp = (asyncio.get_running_loop().create_future() for _ in range(3))
                group.create_task(self._serve_http(outside, self.settings.http_port, stop, http.set_result))
                group.create_task(self._serve_certified(door, stop, client))
                group.create_task(self._serve_sftp(stop, sftp))
                asyncio.gather(http, client, sftp).add_done_callback(lambda all: opened(
                    Ports(all.result()[0], grpc.token_port, grpc.port, *all.result()[1:])))
        finally:
            await grpc.stop()

    async def _serve_certified(self, door: HttpDoor, stop: asyncio.Event, bound: asyncio.Future[int | None]) -> None:
        """The listener for client certificates, where one is set up; `bound` learns its port, or None."""
        authority, port = self.settings.tls_client_ca, self.settings.http_client_port
        if authority is None or port is None:
            bound.set_result(None)
            return
        await self._serve_http(door.app(by_certificate=True), port, stop, bound.set_result, authority)

    async def _serve_sftp(self, stop: asyncio.Event, bound: asyncio.Future[int | None]) -> None:
        """The SFTP door, where it has a port; `bound` learns which, or None."""
        if self.settings.sftp_port is None:
            bound.set_result(None)
            return
        self.shut.add("SFTP")

        def listening(port: int) -> None:
            self.shut.discard("SFTP")
            bound.set_result(port)

        try:
            await self.sftp().door(self).serve(self.settings.sftp_host, self.settings.sftp_port, stop, bound=listening)
        finally:
            self.shut.add("SFTP")

    async def _serve_http(
        self, app: Starlette, port: int, stop: asyncio.Event, bound: Callable[[int], None],
        authority: Path | None = None,
    ) -> None:
        await serve_http(
            app, self.settings.http_host, port, stop, bound=bound, certificate=self.settings.tls_certificate,
            key=self.settings.tls_key, client_authority=authority,
        )

    async def work(self, stop: asyncio.Event) -> None:
        """Do jobs, keep the schedules, fetch from the mailboxes, until `stop`."""

        async def plan(agreement: str, as_of: str) -> None:
            await self.plan(agreement, date.fromisoformat(as_of), again=False)

        pull = self.sftp().pull(partial(secret, self.settings), self.receive)
        await asyncio.to_thread(self.folder.prepare, list(await self.directory.current()))

        async def fetch(partner: str) -> None:
            profile = (await self.directory.current()).get(partner)
            if profile is not None:
                await pull.fetch(profile)

        work = Work(process=self.process, plan=plan, units=self.units, fetch=fetch,
                    tell_revision=self.tell_revision, purge=partial(purge, self.units, self.clock),
                    start_cycles=self.start_cycles, send_order=self.send_order)
        async with asyncio.TaskGroup() as group:
            group.create_task(run_worker(self.urls.worker, work, stop, rules=Rules(limit=self.settings.job_attempts)))
            group.create_task(run_scheduler(self.urls.worker, self.clock, stop))
            group.create_task(self.folder.poll(stop))
            group.create_task(self.courier().run(stop))
            group.create_task(Watch(self.units, announcers(self.settings), self.look, self.guard.look).run(stop))
            group.create_task(Sealer(self.units, self.clock).run(stop))

    async def look(self) -> None:
        """What only the clock brings: certificates that run out, and days in which two planners have not agreed."""
        await look_at_certificates(self.units, self.certificates, self.clock)
        await pass_deadlines(self.units, self.clock)

    async def certificates(self) -> list[WatchedCertificate]:
        """All that the hub and its partners rely on. Raises Stop for one that cannot be read."""
        return in_use(self.settings, (await self.directory.current()).values())

    def sftp(self) -> Sftp:
        """The SFTP door and its transport."""
        limits = SftpLimits(self.settings.max_message_bytes, self.settings.sftp_connections,
                            idle_seconds=self.settings.sftp_idle_seconds)
        return Sftp(self.units, self.directory.current, self.clock, self.guard.admit, self.folder.mailboxes,
                    self.settings.secrets_folder, limits)

    def courier(self) -> Courier:
        """One that carries over every transport of the hub."""
        push = HttpPush(partial(secret, self.settings), self.clock)
        transports: dict[str, Transport] = {t.name: t for t in (
            self.folder, push, self.sftp().push(partial(secret, self.settings)), *self.as2().transports())}
        return Courier(self.urls.worker, self.units, transports, self.directory.current, origin(self.settings))

    def as2(self) -> As2:
        """The AS2 door and its transports."""
        keys = partial(key_files, self.settings.secrets_folder / "as2")
        ours = Ours(self.settings.as2_name or self.settings.gln, keys, origin(self.settings))
        return As2(self.units, self.receive, self.directory.current, self.clock, self.crew, ours, self.settings.as2_url)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the doors really are: HTTP, gRPC for tokens, gRPC and HTTP for certificates, SFTP (None: not open)."""

    http: int
    grpc_token: int
    grpc: int | None
    http_client: int | None = None
    sftp: int | None = None


@asynccontextmanager
async def build(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Hub]:
    """Open everything, yield the hub, close everything."""
    clock = clock or SystemClock()
    with planners(settings) as executor, Processes(settings.as2_processes) as crew:
        async with open_store(settings) as store:
            units = store.units
            guard = Guard(
                units, clock, Quota(settings.quota_messages, settings.quota_bytes),
                (existing(settings.home), Path(gettempdir())), settings.min_free_disk_percent,
            )
            receive = partial(inbound.receive, units, limit=settings.max_message_bytes, guard=guard)
            folder = Folder(settings.home / "mailboxes", receive, clock, tell=partial(raise_alert, units))
            yield Hub(
                settings, units, store.urls, Dialects(units, world(settings)), Directory(units), folder, clock,
                executor, guard, Bell(store.urls.door), Ledger(units), crew,
            )


def planners(settings: Settings) -> Processes | RayCluster:
    """Where planning is computed."""
    if settings.ray_address is not None:
        return RayCluster(settings.ray_address)
    return Processes(settings.planning_processes)


def origin(settings: Settings) -> str:
    """The right-hand side of Message-IDs."""
    return f"{settings.gln}.cpfr-hub"


async def raise_alert(units: Units, alert: Alert) -> None:
    async with units.worker() as unit:
        await unit.alerts.open(alert)
