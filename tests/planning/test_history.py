"""History: absent is not zero, daily reports add up, empty shelves do not count as low demand."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from hub.errors import Reject
from hub.model.plan import Series
from hub.planning.history import align, believed, gaps, matrix, rows_of, stock_matrix, vector, without_stockouts
from hub.planning.units import factor_table, to_base

MONDAY = date(2026, 11, 2)
A, B = ("00001", "L1"), ("00002", "L1")


def rows(*found: tuple[tuple[str, str], date, float | None]) -> pl.DataFrame:
    return pl.DataFrame([(*key, day, quantity) for key, day, quantity in found],
                        schema={"gtin": pl.String, "gln": pl.String, "period": pl.Date, "quantity": pl.Float64},
                        orient="row")


def series(*values: list[float], keys=(A, B), first=MONDAY) -> Series:
    return Series(tuple(keys[: len(values)]), first, np.array(values, dtype=float))


def test_absent_is_not_zero():
    found = matrix(rows((A, MONDAY, 0.0), (B, date(2026, 11, 9), 4.0)), MONDAY, 2)
    assert found.keys == (A, B)
    assert np.isnan(found.values).tolist() == [[False, True], [True, False]]
    assert found.values[0, 0] == 0


def test_daily_reports_of_one_week_add_up():
    found = matrix(rows((A, MONDAY, 1.0), (A, date(2026, 11, 4), 2.0), (A, date(2026, 11, 8), 3.0)), MONDAY, 1)
    assert found.values.tolist() == [[6.0]]


def test_what_lies_outside_the_weeks_or_is_not_a_number_is_left_out():
    sent = rows((A, date(2026, 11, 1), 9.0), (A, MONDAY, None), (A, date(2026, 11, 9), float("inf")))
    found = matrix(sent, MONDAY, 2)
    assert np.isnan(found.values).all()


def test_rows_and_matrix_are_inverse():
    before = series([1.0, np.nan, -3.0], [np.nan, np.nan, 0.0])
    after = matrix(rows_of(before), MONDAY, 3, before.keys)
    assert np.array_equal(before.values, after.values, equal_nan=True)


def test_weeks_that_ended_with_an_empty_shelf_are_blanked():
    sold = series([5.0, 1.0, 6.0])
    cleaned = without_stockouts(sold, series([9.0, 0.0, np.nan]))
    assert np.isnan(cleaned.values).tolist() == [[False, True, False]]


def test_stock_of_other_weeks_cannot_blank_sales():
    with pytest.raises(Reject, match="same item-locations and weeks"):
        without_stockouts(series([5.0]), series([5.0], first=date(2026, 11, 9)))


def test_silent_weeks_after_the_first_report_are_listed_and_earlier_ones_are_not():
    assert gaps(series([np.nan, 1.0, np.nan, 2.0])).rows() == [(*A, date(2026, 11, 16))]


def test_alignment_reorders_keys_and_moves_weeks_and_leaves_unknowns_blank():
    moved = align(series([1.0, 2.0], [3.0, 4.0]), (B, ("x", "y")), date(2026, 11, 9), 2)
    assert moved.values[0, 0] == 4.0
    assert np.isnan(moved.values[0, 1])
    assert np.isnan(moved.values[1]).all()


def test_calendars_with_different_week_starts_are_refused_unless_recut():
    sundays = series([7.0, 14.0], first=date(2026, 11, 1))
    with pytest.raises(Reject, match="different weekdays") as refusal:
        align(sundays, sundays.keys, MONDAY, 1)
    assert refusal.value.reason == "NOT_COMPARABLE"
    assert align(sundays, sundays.keys, MONDAY, 1, recut=True).values.tolist() == [[pytest.approx(8.0)]]


def test_the_newest_count_of_each_key_is_what_is_there_now():
    found = vector(rows((B, date(2026, 11, 9), 4.0), (B, MONDAY, 9.0), (B, date(2026, 11, 16), None)), (A, B))
    assert np.isnan(found[0])
    assert found[1] == 4.0


def test_of_several_counts_in_a_week_the_last_one_stands():
    counted = rows((A, date(2026, 11, 8), 1.0), (A, MONDAY, 7.0), (A, date(2026, 11, 9), 3.0))
    assert stock_matrix(counted, MONDAY, 2).values.tolist() == [[1.0, 3.0]]


def test_an_item_that_is_never_stored_keeps_its_sales():
    sold, on_hand = series([5.0, 6.0, 7.0]), series([0.0, 0.0, np.nan])
    assert without_stockouts(sold, on_hand).values.tolist() == [[5.0, 6.0, 7.0]]


def test_units_convert_and_what_nobody_defined_is_handed_back():
    sent = pl.DataFrame({"gtin": ["1", "1", "1", "2"], "unit": ["case", "each", None, "case"],
                         "quantity": [2.0, 3.0, 4.0, 5.0]})
    converted, unknown = to_base(sent, factor_table({("1", "case"): 12.0, ("1", "each"): 1.0}))
    assert converted["quantity"].to_list() == [24.0, 3.0, 4.0]
    assert unknown.rows() == [("2", "case", 5.0)]


def test_what_cannot_be_meant_is_left_out_and_what_is_odd_is_counted():
    kept, odd = believed(np.array([[np.nan, 5.0, np.nan, 2e11], [1.0, -3.0, 2.0, 2.0]]))
    assert odd == {"impossible": 1, "returns": 1, "silent": 2}
    assert np.isnan(kept[0, 3])
    assert kept[1].tolist() == [1.0, -3.0, 2.0, 2.0]
