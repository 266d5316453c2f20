"""Vandermoor, who orders over AS2 and is answered over AS2, with receipts at once and later. On its side stand the
hub's own client and door: what is tried is what a kill in between does."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, cast

from starlette.applications import Starlette

from adapters.clock import SystemClock
from adapters.transports.as2.fault import Fault
from adapters.transports.as2.loopback import LIMITS, passing
from adapters.transports.as2.push import As2Push, As2Wire
from adapters.transports.as2.receipt import Statement
from adapters.transports.as2.server import As2Door, Ours
from adapters.transports.loopback import open_door
from hub.errors import Retry
from hub.model.as2 import As2Terms
from hub.model.delivery import DeliveryTerms
from hub.model.profile import Profile
from hub.ports import Answer, Outgoing, Parcel, Receipt
from hub.store import StoredUnits
from tests.torture.rig import Rig
from tests.torture.trade import HUB, VANDERMOOR, Market, edifact_order
from tests.transports.as2.hub import Threads

PATIENCE = 10.0
"""Seconds that Vandermoor waits for a receipt that comes later, before it sends once more."""


@dataclass
class Vandermoor:
    """`hub`: how it knows the hub. `confirmed`: Message-IDs for which a receipt has come later."""

    market: Market
    hub: Profile
    ours: Ours
    url: str = ""
    confirmed: set[str] = field(default_factory=set)
    owed: set[asyncio.Task[None]] = field(default_factory=set)

    # -- its door --------------------------------------------------------------------------------------------------

    async def partners(self) -> Mapping[str, Profile]:
        return {"hub": self.hub}

    async def receive(self, parcel: Parcel) -> Receipt:
        content = b"".join([chunk async for chunk in parcel.chunks])
        for control in re.findall(rb"UCI\+(\d+)", content):
            ids = self.market.arrived["CONTRL", f"VM{int(control):06d}"]
            self.market.copies += parcel.reference in ids
            ids.add(parcel.reference or "")
        receipt = Receipt("taken", hashlib.sha256(content).hexdigest(), len(content), False)
        assert parcel.answer is not None
        return Receipt("taken", receipt.sha256, receipt.length, False, answer=await parcel.answer(receipt))

    async def owe(self, partner: str, message: str | None, url: str, receipt: Answer) -> None:
        """Until the hub has it."""
        async def tell() -> None:
            while True:
                with suppress(Retry):
                    await As2Wire(SystemClock()).post(url, receipt.headers, receipt.body)
                    return
                await asyncio.sleep(0.1)

        self.owed.add(asyncio.create_task(tell()))

    async def receipted(
        self, partner: str, statement: Statement, proven: bool, headers: Mapping[str, str], content: bytes
    ) -> None:
        assert statement.positive and proven, statement  # noqa: PT018
        self.confirmed.add(statement.original or "")

    async def refused(self, partner: str, fault: Fault, reference: str | None) -> None:
        raise AssertionError(fault.message)

    # -- its orders ------------------------------------------------------------------------------------------------

    async def order(self) -> None:
        """One order after the other, each until its receipt is here: the same bytes under the same Message-ID."""
        control = 0
        while not self.market.resting.is_set():
            control += 1
            number = f"VM{control:06d}"
            content, later = edifact_order(number, control, VANDERMOOR), control % 2 == 0
            while not await self._confirmed(number, content, later=later):  # noqa: ASYNC110  (until the hub is back)
                await asyncio.sleep(0.05)
            self.market.promised["as2"].append(number)
            await asyncio.sleep(self.market.pause)

    async def _confirmed(self, number: str, content: bytes, *, later: bool) -> bool:
        assert self.hub.as2 is not None
        hub = self.hub.model_copy(update={
            "as2": self.hub.as2.model_copy(update={"receipt": "async" if later else "sync"})})
        id = f"<{number}@vandermoor>"
        push = As2Push(As2Wire(SystemClock()), SystemClock(), Threads(), self.ours, nothing, nothing, self.url)
        try:
            await push.deliver(Outgoing(
                number, id, hub, f"{number}.edi", "edifact", hashlib.sha256(content).hexdigest(), len(content),
                cast(BinaryIO, io.BytesIO(content))))
            async with asyncio.timeout(PATIENCE):
                while later and id not in self.confirmed:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except (Retry, TimeoutError):
            return False
        return True


async def nothing(*_: object) -> None:
    """What the hub would keep as evidence; Vandermoor's word is in `promised`."""


@asynccontextmanager
async def wholesaler(house: Rig, market: Market) -> AsyncIterator[Vandermoor]:
    """Vandermoor with its door open, known to the hub, which has a key of its own from now on."""
    (our_key, ours), (their_key, theirs) = passing("vandermoor", SystemClock()), passing("hub", SystemClock())
    folder = house.home / "secrets" / "as2"
    await asyncio.to_thread(folder.mkdir, parents=True)
    await asyncio.to_thread((folder / "hub.pem").write_text, their_key)
    market.promised["as2"] = []
    hub = Profile(
        name="hub", title="The hub", kind="distributor", gln=HUB, addresses=(),
        as2=As2Terms(name="hub", our_name="vandermoor", certificates=(theirs,)),
        delivery=DeliveryTerms(channel="as2", url=f"{house.url}/as2"))
    one = Vandermoor(market, hub, Ours("vandermoor", lambda: (our_key,), "vandermoor"))
    door = As2Door(one, SystemClock(), LIMITS, Threads(), one.ours)
    async with open_door(Starlette(routes=[door.route()])) as port:
        one.url = f"http://127.0.0.1:{port}/as2"
        await confirm(house, "sync", As2Terms(name="vandermoor", our_name="hub", certificates=(ours,)), one.url)
        try:
            yield one
        finally:
            for task in one.owed:
                task.cancel()
            await asyncio.gather(*one.owed, return_exceptions=True)


async def confirm(
    house: Rig, receipt: Literal["sync", "async"], terms: As2Terms | None = None, url: str | None = None
) -> None:
    """From now on Vandermoor confirms what the hub sends it at once, or later; with other terms and another address, if
    they are given."""
    units = StoredUnits(house.urls.worker, house.urls.door)
    try:
        async with units.worker() as unit:
            known = next(p for p in await unit.partners.profiles() if p.name == "vandermoor")
            agreed = terms or known.as2
            assert agreed is not None
            await unit.partners.put(known.model_copy(update={
                "as2": agreed.model_copy(update={"receipt": receipt}),
                "delivery": DeliveryTerms(channel="as2", url=url) if url else known.delivery}), [], {})
    finally:
        await units.dispose()
