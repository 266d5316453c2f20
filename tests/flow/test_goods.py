"""An order lives on after it was placed: what changes, despatches, receipts and invoices do to it, and to the plan."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hub.model.despatch import Despatch, DespatchedItem, DespatchedOrder
from hub.model.goods_return import GoodsReturn, ReturnLine
from hub.model.invoice import Invoice, InvoiceLine
from hub.model.order import Order
from hub.model.order_change import OrderChange, OrderChangeLine
from hub.model.receipt import Receipt, ReceiptLine
from hub.ports import Message, OrderRow
from partners.world.sending import AS_OF
from tests.flow.conftest import Trading
from tests.flow.test_inbound import an_order, write_850

KINDS = {"despatch": "x12/004010/856", "invoice": "x12/004010/810", "order_change": "edifact/D96A/ORDCHG",
         "receipt": "edifact/D96A/RECADV"}


async def placed(trading: Trading) -> Order:
    """An order of larkmoor's to quillfield, both of whom take everything that may follow."""
    for name in ("larkmoor", "quillfield"):
        own = trading.partners[name]
        profile = own.profile.model_copy(update={"receives": KINDS | own.profile.receives})
        async with trading.hub.units.worker() as unit:
            await unit.partners.put(profile, own.agreements, own.overlays)
    order = an_order(trading)
    await trading.push(write_850(trading, order), "larkmoor")
    return order


async def row(trading: Trading, order: Order) -> OrderRow:
    async with trading.hub.units.worker() as unit:
        found = await unit.orders.find("larkmoor", "quillfield", order.number)
    assert found is not None
    return found


async def coming(trading: Trading, as_of: date | None = None) -> float:
    async with trading.hub.units.worker() as unit:
        open_ = await unit.orders.open_quantities("retail", as_of)
    return float(open_["quantity"].sum())


def sides(order: Order) -> dict[str, object]:
    return {"buyer": order.buyer, "seller": order.seller, "ship_to": order.ship_to}


async def change(trading: Trading, order: Order, *lines: OrderChangeLine, **more: object) -> Message:
    document = OrderChange.model_validate({
        "order_number": order.number, "role": "buyer", "number": "1", "ordered_on": order.placed_on,
        "changed_on": AS_OF, **sides(order), "lines": lines, **more})
    return await trading.push(
        trading.write("larkmoor", "x12/004010/860", [document], "quillfield"), "larkmoor")


async def receive(trading: Trading, order: Order, number: str, *quantities: Decimal) -> Message:
    receipt = Receipt.model_validate({
        "number": number, "issued_on": AS_OF, "received_on": AS_OF, "order_number": order.number, **sides(order),
        "lines": [ReceiptLine(number=line.number, quantity=quantity, unit=line.unit, gtin=line.gtin,
                              buyer_item=line.buyer_item, seller_item=line.seller_item)
                  for line, quantity in zip(order.lines, quantities, strict=False)]})
    return await trading.push(
        trading.write("larkmoor", "x12/004010/861", [receipt], "quillfield"), "larkmoor")


async def invoice(trading: Trading, order: Order, number: str, price: Decimal, extra: int = 0) -> Message:
    line = order.lines[0]
    document = Invoice.model_validate({
        "number": number, "issued_on": AS_OF, "order_number": order.number, "ordered_on": order.placed_on,
        "currency": "EUR", **sides(order), "total": price * line.quantity, "lines_total": price * line.quantity,
        "lines": [InvoiceLine(number=line.number, quantity=line.quantity + extra, unit=line.unit, price=price,
                              gtin=line.gtin, buyer_item=line.buyer_item, seller_item=line.seller_item,
                              amount=price * line.quantity)]})
    return await trading.push(
        trading.write("quillfield", "edifact/D96A/INVOIC", [document], "larkmoor"), "quillfield")


async def despatch(trading: Trading, order: Order) -> Message:
    """The despatch advice ASN1 of the order's first line."""
    line = order.lines[0]
    document = Despatch.model_validate({
        "number": "ASN1", "issued_on": AS_OF, "shipped_on": AS_OF, **sides(order), "packages": 1,
        "orders": [DespatchedOrder(number=order.number, ordered_on=order.placed_on)],
        "items": [DespatchedItem(number="1", quantity=line.quantity, unit=line.unit, gtin=line.gtin,
                                 seller_item=line.seller_item, buyer_item=line.buyer_item,
                                 order_number=order.number, order_line=line.number)]})
    return await trading.push(
        trading.write("quillfield", "edifact/D96A/DESADV", [document], "larkmoor"), "quillfield")


async def test_a_change_makes_the_order_another_one_and_goes_on_to_the_seller(trading: Trading) -> None:
    order = await placed(trading)
    before, line = await coming(trading), order.lines[0]
    more = OrderChangeLine(number=line.number, action="change", quantity=line.quantity * 2, unit=line.unit,
                           gtin=line.gtin, buyer_item=line.buyer_item, price=line.price)
    message = await change(trading, order, more)
    assert message.findings == ()
    found = await row(trading, order)
    assert (found.state, found.body["lines"][0]["quantity"]) == ("sent", str(line.quantity * 2))
    assert await coming(trading) > before
    assert len(await trading.outbox("quillfield", "ORDCHG")) == 1


async def test_a_cancelled_order_is_no_longer_expected_and_cannot_be_changed(trading: Trading) -> None:
    order = await placed(trading)
    assert await coming(trading) > 0
    await change(trading, order, purpose="cancel")
    assert ((await row(trading, order)).state, await coming(trading)) == ("cancelled", 0.0)
    message = await change(trading, order, number="2")
    assert [f.code for f in message.findings if f.severity == "error"] == ["E-ORDER-STATE"]


async def test_a_despatch_is_noted_by_its_order_and_after_it_nothing_is_changed(trading: Trading) -> None:
    order = await placed(trading)
    await despatch(trading, order)
    assert (await row(trading, order)).state == "despatched"
    message = await change(trading, order)
    assert [f.code for f in message.findings if f.severity == "error"] == ["E-ORDER-STATE"]
    assert "W-DOCUMENT-REPEATED" in [f.code for f in (await despatch(trading, order)).findings]


async def test_a_receipt_nets_what_the_plan_still_expects(trading: Trading) -> None:
    order = await placed(trading)
    all_ = await coming(trading)
    half = [line.quantity / 2 for line in order.lines]
    message = await receive(trading, order, "R1", *half)
    assert message.findings == ()
    assert ((await row(trading, order)).state, await coming(trading)) == ("partly_received", all_ / 2)
    assert len(await trading.outbox("quillfield", "RECADV")) == 1
    late = AS_OF + timedelta(days=365)
    assert await coming(trading, late) == all_ / 2, "the rest is still to come after its day"
    await receive(trading, order, "R2", *half)
    assert ((await row(trading, order)).state, await coming(trading)) == ("delivered", 0.0)


async def test_the_same_receipt_is_netted_once(trading: Trading) -> None:
    order = await placed(trading)
    half = [line.quantity / 2 for line in order.lines]
    await receive(trading, order, "R1", *half)
    left = await coming(trading)
    message = await receive(trading, order, "R1", *half)
    assert [f.code for f in message.findings] == ["W-DOCUMENT-REPEATED"]
    assert await coming(trading) == left
    assert len(await trading.outbox("quillfield", "RECADV")) == 1


async def test_an_invoice_is_held_against_the_order(trading: Trading) -> None:
    order = await placed(trading)
    price = order.lines[0].price or Decimal(1)
    message = await invoice(trading, order, "I1", price + 1, extra=1)
    expected = ["W-PRICE-DIFFERS", "W-QUANTITY-DIFFERS"] if order.lines[0].price else ["W-QUANTITY-DIFFERS"]
    assert [f.code for f in message.findings if f.severity == "warning"] == expected
    assert len(await trading.outbox("larkmoor", "810")) == 1, "the buyer decides"


async def test_an_invoice_for_an_order_that_nobody_knows_is_told_and_passed_on(trading: Trading) -> None:
    order = (await placed(trading)).model_copy(update={"number": "NEVER"})
    message = await invoice(trading, order, "I2", Decimal(1))
    assert "W-UNKNOWN-ORDER" in [f.code for f in message.findings]
    assert len(await trading.outbox("larkmoor", "810")) == 1


async def test_a_return_stands_in_the_life_of_the_order_that_it_came_of_beside_its_invoice(trading: Trading) -> None:
    order = await placed(trading)
    await invoice(trading, order, "I1", order.lines[0].price or Decimal(1))
    line = ReturnLine(number="1", quantity=Decimal(1), unit=order.lines[0].unit, gtin=order.lines[0].gtin)
    returned = GoodsReturn.model_validate({
        "number": "RT1", "issued_on": AS_OF, "order_number": order.number, **sides(order), "lines": [line]})
    written = trading.write("larkmoor", "x12/004010/180", [returned], "quillfield")
    message = await trading.push(written, "larkmoor")
    assert [f for f in message.findings if f.severity == "error"] == []
    async with trading.hub.units.door("quillfield") as unit:
        happened = await unit.orders.timeline((await row(trading, order)).id)
    assert [(one.kind, one.number) for one in happened][-2:] == [("invoice", "I1"), ("return", "RT1")]
