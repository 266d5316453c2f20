"""Lanes of files to partners: order, one at a time, takeover, circuit, resending."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from hub.errors import NotFound, Reject
from hub.ports import Unit
from hub.store import StoredUnits, Urls
from hub.store.deliveries import COURIERS, SMALL


async def put(unit: Unit, receiver: str = "acme", name: str = "a", channel: str = "folder", **more: str) -> str:
    return await unit.outbox.put(
        receiver, channel, f"{name}.edi", name.encode(), sender=None, format="edifact", kind="ORDERS", version="D96A",
        control=None, in_reply_to=None, **more)


async def claim(units: StoredUnits, courier: int = 1, *, limit: int = 9, **more: object) -> list[str]:
    async with units.worker() as unit:
        return [d.message for d in await unit.deliveries.claim(courier, ["folder", "http"], limit, **more)]  # type: ignore[arg-type]


def pass_time(urls: Urls) -> None:
    """All waiting is over, and every courier was silent for a minute."""
    with psycopg.connect(urls.worker) as connection:
        connection.execute("""UPDATE delivery SET next_at = now(), claimed_at = claimed_at - interval '1 minute'""")
        connection.execute("UPDATE circuit SET open_until = now() WHERE open_until IS NOT NULL")


@pytest.fixture
async def queued(book: StoredUnits) -> tuple[str, str, str]:
    """Two files for acme, one for bolt."""
    async with book.worker() as unit:
        messages = [await put(unit, "acme", "1"), await put(unit, "acme", "2"), await put(unit, "bolt", "3")]
    return messages[0], messages[1], messages[2]


async def test_one_file_of_each_partner_is_taken_and_the_next_when_it_has_arrived(
    book: StoredUnits, queued: tuple[str, str, str]
) -> None:
    first, second, other = queued
    assert await claim(book) == [first, other]
    assert await claim(book, 2) == []
    async with book.worker() as unit:
        await unit.deliveries.succeed(first, "ok", 0.1, None)
        delivery = await unit.deliveries.get(first)
        assert (delivery.state, delivery.attempts, delivery.answer) == ("delivered", 1, "ok")
        assert (await unit.inbox.get(first)).state == "sent"
    assert await claim(book, 2) == [second]


async def test_a_small_file_comes_with_its_claim_and_a_large_one_is_asked_for(book: StoredUnits) -> None:
    async with book.worker() as unit:
        await put(unit, "acme", "s" * int(SMALL))
        await put(unit, "bolt", "l" * (int(SMALL) + 1))
        small, large = await unit.deliveries.claim(1, ["folder"], 9)
    assert (small.content, large.content) == (b"s" * int(SMALL), None)
    assert "content" not in repr(small), "what is written to a log"


async def test_many_couriers_at_once_take_each_file_once(book: StoredUnits) -> None:
    async with book.worker() as unit:
        messages = {await put(unit, partner, str(n)) for n in range(3) for partner in ("acme", "bolt", "cork", "dune")}
    taken: list[str] = []
    while len(taken) < 12:
        found = await asyncio.gather(*(claim(book, courier) for courier in range(1, 7)))
        round_ = [message for one in found for message in one]
        assert len(round_) <= 4
        taken += round_
        async with book.worker() as unit:
            for message in round_:
                await unit.deliveries.succeed(message, "ok", 0.1, None)
    assert sorted(taken) == sorted(messages)


async def test_a_file_that_waits_holds_up_its_own_lane_and_no_other(
    book: StoredUnits, queued: tuple[str, str, str], urls: Urls
) -> None:
    first, second, other = queued
    await claim(book)
    async with book.worker() as unit:
        assert not await unit.deliveries.postpone(1, first, "down", 0.1, 300, trip_after=3)
        await unit.deliveries.succeed(other, "ok", 0.1, None)
        third = await put(unit, "bolt", "4")
    assert await claim(book) == [third]
    pass_time(urls)
    assert first in await claim(book)
    assert second not in await claim(book)


async def test_others_pass_a_waiting_file_where_order_is_free(
    book: StoredUnits, queued: tuple[str, str, str]
) -> None:
    first, second, _ = queued
    await claim(book)
    async with book.worker() as unit:
        await unit.deliveries.postpone(1, first, "this one breaks our parser", 0.1, 300, trip_after=3)
    assert await claim(book, free=["acme"]) == [second]


async def test_the_third_failure_in_a_row_opens_the_circuit_and_a_success_closes_it(
    book: StoredUnits, queued: tuple[str, str, str], urls: Urls
) -> None:
    first, second, _ = queued
    opened = []
    for _ in range(4):
        await claim(book)
        async with book.worker() as unit:
            opened.append(await unit.deliveries.postpone(1, first, "down", 0.1, 300, trip_after=3))
        with psycopg.connect(urls.worker) as connection:
            connection.execute("UPDATE delivery SET next_at = now()")
        if opened[-1]:
            assert await claim(book, free=["acme"]) == [], "the circuit is open: nothing of acme goes out"
        pass_time(urls)
    assert opened == [False, False, True, False]
    await claim(book)
    async with book.worker() as unit:
        assert await unit.deliveries.succeed(first, "ok", 0.1, None) is True
    assert await claim(book) == [second]
    async with book.worker() as unit:
        assert await unit.deliveries.succeed(second, "ok", 0.1, None) is False


async def test_what_a_dead_courier_had_in_hand_is_taken_over_and_noted(
    book: StoredUnits, queued: tuple[str, str, str], urls: Urls
) -> None:
    assert await claim(book, 1) == [queued[0], queued[2]]
    assert await claim(book, 2) == [], "it was heard of a moment ago"
    with psycopg.connect(urls.worker, autocommit=True) as lock:
        lock.execute("SELECT pg_advisory_lock(%s, 1)", (COURIERS,))
        pass_time(urls)
        assert await claim(book, 2) == [], "it holds its lock, so it lives"
        lock.execute("SELECT pg_advisory_unlock(%s, 1)", (COURIERS,))  # a closed connection lets go a moment later
    assert await claim(book, 2) == [queued[0], queued[2]]
    async with book.worker() as unit:
        delivery = await unit.deliveries.get(queued[0])
        assert (delivery.state, delivery.attempts, delivery.losses, delivery.failures) == ("sending", 2, 1, 0)
        assert [a.outcome for a in await unit.deliveries.attempts(queued[0])] == ["lost"]


async def test_the_late_word_of_a_courier_that_was_given_up_counts_only_if_it_is_good(
    book: StoredUnits, queued: tuple[str, str, str], urls: Urls
) -> None:
    await claim(book, 1)
    pass_time(urls)
    await claim(book, 2)
    async with book.worker() as unit:
        await unit.deliveries.postpone(1, queued[0], "too late", 0.1, 300, trip_after=None)
        assert not await unit.deliveries.fail(1, queued[0], "refused", "too late", 0.1)
        assert (await unit.deliveries.get(queued[0])).state == "sending"
        await unit.deliveries.succeed(queued[0], "arrived after all", 0.1, None)
        assert (await unit.deliveries.get(queued[0])).state == "delivered"


async def test_a_courier_gives_back_what_it_does_not_carry(book: StoredUnits, queued: tuple[str, str, str]) -> None:
    await claim(book, 1)
    async with book.worker() as unit:
        assert await unit.deliveries.give_back(1, [queued[2]]) == 1
        assert await unit.deliveries.give_back(2) == 0
    assert await claim(book, 2) == [queued[0]]


async def test_a_resent_file_is_the_same_message_with_patience_anew(
    book: StoredUnits, queued: tuple[str, str, str]
) -> None:
    await claim(book)
    async with book.worker() as unit:
        with pytest.raises(Reject, match="on its way"):
            await unit.deliveries.resend(queued[0])
        await unit.deliveries.fail(1, queued[0], "refused", "404 Not Found", 0.1)
        assert await unit.deliveries.resend(queued[0]) == "failed"
        with pytest.raises(NotFound):
            await unit.deliveries.resend("msg_unknown")
    assert await claim(book) == [queued[0]]
    async with book.worker() as unit:
        delivery = await unit.deliveries.get(queued[0])
    assert (delivery.attempts, delivery.failures) == (2, 0)
    assert delivery.elapsed < 60


async def test_a_discarded_file_is_out_of_the_way(book: StoredUnits, queued: tuple[str, str, str]) -> None:
    async with book.worker() as unit:
        await unit.deliveries.discard(queued[0])
        with pytest.raises(Reject):
            await unit.deliveries.discard(queued[0])
    assert await claim(book) == [queued[1], queued[2]]


async def test_a_file_to_be_fetched_is_not_carried(book: StoredUnits) -> None:
    async with book.worker() as unit:
        message = await put(unit, channel="mailbox")
        assert (await unit.deliveries.get(message)).state == "waiting"
    assert await claim(book) == []


async def test_an_acknowledgement_that_does_not_come_is_found_missing_once(book: StoredUnits, urls: Urls) -> None:
    async with book.worker() as unit:
        late, answered, silent = [await put(unit, "acme", n, expects="CONTRL") for n in ("l", "a", "s")]
        unasked = await put(unit, "bolt", "u")
        for message in (late, answered, unasked):
            await unit.deliveries.succeed(message, "ok", 0.1, 3600)
        await unit.deliveries.succeed(silent, "ok", 0.1, None)
        assert await unit.deliveries.overdue() == []
    with psycopg.connect(urls.worker) as connection:
        connection.execute("UPDATE delivery SET due_at = due_at - interval '2 hours'")
        connection.execute("UPDATE message SET state = 'acknowledged' WHERE public_id = %s", (answered,))
    async with book.worker() as unit:
        assert [d.message for d in await unit.deliveries.overdue()] == [late]
        assert await unit.deliveries.overdue() == []


async def test_an_alert_is_open_once_until_it_is_closed(book: StoredUnits) -> None:
    from tests.store.trade import alert

    async with book.worker() as unit:
        assert [await unit.alerts.open(alert("acme")), await unit.alerts.open(alert("acme"))] == [True, False]
        assert [r.alert.partner for r in await unit.alerts.list()] == ["acme"]
        assert await unit.alerts.close("test", "acme")
        assert not await unit.alerts.close("test", "acme")
        assert await unit.alerts.list() == []
        assert await unit.alerts.open(alert("acme"))
        assert len(await unit.alerts.list(all=True)) == 2


async def test_a_dead_letter_waits_until_somebody_ends_it(book: StoredUnits) -> None:
    async with book.worker() as unit:
        message = await put(unit)
        await unit.dead_letters.add(message, "send", "refused", 1)
        assert [letter.message for letter in await unit.dead_letters.list()] == [message]
        ended = await unit.dead_letters.end(message, "discarded", "operator", "no longer wanted")
        assert (ended.ended, ended.reason) == ("discarded", "refused")
        assert await unit.dead_letters.list() == []
        assert len(await unit.dead_letters.list(all=True)) == 1
        with pytest.raises(NotFound):
            await unit.dead_letters.end(message, "discarded", "operator")


async def test_the_figures_count_what_waits(book: StoredUnits) -> None:
    async with book.worker() as unit:
        await put(unit, "acme")
        await put(unit, "bolt", channel="mailbox")
        dead = await put(unit, "bolt", "dead")
        await unit.dead_letters.add(dead, "send", "refused", 1)
        await unit.queue.defer("process", message="msg_0000000000000000000000")
        found = {(f.name, *sorted(f.labels.values())): f.value for f in await unit.figures.read()}
    assert found["hub_deliveries", "folder", "queued"] == 2
    assert found["hub_deliveries", "mailbox", "waiting"] == 1
    assert found["hub_jobs", "process", "todo"] == 1
    assert found["hub_dead_letters", "send"] == 1
    assert found["hub_circuits_open",] == 0
    assert found["hub_oldest_delivery_seconds",] < 60
