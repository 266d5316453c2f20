"""Exceptions of performance as the partners are told of them: each reads of what its agreement lets it see, and once of
what goes on being worse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from hub.errors import Finding
from hub.flow.dispatch import Dispatch
from hub.flow.notice import as_text
from hub.flow.tell import sides, tell_member
from hub.model.agreement import Agreement, Member, Metric
from hub.model.exception_notice import ExceptionNotice, NoticedException
from hub.model.exchange import Document
from hub.model.note import Note
from hub.model.performance import MetricException
from hub.planning.calendar import WEEK
from hub.ports import MetricRow

WORDS: dict[Metric, str] = {
    "wmape": "of what was sold was forecast wrongly (WMAPE)", "bias": "of what was sold was forecast too much (bias)",
    "in_stock": "of the stock counts were above zero"}


async def tell_metrics(
    dispatch: Dispatch, agreement: Agreement, run: str, found: Sequence[MetricRow]
) -> tuple[int, list[Finding]]:
    """Send each member what it may see of `found`; how many were sent, and what kept others from it."""
    sent, findings = 0, list[Finding]()
    for member in agreement.members:
        rows = [row for row in found if may_read(member, row.found, agreement)]
        if rows:
            notice = metric_notice(agreement, run, rows, dispatch)
            documents: dict[str, Document] = {"exception_notice": notice, "text_message": as_text(
                notice, subject="what was found against what was agreed, percent")}
            done, why = await tell_member(dispatch, member, documents)
            sent, findings = sent + done, findings + why
    return sent, findings


def may_read(member: Member, one: MetricException, agreement: Agreement) -> bool:
    """Whether the agreement shows this member the forecast in question, if it is not its own, and what it is judged by;
    the same rule as that of the database for who asks."""
    judged_by = "withdrawn" if agreement.demand == "withdrawn" else "sold"
    return judged_by in member.sees and (one.author == member.partner or one.measure in member.sees)


def new_metrics(found: Sequence[MetricRow], before: Sequence[MetricException]) -> list[MetricRow]:
    """Those that the scorecard before did not have."""
    known = {_what(one) for one in before}
    return [row for row in found if _what(row.found) not in known]


def _what(one: MetricException) -> tuple[str | int | float, ...]:
    return one.kind, one.author, one.measure, one.group, one.from_week, one.to_week, one.allowed


def metric_notice(agreement: Agreement, run: str, rows: Sequence[MetricRow], dispatch: Dispatch) -> ExceptionNotice:
    """What was found, percent, against what was agreed; the family in the place of an item."""
    context = dispatch.context
    return ExceptionNotice.model_validate({
        "number": f"{run.removeprefix('run_')[:18]}-M", "issued_on": context.today, "start": rows[0].first_week,
        "end": rows[0].last_week + timedelta(days=WEEK - 1), **sides(agreement, context),
        "lines": tuple(_line(number, row, agreement) for number, row in enumerate(rows, 1))})


def _line(number: int, row: MetricRow, agreement: Agreement) -> NoticedException:
    one = row.found
    found, allowed = (Decimal(str(value)) for value in (one.found, one.allowed))
    whose = {m.partner: m.role.upper() for m in agreement.members}.get(one.author, "HUB")
    forecast = {} if one.measure == "on_hand" else {
        "forecast_kind": "sales", "forecast_type": "TOTAL", "forecast_issued_on": row.first_week, "source": whose,
        "compared_source": "ACTUAL"}
    return NoticedException.model_validate({
        "number": str(number), "status": "NEW", "metric": one.kind.upper(), "value": found, "unit": "percent",
        "compared": allowed, "compared_unit": "percent", "variance": abs(abs(found) - allowed),
        "variance_unit": "percent", "start": row.first_week, "end": row.last_week + timedelta(days=WEEK - 1),
        "description": one.group or "items without a family", "notes": (Note(text=_words(one, whose, agreement)),),
        **forecast})


def _words(one: MetricException, whose: str, agreement: Agreement) -> str:
    ahead = f", {one.measure.replace('_', ' ')} {one.from_week} to {one.to_week} weeks ahead" if one.to_week else ""
    least = "at least" if one.kind == "in_stock" else "at most"
    judged = "" if one.cells is None else f", {one.part:,.0f} of {one.whole:,.0f} in {one.cells} cases"
    return (f"{whose}{ahead}: {one.found:g} percent {WORDS[one.kind]}{judged}; agreed are {least} {one.allowed:g} "
            f"percent. {one.value_at_stake:.2f} {agreement.currency} at stake.")
