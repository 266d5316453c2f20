"""The SFTP door on a free port of the loopback interface, in front of a shelf, with the partners acme and bolt."""

from __future__ import annotations

import asyncio
import io
import shutil
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import asyncssh
import pytest

from adapters.transports.sftp.limits import SftpLimits
from adapters.transports.sftp.server import SftpDoor
from hub.errors import NotFound
from hub.model.profile import Profile
from hub.model.sftp import SftpTerms
from hub.ports import Message, Page, Parcel, Receipt, Waiting
from tests.transports.outgoing import receiver
from tests.transports.shelf import Noon, Shelf

KEYS = {name: asyncssh.generate_private_key("ssh-ed25519", name) for name in ("acme", "bolt", "nobody")}

needs_openssh = pytest.mark.skipif(shutil.which("sftp") is None, reason="OpenSSH's sftp is not on this machine")


def terms(partner: str) -> SftpTerms:
    return SftpTerms(keys=(KEYS[partner].export_public_key().decode().strip(),))


@dataclass
class House:
    """The hub behind the door: a shelf for what comes, boxes of what waits. `refusal` is raised for each `admit`."""

    shelf: Shelf
    boxes: dict[str, list[tuple[Waiting, bytes]]] = field(default_factory=dict)
    gone: dict[str, list[tuple[Waiting, bytes]]] = field(default_factory=dict)
    refusal: Exception | None = None
    holding: asyncio.Event | None = None
    known: dict[str, Profile] = field(default_factory=lambda: {
        p: receiver(p).model_copy(update={"sftp": terms(p)}) for p in ("acme", "bolt")} | {
            "keyless": receiver("keyless")})

    async def receive(self, parcel: Parcel) -> Receipt:
        """As the inbox does with a parcel whose bytes are at hand; waits for `holding`."""
        assert parcel.held is not None
        if self.holding is not None:
            await self.holding.wait()
        content = parcel.held.file.read()
        assert len(content) == parcel.held.length

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(content), 1 << 20):
                yield content[start : start + (1 << 20)]

        return await self.shelf.receive(Parcel(
            chunks(), parcel.channel, parcel.claimed_sender, parcel.received_at, parcel.filename))

    async def admit(self, partner: str) -> None:
        if self.refusal is not None:
            raise self.refusal

    async def partners(self) -> Mapping[str, Profile]:
        return self.known

    async def waiting(self, partner: str, limit: int, after: str | None) -> Page[Waiting]:
        return Page(tuple(waiting for waiting, _ in self.boxes.get(partner, [])[:limit]))

    async def fetched(self, partner: str, limit: int) -> tuple[Waiting, ...]:
        return tuple(waiting for waiting, _ in self.gone.get(partner, [])[:limit])

    async def named(self, partner: str, filename: str, *, waiting: bool, fetched: bool) -> Waiting | None:
        where = [*(self.boxes.get(partner, []) if waiting else []), *(self.gone.get(partner, []) if fetched else [])]
        return next((one for one, _ in where if one.filename == filename), None)

    async def take(self, partner: str, message: str) -> bool:
        for entry in self.boxes.get(partner, []):
            if entry[0].message == message:
                self.boxes[partner].remove(entry)
                self.gone.setdefault(partner, []).append(entry)
                return True
        return False

    @asynccontextmanager
    async def content(self, partner: str, message: str) -> AsyncIterator[tuple[Message, BinaryIO]]:
        for waiting, content in [*self.boxes.get(partner, []), *self.gone.get(partner, [])]:
            if waiting.message == message:
                yield Message(
                    message, "out", "mailbox", "queued", None, partner, waiting.format, waiting.kind, None, None,
                    waiting.sha256, waiting.length, Noon().now(), waiting.filename), io.BytesIO(content)
                return
        raise NotFound(f"There is no message {message}.")

    def put(self, partner: str, filename: str, content: bytes) -> str:
        """Let a file wait; its id."""
        id = f"msg_{sum(map(len, (*self.boxes.values(), *self.gone.values()))) + 1}"
        self.boxes.setdefault(partner, []).append((
            Waiting(id, filename, "x12", "850", "1", "00", len(content), Noon().now()), content))
        return id


@dataclass
class Door:
    """What a test holds. `home`: the mailboxes."""

    house: House
    door: SftpDoor
    port: int
    home: Path

    @asynccontextmanager
    async def line(self, partner: str, *, key: str | None = None) -> AsyncIterator[asyncssh.SSHClientConnection]:
        """A connection, by the partner's own key or that of somebody else."""
        async with asyncssh.connect(
            "127.0.0.1", self.port, username=partner, client_keys=[KEYS[key or partner]], known_hosts=None, config=None,
            agent_path=None, preferred_auth="publickey",
        ) as connection:
            yield connection

    @asynccontextmanager
    async def client(self, partner: str) -> AsyncIterator[asyncssh.SFTPClient]:
        async with self.line(partner) as connection, connection.start_sftp_client() as sftp:
            yield sftp

    def box(self, partner: str = "acme") -> Path:
        return self.home / partner

    async def openssh(self, partner: str, *lines: str, cwd: Path, kbits: int = 10_000_000) -> Process:
        """OpenSSH's sftp with these commands, as fast as `kbits` a second allow."""
        key, batch = cwd / f"{partner}.key", cwd / f"{partner}.batch"
        if not key.exists():
            KEYS[partner].write_private_key(key)
            key.chmod(0o600)
        batch.write_text("\n".join(lines) + "\n")
        return await asyncio.create_subprocess_exec(
            "sftp", "-q", "-l", str(kbits), "-F", "none", "-i", str(key), "-P", str(self.port),
            "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-b", str(batch), f"{partner}@127.0.0.1",
            stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=STDOUT, cwd=cwd)

    async def run(self, partner: str, *lines: str, cwd: Path) -> tuple[int, str]:
        """Its exit code and what it said."""
        process = await self.openssh(partner, *lines, cwd=cwd)
        said, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode is not None
        return process.returncode, said.decode()


@asynccontextmanager
async def sftp_door(tmp_path: Path, shelf: Shelf, limits: SftpLimits | None = None) -> AsyncIterator[Door]:
    house, stop = House(shelf), asyncio.Event()
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    home = tmp_path / "mailboxes"
    door = SftpDoor(house, Noon(), home, tmp_path / "keys", limits or SftpLimits(shelf.limit))
    serving = asyncio.create_task(door.serve("127.0.0.1", 0, stop, bound=port.set_result, grace=2.0))
    try:
        await asyncio.wait({serving, asyncio.ensure_future(port)}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        yield Door(house, door, port.result(), home)
    finally:
        stop.set()
        await serving


async def put(sftp: asyncssh.SFTPClient, path: str, content: bytes) -> None:
    """Write a file and close it; what the hub answers to the close is what counts."""
    file = await sftp.open(path, "wb")
    try:
        await file.write(content)
    finally:
        await file.close()


async def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for something to be true that a test cannot wait for otherwise."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (it happens elsewhere)
            await asyncio.sleep(0.005)
