"""What is over its time goes, what proves it stays, and a repeat is still known as one."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import get_args

import psycopg
import pytest

from hub.errors import Finding, NotFound, Reject, Severity, Where
from hub.flow import care
from hub.flow.purge import purge
from hub.model.retention import Book, Kept, RetentionTerms
from hub.ports import Due
from hub.store import StoredUnits, Urls
from tests.store import trade

Ids = dict[str, str]


class At:
    """A clock that stands `days` after everything came."""

    def __init__(self, days: float) -> None:
        self.days = days

    def now(self) -> datetime:
        return trade.NOW + timedelta(days=self.days)


@pytest.fixture
async def book(units: StoredUnits) -> StoredUnits:
    await trade.found(units)
    return units


async def agree(units: StoredUnits, partner: str, **terms: int) -> None:
    async with units.worker() as unit:
        await unit.partners.put(
            trade.profile(partner).model_copy(update={"retention": RetentionTerms(**terms)}), [], {})


async def processed(units: StoredUnits, content: bytes = b"ISA*a secret price~", receiver: str = "acme") -> str:
    """A file of bolt's, read and posted, with a document and a finding."""
    message = await trade.submit(units, "bolt", content)
    found = Finding(code="E-X12-NOT-NUMERIC", severity=Severity.ERROR, where=Where(tag="PO1", segment=4, element=2),
                    message="It is secret.", hint="Send digits.", value="secret")
    async with units.worker() as unit:
        await unit.documents.add(message, trade.reading(trade.order()), "bolt", receiver)
        await unit.inbox.settle(
            message, "processed", sender="bolt", receiver=receiver, format="x12", kind="850", version="004010",
            control="000000001", findings=[found])
    return message


async def run(units: StoredUnits, days: float, *, dry_run: bool = False) -> dict[Kept | Book, int]:
    return {one.what: one.count for one in await purge(units, At(days), dry_run=dry_run) if one.what in get_args(Kept)}


async def test_content_goes_when_both_sides_agreed_and_evidence_stays(book: StoredUnits, urls: Urls) -> None:
    message = await processed(book)
    await agree(book, "bolt", bytes_days=10, documents_days=20)
    assert await run(book, 11) == {"bytes": 0, "documents": 0, "attempts": 0}, "acme has agreed on nothing"
    await agree(book, "acme", bytes_days=30, documents_days=30)
    assert (await run(book, 29))["bytes"] == 0, "the longer one counts"
    assert await run(book, 31, dry_run=True) == {"bytes": 1, "documents": 1, "attempts": 0}
    assert await run(book, 31) == {"bytes": 1, "documents": 1, "attempts": 0}
    assert await run(book, 31) == {"bytes": 0, "documents": 0, "attempts": 0}, "once"
    async with book.worker() as unit:
        left = await unit.inbox.get(message)
        [document] = await unit.documents.of_message(message)
        with pytest.raises(NotFound, match="purged"):
            _ = [chunk async for chunk in unit.inbox.content(message)]
        assert await unit.audit.verify() >= 2
    digest = hashlib.sha256(b"ISA*a secret price~").hexdigest()
    assert (left.sha256, left.length, left.control, left.state) == (digest, 19, "000000001", "processed")
    assert left.purged_at is not None
    assert [f.code for f in left.findings] == ["E-X12-NOT-NUMERIC"]
    assert "secret" not in str(left)
    assert (document.number, document.body) == ("4500", {})
    async with book.door("bolt") as unit:
        assert (await unit.inbox.get(message)).purged_at == left.purged_at, "its partner sees that it is gone"
    with psycopg.connect(urls.owner) as connection:
        why = connection.execute("SELECT DISTINCT why FROM purged").fetchall()
    assert why == [("30 days, agreed with acme and bolt",)]


async def test_a_repeat_of_what_was_purged_is_still_a_repeat(book: StoredUnits) -> None:
    content = b"ISA*one and the same~"
    message = await processed(book, content)
    for partner in ("acme", "bolt"):
        await agree(book, partner, bytes_days=1)
    assert (await run(book, 2))["bytes"] == 1
    async with book.door("bolt") as unit:
        receipt = await unit.inbox.receive(trade.parcel(content, "bolt"), trade.LIMIT)
    assert (receipt.message, receipt.duplicate) == (message, True)
    async with book.worker() as unit:
        number = trade.interchange()
        assert number.sender is not None
        first = await unit.controls.arrive("x12", "bolt", number.sender, number.receiver, 1)
        again = await unit.controls.arrive("x12", "bolt", number.sender, number.receiver, 1)
    assert (first.kind, again.kind, again.earlier) == ("first", "repeated", message)


async def test_a_legal_hold_keeps_everything_of_a_partner_until_it_is_released(book: StoredUnits) -> None:
    await processed(book)
    for partner in ("acme", "bolt"):
        await agree(book, partner, bytes_days=1, documents_days=1)
    async with book.worker() as unit:
        due = await unit.retention.due("bytes", At(2).now())
        assert [await unit.retention.hold("acme", "dispute", "J. Marsh") for _ in range(2)] == [True, False]
    assert await run(book, 99) == {"bytes": 0, "documents": 0, "attempts": 0}
    async with book.worker() as unit:
        assert await unit.retention.purge(due) == 0, "even what was found before it began"
        [held] = await unit.retention.holds()
        assert (held.partner, held.reason) == ("acme", "dispute")
        assert [await unit.retention.release("acme", "J. Marsh") for _ in range(2)] == [True, False]
        assert await unit.retention.holds() == []
    assert (await run(book, 99))["bytes"] == 1


async def test_what_is_still_to_be_done_is_never_purged(book: StoredUnits) -> None:
    """A file not read yet, one that waits for its receiver, one whose dead letter nobody has cared for."""
    waiting = await trade.submit(book, "bolt", b"ISA*not read yet~")
    async with book.worker() as unit:
        sent = {state: await unit.outbox.put(
            "bolt", "mailbox" if state == "waiting" else "folder", "f", b"UNB", sender=None, format="edifact",
            kind="ORDERS", version=None, control="1", in_reply_to=None) for state in ("queued", "waiting", "failed")}
        await unit.dead_letters.add(sent["failed"], "send", "refused", 1)
        await unit.deliveries.discard(sent["failed"])
    await agree(book, "bolt", bytes_days=1, attempts_days=1)
    later = At(4000)  # what goes out has the database's time
    async with book.worker() as unit:
        assert await unit.retention.due("bytes", later.now()) == []
        assert await unit.retention.purge([
            Due(id_, "bytes", trade.NOW, 3, 1, ("bolt",)) for id_ in (waiting, *sent.values())]) == 0
        await unit.dead_letters.end(sent["failed"], "discarded", "operator")
        assert [one.message for one in await unit.retention.due("bytes", later.now())] == [sent["failed"]]
        assert [one.message for one in await unit.retention.due("attempts", later.now())] == [sent["failed"]]


async def test_what_has_no_bytes_any_more_is_neither_sent_nor_processed_again(book: StoredUnits) -> None:
    message = await trade.submit(book, "bolt")
    async with book.worker() as unit:
        await unit.inbox.settle(message, "rejected", sender="bolt", receiver=None, format=None, kind=None, version=None,
                                control=None, findings=[])
    await agree(book, "bolt", bytes_days=1)
    assert (await run(book, 2))["bytes"] == 1
    async with book.worker() as unit:
        with pytest.raises(Reject, match="purged"):
            await care.reprocess(unit, message)
        with pytest.raises(Reject, match="purged"):
            await care.resend(unit, message)


async def test_many_messages_go_in_batches(book: StoredUnits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.flow.purge.BATCH", 2)
    for number in range(5):
        await processed(book, f"ISA*{number}~".encode(), receiver="bolt")
    await agree(book, "bolt", bytes_days=1)
    assert (await run(book, 2, dry_run=True))["bytes"] == 5
    assert (await run(book, 2))["bytes"] == 5
