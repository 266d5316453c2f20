"""What each document does to the hub. One handler per canonical document, in one table."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence

import polars as pl

from hub.errors import Severity
from hub.flow import answered, goods
from hub.flow.check import (
    Found,
    check_bulk,
    observation_rows,
    repeated_lines,
    resolve_item,
    shown,
    unnamed_measures,
)
from hub.flow.check_forecast import one_length, sound
from hub.flow.criteria import post_criteria
from hub.flow.posting import Posting, forward, no_counterpart, not_yours, pass_on
from hub.flow.views import accept
from hub.fulfilment import lifecycle
from hub.model.acknowledgement import Acknowledged
from hub.model.activity import Activity
from hub.model.advice import ApplicationAdvice
from hub.model.agreement import Agreement
from hub.model.bulk import Bulk
from hub.model.despatch import Despatch
from hub.model.exception_notice import ExceptionCriteria
from hub.model.exchange import Document
from hub.model.forecast import Forecast
from hub.model.goods_return import GoodsReturn
from hub.model.inventory import Inventory
from hub.model.invoice import Invoice
from hub.model.order import Order
from hub.model.order_change import OrderChange
from hub.model.plan import PlanMeasure
from hub.model.receipt import Receipt
from hub.model.response import OrderResponse
from hub.planning.calendar import to_weeks, whole_weeks
from hub.planning.history import matrix


async def post(posting: Posting) -> None:
    """Do what the document asks for; REPORTS go through `observe` instead, forecasts through `post_forecast`."""
    document = posting.reading.document
    if document is not None:
        await HANDLERS.get(type(document), post_other)(posting, document)


async def post_order(posting: Posting, order: Order) -> None:
    """A new order: into the books, and on to the seller in the seller's dialect."""
    buyer = posting.parties.buyer or posting.parties.sender
    seller = posting.parties.seller or posting.parties.receiver
    if buyer is None or seller is None or buyer == seller:
        no_counterpart(posting, "seller" if seller is None else "buyer")
        return
    if posting.parties.sender not in (buyer, None):
        not_yours(posting, "order", buyer)
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
    if await forward(posting, "order", order, seller):
        await posting.dispatch.unit.orders.move(placed, lifecycle.advance("received", "send"))


def observe(postings: Sequence[Posting]) -> None:
    """Demand and stock as reported, several documents at once: rows of every agreement that covers them.

    All `postings` are of one kind and the same parties.
    """
    first = postings[0]
    documents = [_bulk(posting) for posting in postings]
    checked = check_bulk(documents, first.dispatch.context, first.parties, [posting.where for posting in postings])
    rows, odd = observation_rows(type(documents[0]), checked)
    unnamed = unnamed_measures(checked)
    again = repeated_lines(checked) if rows.height < checked.rows.height else {}
    for part, posting in enumerate(postings):
        posting.findings += checked.findings[part]
        if part in odd:
            posting.say(
                "E-NOT-WEEKLY", Severity.ERROR,
                f"{odd[part]} line(s) cover another span than seven days and were set aside: the agreement plans in "
                "weeks.",
                "Report one week per line, beginning on your own first day of the week.",
            )
        if part in again:
            lines, (gtin, gln, period) = again[part]
            posting.say(
                "W-REPEATED-LINE", Severity.WARNING,
                f"{lines} line(s) report the same figure of an item, place and period again, first of item {gtin} at "
                f"{gln}, {period}: all of them were added up.",
                "Nothing is needed where they are parts of one figure; where one was to correct another, send the "
                "report anew with one line each.",
            )
        if part in unnamed:
            lines, names = unnamed[part]
            posting.say(
                "W-UNNAMED-MEASURE", Severity.WARNING,
                f"{lines} line(s) report a figure that the hub does not plan with ({', '.join(names)}) and were set "
                "aside.",
                "Nothing is needed where it is meant for others; else agree on a code that both know.",
            )
    first.observed.append(rows)
    for agreement, count in rows.group_by("agreement", maintain_order=True).len().iter_rows():
        first.tell("observations.posted", agreement, first.parties.sender, lines=count)


def lines_of(posting: Posting) -> int:
    """How many lines a report or forecast has."""
    return _bulk(posting).height


def _bulk(posting: Posting) -> Bulk:
    assert isinstance(posting.reading.document, Bulk)  # noqa: S101  (REPORTS and Forecast are such)
    return posting.reading.document


def goes_on(first: Posting, posting: Posting) -> bool:
    """Whether `posting` is to be posted together with `first`: another report of the same kind and parties, or the next
    part of a forecast that was too long to be read as one, or was cut into sets by its sender."""
    left, right = first.reading, posting.reading
    if (first.parties, first.test, type(left.document)) != (posting.parties, posting.test, type(right.document)):
        return False
    if not isinstance(left.document, Forecast) or not isinstance(right.document, Forecast):
        return True
    told = [(r.interchange.ordinal, r.message) for r in (left, right)]
    views = [{f: getattr(d.header, f) for f in VIEW} for d in (left.document, right.document)]
    return told[0] == told[1] and views[0] == views[1]


VIEW = ("kind", "purpose", "issued_on", "buyer", "seller")
"""What the headers of several forecasts of one file have in common when they are one view, cut into sets by item or
place."""


async def post_forecast(postings: Sequence[Posting]) -> None:
    """A party's view of the future, in parts where it is long or cut into sets: one new version in each agreement that
    it covers; on to the partner it is addressed to, set by set."""
    first = postings[0]
    parts = [_bulk(posting) for posting in postings]
    wheres = [posting.where for posting in postings]
    checked = await asyncio.to_thread(check_bulk, parts, first.dispatch.context, first.parties, wheres)
    for posting, findings in zip(postings, checked.findings, strict=True):
        posting.findings += findings
    sets = _sets(postings)
    wholes = [Forecast(parts[at[0]].header, pl.concat([parts[n].lines for n in at])) for at in sets]
    agreements = {a.name: a for a in first.dispatch.context.of(first.parties.sender)}
    rows, found = sound(checked.rows)
    _say_to(postings, found)
    rows_of = rows.partition_by("agreement", as_dict=True)
    for (name,), rows in sorted(rows_of.items()):  # in one order for all, because each agreement's plans are held
        await _new_version(postings, wholes[0], agreements[str(name)], rows)
        await first.dispatch.unit.sandbox(first.test)
    receiver = first.parties.receiver
    for at, whole in zip(sets, wholes, strict=True):
        if receiver and receiver != first.parties.sender:
            await forward(postings[at[0]], kind_of(whole), whole, receiver)


def _sets(postings: Sequence[Posting]) -> list[list[int]]:
    """The positions of those that are parts of one document, document by document."""
    found: dict[tuple[object, ...], list[int]] = {}
    for n, posting in enumerate(postings):
        reading = posting.reading
        same = reading.group, reading.control, _bulk(posting).header.model_dump_json()
        found.setdefault(same, []).append(n)
    return list(found.values())


def _say_to(postings: Sequence[Posting], found: Found) -> None:
    for part, posting in enumerate(postings):
        posting.findings += shown([f.model_copy(update={"where": posting.where}) for n, f in found if n == part])


async def _new_version(
    postings: Sequence[Posting], forecast: Forecast, agreement: Agreement, rows: pl.DataFrame
) -> None:
    posting = postings[0]
    rows, found = one_length(rows, agreement.week_start)
    _say_to(postings, found)
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
    dispatch = posting.dispatch
    live = dispatch.context.is_live(agreement)
    await dispatch.unit.sandbox(posting.test or not live)
    done = await accept(
        dispatch.unit, agreement, author, measure, series, source=posting.message, today=dispatch.context.today)
    posting.findings += [f.model_copy(update={"where": posting.where}) for f in done.findings]
    partners = tuple(m.partner for m in agreement.members)
    if live or posting.test:
        posting.tell("forecast.received", f"{agreement.name}/{done.version}", *partners, author=author,
                     measure=measure)


async def post_other(posting: Posting, document: Document) -> None:
    """A document that changes nothing in the hub's own books yet: kept, and passed on to the partner it is addressed to
    when that one has said how it receives it."""
    await pass_on(posting, kind_of(document), document, posting.parties.receiver)


def kind_of(document: Document) -> str:
    """The key of `Profile.receives` for a document: "order_change" for an OrderChange."""
    if isinstance(document, Forecast):
        return f"{document.header.kind}_forecast"
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(document).__name__).lower()


HANDLERS: dict[type[Document], Callable[..., Awaitable[None]]] = {
    Order: post_order,
    OrderResponse: goods.post_response,
    OrderChange: goods.post_change,
    Despatch: goods.post_despatch,
    Receipt: goods.post_receipt,
    Invoice: goods.post_invoice,
    GoodsReturn: goods.post_return,
    Acknowledged: answered.post_acknowledged,
    ApplicationAdvice: answered.post_advice,
    ExceptionCriteria: post_criteria,
}
REPORTS = (Activity, Inventory)
"""What is posted by `observe`, many documents at once, because partners send it in many small transactions."""


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
