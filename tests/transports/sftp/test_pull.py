"""Files from a partner's own SFTP server, by the clock."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.transports.sftp.pull import SftpPull
from hub.errors import Retry
from hub.model.alert import Alert
from hub.model.sftp import SftpTerms
from hub.ports import Parcel, Receipt
from hub.store import StoredUnits
from tests.transports.outgoing import receiver
from tests.transports.sftp.test_push import HOST, Theirs, partners_server
from tests.transports.shelf import Noon, Shelf

ISA = b"ISA*00*          *00*          *ZZ*ACME           *ZZ*HUB            *261116*0630*U*00401*000000001*0*P*>~"
WHOLE = ISA + b"GS*PO*A*B*20261116*0630*1*X*004010~GE*0*1~IEA*1*000000001~"


@dataclass
class Told:
    open: dict[str, Alert] = field(default_factory=dict)

    async def tell(self, alert: Alert) -> None:
        self.open[alert.subject] = alert

    async def over(self, kind: str, subject: str) -> None:
        self.open.pop(subject, None)


@dataclass
class Fetching:
    theirs: Theirs
    pull: SftpPull
    told: Told
    shelf: Shelf

    def lay(self, name: str, content: bytes, changed: float = 1.0) -> Path:
        path = self.theirs.root / "out" / name
        path.write_bytes(content)
        os.utime(path, (changed, changed))
        return path

    def lies(self, folder: str = "out") -> list[str]:
        return sorted(path.name for path in (self.theirs.root / folder).iterdir())


@pytest.fixture
async def fetching(tmp_path: Path, shelf: Shelf) -> AsyncIterator[Fetching]:
    ours, told = tmp_path / "secrets" / "client", Told()

    async def receive(parcel: Parcel) -> Receipt:
        assert parcel.held is not None
        content = parcel.held.file.read()

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        return await shelf.receive(Parcel(
            chunks(), parcel.channel, parcel.claimed_sender, parcel.received_at, parcel.filename))

    pull = SftpPull(receive, Noon(), str, ours, 10_000_000, told.tell, told.over, settle=0.01)
    async with partners_server(tmp_path, ours) as theirs:
        yield Fetching(theirs, pull, told, shelf)


async def test_what_lies_there_is_taken_in_order_and_deleted(fetching: Fetching) -> None:
    fetching.lay("b.edi", WHOLE, 5.0)
    fetching.lay("a.edi", b"anything", 9.0)
    assert await fetching.pull.fetch(fetching.theirs.profile()) == 2
    assert fetching.shelf.kept == [("acme", "b.edi", WHOLE), ("acme", "a.edi", b"anything")]
    assert fetching.shelf.parcels[0].channel == "sftp"
    assert fetching.lies() == []
    assert await fetching.pull.fetch(fetching.theirs.profile()) == 0


async def test_what_is_done_is_moved_where_the_profile_says_over_nothing(fetching: Fetching) -> None:
    for number in range(3):
        fetching.lay("same.edi", WHOLE + b"%d" % number)
        fetching.lay("same.edi", b"%d" % number)
        assert await fetching.pull.fetch(fetching.theirs.profile(done="/done")) == 1
    assert fetching.lies("done") == ["same.edi", "same.edi~2", "same.edi~3"]
    assert len(fetching.shelf.kept) == 3


async def test_what_may_still_grow_stays(fetching: Fetching) -> None:
    for name in (".hidden", "a.part", "b.TMP", "c.filepart"):
        fetching.lay(name, b"x")
    fetching.lay("empty.edi", b"")
    fetching.lay("cut.edi", WHOLE[:-20])
    (fetching.theirs.root / "out" / "folder").mkdir()
    (fetching.theirs.root / "out" / "link").symlink_to(fetching.theirs.root / "out" / "cut.edi")
    assert await fetching.pull.fetch(fetching.theirs.profile()) == 0
    assert fetching.shelf.kept == []
    assert len(fetching.lies()) == 8
    fetching.lay("cut.edi", WHOLE)
    assert await fetching.pull.fetch(fetching.theirs.profile()) == 1


async def test_a_file_that_stays_at_two_looks_is_told_until_it_is_gone(fetching: Fetching) -> None:
    path = fetching.lay("cut.edi", WHOLE[:-20])
    await fetching.pull.fetch(fetching.theirs.profile())
    assert fetching.told.open == {}
    await fetching.pull.fetch(fetching.theirs.profile())
    assert "cut.edi stays there: It has no trailer" in fetching.told.open["acme"].message
    path.unlink()
    await fetching.pull.fetch(fetching.theirs.profile())
    assert fetching.told.open == {}


async def test_one_that_is_too_large_stops_none_of_the_others(fetching: Fetching) -> None:
    fetching.pull.limit = 100
    fetching.lay("large.edi", b"x" * 101, 1.0)
    fetching.lay("small.edi", b"x" * 100, 2.0)
    assert await fetching.pull.fetch(fetching.theirs.profile()) == 1
    assert fetching.lies() == ["large.edi"]


async def test_what_could_not_be_stored_stays_and_comes_the_next_time(fetching: Fetching) -> None:
    fetching.lay("a.edi", WHOLE)
    fetching.shelf.fail_with = [Retry("The database does not answer.")]
    assert await fetching.pull.fetch(fetching.theirs.profile()) == 0
    assert fetching.lies() == ["a.edi"]
    assert "database" in fetching.told.open["acme"].message
    assert await fetching.pull.fetch(fetching.theirs.profile()) == 1
    assert fetching.told.open == {}


async def test_a_crash_between_commit_and_deletion_ends_in_one_message(fetching: Fetching) -> None:
    fetching.lay("a.edi", WHOLE)
    fetching.shelf.fail_after_commit = [Retry("the process died here")]
    await fetching.pull.fetch(fetching.theirs.profile())
    await fetching.pull.fetch(fetching.theirs.profile())
    assert len(fetching.shelf.kept) == 1
    assert fetching.lies() == []


async def test_a_server_that_is_not_there_is_told_and_raises_nothing(fetching: Fetching) -> None:
    assert await fetching.pull.fetch(fetching.theirs.profile(server="sftp://hub@127.0.0.1:1")) == 0
    assert "cannot be reached" in fetching.told.open["acme"].message
    await fetching.pull.fetch(fetching.theirs.profile())
    assert fetching.told.open == {}


async def test_who_hosts_nothing_is_not_visited(fetching: Fetching) -> None:
    assert await fetching.pull.fetch(receiver("acme")) == 0
    assert await fetching.pull.fetch(fetching.theirs.profile(get=None)) == 0


async def test_the_clock_visits_who_hosts_a_server_and_no_more_when_it_does_not(units: StoredUnits) -> None:
    key = HOST.export_public_key().decode()
    terms = SftpTerms(server="sftp://hub@acme.example", host_keys=(key,), get="/out", every_minutes=15)

    async def rows() -> list[tuple[str, str, str, bool]]:
        async with units.worker() as unit:
            found = await unit.transaction.rows("SELECT name, cron, job, enabled FROM schedule WHERE job = 'fetch'")
        return [(row["name"], row["cron"], row["job"], row["enabled"]) for row in found]

    for sftp, expected in (
        (None, []), (terms, [("fetch acme", "*/15 * * * *", "fetch", True)]),
        (terms.model_copy(update={"every_minutes": 60}), [("fetch acme", "0 * * * *", "fetch", True)]),
        (None, [("fetch acme", "0 * * * *", "fetch", False)]),
    ):
        async with units.worker() as unit:
            await unit.partners.put(receiver("acme").model_copy(update={"sftp": sftp}), [], {})
        assert await rows() == expected
