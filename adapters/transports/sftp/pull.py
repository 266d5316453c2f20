"""SFTP inwards from a partner's server: what lies in a folder there is taken as if it had been sent, and then deleted
there or moved away, in this order.

A folder knows nothing of "finished": a file is taken when two looks, `settle` seconds apart, saw the same size and
time, when its name does not say "not yet", and, if it is X12 or EDIFACT, when it ends with its trailer.
"""

from __future__ import annotations

import asyncio
import hashlib
import stat
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import asyncssh
import structlog
from asyncssh.sftp import SFTPError

from adapters.transports import Receive
from adapters.transports.folder import UNFINISHED, shown
from adapters.transports.mailbox import free_names, plain_name
from adapters.transports.sftp.line import Secret, said, session
from adapters.transports.sftp.push import PIECE
from adapters.transports.sftp.room import nothing
from adapters.transports.trailer import end_of
from hub.errors import HubError, Reject, Stop, TooLarge
from hub.killpoint import reached
from hub.model.alert import Alert
from hub.model.profile import Profile
from hub.model.sftp import SftpTerms
from hub.ports import Clock, Held, Parcel

MANY = 1000
"""Files of one look; the rest is for the next."""
log = structlog.get_logger("hub.sftp")


@dataclass(frozen=True, slots=True)
class Seen:
    name: str
    size: int
    changed: float


class NotWhole(Reject):
    """It may still grow, or was cut off."""

    reason = "INCOMPLETE"


@dataclass
class SftpPull:
    """Fetches. `tell` raises an alert and `over` closes it again, when the trouble with a partner's server is over."""

    receive: Receive
    clock: Clock
    secrets: Secret
    ours: Path
    limit: int
    tell: Callable[[Alert], Awaitable[None]]
    over: Callable[[str, str], Awaitable[None]]
    settle: float = 2.0
    _left: dict[str, set[str]] = field(default_factory=dict)

    async def fetch(self, profile: Profile) -> int:
        """Take what is complete on that partner's server; how many files. What goes wrong is told, and tried again when
        the next look is due: it raises nothing that the world may mend."""
        terms = profile.sftp
        if terms is None or terms.get is None:
            return 0
        try:
            async with session(terms, self.secrets, self.ours, MANY * PIECE) as sftp:
                taken, left = await self._fetch(sftp, terms, profile.name)
        except Stop:
            raise
        except HubError as trouble:
            await self.tell(failing(profile.name, str(trouble)))
            log.warning("nothing fetched", partner=profile.name, reason=trouble.reason)
            return 0
        again, self._left[profile.name] = self._left.get(profile.name, set()) & left.keys(), set(left)
        if again:
            name = min(again)
            await self.tell(failing(profile.name, f"{shown(name)} stays there: {left[name]}"))
        elif not left:
            await self.over("fetch.failing", profile.name)
        return taken

    async def _fetch(self, sftp: asyncssh.SFTPClient, terms: SftpTerms, partner: str) -> tuple[int, dict[str, str]]:
        """How many were taken, and which had to stay, with the reason."""
        assert terms.get is not None  # noqa: S101  (`fetch` has looked)
        first = await look(sftp, terms.get)
        if not first:
            return 0, {}
        await asyncio.sleep(self.settle)
        second = {seen.name: seen for seen in await look(sftp, terms.get)}
        taken, left = 0, dict[str, str]()
        for seen in [seen for seen in first if second.get(seen.name) == seen][:MANY]:
            try:
                await self._take(sftp, terms, partner, seen)
                taken += 1
            except (Reject, SFTPError) as trouble:
                left[seen.name] = str(trouble) if isinstance(trouble, Reject) else said(trouble)
                log.warning("file stays", partner=partner, file=shown(seen.name), reason=trouble.reason)
        return taken, left

    async def _take(self, sftp: asyncssh.SFTPClient, terms: SftpTerms, partner: str, seen: Seen) -> None:
        path = f"{(terms.get or '').rstrip('/')}/{seen.name}"
        if seen.size > self.limit:
            raise TooLarge(f"It has {seen.size} bytes; the limit is {self.limit}.")
        async with fetched(sftp, path, seen) as held:
            receipt = await self.receive(Parcel(
                nothing(), "sftp", partner, self.clock.now(), shown(seen.name), held=held))
        reached("sftp.fetched")
        await put_away(sftp, terms, path, seen.name)
        log.info("file fetched from partner", partner=partner, file=shown(seen.name), message=receipt.message,
                 duplicate=receipt.duplicate)


@asynccontextmanager
async def fetched(sftp: asyncssh.SFTPClient, path: str, seen: Seen) -> AsyncIterator[Held]:
    """The file on our disk. Raises NotWhole when it is not what it looked like, or has not come to its end."""
    with tempfile.NamedTemporaryFile() as file:
        digest = await download(sftp, path, file)
        if file.tell() != seen.size or not seen.size:
            raise NotWhole("It is empty, or still changing.")
        file.flush()
        if await asyncio.to_thread(end_of, Path(file.name)) == "no trailer":
            raise NotWhole("It has no trailer (IEA, UNZ) at its end, so a part of it is missing.")
        file.seek(0)
        yield Held(file, digest, seen.size)


async def download(sftp: asyncssh.SFTPClient, path: str, file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    async with sftp.open(path, "rb") as source:
        while piece := await source.read(PIECE, file.tell()):
            assert isinstance(piece, bytes)  # noqa: S101  (opened as "rb")
            digest.update(piece)
            await asyncio.to_thread(file.write, piece)
    return digest.hexdigest()


async def look(sftp: asyncssh.SFTPClient, folder: str) -> list[Seen]:
    """Every file that may be a message, oldest first. Links and folders are none."""
    found = []
    async for entry in sftp.scandir(folder):
        name, facts = entry.filename, entry.attrs
        assert isinstance(name, str)  # noqa: S101  (the folder's name was one)
        if stat.S_ISREG(facts.permissions or 0) and eligible(name):
            found.append(Seen(name, facts.size or 0, facts.mtime or 0))
    return sorted(found, key=lambda seen: (seen.changed, seen.name))


def eligible(name: str) -> bool:
    try:
        return not plain_name(name).lower().endswith(UNFINISHED)
    except Reject:
        return False


async def put_away(sftp: asyncssh.SFTPClient, terms: SftpTerms, path: str, name: str) -> None:
    """It is stored: away with it, or into the folder for what is done, over nothing that lies there."""
    if terms.done is None:
        await sftp.remove(path)
        return
    for free in free_names(name):
        target = f"{terms.done.rstrip('/')}/{free}"
        if not await sftp.exists(target):
            await sftp.rename(path, target)
            return


def failing(partner: str, why: str) -> Alert:
    return Alert(
        kind="fetch.failing", subject=partner, partner=partner, severity="warning",
        message=f"Files cannot be fetched from the SFTP server of {partner}: {why}",
        hint="It is tried again by itself. If this lasts, call the partner, or correct [sftp] in its profile.")
