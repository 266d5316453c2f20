"""Levels stay coherent: sums are exact, whatever is spread over whatever; fiscal years leave no gap."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Reject
from hub.model.agreement import Fiscal
from hub.planning.hierarchy import edited, fiscal_period, fiscal_year, gathered, spread

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


@given(st.integers(-(10**14), 10**14), WEIGHTS)
def test_whatever_is_spread_adds_up_to_the_total(total: int, weights: list[int]) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total
    share = [total * w / sum(weights) if sum(weights) else total / len(weights) for w in weights]
    assert all(abs(part - fair) < 1 + abs(fair) * 1e-9 for part, fair in zip(parts, share, strict=True))


@given(st.integers(0, 10**6), WEIGHTS)
def test_who_has_the_larger_share_gets_no_less(total: int, weights: list[int]) -> None:
    parts = spread(total, weights)
    order = sorted(range(len(weights)), key=lambda at: weights[at])
    assert all(parts[a] <= parts[b] for a, b in pairwise(order) if weights[a] < weights[b])


@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 10**9), st.randoms(use_true_random=False))
def test_an_edit_of_a_sum_changes_its_parts_and_every_sum_above_by_the_same(rows, weeks, total, random) -> None:
    values = np.array([[random.randrange(0, 500) for _ in range(weeks)] for _ in range(rows)], dtype=np.int64)
    groups = np.array([random.randrange(0, 2) for _ in range(rows)], dtype=np.int64)
    periods = np.array([week // 2 for week in range(weeks)], dtype=np.int64)
    cells = (groups == groups[0])[:, None] & (periods == 0)[None, :]
    after = edited(values, cells, total)
    assert after[cells].sum() == gathered(after, groups, periods)[groups[0], 0] == total
    assert (after[~cells] == values[~cells]).all()
    assert gathered(after, np.zeros_like(groups), np.zeros_like(periods))[0, 0] == after.sum()


def test_a_total_over_nothing_known_is_shared_equally_and_remainders_go_in_order() -> None:
    assert spread(8, [0, 0, 0]) == [3, 3, 2]
    assert spread(10, [1, 1, 2]) == [3, 2, 5]
    with pytest.raises(Reject, match="nothing to spread"):
        spread(1, [])
    with pytest.raises(Reject, match="0 or more"):
        spread(1, [3, -1])


@pytest.mark.parametrize("pattern", ["4-4-5", "4-5-4", "5-4-4"])
def test_fiscal_years_of_a_working_life_follow_each_other_without_a_gap(pattern: str) -> None:
    fiscal = Fiscal.model_validate({"pattern": pattern, "begins": date(2026, 2, 2)})
    lengths = []
    for year in range(-10, 40):
        periods = fiscal_year(fiscal, year)
        assert periods[-1].first + timedelta(weeks=periods[-1].weeks) == fiscal_year(fiscal, year + 1)[0].first
        assert abs((periods[0].first - date(2026 + year, 2, 2)).days) <= 3
        assert [p.weeks for p in periods[:3]] == [int(n) for n in pattern.split("-")]
        lengths.append(sum(p.weeks for p in periods))
    assert set(lengths) == {52, 53}


@given(st.integers(-600, 2000))
def test_every_week_is_in_exactly_its_own_period(weeks: int) -> None:
    fiscal, week = Fiscal(begins=date(2026, 2, 2)), date(2026, 2, 2) + timedelta(weeks=weeks)
    period = fiscal_period(fiscal, week)
    assert period.first <= week < period.first + timedelta(weeks=period.weeks)


def test_a_year_is_named_by_the_year_in_which_it_ends() -> None:
    fiscal = Fiscal(begins=date(2026, 2, 2))
    assert [fiscal_period(fiscal, date(2026, 2, 2)).name, fiscal_period(fiscal, date(2027, 1, 25)).name] == [
        "2027-P01", "2027-P12"]
