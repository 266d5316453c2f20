"""What the hub's own checks find is told to the sender in its own dialect, when its profile asks for it."""

from __future__ import annotations

from pathlib import Path

from hub.model.exchange import Answers
from tests.flow.conftest import Trading
from tests.flow.test_inbound import an_order, write_850

SAMPLES = Path(__file__).parents[2] / "partners" / "quillfield" / "samples"


async def wants(trading: Trading, partner: str, table: str | None, **answers: object) -> None:
    """Give `partner` a new profile version with these answers, and a table for advices."""
    own = trading.partners[partner]
    receives = own.profile.receives | ({"application_advice": table} if table else {})
    profile = own.profile.model_copy(update={"answers": Answers.model_validate(answers), "receives": receives})
    async with trading.hub.units.worker() as unit:
        await unit.partners.put(profile, own.agreements, own.overlays)


async def test_an_unknown_item_is_told_in_an_824_beside_the_997(trading: Trading) -> None:
    await wants(trading, "larkmoor", "x12/004010/824", application=True)
    order = an_order(trading)
    strange = order.lines[0].model_copy(update={"gtin": None, "buyer_item": "NO-SUCH-ITEM", "seller_item": None})
    order = order.model_copy(update={"lines": (strange, *order.lines[1:])})
    message = await trading.push(write_850(trading, order, control=41), "larkmoor")
    assert "W-UNKNOWN-ITEM" in [f.code for f in message.findings]
    [advice] = await trading.outbox("larkmoor", "824")
    segments = (await trading.content(advice)).decode().split("~")[2:-3]
    assert segments == [
        "ST*824*0001",
        "BGN*00*000000041-41-0001*20261116",
        "N1*FR**UL*9501101530003",
        f"OTI*TE*TN*{order.number}*****41*0001*850",
        f"TED*848*Line {strange.number}: no item is known as NO-SUCH-ITEM; it was forwarded*****NO-SUCH-ITEM",
        "NTE**as it is. Check the item number with the seller, or add its code to",
        "NTE**item_codes.csv.",
        "SE*8*0001",
    ]
    assert len(await trading.outbox("larkmoor", "997")) == 1


async def test_a_repeated_order_is_told_in_an_aperak_to_who_wants_that(trading: Trading) -> None:
    await wants(trading, "larkmoor", "edifact/D96A/APERAK", application=True)
    order = an_order(trading)
    await trading.push(write_850(trading, order, control=41), "larkmoor")
    await trading.push(write_850(trading, order, control=42), "larkmoor")
    [advice] = await trading.outbox("larkmoor", "APERAK")
    segments = (await trading.content(advice)).decode("latin-1").split("'")
    assert segments[2:] == [
        "UNH+1+APERAK:D:96A:UN",
        "BGM+305+000000042-42-0001+27",
        "DTM+137:20261116:102",
        f"RFF+ACW:{order.number}",
        "NAD+MS+9501101530003::9",
        "ERC+REPEATED",
        f"FTX+AAO+++Order {order.number} of larkmoor to quillfield is in the books already;: this copy was not "
        "forwarded. To change an order send an order change;: for a new one use a new number.",
        f"RFF+ACW:{order.number}",
        f"FTX+ACB+++{order.number}",
        "UNT+10+1",
        "UNZ+1+1",
        "",
    ]


async def test_nothing_is_advised_to_who_did_not_ask(trading: Trading) -> None:
    order = an_order(trading)
    for _ in range(2):
        await trading.push(write_850(trading, order), "larkmoor")
    assert await trading.outbox("larkmoor", "824") == []


async def test_what_the_hub_finds_in_a_csv_stands_in_its_one_answer_in_words(trading: Trading) -> None:
    """Also for who asked for an 824: a CSV has no numbers by which one could name it."""
    await wants(trading, "quillfield", "x12/004010/824", application=True)
    content = (SAMPLES / "stock.csv").read_bytes().replace(b"QF-JU-01", b"NO-SUCH-1")
    message = await trading.push(content, "quillfield")
    status, found = [line.split(",", 5) for line in (await trading.answer(message)).splitlines()[1:3]]
    assert status[2] == "accepted_with_errors"
    assert found[2:4] == ["error", "E-UNKNOWN-ITEM"]
    assert "NO-SUCH-1" in found[4]
    assert await trading.outbox("quillfield", "824") == []
    assert "E-DIALECT-CANNOT-CARRY" not in [f.code for f in message.findings]


async def test_what_a_wrong_trailer_condemns_is_answered_as_rejected_and_not_posted(trading: Trading) -> None:
    content = write_850(trading, an_order(trading)).replace(b"IEA*1*", b"IEA*3*")
    message = await trading.push(content, "larkmoor")
    assert message.state == "rejected"
    assert await trading.outbox("quillfield") == []
    answer = await trading.answer(message)
    assert "*R*021~" in answer
    assert "AK5*R~AK9*R*1*1*0~" in answer
    async with trading.hub.units.worker() as unit:
        assert len(await unit.orders.list()) == 0
    again = await trading.push(content.replace(b"IEA*3*", b"IEA*1*"), "larkmoor")
    assert (again.state, again.findings) == ("processed", ()), "the number of what was rejected may be used again"
    assert len(await trading.outbox("quillfield", "ORDERS")) == 1
