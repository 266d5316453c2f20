"""What partners say to what we sent, and what their control numbers say: who is told, and what opens an alert."""

from __future__ import annotations

from hub.model.exchange import Writing
from hub.ports import Message, Raised
from tests.flow.conftest import Trading
from tests.flow.test_inbound import an_order, posting, write_850

ISA = "ISA*00*          *00*          *ZZ*LARKMOOR       *UL*9501101530003  *261116*0700*U*00401*{0:09d}*0*P*>~"


async def alerts(trading: Trading) -> list[Raised]:
    async with trading.hub.units.worker() as unit:
        return await unit.alerts.list()


def answer_997(number: int, group: str, *rows: str) -> bytes:
    """A 997 of larkmoor's to the hub's partner on whose behalf the answered file was sent."""
    body = "~".join(["ST*997*0001", f"AK1*PR*{group}", *rows, f"SE*{len(rows) + 3}*0001"])
    return (ISA.format(number) + f"GS*FA*LARKMOOR*9501101530003*20261116*0700*{number}*X*004010~{body}~GE*1*{number}~"
            f"IEA*1*{number:09d}~").encode()


async def responses(trading: Trading) -> list[Message]:
    """Three order responses that went out to larkmoor as 855s."""
    await trading.push(write_850(trading, *posting(trading, "850").documents), "larkmoor")
    answers = posting(trading, "ORDRSP")
    await trading.push(trading.write("quillfield", answers.table, answers.documents, "larkmoor"), "quillfield")
    return await trading.outbox("larkmoor", "855")


async def group_of(trading: Trading, message: Message) -> str:
    return (await trading.content(message)).decode().split("~")[1].split("*")[6]


async def test_a_997_that_accepts_closes_the_matter(trading: Trading) -> None:
    first = (await responses(trading))[0]
    group = await group_of(trading, first)
    message = await trading.push(answer_997(1, group, "AK2*855*0001", "AK5*A", "AK9*A*1*1*1"), "larkmoor")
    assert message.findings == ()
    assert (await trading.message(first.id)).state == "acknowledged"
    assert await alerts(trading) == []


async def test_a_997_that_refuses_a_set_opens_an_alert_that_names_it_and_why(trading: Trading) -> None:
    first = (await responses(trading))[0]
    group = await group_of(trading, first)
    rows = ("AK2*855*0001", "AK3*BAK*2**8", "AK4*4*373*8*X", "AK5*R*5", "AK9*R*1*1*0")
    await trading.push(answer_997(1, group, *rows), "larkmoor")
    [raised] = await alerts(trading)
    assert (raised.alert.kind, raised.alert.subject, raised.alert.partner) == (
        "acknowledgement.negative", first.id, "larkmoor")
    assert raised.alert.message == (
        f"Larkmoor Stores refuses our whole message {first.id} (AK304:8, AK403:8, AK502:5).")
    assert (await trading.message(first.id)).state == "failed"
    async with trading.hub.units.worker() as unit:
        assert "message.refused" in {e.type for _, e in await unit.events.list(limit=500)}


async def test_a_partial_contrl_names_the_message_that_was_refused(trading: Trading) -> None:
    await trading.push(write_850(trading, an_order(trading)), "larkmoor")
    [routed] = await trading.outbox("quillfield", "ORDERS")
    contrl = (
        f"UNB+UNOC:3+9521001000000:14+9521002000009:14+261116:0700+1'UNH+1+CONTRL:D:3:UN'"
        f"UCI+{routed.control}+9521002000009:14+9521001000000:14+7'UCM+1+ORDERS:D:96A:UN+4'UCS+3'UCD+12+2:1'"
        f"UNT+6+1'UNZ+1+1'"
    )
    await trading.push(contrl.encode(), "quillfield")
    [raised] = await alerts(trading)
    assert f"refuses ORDERS 1 of our message {routed.id} (0085:12)." in raised.alert.message


async def test_an_answer_to_a_set_that_we_did_not_send_is_told(trading: Trading) -> None:
    first = (await responses(trading))[0]
    group = await group_of(trading, first)
    rows = ("AK2*855*0001", "AK5*A", "AK2*855*0009", "AK5*A", "AK9*A*2*2*2")
    message = await trading.push(answer_997(1, group, *rows), "larkmoor")
    assert [f.code for f in message.findings] == ["W-UNMATCHED-TRANSACTION"]


async def test_an_answer_to_nothing_of_ours_is_told(trading: Trading) -> None:
    message = await trading.push(answer_997(1, "4711", "AK9*A*0*0*0"), "larkmoor")
    assert [f.code for f in message.findings] == ["W-UNMATCHED-ACKNOWLEDGEMENT"]


async def test_an_824_that_refuses_what_we_sent_opens_an_alert_in_the_partners_words(trading: Trading) -> None:
    first = (await responses(trading))[0]
    group = await group_of(trading, first)
    rows = ["BGN*00*ADV1*20261116", f"OTI*TR*TN*R1*****{group}*0001*855", "TED*024*Price not agreed"]
    body = "~".join(["ST*824*0001", *rows, f"SE*{len(rows) + 2}*0001"])
    content = (ISA.format(1) + f"GS*AG*LARKMOOR*9501101530003*20261116*0700*1*X*004010~{body}~GE*1*1~IEA*1*000000001~")
    message = await trading.push(content.encode(), "larkmoor")
    assert message.findings == ()
    [raised] = await alerts(trading)
    assert raised.alert.subject == first.id
    assert raised.alert.message == "Larkmoor Stores refuses 855 R1: Price not agreed."
    assert len(await trading.outbox("larkmoor", "997")) == 2, "the 824 itself is acknowledged by a 997"


# -- control numbers -------------------------------------------------------------------------------------------------


async def test_a_number_left_out_is_told_and_taken_when_it_comes_late(trading: Trading) -> None:
    orders = posting(trading, "850").documents
    await trading.push(write_850(trading, orders[0], control=1), "larkmoor")
    message = await trading.push(write_850(trading, orders[1], control=4), "larkmoor")
    assert [(f.code, f.message) for f in message.findings] == [
        ("W-CONTROL-GAP", "Control number 000000004 follows 1: 2 to 3 have not arrived.")]
    late = await trading.push(write_850(trading, orders[2], control=2), "larkmoor")
    assert (late.state, [f.code for f in late.findings]) == ("processed", ["W-CONTROL-LATE"])


async def test_a_counter_that_begins_anew_is_no_repeat(trading: Trading) -> None:
    orders = posting(trading, "850").documents
    await trading.push(write_850(trading, orders[0], control=999_999_999), "larkmoor")
    message = await trading.push(write_850(trading, orders[1], control=1), "larkmoor")
    assert (message.state, [f.code for f in message.findings]) == ("processed", ["W-CONTROL-WRAPPED"])


async def test_a_partner_that_counts_over_all_its_receivers_leaves_no_gaps(trading: Trading) -> None:
    own = trading.partners["larkmoor"]
    async with trading.hub.units.worker() as unit:
        profile = own.profile.model_copy(update={"numbering": "shared"})
        await unit.partners.put(profile, own.agreements, own.overlays)
    orders = posting(trading, "850").documents
    await trading.push(write_850(trading, orders[0], control=1), "larkmoor")
    assert (await trading.push(write_850(trading, orders[1], control=9), "larkmoor")).findings == ()


async def test_a_repeated_number_names_the_message_that_used_it(trading: Trading) -> None:
    orders = posting(trading, "850").documents
    first = await trading.push(write_850(trading, orders[0], control=5), "larkmoor")
    message = await trading.push(write_850(trading, orders[1], control=5), "larkmoor")
    [found] = message.findings
    assert found.code == "E-DUPLICATE-CONTROL"
    assert first.id in found.message


async def test_what_cannot_be_written_takes_no_number(trading: Trading) -> None:
    own = trading.partners["quillfield"]
    async with trading.hub.units.worker() as unit:
        profile = own.profile.model_copy(update={"writing": Writing(max_bytes=50)})
        await unit.partners.put(profile, own.agreements, own.overlays)
    orders = posting(trading, "850").documents
    message = await trading.push(write_850(trading, orders[0]), "larkmoor")
    [found] = message.findings
    assert found.code == "E-DIALECT-CANNOT-CARRY"
    assert "the receiver takes at most 50" in found.message
    async with trading.hub.units.worker() as unit:
        await unit.partners.put(own.profile, own.agreements, own.overlays)
    await trading.push(write_850(trading, orders[1]), "larkmoor")
    [routed] = await trading.outbox("quillfield", "ORDERS")
    assert routed.control == "1"


async def test_answers_and_documents_to_a_partner_count_their_groups_without_a_gap(trading: Trading) -> None:
    await responses(trading)
    contents = [(await trading.content(m)).decode() for m in await trading.outbox("larkmoor")]
    heads = [(text.split("*")[6].strip(), text.split("~")[1].split("*")[6]) for text in contents]
    numbers: dict[str, list[str]] = {}
    for sender, group in heads:
        numbers.setdefault(sender, []).append(group)
    assert all(groups == [str(n) for n in range(1, len(groups) + 1)] for groups in numbers.values())
