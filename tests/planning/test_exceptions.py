"""Exceptions: both percent and quantity, the same set on two hubs, only like compared with like."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import Reject
from hub.model.agreement import Threshold
from hub.model.plan import Series
from hub.planning.exceptions import Criteria, View, as_exceptions, below_criterion, disputed, fingerprint, rank

MONDAY = date(2026, 11, 23)
KEYS = (("00000000000017", "9501101530003"), ("00000000000024", "9501101530003"))


def view(party: str, *rows: list[float], kind="sales", keys=KEYS, first=MONDAY) -> View:
    return View(party, kind, Series(tuple(keys[: len(rows)]), first, np.array(rows, dtype=float)))


def threshold(percent: str, quantity: str, first: int = 1, last: int = 999) -> Threshold:
    return Threshold(from_week=first, to_week=last, percent=Decimal(percent), quantity=Decimal(quantity))


def differ(buyer: View, seller: View, *thresholds: Threshold):
    """The disputed cells, by thresholds for single items at single places."""
    return disputed(buyer, seller, Criteria(thresholds)) != 0


def test_a_difference_must_exceed_both_percent_and_quantity():
    buyer = view("shop", [100, 100, 3, 100])
    seller = view("maker", [121, 110, 6, 130])
    found = differ(buyer, seller, threshold("10", "20"))
    assert found.tolist() == [[True, False, False, True]]


def test_exactly_the_threshold_is_not_an_exception():
    buyer, seller = view("shop", [90.0]), view("maker", [110.0])
    assert not differ(buyer, seller, threshold("20", "0")).any()
    assert not differ(buyer, seller, threshold("0", "20")).any()
    assert differ(buyer, seller, threshold("19.99", "19.999")).all()


def test_nearer_weeks_may_be_judged_more_strictly():
    buyer, seller = view("shop", [100.0] * 4), view("maker", [115.0] * 4)
    found = differ(buyer, seller, threshold("10", "5", 1, 2), threshold("20", "5", 3, 13))
    assert found.tolist() == [[True, True, False, False]]


def test_a_week_that_only_one_side_speaks_of_is_not_in_dispute():
    found = differ(view("shop", [np.nan, 50.0]), view("maker", [50.0, np.nan]), threshold("0", "0"))
    assert not found.any()


def test_the_dearest_disagreement_comes_first_and_ties_go_by_code_point_and_week():
    buyer = view("shop", [10, 10], [10, 10])
    seller = view("maker", [30, 30], [40, 15])
    found = differ(buyer, seller, threshold("5", "1"))
    ranked = rank(buyer, seller, found, np.array([3.0, 2.0]))
    assert ranked.select("gtin", "lag", "value_at_stake").rows() == [
        (KEYS[0][0], 1, 60.0), (KEYS[0][0], 2, 60.0), (KEYS[1][0], 1, 60.0), (KEYS[1][0], 2, 10.0)]
    assert ranked["percent"].to_list() == [100.0, 100.0, 120.0, 40.0]
    assert ranked["period"].to_list()[1] == date(2026, 11, 30)


@pytest.mark.parametrize(("other", "what"), [
    (view("maker", [1.0], kind="order"), "kind of forecast"),
    (view("maker", [1.0], first=date(2026, 11, 30)), "first week"),
    (view("maker", [1.0, 2.0]), "number of weeks"),
    (view("maker", [1.0], keys=KEYS[1:]), "has only one view"),
])
def test_only_like_is_compared_with_like(other, what):
    with pytest.raises(Reject, match=what) as refusal:
        differ(view("shop", [1.0]), other)
    assert refusal.value.reason == "NOT_COMPARABLE"


def test_a_threshold_finer_than_the_comparison_is_refused():
    with pytest.raises(Reject, match="more than 2 decimals"):
        differ(view("shop", [1.0]), view("maker", [2.0]), threshold("10.123", "0"))


def test_a_quantity_that_cannot_be_compared_exactly_is_refused():
    with pytest.raises(Reject, match="beyond"):
        differ(view("shop", [float("inf")]), view("maker", [2.0]), threshold("10", "0"))


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=2, max_size=40),
       st.randoms(use_true_random=False))
def test_twin_engines_find_the_same_set_in_the_same_order(pairs, shuffler: random.Random):
    keys = [(f"{i:014d}", "9501101530003") for i in range(len(pairs))]
    prices = [1.0 + i % 3 for i in range(len(pairs))]

    def hub(order: list[int]) -> tuple[str, list[tuple[object, ...]]]:
        buyer = view("shop", *[[pairs[i][0]] for i in order], keys=[keys[i] for i in order])
        seller = view("maker", *[[pairs[i][1]] for i in order], keys=[keys[i] for i in order])
        found = differ(buyer, seller, threshold("10", "5"))
        ranked = rank(buyer, seller, found, np.array([prices[i] for i in order]))
        return fingerprint(ranked), ranked.rows()

    other = list(range(len(pairs)))
    shuffler.shuffle(other)
    assert hub(list(range(len(pairs)))) == hub(other)


def test_ranked_rows_become_open_exceptions():
    buyer, seller = view("shop", [10.0]), view("maker", [30.0])
    baseline = Series(KEYS[:1], MONDAY, np.array([[12.0]]))
    ranked = rank(buyer, seller, differ(buyer, seller, threshold("5", "1")), np.array([np.nan]), baseline)
    (opened,) = as_exceptions(ranked, "shop-maker", "shop", "maker")
    assert (opened.state, opened.left, opened.right, opened.baseline, opened.value_at_stake) == (
        "open", 10.0, 30.0, 12.0, 20.0)
    (unknown,) = as_exceptions(rank(buyer, seller, np.array([[True]]), np.ones(1)), "shop-maker", "shop", "maker")
    assert unknown.baseline is None


def test_in_stock_of_83_percent_against_90_is_an_exception():
    """The worked example of the VICS process guide."""
    measured = {"store 1": Decimal(83), "store 2": Decimal(90), "store 3": Decimal("89.9")}
    assert below_criterion(measured, Decimal(90)) == ["store 1", "store 3"]
