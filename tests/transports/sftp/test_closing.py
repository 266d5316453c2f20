"""Files that a client closes one upon the other are brought to safety together; the answers are as if they were not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest

from adapters.transports.sftp import naming
from adapters.transports.sftp.closing import AT_ONCE
from adapters.transports.sftp.naming import Naming
from hub.ports import Parcel, Receipt
from tests.transports.sftp.door import Door, put, until
from tests.transports.shelf import Shelf


@pytest.fixture
def together(door: Door, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A hub that answers nobody until it is let; how many wait for it at each arrival."""
    waiting: list[int] = []
    door.house.holding = asyncio.Event()
    receive = door.house.receive

    async def counted(parcel: Parcel) -> Receipt:
        waiting.append(len(waiting) + 1)
        return await receive(parcel)

    monkeypatch.setattr(door.house, "receive", counted)
    return waiting


async def closing(sftp: asyncssh.SFTPClient, name: str, content: bytes) -> asyncio.Task[None]:
    """The answer to the close of a file that was written."""
    file = await sftp.open(f"/in/{name}", "wb")
    await file.write(content)
    return asyncio.create_task(file.close())


def let_go(door: Door) -> None:
    assert door.house.holding is not None
    door.house.holding.set()


@asynccontextmanager
async def client(door: Door) -> AsyncIterator[asyncssh.SFTPClient]:
    """Whose session can end, whatever becomes of the test."""
    async with door.client("acme") as sftp:
        try:
            yield sftp
        finally:
            let_go(door)


async def test_the_next_file_is_written_while_the_last_is_brought_to_safety(
    door: Door, shelf: Shelf, together: list[int]
) -> None:
    async with client(door) as sftp:
        closes = [await closing(sftp, f"{n}.edi", b"%d" % n) for n in range(AT_ONCE)]
        await until(lambda: len(together) == AT_ONCE)
        assert not any(one.done() for one in closes)
        let_go(door)
        await asyncio.gather(*closes)
    assert sorted(content for _, _, content in shelf.kept) == [b"%d" % n for n in range(AT_ONCE)]


async def test_who_closes_more_at_once_than_the_hub_answers_is_read_no_further(
    door: Door, shelf: Shelf, together: list[int]
) -> None:
    async with client(door) as sftp:
        files = [await sftp.open(f"/in/{n}.edi", "wb") for n in range(AT_ONCE + 1)]
        for n, file in enumerate(files):
            await file.write(b"%d" % n)
        closes = [asyncio.create_task(file.close()) for file in files]
        await until(lambda: len(together) == AT_ONCE)
        one_more = asyncio.create_task(closing(sftp, "more.edi", b"more"))
        _, behind = await asyncio.wait([one_more, *closes], timeout=0.2)
        assert behind == {one_more, *closes}
        let_go(door)
        await asyncio.gather(*closes)
        await (await one_more)
    assert len(shelf.kept) == AT_ONCE + 2


async def test_what_is_asked_after_a_close_is_answered_as_if_it_had_waited(
    door: Door, shelf: Shelf, together: list[int]
) -> None:
    async with client(door) as sftp:
        close = await closing(sftp, "a.edi", b"ISA*00")
        await until(lambda: together)
        looks = asyncio.create_task(sftp.stat("/in/a.edi"))
        again = asyncio.create_task(put(sftp, "/in/a.edi", b"ISA*01"))
        _, behind = await asyncio.wait([looks, again], timeout=0.2)
        assert behind == {looks, again}
        let_go(door)
        await close
        assert (await looks).size == 6
        await again
    assert [(name, content) for _, name, content in shelf.kept] == [("a.edi", b"ISA*00"), ("a.edi", b"ISA*01")]


async def test_a_refusal_is_that_of_its_own_file(door: Door, shelf: Shelf, together: list[int]) -> None:
    async with client(door) as sftp:
        closes = [await closing(sftp, name, content) for name, content in (("a.edi", b"ISA"), ("b.edi", b""))]
        with pytest.raises(asyncssh.SFTPFailure, match="EMPTY"):
            await closes[1]
        assert not closes[0].done()
        let_go(door)
        await closes[0]
    assert [content for _, _, content in shelf.kept] == [b"ISA"]


async def test_closes_that_were_sent_count_though_the_line_broke_before_their_answers(
    door: Door, shelf: Shelf, together: list[int]
) -> None:
    async with door.line("acme") as line:
        sftp = await line.start_sftp_client()
        closes = [await closing(sftp, f"{n}.edi", b"%d" % n) for n in range(3)]
        half = await sftp.open("/in/half.edi", "wb")
        await half.write(b"IS")
        await until(lambda: len(together) == 3)
        line.abort()
    await asyncio.gather(*closes, return_exceptions=True)
    let_go(door)
    room = door.door.room_of("acme")
    await until(lambda: not room.arrivals.busy)
    assert sorted(content for _, _, content in shelf.kept) == [b"0", b"1", b"2"]
    assert (door.box() / ".arriving" / "half.edi").read_bytes() == b"IS"


async def test_names_that_come_during_a_sync_share_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, begun, running, go_on = asyncio.get_running_loop(), [], asyncio.Event(), asyncio.Event()

    def slow(folder: Path) -> None:
        begun.append(folder)
        loop.call_soon_threadsafe(running.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(60)

    monkeypatch.setattr(naming, "sync", slow)
    names = Naming()
    first = asyncio.create_task(names.lasting(tmp_path))
    await running.wait()
    rest = [asyncio.create_task(names.lasting(tmp_path)) for _ in range(5)]
    await asyncio.sleep(0)
    assert begun == [tmp_path]
    go_on.set()
    await asyncio.gather(first, *rest)
    assert begun == [tmp_path, tmp_path]
