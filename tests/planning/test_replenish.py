"""Replenishment: worked by hand, checked by simulation, and never a broken pack."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hub.errors import Reject
from hub.model.plan import Series
from hub.planning.policies.base_stock import safety_stock
from hub.planning.policies.economic_order import economic_order
from hub.planning.policies.newsvendor import newsvendor
from hub.planning.replenish import Stock, Terms, dependent_demand, due_by_week, packs, replenish, to_release

MONDAY = date(2026, 11, 23)


def stock(on_hand: float, on_order: list[float], pack: float = 1.0, minimum: float = 0.0) -> Stock:
    return Stock(np.array([on_hand]), np.array([on_order], dtype=float), np.array([pack]), np.array([minimum]))


def plan(demand: list[float], held: Stock, lead=1, review=1, service=0.5, sigma=0.0, frozen=None):
    kept = None if frozen is None else np.array([frozen], dtype=float)
    return replenish(np.array([demand], dtype=float), np.array([sigma]), held, Terms(lead, review, service), kept)


def test_a_plan_worked_by_hand():
    """Lead 1, review 1: each order must lift stock to the next two weeks' demand, in dozens.

    Week 0: level 10+20=30, position 25, order 12 (due week 1), end 15. Week 1: level 20+30=50, 15+12 -> order 24,
    end 15+12-20=7. Week 2: level 30+30, 7+24 -> 36, end 1. Week 3: level 30+22.5 (mean of four), 1+36 -> 24, end 7.
    """
    made = plan([10, 20, 30, 30], stock(25, [0, 0, 0, 0], pack=12))
    assert made.placed[0].tolist() == [12, 24, 36, 24]
    assert made.received[0].tolist() == [0, 12, 24, 36]
    assert made.on_hand[0].tolist() == [15, 7, 1, 7]
    assert made.level[0].tolist() == [30, 50, 60, 52.5]
    assert made.position[0].tolist() == [25, 27, 31, 37]
    assert made.proposed().tolist() == [12]
    assert packs(made.placed, np.array([12.0])).tolist() == [[1, 2, 3, 2]]


def test_what_is_on_order_is_not_ordered_again_unless_it_comes_too_late():
    assert plan([10, 10, 10, 10], stock(0, [0, 20, 0, 0])).proposed().tolist() == [0]
    assert plan([10, 10, 10, 10], stock(0, [0, 0, 20, 0])).proposed().tolist() == [20]


def test_a_review_every_second_week_orders_for_two_weeks_and_the_lead_time():
    made = plan([10.0] * 6, stock(0, [0] * 6), lead=1, review=2)
    assert made.placed[0].tolist() == [30, 0, 20, 0, 20, 0]
    assert np.isnan(made.level[0, 1])


def test_no_lead_time_means_that_an_order_serves_its_own_week():
    made = plan([10.0, 10.0], stock(0, [0, 0]), lead=0)
    assert made.placed[0].tolist() == [10, 10]
    assert made.on_hand[0].tolist() == [0, 0]


def test_a_small_need_becomes_the_minimum_order_rounded_up_to_packs():
    assert plan([1, 0], stock(0, [0, 0], pack=6, minimum=20)).proposed().tolist() == [24]
    assert plan([1, 0], stock(1, [0, 0], pack=6, minimum=20)).proposed().tolist() == [0]


def test_orders_inside_the_frozen_fence_stay_as_they_were():
    made = plan([10.0] * 4, stock(0, [0] * 4), frozen=[7, np.nan, np.nan, np.nan])
    assert made.placed[0].tolist() == [7, 23, 10, 10]


def test_safety_stock_is_z_sigma_root_of_the_cover():
    """z(0.97) = 1.8808; sigma 8, lead 3 and review 1: 1.8808 * 8 * 2 = 30.09."""
    assert safety_stock(np.array([8.0, np.nan]), 4, 0.97) == pytest.approx([30.0927, 0.0], abs=1e-3)
    made = plan([0.0] * 4, stock(0, [0] * 4), lead=3, service=0.97, sigma=8.0)
    assert made.proposed() == pytest.approx([30.0927 // 1 + 1])


def test_a_service_of_one_is_refused_because_no_stock_is_enough():
    with pytest.raises(ValueError, match="between 0 and 1"):
        safety_stock(np.array([1.0]), 1, 1.0)


def test_terms_that_make_no_cycle_and_packs_of_nothing_are_refused():
    with pytest.raises(Reject, match="make no cycle"):
        Terms(1, 0, 0.9)
    with pytest.raises(Reject, match="pack sizes"):
        plan([1.0], stock(0, [0], pack=0))
    with pytest.raises(Reject, match="same item-locations and weeks"):
        plan([1.0, 2.0], stock(0, [0]))


def test_unreported_stock_counts_as_none_and_unknown_demand_as_no_demand():
    assert plan([5, np.nan], stock(np.nan, [0, 0])).proposed().tolist() == [5]


@given(
    hnp.arrays(np.float64, (3, 8), elements=st.floats(0, 1e4)), hnp.arrays(np.float64, 3, elements=st.floats(0, 1e3)),
    hnp.arrays(np.float64, 3, elements=st.floats(-100, 1e4)),
    hnp.arrays(np.float64, (3, 8), elements=st.floats(0, 1e3)),
    st.sampled_from([1.0, 6.0, 12.0, 2.5]), st.floats(0, 500), st.integers(0, 9), st.integers(1, 4),
)
def test_orders_are_never_negative_nor_broken_nor_below_the_minimum_and_stock_adds_up(
    demand, sigma, on_hand, on_order, pack, minimum, lead, review
):
    held = Stock(on_hand, on_order, np.full(3, pack), np.full(3, minimum))
    made = replenish(demand, sigma, held, Terms(lead, review, 0.95))
    assert (made.placed >= 0).all()
    assert made.placed / pack == pytest.approx(np.rint(made.placed / pack), abs=1e-6)
    ordered = made.placed[made.placed > 0]
    assert (ordered >= minimum - 1e-6).all()
    assert (made.safety >= 0).all()
    flow = on_hand[:, None] + np.cumsum(on_order + made.received - demand, axis=1)
    assert made.on_hand == pytest.approx(flow, abs=1e-5)
    more = replenish(demand, sigma, Stock(on_hand + 50, on_order, held.pack, held.minimum), Terms(lead, review, 0.95))
    assert (more.proposed() <= made.proposed() + 1e-6).all(), "more stock never means a larger order now"


@pytest.mark.parametrize("service", [0.90, 0.97])
def test_simulated_cycle_service_meets_its_target(service):
    """300 item-locations planned anew each week for 150 weeks against normal demand, lead time 2: only what the plan
    proposes now is ordered."""
    random = np.random.default_rng(11)
    count, weeks, mean, terms = 300, 150, 100.0, Terms(2, 1, service)
    sigma, expected = np.full(count, 20.0), np.full((count, 4), mean)
    on_hand, due = np.full(count, 3 * mean), np.zeros((count, weeks + 10))
    served = []
    for week in range(weeks):
        held = Stock(on_hand, due[:, week : week + 4], np.ones(count), np.zeros(count))
        due[:, week + terms.lead_weeks] += replenish(expected, sigma, held, terms).proposed()
        on_hand = on_hand + due[:, week] - random.normal(mean, 20.0, count)
        served.append(on_hand >= 0)
    assert np.mean(served[20:]) == pytest.approx(service, abs=0.01)


def test_open_orders_fall_into_the_week_they_are_due_and_the_overdue_come_first():
    keys = (("1", "a"), ("2", "a"))
    rows = pl.DataFrame({
        "gtin": ["1", "1", "2", "2", "9"], "gln": ["a"] * 5, "quantity": [5.0, 7.0, 1.0, 2.0, 99.0],
        "due": [date(2026, 11, 1), date(2026, 12, 6), date(2026, 12, 7), date(2027, 9, 9), MONDAY]})
    assert due_by_week(rows, keys, MONDAY, 3).tolist() == [[5, 7, 0], [0, 0, 1]]


def test_only_what_is_needed_now_is_released_in_packs_with_the_day_it_is_due():
    held = Stock(np.array([0.0, 99.0]), np.zeros((2, 2)), np.array([12.0, 12.0]), np.zeros(2))
    made = replenish(np.full((2, 2), 10.0), np.zeros(2), held, Terms(1, 1, 0.5))
    released = to_release(made, held, (("1", "a"), ("2", "a")), MONDAY, 1)
    assert released.rows() == [("1", "a", 24.0, 2, date(2026, 11, 30))]


def test_customers_orders_become_demand_where_they_are_supplied_from():
    north = Series((("1", "store a"), ("2", "store a")), MONDAY, np.array([[1.0, 2.0], [10.0, np.nan]]))
    south = Series((("1", "store b"), ("1", "store c")), MONDAY, np.array([[3.0, 4.0], [7.0, 7.0]]))
    source = {("1", "store a"): "dc", ("2", "store a"): "dc", ("1", "store b"): "dc"}
    summed = dependent_demand([north, south], source)
    assert summed.keys == (("1", "dc"), ("2", "dc"))
    assert summed.values.tolist() == [[4.0, 6.0], [10.0, 0.0]]


def test_the_published_economic_order_quantity_and_newsvendor_come_out():
    """Snyder & Shen, Fundamentals of Supply Chain Theory: EOQ 304.0 at 68.4, newsvendor 56.6 at 1.998."""
    quantity, cost = economic_order(np.array([1300.0]), np.array([8.0]), np.array([0.225]))
    assert (quantity[0], cost[0]) == pytest.approx((304.0468, 68.4105), abs=1e-3)
    quantity, cost = newsvendor(np.array([50.0]), np.array([8.0]), overage=0.18, underage=0.70)
    assert (quantity[0], cost[0]) == pytest.approx((56.6040, 1.99761), abs=1e-3)
