"""The SFTP door: who may log in, how many at once, how long they may idle.

The key proves who calls; the user name must be that partner's short name. There is no password, no shell, no command,
no forwarding. What a partner sees stands in `session`.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import asyncssh
import structlog
from asyncssh.channel import SSHServerChannel
from asyncssh.constants import DISC_BY_APPLICATION, DISC_TOO_MANY_CONNECTIONS

from adapters.transports.limits import Buckets
from adapters.transports.mailbox import Mailbox
from adapters.transports.sftp.arriving import Arrivals
from adapters.transports.sftp.ending import FilesOnly
from adapters.transports.sftp.house import House
from adapters.transports.sftp.keys import host_keys
from adapters.transports.sftp.limits import SftpLimits
from adapters.transports.sftp.room import Room
from adapters.transports.sftp.session import Files
from hub.logs import frames
from hub.ports import Clock

log = structlog.get_logger("hub.sftp")
CIPHERS = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr"]
"""Those that cost least here first; ChaCha20 is computed piece by piece in Python, and every client has others."""
MACS = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"]
"""Likewise without UMAC."""


@dataclass
class SftpDoor:
    """Listens. `mailboxes`: where the partners' folders are; `keys`: where the host keys are, or shall be made."""

    house: House
    clock: Clock
    mailboxes: Path
    keys: Path
    limits: SftpLimits
    listening: bool = False
    lines: set[Line] = field(default_factory=set)
    per_partner: Counter[str] = field(default_factory=Counter)
    _rooms: dict[str, Room] = field(default_factory=dict)
    _buckets: Buckets | None = None

    async def serve(
        self, host: str, port: int, stop: asyncio.Event, *, bound: Callable[[int], None] = lambda port: None,
        grace: float = 10.0,
    ) -> None:
        """Until `stop`; then requests that are being answered may finish, for `grace` seconds.

        `port` 0 takes any free one; `bound` is told which. Raises OSError when the address is taken, Stop when the host
        keys cannot be read.
        """
        keys = await asyncio.to_thread(host_keys, self.keys)
        acceptor = await asyncssh.listen(
            host, port, server_factory=self._line, server_host_keys=keys, config=None, server_version="CPFR-Hub",
            password_auth=False, kbdint_auth=False, host_based_auth=False, gss_host=None, public_key_auth=True,
            login_timeout=self.limits.login_seconds, keepalive_interval=15, keepalive_count_max=3, allow_scp=False,
            allow_pty=False, agent_forwarding=False, x11_forwarding=False, compression_algs=None, encoding=None,
            encryption_algs=CIPHERS, mac_algs=MACS, line_editor=False)
        try:
            self.listening = True
            bound(acceptor.get_port())
            await self._watch(stop)
        finally:
            self.listening = False
            acceptor.close()
            await self._send_home(grace)
            await acceptor.wait_closed()

    def _line(self) -> asyncssh.SSHServer:
        return Line(self)

    def room_of(self, partner: str) -> Room:
        if partner not in self._rooms:
            self._buckets = self._buckets or Buckets(self.limits.per_minute)
            self._rooms[partner] = Room(
                partner, self.house, Arrivals(Mailbox(self.mailboxes, partner)), self.limits, self._buckets, self.clock)
        return self._rooms[partner]

    async def _watch(self, stop: asyncio.Event) -> None:
        """Close who idles, and put away what nobody came back for."""
        swept = -3600.0
        while not stop.is_set():
            for line in [line for line in self.lines if line.idle > self.limits.idle_seconds]:
                line.hang_up(DISC_BY_APPLICATION, "You were silent for too long.")
            if time.monotonic() - swept >= 3600.0:
                swept = time.monotonic()
                await asyncio.to_thread(self._sweep)
            try:
                await asyncio.wait_for(stop.wait(), min(1.0, self.limits.idle_seconds / 4))
            except TimeoutError:
                continue

    def _sweep(self) -> None:
        for path in self.mailboxes.glob("*/.arriving") if self.mailboxes.is_dir() else ():
            try:
                left = self.room_of(path.parent.name).arrivals.sweep(self.limits.unfinished_seconds)
            except OSError as error:
                log.warning("unfinished files not swept", partner=path.parent.name, error=frames(error))
            else:
                if left:
                    log.warning("unfinished files in quarantine", partner=path.parent.name, files=left)

    async def _send_home(self, grace: float) -> None:
        until = time.monotonic() + grace
        while any(line.busy for line in self.lines) and time.monotonic() < until:  # noqa: ASYNC110  (at the end, once)
            await asyncio.sleep(0.05)
        lines = list(self.lines)
        for line in lines:
            line.hang_up(DISC_BY_APPLICATION, "The hub stops; come again.")
        await asyncio.gather(*(line.gone() for line in lines))


class Line(asyncssh.SSHServer):
    """One connection. `busy`: how many of its requests are being answered."""

    def __init__(self, door: SftpDoor) -> None:
        self._door = door
        self._connection: asyncssh.SSHServerConnection | None = None
        self._stirred = time.monotonic()
        self.partner: str | None = None
        self.busy = 0

    @property
    def idle(self) -> float:
        return 0.0 if self.busy else time.monotonic() - self._stirred

    def stir(self) -> None:
        """A request came, or was answered."""
        self._stirred = time.monotonic()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While this lasts the connection is not closed, by the hub."""
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1
            self.stir()

    def hang_up(self, code: int, why: str) -> None:
        if self._connection is not None:
            self._connection.disconnect(code, why)

    async def gone(self) -> None:
        if self._connection is not None:
            await self._connection.wait_closed()

    # -- what asyncssh calls ---------------------------------------------------------------------------------------

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        if len(self._door.lines) >= self._door.limits.connections:
            conn.abort()
        self._door.lines.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.lines.discard(self)
        if self.partner is not None:
            self._door.per_partner[self.partner] -= 1

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether this key is one of the partner of that name."""
        profile = (await self._door.house.partners()).get(username)
        if profile is None or profile.sftp is None:
            return False
        return key.public_data in {asyncssh.import_public_key(line).public_data for line in profile.sftp.keys}

    def auth_completed(self) -> None:
        assert self._connection is not None  # noqa: S101  (it was made before)
        partner = self._connection.get_extra_info("username")
        if self._door.per_partner[partner] >= self._door.limits.per_partner:
            self.hang_up(DISC_TOO_MANY_CONNECTIONS, "You have as many connections as one partner may.")
            return
        self.partner = partner
        self._door.per_partner[partner] += 1
        log.info("partner logged in", partner=partner)

    def session_requested(self) -> asyncssh.SSHServerSession[bytes] | bool:
        partner = self.partner
        if partner is None:
            return False
        return FilesOnly(lambda channel: Files(
            cast("SSHServerChannel[bytes]", channel), self._door.room_of(partner), self))
