"""Both transports in front of the real inbox: bytes, hash and job in one transaction, once."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psycopg
import pytest

from adapters.transports.folder import Folder
from adapters.transports.http import HttpDoor
from adapters.transports.limits import Limits
from adapters.transports.mailbox import Mailbox
from hub.flow import inbound
from hub.ports import Message, Parcel, Receipt
from hub.store import StoredUnits, Urls
from tests.transports.shelf import Noon, Shelf
from tests.transports.wires import StandIn, serving

LIMIT = 8 * 1024 * 1024


@pytest.fixture
def acme(urls: Urls) -> str:
    with psycopg.connect(urls.owner) as connection:
        for name in ("acme", "bolt"):
            connection.execute("INSERT INTO partner (name) VALUES (%s)", (name,))
    return "acme"


class House:
    """Receive as the hub does, on a fresh database."""

    def __init__(self, units: StoredUnits, urls: Urls) -> None:
        self.units = units
        self.urls = urls

    async def receive(self, parcel: Parcel) -> Receipt:
        return await inbound.receive(self.units, parcel, LIMIT)

    async def authenticate(self, token: str) -> str | None:
        return {"a": "acme", "b": "bolt"}.get(token)

    async def look_up(self, partner: str, message: str) -> Message:
        async with self.units.door(partner) as unit:
            return await unit.inbox.get(message)

    async def content(self, message: str) -> bytes:
        async with self.units.worker() as unit:
            return b"".join([chunk async for chunk in unit.inbox.content(message)])

    def counts(self) -> tuple[int, int]:
        """Messages and jobs."""
        with psycopg.connect(self.urls.worker) as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM procrastinate_jobs)"
            ).fetchone()
        assert row is not None
        return row


@pytest.fixture
def house(units: StoredUnits, urls: Urls) -> House:
    return House(units, urls)


@pytest.fixture
async def url(house: House) -> AsyncIterator[str]:
    behind = StandIn(Shelf(), house.receive)
    behind.authenticate, behind.look_up = house.authenticate, house.look_up  # type: ignore[method-assign]
    door = HttpDoor(behind, Noon(), Limits(LIMIT, 10.0, 64))
    async with serving(door) as port:
        yield f"http://127.0.0.1:{port}/v1/messages"


async def test_twenty_copies_posted_at_once_are_one_message_with_one_job(house: House, url: str, acme: str) -> None:
    content = os.urandom(100_000)
    async with httpx.AsyncClient(timeout=30) as client:
        replies = await asyncio.gather(
            *(client.post(url, content=content, headers={"Authorization": "Bearer a"}) for _ in range(20))
        )
    assert sorted(reply.status_code for reply in replies) == [200] * 19 + [201]
    [message] = {reply.json()["message"] for reply in replies}
    assert await house.content(message) == content
    assert house.counts() == (1, 1)


async def test_a_message_of_a_partner_is_unknown_to_another(house: House, url: str, acme: str) -> None:
    async with httpx.AsyncClient() as client:
        reply = await client.post(url, content=b"ISA*00", headers={"Authorization": "Bearer a"})
        place = f"{url}/{reply.json()['message']}"
        mine = await client.get(place, headers={"Authorization": "Bearer a"})
        theirs = await client.get(place, headers={"Authorization": "Bearer b"})
    assert (mine.status_code, mine.json()["sender"], mine.json()["state"]) == (200, "acme", "received")
    assert (theirs.status_code, theirs.json()["reason"]) == (404, "NOT_FOUND")


async def test_a_large_body_over_the_wire_is_stored_byte_for_byte(house: House, url: str, acme: str) -> None:
    content = os.urandom(5 * 1024 * 1024 + 7)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 70_000):
            yield content[start:start + 70_000]

    async with httpx.AsyncClient(timeout=30) as client:
        reply = await client.post(url, content=pieces(), headers={"Authorization": "Bearer a"})
    assert reply.json()["sha256"] == hashlib.sha256(content).hexdigest()
    assert await house.content(reply.json()["message"]) == content


async def test_what_is_over_the_limit_leaves_neither_message_nor_job(house: House, url: str, acme: str) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        reply = await client.post(url, content=bytes(LIMIT + 1), headers={"Authorization": "Bearer a"})
    assert reply.status_code == 413
    assert house.counts() == (0, 0)


async def test_the_same_file_by_folder_and_by_http_is_one_message(
    house: House, url: str, acme: str, tmp_path: Path
) -> None:
    folder = Folder(tmp_path, house.receive, Noon(), settle=0.0)
    (Mailbox(tmp_path, acme).folder("in") / "order.edi").write_bytes(b"GTIN;1")
    await folder.fetch()
    assert await folder.fetch() == 1
    async with httpx.AsyncClient() as client:
        reply = await client.post(url, content=b"GTIN;1", headers={"Authorization": "Bearer a"})
    assert (reply.status_code, reply.json()["duplicate"]) == (200, True)
    assert house.counts() == (1, 1)


async def test_a_folder_of_nobody_is_refused(house: House, tmp_path: Path) -> None:
    folder = Folder(tmp_path, house.receive, Noon(), settle=0.0)
    (Mailbox(tmp_path, "stranger").folder("in") / "order.edi").write_bytes(b"GTIN;1")
    await folder.fetch()
    await folder.fetch()
    assert (tmp_path / "stranger" / "refused" / "order.edi.txt").read_text().startswith("FORBIDDEN: ")
    assert house.counts() == (0, 0)
