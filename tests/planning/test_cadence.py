"""When a planning cycle is due: by weeks from the agreement's first one, or by fiscal periods."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from hub.model.agreement import Agreement, Fiscal
from hub.planning.cadence import last_due
from tests.planning.shards import AGREEMENT

THURSDAY = date(2026, 1, 1)


def agreed(**said: object) -> Agreement:
    return Agreement.model_validate({**AGREEMENT.model_dump(), "valid_from": THURSDAY, **said})


def test_a_weekly_cycle_is_due_on_the_first_day_of_every_week() -> None:
    monday = date(2026, 11, 16)
    assert {last_due(agreed(), monday + timedelta(days=day)) for day in range(7)} == {monday}
    assert last_due(agreed(week_start="sunday"), monday) == monday - timedelta(days=1)


def test_a_cycle_every_four_weeks_counts_from_the_week_in_which_the_agreement_came_into_force() -> None:
    """1 January 2026 is in the week of Monday, 29 December; the fifth week after begins on 26 January."""
    four = agreed(cadence_weeks=4)
    assert last_due(four, date(2026, 1, 25)) == THURSDAY, "the first one is due when it begins, not before"
    assert last_due(four, date(2026, 1, 26)) == date(2026, 1, 26)
    assert last_due(four, date(2026, 2, 22)) == date(2026, 1, 26)


def test_a_cycle_of_fiscal_periods_is_due_after_four_four_and_five_weeks() -> None:
    fiscal = agreed(cadence="fiscal_period", fiscal=Fiscal(begins=date(2026, 2, 2)))
    starts = [date(2026, 2, 2), date(2026, 3, 2), date(2026, 3, 30), date(2026, 5, 4)]
    for begins, after in pairwise(starts):
        assert last_due(fiscal, begins) == begins
        assert last_due(fiscal, after - timedelta(days=1)) == begins
    with pytest.raises(ValueError, match="no fiscal calendar"):
        agreed(cadence="fiscal_period")


def test_nothing_is_due_before_and_after_an_agreement_is_in_force() -> None:
    assert last_due(agreed(), THURSDAY - timedelta(days=1)) is None
    assert last_due(agreed(valid_to=date(2026, 6, 30)), date(2026, 7, 1)) is None
