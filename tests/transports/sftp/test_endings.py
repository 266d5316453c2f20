"""A file counts when its writer closed it: not when the line broke, however much of it came."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import asyncssh
import pytest

from adapters.transports.sftp.extent import ISLANDS, Extent
from adapters.transports.sftp.limits import SftpLimits
from hub.errors import Reject
from tests.transports.sftp.door import Door, needs_openssh, put, sftp_door, until
from tests.transports.shelf import Shelf

LARGE = os.urandom(3_000_000)


async def half(door: Door, sftp: asyncssh.SFTPClient, name: str = "a.edi") -> None:
    file = await sftp.open(f"/in/{name}", "wb")
    await file.write(LARGE[:1_000_000])


async def until_broken_off(door: Door) -> None:
    room = door.door.room_of("acme")
    await until(lambda: not room.arrivals.busy)


async def test_a_connection_that_is_cut_leaves_no_message(door: Door, shelf: Shelf) -> None:
    async with door.line("acme") as line:
        await half(door, await line.start_sftp_client())
        line.abort()
    await until_broken_off(door)
    assert shelf.kept == []
    assert (door.box() / ".arriving" / "a.edi").stat().st_size == 1_000_000


async def test_a_channel_that_is_closed_leaves_no_message_though_the_connection_lives(door: Door, shelf: Shelf) -> None:
    async with door.line("acme") as line:
        sftp = await line.start_sftp_client()
        await half(door, sftp)
        sftp.exit()
        await until_broken_off(door)
        assert shelf.kept == []
        async with line.start_sftp_client() as again:
            assert (await again.stat("/in/a.edi")).size == 1_000_000


async def test_what_broke_off_is_gone_on_with_or_begun_anew(door: Door, shelf: Shelf) -> None:
    for name in ("a.edi", "b.edi"):
        async with door.client("acme") as sftp:
            await half(door, sftp, name)
        await until_broken_off(door)
    async with door.client("acme") as sftp:
        file = await sftp.open("/in/a.edi", asyncssh.FXF_WRITE | asyncssh.FXF_CREAT, encoding=None)
        await file.write(LARGE[1_000_000:], 1_000_000)
        await file.close()
        await put(sftp, "/in/b.edi", LARGE[::-1])
    assert [(name, content) for _, name, content in shelf.kept] == [("a.edi", LARGE), ("b.edi", LARGE[::-1])]


async def test_a_close_whose_answer_nobody_hears_counts(door: Door, shelf: Shelf) -> None:
    door.house.holding = asyncio.Event()
    async with door.line("acme") as line:
        sftp = await line.start_sftp_client()
        putting = asyncio.create_task(put(sftp, "/in/a.edi", LARGE))
        await until(lambda: any(line.busy for line in door.door.lines))
        line.abort()
    with pytest.raises((asyncssh.Error, OSError)):
        await putting
    door.house.holding.set()
    await until_broken_off(door)
    assert [content for _, _, content in shelf.kept] == [LARGE]


@needs_openssh
async def test_a_client_killed_in_mid_upload_leaves_no_message_and_resumes(
    tmp_path: Path, shelf: Shelf
) -> None:
    content = os.urandom(20_000_000)
    (tmp_path / "big.edi").write_bytes(content)
    async with sftp_door(tmp_path, shelf) as door:
        client = await door.openssh("acme", "put big.edi /in/big.edi", cwd=tmp_path, kbits=40_000)
        part = door.box() / ".arriving" / "big.edi"
        await until(lambda: part.exists() and part.stat().st_size > 1_000_000)
        client.kill()
        await client.wait()
        await until_broken_off(door)
        came = part.stat().st_size
        assert 0 < came < len(content)
        assert shelf.kept == []
        assert part.read_bytes() == content[:came]
        code, said = await door.run("acme", "reput big.edi /in/big.edi", cwd=tmp_path)
        assert code == 0, said
        assert [content for _, _, content in shelf.kept] == [content]


async def test_what_nobody_comes_back_for_is_put_into_quarantine(tmp_path: Path, shelf: Shelf) -> None:
    async with sftp_door(tmp_path, shelf, SftpLimits(shelf.limit, unfinished_seconds=100)) as door:
        async with door.client("acme") as sftp:
            await half(door, sftp)
            await put(sftp, "/in/.draft", b"never named")
        await until_broken_off(door)
        arrivals = door.door.room_of("acme").arrivals
        assert arrivals.sweep(100) == 0
        past = time.time() - 200
        for path in (door.box() / ".arriving" / "a.edi", door.box() / ".drafts" / ".draft"):
            os.utime(path, (past, past))
        assert arrivals.sweep(100) == 2
    assert sorted(p.name for p in (door.box() / "quarantine").iterdir()) == [
        ".draft", ".draft.txt", "a.edi", "a.edi.txt"]
    assert shelf.kept == []


def test_an_extent_knows_its_gaps() -> None:
    extent = Extent()
    for start, end in ((10, 20), (30, 40), (20, 30)):
        extent.add(start, end)
    assert (extent.end, extent.whole) == (0, False)
    extent.add(0, 10)
    assert (extent.end, extent.whole) == (40, True)
    extent.add(5, 8)
    assert extent.end == 40


def test_a_file_in_too_many_pieces_is_refused() -> None:
    extent = Extent()
    for number in range(ISLANDS):
        extent.add(2 * number + 1, 2 * number + 2)
    with pytest.raises(Reject):
        extent.add(2 * ISLANDS + 1, 2 * ISLANDS + 2)
