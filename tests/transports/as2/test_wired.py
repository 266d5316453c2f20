"""The whole hub: a file comes in over AS2, through the process pool, and one goes out by its courier."""

from __future__ import annotations

import asyncio
from typing import cast

from adapters.transports.as2.package import pack
from hub.app import Hub as House
from hub.app import Ports, build
from hub.ports import Delivery
from hub.settings import Settings
from hub.store import StoredUnits
from tests.transports.as2.hub import ACME, HUB, ORDER, Hub, post, profile, told
from tests.transports.shelf import Noon


async def test_the_hub_receives_over_as2_and_sends_over_as2(settings: Settings) -> None:
    keys = settings.home / "secrets" / "as2"
    keys.mkdir(parents=True)
    (keys / "2026.pem").write_text(HUB.key)
    chosen = settings.model_copy(update={"as2_name": "hub", "as2_processes": 1})
    async with build(chosen, Noon()) as hub:
        theirs = Hub(cast(StoredUnits, hub.units), "acme", (ACME.key,))
        await theirs.know(profile("acme", ACME.terms()))
        await theirs.know(profile("hub", HUB.terms(), gln="9501101530003"))
        stop, ports = asyncio.Event(), asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(hub.serve(stop, ports.set_result))
        try:
            opened: Ports = await asyncio.wait_for(ports, 30)
            message = pack(ORDER, "in.edi", "application/EDI-X12", HUB.terms(), (ACME.key,), Noon().now())
            assert told(await post(f"http://127.0.0.1:{opened.http}/as2", message)).positive
            await sent(hub, theirs, stop)
        finally:
            stop.set()
            await serving


async def sent(hub: House, theirs: Hub, stop: asyncio.Event) -> None:
    """A file in the outbox is carried to acme's door, and acme's receipt believed."""
    async with theirs.open():
        async with hub.units.worker() as unit:
            await unit.partners.put(profile("acme", ACME.terms(), url=theirs.url), [], {})
            out = await unit.outbox.put(
                "acme", "as2", "out.edi", b"another", sender=None, format="x12", kind="850", version=None, control="1",
                in_reply_to=None)
        carrying = asyncio.create_task(hub.courier().run(stop))
        async with asyncio.timeout(30):
            while (delivery := await fares(hub, out)).state in ("queued", "sending"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        stop.set()
        await carrying
    assert delivery.state == "delivered", delivery.answer
    assert (delivery.answer or "").startswith("processed; signed receipt")


async def fares(hub: House, message: str) -> Delivery:
    async with hub.units.worker() as unit:
        return await unit.deliveries.get(message)
