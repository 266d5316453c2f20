"""Files that are made to harm: each gets a right answer, and nobody else waits for it."""

from __future__ import annotations

import asyncio
import gzip
import io
import resource
import zipfile
from pathlib import Path

import pytest

from adapters.transports.folder import Folder
from hub.flow import inbound
from hub.ports import Parcel
from tests.flow.conftest import Trading, one
from tests.flow.test_inbound import an_order, write_850


def zip_bomb(megabytes: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.x12", b"ISA*" + bytes(megabytes << 20))
    return packed.getvalue()


def peak() -> int:
    """Of this process, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


POISON = {
    "zip": zip_bomb(300), "gzip": gzip.compress(bytes(300 << 20)), "zeros": bytes(6 << 20),
    "noise": bytes(range(256)) * 999,
    "one endless segment": b"ISA*00*" + b"A" * (6 << 20), "only terminators": b"~" * (1 << 20),
    "only ISA": b"ISA*00*          *00*          *ZZ*LARKMOOR       *ZZ*X*261116*0630*U*00401*1*0*P*>~" * 1000,
    "doctype": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"b" * 9999 + b'">]><a>&b;&b;&b;</a>',
    "deep": b"<a>" * 100_000, "utf-16": "ISA*00*".encode("utf-16"), "half a bomb": zip_bomb(10)[:-40],
}


@pytest.mark.parametrize("name", POISON)
async def test_a_hostile_file_is_rejected_with_a_reason_and_its_bytes_are_kept(trading: Trading, name: str) -> None:
    before = peak()
    message = await trading.push(POISON[name], "larkmoor")
    assert message.state == "rejected"
    assert message.findings
    assert await trading.content(message) == POISON[name]
    assert peak() - before < 200 << 20, "nothing was unpacked or held many times over"
    good = await trading.push(write_850(trading, an_order(trading)), "larkmoor")
    assert good.state == "processed"


async def test_a_gigabyte_in_a_folder_is_refused_and_the_next_file_is_taken(trading: Trading, tmp_path: Path) -> None:
    async def receive(parcel: Parcel) -> object:
        return await inbound.receive(trading.hub.units, parcel, trading.hub.settings.max_message_bytes)

    folder = Folder(tmp_path, receive, trading.hub.clock, settle=0.0)  # type: ignore[arg-type]
    box = tmp_path / "larkmoor"
    (box / "in").mkdir(parents=True)
    with (box / "in" / "a-large.x12").open("wb") as large:
        large.truncate(1 << 30)
    (box / "in" / "b-small.csv").write_bytes(b"GTIN;quantity\n1;2\n")
    before = peak()
    await folder.fetch()
    await folder.fetch()
    assert (box / "refused" / "a-large.x12.txt").read_text().startswith("TOO_LARGE: ")
    assert (box / "archive" / "b-small.csv").exists()
    assert peak() - before < 100 << 20


async def test_a_gigabyte_that_comes_in_pieces_is_cut_at_the_limit(trading: Trading) -> None:
    from hub.errors import TooLarge

    given = 0

    async def pieces():  # type: ignore[no-untyped-def]
        nonlocal given
        for _ in range(1024):
            given += 1 << 20
            yield bytes(1 << 20)

    parcel = Parcel(pieces(), "http", "larkmoor", trading.hub.clock.now())
    with pytest.raises(TooLarge):
        await inbound.receive(trading.hub.units, parcel, trading.hub.settings.max_message_bytes)
    assert given <= trading.hub.settings.max_message_bytes + (1 << 20)


async def test_files_at_once_from_one_sender_do_not_keep_another_waiting(trading: Trading) -> None:
    """A slow upload holds no database connection, so any number of them stops nobody."""
    stuck = asyncio.Event()

    async def slow():  # type: ignore[no-untyped-def]
        yield b"ISA"
        await stuck.wait()

    parcels = [Parcel(slow(), "http", "larkmoor", trading.hub.clock.now()) for _ in range(100)]
    uploads = [asyncio.create_task(inbound.receive(trading.hub.units, parcel, 1000)) for parcel in parcels]
    await asyncio.sleep(0.2)
    async with asyncio.timeout(5):
        await inbound.receive(
            trading.hub.units, Parcel(one(b"GTIN;1"), "http", "quillfield", trading.hub.clock.now()), 1000)
    stuck.set()
    receipts = await asyncio.gather(*uploads)
    assert len({receipt.message for receipt in receipts}) == 1
