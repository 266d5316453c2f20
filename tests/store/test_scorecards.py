"""How good the forecasts were is kept once per run, adds up, and is read page by page; a plan says why."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from hub.errors import NotFound
from hub.model.plan import Reasons
from hub.store import StoredUnits
from tests.store import trade
from tests.store.trade import DEPOT, MONDAY, SOAP


async def test_a_scorecard_comes_back_as_it_was_and_a_second_one_of_the_run_changes_nothing(book: StoredUnits) -> None:
    async with book.worker() as unit:
        run = (await unit.runs.open("north", MONDAY)).id
        card = trade.scorecard(run, "north", "acme")
        await unit.scorecards.add(card)
        await unit.scorecards.add(card.model_copy(update={"accuracy": ()}))
        assert await unit.scorecards.get(run) == card
        assert [row.wmape for row in card.accuracy] == [0.2, 0.1]
        assert (card.value_added[0].gain, card.commitments[0].rate, card.commitments[0].adherence) == (0.05, 0.8, 0.6)
        with pytest.raises(NotFound):
            await unit.scorecards.get("run_unknown")


async def test_scorecards_are_paged_newest_first(book: StoredUnits) -> None:
    async with book.worker() as unit:
        runs = [(await unit.runs.open("north", MONDAY + timedelta(weeks=week))).id for week in range(3)]
        for run in runs:
            await unit.scorecards.add(trade.scorecard(run, "north", "acme"))
        first = await unit.scorecards.list(agreement="north", limit=2)
        rest = await unit.scorecards.list(agreement="north", limit=2, after=first.next_key)
    assert [card.run for card in (*first, *rest)] == runs[::-1]
    assert rest.next_key is None


async def test_a_version_says_why_line_by_line(book: StoredUnits) -> None:
    keys = ((SOAP, DEPOT), (SOAP, trade.gln(21)))
    reasons = Reasons(
        ("smoothed", "direct+boosted"), {"level": np.array([7.0, np.nan]), "high": np.array([[9.0, 9.5], [8.0, 8.5]])},
        {"scores": {"smoothed": 0.3}})
    async with book.worker() as unit:
        version = await unit.plans.add(
            trade.version("north", "hub", "baseline"), trade.series([[7, 8], [6, 7]], keys), reasons)
        soap, other = [await unit.plans.reason(version, *key) for key in keys]
        assert soap
        assert other
        assert (soap.made_by, dict(soap.parts)) == ("smoothed", {"level": (7.0,), "high": (9.0, 9.5)})
        assert (other.made_by, dict(other.parts)) == ("direct+boosted", {"high": (8.0, 8.5)})
        assert soap.whole == {"scores": {"smoothed": 0.3}}
        assert await unit.plans.reason(version, SOAP, trade.gln(99)) is None


async def test_many_lines_come_back_in_order(book: StoredUnits) -> None:
    keys = tuple(sorted((trade.gtin(item), trade.gln(place)) for item in range(200) for place in range(100)))
    values = np.random.default_rng(1).random((len(keys), 3))
    values[7, 1] = np.nan
    async with book.worker() as unit:
        version = await unit.plans.add(
            trade.version("north", "hub", "baseline", weeks=3), trade.series(values.tolist(), keys))
        found = await unit.plans.series(version)
    assert found.keys == keys
    np.testing.assert_array_equal(found.values, values)
