"""What each repository promises, on the worker's connection."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import psycopg
import pytest

from hub.errors import NotFound, Reject, Stop
from hub.model.account import Caller
from hub.model.acknowledgement import Acknowledged
from hub.model.event import HubEvent
from hub.model.exchange import Address
from hub.model.item import Item, ItemCode
from hub.model.response import OrderResponse, OrderResponseLine
from hub.ports import Answered
from hub.store import StoredUnits, Urls
from tests.store import trade
from tests.store.trade import DEPOT, MONDAY, SOAP

# -- partners --------------------------------------------------------------------------------------------------------


async def test_a_profile_put_twice_is_one_version_and_a_changed_one_the_next(book: StoredUnits) -> None:
    async with book.worker() as unit:
        north = next(a for a in await unit.partners.agreements() if a.name == "north")
        before = await unit.partners.revision()
        overlays = {"x12/004010/850": "[map]\n"}
        assert not await unit.partners.put(trade.profile("acme"), [north], overlays)
        assert await unit.partners.put(trade.profile("acme", "Acme & Daughters"), [north], overlays)
        assert await unit.partners.revision() > before
        titles = {p.name: p.title for p in await unit.partners.profiles()}
        assert (titles["acme"], len(titles)) == ("Acme & Daughters", 4)
        assert (await unit.partners.overlays())["acme"] == overlays


async def test_a_token_opens_until_it_is_revoked(book: StoredUnits) -> None:
    async with book.worker() as unit:
        token = await unit.partners.issue_token("acme", "erp")
    async with book.door(None) as unit:
        caller = Caller(partner="acme", account="erp", role="admin")
        assert await unit.partners.callers_of_tokens([token + "x", token]) == {token: caller}
    async with book.worker() as unit:
        assert await unit.partners.revoke_tokens("acme", "erp") == 1
    async with book.door(None) as unit:
        assert await unit.partners.callers_of_tokens([token]) == {}


async def test_a_token_is_nowhere_in_the_database(book: StoredUnits, urls: Urls) -> None:
    async with book.worker() as unit:
        token = await unit.partners.issue_token("acme", "erp")
    with psycopg.connect(urls.owner) as connection:
        row = connection.execute("SELECT credential::text FROM credential").fetchone()
    assert row is not None
    assert token not in row[0]
    assert token.encode().hex() not in row[0]


async def test_a_partner_is_found_by_its_gln_before_anybody_is_known(book: StoredUnits) -> None:
    async with book.door(None) as unit:
        proof = (trade.PARTNERS["dune"], None)
        assert await unit.partners.callers_of_glns([("0000000000000", None), proof]) == {
            proof: Caller(partner="dune", account="certificate", role="operator")}


# -- catalogue -------------------------------------------------------------------------------------------------------


async def test_the_first_to_bring_an_item_names_it_and_others_add_their_codes(book: StoredUnits) -> None:
    async with book.worker() as unit:
        await unit.catalogue.put("bolt", [Item(gtin=SOAP, name="cheap soap")], [], [], [])
        view = await unit.catalogue.snapshot()
    assert (view.items[SOAP].name, view.owners[SOAP]) == ("soap", "acme")
    assert view.codes["bolt", "buyer", "B-soap"] == view.codes["acme", "seller", "S-soap"] == SOAP
    assert (view.factors[SOAP, "case"], view.factors[SOAP, "each"]) == (12.0, 1.0)
    assert view.places["bolt", "D1"] == view.places[None, DEPOT] == DEPOT
    assert view.items[SOAP].unit_value == Decimal("1.50")


async def test_a_change_of_master_data_keeps_what_was_there_before(book: StoredUnits, urls: Urls) -> None:
    async with book.worker() as unit:
        for _ in range(2):
            await unit.catalogue.put("acme", [Item(gtin=SOAP, name="soap, new")], [], [], [])
    with psycopg.connect(urls.owner) as connection:
        names = connection.execute(
            "SELECT body ->> 'name' FROM master_version WHERE kind = 'item' AND key = %s ORDER BY id",
            (SOAP,)).fetchall()
    assert names == [("soap",), ("soap, new",)]


async def test_a_code_for_an_item_that_nobody_brought_is_refused(book: StoredUnits) -> None:
    async with book.worker() as unit:
        with pytest.raises(Reject, match="unknown items"):
            await unit.catalogue.put("bolt", [], [ItemCode(gtin=trade.gtin(99), scheme="buyer", code="X")], [], [])


# -- orders ----------------------------------------------------------------------------------------------------------


async def test_an_order_is_placed_once_answered_and_netted_in_base_units(book: StoredUnits) -> None:
    message = await trade.submit(book, "bolt")
    async with book.worker() as unit:
        number = await unit.orders.place(trade.order(), "bolt", "acme", message)
        assert number is not None
        assert await unit.orders.place(trade.order(), "bolt", "acme", message) is None
        assert (await unit.orders.open_quantities("north")).rows() == [(SOAP, DEPOT, date(2026, 11, 23), 36.0)]
        line = OrderResponseLine(number="1", answer="quantity_changed", quantity=Decimal(30), unit="each")
        response = OrderResponse(order_number="4500", answer="accepted_with_changes", lines=(line,))
        assert (found := await unit.orders.find("bolt", "acme", "4500")) is not None
        assert found.id == number
        await unit.orders.answer(number, response, message, "changed")
        assert (await unit.orders.open_quantities("north"))["quantity"].to_list() == [30.0]
        row = await unit.orders.get(number)
        assert (row.state, row.buyer, row.seller, row.message) == ("changed", "bolt", "acme", message)
        refusal = OrderResponse(order_number="4500", answer="rejected")
        await unit.orders.answer(number, refusal, message, "rejected")
        assert (await unit.orders.open_quantities("north")).is_empty()


async def test_the_answer_to_an_order_that_nobody_placed_is_said_to_be_so(book: StoredUnits) -> None:
    message = await trade.submit(book, "acme")
    async with book.worker() as unit:
        assert await unit.orders.find("bolt", "acme", "1") is None
        with pytest.raises(NotFound):
            await unit.orders.answer("ord_x", OrderResponse(order_number="1", answer="accepted"), message, "accepted")


async def test_a_listing_goes_on_where_the_page_before_ended(book: StoredUnits) -> None:
    async with book.worker() as unit:
        for number in range(5):
            await unit.orders.place(trade.order(str(number)), "bolt", "acme", None)
        seen, key = [], None
        while True:
            page = await unit.orders.list(limit=2, after=key)
            seen += [o.number for o in page]
            key = page.next_key
            if key is None:
                break
    assert seen == ["4", "3", "2", "1", "0"]


async def test_messages_are_listed_newest_first_page_by_page(book: StoredUnits) -> None:
    sent = [await trade.submit(book, "bolt", str(n).encode()) for n in range(3)]
    async with book.worker() as unit:
        first = await unit.inbox.list(limit=2)
        rest = await unit.inbox.list(limit=2, after=first.next_key)
    assert [m.id for m in (*first, *rest)] == sent[::-1]
    assert rest.next_key is None


# -- observations ----------------------------------------------------------------------------------------------------


async def test_the_latest_message_wins_and_the_past_can_still_be_asked(book: StoredUnits) -> None:
    first, second = await trade.submit(book, "bolt", b"1"), await trade.submit(book, "bolt", b"2")
    async with book.worker() as unit:
        assert await unit.observations.post("north", first, trade.observed(5)) == 1
    between = datetime.now(UTC)
    async with book.worker() as unit:
        assert await unit.observations.post("north", second, trade.observed(6)) == 1
        now = await unit.observations.history("north", "sold", MONDAY, MONDAY)
        then = await unit.observations.history("north", "sold", MONDAY, MONDAY, between)
    assert (now["quantity"].to_list(), then["quantity"].to_list()) == ([6.0], [5.0])


async def test_parts_of_one_message_add_up_and_a_repeat_adds_nothing(book: StoredUnits) -> None:
    message = await trade.submit(book, "bolt")
    other = trade.observed(8, place=trade.gln(21))
    async with book.worker() as unit:
        assert await unit.observations.post("north", message, trade.observed(5)) == 1
        assert await unit.observations.post("north", message, other) == 1
        assert await unit.observations.post("north", message, pl.concat([other, trade.observed(5)])) == 0
        assert (await unit.observations.history("north", "sold", MONDAY, MONDAY))["quantity"].to_list() == [5.0, 8.0]


async def test_a_withdrawn_quantity_is_gone_and_latest_is_the_one_before(book: StoredUnits) -> None:
    first, second = await trade.submit(book, "bolt", b"1"), await trade.submit(book, "bolt", b"2")
    async with book.worker() as unit:
        await unit.observations.post("north", first, pl.concat([trade.observed(5), trade.observed(9, week=1)]))
        await unit.observations.post("north", second, trade.observed(float("nan"), week=1))
        assert (await unit.observations.latest("north", "sold")).rows() == [(SOAP, DEPOT, MONDAY, 5.0)]


async def test_series_fill_blocks_of_512_in_location_order(book: StoredUnits, urls: Urls) -> None:
    message = await trade.submit(book, "bolt")
    items, places = [trade.gtin(n) for n in range(100)], [trade.gln(n) for n in range(100, 107)]
    rows = pl.DataFrame({"gtin": items}).join(pl.DataFrame({"gln": places}), how="cross").with_columns(
        measure=pl.lit("sold"), period=pl.lit(MONDAY), quantity=pl.int_range(700).cast(pl.Float64))
    async with book.worker() as unit:
        assert await unit.observations.post("north", message, rows) == 700
        again = await unit.observations.history("north", "sold", MONDAY, MONDAY)
    assert again.height == 700
    assert again.join(rows, on=["gtin", "gln", "quantity"]).height == 700
    with psycopg.connect(urls.owner) as connection:
        chunks = connection.execute(
            "SELECT block, cardinality(series_ids) FROM observation_chunk ORDER BY 1").fetchall()
        ordered = connection.execute(
            "SELECT array_agg(l.gln || l.gtin ORDER BY s.id) = array_agg(l.gln || l.gtin ORDER BY l.gln, l.gtin) "
            "FROM series s JOIN item_location l ON l.id = s.item_location_id").fetchone()
    assert [size for _, size in chunks] == [512, 188]
    assert ordered == (True,)


async def test_the_view_for_people_shows_the_same_rows(book: StoredUnits, urls: Urls) -> None:
    first, second = await trade.submit(book, "bolt", b"1"), await trade.submit(book, "bolt", b"2")
    async with book.worker() as unit:
        await unit.observations.post("north", first, trade.observed(5))
        await unit.observations.post("north", second, trade.observed(6))
    with psycopg.connect(urls.worker) as connection:
        assert connection.execute("SELECT period, quantity FROM observation").fetchall() == [(MONDAY, 6.0)]


async def test_two_messages_at_once_number_each_series_once(book: StoredUnits, urls: Urls) -> None:
    messages = [await trade.submit(book, "bolt", bytes([n])) for n in range(4)]

    async def post(message: str) -> None:
        async with book.worker() as unit:
            await unit.observations.post("north", message, trade.observed(1))

    await asyncio.gather(*map(post, messages))
    with psycopg.connect(urls.owner) as connection:
        assert connection.execute("SELECT count(*) FROM series").fetchone() == (1,)


# -- plans -----------------------------------------------------------------------------------------------------------


async def test_a_plan_comes_back_as_it_was_and_versions_pile_up(book: StoredUnits) -> None:
    keys = ((SOAP, DEPOT), (SOAP, trade.gln(21)))
    async with book.worker() as unit:
        told = trade.series([[1, 2], [3, np.nan]], keys)
        older = await unit.plans.add(trade.version("north", "hub", "baseline"), told)
        newer = await unit.plans.add(trade.version("north", "hub", "baseline"), trade.series([[9, 9]]))
        found = await unit.plans.latest("north", "hub", "baseline")
        first = await unit.plans.series(older)
        assert [v.id for v in await unit.plans.versions("north")] == [newer, older]
        assert await unit.plans.latest("north", "bolt", "sales_forecast") is None
    assert found is not None
    assert (found[0].id, found[0].author, found[1].values.tolist()) == (newer, "hub", [[9, 9]])
    assert first.keys == tuple(sorted(keys))
    np.testing.assert_array_equal(first.values, [[1, 2], [3, np.nan]])


async def test_a_plan_whose_weeks_are_not_those_of_its_series_is_refused(book: StoredUnits) -> None:
    async with book.worker() as unit:
        with pytest.raises(Reject, match="weeks"):
            await unit.plans.add(trade.version("north", "hub", "baseline", weeks=3), trade.series([[1, 2]]))


# -- runs and exceptions ---------------------------------------------------------------------------------------------


async def test_a_run_is_opened_once_and_resumed_where_it_stopped(book: StoredUnits) -> None:
    async with book.worker() as unit:
        run = await unit.runs.open("north", MONDAY)
        assert (run.step, run.state) == (None, "running")
        await unit.runs.advance(run.id, "history", {"rows": 3})
        await unit.runs.advance(run.id, "baseline", {"series": 2}, "finished")
        again = await unit.runs.open("north", MONDAY)
        assert (again.id, again.step, again.state) == (run.id, "baseline", "finished")
        assert again.detail == {"rows": 3, "series": 2}
        assert [r.id for r in await unit.runs.list("north")] == [run.id]
        with pytest.raises(NotFound):
            await unit.runs.advance("run_none", "history", {})


async def test_exceptions_are_ranked_settled_and_of_the_latest_run(book: StoredUnits) -> None:
    async with book.worker() as unit:
        old, new = (await unit.runs.open("north", MONDAY - timedelta(weeks=1))), await unit.runs.open("north", MONDAY)
        await unit.exceptions.add(old.id, [trade.dispute(value=99)])
        rows = [trade.dispute(value=float(v), week=w) for w, v in enumerate((10, 30, 20), 1)]
        for _ in range(2):
            await unit.exceptions.add(new.id, rows)
        page = await unit.exceptions.list(agreement="north", limit=2)
        rest = await unit.exceptions.list(agreement="north", limit=2, after=page.next_key)
        assert [e.value_at_stake for e in (*page, *rest)] == [30, 20, 10]
        assert [e.value_at_stake for e in await unit.exceptions.list(run=old.id)] == [99]
        settled = page[0].model_copy(update={"state": "resolved", "settled": 20.0, "rule": "mean"})
        for _ in range(2):
            await unit.exceptions.resolve(new.id, [settled])
        assert list(await unit.exceptions.list(state="resolved")) == [settled.model_copy(update={"revision": 2})]
        assert len(await unit.exceptions.list(state="open")) == 2


async def test_what_became_of_an_exception_is_kept_event_by_event(book: StoredUnits, urls: Urls) -> None:
    async with book.worker() as unit:
        run = await unit.runs.open("north", MONDAY)
        await unit.exceptions.add(run.id, [trade.dispute()])
        await unit.exceptions.resolve(run.id, [trade.dispute().model_copy(update={"state": "resolved"})])
    with psycopg.connect(urls.owner) as connection:
        states = connection.execute("SELECT state FROM exception_event ORDER BY id").fetchall()
    assert states == [("open",), ("resolved",)]


# -- outbox, control numbers, events, audit --------------------------------------------------------------------------


async def test_an_outbound_file_is_queued_sent_and_acknowledged(book: StoredUnits) -> None:
    async with book.worker() as unit:
        message = await unit.outbox.put(
            "acme", "folder", "o.edi", b"UNB", sender="bolt", format="edifact", kind="ORDERS", version="D96A",
            control="0042", in_reply_to=None)
        assert (await unit.inbox.get(message)).state == "queued"
        await unit.deliveries.succeed(message, "It lies in out/o.edi.", 0.1, None)
        assert (await unit.inbox.get(message)).state == "sent"
        told = Acknowledged(control="42", outcome="accepted")
        assert await unit.outbox.acknowledged("bolt", "edifact", told, "interchange") is None
        assert await unit.outbox.acknowledged("acme", "edifact", told, "interchange") == Answered(message)
        assert (await unit.inbox.get(message)).state == "acknowledged"
        assert b"".join([chunk async for chunk in unit.inbox.content(message)]) == b"UNB"


async def test_control_numbers_are_dense_per_pair_even_for_many_at_once(book: StoredUnits) -> None:
    ours, theirs = Address(id="9501101530003"), Address(qualifier="ZZ", id="BOLT")

    async def take() -> int:
        async with book.worker() as unit:
            return await unit.controls.take("x12", ours, theirs)

    assert sorted(await asyncio.gather(*(take() for _ in range(8)))) == list(range(1, 9))
    async with book.worker() as unit:
        assert await unit.controls.take("x12", ours, theirs, scope="group") == 1


async def test_a_number_taken_by_a_transaction_that_failed_is_given_again(book: StoredUnits) -> None:
    pair = Address(id="A"), Address(id="B")
    with pytest.raises(ZeroDivisionError):
        async with book.worker() as unit:
            assert await unit.controls.take("x12", *pair) == 1 / 0
    async with book.worker() as unit:
        assert await unit.controls.take("x12", *pair) == 1


async def test_the_last_control_number_is_followed_by_one(book: StoredUnits, urls: Urls) -> None:
    pair = Address(id="A"), Address(id="B")
    async with book.worker() as unit:
        await unit.controls.take("x12", *pair)
    with psycopg.connect(urls.owner) as connection:
        connection.execute("UPDATE control_number SET last = 999999999")
    async with book.worker() as unit:
        assert await unit.controls.take("x12", *pair) == 1


async def test_a_control_number_used_before_names_the_earlier_message(book: StoredUnits) -> None:
    first, second = await trade.submit(book, "bolt", b"1"), await trade.submit(book, "bolt", b"2")
    async with book.worker() as unit:
        assert await unit.inbox.seen_control(trade.interchange(), "bolt", first) is None
        assert await unit.inbox.seen_control(trade.interchange(), "bolt", first) is None
        assert await unit.inbox.seen_control(trade.interchange(), "bolt", second) == first
        assert await unit.inbox.seen_control(trade.interchange("000000002"), "bolt", second) is None
        assert await unit.inbox.seen_control(trade.interchange(), None, second) is None
        assert await unit.inbox.seen_control(trade.interchange(None), "bolt", second) is None


async def test_events_are_read_on_from_the_last_number(book: StoredUnits) -> None:
    events = [
        HubEvent(type="message.received", subject=str(n), partners=("acme", "bolt"), data={"n": n}) for n in range(3)]
    async with book.worker() as unit:
        await unit.events.publish(events)
        numbered = await unit.events.list()
        assert [e for _, e in numbered] == events
        assert [e for _, e in await unit.events.list(after=numbered[1][0])] == events[2:]


async def test_the_audit_trail_shows_a_changed_and_a_missing_entry(book: StoredUnits, urls: Urls) -> None:
    async def record(number: int) -> None:
        async with book.worker() as unit:
            await unit.audit.record("clerk", "partner.apply", "acme", {"number": number, "note": "Grüße\0"})

    await asyncio.gather(*map(record, range(5)))
    async with book.worker() as unit:
        assert await unit.audit.verify() == 5
    for damage in ("UPDATE audit SET detail = '{}' WHERE id = 3", "DELETE FROM audit WHERE id = 2"):
        with psycopg.connect(urls.owner) as connection:
            connection.execute(damage)
        with pytest.raises(Stop, match="entry 3"):
            async with book.worker() as unit:
                await unit.audit.verify()


async def test_a_dead_letter_keeps_the_reason_and_marks_its_message(book: StoredUnits) -> None:
    message = await trade.submit(book, "bolt")
    async with book.worker() as unit:
        await unit.dead_letters.add(message, "process", "ValueError: \0", 3)
        assert (await unit.inbox.get(message)).state == "dead"
        letter = (await unit.dead_letters.list())[0]
    assert (letter.message, letter.job, letter.attempts) == (message, "process", 3)


async def test_a_document_comes_back_with_its_message(book: StoredUnits) -> None:
    message = await trade.submit(book, "bolt")
    async with book.worker() as unit:
        public = await unit.documents.add(message, trade.reading(trade.order()), "bolt", "acme")
        stored = await unit.documents.of_message(message)
    assert [(d.id, d.kind, d.number, d.sender, d.receiver) for d in stored] == [
        (public, "Order", "4500", "bolt", "acme")]
    assert stored[0].body == trade.order().model_dump(mode="json")
