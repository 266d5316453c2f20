"""The whole hub: a file comes in over SFTP with its job, and one waits in /out until the partner has read it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncssh
import httpx
import pytest

from hub.app import Hub, Ports, build
from hub.model.delivery import DeliveryTerms
from hub.settings import Settings
from hub.store import StoredUnits
from tests.transports.outgoing import receiver
from tests.transports.sftp.door import KEYS, put, terms
from tests.transports.shelf import Noon

ORDER = b"ISA*00*          *00*          ~ST*850*0001~"


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[tuple[Hub, Ports]]:
    async with build(settings.model_copy(update={"sftp_port": 0, "as2_processes": 1}), Noon()) as hub:
        async with hub.units.worker() as unit:
            profile = receiver("acme", DeliveryTerms(channel="mailbox"))
            await unit.partners.put(profile.model_copy(update={"sftp": terms("acme")}), [], {})
        stop, ports = asyncio.Event(), asyncio.get_running_loop().create_future()
        task = asyncio.create_task(hub.serve(stop, ports.set_result))
        try:
            yield hub, await asyncio.wait_for(ports, 30)
        finally:
            stop.set()
            await task


@asynccontextmanager
async def client(ports: Ports) -> AsyncIterator[asyncssh.SFTPClient]:
    async with asyncssh.connect(
        "127.0.0.1", ports.sftp or 0, username="acme", client_keys=[KEYS["acme"]], known_hosts=None, config=None,
        agent_path=None,
    ) as line, line.start_sftp_client() as sftp:
        yield sftp


async def test_what_comes_over_sftp_is_a_message_with_its_job(settings: Settings) -> None:
    async with serving(settings) as (hub, ports), client(ports) as sftp:
        await put(sftp, "/in/order.x12", ORDER)
        async with hub.units.worker() as unit:
            [message] = (await unit.inbox.list(direction="in")).rows
            content = b"".join([chunk async for chunk in unit.inbox.content(message.id)])
        assert (message.sender, message.channel, message.filename) == ("acme", "sftp", "order.x12")
        assert content == ORDER
        await hub.process(message.id)
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"http://127.0.0.1:{ports.http}/readyz")).json()["ready"]


async def test_what_waits_is_delivered_by_reading_it(settings: Settings) -> None:
    async with serving(settings) as (hub, ports), client(ports) as sftp:
        async with hub.units.worker() as unit:
            first = await unit.outbox.put(
                "acme", "mailbox", "997-1.x12", b"first", sender=None, format="x12", kind="997", version=None,
                control="1", in_reply_to=None)
        assert await sftp.listdir("/out") == [".", "..", "997-1.x12"]
        async with sftp.open("/out/997-1.x12", "rb") as file:
            assert await file.read() == b"first"
        assert await sftp.listdir("/out") == [".", ".."]
        assert await sftp.listdir("/archive") == [".", "..", "997-1.x12"]
        await sftp.remove("/out/997-1.x12")
        async with hub.units.worker() as unit:
            assert (await unit.deliveries.get(first)).state == "delivered"
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await sftp.stat("/out/997-1.x12")


async def test_over_the_quota_of_a_day_nothing_more_is_taken(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"quota_messages": 1})) as (hub, ports), client(ports) as sftp:
        await put(sftp, "/in/order.x12", ORDER)
        with pytest.raises(asyncssh.SFTPFailure, match="QUOTA_REACHED"):
            await put(sftp, "/in/another.x12", ORDER + b"2")
        async with hub.units.worker() as unit:
            assert len(await unit.inbox.list(direction="in")) == 1


async def test_a_door_that_should_be_open_and_is_not_keeps_the_hub_from_being_ready(settings: Settings) -> None:
    async with build(settings, Noon()) as hub:
        hub.shut.add("SFTP")
        assert await hub.ready() == ["The SFTP door is not open."]


async def test_names_are_looked_up_among_the_callers_own_files(units: StoredUnits) -> None:
    async with units.worker() as unit:
        for partner, gln in (("acme", "9521002000009"), ("bolt", "9521001000000")):
            await unit.partners.put(receiver(partner).model_copy(update={"gln": gln}), [], {})
        for turn in range(3):
            await unit.outbox.put(
                "acme", "mailbox", "same.x12", b"%d" % turn, sender=None, format="x12", kind="997", version=None,
                control="1", in_reply_to=None)
    async with units.door("acme") as unit:
        first, second, third = (await unit.mailbox.list()).rows
        assert await unit.mailbox.named("same.x12") == first
        assert await unit.mailbox.named("same.x12", waiting=False, fetched=True) is None
        for waiting in (first, second):
            await unit.mailbox.take(waiting.message)
        assert await unit.mailbox.fetched() == (second, first)
        assert await unit.mailbox.named("same.x12", fetched=True) == third
        assert await unit.mailbox.named("same.x12", waiting=False, fetched=True) == second
    async with units.door("bolt") as unit:
        assert await unit.mailbox.named("same.x12", fetched=True) is None
        assert await unit.mailbox.fetched() == ()
