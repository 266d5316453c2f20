"""A backup is only one when it was read back: everything, and nothing by half."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import psycopg
import pytest

from hub.errors import Reject, Stop
from hub.store import StoredUnits, Urls
from hub.store.backup import backup, prove, restore
from hub.store.bundle import put_back
from tests.database import Server
from tests.store import trade
from tests.store.test_visibility import everything
from tests.store.trade import DEPOT, SOAP


@pytest.fixture
def empty(server: Server) -> Urls:
    return server.urls(server.fresh("template0"))


async def test_everything_comes_back_and_is_proven(
    book: StoredUnits, urls: Urls, empty: Urls, tmp_path: Path
) -> None:
    ids = await trade.live(book, "north", "acme", "bolt", SOAP, DEPOT)
    large = await trade.submit(book, "bolt", bytes(range(256)) * 10_000)
    file = tmp_path / "hub.dump"
    assert backup(urls.owner, file, tmp_path / "mailboxes") == file.stat().st_size > 0
    assert file.stat().st_mode & 0o777 == 0o600
    proof = restore(empty.owner, file, tmp_path / "restored")
    assert (proof.messages, proof.documents, proof.orders, proof.audited) == (3, 1, 1, 1)
    assert everything(empty) == everything(urls)
    units = StoredUnits(empty.worker, empty.door, pool_size=2, overflow=2)
    async with units.door("acme") as unit:
        assert (await unit.orders.get(ids["order"])).number == "4500"
    async with units.worker() as unit:
        content = b"".join([chunk async for chunk in unit.inbox.content(large)])
        assert content == bytes(range(256)) * 10_000
        assert await trade.submit(units, "bolt", b"life goes on")
    await units.dispose()


async def test_a_backup_overwrites_nothing_and_is_restored_into_nothing_but_an_empty_database(
    book: StoredUnits, urls: Urls, tmp_path: Path
) -> None:
    file = tmp_path / "hub.dump"
    backup(urls.owner, file, tmp_path / "mailboxes")
    with pytest.raises(Reject, match="already"):
        backup(urls.owner, file, tmp_path / "mailboxes")
    with pytest.raises(Reject, match="Nothing can be written into"):
        backup(urls.owner, tmp_path / "nowhere" / "hub.dump", tmp_path / "mailboxes")
    with pytest.raises(Reject, match="not empty"):
        restore(urls.owner, file, tmp_path / "restored")


async def test_a_broken_file_leaves_the_database_empty(
    book: StoredUnits, urls: Urls, empty: Urls, tmp_path: Path
) -> None:
    await trade.submit(book, "bolt", bytes(100_000))
    file = tmp_path / "hub.dump"
    backup(urls.owner, file, tmp_path / "mailboxes")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(Stop, match=r"no whole backup|pg_restore failed"):
        restore(empty.owner, file, tmp_path / "restored")
    with psycopg.connect(empty.owner) as connection:
        row = connection.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone()
    assert row == (0,)


def lay(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_what_lies_in_partners_folders_and_nowhere_else_comes_back(
    book: StoredUnits, urls: Urls, empty: Urls, tmp_path: Path
) -> None:
    boxes, again = tmp_path / "home" / "boxes", tmp_path / "restored"
    lying = {"acme/in/new.edi": b"new", "acme/out/x.edi": b"out", "bolt/refused/r.edi": b"no", "bolt/.drafts/.d": b"d",
             "acme/.arriving/half": b"ha"}
    lay(boxes, lying | {"acme/archive/taken.edi": b"in the database", "acme/in/.x.tmp": b"t"})
    (boxes / "acme" / "in" / "link").symlink_to("/etc/hosts")
    file = tmp_path / "hub.tar"
    backup(urls.owner, file, boxes)
    lay(again, {"acme/in/new.edi": b"there already"})
    assert restore(empty.owner, file, again).files == 5
    assert files(again) == lying | {"acme/in/new.edi": b"there already", "acme/in/.x.tmp": b"t"}


def test_a_backup_that_somebody_else_made_writes_nothing_outside_of_the_folders(tmp_path: Path) -> None:
    file, boxes = tmp_path / "evil.tar", tmp_path / "home" / "mailboxes"
    with tarfile.open(file, "w:") as tar:
        for name in ("mailboxes/acme/in/../../../../evil", "/etc/evil", "mailboxes/acme/in/..", "mailboxes/../in/evil",
                     "mailboxes/acme/in/good"):
            entry = tarfile.TarInfo(name)
            entry.size = 3
            tar.addfile(entry, io.BytesIO(b"abc"))
        link = tarfile.TarInfo("mailboxes/acme/in/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    assert put_back(file, boxes) == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["evil.tar", "good"]


async def test_bytes_that_changed_are_found_out(book: StoredUnits, urls: Urls) -> None:
    message = await trade.submit(book, "bolt", b"ISA*00*~")
    prove(urls.owner)
    with psycopg.connect(urls.owner) as connection:
        connection.execute("UPDATE message_chunk SET content = 'ISA*01*~'")
    with pytest.raises(Stop, match=message):
        prove(urls.owner)


async def test_the_password_stands_on_no_command_line(urls: Urls, tmp_path: Path) -> None:
    with pytest.raises(Stop) as caught:
        backup(urls.owner.replace("/test_", "/nowhere_"), tmp_path / "never", tmp_path)
    from psycopg.conninfo import conninfo_to_dict

    assert str(conninfo_to_dict(urls.owner)["password"]) not in str(caught.value)
