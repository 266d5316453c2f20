"""Exceptions as the partners are told of them: UBL ExceptionNotification, or an X12 864 for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from hub.errors import Finding
from hub.flow.check import plain
from hub.flow.context import Context
from hub.flow.dispatch import Dispatch
from hub.flow.tell import base_unit, forecast_kind, named, sides, tell_members
from hub.model.agreement import Agreement
from hub.model.exception import ForecastException
from hub.model.exception_notice import ExceptionNotice, NoticedException
from hub.model.note import Note
from hub.model.text_message import Text, TextLine, TextMessage
from hub.planning.calendar import WEEK

NOTICES = ("exception_notice", "text_message")
"""Kinds of documents that tell of exceptions; the first that a partner has a table for is sent."""
MOST = 500
"""Exceptions in one notice, the dearest; a note says how many more there are."""
WIDTH = 70


async def tell_exceptions(
    dispatch: Dispatch, agreement: Agreement, run: str, found: Sequence[ForecastException]
) -> tuple[int, list[Finding]]:
    """Notify the members of what a planning run found and the one before had not; nothing when there is nothing new."""
    if not found:
        return 0, []
    notice = notice_document(agreement, run, found, dispatch.context)
    return await tell_members(
        dispatch, agreement, {"exception_notice": notice, "text_message": as_text(notice)}, measure=found[0].measure)


def new_since(
    found: Sequence[ForecastException], before: Sequence[ForecastException]
) -> list[ForecastException]:
    """Those whose two numbers are not the same as in the run before."""
    known = {(e.gtin, e.gln, e.period, e.left, e.right) for e in before}
    return [e for e in found if (e.gtin, e.gln, e.period, e.left, e.right) not in known]


def notice_document(
    agreement: Agreement, run: str, found: Sequence[ForecastException], context: Context
) -> ExceptionNotice:
    """The dearest exceptions as UBL ExceptionNotification: the buyer's number against the seller's."""
    lines = tuple(_noticed(number, one, agreement, context) for number, one in enumerate(found[:MOST], 1))
    rest = len(found) - len(lines)
    notes = (Note(text=f"And {rest} more, of less value."),) if rest else ()
    periods = [e.period for e in found]
    return ExceptionNotice.model_validate({
        "number": f"{run.removeprefix('run_')[:18]}{'-O' if found[0].measure == 'order_forecast' else ''}",
        "issued_on": context.today, "start": min(periods),
        "end": max(periods) + timedelta(days=WEEK - 1), "lines": lines, "notes": notes, **sides(agreement, context)})


def _noticed(number: int, one: ForecastException, agreement: Agreement, context: Context) -> NoticedException:
    unit = base_unit(one.gtin, context)
    due = f" To be settled by {one.due}." if one.due and one.state != "resolved" else ""
    place = context.catalogue.locations[one.gln].name if one.gln in context.catalogue.locations else one.gln
    apart = "carried by one side only" if one.level == "range" else (
        f"{one.percent:g} percent apart{' in what the event adds' if one.level == 'event' else ''}")
    words = f"At {place} ({one.gln}): {apart}, {one.value_at_stake:.2f} {agreement.currency} at stake.{due}"
    return NoticedException.model_validate({
        **named(one.gtin, agreement, context), "number": str(number),
        "status": "RESOLVED" if one.state == "resolved" else "NEW",
        "resolution": one.rule.upper() if one.rule else None, "value": _exactly(one.left), "unit": unit,
        "compared": _exactly(one.right), "compared_unit": unit, "variance": _exactly(abs(one.left - one.right)),
        "variance_unit": unit, "start": one.period, "end": one.period + timedelta(days=WEEK - 1),
        "forecast_kind": forecast_kind(one.measure),
        "forecast_type": "PROMOTIONAL" if one.level == "event" else "TOTAL", "forecast_issued_on": context.today,
        "source": "BUYER", "compared_source": "SELLER", "notes": (Note(text=words),)})


def _exactly(quantity: float) -> Decimal:
    return Decimal(plain(quantity))


def as_text(notice: ExceptionNotice, subject: str = "buyer against seller, base units") -> TextMessage:
    """The same for people: an X12 864 of one text, a line for each exception; `subject` says what its numbers are."""
    lines = [TextLine(text=_line(one)) for one in notice.lines]
    lines += [TextLine(text=note.text or "") for note in notice.notes]
    return TextMessage(
        subject=f"Forecast exceptions {notice.number}"[:80], kind="notice", issued_on=notice.issued_on,
        texts=(Text(number="1", subject=subject, lines=tuple(lines)),))


def _line(one: NoticedException) -> str:
    if one.metric is not None:
        return f"{one.metric} {one.source or 'BUYER'} {one.description}: {one.value} / {one.compared}"[:WIDTH]
    name = one.seller_item or one.buyer_item or one.gtin or ""
    place = (one.notes[0].text or "").partition(":")[0].rpartition("(")[2].rstrip(")")
    return f"{one.start} {name} at {place}: {one.value} / {one.compared} {one.resolution or one.status or ''}"[:WIDTH]
