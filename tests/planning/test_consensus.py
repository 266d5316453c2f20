"""Consensus: the agreed rule decides what is in dispute, the mean what is not, and fences hold near weeks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Reject
from hub.model.agreement import Fences
from hub.model.exception import ForecastException
from hub.model.plan import Series
from hub.planning.consensus import RULES, Terms, resolved, settle

MONDAY = date(2026, 11, 23)
NONE = float("nan")


def series(*row: float, first: date = MONDAY) -> Series:
    return Series((("1", "a"),), first, np.array([row], dtype=float))


def settled(rule, buyer, seller, baseline, found, **more):
    made = settle(series(*buyer), series(*seller), series(*baseline), np.array([found]), rule, **more)
    return made.consensus.values[0].tolist(), [RULES[c] for c in made.rule[0]]


@pytest.mark.parametrize(("rule", "expected"), [
    ("buyer_wins", 100.0), ("seller_wins", 140.0), ("mean", 120.0), ("baseline_wins", 130.0),
    ("nearest_to_baseline", 140.0),
])
def test_a_dispute_is_settled_by_the_agreed_rule(rule, expected):
    values, rules = settled(rule, [100.0, 100.0], [140.0, 102.0], [130.0, 90.0], [True, False])
    assert values == [expected, 101.0], "what is not in dispute is the mean of both"
    assert rules == [rule, "agreed"]


def test_weighted_views_count_as_agreed():
    assert settled("weighted", [100.0], [140.0], [0.0], [True], terms=Terms(0.75)) == ([110.0], ["weighted"])


def test_within_the_tolerance_the_mean_is_taken_beyond_it_the_view_nearer_to_history():
    values, rules = settled("within_tolerance", [100.0, 100.0], [110.0, 140.0], [139.0, 139.0], [True, True],
                            terms=Terms(accept_percent=10.0))
    assert (values, rules) == ([105.0, 140.0], ["within_tolerance", "nearest_to_baseline"])


@pytest.mark.parametrize("rule", ["baseline_wins", "nearest_to_baseline", "within_tolerance"])
def test_a_rule_that_needs_the_baseline_takes_the_mean_without_one(rule):
    assert settled(rule, [100.0], [140.0], [NONE], [True]) == ([120.0], ["mean"])


def test_a_silent_party_leaves_the_word_to_the_other_then_to_the_baseline():
    baseline = [9.0, 9.0, 9.0, NONE]
    values, rules = settled("mean", [1.0, NONE, NONE, NONE], [NONE, 2.0, NONE, NONE], baseline, [False] * 4)
    assert values[:3] == [1.0, 2.0, 9.0]
    assert np.isnan(values[3])
    assert rules == ["buyer_only", "seller_only", "baseline_only", "none"]


def test_inside_the_frozen_fence_the_previous_consensus_stays_if_there_is_one():
    values, rules = settled("buyer_wins", [50.0] * 3, [90.0] * 3, [60.0] * 3, [True] * 3, fences=Fences(frozen=2),
                            previous=series(70.0, NONE, 70.0))
    assert values == [70.0, 50.0, 50.0]
    assert rules == ["frozen", "buyer_wins", "buyer_wins"]


def test_inside_the_slushy_zone_a_number_moves_only_within_the_tolerance():
    fences = Fences(frozen=1, slushy=3, tolerance=Decimal(10))
    values, rules = settled("mean", [100.0, 50.0, 105.0, 50.0], [100.0, 50.0, 105.0, 50.0], [0.0] * 4, [False] * 4,
                            fences=fences, previous=series(80.0, 100.0, 100.0, 100.0))
    assert values == [80.0, 90.0, 105.0, 50.0]
    assert rules == ["frozen", "slushy", "agreed", "agreed"]


def test_what_both_sides_signed_passes_the_fence():
    values, rules = settled("mean", [50.0, 50.0], [50.0, 50.0], [0.0, 0.0], [False] * 2, fences=Fences(frozen=2),
                        previous=series(70.0, 70.0), signed=np.array([[88.0, NONE]]))
    assert values == [88.0, 70.0]
    assert rules == ["signed", "frozen"]


def test_views_of_other_weeks_are_refused():
    with pytest.raises(Reject, match="share items, locations and weeks"):
        settle(series(1.0), series(1.0, first=date(2026, 11, 30)), series(1.0), np.array([[False]]), "mean")


def test_an_exception_carries_how_it_was_settled_and_others_stay_open():
    made = settle(series(1.0, 2.0), series(1.0, 8.0), series(1.0, 1.0), np.array([[False, True]]), "seller_wins")
    opened = ForecastException(agreement="a", gtin="1", gln="a", period=date(2026, 11, 30), lag=2, left_party="shop",
                               right_party="maker", left=2.0, right=8.0, percent=120.0, value_at_stake=6.0)
    stranger = opened.model_copy(update={"gtin": "2"})
    later = opened.model_copy(update={"period": date(2026, 12, 7)})
    closed, *others = resolved([opened, stranger, later], made)
    assert (closed.state, closed.settled, closed.rule) == ("resolved", 8.0, "seller_wins")
    assert others == [stranger, later]


views = st.lists(st.one_of(st.just(NONE), st.floats(0, 1e6)), min_size=3, max_size=3)


@given(views, views, views, st.lists(st.booleans(), min_size=3, max_size=3),
       st.sampled_from(["buyer_wins", "seller_wins", "mean", "baseline_wins", "nearest_to_baseline"]))
def test_a_consensus_never_leaves_the_range_of_what_was_said(buyer, seller, baseline, found, rule):
    both = [f and not np.isnan(b) and not np.isnan(s) for f, b, s in zip(found, buyer, seller, strict=True)]
    values, rules = settled(rule, buyer, seller, baseline, both)
    for value, name, *said in zip(values, rules, buyer, seller, baseline, strict=True):
        known = [x for x in said if not np.isnan(x)]
        assert np.isnan(value) == (not known) == (name == "none")
        if known:
            assert min(known) <= value <= max(known)


@given(views, views, st.lists(st.floats(1, 1e6), min_size=3, max_size=3), st.integers(0, 3), st.integers(0, 3),
       st.integers(0, 50))
def test_no_view_however_wild_breaks_a_fence(buyer, seller, before, frozen, slushy, tolerance):
    values, rules = settled("mean", buyer, seller, [NONE] * 3, [False] * 3, previous=series(*before),
                            fences=Fences(frozen=frozen, slushy=slushy, tolerance=Decimal(tolerance)))
    for lag, (value, old, rule) in enumerate(zip(values, before, rules, strict=True), 1):
        if lag <= frozen:
            assert (value, rule) == (old, "frozen")
        elif lag <= slushy:
            assert abs(value - old) <= old * tolerance / 100 * (1 + 1e-9)
        else:
            assert rule not in ("frozen", "slushy")
