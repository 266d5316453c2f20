"""When a planning cycle is due: on the first day of the agreement's week, every so many weeks from the week in which
it came into force, or with every fiscal period."""

from __future__ import annotations

from datetime import date, timedelta

from hub.model.agreement import Agreement
from hub.planning.calendar import WEEK, week_of
from hub.planning.hierarchy import fiscal_period


def last_due(agreement: Agreement, today: date) -> date | None:
    """The latest day up to `today` on which a cycle was due; None when there was none yet, or none is due any more."""
    if not agreement.in_force(today):
        return None
    week = week_of(today, agreement.week_start)
    if agreement.cadence == "fiscal_period" and agreement.fiscal is not None:
        due = fiscal_period(agreement.fiscal, today).first
    else:
        weeks = (week - week_of(agreement.valid_from, agreement.week_start)).days // WEEK
        due = week - timedelta(weeks=weeks % agreement.cadence_weeks)
    return max(due, agreement.valid_from)
