"""Promotions: a planted lift comes back, thin evidence claims little, and the calendar knows half weeks."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from hub.planning.promotions import calendar_shares, measure, with_lift, without_lift

MONDAY = date(2026, 1, 5)
KEYS = (("1", "a"), ("1", "b"), ("2", "a"))


def planted(series: int = 20, weeks: int = 104, lift: float = 1.8, seed: int = 0):
    random = np.random.default_rng(seed)
    shares = (random.random((series, weeks)) < 0.1).astype(float)
    usual = 100 * random.normal(1, 0.05, (series, weeks))
    return usual, usual * (1 + (lift - 1) * shares), shares


def test_a_planted_lift_is_recovered_and_taken_out_of_the_history():
    usual, sold, shares = planted()
    lift = measure(sold, shares, np.zeros(20, dtype=np.int64))
    assert lift.factor == pytest.approx(np.full(20, 1.8), abs=0.03)
    assert without_lift(sold, shares, lift) == pytest.approx(usual, rel=0.05)


def test_families_keep_their_own_lift():
    _, strong, shares = planted(lift=2.5)
    _, weak, _ = planted(lift=1.2)
    lift = measure(np.vstack([strong, weak]), np.vstack([shares, shares]), np.repeat([0, 1], 20))
    assert lift.factor[0] == pytest.approx(2.5, abs=0.1)
    assert lift.factor[-1] == pytest.approx(1.2, abs=0.1)


def test_a_family_without_promotions_borrows_the_lift_of_all_and_nobody_gets_one_from_nothing():
    _, sold, shares = planted(series=10)
    quiet = np.full((2, 104), 50.0)
    lift = measure(np.vstack([sold, quiet]), np.vstack([shares, np.zeros((2, 104))]), np.repeat([0, 1], [10, 2]))
    assert lift.factor[-1] == pytest.approx(1.8, abs=0.1)
    assert lift.cells[-1] == 0
    assert measure(quiet, np.zeros((2, 104)), np.zeros(2, dtype=np.int64)).factor.tolist() == [1.0, 1.0]


def test_one_promoted_week_claims_only_a_little():
    sold, shares = np.full((1, 30), 10.0), np.zeros((1, 30))
    sold[0, 15], shares[0, 15] = 40.0, 1.0
    lift = measure(sold, shares, np.zeros(1, dtype=np.int64))
    assert 1.3 < lift.factor[0] < 2.0, "the week sold fourfold, but it is one week"


def test_a_promotion_that_did_not_help_lowers_nothing():
    _, sold, shares = planted(lift=0.5)
    assert measure(sold, shares, np.zeros(20, dtype=np.int64)).factor.tolist() == [1.0] * 20


def test_a_planned_promotion_lifts_its_weeks_only():
    _, sold, shares = planted()
    lift = measure(sold, shares, np.zeros(20, dtype=np.int64))
    raised = with_lift(np.full((20, 3), 10.0), np.tile([0.0, 0.5, 1.0], (20, 1)), lift)
    assert raised[0] == pytest.approx([10.0, 14.0, 18.0], abs=0.2)


def test_the_calendar_gives_each_week_the_share_of_its_promoted_days():
    events = pl.DataFrame({
        "gtin": ["1", "2", "2", "9"], "gln": [None, "a", "a", "a"],
        "start": [date(2026, 1, 9), date(2026, 1, 1), date(2026, 1, 5), MONDAY],
        "end": [date(2026, 1, 14), date(2026, 1, 6), date(2026, 1, 7), MONDAY]})
    shares = calendar_shares(events, KEYS, MONDAY, 2)
    assert shares * 7 == pytest.approx(np.array([[3, 3], [3, 3], [3, 0]]))
