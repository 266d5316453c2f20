"""What is known goes on in base units; what is not is set aside with a finding that names it and a remedy."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from hub.errors import Where
from hub.flow.check import Checked, check_bulk, observation_rows, repeated_lines, resolve_item, unnamed_measures
from hub.model.activity import Activity, ActivityHeader
from hub.model.forecast import Forecast, ForecastHeader
from tests.flow.world import CRISPS, DC, SOUP, TODAY, context, parties

SUNDAY = date(2026, 11, 8)


def activity(*rows: dict[str, Any], **header: Any) -> Activity:
    line = {
        "gtin": CRISPS, "buyer_item": None, "seller_item": None, "location": DC, "scheme": "gln", "measure": "sold",
        "start": SUNDAY, "end": SUNDAY + timedelta(days=6), "quantity": 10.0, "unit": "each",
    }
    return Activity(ActivityHeader(**header), pl.DataFrame([line | row for row in rows], schema=Activity.SCHEMA))


def check(document: Activity) -> Checked:
    return check_bulk([document], context(), parties, [Where(interchange=1, transaction=1)])


def codes(checked: Checked, part: int = 0) -> list[str]:
    return [f.code for f in checked.findings[part]]


def test_a_known_line_goes_on_unchanged() -> None:
    checked = check(activity({}))
    assert codes(checked) == []
    assert checked.rows.select("agreement", "gtin", "gln", "quantity").row(0) == ("retail", CRISPS, DC, 10.0)


def test_cases_become_eaches() -> None:
    assert check(activity({"unit": "case", "quantity": 3.0})).rows["quantity"].to_list() == [36.0]


def test_a_forecast_in_several_units_is_converted_line_by_line_and_said() -> None:
    line = {"gtin": CRISPS, "location": DC, "start": SUNDAY, "end": SUNDAY + timedelta(days=6)}
    rows = [line | {"quantity": 120.0, "unit": "each"}, line | {"quantity": 10.0, "unit": "case"},
            line | {"quantity": 60.0}, line | {"gtin": SOUP, "quantity": 7.0, "unit": "each"},
            line | {"gtin": SOUP, "quantity": 7.0}]
    document = Forecast(ForecastHeader(), pl.DataFrame(rows, schema=Forecast.SCHEMA))
    checked = check_bulk([document], context(), parties, [Where(interchange=1)])
    assert checked.rows["quantity"].to_list() == [120.0, 120.0, 60.0, 7.0, 7.0]
    [finding] = checked.findings[0]
    assert (finding.code, finding.value, finding.where.interchange) == ("W-MIXED-UNITS", CRISPS, 1)
    assert "in each and in case" in finding.message
    assert "1 case = 12 each" in finding.message


def test_an_item_is_known_by_gtin_13_by_the_buyers_and_by_the_sellers_code() -> None:
    rows = check(activity(
        {"gtin": CRISPS[1:]}, {"gtin": None, "buyer_item": "A-100"}, {"gtin": None, "seller_item": "CR-150"},
    )).rows
    assert rows["gtin"].to_list() == [CRISPS] * 3


def test_a_place_is_known_by_its_owners_code() -> None:
    assert check(activity({"location": "N1", "scheme": "buyer"})).rows["gln"].to_list() == [DC]


@pytest.mark.parametrize(("wrong", "code", "said"), [
    ({"gtin": None, "buyer_item": "NEVER"}, "E-UNKNOWN-ITEM", "buyer's item NEVER"),
    ({"location": "MOON"}, "E-UNKNOWN-LOCATION", "MOON"),
    ({"location": None}, "E-UNKNOWN-LOCATION", "name no place"),
    ({"gtin": SOUP, "unit": "pallet"}, "E-UNKNOWN-CONVERSION", "one pallet of item"),
    ({"start": date(1026, 11, 8)}, "E-DATE-OUT-OF-HORIZON", "1026-11-08"),
    ({"start": TODAY + timedelta(days=30)}, "E-DATE-OUT-OF-HORIZON", "2026-12-16"),
])
def test_a_line_with_something_unknown_is_set_aside_and_the_others_go_on(
    wrong: dict[str, Any], code: str, said: str
) -> None:
    checked = check(activity({}, wrong, {"quantity": 7.0}))
    assert codes(checked) == [code]
    assert said in checked.findings[0][0].message
    assert checked.rows["quantity"].to_list() == [10.0, 7.0]


def test_a_line_outside_every_agreement_is_kept_but_not_planned() -> None:
    late = context(date(2023, 1, 2))
    line = activity({"start": date(2022, 12, 25), "end": date(2022, 12, 31)})
    checked = check_bulk([line], late, parties, [Where()])
    assert codes(checked) == ["W-OUTSIDE-AGREEMENTS"]
    assert checked.rows.height == 0


def test_a_hundred_unknown_items_make_twenty_findings_and_a_count() -> None:
    checked = check(activity(*({"gtin": None, "buyer_item": f"X{n}"} for n in range(100))))
    assert len(checked.findings[0]) == 21
    assert checked.findings[0][-1].message == "And 80 more like the ones above."


def test_the_headers_period_counts_for_lines_without_one() -> None:
    document = activity({"start": None, "end": None}, start=SUNDAY, end=SUNDAY + timedelta(days=6))
    rows, odd = observation_rows(Activity, check(document))
    assert (rows["period"].to_list(), odd) == ([SUNDAY], {})


def test_a_daily_report_of_sales_is_counted_and_not_guessed_at() -> None:
    document = activity({}, {"start": SUNDAY, "end": SUNDAY}, {"measure": "on_hand", "end": SUNDAY})
    rows, odd = observation_rows(Activity, check(document))
    assert odd == {0: 1}
    assert sorted(rows["measure"].to_list()) == ["on_hand", "sold"]


def test_a_figure_without_a_name_is_counted_by_what_it_was_called_and_not_planned_with() -> None:
    checked = check(activity({}, {"measure": "x12:Q9"}, {"measure": "x12:Q9"}, {"measure": "x12:Q1"}))
    assert observation_rows(Activity, checked)[0]["measure"].to_list() == ["sold"]
    assert unnamed_measures(checked) == {0: (3, ["x12:Q1", "x12:Q9"])}


def test_two_lines_of_the_same_item_and_week_add_up() -> None:
    document = activity({}, {"gtin": None, "buyer_item": "A-100", "quantity": 5.0})
    rows, _ = observation_rows(Activity, check(document))
    assert rows["quantity"].to_list() == [15.0]
    assert repeated_lines(check(document)) == {0: (1, (CRISPS, DC, SUNDAY))}, "and are counted, for they may be a slip"
    assert repeated_lines(check(activity({}, {"gtin": SOUP}, {"measure": "received"}))) == {}


def test_the_code_of_another_partner_does_not_name_an_item() -> None:
    assert resolve_item(None, "CR-150", None, context(), parties) is None


def test_documents_checked_together_keep_their_own_headers_and_findings() -> None:
    week = {"start": None, "end": None}
    first = activity(week, start=SUNDAY, end=SUNDAY + timedelta(days=6))
    before = SUNDAY - timedelta(days=7)
    unknown = week | {"gtin": None, "buyer_item": "NEVER"}
    second = activity(week, unknown, start=before, end=before + timedelta(days=6))
    checked = check_bulk([first, second], context(), parties, [Where(transaction=1), Where(transaction=2)])
    assert (codes(checked), codes(checked, 1)) == ([], ["E-UNKNOWN-ITEM"])
    assert checked.findings[1][0].where.transaction == 2
    rows, odd = observation_rows(Activity, checked)
    assert odd == {}
    assert rows["period"].to_list() == [SUNDAY, SUNDAY - timedelta(days=7)]
