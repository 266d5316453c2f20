"""What all sessions of one partner share: which names are being written, what was taken, how a file is handed in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from adapters.transports.folder import refuse, shown
from adapters.transports.limits import Buckets
from adapters.transports.sftp.arriving import Arrivals, Upload
from adapters.transports.sftp.extent import Extent
from adapters.transports.sftp.house import House
from adapters.transports.sftp.limits import SftpLimits
from adapters.transports.sftp.naming import Naming
from hub.errors import Conflict, Reject
from hub.killpoint import reached
from hub.logs import frames
from hub.ports import Clock, Held, Parcel, Receipt

log = structlog.get_logger("hub.sftp")
REMEMBERED = 1000
"""Names that were taken, and files that are being read, of which a partner may still ask."""


@dataclass
class Room:
    """One partner's."""

    partner: str
    house: House
    arrivals: Arrivals
    limits: SftpLimits
    buckets: Buckets
    clock: Clock
    taken: dict[str, int] = field(default_factory=dict)
    _named: Naming = field(default_factory=Naming)
    _seen: dict[str, Extent] = field(default_factory=dict)

    def occupy(self, name: str) -> None:
        """Raises Conflict when somebody writes under that name already: two writers make one file of two."""
        if name in self.arrivals.busy:
            raise Conflict(f"{shown(name)} is being written by another connection.", reason="BEING_WRITTEN")
        self.arrivals.busy.add(name)

    def leave(self, name: str) -> None:
        self.arrivals.busy.discard(name)

    def seen_of(self, message: str) -> Extent:
        """What of a file was read by now: a download that broke off may go on in another session."""
        seen = self._seen.setdefault(message, Extent())
        self._seen = dict(list(self._seen.items())[-REMEMBERED:]) if len(self._seen) > 2 * REMEMBERED else self._seen
        return seen

    async def hand_in(self, source: Path, name: str, upload: Upload | None) -> None:
        """To the disk, into in/, into the database with its job; then it may be answered, and is put out of the way in
        the next turn of the loop, while its sender hears of it.

        Raises Reject and Retry: nothing was stored. Raises FileNotFoundError when there is no such file.
        """
        if upload is not None and upload.at_hand:
            path, held = self._enter(source, name, upload)
        else:
            path, held = await asyncio.to_thread(self._enter, source, name, upload)
        try:
            receipt = await self._record(path, name, held)
        except Reject as refusal:
            await asyncio.to_thread(refuse, self.arrivals.box, path, refusal)
            log.warning("file refused", partner=self.partner, file=shown(name), reason=refusal.reason)
            raise
        except BaseException:  # its sender is told so, and sends it again
            path.unlink(missing_ok=True)
            raise
        reached("sftp.stored")
        self._remember(name, held.length)
        asyncio.get_running_loop().call_soon(self._put_by, path, name, receipt)

    def _enter(self, source: Path, name: str, upload: Upload | None) -> tuple[Path, Held]:
        file = self.arrivals.sealed(source.name) if upload is None else upload.seal()
        try:
            return self.arrivals.enter(source, name, file)
        except BaseException:
            file.close()
            raise

    async def _record(self, path: Path, name: str, held: Held) -> Receipt:
        """Its name is brought to the disk while the database stores it; both are done when this returns."""
        with held.file:
            named = asyncio.ensure_future(self._named.lasting(path.parent))
            try:
                return await self.house.receive(Parcel(
                    nothing(), "sftp", self.partner, self.clock.now(), shown(name), held=held))
            finally:
                await named

    def _put_by(self, path: Path, name: str, receipt: Receipt) -> None:
        """It is stored: where the disk refuses, the file stays, is found again and known as a duplicate."""
        log.info("file taken", partner=self.partner, file=shown(name), message=receipt.message, length=receipt.length,
                 duplicate=receipt.duplicate)
        try:
            self.arrivals.shelve(path)
        except OSError as error:
            log.warning("file not archived", partner=self.partner, file=shown(path.name), error=frames(error))

    def _remember(self, name: str, length: int) -> None:
        self.taken.pop(name, None)
        self.taken[name] = length
        if len(self.taken) > REMEMBERED:
            del self.taken[next(iter(self.taken))]


async def nothing() -> AsyncIterator[bytes]:
    """No chunks: the parcel is held already."""
    return
    yield b""
