"""XML documents that change no plan are answered, stored and seen like any other; a long GS1 forecast is one view; no
attack posts anything, whatever it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.xml import stream
from adapters.xml.format import Xml
from hub.errors import NotFound
from hub.model.exchange import Document, Reading
from hub.model.forecast import Forecast
from hub.ports import Guide, Message
from tests.flow.conftest import Trading
from tests.flow.test_inbound import an_order, posting
from tests.xml.attacks import attacks

HOME = Path(__file__).parents[1] / "messages"
KINDS = {
    "RetailEvent": "promotion", "TradeItemLocationProfile": "one-item", "ItemInformationRequest": "weekly-sales",
    "ExceptionCriteria": "weekly", "ExceptionNotification": "weekly"}


def sample(kind: str) -> Document:
    """What the golden document of a kind says."""
    with (HOME / f"ubl-2.1-{kind}" / "pass" / f"{KINDS[kind]}.xml").open("rb") as file:
        (reading,) = [e for e in Xml().read(file, lambda _: Guide()) if isinstance(e, Reading)]
    assert reading.document is not None
    return reading.document


async def answers(trading: Trading, message: Message) -> list[tuple[str | None, bytes]]:
    """What was answered to a message: kind and bytes."""
    async with trading.hub.units.worker() as unit:
        rows = (await unit.inbox.list(direction="out", limit=500)).rows
    return [(m.message, await trading.content(m)) for m in rows if m.in_reply_to == message.id]


async def test_documents_of_cpfr_are_acknowledged_stored_and_seen_by_their_sender_alone(trading: Trading) -> None:
    for kind in KINDS:
        document = sample(kind)
        content = trading.write("larkmoor", f"ubl/2.1/{kind}", [document])
        message = await trading.push(content, "larkmoor")
        assert (message.state, message.format, message.message) == ("processed", "ubl", kind), message.findings
        assert await trading.content(message) == content
        [(answer, said)] = await answers(trading, message)
        assert answer == "ApplicationResponse"
        assert b"RE</cbc:ResponseCode>" not in said
        async with trading.hub.units.door("larkmoor") as unit:
            assert message.id in {m.id for m in (await unit.inbox.list(limit=500)).rows}
            [stored] = await unit.documents.of_message(message.id)
        assert (stored.kind, stored.sender) == (type(document).__name__, "larkmoor")
        assert type(document).model_validate(stored.body) == document  # type: ignore[union-attr]  # no Bulk among them
        async with trading.hub.units.door("pebbleworth") as unit:
            assert message.id not in {m.id for m in (await unit.inbox.list(limit=500)).rows}
            with pytest.raises(NotFound):
                await unit.documents.of_message(message.id)


async def test_a_gs1_proposal_of_many_parts_is_one_version_of_the_plan_and_answered_once(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HELD", 100)
    forecast = posting(trading, "SLSFCT").documents[0]
    assert isinstance(forecast, Forecast)
    header = forecast.header.model_copy(update={"kind": "order", "start": None, "end": None, "ship_to": None})
    lines = forecast.lines.with_columns(certainty=None).cast({"certainty": forecast.lines.schema["certainty"]})
    content = trading.write("quillfield", "gs1/3.1/replenishmentProposal", [Forecast(header, lines)])
    message = await trading.push(content, "quillfield")
    assert (message.state, message.format, message.message) == (
        "processed", "gs1", "replenishmentProposal"), message.findings
    async with trading.hub.units.worker() as unit:
        versions = await unit.plans.versions("retail", author="quillfield", measure="order_forecast")
        assert [version.source for version in versions] == [message.id]
        series = await unit.plans.series(versions[0].id)
        assert len(await unit.documents.of_message(message.id)) > 3
    assert series.values[series.values == series.values].sum() == pytest.approx(lines["quantity"].sum())
    [(answer, said)] = await answers(trading, message)
    assert answer == "applicationReceiptAcknowledgement"
    assert said.count(b"<applicationResponseDocumentLevel>") == 1
    assert b"RECEIVED" in said


async def test_no_attack_posts_anything_and_each_is_kept_named_and_answered(trading: Trading) -> None:
    order = trading.write("larkmoor", "ubl/2.1/Order", [an_order(trading)])
    for name, content in attacks(order).items():
        assert content != order, name
        message = await trading.push(content, "larkmoor")
        assert await trading.content(message) == content, name
        assert message.state == "rejected", name
        errors = [f for f in message.findings if f.severity.value == "error"]
        assert errors, name
        assert all(f.message and f.hint and "Traceback" not in f.message for f in errors), name
        replies = await answers(trading, message)
        assert len(replies) == (0 if name == "gzip" else 1), (name, replies)
        assert not replies or errors[0].code.encode() in replies[0][1] or name.startswith("gs1"), name
        assert await trading.outbox("quillfield") == [], name


async def test_an_order_with_hints_at_other_schemas_is_an_order(trading: Trading) -> None:
    hint = b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x http://127.0.0.1:9/x.xsd"'
    content = trading.write("larkmoor", "ubl/2.1/Order", [an_order(trading)]).replace(b"<Order ", b"<Order %s " % hint)
    message = await trading.push(content, "larkmoor")
    assert message.state == "processed", message.findings
    assert len(await trading.outbox("quillfield", "ORDERS")) == 1
