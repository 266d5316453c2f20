"""What a partner says to what we sent, down to the transaction; and what happens to an order after it was placed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import psycopg
import pytest

from hub.model.acknowledgement import Acknowledged, AcknowledgedTransaction, Outcome
from hub.model.exchange import Sent
from hub.ports import Arrived
from hub.store import StoredUnits, Urls
from tests.store import trade
from tests.store.trade import DEPOT, SOAP

SETS = tuple(Sent(kind="850", control=f"{n:04d}", group=group) for group in ("17", "18") for n in (1, 2))


async def send(book: StoredUnits, *sent: Sent, format: str = "x12", control: str = "9") -> str:
    async with book.worker() as unit:
        return await unit.outbox.put(
            "acme", "folder", "o", b"ISA", sender="bolt", format=format, kind="850", version=None, control=control,
            in_reply_to=None, sent=sent)


def said(
    control: str, outcome: Outcome, *transactions: tuple[str, Outcome], codes: tuple[str, ...] = ()
) -> Acknowledged:
    return Acknowledged(code="PO", control=control, outcome=outcome, transactions=tuple(
        AcknowledgedTransaction(message="850", control=number, outcome=one, codes=codes)
        for number, one in transactions))


def rows(urls: Urls) -> list[tuple[object, ...]]:
    with psycopg.connect(urls.owner) as connection:
        return connection.execute(
            "SELECT scope, group_control, control, outcome, codes FROM acknowledgement ORDER BY id").fetchall()


async def test_a_partial_997_is_matched_to_its_group_and_to_each_set(book: StoredUnits, urls: Urls) -> None:
    message = await send(book, *SETS)
    answer = said("18", "partially_accepted", ("0001", "accepted"), ("0002", "rejected"), codes=("AK502:5",))
    async with book.worker() as unit:
        found = await unit.outbox.acknowledged("acme", "x12", answer, "group")
        assert found is not None
        assert (found.message, found.rejected, found.silent, found.unknown) == (message, (("850", "0002"),), (), ())
    assert rows(urls) == [
        ("group", "18", None, "partially_accepted", []),
        ("transaction", "18", "0001", "accepted", ["AK502:5"]),
        ("transaction", "18", "0002", "rejected", ["AK502:5"]),
    ]


async def test_a_file_is_acknowledged_when_each_of_its_groups_is(book: StoredUnits) -> None:
    message = await send(book, *SETS)
    async with book.worker() as unit:
        await unit.outbox.acknowledged("acme", "x12", said("17", "accepted"), "group")
        assert (await unit.inbox.get(message)).state == "queued"
        await unit.outbox.acknowledged("acme", "x12", said("000000018", "accepted"), "group")
        assert (await unit.inbox.get(message)).state == "acknowledged"


async def test_a_ta1_that_accepts_is_not_yet_an_acknowledgement_but_one_that_rejects_fails_the_file(
    book: StoredUnits
) -> None:
    message = await send(book, *SETS)
    async with book.worker() as unit:
        taken = Acknowledged(control="000000009", outcome="accepted")
        await unit.outbox.acknowledged("acme", "x12", taken, "interchange")
        assert (await unit.inbox.get(message)).state == "queued"
        refused = Acknowledged(control="000000009", outcome="rejected")
        found = await unit.outbox.acknowledged("acme", "x12", refused, "interchange")
        assert found is not None
        assert len(found.rejected) == 4
        assert (await unit.inbox.get(message)).state == "failed"


async def test_sets_that_an_answer_leaves_out_or_makes_up_are_named(book: StoredUnits) -> None:
    await send(book, *SETS)
    answer = said("17", "partially_accepted", ("0001", "rejected"), ("0009", "accepted"))
    async with book.worker() as unit:
        found = await unit.outbox.acknowledged("acme", "x12", answer, "group")
    assert found is not None
    assert (found.rejected, found.silent, found.unknown) == ((("850", "0001"),), (("850", "0002"),), ("0009",))


async def test_a_contrl_accepts_the_messages_that_it_does_not_name(book: StoredUnits) -> None:
    sent = [Sent(kind="ORDERS", control=str(n)) for n in (1, 2, 3)]
    await send(book, *sent, format="edifact", control="77")
    answer = Acknowledged(control="77", outcome="partially_accepted", transactions=(
        AcknowledgedTransaction(message="ORDERS", control="2", outcome="rejected"),))
    async with book.worker() as unit:
        found = await unit.outbox.acknowledged("acme", "edifact", answer, "interchange")
    assert found is not None
    assert (found.rejected, found.silent) == ((("ORDERS", "2"),), ())


@pytest.mark.parametrize("control", ["99", "9"])
async def test_a_group_that_we_did_not_send_is_matched_to_nothing(book: StoredUnits, control: str) -> None:
    await send(book, *SETS)
    async with book.worker() as unit:
        assert await unit.outbox.acknowledged("acme", "x12", said(control, "accepted"), "group") is None


# -- orders ----------------------------------------------------------------------------------------------------------


async def test_what_arrived_is_netted_from_what_is_open(book: StoredUnits) -> None:
    message = await trade.submit(book, "bolt")
    async with book.worker() as unit:
        order = await unit.orders.place(trade.order(), "bolt", "acme", message)
        assert order is not None
        assert not await unit.orders.receive(order, [Arrived(12.0, gtin=SOAP, unit="each")])
        await unit.orders.move(order, "partly_received")
        due = date(2026, 11, 23)
        assert (await unit.orders.open_quantities("north", due)).rows() == [(SOAP, DEPOT, due, 24.0)]
        assert (await unit.orders.open_quantities("north", date(2026, 12, 1))).rows() == [(SOAP, DEPOT, None, 24.0)]
        assert await unit.orders.receive(order, [Arrived(2.0, number="1")])
        await unit.orders.move(order, "delivered")
        assert (await unit.orders.open_quantities("north")).is_empty()


async def test_a_changed_order_keeps_what_arrived_of_it(book: StoredUnits) -> None:
    message = await trade.submit(book, "bolt")
    async with book.worker() as unit:
        order = await unit.orders.place(trade.order(), "bolt", "acme", message)
        assert order is not None
        await unit.orders.receive(order, [Arrived(1.0, gtin=SOAP)])
        first = trade.order().lines[0]
        more = trade.order().model_copy(update={"lines": (first.model_copy(update={"quantity": Decimal(5)}),)})
        await unit.orders.amend(order, more, "received")
        assert (await unit.orders.open_quantities("north"))["quantity"].to_list() == [48.0]
        assert (await unit.orders.get(order)).body["lines"][0]["quantity"] == "5"


async def test_a_receipt_of_one_number_happens_once(book: StoredUnits) -> None:
    message = await trade.submit(book, "bolt")
    async with book.worker() as unit:
        order = await unit.orders.place(trade.order(), "bolt", "acme", message)
        assert order is not None
        assert await unit.orders.happen(order, "receipt", "R1", message, {"lines": []})
        assert not await unit.orders.happen(order, "receipt", "R1", message, {})
        assert await unit.orders.happen(order, "despatch", "R1", None, {})
