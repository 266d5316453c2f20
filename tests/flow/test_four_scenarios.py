"""The four scenarios of VICS, each between a retailer of its own (`tests/flow/scenarios`) and the same manufacturer:
what is compared in it, what is an exception, who is told, and what a planner sees first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hub.cli.plan.edit import _edit
from hub.cli.plan.joint import gather
from hub.cli.plan.page import page
from hub.dialects import read_partners
from hub.flow.first_look import look_at
from hub.model.activity import Activity, ActivityHeader
from hub.model.agreement import Agreement
from hub.model.exception import ForecastException
from hub.model.forecast import Forecast, ForecastHeader, ForecastKind
from hub.model.party import Party
from hub.model.price_list import PriceList, PriceListLine
from hub.model.retail_event import PromotedItem, Promotion, RetailEvent, Specification
from partners.book import Partner, apply, example_directories
from partners.world import World
from partners.world.sending import AS_OF
from tests.database import Server
from tests.flow.conftest import Begun, Scene, Trading

HERE = Path(__file__).parent / "scenarios"
SELLER = "quillfield"
CRISPS, SOUP, NUT, DATE = "09521001100106", "09521001200103", "09521001400107", "09521001400602"
PAST = 60
Said = Mapping[tuple[str, int], list[float]]
"""(item, number of the place) -> ten weeks from `AS_OF`."""


def even(quantity: float, **weeks: float) -> list[float]:
    """Ten weeks of `quantity`, but for those named w1 to w10."""
    return [weeks.get(f"w{number}", quantity) for number in range(1, 11)]


@pytest.fixture(scope="session")
def four(examples: list[Partner]) -> list[Partner]:
    """The four retailers, read with the partners that bring their items."""
    found, findings = read_partners([*example_directories(), *sorted(HERE.iterdir())])
    assert findings == []
    return found


@pytest.fixture(scope="session")
def sold(
    server: Server, four: list[Partner], world: World, applied: Begun, tmp_path_factory: pytest.TempPathFactory
) -> Begun:
    """All four have reported sixty weeks."""

    async def report(trading: Trading) -> None:
        async with trading.hub.units.worker() as unit:
            await apply(unit, [partner for partner in four if partner.directory.parent == HERE])
        for partner in four:
            if partner.directory.parent == HERE:
                await reported(trading, partner)

    return Scene(server, four, world, tmp_path_factory.mktemp("four")).further(applied, report)


@pytest.fixture
async def trading(
    server: Server, four: list[Partner], world: World, sold: Begun, tmp_path: Path
) -> AsyncIterator[Trading]:
    async with Scene(server, four, world, tmp_path).trading(sold) as trading:
        yield trading


async def reported(trading: Trading, partner: Partner) -> None:
    """Around 100 a week of everything that is not new; 300 more of the soup while it was promoted; of the first item
    nothing lies at the first place."""
    [agreement] = partner.agreements
    events = [event for plan in partner.plans for event in plan.events if event.start < AS_OF]
    rows: list[tuple[str, str, str, date, float]] = []
    for gtin in (gtin for gtin in agreement.items if gtin.zfill(14) != DATE):
        for gln in agreement.locations:
            for back in range(1, PAST + 1):
                start = AS_OF - timedelta(weeks=back)
                promoted = any(gtin in event.items and event.start <= start <= event.end for event in events)
                rows.append((gtin, gln, agreement.demand, start, 400.0 if promoted else 100.0 + back % 3))
            left = 0.0 if (gtin, gln) == (agreement.items[0], agreement.locations[0]) else 250.0
            rows.append((gtin, gln, "on_hand", AS_OF - timedelta(weeks=1), left))
    lines = [{"gtin": gtin, "location": gln, "scheme": "gln", "measure": measure, "start": start,
              "end": start + timedelta(days=6), "quantity": quantity, "unit": "each"}
             for gtin, gln, measure, start, quantity in rows]
    document = Activity(ActivityHeader(number="A1", issued_on=AS_OF, **_sides(trading, partner.name)),
                        pl.DataFrame(lines, schema=Activity.SCHEMA))
    message = await trading.push(trading.write(partner.name, "csv/1/activity", [document]), partner.name)
    assert (message.state, message.findings) == ("processed", ())


def _sides(trading: Trading, buyer: str) -> dict[str, Party]:
    return {role: Party(id=trading.partners[name].profile.gln, scheme="gln")
            for role, name in (("buyer", buyer), ("seller", SELLER))}


async def say(trading: Trading, author: str, buyer: str, said: Said, kind: ForecastKind = "sales") -> None:
    [agreement] = trading.partners[buyer].agreements
    lines = [{"gtin": gtin, "location": agreement.locations[place], "scheme": "gln", "bucket": "week",
              "certainty": "planned", "start": AS_OF + timedelta(weeks=week),
              "end": AS_OF + timedelta(weeks=week, days=6), "quantity": quantity, "unit": "each"}
             for (gtin, place), weeks in said.items() for week, quantity in enumerate(weeks)]
    header = ForecastHeader(number="F1", purpose="original", kind=kind, issued_on=AS_OF, start=AS_OF,
                            end=AS_OF + timedelta(days=69), **_sides(trading, buyer))
    message = await trading.push(trading.write(author, "csv/1/forecast", [
        Forecast(header, pl.DataFrame(lines, schema=Forecast.SCHEMA))]), author)
    assert (message.state, message.findings) == ("processed", ())


async def found(trading: Trading, agreement: str) -> list[ForecastException]:
    async with trading.hub.units.worker() as unit:
        return list((await unit.exceptions.list(agreement=agreement, limit=500)).rows)


async def first_seen(trading: Trading, agreement: Agreement) -> list[dict[str, Any]]:
    async with trading.hub.units.reader() as unit:
        return await look_at(unit, agreement)


def lags(rows: list[ForecastException]) -> list[int]:
    return sorted(row.lag for row in rows)


async def test_of_a_retail_event_only_what_each_side_adds_to_usual_sales_is_compared(trading: Trading) -> None:
    [agreement] = trading.partners["evenmoor"].agreements
    await say(trading, "evenmoor", "evenmoor", {(SOUP, 0): even(100, w4=400, w5=400), (CRISPS, 0): even(150)})
    await say(trading, SELLER, "evenmoor", {(SOUP, 0): even(110, w4=250, w5=400), (CRISPS, 0): even(100)})
    await trading.hub.plan("retail_event", AS_OF)
    [row] = await found(trading, "retail_event")
    assert (row.gtin, row.lag, row.level) == (SOUP, 4, "event"), "the crisps differ by 40 % and are in no event"
    usual = 101.0
    assert row.percent == pytest.approx(200 * 150 / (400 + 250 - 2 * usual), rel=0.05), "of what is added"
    [event] = await first_seen(trading, agreement)
    assert (event["gtin"], event["from"], event["weeks"]) == (SOUP, "2026-12-07", 2)
    assert [round(event[f"{side} adds"] / 2, -1) for side in ("buyer", "seller")] == [300, 220]
    assert "Events ahead" in page(await gather(trading.hub, "retail_event", None, None))


async def test_a_retail_event_that_the_seller_announces_is_planned_and_passed_on(trading: Trading) -> None:
    [agreement] = trading.partners["evenmoor"].agreements
    await say(trading, "evenmoor", "evenmoor", {(CRISPS, 0): even(100, w8=300)})
    await say(trading, SELLER, "evenmoor", {(CRISPS, 0): even(100, w8=160)})
    await trading.hub.plan("retail_event", AS_OF)
    assert await found(trading, "retail_event") == [], "as long as no event is known, there is none to differ about"
    item = PromotedItem(gtin=CRISPS, amount=1, currency="EUR")
    eighth = AS_OF + timedelta(weeks=7)
    event = RetailEvent(
        number="E1", status="PLANNED", issued_on=AS_OF, start=eighth, end=eighth + timedelta(days=6),
        promotion=Promotion(kind="HOLIDAY", specifications=(Specification(items=(item,)),)),
        **_sides(trading, "evenmoor"))
    message = await trading.push(trading.write(SELLER, "ubl/2.1/RetailEvent", [event], "evenmoor"), SELLER)
    assert message.state == "processed", message.findings
    await trading.hub.plan("retail_event", AS_OF)
    assert lags(await found(trading, "retail_event")) == [8]
    assert CRISPS in {row["gtin"] for row in await first_seen(trading, agreement)}


async def test_both_are_told_of_the_criteria_of_events_and_of_the_coming_events(trading: Trading) -> None:
    await trading.hub.tell_arrangement("retail_event")
    [event] = [(await trading.content(m)).decode() for m in await trading.outbox("evenmoor", "RetailEvent")]
    assert "Soup weeks" in event
    assert "Soup in spring" not in event, "that is over"
    [criteria] = [(await trading.content(m)).decode() for m in await trading.outbox("evenmoor", "ExceptionCriteria")]
    assert criteria.count(">PROMOTIONAL<") == 4, "percent and quantity of two bands"
    assert event.count("<cac:PromotionalEventLineItem>") == 1
    assert SOUP[1:] in event


async def test_for_a_distribution_centre_orders_are_compared_the_nearer_the_stricter_and_told(trading: Trading) -> None:
    [agreement] = trading.partners["dockmoor"].agreements
    assert (agreement.demand, agreement.fences.frozen) == ("withdrawn", 2), "what the scenario says where they do not"
    same = {(SOUP, 0): even(100), (CRISPS, 0): even(100)}
    for author in ("dockmoor", SELLER):
        await say(trading, author, "dockmoor", same)
    await say(trading, "dockmoor", "dockmoor", {(SOUP, 0): even(1200)}, "order")
    await say(trading, SELLER, "dockmoor", {(SOUP, 0): even(1080)}, "order")
    run = await trading.hub.plan("dc_replenishment", AS_OF)
    rows = await found(trading, "dc_replenishment")
    assert {row.measure for row in rows} == {"order_forecast"}
    assert lags(rows) == [1, 2], "10 % apart: too much of what is due, little of what is far"
    orders = await first_seen(trading, agreement)
    assert {row["weeks"] for row in orders} == {"1 to 2", "3 to 6", "7 to 10"}
    near = next(row for row in orders if row["weeks"] == "1 to 2")
    assert (near["buyer orders"], near["seller commits"]) == (2400, 2160)
    assert run.detail["told"] == 2
    [told] = await trading.outbox(SELLER, "DELFOR")
    text = (await trading.content(told)).decode()
    assert text.count("SCC+1'") + text.count("SCC+1+") > 0, "what is frozen is firm"
    assert [m.message for m in await trading.outbox("dockmoor", "830")] == ["830"]


async def test_the_seller_s_planner_commits_to_orders_in_a_sheet(trading: Trading, tmp_path: Path) -> None:
    [agreement] = trading.partners["dockmoor"].agreements
    await trading.hub.plan("dc_replenishment", AS_OF)
    sheet = tmp_path / "commitments.csv"
    sixth = AS_OF + timedelta(weeks=5)
    sheet.write_text(f"gtin,gln,week,quantity\n{SOUP},{agreement.locations[0]},{sixth},777\n")
    changed, done = await _edit(trading.hub, "dc_replenishment", SELLER, sheet, orders=True)
    assert (changed, done and done.held) == (1, 0)
    await trading.hub.plan("dc_replenishment", AS_OF + timedelta(days=1))
    [row] = await found(trading, "dc_replenishment")
    assert (row.measure, row.gtin, row.period, row.right) == ("order_forecast", SOUP, sixth, 777)


async def test_for_stores_an_item_is_compared_over_all_of_them_and_empty_shelves_are_seen_first(
    trading: Trading,
) -> None:
    [agreement] = trading.partners["shelfmoor"].agreements
    await say(trading, "shelfmoor", "shelfmoor", {
        **{(SOUP, place): even(100 + 60 * (place - 1)) for place in range(3)},
        **{(CRISPS, place): even(200 if place == 1 else 100) for place in range(3)}})
    await say(trading, SELLER, "shelfmoor", {(gtin, place): even(100) for gtin in (SOUP, CRISPS) for place in range(3)})
    await trading.hub.plan("store_replenishment", AS_OF)
    rows = await found(trading, "store_replenishment")
    assert {(row.gtin, row.gln, row.level) for row in rows} == {(CRISPS, agreement.locations[1], "item")}, (
        "the soup differs in two stores and not in sum")
    assert lags(rows) == [1, 2, 3, 4], "later the sum is not far enough apart"
    crisps, soup = await first_seen(trading, agreement)
    assert (crisps["gtin"], crisps["stores"], crisps["counted"], crisps["empty"]) == (CRISPS, 3, 3, 1)
    assert (crisps["buyer, 4 weeks"], crisps["seller, 4 weeks"]) == (1600, 1200)
    assert soup["empty"] == 0


async def test_of_an_assortment_what_only_one_side_carries_is_an_exception_and_a_new_item_sells_like_another(
    trading: Trading,
) -> None:
    [agreement] = trading.partners["rangemoor"].agreements
    start = 4
    new = [0.0] * start + [80.0] * 6
    await say(trading, "rangemoor", "rangemoor", {
        (NUT, 0): even(100), (NUT, 1): even(100), (DATE, 0): new, (DATE, 1): new})
    await say(trading, SELLER, "rangemoor", {(NUT, 0): even(100), (NUT, 1): even(100), (DATE, 1): new})
    run = await trading.hub.plan("assortment", AS_OF)
    rows = await found(trading, "assortment")
    assert {(row.gtin, row.gln, row.level) for row in rows} == {(DATE, agreement.locations[0], "range")}
    assert lags(rows) == [5, 6, 7, 8, 9, 10], "in the weeks in which the new item is planned"
    async with trading.hub.units.worker() as unit:
        made = await unit.plans.latest("assortment", "hub", "baseline")
        assert made is not None
        why = await unit.plans.reason(made[0].id, DATE, agreement.locations[0])
    assert why is not None
    assert why.made_by == "like_items"
    of = {key: made[1].values[row] for row, key in enumerate(made[1].keys)}
    for gln in agreement.locations:
        np.testing.assert_allclose(of[DATE, gln][:start], 0)
        np.testing.assert_allclose(of[DATE, gln][start:], of[NUT, gln][start:])
    assert run.detail["orders"] == [], "the season's order is planned and told; nobody releases it week by week"
    assert len(await trading.outbox(SELLER, "DELFOR")) == 1
    spread = next(row for row in await first_seen(trading, agreement) if row["gtin"] == DATE)
    assert (spread["buyer at"], spread["seller at"], spread["only one at"]) == (2, 1, 1)
    assert (spread["like"], spread["from"]) == (NUT, "2026-12-14")


async def test_the_seller_s_price_list_tells_the_retailer_of_the_range(trading: Trading) -> None:
    prices = PriceList(number="P1", issued_on=AS_OF, currency="EUR", **_sides(trading, "rangemoor"), lines=(
        PriceListLine(number="1", action="add", gtin=DATE[1:], description="Date Spread 250 g", unit="case", pack=12),))
    message = await trading.push(trading.write(SELLER, "edifact/D96A/PRICAT", [prices], "rangemoor"), SELLER)
    assert message.state == "processed", message.findings
    [told] = await trading.outbox("rangemoor", "PRICAT")
    assert DATE[1:] in (await trading.content(told)).decode()
