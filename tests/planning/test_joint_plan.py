"""How the targets of a joint business plan stand: each measure worked by hand."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from hub.flow.business import events
from hub.model.agreement import Agreement, Member
from hub.model.business_plan import BusinessPlan, PlannedEvent, Target
from hub.model.item import Item, check_digit
from hub.performance.joint_plan import Actuals, Standing, standings

FIRST, DAYS = date(2026, 11, 2), 28
SOUP, CRISPS = (digits + check_digit(digits) for digits in ("0950600000001", "0950600000002"))
ITEMS = {SOUP: Item(gtin=SOUP, name="soup", group="soups", unit_value=Decimal("1.50")),
         CRISPS: Item(gtin=CRISPS, name="crisps", group="crisps")}
ROWS = {"gtin": pl.String, "gln": pl.String, "period": pl.Date, "quantity": pl.Float64}


def rows(*said: tuple[str, int, float]) -> pl.DataFrame:
    return pl.DataFrame([(gtin, "a", FIRST + timedelta(days=day), quantity) for gtin, day, quantity in said],
                        schema=ROWS, orient="row")


ACTUALS = Actuals(
    sold=rows((SOUP, 0, 100), (SOUP, 7, 60), (CRISPS, 0, 500), (SOUP, 21, 999)),
    on_hand=rows((SOUP, 6, 40), (SOUP, 13, 0), (CRISPS, 6, 10)),
    ordered=pl.DataFrame({"gtin": [SOUP, SOUP], "due": [FIRST, FIRST + timedelta(days=7)], "ordered": [100.0, 50.0],
                          "received": [120.0, None]}, schema_overrides={"received": pl.Float64}))


def stands(measure: str, value: str, group: str | None = "soups", day: int = 14) -> Standing:
    target = Target.model_validate({
        "measure": measure, "group": group, "value": value, "start": FIRST, "end": FIRST + timedelta(days=DAYS - 1)})
    plan = BusinessPlan(agreement="a", targets=(target,))
    [one] = standings(plan, ACTUALS, ITEMS, FIRST + timedelta(days=day))
    return one


@pytest.mark.parametrize(("measure", "value", "actual", "expected", "state"), [
    ("sales", "300", 160.0, 150.0, "ahead"),
    ("sales", "400", 160.0, 200.0, "behind"),
    ("sales_value", "480", 240.0, 240.0, "ahead"),
    ("in_stock", "90", 50.0, 90.0, "behind"),
    ("turns", "200", 160 * 365.25 / 14 / 20, 200.0, "ahead"),
    ("fill_rate", "95", 100 * 100 / 150, 95.0, "behind"),
])
def test_after_half_of_the_days_each_measure_is_held_against_what_should_be_there(
    measure: str, value: str, actual: float, expected: float, state: str
) -> None:
    one = stands(measure, value)
    assert one.actual == pytest.approx(actual)
    assert (one.expected, one.state) == (pytest.approx(expected), state)


def test_all_families_count_where_none_is_named() -> None:
    assert stands("sales", "1", None).actual == 660


def test_a_target_that_has_not_begun_is_coming_and_one_without_reports_is_unknown() -> None:
    assert stands("sales", "300", day=0).state == "coming"
    nothing = stands("sales", "300", group="juices")
    assert nothing.state == "unknown"
    assert math.isnan(nothing.actual)


def test_promotions_of_the_plan_reach_the_forecast_item_by_item_and_seasons_do_not() -> None:
    agreement = Agreement(
        name="a", valid_from=FIRST, items=(SOUP, CRISPS), locations=(), members=(
            Member(partner="x", role="buyer", sees=()), Member(partner="y", role="seller", sees=())))
    span = {"start": FIRST, "end": FIRST + timedelta(days=6)}
    plan = BusinessPlan.model_validate({"agreement": "a", "events": (
        PlannedEvent(name="leaflet", items=(SOUP,), **span), PlannedEvent(name="tv", kind="advertising", **span),
        PlannedEvent(name="winter", kind="season", **span))})
    assert [row[0] for row in events(plan, agreement).iter_rows()] == [SOUP, SOUP, CRISPS]
    assert events(None, agreement).is_empty()
