"""Weeks: whatever bucket a partner thinks in, the sum stays and half a week is never shown as a whole one."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.planning.calendar import WEEKDAYS, rebucket, season_slot, to_weeks, week_of, weeks_from, whole_weeks

LINES = {"gtin": pl.String, "gln": pl.String, "bucket": pl.String, "start": pl.Date, "end": pl.Date,
         "quantity": pl.Float64}


def lines(*rows: tuple[str, date, date | None, float]) -> pl.DataFrame:
    return pl.DataFrame([("G", "L", *row) for row in rows], schema=LINES, orient="row")


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sampled_from(WEEKDAYS))
def test_a_week_holds_its_day_and_begins_on_the_agreed_weekday(day, start):
    first = week_of(day, start)
    assert 0 <= (day - first).days < 7
    assert WEEKDAYS[first.weekday()] == start


def test_a_sunday_week_gives_six_sevenths_to_its_monday_week():
    sundays = np.array([[7.0, 14.0, 21.0]])
    mondays = rebucket(sundays, date(2026, 11, 1), date(2026, 11, 2), 3)
    assert mondays[0, :2].tolist() == pytest.approx([7 * 6 / 7 + 14 / 7, 14 * 6 / 7 + 21 / 7])
    assert np.isnan(mondays[0, 2]), "the last Monday week is covered for six days only"


def test_weeks_before_the_first_one_are_unknown_not_zero():
    out = rebucket(np.array([[1.0, 2.0]]), date(2026, 11, 2), date(2026, 10, 26), 3)
    assert np.isnan(out[0, 0])
    assert out[0, 1:].tolist() == [1.0, 2.0]


@given(
    st.integers(-30, 30),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12),
)
def test_rebucketing_loses_nothing_of_the_weeks_that_are_whole(offset, quantities):
    first = date(2026, 1, 5)
    padded = np.array([[0.0] * 8 + quantities + [0.0] * 8])
    out = rebucket(padded, first, first + timedelta(days=offset), 8 + len(quantities) + 8)
    days = np.repeat(padded[0] / 7, 7)
    for week, value in enumerate(out[0]):
        span = days[max(offset + week * 7, 0) : max(offset + week * 7 + 7, 0)]
        if len(span) < 7:
            assert np.isnan(value)
        else:
            assert value == pytest.approx(span.sum(), abs=1e-6)


@given(st.lists(
    st.tuples(
        st.sampled_from(["day", "week", "month", "quarter", "flexible"]),
        st.dates(date(2024, 1, 1), date(2027, 1, 1)),
        st.one_of(st.none(), st.integers(0, 120)),
        st.floats(-1e6, 1e6),
    ), min_size=1, max_size=20), st.sampled_from(WEEKDAYS))
def test_spreading_any_buckets_into_weeks_preserves_the_sum(rows, start):
    frame = lines(*[(b, day, None if n is None else day + timedelta(days=n), q) for b, day, n, q in rows])
    weekly = to_weeks(frame, start)
    assert weekly["quantity"].sum() == pytest.approx(sum(q for *_, q in rows), abs=1e-3)
    assert {WEEKDAYS[d.weekday()] for d in weekly["period"]} == {start}


def test_a_month_becomes_weeks_by_its_days_and_its_edges_are_not_whole():
    weekly = to_weeks(lines(("month", date(2026, 2, 1), None, 280.0)), "monday")
    assert weekly["days"].to_list() == [1, 7, 7, 7, 6]
    assert weekly["quantity"].to_list() == pytest.approx([10, 70, 70, 70, 60])
    assert whole_weeks(weekly)["period"].to_list() == weeks_from(date(2026, 2, 2), 3)


def test_seven_daily_lines_make_one_whole_week():
    days = [("day", date(2026, 11, 2) + timedelta(days=i), None, 1.0) for i in range(7)]
    weekly = whole_weeks(to_weeks(lines(*days), "monday"))
    assert weekly.select("period", "quantity").rows() == [(date(2026, 11, 2), 7.0)]


def test_christmas_shares_one_slot_of_the_year_for_every_week_start():
    slots = {int(season_slot(week_of(date(year, 12, 25), "monday"), 1)[0]) for year in range(2015, 2027)}
    assert slots <= {50, 51}
    assert season_slot(date(2024, 12, 30), 1)[0] == 0
