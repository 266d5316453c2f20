"""Exceptions by net change and at levels above the item-location."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model.agreement import Agreement, Member, Threshold
from hub.model.plan import Series
from hub.planning.exceptions import LEVELS, View, disputed
from hub.planning.levels import criteria_of
from hub.planning.net_change import Compared, disputed_since

MONDAY = date(2026, 11, 23)
PLACES = ("9501101530003", "9501101530010")
ITEMS = ("00000000000017", "00000000000024", "00000000000031")
KEYS = tuple((item, place) for item in ITEMS for place in PLACES)
FAMILIES = (0, 0, 0, 0, 1, 1)
WEEKS = 4


def agreement(*thresholds: Threshold) -> Agreement:
    members = (Member(partner="shop", role="buyer", sees=()), Member(partner="maker", role="seller", sees=()))
    return Agreement(name="a", members=members, valid_from=MONDAY, items=(), locations=(), thresholds=thresholds,
                     regions={"north": PLACES[:1], "south": PLACES[1:]})


def criteria(*thresholds: Threshold):
    return criteria_of(agreement(*thresholds), KEYS, FAMILIES)


def threshold(percent: str, quantity: str, **more) -> Threshold:
    return Threshold(percent=Decimal(percent), quantity=Decimal(quantity), **more)


def view(party: str, rows, first: date = MONDAY) -> View:
    return View(party, "sales", Series(KEYS, first, np.array(rows, dtype=float)))


def test_a_sum_is_in_dispute_where_its_parts_are_not_and_the_largest_part_is_raised():
    """Six rows 8 % apart are within 10 % each; with 60 in one direction the family's sum is not within 5 %."""
    buyer = view("shop", [[100.0]] * 6)
    seller = view("maker", [[108.0], [104.0], [104.0], [104.0], [100.0], [100.0]])
    found = disputed(buyer, seller, criteria(threshold("10", "0"), threshold("4", "10", level="group")))
    assert found.ravel().tolist() == [1 + LEVELS.index("group"), 0, 0, 0, 0, 0]


def test_differences_that_cancel_in_the_sum_are_no_exception_of_the_sum():
    buyer, seller = view("shop", [[100.0]] * 6), view("maker", [[150.0], [50.0]] * 3)
    assert not disputed(buyer, seller, criteria(threshold("1", "1", level="item"))).any()
    assert disputed(buyer, seller, criteria(threshold("1", "1", level="item_region"))).all()


@pytest.mark.parametrize(("level", "sums"), [
    ("item", [0, 0, 1, 1, 2, 2]), ("item_region", [0, 1, 2, 3, 4, 5]), ("group", [0, 0, 0, 0, 1, 1]),
    ("group_location", [0, 1, 0, 1, 2, 3]), ("group_region", [0, 1, 0, 1, 2, 3])])
def test_each_level_adds_up_what_its_name_says(level, sums):
    assert criteria(threshold("1", "1", level=level)).groups[level].tolist() == sums


def test_a_threshold_for_the_other_measure_judges_nothing():
    assert criteria(threshold("1", "1", measure="order_forecast")).thresholds == ()


def test_only_what_moved_is_judged_again():
    rule = criteria(threshold("10", "5"))
    old = view("shop", [[100.0] * WEEKS] * 6), view("maker", [[100.0] * WEEKS] * 6)
    before = Compared(old[0].series, old[1].series, rule, disputed(*old, rule))
    rows = np.full((6, WEEKS), 100.0)
    rows[2, 1] = 150
    found, judged = disputed_since(before, view("shop", rows), old[1], rule)
    assert np.argwhere(found).tolist() == np.argwhere(judged).tolist() == [[2, 1]]


NUMBERS = st.one_of(st.just(float("nan")), st.integers(0, 4).map(lambda n: n * 40.0))
ROWS = st.lists(st.lists(NUMBERS, min_size=WEEKS, max_size=WEEKS), min_size=6, max_size=6)
THRESHOLDS = st.lists(st.builds(
    Threshold, from_week=st.integers(1, 2), to_week=st.integers(2, 5), level=st.sampled_from(LEVELS),
    percent=st.sampled_from([Decimal(5), Decimal(40)]), quantity=st.sampled_from([Decimal(1), Decimal(50)])),
    max_size=3)


EVENTS = st.lists(st.lists(st.booleans(), min_size=WEEKS, max_size=WEEKS), min_size=6, max_size=6)
USUAL = st.tuples(ROWS, EVENTS)


def with_events(rule, usual):
    return replace(rule, usual=np.array(usual[0], dtype=float), events=np.array(usual[1]))


@settings(max_examples=200, deadline=None)
@given(ROWS, ROWS, ROWS, ROWS, THRESHOLDS, THRESHOLDS, st.booleans(), st.integers(0, 2), USUAL, USUAL)
def test_net_change_finds_what_a_full_comparison_finds(
    old_left, old_right, left, right, old, new, same, weeks_later, old_usual, usual
):
    """Whatever moves between two runs: the views, the calendar, the thresholds, the events and what is usual."""
    rule, then = with_events(criteria(*new), usual), with_events(criteria(*(new if same else old)), old_usual)
    before_views = view("shop", old_left), view("maker", old_right)
    before = Compared(before_views[0].series, before_views[1].series, then, disputed(*before_views, then))
    first = MONDAY + timedelta(weeks=weeks_later)
    now = view("shop", left, first), view("maker", right, first)
    np.testing.assert_array_equal(disputed_since(before, *now, rule)[0], disputed(*now, rule))


def test_an_event_is_in_dispute_by_what_it_adds_and_raised_where_it_pulls():
    """Over two weeks 300 and 300 against 100 and 320 are added to 100: 600 against 420."""
    usual = np.full((6, WEEKS), 100.0)
    events = np.zeros((6, WEEKS), dtype=bool)
    events[0, 1:3] = True
    rule = replace(criteria(threshold("30", "50", level="event")), usual=usual, events=events)
    left, right = usual.copy(), usual.copy()
    left[0] += [90, 300, 300, 90]
    right[0] += [0, 100, 320, 0]
    assert np.argwhere(disputed(view("shop", left), view("maker", right), rule)).tolist() == [[0, 1]]
    assert not disputed(view("shop", left), view("maker", right), criteria(threshold("30", "50", level="event"))).any()


def test_an_item_that_only_one_side_carries_is_in_dispute_unless_the_other_side_is_silent_altogether():
    rule, nothing = criteria(threshold("0", "20", level="range")), [[np.nan] * WEEKS] * 6
    left, right = np.full((6, WEEKS), 10.0), np.full((6, WEEKS), 10.0)
    right[0], right[1], left[0, 3], left[2, 1:] = 0.0, np.nan, 0.0, 0.0
    right[2] = np.nan
    found = disputed(view("shop", left), view("maker", right), rule)
    assert np.argwhere(found).tolist() == [[0, 0], [0, 1], [0, 2], *([1, week] for week in range(WEEKS))], (
        "10 units of the third row are too few")
    assert not disputed(view("shop", left), view("maker", nothing), rule).any()


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, st.lists(st.tuples(st.integers(0, 5), st.integers(0, WEEKS - 1), NUMBERS), max_size=4), THRESHOLDS)
def test_a_few_edits_are_judged_as_by_a_full_comparison(left, right, edits, thresholds):
    rule = criteria(*thresholds)
    old = view("shop", left), view("maker", right)
    before = Compared(old[0].series, old[1].series, rule, disputed(*old, rule))
    rows = np.array(left, dtype=float)
    for row, week, number in edits:
        rows[row, week] = number
    now = view("shop", rows)
    np.testing.assert_array_equal(disputed_since(before, now, old[1], rule)[0], disputed(now, old[1], rule))
