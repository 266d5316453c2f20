"""Receiving: exact bytes, once, and a job that exists exactly when they do."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest

from hub.errors import Forbidden, NotFound, TooLarge
from hub.ports import Parcel, Receipt
from hub.store import StoredUnits, Urls

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
BIG = 300 * 1024 * 1024


async def pieces(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start:start + size]


def parcel(content: bytes, sender: str | None = None) -> Parcel:
    return Parcel(pieces(content), "http", sender, NOW, "orders.edi")


async def receive(units: StoredUnits, content: bytes, sender: str | None = None) -> Receipt:
    async with units.door(sender) as unit:
        receipt = await unit.inbox.receive(parcel(content, sender), BIG)
        if not receipt.duplicate:
            await unit.queue.defer("process", lock=sender, message=receipt.message)
        return receipt


async def stored(units: StoredUnits, message: str) -> bytes:
    async with units.worker() as unit:
        return b"".join([chunk async for chunk in unit.inbox.content(message)])


def counts(urls: Urls) -> tuple[int, int, int]:
    with psycopg.connect(urls.owner) as connection:
        return tuple(connection.execute(  # type: ignore[return-value]
            "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM message_chunk), "
            "(SELECT count(*) FROM procrastinate_jobs)").fetchone() or ())


@pytest.mark.parametrize("length", [0, 1, 1024 * 1024, 1024 * 1024 + 1, 5 * 1024 * 1024 + 7])
async def test_bytes_come_back_exactly_as_they_came(units: StoredUnits, length: int) -> None:
    content = bytes(i % 251 for i in range(1000)) * (length // 1000 + 1)
    receipt = await receive(units, content[:length])
    assert (receipt.length, receipt.sha256) == (length, hashlib.sha256(content[:length]).hexdigest())
    assert await stored(units, receipt.message) == content[:length]


async def test_the_same_bytes_again_return_the_first_receipt(units: StoredUnits, urls: Urls) -> None:
    first, second = await receive(units, b"ISA*00"), await receive(units, b"ISA*00")
    assert (second.message, second.duplicate, first.duplicate) == (first.message, True, False)
    assert counts(urls) == (1, 1, 1)


async def test_two_copies_at_once_give_one_message(units: StoredUnits, urls: Urls) -> None:
    receipts = await asyncio.gather(*(receive(units, b"UNB+UNOC:3" * 9) for _ in range(6)))
    assert len({r.message for r in receipts}) == 1
    assert sorted(r.duplicate for r in receipts) == [False] + [True] * 5
    assert counts(urls) == (1, 1, 1)


async def test_what_is_rolled_back_leaves_no_row_and_no_job(units: StoredUnits, urls: Urls) -> None:
    async def fail_after_receiving() -> None:
        async with units.door(None) as unit:
            receipt = await unit.inbox.receive(parcel(b"x"), BIG)
            await unit.queue.defer("process", message=receipt.message)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_receiving()
    assert counts(urls) == (0, 0, 0)


async def test_a_file_past_the_limit_is_refused_and_not_stored(units: StoredUnits, urls: Urls) -> None:
    with pytest.raises(TooLarge):
        async with units.door(None) as unit:
            await unit.inbox.receive(parcel(b"x" * 1001), 1000)
    assert counts(urls) == (0, 0, 0)


async def test_a_file_of_nobody_knows_whom_is_seen_by_the_worker_alone(units: StoredUnits) -> None:
    receipt = await receive(units, b"?")
    async with units.worker() as unit:
        assert (await unit.inbox.get(receipt.message)).sender is None
    with pytest.raises(NotFound):
        async with units.door(None) as unit:
            await unit.inbox.get(receipt.message)


async def test_a_door_for_nobody_cannot_receive_as_somebody(units: StoredUnits) -> None:
    with pytest.raises(Forbidden):
        async with units.door(None) as unit:
            await unit.inbox.receive(parcel(b"x", "acme"), BIG)


@pytest.mark.parametrize("argument", ["", "1", "ISA*00*", "msg_short", "../etc/passwd"])
async def test_a_door_cannot_enqueue_anything_but_public_ids(units: StoredUnits, argument: str) -> None:
    with pytest.raises(Forbidden):
        async with units.door(None) as unit:
            await unit.queue.defer("process", message=argument)


async def test_the_worker_enqueues_what_it_needs(units: StoredUnits, urls: Urls) -> None:
    async with units.worker() as unit:
        await unit.queue.defer("plan", lock="plan:retail", agreement="retail", as_of="2026-11-16")
    assert counts(urls) == (0, 0, 1)
