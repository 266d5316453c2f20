"""Gathering: views of other weeks and week starts meet on the agreement's weeks; what is unknown stays unknown."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from hub.model.item import Item
from hub.model.plan import Series
from hub.planning.cycle_math import plan_shard
from hub.planning.gather import Known, gather, scope
from tests.planning.shards import AGREEMENT, FIRST, HORIZON

MILK, TEA, OTHER = "09501101530010", "09501101530027", "09501101530034"
DC = "9501101530003"


def history(*gtins: str, weeks: int = 60) -> pl.DataFrame:
    return pl.DataFrame([
        (gtin, DC, FIRST - timedelta(weeks=w + 1), 70.0 + w % 5) for gtin in gtins for w in range(weeks)
    ], schema={"gtin": pl.String, "gln": pl.String, "period": pl.Date, "quantity": pl.Float64}, orient="row")


def test_only_items_and_places_of_the_agreement_are_planned():
    narrow = AGREEMENT.model_copy(update={"items": (MILK, TEA)})
    seller = Series(((TEA, DC), (OTHER, DC)), FIRST, np.ones((2, 1)))
    assert scope(narrow, Known(history(MILK, OTHER), seller=seller)) == ((MILK, DC), (TEA, DC))
    assert len(scope(AGREEMENT, Known(history(MILK, OTHER), seller=seller))) == 3


def test_a_view_in_sunday_weeks_meets_the_agreements_monday_weeks():
    sundays = Series(((MILK, DC),), FIRST - timedelta(days=1), np.full((1, HORIZON + 1), 70.0))
    shard, _ = gather(AGREEMENT, Known(history(MILK), buyer=sundays), FIRST)
    assert shard.buyer == pytest.approx(np.full((1, HORIZON), 70.0))
    assert np.isnan(shard.seller).all()


def test_history_ends_just_before_the_first_week_and_keeps_its_gaps():
    shard, _ = gather(AGREEMENT, Known(history(MILK)), FIRST)
    assert shard.history.shape == (1, AGREEMENT.history_weeks)
    assert shard.history[0, -1] == 70.0
    assert np.isnan(shard.history[0, : AGREEMENT.history_weeks - 60]).all()


def test_weeks_that_ended_out_of_stock_are_not_taken_for_low_demand():
    counts = history(MILK).with_columns(
        quantity=pl.when(pl.col("period") == FIRST - timedelta(weeks=2)).then(0.0).otherwise(40.0))
    shard, _ = gather(AGREEMENT, Known(history(MILK), on_hand=counts), FIRST)
    assert np.isnan(shard.history[0, -2])
    assert np.isnan(shard.history[0, -60:]).sum() == 1
    assert shard.stock.on_hand.tolist() == [40.0]


def test_packs_come_from_the_ordering_unit_and_missing_ones_are_named():
    terms = AGREEMENT.replenishment.model_copy(update={"minimum": Decimal(24)})
    agreement = AGREEMENT.model_copy(update={"replenishment": terms})
    shard, unknown = gather(agreement, Known(history(MILK, TEA), factors={(MILK, "case"): 12.0}), FIRST)
    assert shard.stock.pack.tolist() == [12.0, 1.0]
    assert shard.stock.minimum.tolist() == [24.0, 24.0]
    assert unknown == (TEA,)


def test_what_was_gathered_can_be_planned():
    items = {MILK: Item(gtin=MILK, name="milk", group="dairy", unit_value=Decimal("0.8"))}
    events = pl.DataFrame({"gtin": [MILK], "gln": [None], "start": [FIRST], "end": [FIRST + timedelta(days=6)]},
                          schema_overrides={"gln": pl.String})
    on_hand = history(MILK, weeks=1).with_columns(quantity=pl.lit(30.0))
    known = Known(history(MILK), on_hand=on_hand, events=events, items=items, factors={(MILK, "case"): 10.0})
    shard, unknown = gather(AGREEMENT, known, FIRST)
    assert unknown == ()
    assert shard.unit_values.tolist() == [0.8]
    assert shard.promoted_ahead.tolist() == [[1.0] + [0.0] * (HORIZON - 1)]
    assert shard.stock.on_hand.tolist() == [30.0]
    made = plan_shard(shard)
    assert made.orders.proposed()[0] % 10 == 0
    assert made.orders.proposed()[0] > 0
    assert np.isfinite(made.consensus).all()
