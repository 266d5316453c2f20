"""What a partner may do with names and files, and what it may not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh
import pytest
from asyncssh.sftp import SFTPServer

from adapters.transports.sftp.limits import SftpLimits
from adapters.transports.sftp.session import Files
from hub.errors import Reject, Retry
from hub.flow.intake import QuotaReached
from tests.transports.sftp.door import Door, put, sftp_door
from tests.transports.shelf import Shelf

ORDER = b"ISA*00*          *00*          ~ST*850*0001~"
LIBRARY = {"channel", "connection", "env", "logger", "convert_attrs", "format_longname", "map_path", "reverse_map_path"}
"""What asyncssh's server does that touches no file."""


def test_every_request_that_could_touch_a_disk_is_answered_by_us() -> None:
    inherited = {name for name in vars(SFTPServer) if not name.startswith("_")} - set(vars(Files))
    assert inherited == LIBRARY


async def test_a_closed_file_is_a_message_and_lies_in_the_archive(door: Door, shelf: Shelf) -> None:
    async with door.client("acme") as sftp:
        await put(sftp, "/in/order 17.edi", ORDER)
        assert shelf.kept == [("acme", "order 17.edi", ORDER)]
        assert shelf.parcels[0].channel == "sftp"
        assert await sftp.listdir("/in") == [".", ".."]
        assert (await sftp.stat("/in/order 17.edi")).size == len(ORDER)
    assert [p.name for p in (door.box() / "archive").iterdir()] == ["order 17.edi"]
    assert list((door.box() / "in").iterdir()) == []
    assert list((door.box() / ".arriving").iterdir()) == []


@pytest.mark.parametrize("path", [
    "/etc/passwd", "/../../etc/passwd", "/in/../../etc/passwd", "/in/x/y", "/in/a/../../../b", "/x", "/in/../x",
])
async def test_no_path_leads_out(door: Door, shelf: Shelf, path: str) -> None:
    async with door.client("acme") as sftp:
        for request in (sftp.stat(path), sftp.open(path, "rb"), sftp.open(path, "wb"), sftp.remove(path),
                        sftp.rename(path, "/in/b"), sftp.rename("/in/.b", path), sftp.posix_rename(path, "/in/b")):
            with pytest.raises(asyncssh.SFTPError):
                await request
    assert shelf.kept == []


async def test_links_neither_are_made_nor_lead_anywhere(door: Door, shelf: Shelf, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"nobody's business")
    async with door.client("acme") as sftp:
        for request in (sftp.symlink(str(secret), "/in/.l"), sftp.link(str(secret), "/in/.l"), sftp.readlink("/in/.l")):
            with pytest.raises(asyncssh.SFTPError):
                await request
        await put(sftp, "/in/.first", ORDER)
        for folder in (".arriving", ".drafts"):
            (door.box() / folder / ".l").symlink_to(secret)
        assert await sftp.listdir("/in") == [".", "..", ".first"]
        with pytest.raises(asyncssh.SFTPError):
            await sftp.open("/in/.l", "wb")
        with pytest.raises(asyncssh.SFTPError):
            await sftp.rename("/in/.l", "/in/taken.edi")
    assert secret.read_bytes() == b"nobody's business"
    assert shelf.kept == []


@pytest.mark.parametrize("path", ["/in", "/", "/out/a.edi", "/archive/a.edi", "/in/a:b", "/in/a\tb", "/in/" + "x" * 201,
                                  "/in/a*", "/in/...", "/in/a\u202eb"])
async def test_a_file_is_put_only_under_a_plain_name_into_in(door: Door, shelf: Shelf, path: str) -> None:
    async with door.client("acme") as sftp:
        with pytest.raises(asyncssh.SFTPError):
            await put(sftp, path, ORDER)
    assert shelf.kept == []


async def test_names_are_utf_8_and_may_be_long(door: Door, shelf: Shelf) -> None:
    async with door.client("acme") as sftp:
        for name in ("Bestellung Müller.edi", "x" * 200, "注文.edi"):
            await put(sftp, f"/in/{name}", ORDER + name.encode())
        with pytest.raises(asyncssh.SFTPError):
            await put(sftp, b"/in/\xff\xfe.edi", ORDER)  # type: ignore[arg-type]  # asyncssh takes bytes as well
    assert [name for _, name, _ in shelf.kept] == ["Bestellung Müller.edi", "x" * 200, "注文.edi"]


async def test_the_same_name_again_overwrites_nothing(door: Door, shelf: Shelf) -> None:
    async with door.client("acme") as sftp:
        for number in range(12):
            await put(sftp, "/in/orders.edi", ORDER + b"%d" % number)
    assert len(shelf.kept) == 12
    kept = sorted(p.read_bytes() for p in (door.box() / "archive").iterdir())
    assert kept == sorted(ORDER + b"%d" % number for number in range(12))


@pytest.mark.parametrize("draft", [".a.edi", "a.edi.filepart", "a.edi.PART", "a.tmp"])
async def test_a_draft_becomes_a_message_by_its_name(door: Door, shelf: Shelf, draft: str) -> None:
    async with door.client("acme") as sftp:
        await put(sftp, f"/in/{draft}", ORDER)
        assert shelf.kept == []
        assert await sftp.listdir("/in") == [".", "..", draft]
        await sftp.posix_rename(f"/in/{draft}", "/in/a.edi")
        assert shelf.kept == [("acme", "a.edi", ORDER)]
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await sftp.rename(f"/in/{draft}", "/in/b.edi")


async def test_rename_games_end_where_they_should(door: Door, shelf: Shelf) -> None:
    async with door.client("acme") as sftp:
        await put(sftp, "/in/.a", ORDER)
        await sftp.rename("/in/.a", "/in/.b")
        for old, new in (("/in/.b", "/out/b"), ("/in/.b", "/archive/b"), ("/in/.b", "/b"), ("/in/b", "/in/c"),
                         ("/in/.a", "/in/a"), ("/in", "/out"), ("/in/.b", "/in")):
            with pytest.raises(asyncssh.SFTPError):
                await sftp.rename(old, new)
        writing = await sftp.open("/in/.c", "wb")
        await writing.write(ORDER)
        with pytest.raises(asyncssh.SFTPError):
            await sftp.rename("/in/.c", "/in/c")
        await writing.close()
        assert shelf.kept == []
        await sftp.rename("/in/.b", "/in/b.edi")
    assert [name for _, name, _ in shelf.kept] == ["b.edi"]


async def test_an_empty_draft_is_refused_when_it_is_named(door: Door, shelf: Shelf) -> None:
    async with door.client("acme") as sftp:
        await put(sftp, "/in/.a", b"")
        with pytest.raises(asyncssh.SFTPFailure, match="EMPTY"):
            await sftp.rename("/in/.a", "/in/a")
        assert await sftp.listdir("/in") == [".", ".."]


async def test_of_two_writers_of_one_name_the_second_waits_for_another_name(door: Door, shelf: Shelf) -> None:
    async with door.client("acme") as one, door.client("acme") as two:
        first = await one.open("/in/a.edi", "wb")
        await first.write(ORDER)
        with pytest.raises(asyncssh.SFTPFailure, match="BEING_WRITTEN"):
            await two.open("/in/a.edi", "wb")
        with pytest.raises(asyncssh.SFTPFailure):
            await two.remove("/in/a.edi")
        await put(two, "/in/b.edi", ORDER[::-1])
        await first.close()
    assert {(name, content) for _, name, content in shelf.kept} == {("a.edi", ORDER), ("b.edi", ORDER[::-1])}


async def test_two_sessions_at_once_give_every_file_once(door: Door, shelf: Shelf) -> None:
    async def session(number: int) -> None:
        async with door.client("acme") as sftp:
            for turn in range(20):
                await put(sftp, f"/in/{number}-{turn}.edi", ORDER + b"%d-%d" % (number, turn))

    await asyncio.gather(*(session(number) for number in range(4)))
    assert len(shelf.kept) == len({content for _, _, content in shelf.kept}) == 80


async def test_what_the_hub_refuses_is_kept_with_its_reason(door: Door, shelf: Shelf) -> None:
    shelf.fail_with = [Reject("This partner may not send that.")]
    async with door.client("acme") as sftp:
        with pytest.raises(asyncssh.SFTPFailure, match="may not send"):
            await put(sftp, "/in/a.edi", ORDER)
    assert (door.box() / "refused" / "a.edi").read_bytes() == ORDER
    assert "may not send" in (door.box() / "refused" / "a.edi.txt").read_text()


async def test_what_could_not_be_stored_is_nowhere_and_may_come_again(door: Door, shelf: Shelf) -> None:
    shelf.fail_with = [Retry("The database does not answer.")]
    async with door.client("acme") as sftp:
        with pytest.raises(asyncssh.SFTPFailure, match="database"):
            await put(sftp, "/in/a.edi", ORDER)
        assert list((door.box() / "in").iterdir()) == []
        await put(sftp, "/in/a.edi", ORDER)
    assert len(shelf.kept) == 1


async def test_over_quota_no_file_is_opened(door: Door, shelf: Shelf) -> None:
    door.house.refusal = QuotaReached("The quota of one day is 5 files.")
    async with door.client("acme") as sftp:
        with pytest.raises(asyncssh.SFTPFailure, match="QUOTA_REACHED: The quota of one day"):
            await sftp.open("/in/a.edi", "wb")
        door.house.refusal = None
        await put(sftp, "/in/a.edi", ORDER)
    assert len(shelf.kept) == 1


async def test_limits_of_size_handles_and_rate_are_told(tmp_path: Path, shelf: Shelf) -> None:
    async with (
        sftp_door(tmp_path, shelf, SftpLimits(100, handles=2, per_minute=6)) as door, door.client("acme") as sftp,
    ):
        with pytest.raises(asyncssh.SFTPFailure, match="TOO_LARGE"):
            await put(sftp, "/in/a.edi", b"x" * 101)
        assert await sftp.listdir("/in") == [".", ".."]
        await put(sftp, "/in/a.edi", b"x" * 100)
        one, two = await sftp.open("/in/b", "wb"), await sftp.open("/in/c", "wb")
        with pytest.raises(asyncssh.SFTPFailure, match="files open"):
            await sftp.open("/in/d", "wb")
        await one.write(b"b")
        await two.write(b"c")
        await one.close()
        await two.close()
        await put(sftp, "/in/e", b"e")
        await put(sftp, "/in/f", b"f")
        with pytest.raises(asyncssh.SFTPFailure, match="TOO_OFTEN"):
            await put(sftp, "/in/g", b"g")
    assert len(shelf.kept) == 5


async def test_pieces_in_any_order_make_the_file_and_a_missing_one_does_not(door: Door, shelf: Shelf) -> None:
    async with door.client("acme") as sftp:
        file = await sftp.open("/in/a.edi", "wb")
        for start in (20, 0, 10, 5):
            await file.write(ORDER[start : start + 12], start)
        await file.write(ORDER[30:], 30)
        await file.close()
        file = await sftp.open("/in/b.edi", "wb")
        await file.write(ORDER, 1000)
        with pytest.raises(asyncssh.SFTPFailure, match="missing"):
            await file.close()
    assert [content for _, _, content in shelf.kept] == [ORDER]


async def test_times_modes_and_folders_that_are_there_disturb_nobody(door: Door, shelf: Shelf) -> None:
    async with door.client("acme") as sftp:
        await put(sftp, "/in/a.edi", ORDER)
        await sftp.utime("/in/a.edi", (1, 1))
        await sftp.chmod("/in/a.edi", 0o600)
        assert await sftp.isdir("/in")
        with pytest.raises(asyncssh.SFTPFailure, match="there already"):
            await sftp.mkdir("/in")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await sftp.mkdir("/in/new")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await sftp.rmdir("/in")
        assert await sftp.realpath(".") == "/"
        assert await sftp.realpath("in/../out/./x") == "/out/x"
    assert len(shelf.kept) == 1
