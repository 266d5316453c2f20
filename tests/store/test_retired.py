"""Orders, observations and plans go when both sides agreed on an end; what proves that they were there stays."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg

from hub.flow.purge import purge
from hub.model.order import Order
from hub.model.retention import Book, RetentionTerms
from hub.store import StoredUnits, Urls
from tests.store import trade
from tests.store.test_retention import At

WEEKS = {"orders_days": 30, "observations_days": 40, "plans_days": 50}
LATER = At(4000)
"""What the database dates itself is long over by then."""
NOTHING: dict[Book, int] = {"orders": 0, "observations": 0, "plans": 0}


async def agree(units: StoredUnits, *partners: str) -> None:
    async with units.worker() as unit:
        for partner in partners:
            await unit.partners.put(
                trade.profile(partner).model_copy(update={"retention": RetentionTerms(**WEEKS)}), [], {})


async def filled(units: StoredUnits) -> dict[str, str]:
    """An order of bolt's that has arrived, one that goes on, a week of sales, and two versions of a forecast."""
    message = await trade.submit(units, "bolt")
    async with units.worker() as unit:
        ended = await unit.orders.place(trade.order("4500"), "bolt", "acme", message)
        going = await unit.orders.place(trade.order("4501"), "bolt", "acme", message)
        assert ended is not None
        assert going is not None
        await unit.orders.happen(ended, "receipt", "R1", message, {"lines": ["secret"]})
        await unit.orders.move(ended, "delivered")
        await unit.observations.post("north", message, trade.observed())
        await unit.plans.add(trade.version("north", "bolt", "sales_forecast"), trade.series([[1, 2]]))
        await unit.plans.add(
            trade.version("north", "bolt", "sales_forecast", weeks=600), trade.series([[3.0] * 600]))
    return {"message": message, "ended": ended, "going": going}


async def run(units: StoredUnits, at: At = LATER, *, dry_run: bool = False) -> dict[Book, int]:
    return {one.what: one.count for one in await purge(units, at, dry_run=dry_run)
            if one.what in ("orders", "observations", "plans")}


async def test_books_go_when_both_sides_agreed_and_evidence_stays(book: StoredUnits, urls: Urls) -> None:
    made = await filled(book)
    await agree(book, "bolt")
    assert await run(book) == NOTHING, "acme has agreed on nothing"
    await agree(book, "acme")
    assert await run(book, dry_run=True) == {"orders": 1, "observations": 1, "plans": 1}
    assert await run(book, dry_run=True) == await run(book), "a dry run takes nothing out"
    assert await run(book) == NOTHING, "once"
    async with book.door("acme") as unit:
        ended, going = await unit.orders.get(made["ended"]), await unit.orders.get(made["going"])
        timeline = [one.kind for one in await unit.orders.timeline(made["ended"])]
    assert (ended.number, ended.state, ended.deliver_on) == ("4500", "delivered", trade.MONDAY + timedelta(days=7))
    assert Order.model_validate(ended.body).lines == (), "it can still be read, without what was in it"
    assert len(Order.model_validate(going.body).lines) == 1
    assert timeline == ["order", "receipt"], "what happened when"
    async with book.worker() as unit:
        assert (await unit.observations.latest("north", "sold")).is_empty()
        newer, older = await unit.plans.versions("north", author="bolt")
        assert ((await unit.plans.series(older.id)).keys, older.weeks) == ((), 2)
        assert (await unit.plans.series(newer.id)).values.sum() == 1800, "it still speaks of what is to come"
        assert await unit.orders.place(trade.order("4500"), "bolt", "acme", made["message"]) is None, "a known number"
        assert await unit.audit.verify() >= 3
    with psycopg.connect(urls.owner) as connection:
        rows = connection.execute("SELECT what, rows, length(sha256), why FROM purged_book ORDER BY id").fetchall()
    assert rows == [(what, 1, 64, f"{days} days, agreed with acme and bolt") for what, days in (
        ("orders", 30), ("observations", 40), ("plans", 50))]


async def test_nothing_goes_before_its_time_or_under_a_legal_hold(book: StoredUnits) -> None:
    await filled(book)
    await agree(book, "acme", "bolt")
    since = (datetime.now(tz=trade.NOW.tzinfo) - trade.NOW).days
    assert await run(book, At(since + 25)) == NOTHING
    async with book.worker() as unit:
        late = [one for what in NOTHING for one in await unit.retention.books(what, LATER.now())]
        assert len(late) == 3
        assert await unit.retention.hold("acme", "dispute", "J. Marsh")
    assert await run(book) == NOTHING
    async with book.worker() as unit:
        assert await unit.retention.purge_books(late) == 0, "even what was found before it began"
        assert await unit.retention.release("acme", "J. Marsh")
    assert await run(book) == {"orders": 1, "observations": 1, "plans": 1}


async def test_tests_are_not_purged_by_time(book: StoredUnits) -> None:
    await agree(book, "acme", "bolt")
    async with book.worker() as unit:
        await unit.sandbox(True)
        order = await unit.orders.place(trade.order("4500"), "bolt", "acme", None)
        assert order is not None
        await unit.orders.move(order, "delivered")
    assert await run(book) == NOTHING


async def test_the_digest_proves_what_was_reported(book: StoredUnits, urls: Urls) -> None:
    """Whoever still has the figures can show that they are the ones that were here."""
    await filled(book)
    with psycopg.connect(urls.owner) as connection:
        [before] = connection.execute("""SELECT encode(sha256(sha256(convert_to(
            message_id || ' ' || series_ids::text || ' ' || quantities::text, 'UTF8'))), 'hex')
            FROM observation_chunk""").fetchall()
    await agree(book, "acme", "bolt")
    await run(book)
    with psycopg.connect(urls.owner) as connection:
        [after] = connection.execute("SELECT sha256 FROM purged_book WHERE what = 'observations'").fetchall()
    assert before == after
