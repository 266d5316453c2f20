"""Performance against what was agreed: what is worse is found, valued in money, and hashed whatever it is called."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from hub.model.agreement import Agreement, Criterion, Member
from hub.model.performance import Accuracy
from hub.performance.metric_exceptions import Shelf, metric_exceptions, metric_fingerprint


def agreed(*criteria: Criterion, buyer: str = "alder", seller: str = "birch") -> Agreement:
    members = (Member(partner=buyer, role="buyer", sees=()), Member(partner=seller, role="seller", sees=()))
    return Agreement(name="retail", members=members, valid_from=date(2026, 1, 1), items=(), locations=(),
                     metrics=criteria)


def said(author: str, lag: int, error: float, absolute: float, *, group: str = "soups", sold: float = 100) -> Accuracy:
    measure = {"hub": "consensus", "naive": "baseline"}.get(author, "sales_forecast")
    return Accuracy.model_validate({
        "author": author, "measure": measure, "lag": lag, "group": group, "cells": 4, "error": error,
        "absolute": absolute, "actual": sold, "volume": sold})


def test_an_error_beyond_what_was_agreed_costs_its_excess_of_what_was_sold() -> None:
    agreement = agreed(Criterion(metric="wmape", percent=Decimal(30), to_week=4))
    rows = [said("birch", 1, 0, 50), said("birch", 2, 0, 40), said("birch", 5, 0, 90), said("alder", 1, 0, 30),
            said("naive", 1, 0, 99)]
    [found] = metric_exceptions(agreement, rows, {}, {"soups": 1000.0})
    assert (found.kind, found.author, found.found, found.allowed) == ("wmape", "birch", 45.0, 30.0)
    assert (found.from_week, found.to_week, found.value_at_stake) == (1, 4, 150.0)


def test_a_bias_keeps_its_sign_and_counts_in_both_directions() -> None:
    agreement = agreed(Criterion(metric="bias", percent=Decimal("7.5"), measure="sales_forecast"))
    rows = [said("alder", 1, -10, 10), said("birch", 1, 7.5, 10), said("hub", 1, 50, 50)]
    [found] = metric_exceptions(agreement, rows, {}, {"soups": 200.0})
    assert (found.author, found.found, found.value_at_stake) == ("alder", -10.0, 5.0)


def test_shelves_emptier_than_agreed_are_the_buyers_and_dearer_families_come_first() -> None:
    agreement = agreed(Criterion(metric="in_stock", percent=Decimal(90)))
    shelves = {"soups": Shelf(100, 83), "crisps": Shelf(100, 89), "jams": Shelf(100, 90), "none": Shelf(0, 0)}
    found = metric_exceptions(agreement, [], shelves, {"soups": 100.0, "crisps": 900.0, "jams": 1.0})
    assert [(one.group, one.found, one.value_at_stake, one.author) for one in found] == [
        ("crisps", 89.0, 9.0, "alder"), ("soups", 83.0, 7.0, "alder")]


def test_what_is_exactly_as_agreed_or_cannot_be_measured_is_no_exception() -> None:
    agreement = agreed(
        Criterion(metric="wmape", percent=Decimal("33.33")), Criterion(metric="bias", percent=Decimal(0)))
    assert metric_exceptions(agreement, [said("alder", 1, 0, 33.33)], {}, {}) == ()
    assert metric_exceptions(agreement, [said("alder", 1, 9, 9, sold=0)], {}, {}) == ()


def test_two_hubs_hash_the_same_list_whatever_they_call_the_sides_and_in_which_order_rows_come() -> None:
    criteria = (Criterion(metric="wmape", percent=Decimal(10)), Criterion(metric="bias", percent=Decimal(5)))
    ours, theirs = agreed(*criteria), agreed(*criteria, buyer="zinnia", seller="aster")
    rows = [said("alder", 1, 20, 20), said("birch", 1, 20, 20), said("hub", 1, -20, 20, group="crisps")]
    called = {"alder": "zinnia", "birch": "aster", "hub": "hub"}
    renamed = [row.model_copy(update={"author": called[row.author]}) for row in reversed(rows)]
    worth = {"soups": 40.0, "crisps": 40.0}
    found = metric_exceptions(ours, rows, {}, worth)
    assert len(found) == 6
    same = metric_fingerprint(metric_exceptions(theirs, renamed, {}, worth), theirs)
    assert metric_fingerprint(found, ours) == metric_fingerprint(found[::-1], ours) == same
    assert metric_fingerprint(found[1:], ours) != same


@pytest.mark.parametrize(("criterion", "why"), [
    ({"metric": "in_stock", "percent": "101"}, "at most 100"),
    ({"metric": "in_stock", "percent": "90", "measure": "baseline"}, "no forecast"),
    ({"metric": "bias", "percent": "0.001"}, "more than 2 decimals"),
    ({"metric": "wmape", "percent": "9", "from_week": 5, "to_week": 4}, "before it begins"),
])
def test_a_criterion_that_means_nothing_is_refused_in_a_sentence(criterion: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Criterion.model_validate(criterion)
