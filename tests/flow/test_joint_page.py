"""The joint forecast as a page, a sheet and a table: on a real plan, with hostile names, and with next to nothing."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from lxml import etree

from hub.cli.plan.chart import COST, chart
from hub.cli.plan.joint import Joint, gather, reasons
from hub.cli.plan.page import page, verdict
from hub.cli.plan.show import lines, write_sheet
from hub.model.exception import ForecastException
from hub.model.plan import Reason
from hub.planning.consensus import RULES
from partners.world.sending import AS_OF
from tests.flow.conftest import Trading
from tests.flow.world import CRISPS, DC, agreement, catalogue

WEEK = date(2026, 11, 23)


def dispute(week: date, value: float) -> ForecastException:
    return ForecastException(
        agreement="retail", gtin=CRISPS, gln=DC, period=week, lag=1, left_party="alder", right_party="birch", left=10,
        right=30, percent=100, value_at_stake=value)


def joint(**views: dict[date, float]) -> Joint:
    item, place = catalogue.items[CRISPS], catalogue.locations[DC]
    return Joint(agreement, catalogue, item, place, views, {}, float("nan"), (), ())


async def test_the_page_opens_on_what_is_most_in_dispute(retail: Trading) -> None:
    await retail.hub.plan("retail", AS_OF)
    shown = await gather(retail.hub, "retail", None, None)
    async with retail.hub.units.worker() as unit:
        [worst] = (await unit.exceptions.list(agreement="retail", limit=1)).rows
    assert (shown.item.gtin, shown.place.gln) == (worst.gtin, worst.gln)
    assert worst in shown.here
    assert max(shown.history) < shown.weeks[0] <= max(shown.history) + timedelta(days=14)
    text = page(shown)
    assert f"{worst.value_at_stake:,.0f} at stake" in text
    assert text.count('class="dispute"') == len(shown.here) >= 1
    assert len(lines(shown)) == shown.agreement.horizon_weeks
    picture = etree.fromstring(str(chart(shown)))
    assert {"line buyer", "line seller", "line consensus", "line baseline", "line history", "band"} <= {
        element.get("class") for element in picture.iter()}


async def test_the_sheet_holds_every_week_in_a_readers_numbers(retail: Trading, tmp_path: Path) -> None:
    await retail.hub.plan("retail", AS_OF)
    shown = await gather(retail.hub, "retail", "09521001100106", "9521002001013")
    target = tmp_path / "weeks.csv"
    write_sheet(shown, target)
    rows = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    assert [row["week"] for row in rows] == [str(week) for week in shown.weeks]
    assert float(rows[0]["buyer"]) == pytest.approx(shown.views["buyer"][shown.weeks[0]], abs=0.5)


def test_a_name_that_is_markup_stays_text() -> None:
    hostile = catalogue.items[CRISPS].model_copy(update={"name": "<script>alert(1)</script>"})
    shown = Joint(agreement, catalogue, hostile, catalogue.locations[DC], {"buyer": {WEEK: 1.0}}, {}, 0.0, (), ())
    assert "<script>" not in page(shown)


def test_without_a_dispute_the_page_says_that_both_agree() -> None:
    agreeing = joint(buyer={WEEK: 5.0})
    assert verdict(agreeing).endswith("every week that both speak of.")
    row = dispute(WEEK, 24)
    assert verdict(replace(agreeing, orders=(row, row))).endswith("Orders differ in 2 week(s): EUR 48 at stake.")


def test_what_a_disputed_week_costs_is_written_without_touching_its_neighbours() -> None:
    weeks = [WEEK + timedelta(weeks=number) for number in range(26)]
    here = tuple(dispute(week, 1000 + number) for number, week in enumerate(weeks))
    shown = replace(joint(buyer=dict.fromkeys(weeks, 10.0), seller=dict.fromkeys(weeks, 30.0)), here=here)
    picture = etree.fromstring(str(chart(shown)))
    costs = [(float(one.get("x") or 0), one.get("y"), one.text) for one in picture.iter("text")
             if one.get("class") == "cost middle"]
    assert len({y for _, y, _ in costs}) == 2
    assert "1,025" in {text for *_, text in costs}, "the dearest is always written"
    apart = [abs(x - other) for x, y, text in costs for other, at, said in costs if y == at and text != said]
    assert min(apart) >= COST


def test_weeks_that_one_rule_decided_are_told_in_stretches() -> None:
    agreed = Reason("mean", {"rule": (1.0, 4.0, 4.0, 4.0, 1.0, 1.0, 4.0)}, {"rules": list(RULES)})
    assert reasons(replace(joint(), agreed=agreed)) == [
        ("agreed by", "no dispute in weeks 1, 5 to 6; mean in weeks 2 to 4, 7")]


def test_one_week_or_none_makes_a_page_without_a_picture() -> None:
    assert chart(joint(buyer={WEEK: 5.0})) == ""
    assert "Week by week" in page(joint())


def test_an_offer_on_the_table_is_said_in_the_first_sentence() -> None:
    row = dispute(WEEK, 24).model_copy(update={"state": "proposed", "offered": 22, "offered_by": "birch"})
    shown = Joint(agreement, catalogue, catalogue.items[CRISPS], catalogue.locations[DC], {"buyer": {WEEK: 10.0}}, {},
                  0.0, (row,), ())
    assert verdict(shown).endswith("EUR 24 at stake; birch offers 22.")
