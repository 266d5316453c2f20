"""An order is pegged to what it is for, and its parts add up to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.planning.pegging import Peg, pegs

QUANTITIES = st.floats(0, 1e6, allow_nan=False)


def test_what_is_there_serves_the_nearest_weeks_and_the_order_serves_the_rest() -> None:
    assert pegs(24, position=15, demand=[10, 10, 5], safety=6) == (
        Peg("demand", 5, 1), Peg("demand", 5, 2), Peg("safety_stock", 6), Peg("rounding", 8))


def test_what_waits_from_the_past_is_served_first() -> None:
    assert pegs(12, position=-4, demand=[3, 3], safety=0) == (
        Peg("backlog", 4), Peg("demand", 3, 0), Peg("demand", 3, 1), Peg("rounding", 2))


def test_an_order_that_is_too_small_serves_what_comes_first() -> None:
    assert pegs(5, position=0, demand=[3, 3], safety=9) == (Peg("demand", 3, 0), Peg("demand", 2, 1))


def test_stock_beyond_the_demand_counts_as_safety_stock() -> None:
    assert pegs(2, position=10, demand=[6], safety=6) == (Peg("safety_stock", 2),)


@given(QUANTITIES, st.floats(-1e6, 1e6), st.lists(QUANTITIES, max_size=8), QUANTITIES)
def test_the_parts_are_above_nothing_and_add_up(
    quantity: float, position: float, demand: list[float], safety: float
) -> None:
    parts = pegs(quantity, position, demand, safety)
    assert all(part.quantity > 0 for part in parts)
    assert sum(part.quantity for part in parts) == pytest.approx(quantity, rel=1e-9, abs=1e-6)
