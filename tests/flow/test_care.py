"""What an operator does afterwards: find, process again, replay, discard."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hub.cli.plan.unanswered import unanswered, unanswered_lines
from hub.errors import NotFound, Reject
from hub.flow import care
from hub.flow.context import Context
from hub.flow.dispatch import Dispatch
from hub.flow.overdue import overdue
from hub.model.invoice import Invoice, InvoiceLine
from hub.model.mention import mentioned
from tests.flow.conftest import Trading
from tests.flow.test_inbound import an_order, write_850


async def test_everything_that_speaks_of_an_order_is_found_by_its_number(trading: Trading) -> None:
    order = an_order(trading)
    message = await trading.push(write_850(trading, order, control=77), "larkmoor")
    async with trading.hub.units.worker() as unit:
        by_order = await unit.inbox.find(order.number)
        by_control = await unit.inbox.find("000000077")
        by_id = await unit.inbox.find(message.id)
        nothing = await unit.inbox.find("4711")
    assert {(m.direction, m.message) for m in by_order} == {("in", "850"), ("out", "ORDERS"), ("out", "997")}
    assert by_order == by_control == by_id
    assert nothing == ()


async def test_what_the_hub_has_written_itself_is_found_by_its_number_too(trading: Trading) -> None:
    """Nothing came that it would be an answer to: the hub released this order."""
    order, now = an_order(trading), trading.hub.clock.now()
    async with trading.hub.units.worker() as unit:
        context = await Context.load(unit, trading.hub.settings.gln, now.date())
        formats = await trading.hub.dialects.current()
        sent, _ = await Dispatch(unit, context, formats, now).send(
            "order", order, sender="larkmoor", receiver="quillfield")
        found = await unit.inbox.find(order.number)
    assert [(m.id, m.direction, m.message) for m in found] == [(sent, "out", "ORDERS")]


async def test_a_planner_sees_what_a_partner_has_not_answered_until_it_does(trading: Trading) -> None:
    await trading.push(write_850(trading, an_order(trading)), "larkmoor")
    [sent] = await trading.outbox("quillfield", "ORDERS")
    async with trading.hub.units.worker() as unit:
        await unit.alerts.open(overdue(await unit.deliveries.get(sent.id)))
        [told] = await unanswered(unit, [a.name for a in await unit.partners.agreements()])
        assert (told.alert.partner, told.alert.subject) == ("quillfield", sent.id)
        [line] = unanswered_lines([told])
        assert (line["partner"], line["message"]) == ("quillfield", sent.id)
        assert await unanswered(unit, []) == ()
        await unit.alerts.close("acknowledgement.overdue", sent.id)
        assert await unanswered(unit, [a.name for a in await unit.partners.agreements()]) == ()


def test_a_document_speaks_of_its_own_number_and_of_those_that_it_refers_to() -> None:
    line = InvoiceLine(number="1", quantity=Decimal(1), unit="each", price=Decimal(1), order_number="PO-2")
    invoice = Invoice.model_construct(
        number="INV-1", order_number="PO-1", despatch_number="DES-1", lines=(line,))
    assert mentioned(invoice) == {"INV-1", "PO-1", "PO-2", "DES-1"}


async def test_a_rejected_message_is_accepted_once_its_cause_is_mended(trading: Trading) -> None:
    """The partner's address was missing from its profile: the clerk adds it, and the partner need not send again."""
    larkmoor = trading.partners["larkmoor"]
    wrong = larkmoor.profile.model_copy(update={"addresses": (), "gln": "9521009000002"})
    async with trading.hub.units.worker() as unit:
        await unit.partners.put(wrong, larkmoor.agreements, larkmoor.overlays)
    content = write_850(trading, an_order(trading))
    rejected = await trading.push(content, "larkmoor")
    assert (rejected.state, rejected.findings[0].code) == ("rejected", "E-UNKNOWN-SENDER")
    async with trading.hub.units.worker() as unit:
        await unit.partners.put(larkmoor.profile, larkmoor.agreements, larkmoor.overlays)
        await care.reprocess(unit, rejected.id)
    await trading.hub.process(rejected.id)
    message = await trading.message(rejected.id)
    assert (message.state, message.findings) == ("processed", ())
    assert len(await trading.outbox("quillfield", "ORDERS")) == 1


async def test_only_what_failed_is_processed_again(trading: Trading) -> None:
    message = await trading.push(write_850(trading, an_order(trading)), "larkmoor")
    async with trading.hub.units.worker() as unit:
        with pytest.raises(Reject, match="processed"):
            await care.reprocess(unit, message.id)
        with pytest.raises(NotFound):
            await care.replay(unit, message.id)
    assert len(await trading.outbox("quillfield", "ORDERS")) == 1


async def test_a_discarded_dead_letter_leaves_the_list_and_a_trace(trading: Trading) -> None:
    message = await trading.deliver(b"GTIN;1", "larkmoor")
    async with trading.hub.units.worker() as unit:
        entries = await unit.audit.verify()
        await unit.dead_letters.add(message.message, "process", "WORKER_DIED: three times", 3)
        letter = await care.discard(unit, message.message, reason="a test file")
        assert letter.ended == "discarded"
        assert await unit.dead_letters.list() == []
        assert await unit.audit.verify() == entries + 1
    assert (await trading.message(message.message)).state == "dead"


async def test_a_replayed_dead_letter_is_processed(trading: Trading) -> None:
    receipt = await trading.deliver(write_850(trading, an_order(trading)), "larkmoor")
    async with trading.hub.units.worker() as unit:
        await unit.dead_letters.add(receipt.message, "process", "WORKER_DIED: three times", 3)
        await care.replay(unit, receipt.message)
        assert await unit.dead_letters.list() == []
    await trading.hub.process(receipt.message)
    assert (await trading.message(receipt.message)).state == "processed"
