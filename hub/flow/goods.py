"""What becomes of an order after it was placed: changes, despatches, receipts, invoices. Onto its books, and on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import cast

from hub.errors import Reject, Severity
from hub.flow.check import resolve_item
from hub.flow.posting import Posting, forward, no_counterpart, not_yours, pass_on
from hub.fulfilment import lifecycle
from hub.fulfilment.amend import amend, as_response
from hub.fulfilment.lifecycle import Happening, OrderState
from hub.model.despatch import Despatch, DespatchedItem, HandlingUnit
from hub.model.exchange import Document
from hub.model.goods_return import GoodsReturn
from hub.model.invoice import Invoice, InvoiceLine
from hub.model.order import Order, OrderLine
from hub.model.order_change import OrderChange
from hub.model.receipt import Receipt, ReceiptLine
from hub.model.response import OrderResponse
from hub.ports import Arrived, OrderRow

Sides = tuple[str, str]
"""Buyer and seller."""


def sides(posting: Posting, speaker: str, what: str) -> Sides | None:
    """Buyer and seller of a document that the `speaker` (buyer or seller) sends; None, and told, where it is not so."""
    parties = posting.parties
    buyer = parties.buyer or (parties.sender if speaker == "buyer" else parties.receiver)
    seller = parties.seller or (parties.sender if speaker == "seller" else parties.receiver)
    if buyer is None or seller is None or buyer == seller:
        no_counterpart(posting, "buyer" if buyer is None else "seller")
        return None
    owner = buyer if speaker == "buyer" else seller
    if parties.sender not in (owner, None):
        not_yours(posting, what, owner)
        return None
    return buyer, seller


async def post_response(posting: Posting, response: OrderResponse) -> None:
    """The seller's answer: onto the order, and on to the buyer."""
    found = sides(posting, "seller", "order response")
    if found is None:
        return
    order = await _order(posting, found, response.order_number, refused=True)
    if order is None or not await _answer(posting, order, response):
        return
    # many sellers leave out when the order was placed; dialects that need it (855 BAK04) take it from the books
    dated = response if response.ordered_on else response.model_copy(update={"ordered_on": order.placed_on})
    await forward(posting, "order_response", dated, found[0])


async def _answer(posting: Posting, order: OrderRow, response: OrderResponse) -> bool:
    """Whether the answer could be put onto the order."""
    try:
        applied = lifecycle.answer(Order.model_validate(order.body), cast(OrderState, order.state), response)
    except Reject as refusal:
        _refused(posting, order, refusal, "response")
        return False
    for line in applied.unmatched:
        _unmatched(posting, order, line.number, line.gtin or line.buyer_item or line.seller_item, "response")
    await posting.dispatch.unit.orders.answer(order.id, response, posting.message, applied.state)
    posting.tell("order.answered", order.id, order.buyer, order.seller, number=order.number, state=applied.state)
    return True


async def post_change(posting: Posting, change: OrderChange) -> None:
    """The buyer wants it otherwise: the order begins anew. The seller's change is an answer to it."""
    found = sides(posting, change.role, "order change")
    if found is None:
        return
    order = await _order(posting, found, change.order_number, refused=True)
    if order is None:
        return
    receiver = found[1] if change.role == "buyer" else found[0]
    number = change.number or f"{posting.reading.interchange.control}/{posting.reading.control}"
    if not await _once(posting, order, "change", number, change):
        return
    if change.role == "seller":
        if await _answer(posting, order, as_response(change)):
            await pass_on(posting, "order_change", change, receiver)
        return
    happening: Happening = "cancel" if change.purpose == "cancel" else "replace"
    try:
        state = lifecycle.advance(cast(OrderState, order.state), happening)
    except Reject as refusal:
        _refused(posting, order, refusal, "change")
        return
    if happening == "cancel":
        await posting.dispatch.unit.orders.move(order.id, state)
    else:
        amended = amend(Order.model_validate(order.body), change)
        for line in amended.unmatched:
            _unmatched(posting, order, line.number, line.gtin or line.buyer_item or line.seller_item, "change")
        await posting.dispatch.unit.orders.amend(order.id, amended.order, state)
    posting.tell("order.changed", order.id, *found, number=order.number, state=state)
    if await pass_on(posting, "order_change", change, receiver) and happening == "replace":
        await posting.dispatch.unit.orders.move(order.id, lifecycle.advance(state, "send"))


async def post_despatch(posting: Posting, despatch: Despatch) -> None:
    """Goods are on their way: each order in them knows it; on to the buyer."""
    found = sides(posting, "seller", "despatch advice")
    if found is None:
        return
    named = [*(o.number for o in despatch.orders), *(i.order_number for i in despatched_items(despatch))]
    fresh = False
    for number in dict.fromkeys(n for n in named if n):
        order = await _order(posting, found, number)
        if order and await _once(posting, order, "despatch", despatch.number, despatch):
            fresh = True
            await _move(posting, order, "despatch", "despatched")
        fresh = fresh or order is None
    if fresh or not any(named):
        await pass_on(posting, "despatch", despatch, found[0])


async def post_receipt(posting: Posting, receipt: Receipt) -> None:
    """What arrived, line by line: netted from what is open; on to the seller."""
    found = sides(posting, "buyer", "receiving advice")
    if found is None:
        return
    fresh = False
    for order, lines in await _received(posting, found, receipt):
        if not await _once(posting, order, "receipt", receipt.number, receipt):
            continue
        fresh = True
        arrived = [one for one in (_arrived(posting, line) for line in lines) if one]
        complete = await posting.dispatch.unit.orders.receive(order.id, arrived)
        await _move(posting, order, "complete" if complete else "receive", "received")
    if fresh or not posting.findings:
        await pass_on(posting, "receipt", receipt, found[1])


async def _received(posting: Posting, found: Sides, receipt: Receipt) -> list[tuple[OrderRow, list[ReceiptLine]]]:
    """The lines of a receipt by order: as the line says, as the receipt says, else as the despatch advice said."""
    by_order: dict[str, tuple[OrderRow, list[ReceiptLine]]] = {}
    loose: list[ReceiptLine] = []
    named = {number: await _order(posting, found, number) for number in dict.fromkeys(
        line.order_number or receipt.order_number for line in receipt.lines) if number}
    for line in receipt.lines:
        order = named.get(line.order_number or receipt.order_number or "")
        if order:
            by_order.setdefault(order.id, (order, []))[1].append(line)
        elif not (line.order_number or receipt.order_number):
            loose.append(line)
    if loose and receipt.despatch_number:
        orders = await posting.dispatch.unit.orders.of_event(*found, "despatch", receipt.despatch_number)
        for line in loose:
            gtin = resolve_item(line.gtin, line.buyer_item, line.seller_item, posting.dispatch.context, posting.parties)
            holder = next((o for o in orders if gtin in {_gtin(posting, x) for x in _lines(o)}), None)
            if holder:
                by_order.setdefault(holder.id, (holder, []))[1].append(line)
    return list(by_order.values())


async def post_invoice(posting: Posting, invoice: Invoice) -> None:
    """What is demanded, held against what was ordered; on to the buyer, who decides."""
    found = sides(posting, "buyer" if invoice.kind == "self_billed" else "seller", "invoice")
    if found is None:
        return
    by_number: dict[str, list[InvoiceLine]] = {}
    for line in invoice.lines:
        by_number.setdefault(line.order_number or invoice.order_number or "", []).append(line)
    fresh = not any(by_number)
    for number, lines in by_number.items():
        order = await _order(posting, found, number) if number else None
        fresh = fresh or order is None
        if order and await _once(posting, order, "invoice", invoice.number, invoice):
            fresh = True
            posting.tell("order.invoiced", order.id, *found, number=order.number, invoice=invoice.number)
            if invoice.kind == "invoice":
                _compare(posting, order, lines)
    if fresh:
        await pass_on(posting, "invoice", invoice, found[1] if invoice.kind == "self_billed" else found[0])


async def post_return(posting: Posting, returned: GoodsReturn) -> None:
    """Goods go back, or the seller says what is to become of them: each order that they came of knows it; on to the
    other side, also when no order of the two is named."""
    parties = posting.parties
    if parties.buyer is not None and parties.seller is not None and parties.sender in (parties.buyer, parties.seller):
        found = parties.buyer, parties.seller
        named = [returned.order_number, *(line.order_number for line in returned.lines)]
        for number in dict.fromkeys(number for number in named if number):
            order = await _order(posting, found, number)
            if order and await _once(posting, order, "return", returned.number, returned):
                posting.tell("order.returned", order.id, *found, number=order.number, goods_return=returned.number)
    await pass_on(posting, "goods_return", returned, parties.receiver)


def _compare(posting: Posting, order: OrderRow, lines: Sequence[InvoiceLine]) -> None:
    """Prices per the same unit, and quantities in it, against the order's."""
    ordered = {_gtin(posting, line): line for line in _lines(order)}
    for line in lines:
        asked = ordered.get(_gtin(posting, line))
        if asked is None:
            _unmatched(posting, order, line.number, line.gtin or line.buyer_item or line.seller_item, "invoice")
            continue
        if line.unit not in (None, asked.unit):
            continue
        price = line.price / line.price_basis if line.price is not None and line.price_basis else line.price
        if price is not None and asked.price is not None and price != asked.price:
            posting.say(
                "W-PRICE-DIFFERS", Severity.WARNING,
                f"Line {line.number or '?'}: {price} per {asked.unit} is invoiced, {asked.price} was ordered in "
                f"{order.number}.",
                "Correct the invoice, or have the buyer confirm the new price.", str(price),
            )
        if line.quantity is not None and line.quantity > asked.quantity:
            posting.say(
                "W-QUANTITY-DIFFERS", Severity.WARNING,
                f"Line {line.number or '?'}: {line.quantity} {asked.unit} are invoiced, {asked.quantity} were ordered "
                f"in {order.number}.",
                "Correct the invoice, or send the rest of the order with it.", str(line.quantity),
            )


# -- what they share -------------------------------------------------------------------------------------------------


async def _order(posting: Posting, found: Sides, number: str, refused: bool = False) -> OrderRow | None:
    """The order of that number; where there is none that is told. `refused`: then the document is not passed on."""
    order = await posting.dispatch.unit.orders.find(*found, number)
    if order is None and not any(f.value == number and f.code.endswith("-UNKNOWN-ORDER") for f in posting.findings):
        what = "the document was not forwarded" if refused else "it was forwarded as it is"
        posting.say(
            "E-UNKNOWN-ORDER" if refused else "W-UNKNOWN-ORDER", Severity.ERROR if refused else Severity.WARNING,
            f"No order {number} from {found[0]} to {found[1]} is known; {what}.",
            "Check the order number and the buyer's GLN; then send it again.", number,
        )
    return order


async def _once(posting: Posting, order: OrderRow, kind: str, number: str, document: Document) -> bool:
    """Whether this despatch, receipt, invoice or change is new to the order; a repeat is told."""
    body = {"document": type(document).__name__, "state": order.state}
    new = await posting.dispatch.unit.orders.happen(order.id, kind, number, posting.message, body)
    if not new:
        posting.say(
            "W-DOCUMENT-REPEATED", Severity.WARNING,
            f"The {kind} {number} of order {order.number} is in the books already; this copy changed nothing.",
            "For a new one use a new number.", number,
        )
    return new


async def _move(posting: Posting, order: OrderRow, happening: Happening, told: str) -> None:
    try:
        state = lifecycle.advance(cast(OrderState, order.state), happening)
    except Reject as refusal:
        posting.say(
            "W-ORDER-STATE", Severity.WARNING, f"Order {order.number}: {refusal}; the document was kept all the same.",
            "Agree with the other side on what becomes of these goods.", order.number,
        )
        return
    await posting.dispatch.unit.orders.move(order.id, state)
    posting.tell(f"order.{told}", order.id, order.buyer, order.seller, number=order.number, state=state)


def _refused(posting: Posting, order: OrderRow, refusal: Reject, what: str) -> None:
    posting.say(
        "E-ORDER-STATE", Severity.ERROR, f"Order {order.number}: {refusal}; the {what} was not forwarded.",
        "Agree with the other side on a new order.", order.number,
    )


def _unmatched(posting: Posting, order: OrderRow, number: str | None, item: str | None, what: str) -> None:
    posting.say(
        "W-UNMATCHED-LINE", Severity.WARNING,
        f"Line {number or '?'} of the {what} ({item}) answers no line of order {order.number}.",
        f"Repeat the order's own line numbers and items in the {what}.", number,
    )


def despatched_items(despatch: Despatch | HandlingUnit | DespatchedItem) -> list[DespatchedItem]:
    """All items of a despatch, whatever box they are in."""
    own = [despatch] if isinstance(despatch, DespatchedItem) else [
        item for one in despatch.items for item in despatched_items(one)]
    return own + [item for unit in despatch.units for item in despatched_items(unit)]


def _lines(order: OrderRow) -> tuple[OrderLine, ...]:
    return Order.model_validate(order.body).lines


def _gtin(posting: Posting, line: OrderLine | InvoiceLine | ReceiptLine) -> str | None:
    known = resolve_item(line.gtin, line.buyer_item, line.seller_item, posting.dispatch.context, posting.parties)
    return known or line.gtin or line.buyer_item or line.seller_item


def _arrived(posting: Posting, line: ReceiptLine) -> Arrived | None:
    """What stays: arrived and not sent back."""
    if line.quantity is None:
        return None
    kept = line.quantity - (line.returned or Decimal(0))
    gtin = resolve_item(line.gtin, line.buyer_item, line.seller_item, posting.dispatch.context, posting.parties)
    return Arrived(float(kept), gtin, line.number, line.unit)
