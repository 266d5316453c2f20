"""A backup is only one when it was read back: everything, and nothing by half."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from hub.errors import Reject, Stop
from hub.store import StoredUnits, Urls
from hub.store.backup import backup, prove, restore
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
    assert backup(urls.owner, file) == file.stat().st_size > 0
    assert file.stat().st_mode & 0o777 == 0o600
    proof = restore(empty.owner, file)
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
    backup(urls.owner, file)
    with pytest.raises(Reject, match="already"):
        backup(urls.owner, file)
    with pytest.raises(Reject, match="not empty"):
        restore(urls.owner, file)


async def test_a_broken_file_leaves_the_database_empty(
    book: StoredUnits, urls: Urls, empty: Urls, tmp_path: Path
) -> None:
    await trade.submit(book, "bolt", bytes(100_000))
    file = tmp_path / "hub.dump"
    backup(urls.owner, file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(Stop, match="pg_restore failed"):
        restore(empty.owner, file)
    with psycopg.connect(empty.owner) as connection:
        row = connection.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone()
    assert row == (0,)


async def test_bytes_that_changed_are_found_out(book: StoredUnits, urls: Urls) -> None:
    message = await trade.submit(book, "bolt", b"ISA*00*~")
    prove(urls.owner)
    with psycopg.connect(urls.owner) as connection:
        connection.execute("UPDATE message_chunk SET content = 'ISA*01*~'")
    with pytest.raises(Stop, match=message):
        prove(urls.owner)


async def test_the_password_stands_on_no_command_line(urls: Urls) -> None:
    with pytest.raises(Stop) as caught:
        backup(urls.owner.replace("/test_", "/nowhere_"), Path("/tmp/never.dump"))  # noqa: S108
    from psycopg.conninfo import conninfo_to_dict

    assert str(conninfo_to_dict(urls.owner)["password"]) not in str(caught.value)
