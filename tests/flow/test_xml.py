"""XML through the whole hub: stored, read, posted, routed and answered like every other dialect."""

from __future__ import annotations

from hub.ports import Message
from tests.flow.conftest import Trading
from tests.flow.test_inbound import an_order, posting


async def response(trading: Trading, message: Message) -> str:
    """The ApplicationResponse to a message."""
    async with trading.hub.units.worker() as unit:
        rows = (await unit.inbox.list(direction="out", limit=500)).rows
    [found] = [m for m in rows if m.in_reply_to == message.id and m.message == "ApplicationResponse"]
    return (await trading.content(found)).decode()


async def test_a_manufacturers_ubl_forecast_becomes_a_plan_and_is_answered(trading: Trading) -> None:
    documents = posting(trading, "SLSFCT").documents
    content = trading.write("quillfield", "ubl/2.1/Forecast", documents[:1])
    message = await trading.push(content, "quillfield")
    assert (message.state, message.sender, message.format, message.message) == (
        "processed", "quillfield", "ubl", "Forecast"), message.findings
    assert await trading.content(message) == content
    async with trading.hub.units.worker() as unit:
        versions = await unit.plans.versions("retail", author="quillfield", measure="sales_forecast")
    assert [version.source for version in versions] == [message.id]
    assert "AP</cbc:ResponseCode>" in await response(trading, message)


async def test_a_ubl_order_reaches_the_seller_in_its_dialect(trading: Trading) -> None:
    order = an_order(trading)
    message = await trading.push(trading.write("larkmoor", "ubl/2.1/Order", [order]), "larkmoor")
    assert message.state == "processed", message.findings
    [routed] = await trading.outbox("quillfield", "ORDERS")
    assert f"BGM+220+{order.number}+9" in (await trading.content(routed)).decode("latin-1")
    assert "AP</cbc:ResponseCode>" in await response(trading, message)


async def test_a_ubl_document_of_an_older_number_is_refused(trading: Trading) -> None:
    order = an_order(trading)
    await trading.push(trading.write("larkmoor", "ubl/2.1/Order", [order], control=5), "larkmoor")
    other = order.model_copy(update={"number": order.number + "-B"})
    message = await trading.push(trading.write("larkmoor", "ubl/2.1/Order", [other], control=5), "larkmoor")
    assert [f.code for f in message.findings if f.severity.value == "error"] == ["E-DUPLICATE-CONTROL"]
    assert "RE</cbc:ResponseCode>" in await response(trading, message)


async def test_an_attack_is_kept_answered_and_posts_nothing(trading: Trading) -> None:
    content = trading.write("larkmoor", "ubl/2.1/Order", [an_order(trading)])
    attack = content.replace(b"<Order ", b'<!DOCTYPE Order [<!ENTITY x SYSTEM "file:///etc/passwd">]><Order ', 1)
    message = await trading.push(attack, "larkmoor")
    assert (message.state, [f.code for f in message.findings]) == ("rejected", ["E-XML-DOCTYPE"])
    assert await trading.content(message) == attack
    assert "E-XML-DOCTYPE" in await response(trading, message)
    assert await trading.outbox("quillfield") == []
