"""What a sender is told when it sends something again: over real connections, into the real inbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest

from adapters.transports.http import HttpDoor
from adapters.transports.limits import Limits
from adapters.transports.problem import problem
from hub.errors import Finding
from hub.flow import care, inbound
from hub.flow.intake import Guard, Quota
from hub.model.quota import QuotaTerms
from hub.ports import Parcel, Receipt
from hub.store import StoredUnits, Urls
from tests.store import trade
from tests.transports.shelf import Noon, Shelf
from tests.transports.wires import StandIn, serving

LIMIT = 8 * 1024 * 1024
ORDER, OTHER = b"ISA*00*first~", b"ISA*00*second~"


@pytest.fixture
async def book(units: StoredUnits) -> StoredUnits:
    await trade.found(units)
    return units


@pytest.fixture
async def url(book: StoredUnits) -> AsyncIterator[str]:
    async def receive(parcel: Parcel) -> Receipt:
        return await inbound.receive(book, parcel, LIMIT)

    async with serving(HttpDoor(StandIn(Shelf(), receive), Noon(), Limits(LIMIT, 10.0, 64))) as port:
        yield f"http://127.0.0.1:{port}/v1/messages"


async def post(url: str, content: bytes, key: str | None = None, partner: str = "acme") -> httpx.Response:
    headers = {"Authorization": f"Bearer token-of-{partner}"} | ({} if key is None else {"Idempotency-Key": key})
    async with httpx.AsyncClient(timeout=30) as client:
        return await client.post(url, content=content, headers=headers)


def messages(urls: Urls) -> int:
    with psycopg.connect(urls.worker) as connection:
        row = connection.execute("SELECT count(*) FROM message").fetchone()
    return 0 if row is None else row[0]


async def settle(units: StoredUnits, message: str, state: str) -> None:
    async with units.worker() as unit:
        await unit.inbox.settle(
            message, state, sender="acme", receiver=None, format="x12", kind="850", version=None, control=None,
            findings=list[Finding]())


async def test_a_repeat_under_its_key_gets_the_first_answer_byte_for_byte(url: str, urls: Urls) -> None:
    first, again = await post(url, ORDER, "k-1"), await post(url, ORDER, '"k-1"')
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert messages(urls) == 1


async def test_the_same_bytes_under_a_new_key_are_known_by_their_bytes(url: str, urls: Urls) -> None:
    first = (await post(url, ORDER, "k-1")).json()["message"]
    again = await post(url, ORDER, "k-2")
    assert (again.status_code, again.json()["message"], again.json()["duplicate"]) == (200, first, True)
    assert messages(urls) == 1


async def test_other_bytes_under_a_key_that_was_used_are_refused_and_somebody_is_told(
    url: str, urls: Urls, book: StoredUnits
) -> None:
    await post(url, ORDER, "k-1")
    reused = await post(url, OTHER, "k-1")
    assert (reused.status_code, reused.json()["reason"]) == (422, "REFERENCE_REUSED")
    assert messages(urls) == 1
    async with book.worker() as unit:
        [raised] = await unit.alerts.list()
    assert (raised.alert.kind, raised.alert.partner) == ("message.reference_reused", "acme")
    assert (await post(url, OTHER, "k-2")).status_code == 201


async def test_a_key_belongs_to_its_partner(url: str, urls: Urls) -> None:
    assert (await post(url, ORDER, "k-1", "acme")).status_code == 201
    assert (await post(url, OTHER, "k-1", "bolt")).status_code == 201
    assert messages(urls) == 2


@pytest.mark.parametrize("state", ["rejected", "dead"])
@pytest.mark.parametrize("key", [None, "k-1"])
async def test_what_failed_may_be_sent_again_and_is_then_a_new_message(
    url: str, urls: Urls, book: StoredUnits, state: str, key: str | None
) -> None:
    first = (await post(url, ORDER, key)).json()["message"]
    await settle(book, first, state)
    again = await post(url, ORDER, key)
    assert (again.status_code, again.json()["duplicate"]) == (201, False)
    assert again.json()["message"] != first
    await settle(book, again.json()["message"], "processed")
    third = await post(url, ORDER, key)
    assert third.json()["message"] == again.json()["message"]


async def test_a_corrected_file_may_come_under_the_key_of_the_rejected_one(
    url: str, urls: Urls, book: StoredUnits
) -> None:
    await settle(book, (await post(url, ORDER, "k-1")).json()["message"], "rejected")
    assert (await post(url, OTHER, "k-1")).status_code == 201


async def test_many_copies_at_once_under_one_key_get_one_answer(url: str, urls: Urls) -> None:
    replies = await asyncio.gather(*(post(url, ORDER, "k-1") for _ in range(12)))
    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.content for reply in replies}) == 1
    assert messages(urls) == 1


async def test_of_two_different_files_at_once_under_one_key_one_is_refused(url: str, urls: Urls) -> None:
    for n in range(5):
        replies = await asyncio.gather(post(url, ORDER + bytes([n]), f"k-{n}"), post(url, OTHER + bytes([n]), f"k-{n}"))
        assert sorted(reply.status_code for reply in replies) == [201, 422]
    assert messages(urls) == 5


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "caf\u00e9", "a\tb"])
async def test_an_odd_key_is_refused_with_the_reason(url: str, urls: Urls, key: str) -> None:
    headers = [(b"Authorization", b"Bearer token-of-acme"), (b"Idempotency-Key", key.encode("latin-1"))]
    async with httpx.AsyncClient() as client:
        reply = await client.post(url, content=ORDER, headers=headers)
    assert (reply.status_code, reply.json()["reason"]) == (400, "BAD_KEY")
    assert messages(urls) == 0


async def test_a_message_processed_again_must_not_meet_its_own_copy(
    url: str, urls: Urls, book: StoredUnits
) -> None:
    first = (await post(url, ORDER)).json()["message"]
    await settle(book, first, "rejected")
    async with book.worker() as unit:
        assert (await care.reprocess(unit, first)).state == "received"
    assert (await post(url, ORDER)).json()["message"] == first
    await settle(book, first, "rejected")
    second = (await post(url, ORDER)).json()["message"]
    async with book.worker() as unit:
        from hub.errors import Reject

        with pytest.raises(Reject, match="accepted since"):
            await care.reprocess(unit, first)
        with pytest.raises(Reject, match="received"):
            await care.reprocess(unit, second)


# -- what the hub as a whole can take --------------------------------------------------------------------------------


async def hand_in(units: StoredUnits, guard: Guard, content: bytes, partner: str = "acme") -> Receipt:
    parcel = Parcel(trade.bytes_of(content), "folder", partner, datetime.now(UTC))
    return await inbound.receive(units, parcel, LIMIT, guard)


class Today:
    def now(self) -> datetime:
        return datetime.now(UTC)


async def test_a_partner_that_has_sent_its_days_worth_waits_until_midnight(book: StoredUnits, tmp_path: Path) -> None:
    from hub.flow.intake import QuotaReached

    guard = Guard(book, Today(), Quota(3, 1000), (tmp_path,), 0.0)
    for n in range(3):
        await hand_in(book, guard, str(n).encode())
    with pytest.raises(QuotaReached) as caught:
        await hand_in(book, guard, b"4")
    assert caught.value.after is not None
    assert 0 < caught.value.after <= 86400
    await hand_in(book, guard, b"4", "bolt")
    fresh = Guard(book, Today(), Quota(3, 1000), (tmp_path,), 0.0)
    with pytest.raises(QuotaReached):
        await hand_in(book, fresh, b"5")


async def test_bytes_count_as_well_as_files(book: StoredUnits, tmp_path: Path) -> None:
    from hub.flow.intake import QuotaReached

    guard = Guard(book, Today(), Quota(100, 1000), (tmp_path,), 0.0)
    await hand_in(book, guard, b"x" * 1000)
    with pytest.raises(QuotaReached):
        await hand_in(book, guard, b"y")


async def test_a_partner_may_have_a_quota_of_its_own_for_a_day_and_for_an_hour(
    book: StoredUnits, tmp_path: Path
) -> None:
    from hub.flow.intake import QuotaReached

    async def agree(**terms: int) -> Guard:
        own = trade.profile("acme").model_copy(update={"quota": QuotaTerms(**terms)})
        async with book.worker() as unit:
            await unit.partners.put(own, [], {})
        return Guard(book, Today(), Quota(3, 1000), (tmp_path,), 0.0)

    guard = await agree(messages_per_day=4, messages_per_hour=2)
    for n in range(2):
        await hand_in(book, guard, str(n).encode())
    with pytest.raises(QuotaReached, match="one hour is 2") as caught:
        await hand_in(book, guard, b"2")
    assert 15 <= (caught.value.after or 0) <= 3600
    told = problem(caught.value)
    assert (told.status_code, 15 <= int(told.headers["retry-after"]) <= 3600) == (429, True)
    assert b"when Retry-After is over" in told.body
    with pytest.raises(QuotaReached, match="one hour"):
        await hand_in(book, await agree(messages_per_hour=2), b"2")
    guard = await agree(messages_per_day=4)
    for n in (2, 3):
        await hand_in(book, guard, str(n).encode())
    with pytest.raises(QuotaReached, match="4 files and 1000 bytes"):
        await hand_in(book, guard, b"4")
    with pytest.raises(QuotaReached, match="and 3 bytes"):
        await hand_in(book, await agree(messages_per_day=9, bytes_per_day=3), b"5")
    assert (await guard.terms("bolt")) == QuotaTerms()


async def test_without_room_on_the_disk_nothing_is_taken(book: StoredUnits, urls: Urls, tmp_path: Path) -> None:
    from hub.flow.intake import DiskFull

    with pytest.raises(DiskFull) as caught:
        await hand_in(book, Guard(book, Today(), Quota(9, 999), (tmp_path,), 100.1), b"x")
    assert caught.value.after == 60
    assert messages(urls) == 0


async def test_the_operator_knows_while_there_is_no_room_on_the_disk(book: StoredUnits, tmp_path: Path) -> None:
    guard = Guard(book, Today(), Quota(9, 999), (tmp_path,), 100.1)

    async def told() -> list[str]:
        await guard.look()
        async with book.worker() as unit:
            return [raised.alert.kind for raised in await unit.alerts.list()]

    assert await told() == await told() == ["disk.short"]
    guard.free_percent = 0.0
    assert await told() == []
    guard.free_percent = 100.1
    assert await told() == ["disk.short"]
