"""A file arrives: stored, read, posted, answered and passed on, or clearly refused; never lost, never done twice."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

import pytest

from hub.errors import TooLarge
from hub.flow import inbound
from hub.model.exchange import Document
from hub.model.order import Order
from hub.ports import Parcel
from partners.world import Posting
from tests.flow.conftest import Trading


def posting(trading: Trading, name: str) -> Posting:
    return next(p for p in trading.world.postings() if p.name == name)


def an_order(trading: Trading) -> Order:
    order = posting(trading, "850").documents[0]
    assert isinstance(order, Order)
    return order


def write_850(trading: Trading, *orders: Document, control: int | None = None) -> bytes:
    return trading.write("larkmoor", "x12/004010/850", orders, "quillfield", control)


async def test_an_850_reaches_the_seller_as_orders_in_its_words(trading: Trading) -> None:
    order = an_order(trading)
    message = await trading.push(write_850(trading, order), "larkmoor")
    assert (message.state, message.sender, message.receiver, message.findings) == (
        "processed", "larkmoor", "quillfield", ())
    [routed] = await trading.outbox("quillfield", "ORDERS")
    text = (await trading.content(routed)).decode("latin-1")
    assert f"BGM+220+{order.number}+9" in text
    assert "PIA+1+" in text
    assert "QF-" in text, "the seller's own item numbers are added"
    assert "ST*997*" in await trading.answer(message)
    assert "AK9*A*1*1*1" in await trading.answer(message)


async def test_the_exact_bytes_are_kept(trading: Trading) -> None:
    content = b"\xef\xbb\xbf" + write_850(trading, an_order(trading)).replace(b"~", b"~\r\n")
    message = await trading.push(content, "larkmoor")
    assert await trading.content(message) == content
    assert message.sha256 == hashlib.sha256(content).hexdigest()
    assert message.state == "processed"


async def test_the_same_file_again_gives_the_first_receipt_and_one_order(trading: Trading) -> None:
    content = write_850(trading, an_order(trading))
    first, again = await trading.deliver(content, "larkmoor"), await trading.deliver(content, "larkmoor")
    assert (again.message, again.duplicate) == (first.message, True)
    for _ in range(2):
        await trading.hub.process(first.message)
    assert len(await trading.outbox("quillfield")) == 1
    assert len(await trading.outbox("larkmoor")) == 1


async def test_new_content_under_a_used_control_number_is_refused_and_said_so(trading: Trading) -> None:
    documents = posting(trading, "850").documents
    await trading.push(write_850(trading, documents[0], control=5), "larkmoor")
    message = await trading.push(write_850(trading, documents[1], control=5), "larkmoor")
    assert message.state == "rejected"
    assert [f.code for f in message.findings] == ["E-DUPLICATE-CONTROL"]
    assert len(await trading.outbox("quillfield")) == 1
    answer = await trading.answer(message)
    assert "TA1*000000005*" in answer
    assert "*R*025" in answer


async def test_the_same_order_in_a_new_envelope_is_not_forwarded_twice(trading: Trading) -> None:
    order = an_order(trading)
    await trading.push(write_850(trading, order), "larkmoor")
    message = await trading.push(write_850(trading, order), "larkmoor")
    assert [f.code for f in message.findings] == ["W-ORDER-REPEATED"]
    assert len(await trading.outbox("quillfield")) == 1


async def test_a_bad_transaction_does_not_hold_up_the_good_ones(trading: Trading) -> None:
    documents = posting(trading, "850").documents
    content = write_850(trading, *documents).decode()
    first, second, third = content.split("~ST*")[1:4]
    broken = content.replace(second, "\x00".join(second.split("~BEG*", 1)).replace("\x00", "~NOBEG*"), 1)
    assert first in broken
    assert third in broken
    message = await trading.push(broken.encode(), "larkmoor")
    assert message.state == "processed"
    assert len(await trading.outbox("quillfield", "ORDERS")) == 2
    answer = await trading.answer(message)
    assert "AK9*P*3*3*2" in answer
    assert "AK5*R*5" in answer


async def test_a_wrong_segment_count_is_found_at_the_trailer(trading: Trading) -> None:
    content = write_850(trading, an_order(trading)).decode()
    before, _, after = content.partition("~SE*")
    wrong = f"{before}~SE*1{after}"
    message = await trading.push(wrong.encode(), "larkmoor")
    assert "AK5*" in await trading.answer(message)
    assert "*4" in (await trading.answer(message)).split("AK5*")[1].split("~")[0]
    [found] = [f for f in message.findings if f.severity == "error"]
    assert (found.where.tag, found.where.element) == ("SE", 1)


async def test_a_file_cut_short_is_answered_and_what_was_whole_is_named(trading: Trading) -> None:
    content = write_850(trading, an_order(trading))
    message = await trading.push(content[: len(content) // 2], "larkmoor")
    assert message.state == "rejected"
    assert any(f.severity == "error" for f in message.findings)
    assert await trading.outbox("quillfield") == []
    assert len(await trading.outbox("larkmoor")) == 1


async def test_an_unknown_sender_is_refused_and_the_file_is_kept(trading: Trading) -> None:
    content = write_850(trading, an_order(trading)).replace(b"LARKMOOR", b"STRANGER")
    message = await trading.push(content, None)
    assert message.state == "rejected"
    assert [f.code for f in message.findings if f.severity == "error"] == ["E-UNKNOWN-SENDER"]
    assert "STRANGER" in message.findings[0].message
    assert await trading.content(message) == content


async def test_a_partner_cannot_speak_for_another(trading: Trading) -> None:
    message = await trading.push(write_850(trading, an_order(trading)), "vandermoor")
    assert message.state == "rejected"
    assert [f.code for f in message.findings] == ["E-SENDER-MISMATCH"]
    assert await trading.outbox("quillfield") == []


async def test_a_message_type_nobody_maps_is_answered_as_not_supported(trading: Trading) -> None:
    content = write_850(trading, an_order(trading)).replace(b"ST*850*", b"ST*123*").replace(b"GS*PO*", b"GS*ZZ*")
    message = await trading.push(content, "larkmoor")
    assert message.state == "rejected"
    assert "AK5*R*1" in await trading.answer(message)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 100_000, b"PK\x03\x04" + bytes(500), bytes(range(256))])
async def test_what_is_no_message_is_kept_with_a_reason(trading: Trading, content: bytes) -> None:
    message = await trading.push(content, "larkmoor")
    assert message.state == "rejected"
    assert message.findings[0].hint
    assert await trading.content(message) == content


async def test_a_gigabyte_of_zeros_is_refused_at_the_limit_and_nothing_is_stored(trading: Trading) -> None:
    sent = 0

    async def zeros() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1024):
            sent += 1 << 20
            yield bytes(1 << 20)

    parcel = Parcel(zeros(), "http", "larkmoor", trading.hub.clock.now())
    with pytest.raises(TooLarge):
        await inbound.receive(trading.hub.units, parcel, trading.hub.settings.max_message_bytes)
    assert sent <= 10 << 20
    async with trading.hub.units.worker() as unit:
        assert len(await unit.inbox.list()) == 0


async def test_a_line_about_an_unknown_item_or_unit_is_set_aside_and_the_rest_is_posted(trading: Trading) -> None:
    codes = []
    for faulty in trading.world.faulty_postings():
        content = trading.write("vandermoor", faulty.table, faulty.documents)
        message = await trading.push(content, "vandermoor")
        assert message.state == "processed"
        codes += [f.code for f in message.findings]
        assert "UCI+" in await trading.answer(message)
    assert codes == ["E-UNKNOWN-CONVERSION", "E-UNKNOWN-ITEM"]
    async with trading.hub.units.worker() as unit:
        assert (await unit.observations.latest("wholesale", "on_hand")).height == 3


async def test_sunday_weeks_in_eaches_are_stored_as_reported(trading: Trading) -> None:
    history = next(trading.world.retail_history())
    content = trading.write("larkmoor", history.table, history.documents)
    message = await trading.push(content, "larkmoor")
    assert message.findings == ()
    first = history.documents[0]
    async with trading.hub.units.worker() as unit:
        rows = await unit.observations.history("retail", "sold", first.header.start, first.header.start)  # type: ignore[union-attr]
    assert rows.height == 3 * 24
    assert first.header.start.weekday() == 6  # type: ignore[union-attr]


async def test_a_failure_in_the_middle_leaves_nothing_half_done(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = await trading.deliver(write_850(trading, an_order(trading)), "larkmoor")

    async def fail(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(inbound, "_settle", fail)
        with pytest.raises(OSError, match="full"):
            await trading.hub.process(receipt.message)
    assert await trading.outbox("quillfield") == []
    assert await trading.outbox("larkmoor") == []
    assert (await trading.message(receipt.message)).state == "received"
    await trading.hub.process(receipt.message)
    assert len(await trading.outbox("quillfield")) == 1


async def test_an_acknowledgement_finds_what_it_answers(trading: Trading) -> None:
    await trading.push(write_850(trading, an_order(trading)), "larkmoor")
    [routed] = await trading.outbox("quillfield", "ORDERS")
    contrl = (
        f"UNB+UNOC:3+9521001000000:14+9521002000009:14+261116:0700+1'UNH+1+CONTRL:2:2:UN'"
        f"UCI+{routed.control}+9521002000009:14+9521001000000:14+7'UNT+3+1'UNZ+1+1'"
    )
    message = await trading.push(contrl.encode(), "quillfield")
    assert message.findings == ()
    assert (await trading.message(routed.id)).state == "acknowledged"
    assert await trading.outbox("quillfield", "CONTRL") == [], "an acknowledgement is not acknowledged"


async def test_an_order_is_sent_then_answered_and_its_buyer_reads_the_855(trading: Trading) -> None:
    await trading.push(write_850(trading, *posting(trading, "850").documents), "larkmoor")
    answers = posting(trading, "ORDRSP")
    async with trading.hub.units.worker() as unit:
        assert {o.state for o in (await unit.orders.list()).rows} == {"sent"}
    await trading.push(trading.write("quillfield", answers.table, answers.documents, "larkmoor"), "quillfield")
    async with trading.hub.units.worker() as unit:
        states = sorted(o.state for o in (await unit.orders.list()).rows)
    assert states == ["accepted", "accepted", "changed"]
    texts = [(await trading.content(m)).decode() for m in await trading.outbox("larkmoor", "855")]
    assert len(texts) == 3
    assert any("ACK*" in text and "*20261116*" in text for text in texts)


async def test_an_answer_to_a_refused_order_is_refused_in_a_sentence(trading: Trading) -> None:
    order = an_order(trading)
    await trading.push(write_850(trading, order), "larkmoor")
    codes = []
    for answer in ("rejected", "accepted"):
        number = f"R{answer}"
        response = posting(trading, "ORDRSP").documents[0].model_copy(  # type: ignore[union-attr]
            update={"number": number, "answer": answer, "lines": ()})
        content = trading.write("quillfield", "edifact/D96A/ORDRSP", [response], "larkmoor")
        codes += [f.code for f in (await trading.push(content, "quillfield")).findings if f.severity == "error"]
    assert codes == ["E-ORDER-STATE"]
    assert len(await trading.outbox("larkmoor", "855")) <= 1
