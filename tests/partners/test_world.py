"""The made-up world: one seed is one world, and its partners disagree where that was planted."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from adapters.csv.master import read_master
from hub.model.activity import Activity
from hub.model.agreement import Agreement
from hub.model.bulk import Bulk
from hub.model.forecast import Forecast
from hub.model.inventory import Inventory
from hub.model.order import Order
from hub.model.response import OrderResponse
from partners.book import Partner, example_directories, load
from partners.world import Posting, World

Cell = tuple[str, str, date]


@pytest.fixture(scope="module")
def partners() -> list[Partner]:
    return load(example_directories(), read_master)[0]


@pytest.fixture(scope="module")
def world(partners: list[Partner]) -> World:
    return World(7, partners)


@pytest.fixture(scope="module")
def postings(world: World) -> dict[str, list[Posting]]:
    by_table: dict[str, list[Posting]] = defaultdict(list)
    for posting in world.postings():
        by_table[posting.table].append(posting)
    return by_table


def numbers(world: World) -> list[np.ndarray]:
    return [d.lines["quantity"].to_numpy() for p in world.postings() for d in p.documents if isinstance(d, Bulk)]


def test_one_seed_is_one_world(partners: list[Partner]) -> None:
    first, second = (list(World(3, partners).postings()) for _ in range(2))
    assert first == second


def test_another_seed_changes_every_series(partners: list[Partner], world: World) -> None:
    for mine, other in zip(numbers(world), numbers(World(8, partners)), strict=True):
        assert np.mean(mine == other) < 0.12


def test_the_history_is_104_weeks_of_each_item_and_place_in_the_retailers_own_weeks(
    world: World, postings: dict[str, list[Posting]]
) -> None:
    documents = [d for p in postings["x12/004010/852"] for d in p.documents if isinstance(d, Activity)]
    assert {d.header.start.weekday() for d in documents} == {6}
    lines = pl.concat([d.lines for d in documents])
    counted = lines.group_by("buyer_item", "location", "measure").agg(pl.col("start").n_unique())
    assert counted.height == 24 * 3 * 2
    assert set(counted["start"]) == {104}
    assert lines["end"].max() < world.as_of
    assert (lines["quantity"] >= 0).all()


def test_the_retailer_speaks_in_its_own_item_codes_and_the_distributor_in_cases(
    postings: dict[str, list[Posting]]
) -> None:
    pos = postings["x12/004010/852"][0].documents[0]
    sales = postings["edifact/D96A/SLSRPT"][0].documents[0]
    assert isinstance(pos, Activity)
    assert isinstance(sales, Activity)
    assert pos.lines["gtin"].null_count() == pos.lines.height
    assert pos.lines["buyer_item"].str.starts_with("LM").all()
    assert set(sales.lines["unit"]) == {"case"}
    assert {s.weekday() for s in sales.lines["start"]} == {0}


def test_every_document_of_the_main_job_is_there(postings: dict[str, list[Posting]]) -> None:
    kinds = {table: {type(d) for p in posted for d in p.documents} for table, posted in postings.items()}
    assert kinds == {
        "x12/004010/852": {Activity}, "x12/004010/830": {Forecast}, "x12/004010/850": {Order},
        "x12/004010/855": {OrderResponse}, "edifact/D96A/SLSRPT": {Activity}, "edifact/D96A/INVRPT": {Inventory},
        "edifact/D96A/SLSFCT": {Forecast}, "ubl/2.1/Forecast": {Forecast}, "edifact/D96A/DELFOR": {Forecast},
        "edifact/D96A/ORDERS": {Order}, "edifact/D96A/ORDRSP": {OrderResponse}, "csv/1/inventory": {Inventory},
    }


def test_an_answer_repeats_the_order_and_says_what_is_short(postings: dict[str, list[Posting]]) -> None:
    orders = {o.number: o for p in postings["x12/004010/850"] for o in p.documents if isinstance(o, Order)}
    answers = [a for p in postings["edifact/D96A/ORDRSP"] for a in p.documents if isinstance(a, OrderResponse)]
    assert {a.order_number for a in answers} == set(orders)
    for answer in answers:
        asked = orders[answer.order_number]
        assert [x.gtin for x in answer.lines] == [x.gtin for x in asked.lines]
        short = [x for x in answer.lines if x.answer == "quantity_changed"]
        assert all((x.quantity or Decimal(0)) < (x.ordered or Decimal(0)) for x in short)
        assert answer.answer == ("accepted_with_changes" if short else "accepted")
    assert sum(a.answer == "accepted_with_changes" for a in answers) == 1


def test_only_co_packed_items_are_forecast_to_the_supplier(world: World, postings: dict[str, list[Posting]]) -> None:
    [document] = postings["edifact/D96A/DELFOR"][0].documents
    assert isinstance(document, Forecast)
    assert document.header.kind == "order"
    assert set(document.lines["gtin"]) == set(world.agreements["copack"].items)


@pytest.mark.parametrize("seed", [1, 7, 20, 99])
def test_what_was_planted_exceeds_the_thresholds_and_little_else_does(partners: list[Partner], seed: int) -> None:
    world = World(seed, partners)
    agreement = world.agreements["retail"]
    retail = next(world.maker_forecasts())
    buyer, seller = weekly(world.retail_forecast(), 0, world.as_of), weekly(retail, 0, world.as_of)
    disputed = {cell for cell in seller if exceeds(agreement, world.as_of, cell, buyer[cell], seller[cell])}
    planted = {(p.gtin, p.gln, p.week) for p in world.planted}
    assert len(planted) > 10
    assert planted <= disputed
    assert len(disputed - planted) <= 0.01 * len(seller)


def test_promotions_that_both_know_are_no_dispute_by_themselves(world: World) -> None:
    shared = [p for p in world.promotions if len(p.known_to) == 2]
    assert len(shared) >= 20
    assert any(p.first > world.as_of for p in shared)


def test_promotions_show_in_what_was_sold(world: World) -> None:
    market = world.retail
    past = [p for p in market.promotions if len(p.known_to) == 2 and p.first + timedelta(days=p.days) <= world.as_of]
    lifts = []
    for promotion in past:
        rows = [i for i, (gtin, gln) in enumerate(market.keys) if gtin in promotion.gtins and gln in promotion.glns]
        weeks = market.weeks(market.actual, promotion.first, promotion.days // 7)[rows]
        calm = market.weeks(market.calm, promotion.first, promotion.days // 7)[rows]
        lifts.append(weeks.sum() / calm.sum() - 1 - promotion.uplift)
    assert abs(float(np.mean(lifts))) < 0.1


def test_faulty_files_hold_one_wrong_line_among_good_ones(world: World) -> None:
    units = {c.unit for p in world.partners.values() for c in p.master.conversions}
    faulty = {p.name: p.documents[0] for p in world.faulty_postings()}
    unit, item = faulty["INVRPT-unknown-unit"], faulty["INVRPT-unknown-item"]
    assert isinstance(unit, Inventory)
    assert isinstance(item, Inventory)
    assert [u in units for u in unit.lines["unit"]] == [True, False, True, True]
    assert [g in world.items for g in item.lines["gtin"]] == [True, False, True, True]


def test_the_world_begins_on_a_monday_and_needs_its_four_partners(partners: list[Partner]) -> None:
    with pytest.raises(ValueError, match="is not a Monday"):
        World(1, partners, date(2026, 11, 17))
    with pytest.raises(ValueError, match="needs the example partner larkmoor"):
        World(1, [p for p in partners if p.name != "larkmoor"])


def weekly(posting: Posting, at: int, as_of: date) -> dict[Cell, float]:
    """Quantities by Monday week, each bucket spread evenly over its days: 13 weeks from `as_of`."""
    document = posting.documents[at]
    assert isinstance(document, Forecast)
    result: dict[Cell, float] = defaultdict(float)
    for row in document.lines.iter_rows(named=True):
        days = (row["end"] - row["start"]).days + 1
        for day in range(days):
            on = row["start"] + timedelta(days=day)
            monday = on - timedelta(days=on.weekday())
            if 0 <= (monday - as_of).days < 91:
                result[row["gtin"], row["location"], monday] += row["quantity"] / days
    return result


def exceeds(agreement: Agreement, as_of: date, cell: Cell, left: float, right: float) -> bool:
    lag = (cell[2] - as_of).days // 7 + 1
    band = next(t for t in agreement.thresholds if t.from_week <= lag <= t.to_week)
    apart, mean = abs(left - right), (left + right) / 2
    return apart > float(band.quantity) and apart / mean * 100 > float(band.percent)
