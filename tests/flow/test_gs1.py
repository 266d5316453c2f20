"""GS1 XML through the whole hub: stored, read, posted and passed on; its header says who it is from."""

from __future__ import annotations

from hub.model.advice import AdvisedDocument, ApplicationAdvice, ApplicationError
from tests.flow.conftest import Trading
from tests.flow.test_inbound import an_order


async def test_a_gs1_order_reaches_the_seller_in_its_dialect(trading: Trading) -> None:
    order = an_order(trading)
    content = trading.write("larkmoor", "gs1/3.1/order", [order])
    message = await trading.push(content, None)
    assert (message.state, message.sender, message.format, message.message) == (
        "processed", "larkmoor", "gs1", "order"), message.findings
    assert await trading.content(message) == content
    [routed] = await trading.outbox("quillfield", "ORDERS")
    assert f"BGM+220+{order.number}+9" in (await trading.content(routed)).decode("latin-1")
    [answer] = await trading.outbox("larkmoor")
    assert (answer.format, answer.message, answer.in_reply_to) == (
        "gs1", "applicationReceiptAcknowledgement", message.id)
    assert b"RECEIVED" in await trading.content(answer)


async def test_a_gs1_message_of_a_used_number_is_refused(trading: Trading) -> None:
    order = an_order(trading)
    await trading.push(trading.write("larkmoor", "gs1/3.1/order", [order], control=5), "larkmoor")
    other = order.model_copy(update={"number": order.number + "-B"})
    message = await trading.push(trading.write("larkmoor", "gs1/3.1/order", [other], control=5), "larkmoor")
    assert [f.code for f in message.findings if f.severity.value == "error"] == ["E-DUPLICATE-CONTROL"]
    assert len(await trading.outbox("quillfield", "ORDERS")) == 1


async def test_a_gs1_order_with_a_fault_posts_nothing_and_keeps_its_bytes(trading: Trading) -> None:
    content = trading.write("larkmoor", "gs1/3.1/order", [an_order(trading)]).replace(b"requestedQuantity", b"quantity")
    message = await trading.push(content, "larkmoor")
    assert message.state == "rejected", message.findings
    assert await trading.content(message) == content
    assert await trading.outbox("quillfield") == []


async def test_a_gs1_acknowledgement_that_refuses_our_order_is_an_alert(trading: Trading) -> None:
    error = ApplicationError(code="UNKNOWN_ITEM", text="No such item")
    refused = ApplicationAdvice(number="A1", documents=(AdvisedDocument(
        outcome="rejected", number="PO-4711", message="35", errors=(error,)),))
    table = "gs1/3.1/applicationReceiptAcknowledgement"
    message = await trading.push(trading.write("larkmoor", table, [refused]), "larkmoor")
    assert message.state == "processed", message.findings
    assert await trading.outbox("larkmoor") == []
    async with trading.hub.units.worker() as unit:
        [raised] = await unit.alerts.list()
    assert raised.alert.kind == "acknowledgement.negative"
    assert "refuses 35 PO-4711: No such item" in raised.alert.message
