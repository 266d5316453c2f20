"""The fences at the door: what stands, what moves within the tolerance, what is free."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hub.model.agreement import Fences
from hub.model.plan import Series
from hub.planning.fences import hold

MONDAY = date(2026, 11, 23)
FENCES = Fences(frozen=1, slushy=3, tolerance=Decimal(20))
KEYS = (("00000000000017", "a"), ("00000000000024", "a"))


def view(*rows: list[float], first: date = MONDAY) -> Series:
    return Series(KEYS[: len(rows)], first, np.array(rows, dtype=float))


def test_frozen_stands_slushy_moves_within_the_tolerance_and_the_rest_is_free():
    kept, held = hold(view([90, 121, 119, 500]), view([100, 100, 100, 100]), None, FENCES, MONDAY)
    assert kept.values.tolist() == [[100, 100, 119, 500]]
    assert [(h.fence, h.period, h.said, h.kept, h.low, h.high) for h in held] == [
        ("frozen", MONDAY, 90, 100, 100, 100),
        ("slushy", MONDAY + timedelta(weeks=1), 121, 100, 80, 120)]


def test_exactly_the_tolerance_is_taken():
    kept, held = hold(view([100, 120, 80, 5]), view([100, 100, 100, 100]), None, FENCES, MONDAY)
    assert (kept.values.tolist(), held) == ([[100, 120, 80, 5]], ())


def test_a_number_may_always_move_to_what_both_agreed():
    kept, held = hold(view([70, 70]), view([100, 100]), view([70, 70]), FENCES, MONDAY)
    assert (kept.values[:, :2].tolist(), held) == ([[70, 70]], ())


def test_silence_about_a_near_week_leaves_what_was_said():
    later = view([7.0], first=MONDAY + timedelta(weeks=3))
    kept, held = hold(later, view([1, 2, 3, 4], [5, 6, 7, 8]), None, FENCES, MONDAY)
    assert (kept.keys, kept.first_week, held) == (KEYS, MONDAY, ())
    np.testing.assert_equal(kept.values, [[1, 2, 3, 7], [5, 6, 7, np.nan]])


def test_before_the_first_planning_run_nothing_is_held():
    said = view([1, 2, 3])
    assert hold(said, None, None, FENCES, MONDAY) == (said, ())


def test_where_nothing_stands_yet_a_number_is_taken():
    kept, held = hold(view([5, 5]), view([np.nan, np.nan]), None, FENCES, MONDAY)
    assert (kept.values[:, :2].tolist(), held) == ([[5, 5]], ())


NUMBERS = st.lists(st.one_of(st.just(float("nan")), st.floats(0, 1e6)), min_size=5, max_size=5)


@given(NUMBERS, NUMBERS)
def test_whatever_is_said_the_frozen_week_and_all_outside_the_tolerance_stay(new, old):
    kept, _ = hold(view(new), view(old), None, FENCES, MONDAY)
    for week, (said, before, now) in enumerate(zip(new, old, kept.values[0].tolist(), strict=False)):
        stands = not np.isnan(before)
        if week == 0 and stands:
            assert now == before or round(now * 1000) == round(before * 1000)
        elif week < 3 and stands:
            assert abs(now - before) <= before * 0.2 + 0.002
        else:
            assert now == said or (np.isnan(now) and np.isnan(said))
