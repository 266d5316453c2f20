"""The folder's own rules: completeness, names, and what a crash leaves behind."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from adapters.transports.folder import Folder
from adapters.transports.mailbox import Mailbox
from hub.errors import Reject, Retry
from hub.model.alert import Alert
from tests.transports.outgoing import outgoing
from tests.transports.shelf import Noon, Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def folder(tmp_path: Path, shelf: Shelf) -> Folder:
    Mailbox(tmp_path, "acme").prepare()
    return Folder(tmp_path, shelf.receive, Noon(), settle=0.0)


def put(folder: Folder, name: str, content: bytes = b"GTIN;1", partner: str = "acme") -> Path:
    path = Mailbox(folder.mailboxes, partner).folder("in") / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", [".hidden", "a.tmp", "a.part", "a.FILEPART"])
async def test_a_name_that_says_not_yet_is_left_alone(folder: Folder, shelf: Shelf, name: str) -> None:
    path = put(folder, name)
    for _ in range(3):
        await folder.fetch()
    assert path.exists()
    assert shelf.parcels == []


async def test_a_file_that_grows_is_taken_only_when_it_stands_still(folder: Folder, shelf: Shelf) -> None:
    path = put(folder, "slow.edi", b"1")
    for n in range(2, 5):
        assert await folder.fetch() == 0
        path.write_bytes(b"1" * n)
    await folder.fetch()
    assert await folder.fetch() == 1
    assert shelf.kept[0][2] == b"1111"


async def test_a_file_must_stand_still_for_the_whole_settling_time(tmp_path: Path, shelf: Shelf) -> None:
    folder = Folder(tmp_path, shelf.receive, Noon(), settle=3600)
    put(folder, "a.edi")
    assert [await folder.fetch() for _ in range(5)] == [0] * 5


async def test_a_file_that_grows_while_it_is_read_is_not_kept(folder: Folder, shelf: Shelf) -> None:
    path = put(folder, "a.edi", b"x" * 2_000_000)

    class Growing(Shelf):
        async def receive(self, parcel):  # type: ignore[no-untyped-def]
            with path.open("ab") as file:
                file.write(b"more")
            return await super().receive(parcel)

    folder.receive = (growing := Growing()).receive
    await folder.fetch()
    assert await folder.fetch() == 0
    assert growing.kept == []
    assert path.exists()


async def test_a_taken_file_lies_in_the_archive(folder: Folder, tmp_path: Path) -> None:
    put(folder, "a.edi", b"1")
    await folder.fetch()
    await folder.fetch()
    assert (tmp_path / "acme" / "archive" / "a.edi").read_bytes() == b"1"


async def test_two_files_of_one_name_both_stay_in_the_archive(folder: Folder, tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        put(folder, "a.edi", content)
        await folder.fetch()
        await folder.fetch()
    archive = tmp_path / "acme" / "archive"
    assert {p.name: p.read_bytes() for p in archive.iterdir()} == {"a.edi": b"first", "a.edi~2": b"second"}


async def test_a_crash_between_commit_and_move_is_answered_as_a_duplicate(folder: Folder, shelf: Shelf) -> None:
    shelf.fail_after_commit = [OSError("killed here")]
    path = put(folder, "a.edi")
    await folder.fetch()
    assert await folder.fetch() == 0
    assert path.exists()
    assert await folder.fetch() == 1
    assert not path.exists()
    assert len(shelf.kept) == 1


async def test_a_refused_file_lies_beside_its_reason(folder: Folder, shelf: Shelf, tmp_path: Path) -> None:
    shelf.fail_with = [Reject("Nobody here knows this partner.", reason="UNKNOWN_PARTNER")]
    put(folder, "a.edi", b"1")
    await folder.fetch()
    await folder.fetch()
    refused = tmp_path / "acme" / "refused"
    assert (refused / "a.edi").read_bytes() == b"1"
    assert (refused / "a.edi.txt").read_text() == "UNKNOWN_PARTNER: Nobody here knows this partner.\n"


async def test_files_go_in_the_order_in_which_they_were_written(folder: Folder, shelf: Shelf) -> None:
    for n, name in enumerate(["z.edi", "b.edi", "m.edi"]):
        os.utime(put(folder, name, name.encode()), (1_700_000_000 + n, 1_700_000_000 + n))
    await folder.fetch()
    assert await folder.fetch() == 3
    assert [name for _, name, _ in shelf.kept] == ["z.edi", "b.edi", "m.edi"]


async def test_a_partner_that_must_wait_keeps_its_order_and_holds_up_nobody_else(folder: Folder, shelf: Shelf) -> None:
    for n, name in enumerate(["1.edi", "2.edi"]):
        os.utime(put(folder, name, name.encode()), (1_700_000_000 + n, 1_700_000_000 + n))
    put(folder, "other.edi", b"other", partner="bolt")
    calm = shelf.receive

    async def stormy(parcel):  # type: ignore[no-untyped-def]
        if parcel.claimed_sender == "acme":
            raise Retry("not now")
        return await calm(parcel)

    folder.receive = stormy
    await folder.fetch()
    assert await folder.fetch() == 1
    folder.receive = calm
    assert await folder.fetch() == 2
    assert [name for _, name, _ in shelf.kept] == ["other.edi", "1.edi", "2.edi"]


async def test_links_pipes_and_directories_are_not_messages(folder: Folder, shelf: Shelf, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of the house")
    box = tmp_path / "acme" / "in"
    (box / "link.edi").symlink_to(secret)
    (box / "directory.edi").mkdir()
    os.mkfifo(box / "pipe.edi")
    await folder.fetch()
    assert await folder.fetch() == 0
    assert shelf.parcels == []


async def test_a_file_name_in_no_known_encoding_is_shown_readably(folder: Folder, shelf: Shelf, tmp_path: Path) -> None:
    put(folder, os.fsdecode(b"order\xff\n.edi"))
    await folder.fetch()
    assert await folder.fetch() == 1
    assert shelf.kept[0][1] == "order�?.edi"


async def test_two_pollers_keep_a_file_once(folder: Folder, shelf: Shelf, tmp_path: Path) -> None:
    twin = Folder(tmp_path, shelf.receive, Noon(), settle=0.0)
    for n in range(20):
        put(folder, f"{n}.edi", str(n).encode())
    for _ in range(4):
        await asyncio.gather(folder.fetch(), twin.fetch())
    assert len(shelf.kept) == 20
    assert len(list((tmp_path / "acme" / "archive").iterdir())) == 20
    assert list((tmp_path / "acme" / "in").iterdir()) == []


async def test_a_delivered_file_is_whole_and_the_only_one(folder: Folder, tmp_path: Path) -> None:
    assert await folder.deliver(outgoing(b"whole", "out-1.edi")) == "It lies in acme/out/out-1.edi."
    out = tmp_path / "acme" / "out"
    assert [(p.name, p.read_bytes()) for p in out.iterdir()] == [("out-1.edi", b"whole")]


async def test_a_delivery_repeated_after_a_crash_is_the_same_delivery(folder: Folder) -> None:
    first = await folder.deliver(outgoing(b"same", "out-1.edi"))
    assert await folder.deliver(outgoing(b"same", "out-1.edi")) == first


async def test_a_delivery_never_overwrites(folder: Folder, tmp_path: Path) -> None:
    await folder.deliver(outgoing(b"first", "out-1.edi"))
    with pytest.raises(Reject) as caught:
        await folder.deliver(outgoing(b"second", "out-1.edi"))
    assert caught.value.reason == "NAME_TAKEN"
    assert (tmp_path / "acme" / "out" / "out-1.edi").read_bytes() == b"first"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", "", ".", "..", ".x", "a\\b", "a\nb", "a\0b", "x" * 201])
async def test_a_file_name_cannot_leave_the_folder(folder: Folder, name: str, tmp_path: Path) -> None:
    with pytest.raises(Reject):
        await folder.deliver(outgoing(b"x", name))
    assert os.listdir(tmp_path / "acme" / "out") == []
    assert os.listdir(tmp_path) == ["acme"]


@pytest.mark.parametrize("partner", ["..", "../acme", "/tmp", "", "Acme", "a/b", ".acme", "a" * 65])  # noqa: S108
async def test_a_partner_name_cannot_leave_the_mailboxes(folder: Folder, partner: str) -> None:
    with pytest.raises(Reject):
        await folder.deliver(outgoing(b"x", "x.edi", partner=partner))


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path, shelf: Shelf) -> None:
    (tmp_path / "acme").write_text("a file where the mailbox should be")
    with pytest.raises(Retry):
        await Folder(tmp_path, shelf.receive, Noon()).deliver(outgoing(b"x", "x.edi"))


async def test_polling_ends_when_it_is_told_to(folder: Folder, shelf: Shelf) -> None:
    stop = asyncio.Event()
    polling = asyncio.create_task(folder.poll(stop, every=0.01))
    put(folder, "a.edi")
    async with asyncio.timeout(5):
        while not shelf.kept:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    stop.set()
    async with asyncio.timeout(5):
        await polling


# -- files that say themselves where they end ------------------------------------------------------------------------

ISA = b"ISA*00*          *00*          *ZZ*ACME           *ZZ*HUB            *261122*1200*U*00401*%09d*0*P*>~"


def x12(control: int = 7, trailer: int | None = 7, end: bytes = b"~") -> bytes:
    closing = b"" if trailer is None else b"IEA*1*%09d~" % trailer
    return (ISA % control + b"GS*PO~ST*850*0001~SE*2*0001~GE*1*1~" + closing).replace(b"~", end)


def edifact(number: bytes = b"A7", trailer: bytes | None = b"A7", una: bytes = b"") -> bytes:
    closing = b"" if trailer is None else b"UNZ+1+" + trailer + b"'"
    return una + b"UNB+UNOC:3+ACME:14+HUB:14+261122:1200+" + number + b"'UNH+1+ORDERS:D:96A:UN'UNT+2+1'" + closing


WHOLE = {
    "x12": x12(), "x12, line ends": x12(end=b"~\r\n"), "x12, newline as terminator": x12(end=b"\n"),
    "x12, padded": b"\xef\xbb\xbf" + x12() + b"\r\n\x1a", "two": x12(1, 1) + b"\r\n" + x12(2, 2),
    "edifact": edifact(), "edifact, other signs": edifact(una=b"UNA:+.? '"), "two unb": edifact() + edifact(b"B", b"B"),
    "with VISA in it": x12().replace(b"SE*2", b"CTP*VISA*123456789~SE*2"),
    "csv": b"GTIN;quantity\n1;2", "one byte": b"I",
}


@pytest.mark.parametrize("name", WHOLE)
async def test_a_file_with_its_own_trailer_or_without_any_custom_is_taken(
    folder: Folder, shelf: Shelf, name: str
) -> None:
    put(folder, "a.edi", WHOLE[name])
    await folder.fetch()
    assert await folder.fetch() == 1
    assert shelf.kept[0][2] == WHOLE[name]


CUT = {
    "x12": x12(trailer=None), "edifact": edifact(trailer=None), "in the trailer": x12()[:-3],
    "in the last segment": edifact()[:-1], "second of two": x12(1, 1) + x12(2, None), "in the head": x12()[:108],
}


@pytest.mark.parametrize("name", CUT)
async def test_a_file_that_broke_off_waits_while_others_go_before_it(folder: Folder, shelf: Shelf, name: str) -> None:
    path = put(folder, "a.edi", CUT[name])
    put(folder, "b.edi", x12())
    for _ in range(3):
        await folder.fetch()
    assert [content for _, _, content in shelf.kept] == [x12()]
    path.write_bytes(x12(8, 8))
    await folder.fetch()
    await folder.fetch()
    assert len(shelf.kept) == 2


async def test_a_file_that_never_ends_goes_into_quarantine_and_somebody_is_told(tmp_path: Path, shelf: Shelf) -> None:
    told: list[Alert] = []

    async def tell(alert: Alert) -> None:
        told.append(alert)

    Mailbox(tmp_path, "acme").prepare()
    folder = Folder(tmp_path, shelf.receive, Noon(), settle=0.0, patience=0.2, tell=tell)
    put(folder, "a.edi", x12(trailer=None))
    await folder.fetch()
    await folder.fetch()
    assert told == []
    await asyncio.sleep(0.25)
    await folder.fetch()
    assert shelf.kept == []
    assert (tmp_path / "acme/quarantine/a.edi").read_bytes() == x12(trailer=None)
    assert "no trailer" in (tmp_path / "acme/quarantine/a.edi.txt").read_text()
    assert [(alert.kind, alert.partner) for alert in told] == [("file.quarantined", "acme")]


async def test_the_rest_of_an_older_file_is_doubted_and_then_taken(tmp_path: Path, shelf: Shelf) -> None:
    """The parser answers its sender; a machine that numbers wrongly is not left without an answer."""
    folder = Folder(tmp_path, shelf.receive, Noon(), settle=0.0, doubt=0.3)
    put(folder, "a.edi", x12(8, 7))
    await folder.fetch()
    assert await folder.fetch() == 0
    await asyncio.sleep(0.35)
    assert await folder.fetch() == 1


async def test_a_sweep_takes_away_what_a_killed_hub_left_and_nothing_else(folder: Folder, tmp_path: Path) -> None:
    left = [tmp_path / "acme" / name for name in ("out/.o.edi.77.part", "archive/reserved.edi")]
    kept = [tmp_path / "acme" / name for name in ("out/o.edi", "archive/a.edi", "in/empty.edi", "out/.new.1.part")]
    for path in (*left, *kept):
        path.write_bytes(b"" if "reserved" in path.name or "empty" in path.name else b"x")
    for path in (*left, *kept[:-1]):
        os.utime(path, (0, 0))
    assert folder.sweep() == 2
    assert [path.exists() for path in (*left, *kept)] == [False, False, True, True, True, True]
