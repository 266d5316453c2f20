"""What each document does to the hub. One handler per canonical document, in one table."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

import polars as pl

from hub.errors import Finding, Reject, Severity, Where
from hub.flow.check import check_bulk, observation_rows, resolve_item
from hub.flow.context import Parties
from hub.flow.dispatch import Dispatch
from hub.fulfilment import lifecycle
from hub.fulfilment.lifecycle import OrderState
from hub.model.acknowledgement import Acknowledged
from hub.model.activity import Activity
from hub.model.agreement import Agreement
from hub.model.bulk import Bulk
from hub.model.event import HubEvent
from hub.model.exchange import Document, Reading
from hub.model.forecast import Forecast
from hub.model.inventory import Inventory
from hub.model.order import Order
from hub.model.plan import PlanMeasure, PlanVersion
from hub.model.response import OrderResponse
from hub.planning.calendar import to_weeks, whole_weeks
from hub.planning.history import matrix


@dataclass(slots=True)
class Posting:
    """One transaction on its way into the hub's books. Handlers append to `findings` and `events`.

    `observed` collects rows of the whole message: one message and period is one immutable chunk in the store.
    """

    dispatch: Dispatch
    message: str
    reading: Reading
    parties: Parties
    observed: list[pl.DataFrame]
    findings: list[Finding] = field(default_factory=list)
    events: list[HubEvent] = field(default_factory=list)

    @property
    def where(self) -> Where:
        r = self.reading
        return Where(interchange=r.interchange.ordinal, group=r.group, transaction=r.ordinal)

    def say(self, code: str, severity: Severity, message: str, hint: str, value: str | None = None) -> None:
        self.findings.append(
            Finding(code=code, severity=severity, where=self.where, message=message, hint=hint, value=value)
        )

    def tell(self, type: str, subject: str, *partners: str | None, **data: object) -> None:
        names = tuple(dict.fromkeys(p for p in partners if p))
        self.events.append(HubEvent(type=type, subject=subject, partners=names, data=data))


async def post(posting: Posting) -> None:
    """Do what the document asks for; REPORTS go through `observe` instead."""
    document = posting.reading.document
    if document is not None:
        await HANDLERS.get(type(document), post_other)(posting, document)


async def post_order(posting: Posting, order: Order) -> None:
    """A new order: into the books, and on to the seller in the seller's dialect."""
    buyer = posting.parties.buyer or posting.parties.sender
    seller = posting.parties.seller or posting.parties.receiver
    if buyer is None or seller is None or buyer == seller:
        _no_counterpart(posting, "seller" if seller is None else "buyer")
        return
    if posting.parties.sender not in (buyer, None):
        _not_yours(posting, "order", buyer)
        return
    _unknown_lines(posting, order)
    placed = await posting.dispatch.unit.orders.place(order, buyer, seller, posting.message)
    if placed is None:
        posting.say(
            "W-ORDER-REPEATED", Severity.WARNING,
            f"Order {order.number} of {buyer} to {seller} is in the books already; this copy was not forwarded.",
            "To change an order send an order change; for a new one use a new number.", order.number,
        )
        return
    posting.tell("order.received", placed, buyer, seller, number=order.number)
    if await _forward(posting, "order", order, seller):
        await posting.dispatch.unit.orders.move(placed, lifecycle.advance("received", "send"))


async def post_response(posting: Posting, response: OrderResponse) -> None:
    """The seller's answer: onto the order, and on to the buyer."""
    seller = posting.parties.seller or posting.parties.sender
    buyer = posting.parties.buyer or posting.parties.receiver
    if buyer is None or seller is None or buyer == seller:
        _no_counterpart(posting, "buyer" if buyer is None else "seller")
        return
    if posting.parties.sender not in (seller, None):
        _not_yours(posting, "order response", seller)
        return
    order = await posting.dispatch.unit.orders.find(buyer, seller, response.order_number)
    if order is None:
        posting.say(
            "E-UNKNOWN-ORDER", Severity.ERROR,
            f"No order {response.order_number} from {buyer} to {seller} is known; the response was not forwarded.",
            "Check the order number and the buyer's GLN in the response; then send it again.", response.order_number,
        )
        return
    try:
        applied = lifecycle.answer(Order.model_validate(order.body), cast(OrderState, order.state), response)
    except Reject as refusal:
        posting.say(
            "E-ORDER-STATE", Severity.ERROR, f"Order {order.number}: {refusal}; the response was not forwarded.",
            "Agree with the buyer on a new order.", order.number,
        )
        return
    for line in applied.unmatched:
        item = line.gtin or line.buyer_item or line.seller_item
        posting.say(
            "W-UNMATCHED-LINE", Severity.WARNING,
            f"Line {line.number or '?'} of the response ({item}) answers no line of order {order.number}.",
            "Repeat the order's own line numbers and items in the response.", line.number,
        )
    await posting.dispatch.unit.orders.answer(order.id, response, posting.message, applied.state)
    posting.tell("order.answered", order.id, buyer, seller, number=order.number, state=applied.state)
    # many sellers leave out when the order was placed; dialects that need it (855 BAK04) take it from the books
    dated = response if response.ordered_on else response.model_copy(update={"ordered_on": order.placed_on})
    await _forward(posting, "order_response", dated, buyer)


def observe(postings: Sequence[Posting]) -> None:
    """Demand and stock as reported, several documents at once: rows of every agreement that covers them.

    All `postings` are of one kind and the same parties.
    """
    first = postings[0]
    documents = [_bulk(posting) for posting in postings]
    checked = check_bulk(documents, first.dispatch.context, first.parties, [posting.where for posting in postings])
    rows, odd = observation_rows(type(documents[0]), checked)
    for part, posting in enumerate(postings):
        posting.findings += checked.findings[part]
        if part in odd:
            posting.say(
                "E-NOT-WEEKLY", Severity.ERROR,
                f"{odd[part]} line(s) cover another span than seven days and were set aside: the agreement plans in "
                "weeks.",
                "Report one week per line, beginning on your own first day of the week.",
            )
    first.observed.append(rows)
    for agreement, count in rows.group_by("agreement", maintain_order=True).len().iter_rows():
        first.tell("observations.posted", agreement, first.parties.sender, lines=count)


def lines_of(posting: Posting) -> int:
    """How many lines a report has."""
    return _bulk(posting).lines.height


def _bulk(posting: Posting) -> Bulk:
    assert isinstance(posting.reading.document, Bulk)  # noqa: S101  (REPORTS holds no other kind)
    return posting.reading.document


async def post_forecast(posting: Posting, forecast: Forecast) -> None:
    """A party's view of the future: a new version in each agreement it covers; on to the partner it is addressed to."""
    context = posting.dispatch.context
    checked = check_bulk([forecast], context, posting.parties, [posting.where])
    posting.findings += checked.findings[0]
    agreements = {a.name: a for a in context.of(posting.parties.sender)}
    for (name,), rows in checked.rows.group_by("agreement", maintain_order=True):
        await _new_version(posting, forecast, agreements[str(name)], rows)
    if posting.parties.receiver and posting.parties.receiver != posting.parties.sender:
        await _forward(posting, f"{forecast.header.kind}_forecast", forecast, posting.parties.receiver)


async def _new_version(posting: Posting, forecast: Forecast, agreement: Agreement, rows: pl.DataFrame) -> None:
    weekly = whole_weeks(to_weeks(rows, agreement.week_start))
    author = posting.parties.sender
    if weekly.is_empty() or author is None:
        posting.say(
            "E-NO-WHOLE-WEEK", Severity.ERROR,
            f"The forecast covers no whole week of agreement {agreement.name}; nothing was planned from it.",
            "Send at least one bucket that covers seven days.",
        )
        return
    periods = weekly["period"].sort().to_list()
    first, weeks = periods[0], (periods[-1] - periods[0]).days // 7 + 1
    series = matrix(weekly, first, weeks)
    measure: PlanMeasure = "sales_forecast" if forecast.header.kind == "sales" else "order_forecast"
    version = await posting.dispatch.unit.plans.add(
        PlanVersion(
            agreement=agreement.name, author=author, measure=measure, first_week=first, weeks=weeks,
            source=posting.message,
        ),
        series,
    )
    partners = tuple(m.partner for m in agreement.members)
    posting.tell("forecast.received", f"{agreement.name}/{version}", *partners, author=author, measure=measure)


async def post_acknowledged(posting: Posting, answer: Acknowledged) -> None:
    """What a partner says to what we sent: matched to the delivery by its control number."""
    sender = posting.parties.sender
    format = posting.reading.interchange.format
    scope = "group" if format == "x12" else "interchange"
    matched = sender and await posting.dispatch.unit.outbox.acknowledged(
        from_partner=sender, format=format, control=answer.control, outcome=answer.outcome, scope=scope
    )
    if not matched:
        posting.say(
            "W-UNMATCHED-ACKNOWLEDGEMENT", Severity.WARNING,
            f"Nothing that we sent to {sender or 'this sender'} carries the control number {answer.control}.",
            "Compare the number with what you received; a mistyped one leaves our message unanswered.", answer.control,
        )
        return
    posting.tell("message.acknowledged", matched, sender, outcome=answer.outcome)


async def post_other(posting: Posting, document: Document) -> None:
    """A document that changes nothing in the hub's own books yet: kept, and passed on to the partner it is addressed to
    when that one has said how it receives it."""
    receiver, kind = posting.parties.receiver, kind_of(document)
    if receiver is None or receiver == posting.parties.sender:
        return
    if kind in posting.dispatch.context.profiles[receiver].receives:
        await _forward(posting, kind, document, receiver)
        return
    posting.say(
        "W-KEPT-NOT-FORWARDED", Severity.WARNING,
        f"The document is kept, but {receiver} has not said how it receives documents of the kind {kind}.",
        f"Ask {receiver} to name a table for {kind} in its profile; then send the document again.", kind,
    )


def kind_of(document: Document) -> str:
    """The key of `Profile.receives` for a document: "order_change" for an OrderChange."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(document).__name__).lower()


HANDLERS: dict[type[Document], Callable[..., Awaitable[None]]] = {
    Order: post_order,
    OrderResponse: post_response,
    Forecast: post_forecast,
    Acknowledged: post_acknowledged,
}
REPORTS = (Activity, Inventory)
"""What is posted by `observe`, many documents at once, because partners send it in many small transactions."""


async def _forward(posting: Posting, kind: str, document: Document, receiver: str) -> bool:
    """Whether it could be written in the receiver's dialect and is queued; if not, findings say why."""
    sent, findings = await posting.dispatch.send(
        kind, document, sender=posting.parties.sender, receiver=receiver, test=posting.reading.interchange.test,
        cause=posting.message,
    )
    posting.findings += [f.model_copy(update={"where": posting.where}) for f in findings]
    if sent:
        posting.tell("message.routed", sent, posting.parties.sender, receiver, kind=kind)
    return sent is not None


def _unknown_lines(posting: Posting, order: Order) -> None:
    context = posting.dispatch.context
    for n, line in enumerate(order.lines, 1):
        if resolve_item(line.gtin, line.buyer_item, line.seller_item, context, posting.parties) is None:
            code = line.gtin or line.buyer_item or line.seller_item
            posting.say(
                "W-UNKNOWN-ITEM", Severity.WARNING,
                f"Line {line.number or n}: no item is known as {code or 'nothing at all'}; it was forwarded as it is.",
                "Check the item number with the seller, or add its code to item_codes.csv.", code,
            )


def _no_counterpart(posting: Posting, role: str) -> None:
    posting.say(
        "E-UNKNOWN-PARTNER", Severity.ERROR,
        f"The {role} is not named by a GLN that the hub knows, and the envelope names no such partner either.",
        f"Put the {role}'s GLN into the document (N1 with qualifier UL, NAD with agency 9) and send it again.",
    )


def _not_yours(posting: Posting, what: str, owner: str) -> None:
    posting.say(
        "E-NOT-YOURS", Severity.ERROR,
        f"This {what} speaks for {owner}, but it came from {posting.parties.sender}; it was not posted.",
        "Send documents of your own side only.",
    )
