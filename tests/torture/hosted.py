"""Quillfield with an SFTP server of its own, to which the hub brings files and from which it fetches them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from hub.model.delivery import DeliveryTerms
from hub.model.sftp import SftpTerms
from hub.store import StoredUnits
from tests.torture.rig import Rig
from tests.torture.trade import FIRST_OF_HOST, Market, edifact_order

HOST = asyncssh.generate_private_key("ssh-ed25519")


class Doorless(asyncssh.SSHServer):
    """Lets everybody in: who may come is tried elsewhere."""

    def begin_auth(self, username: str) -> bool:
        return False


@dataclass
class Host:
    """`outbox`: where its files lie until the hub has them."""

    market: Market
    units: StoredUnits
    outbox: Path

    async def offer(self) -> None:
        """One order after the other; it is accepted when it is gone."""
        control = FIRST_OF_HOST
        while not self.market.resting.is_set():
            control += 1
            number = f"QS{control:06d}"
            draft, path = self.outbox / f".{number}.part", self.outbox / f"{number}.edi"
            draft.write_bytes(edifact_order(number, control))
            draft.rename(path)
            while path.exists():
                await self._ask()
                await asyncio.sleep(0.5)
            self.market.promised["hosted"].append(number)
            await asyncio.sleep(self.market.pause)

    async def _ask(self) -> None:
        """What the clock does every five minutes: let the hub look."""
        async with self.units.worker() as unit:
            await unit.queue.defer("fetch", lock="fetch quillfield", partner="quillfield")


@asynccontextmanager
async def hosted(house: Rig, market: Market) -> AsyncIterator[Host]:
    """The server is open, and the hub delivers to it from now on."""
    root = house.home / "quillfield"
    market.inbox, outbox = root / "inbox", root / "outbox"
    for folder in (market.inbox, outbox):
        await asyncio.to_thread(folder.mkdir, parents=True)
    market.promised["hosted"] = []
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Doorless, server_host_keys=[HOST], config=None,
        sftp_factory=lambda line: asyncssh.SFTPServer(line, chroot=str(root).encode()))
    units = StoredUnits(house.urls.worker, house.urls.door)
    try:
        async with units.worker() as unit:
            known = next(p for p in await unit.partners.profiles() if p.name == "quillfield")
            await unit.partners.put(known.model_copy(update={
                "delivery": DeliveryTerms(channel="sftp"),
                "sftp": SftpTerms(server=f"sftp://hub@127.0.0.1:{server.get_port()}", put="/inbox", get="/outbox",
                                  host_keys=(HOST.export_public_key().decode(),))}), [], {})
        yield Host(market, units, outbox)
    finally:
        await units.dispose()
        server.close()
        await server.wait_closed()
