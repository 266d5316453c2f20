"""The joint forecast as a page, a sheet and a table: on a real plan, with hostile names, and with next to nothing."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from lxml import etree

from hub.cli.plan.chart import chart
from hub.cli.plan.joint import Joint, gather
from hub.cli.plan.page import page, verdict
from hub.cli.plan.show import lines, write_sheet
from hub.model.exception import ForecastException
from partners.world.sending import AS_OF
from tests.flow.conftest import Trading
from tests.flow.test_cycle import RETAIL, hear
from tests.flow.world import CRISPS, DC, agreement, catalogue

WEEK = date(2026, 11, 23)


def joint(**views: dict[date, float]) -> Joint:
    item, place = catalogue.items[CRISPS], catalogue.locations[DC]
    return Joint(agreement, catalogue, item, place, views, {}, float("nan"), (), ())


async def test_the_page_opens_on_what_is_most_in_dispute(trading: Trading) -> None:
    await hear(trading, RETAIL)
    await trading.hub.plan("retail", AS_OF)
    shown = await gather(trading.hub, "retail", None, None)
    async with trading.hub.units.worker() as unit:
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


async def test_the_sheet_holds_every_week_in_a_readers_numbers(trading: Trading, tmp_path: Path) -> None:
    await hear(trading, RETAIL)
    await trading.hub.plan("retail", AS_OF)
    shown = await gather(trading.hub, "retail", "09521001100106", "9521002001013")
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
    assert "agree within the thresholds" in verdict(joint(buyer={WEEK: 5.0}))


def test_one_week_or_none_makes_a_page_without_a_picture() -> None:
    assert chart(joint(buyer={WEEK: 5.0})) == ""
    assert "Week by week" in page(joint())


def test_an_offer_on_the_table_is_said_in_the_first_sentence() -> None:
    row = ForecastException(
        agreement="retail", gtin=CRISPS, gln=DC, period=WEEK, lag=1, left_party="alder", right_party="birch", left=10,
        right=30, percent=100, value_at_stake=24, state="proposed", offered=22, offered_by="birch")
    shown = Joint(agreement, catalogue, catalogue.items[CRISPS], catalogue.locations[DC], {"buyer": {WEEK: 10.0}}, {},
                  0.0, (row,), ())
    assert verdict(shown).endswith("EUR 24 at stake; birch offers 22.")
