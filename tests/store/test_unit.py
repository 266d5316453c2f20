"""Transactions: who they run as, and what a person or a job is told when one cannot go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from hub.errors import Forbidden, NotFound, Retry, Stop
from hub.model.exchange import Address
from hub.store import StoredUnits, Urls
from hub.store.unit import StoredUnit
from tests.store import trade

A, B = Address(id="A"), Address(id="B")


async def test_each_unit_runs_as_its_own_login(book: StoredUnits) -> None:
    who = "SELECT current_user || ' ' || coalesce(nullif(current_setting('hub.partner', true), ''), '-')"
    async with book.worker() as unit:
        assert await unit.transaction.scalar(who) == "hub_worker -"
    async with book.door("acme") as unit:
        assert str(await unit.transaction.scalar(who)).startswith("hub_door ")
        served = await unit.transaction.scalar("SELECT current_setting('hub.partner')::int")
        assert served == unit.transaction.partner_id
    async with book.door(None) as unit:
        assert await unit.transaction.scalar(who) == "hub_door -"


async def test_two_that_wait_for_each_other_end_with_a_retry_for_one(units: StoredUnits) -> None:
    async with units.worker() as unit:
        for scope in ("one", "two"):
            await unit.controls.take("x12", A, B, scope)
    both_hold = asyncio.Barrier(2)

    async def take(first: str, second: str) -> str:
        try:
            async with units.worker() as unit:
                await unit.controls.take("x12", A, B, first)
                await both_hold.wait()
                await unit.controls.take("x12", A, B, second)
        except Retry as again:
            return again.reason
        return "done"

    assert sorted(await asyncio.gather(take("one", "two"), take("two", "one"))) == ["CONFLICT", "done"]


async def test_a_pool_that_is_all_taken_says_try_again(urls: Urls) -> None:
    units = StoredUnits(urls.worker, urls.door, pool_size=1, overflow=1, patience=0.05)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(units.worker())
        with pytest.raises(Retry) as busy:
            await stack.enter_async_context(units.worker())
    assert busy.value.reason == "BUSY"
    await units.dispose()


async def test_a_server_that_is_not_there_says_try_again(urls: Urls) -> None:
    nowhere = urls.worker.split("?")[0] + "?host=%2Fnonexistent"
    units = StoredUnits(nowhere, nowhere)
    with pytest.raises(Retry) as away:
        async with units.worker():
            pass
    assert away.value.reason == "DATABASE_AWAY"
    assert "nonexistent" not in str(away.value)
    await units.dispose()


async def test_a_connection_that_breaks_is_replaced_by_the_next_one(units: StoredUnits) -> None:
    async def break_off(unit: StoredUnit) -> None:
        await unit.transaction.scalar("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(Retry):
        async with units.worker() as unit:
            await break_off(unit)
    async with units.worker() as unit:
        assert await unit.transaction.scalar("SELECT 1") == 1


async def test_a_caller_who_goes_away_leaves_no_lock_behind(book: StoredUnits) -> None:
    message = await trade.submit(book, "bolt")
    waiting = asyncio.Event()

    async def give_up() -> None:
        async with book.worker() as unit:
            await unit.inbox.lock(message)
            waiting.set()
            await unit.transaction.scalar("SELECT pg_sleep(60)")

    task = asyncio.create_task(give_up())
    await waiting.wait()
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10), book.worker() as unit:
        assert (await unit.inbox.lock(message)).state == "received"


async def test_two_workers_do_not_hold_the_same_message(book: StoredUnits) -> None:
    message = await trade.submit(book, "bolt")
    states = []

    async def process() -> None:
        async with book.worker() as unit:
            states.append((await unit.inbox.lock(message)).state)
            await asyncio.sleep(0.05)
            await trade.settle(unit, message, "bolt", "acme")

    await asyncio.gather(process(), process())
    assert states == ["received", "processed"]


async def test_text_that_postgres_cannot_hold_is_spelt_out(book: StoredUnits) -> None:
    async with book.worker() as unit:
        await unit.audit.record("a\0b", "x", "half \ud83d pair", {"k\0": ["\0", "\udc00"]})
        row = await unit.transaction.one("SELECT actor, subject, detail FROM audit_entry")
    assert row == {"actor": "a␀b", "subject": "half ? pair", "detail": {"k␀": ["␀", "?"]}}


async def test_what_is_not_there_is_not_found(book: StoredUnits) -> None:
    async with book.worker() as unit:
        for missing in (
            unit.inbox.get("msg_x"), unit.orders.get("ord_x"), unit.plans.series(99), unit.inbox.lock("msg_x"),
            unit.orders.move("ord_x", "sent"), unit.exceptions.add("run_x", []),
            unit.partners.issue_token("nobody", "x"), unit.partners.revoke_tokens("acme", "none"),
        ):
            with pytest.raises(NotFound):
                await missing


SERVED = "SELECT session_user AS login, nullif(current_setting('hub.partner', true), '')::int AS partner"
ENTERED = "SELECT session_user AS login, hub_enter(%(caller)s) AS partner"
LINE = "SELECT * FROM hub_forecasts(%(caller)s, '{pln_x}', '{09501101020917}', '{9501101020016}')"


@pytest.fixture
async def one_line(urls: Urls, book: StoredUnits) -> AsyncIterator[StoredUnits]:
    """Everything goes over one connection of each login."""
    units = StoredUnits(urls.worker, urls.door, pool_size=1, overflow=0)
    yield units
    await units.dispose()


async def test_a_glance_is_the_partners_and_what_follows_on_its_connection_is_nobodys(one_line: StoredUnits) -> None:
    async with one_line.door("acme") as unit:
        acme = unit.transaction.partner_id
    async with one_line.glance("acme") as unit:
        assert await unit.transaction.row(ENTERED, caller="acme") == {"login": "hub_door", "partner": acme}
    for opened in (one_line.glance, one_line.door):
        async with opened(None) as unit:
            assert await unit.transaction.row(SERVED) == {"login": "hub_door", "partner": None}


async def test_a_glance_is_one_statement_that_reads_as_the_partner(one_line: StoredUnits) -> None:
    async with one_line.glance("acme") as unit:
        with pytest.raises(Stop):
            await unit.transaction.rows(SERVED)
        assert await unit.transaction.rows(LINE, caller="acme") == []
        with pytest.raises(Stop):
            await unit.transaction.rows(LINE, caller="acme")
    async with one_line.glance("acme") as unit:
        with pytest.raises(Stop):
            await unit.sandbox(test=True)
        with pytest.raises(Stop):
            await unit.transaction.execute("SELECT 1")
        with pytest.raises(Stop):
            await unit.transaction.many("SELECT %(one)s", [{"one": 1}])


async def test_a_glance_as_somebody_unknown_sees_nothing(one_line: StoredUnits) -> None:
    with pytest.raises(Forbidden):
        async with one_line.glance("nobody") as unit:
            await unit.transaction.rows(LINE, caller="nobody")


async def test_a_glance_that_fails_leaves_its_connection_as_it_was(one_line: StoredUnits) -> None:
    with pytest.raises(Forbidden):
        async with one_line.glance("acme") as unit:
            await unit.transaction.rows("SELECT %(caller)s AS caller FROM credential", caller="acme")
    async with one_line.door("acme") as unit:
        server = await unit.transaction.scalar("SELECT pg_backend_pid()")
    async with one_line.glance(None) as unit:
        again = await unit.transaction.row("SELECT pg_backend_pid() AS server")
    assert again == {"server": server}


async def test_a_call_that_ends_in_the_middle_of_a_glance_does_not_hurt_the_next(one_line: StoredUnits) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2), one_line.glance("acme") as unit:
            await unit.transaction.rows("SELECT pg_sleep(60) FROM hub_enter(%(caller)s)", caller="acme")
    async with one_line.door("acme") as unit:
        assert await unit.transaction.row(SERVED) == {"login": "hub_door", "partner": unit.transaction.partner_id}
