"""Tests change nothing that is live: not a row, not a number, not a file on its way, whatever document it is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from hub.errors import Reject
from hub.flow import cycle
from hub.flow.marked import by_name
from hub.model.profile import Stage
from hub.ports import Message
from hub.store.tables import SANDBOXED
from partners.world import Posting
from partners.world.sending import AS_OF
from tests.flow.conftest import Trading
from tests.flow.test_goods import change, coming, despatch, invoice, placed, receive, row
from tests.flow.test_inbound import an_order, posting, write_850

UNTOUCHED = ("alert", "exception", "exception_event", "run", "run_step", "dead_letter", "circuit", "agreement", "item")


def live_rows(trading: Trading) -> dict[str, list[tuple[object, ...]]]:
    """All that is live, as the owner of the database sees it, who passes every rule."""
    url = trading.hub.settings.database_url
    assert url is not None
    queries = {t.name: sql.SQL("SELECT * FROM {} AS t WHERE NOT test ORDER BY t::text").format(
        sql.Identifier(t.name)) for t in SANDBOXED}
    queries |= {name: sql.SQL("SELECT * FROM {} AS t ORDER BY t::text").format(
        sql.Identifier(name)) for name in UNTOUCHED}
    queries |= {name: sql.SQL("SELECT * FROM {} AS t WHERE NOT test ORDER BY id").format(
        sql.Identifier(name)) for name in ("message", "document")}
    queries |= {name: sql.SQL("SELECT t.* FROM {} AS t JOIN message m ON m.id = t.message_id WHERE NOT m.test "
                              "ORDER BY t.id").format(sql.Identifier(name)) for name in ("delivery", "acknowledgement")}
    with psycopg.connect(url.get_secret_value()) as connection:
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}


def sandboxed(trading: Trading) -> dict[str, int]:
    """How many rows of each table are in the sandbox."""
    url = trading.hub.settings.database_url
    assert url is not None
    with psycopg.connect(url.get_secret_value()) as connection:
        return {t.name: len(connection.execute(sql.SQL("SELECT 1 FROM {} WHERE test").format(
            sql.Identifier(t.name))).fetchall()) for t in SANDBOXED}


async def push(trading: Trading, one: Posting) -> Message:
    return await trading.push(
        trading.write(one.sender, one.table, one.documents, one.receiver), one.sender)


async def at(trading: Trading, partner: str, stage: Stage) -> None:
    async with trading.hub.units.worker() as unit:
        await unit.partners.move(partner, stage, "tester", "so that it is")


async def test_no_kind_of_test_document_touches_what_is_live(trading: Trading) -> None:
    order = await placed(trading)
    await push(trading, next(trading.world.retail_history()))
    before = live_rows(trading)
    assert before["purchase_order"]
    assert before["observation_chunk"]
    trading.test = True
    found = [await trading.push(write_850(trading, an_order(trading)), "larkmoor")]
    found += [await change(trading, order), await despatch(trading, order),
              await invoice(trading, order, "T3", order.lines[0].price or Decimal(1)),
              await receive(trading, order, "T2", *[line.quantity for line in order.lines])]
    found.append(await push(trading, next(trading.world.retail_history())))
    found += [await push(trading, one) for one in trading.world.postings()
              if one.table.startswith(("x12/", "edifact/"))]  # the others have no mark for a test
    assert {(m.state, m.test) for m in found} == {("processed", True)}, [f.message for m in found for f in m.findings]
    assert {"ORDRSP", "850", "INVRPT"} <= {m.message for m in found}
    after = live_rows(trading)
    for name, rows in before.items():
        assert after[name] == rows, name
    filled = sandboxed(trading)
    assert all(filled[name] for name in (
        "purchase_order", "order_line", "order_event", "observation_chunk", "series", "plan_version", "plan_line",
        "control_number", "control_range", "event")), filled


async def test_a_tried_order_lives_on_in_the_sandbox_and_its_number_is_free_for_a_live_one(trading: Trading) -> None:
    trading.test = True
    order = await placed(trading)
    await receive(trading, order, "R1", *[line.quantity for line in order.lines])
    assert await coming(trading) == 0.0
    async with trading.hub.units.worker() as unit:
        await unit.sandbox(True)
        tried = await unit.orders.find("larkmoor", "quillfield", order.number)
    assert tried is not None
    assert tried.state == "delivered"
    trading.test, trading.controls = False, {}
    message = await trading.push(write_850(trading, order), "larkmoor")
    assert (message.findings, message.test) == ((), False)
    assert (await row(trading, order)).state == "sent"
    [routed] = [m for m in await trading.outbox("quillfield", "ORDERS") if not m.test]
    assert routed.control == "1"


async def test_the_answer_to_a_test_is_marked_as_one_and_is_delivered(trading: Trading) -> None:
    trading.test = True
    message = await trading.push(write_850(trading, an_order(trading)), "larkmoor")
    answer = await trading.answer(message)
    assert answer.split("*")[15] == "T"
    [sent] = await trading.outbox("larkmoor", "997")
    assert (sent.test, sent.state) == (True, "queued")
    edi = await push(trading, next(p for p in trading.world.postings() if p.table.startswith("edifact")))
    head = (await trading.answer(edi)).partition("UNB+")[2].partition("'")[0]
    assert head.endswith("+1"), head


async def test_what_a_live_partner_would_get_is_written_kept_and_not_delivered(trading: Trading) -> None:
    trading.test = True
    message = await trading.push(write_850(trading, an_order(trading)), "larkmoor")
    [kept] = await trading.outbox("quillfield", "ORDERS")
    assert (kept.state, kept.test) == ("kept", True)
    assert [f.code for f in message.findings] == ["I-TEST-KEPT"]
    async with trading.hub.units.worker() as unit:
        assert (await unit.deliveries.list(partner="quillfield")).rows == ()
    own = trading.partners["quillfield"]
    async with trading.hub.units.worker() as unit:
        await unit.partners.put(
            own.profile.model_copy(update={"takes_tests": True}), own.agreements, own.overlays)
    second = posting(trading, "850").documents[1]
    await trading.push(write_850(trading, second), "larkmoor")
    assert [m.state for m in await trading.outbox("quillfield", "ORDERS")] == ["kept", "queued"]


@pytest.mark.parametrize("stage", ["drafted", "connected", "tested"])
async def test_what_a_partner_sends_before_it_is_live_is_a_test_whatever_it_says(
    trading: Trading, stage: Stage
) -> None:
    content = write_850(trading, an_order(trading))
    await at(trading, "larkmoor", stage)
    message = await trading.push(content, "larkmoor")
    assert (message.state, message.test) == ("processed", True)
    [answer] = await trading.outbox("larkmoor", "997")
    assert answer.state == ("kept" if stage == "drafted" else "queued")
    await at(trading, "larkmoor", "live")
    again = await trading.push(content, "larkmoor")
    assert again.id != message.id, "the first copy was a test"
    assert (again.state, again.test, again.findings) == ("processed", False, ())


async def test_a_live_order_to_a_partner_that_is_not_live_is_a_test_and_its_sender_is_told(trading: Trading) -> None:
    await at(trading, "quillfield", "tested")
    before = live_rows(trading)
    message = await trading.push(write_850(trading, an_order(trading)), "larkmoor")
    assert [f.code for f in message.findings] == ["W-NOT-LIVE"]
    assert live_rows(trading)["purchase_order"] == before["purchase_order"] == []
    [sent] = await trading.outbox("quillfield", "ORDERS")
    assert (sent.state, sent.test) == ("queued", True)


async def test_a_kind_that_a_live_partner_still_tries_changes_nothing(trading: Trading) -> None:
    order = await placed(trading)
    own = trading.partners["quillfield"]
    async with trading.hub.units.worker() as unit:
        profile = next(p for p in await unit.partners.profiles() if p.name == "quillfield")
        await unit.partners.put(
            profile.model_copy(update={"trying": ("invoice",)}), own.agreements, own.overlays)
    before = live_rows(trading)
    message = await invoice(trading, order, "I1", order.lines[0].price or Decimal(1))
    assert "W-NOT-LIVE" in [f.code for f in message.findings]
    assert live_rows(trading)["order_event"] == before["order_event"]


async def test_reports_under_an_agreement_that_is_not_live_stay_in_the_sandbox_and_nothing_is_planned(
    trading: Trading
) -> None:
    own = trading.partners["larkmoor"]
    [agreement] = own.agreements
    async with trading.hub.units.worker() as unit:
        await unit.partners.put(own.profile, [agreement.model_copy(update={"stage": "tested"})], own.overlays)
    message = await push(trading, next(trading.world.retail_history()))
    assert not message.test
    assert live_rows(trading)["observation_chunk"] == []
    assert sandboxed(trading)["observation_chunk"] > 0
    hub = trading.hub
    with pytest.raises(Reject, match="not live yet"):
        await cycle.run(hub.units, await hub.dialects.current(), hub.executor, "retail", AS_OF, clock=hub.clock,
                        hub_gln=hub.settings.gln)


async def test_a_door_sees_nothing_of_the_sandbox(trading: Trading) -> None:
    trading.test = True
    await placed(trading)
    async with trading.hub.units.door("larkmoor") as unit:
        assert (await unit.orders.list()).rows == ()
        assert await unit.events.list() == []
        assert {m.test for m in (await unit.inbox.list()).rows} == {True}


STOCK = (Path(__file__).parents[2] / "partners" / "quillfield" / "samples" / "stock.csv").read_bytes()


async def test_a_csv_is_a_test_by_its_name_and_so_is_its_answer(trading: Trading) -> None:
    before = live_rows(trading)
    message = await trading.push(STOCK, "quillfield", "week47.test.csv")
    assert message.test
    assert message.state == "processed"
    assert live_rows(trading) == before
    [answer] = [m for m in await trading.outbox("quillfield", "csv") if m.in_reply_to == message.id]
    assert answer.test
    assert (answer.filename or "").endswith(".test.csv")


async def test_a_live_file_is_no_repeat_of_the_same_file_that_was_tried(trading: Trading) -> None:
    tried = await trading.push(STOCK, "quillfield", "stock.csv.test")
    live = await trading.push(STOCK, "quillfield", "stock.csv")
    assert (tried.test, live.test) == (True, False)
    assert live.id != tried.id


@pytest.mark.parametrize(("name", "test"), [
    ("a.test.csv", True), ("a.test", True), ("A.TEST.XML", True), ("test.csv", False), ("latest.csv", False),
    ("a.test.1.csv", False), (None, False), ("a.testing.csv", False)])
def test_a_name_says_test_only_where_it_says_so_by_itself(name: str | None, test: bool) -> None:
    assert by_name(name) is test


async def test_a_sandbox_is_shown_and_emptied_and_nothing_live_goes(trading: Trading) -> None:
    live = await placed(trading)
    trading.test = True
    tried = an_order(trading)
    first = await trading.push(write_850(trading, tried, control=77), "larkmoor")
    await trading.push(STOCK, "quillfield", "stock.test.csv")
    trading.test = False
    before = live_rows(trading)
    async with trading.hub.units.worker() as unit:
        assert {(one.what, one.name) for one in await unit.trials.of("larkmoor")} >= {
            ("order", tried.number), ("numbers", "x12")}
        assert "report" in {one.what for one in await unit.trials.of("quillfield")}
        gone = [await unit.trials.clear(name) for name in ("larkmoor", "quillfield")]
    assert gone[0]["orders"] == 1
    assert gone[1]["reports"] > 0
    assert [one["files"] for one in gone] == [1, 1]
    async with trading.hub.units.worker() as unit:
        assert [await unit.trials.of(name) for name in ("larkmoor", "quillfield")] == [[], []]
    assert live_rows(trading) == before
    assert before["purchase_order"]
    assert live
    trading.test = True
    again = await trading.push(write_850(trading, tried, control=77), "larkmoor")
    assert (again.state, again.id != first.id) == ("processed", True), "the same bytes are no repeat any more"
    assert "W-ORDER-REPEATED" not in [f.code for f in again.findings]


async def test_a_sandbox_under_legal_hold_is_not_emptied(trading: Trading) -> None:
    async with trading.hub.units.worker() as unit:
        await unit.retention.hold("larkmoor", "dispute", "tester")
        with pytest.raises(Reject, match="legal hold"):
            await unit.trials.clear("larkmoor")
