"""A small file in one trip: the same answers, bytes and job as by the longer way."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest

from hub.errors import Forbidden, Reject
from hub.ports import Held, Parcel, Receipt
from hub.store import StoredUnits, Urls
from tests.store.test_inbox import counts, stored
from tests.transports.outgoing import receiver

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)


async def nothing() -> AsyncIterator[bytes]:
    return
    yield b""


async def take_in(units: StoredUnits, content: bytes, sender: str | None = None, reference: str | None = None,
                  *, test: bool = False) -> Receipt:
    held = Held(io.BytesIO(content), hashlib.sha256(content).hexdigest(), len(content))
    return await units.take_in(
        Parcel(nothing(), "sftp", sender, NOW, "a.x12", reference, held=held, test=test), "process", f"in:{sender}")


async def introduce(units: StoredUnits, *names: str) -> None:
    async with units.worker() as unit:
        for name, gln in zip(names, ("9521002000009", "9521004000007"), strict=False):
            await unit.partners.put(receiver(name).model_copy(update={"gln": gln}), [], {})


def jobs(urls: Urls) -> list[tuple[object, ...]]:
    with psycopg.connect(urls.owner) as connection:
        return connection.execute("SELECT task_name, lock, args FROM procrastinate_jobs ORDER BY id").fetchall()


async def test_bytes_message_and_job_are_there_at_once(units: StoredUnits, urls: Urls) -> None:
    await introduce(units, "acme")
    receipt = await take_in(units, b"ISA*00*\x00\xff", "acme")
    assert (receipt.length, receipt.duplicate) == (9, False)
    assert await stored(units, receipt.message) == b"ISA*00*\x00\xff"
    assert jobs(urls) == [("process", "in:acme", {"message": receipt.message})]
    async with units.door("acme") as unit:
        message = await unit.inbox.get(receipt.message)
    assert (message.sender, message.channel, message.filename, message.received_at) == ("acme", "sftp", "a.x12", NOW)


async def test_a_repeat_gets_the_first_receipt_and_no_job(units: StoredUnits, urls: Urls) -> None:
    await introduce(units, "acme", "bolt")
    first = await take_in(units, b"ISA", "acme", "one")
    assert await take_in(units, b"ISA", "acme", "one") == Receipt(first.message, first.sha256, 3, True, True)
    assert await take_in(units, b"ISA", "acme", "two") == Receipt(first.message, first.sha256, 3, True)
    assert not (await take_in(units, b"ISA", "bolt", "one")).duplicate
    assert counts(urls) == (2, 2, 2)


async def test_other_bytes_under_a_known_reference_are_refused(units: StoredUnits, urls: Urls) -> None:
    await introduce(units, "acme")
    await take_in(units, b"ISA", "acme", "one")
    with pytest.raises(Reject) as refused:
        await take_in(units, b"UNB", "acme", "one")
    assert refused.value.reason == "REFERENCE_REUSED"
    assert counts(urls) == (1, 1, 1)


async def test_of_many_copies_at_once_one_becomes_the_message(units: StoredUnits, urls: Urls) -> None:
    await introduce(units, "acme")
    receipts = await asyncio.gather(*(take_in(units, b"ISA", "acme") for _ in range(6)))
    assert len({r.message for r in receipts}) == 1
    assert sorted(r.duplicate for r in receipts) == [False] + [True] * 5
    assert counts(urls) == (1, 1, 1)


async def test_a_sender_that_is_no_partner_is_refused_and_nothing_kept(units: StoredUnits, urls: Urls) -> None:
    with pytest.raises(Forbidden):
        await take_in(units, b"ISA", "nobody")
    assert counts(urls) == (0, 0, 0)


async def test_a_file_of_nobody_is_kept_for_the_worker_to_see(units: StoredUnits, urls: Urls) -> None:
    receipt = await take_in(units, b"?", test=True)
    async with units.worker() as unit:
        message = await unit.inbox.get(receipt.message)
    assert (message.sender, message.test) == (None, True)


async def test_who_was_entered_is_forgotten_with_the_file(units: StoredUnits) -> None:
    """The next user of the connection is nobody until it says who it is."""
    await introduce(units, "acme")
    receipt = await take_in(units, b"ISA", "acme")
    async with units.door(None) as unit:
        assert (await unit.inbox.list(direction="in", limit=10)).rows == ()
        assert await unit.transaction.scalar("SELECT current_setting('hub.partner', true)") in (None, "")
    assert receipt.message
