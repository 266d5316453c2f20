"""What waits for a partner: listed, fetched, and from then on delivered."""

from __future__ import annotations

import os
from pathlib import Path

import asyncssh
import pytest

from tests.transports.sftp.door import Door, needs_openssh

LARGE = os.urandom(3_000_000)


async def read(sftp: asyncssh.SFTPClient, path: str) -> bytes:
    async with sftp.open(path, "rb") as file:
        content = await file.read()
    assert isinstance(content, bytes)
    return content


def ids(door: Door, partner: str = "acme") -> tuple[list[str], list[str]]:
    return tuple([w.message for w, _ in box.get(partner, [])] for box in (door.house.boxes, door.house.gone))  # type: ignore[return-value]  # two of them


async def test_what_was_read_to_its_end_is_delivered_and_lies_in_the_archive(door: Door) -> None:
    door.house.put("acme", "order.x12", LARGE)
    async with door.client("acme") as sftp:
        assert await sftp.listdir("/out") == [".", "..", "order.x12"]
        assert (await sftp.stat("/out/order.x12")).size == len(LARGE)
        assert await read(sftp, "/out/order.x12") == LARGE
        assert ids(door) == ([], ["msg_1"])
        assert await sftp.listdir("/out") == [".", ".."]
        assert await sftp.listdir("/archive") == [".", "..", "order.x12"]
        assert await read(sftp, "/archive/order.x12") == LARGE
        assert not await sftp.exists("/out/order.x12")


async def test_a_glance_at_a_file_does_not_deliver_it(door: Door) -> None:
    door.house.put("acme", "order.x12", LARGE)
    async with door.client("acme") as sftp:
        async with sftp.open("/out/order.x12", "rb") as file:
            await file.read(1_000_000)
        async with sftp.open("/out/order.x12", "rb") as file:
            await file.read(1_000_000, 2_000_000)
    assert ids(door) == (["msg_1"], [])


async def test_a_line_that_breaks_after_the_last_byte_does_not_deliver(door: Door) -> None:
    door.house.put("acme", "order.x12", b"short")
    async with door.line("acme") as line:
        sftp = await line.start_sftp_client()
        file = await sftp.open("/out/order.x12", "rb")
        assert await file.read() == b"short"
        line.abort()
        await line.wait_closed()
    async with door.client("acme") as sftp:
        assert await sftp.listdir("/out") == [".", "..", "order.x12"]


async def test_a_download_that_goes_on_in_another_session_is_one(door: Door) -> None:
    door.house.put("acme", "order.x12", LARGE)
    for start, end in ((0, 2_000_000), (2_000_000, 3_000_000)):
        async with door.client("acme") as sftp, sftp.open("/out/order.x12", "rb") as file:
            assert await file.read(end - start, start) == LARGE[start:end]
    assert ids(door) == ([], ["msg_1"])


async def test_to_delete_or_to_move_a_file_says_i_have_it_and_saying_so_twice_is_fine(door: Door) -> None:
    for name in ("a", "b", "c"):
        door.house.put("acme", name, name.encode())
    async with door.client("acme") as sftp:
        await sftp.remove("/out/a")
        await sftp.rename("/out/b", "/archive/b")
        await read(sftp, "/out/c")
        await sftp.remove("/out/c")
        assert ids(door) == ([], ["msg_1", "msg_2", "msg_3"])
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await sftp.remove("/out/d")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await sftp.remove("/archive/a")


async def test_nobody_sees_what_waits_for_another(door: Door) -> None:
    door.house.put("acme", "order.x12", LARGE)
    async with door.client("bolt") as sftp:
        assert await sftp.listdir("/out") == [".", ".."]
        for path in ("/out/order.x12", "/archive/order.x12", "/out/../../acme/out/order.x12"):
            with pytest.raises(asyncssh.SFTPNoSuchFile):
                await read(sftp, path)
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await sftp.remove("/out/order.x12")
    assert ids(door) == (["msg_1"], [])


@needs_openssh
async def test_openssh_fetches_everything_with_one_line(door: Door, tmp_path: Path) -> None:
    for number in range(5):
        door.house.put("acme", f"order-{number}.x12", b"%d" % number * 40_000)
    (tmp_path / "got").mkdir()
    code, said = await door.run("acme", "ls -l /out", "get /out/* got/", "ls /out", cwd=tmp_path)
    assert code == 0, said
    assert {p.name: p.read_bytes() for p in (tmp_path / "got").iterdir()} == {
        f"order-{number}.x12": b"%d" % number * 40_000 for number in range(5)}
    assert len(ids(door)[1]) == 5
    assert "acme" in said


@needs_openssh
async def test_openssh_puts_and_is_told_when_it_did_not_count(door: Door, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"f{number}.edi").write_bytes(b"ISA%d" % number)
    assert (await door.run("acme", "cd in", "mput f*.edi", cwd=tmp_path))[0] == 0
    assert len(door.house.shelf.kept) == 20
    (tmp_path / "empty.edi").write_bytes(b"")
    assert (await door.run("acme", "put empty.edi /in/empty.edi", cwd=tmp_path))[0] != 0
    assert (await door.run("acme", "put -p f0.edi /out/f0.edi", cwd=tmp_path))[0] != 0
    code, said = await door.run("acme", "put -p f1.edi /in/.f1.tmp", "rename /in/.f1.tmp /in/again.edi", cwd=tmp_path)
    assert code == 0, said
    assert len(door.house.shelf.kept) == 20  # the same bytes as before
    assert door.house.shelf.parcels[-1].filename == "again.edi"
