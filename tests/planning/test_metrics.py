"""Metrics: published and hand-computed values, and the traps they are known for."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from hub.performance import metrics
from hub.performance.metrics import Delivery

ACTUAL = np.array([100.0, 120.0, 80.0, 0.0, 60.0])
FORECAST = np.array([110.0, 100.0, 90.0, 10.0, 50.0])


def test_misses_that_cancel_are_no_bias_but_still_misses():
    """The trap: WMAPE .1667 while bias and tracking signal are 0."""
    assert metrics.wmape(ACTUAL, FORECAST) == pytest.approx(60 / 360)
    assert metrics.bias(ACTUAL, FORECAST) == 0
    assert metrics.tracking_signal(ACTUAL, FORECAST) == 0


def test_signs_are_as_declared():
    low = FORECAST - 20
    assert metrics.bias(ACTUAL, low) < 0, "negative: too little was forecast"
    assert metrics.tracking_signal(ACTUAL, low) > 4


def test_what_cannot_be_computed_is_nan_and_never_flattering():
    nothing = np.array([0.0, np.nan])
    assert math.isnan(metrics.wmape(nothing, np.array([1.0, 1.0])))
    assert math.isnan(metrics.fill_rate(nothing, nothing))
    assert math.isnan(metrics.in_stock(np.array([np.nan])))
    assert math.isnan(metrics.mase(ACTUAL, FORECAST, np.array([5.0, 5.0])))
    assert math.isnan(metrics.tracking_signal(nothing[1:], nothing[1:]))


def test_mase_is_the_error_over_what_repeating_the_last_season_cost():
    history = np.array([10.0, 20.0, 14.0, 26.0])
    assert metrics.mase(np.array([30.0]), np.array([25.0]), history, season=2) == pytest.approx(1.0)
    assert metrics.mase(np.array([30.0]), np.array([25.0]), history) == pytest.approx(5 / (28 / 3))


def test_value_added_is_judged_on_the_cells_that_both_forecast():
    before = np.array([120.0, np.nan])
    after = np.array([110.0, 500.0])
    assert metrics.value_added(np.array([100.0, 100.0]), before, after) == pytest.approx(0.1)


def test_over_delivery_of_one_line_does_not_heal_another():
    assert metrics.fill_rate(np.array([20.0, 0.0]), np.array([10.0, 10.0])) == 0.5
    assert metrics.commit_rate(np.array([60.0, 50.0]), np.array([100.0, 50.0])) == pytest.approx(110 / 150)


def test_in_stock_counts_only_what_is_in_the_assortment_and_reported():
    on_hand = np.array([5.0, 0.0, np.nan, 0.0])
    assert metrics.in_stock(on_hand) == pytest.approx(1 / 3)
    assert metrics.in_stock(on_hand, np.array([True, True, True, False])) == 0.5


def test_days_of_supply_walk_forward_and_see_the_promotion_coming():
    daily = np.array([10.0, 10.0, 100.0, 10.0])
    assert metrics.days_of_supply(70, daily) == pytest.approx(2.5)
    assert metrics.days_of_supply(-5, daily) == 0
    assert metrics.days_of_supply(131, daily) == math.inf


@pytest.mark.parametrize(("lead", "window", "expected"), [
    (1, 5, 1.48), (2, 5, 2.12), (4, 5, 3.88), (1, 10, 1.22), (4, 10, 2.12), (4, 20, 1.48),
])
def test_the_bullwhip_of_a_moving_average_is_the_published_bound(lead, window, expected):
    """Chen et al. 2000; with independent demand the bound is met: simulated here over 100,000 periods."""
    assert metrics.moving_average_bound(lead, window) == pytest.approx(expected)
    demand = np.random.default_rng(lead * 100 + window).normal(100, 10, 100_000)
    level = lead * np.convolve(demand, np.ones(window) / window, "valid")
    orders = demand[window:] + np.diff(level)
    assert metrics.bullwhip(orders, demand[window:]) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(("correlation", "lead", "expected"), [(0.5, 1, 2.3125), (0.7, 5, 4.7785), (0.9, 10, 9.863)])
def test_the_bullwhip_of_autoregressive_demand_is_as_published(correlation, lead, expected):
    assert metrics.autoregressive_bullwhip(correlation, lead) == pytest.approx(expected, abs=1e-3)


def test_the_bullwhip_formula_for_autoregressive_demand_is_what_a_simulation_shows():
    rho, lead = 0.5, 1
    noise = np.random.default_rng(3).normal(0, 1, 200_000)
    demand = np.empty_like(noise)
    demand[0] = 0
    for t in range(1, len(noise)):
        demand[t] = rho * demand[t - 1] + noise[t]
    ahead = sum(rho**k for k in range(1, lead + 2))
    orders = demand[1:] + ahead * np.diff(demand)
    assert metrics.bullwhip(orders, demand[1:]) == pytest.approx(metrics.autoregressive_bullwhip(rho, lead), rel=0.03)


def test_net_stock_amplification_compares_stock_with_demand():
    demand = np.array([1.0, 3.0, 1.0, 3.0])
    assert metrics.stock_amplification(np.array([0.0, 4.0, 0.0, 4.0]), demand) == pytest.approx(4.0)


def test_on_time_in_full_needs_both():
    ordered = Decimal(100)
    done = [Delivery(0, ordered, ordered), Delivery(-2, ordered, ordered), Delivery(1, ordered, ordered),
            Delivery(0, Decimal(97), ordered)]
    assert metrics.on_time_in_full(done, early=1, late=0, tolerance=Decimal("0.98")) == 0.25
    assert metrics.on_time_in_full(done, early=2, late=1, tolerance=Decimal("0.95")) == 1.0


def test_a_scorecard_says_the_same_per_party_as_the_single_metrics():
    rows = pl.DataFrame({
        "party": ["shop"] * 5 + ["maker"] * 3, "actual": [*ACTUAL, 10.0, 20.0, np.nan],
        "forecast": [*FORECAST, 5.0, 10.0, 1.0]})
    maker, shop = metrics.scorecard(rows, ["party"]).iter_rows(named=True)
    assert (maker["party"], maker["cells"], maker["wmape"], maker["bias"]) == ("maker", 2, 0.5, -0.5)
    assert maker["tracking_signal"] == pytest.approx(metrics.tracking_signal(np.array([10.0, 20]), np.array([5.0, 10])))
    assert shop["wmape"] == pytest.approx(metrics.wmape(ACTUAL, FORECAST))
