"""Scorecards show what their reader may see, add up over a period, and vanish with their agreement."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import grpc
import pytest
from google.type.date_pb2 import Date

from hub.client import AsyncClient, CallError, Measure
from hub.model.event import HubEvent
from hub.rpc.pb.v1.exceptions_pb2 import MetricException as kinds
from hub.rpc.pb.v1.scorecards_pb2 import SumScorecardsRequest
from tests.rpc.conftest import FIRST_WEEK, PLANNED_ON, World, scorecard


async def test_each_side_reads_the_rows_of_the_forecasts_that_it_may_see(world: World) -> None:
    async with world.by_token("north") as buyer, world.by_token("south") as seller:
        (whole,) = [one async for one in buyer.scorecards()]
        (theirs,) = [one async for one in seller.scorecards()]
        assert [row.author for row in whole.accuracies] == ["partners/south", "partners/south", "partners/hub"]
        assert {row.author for row in theirs.accuracies} == {"partners/south"}, "the baseline was not agreed"
        assert (len(whole.step_values), len(theirs.step_values)) == (1, 0), "an improvement shows both forecasts"
        assert whole.step_values[0].gain == pytest.approx(-0.1)
        first = whole.accuracies[0]
        assert (first.wmape, first.bias, first.tracking_signal, first.HasField("mase")) == (0.2, -0.05, 1.0, False)
        assert (whole.promises[0].commit_rate, whole.promises[0].adherence) == (0.8, 0.6)
        assert (await seller.scorecard(theirs.name)) == theirs


async def _later(world: World, weeks: int) -> None:
    """A scorecard of a later cycle of the same agreement."""
    async with world.units.worker() as unit:
        day = FIRST_WEEK + timedelta(weeks=weeks)
        run = (await unit.runs.open("retail", day)).id
        await unit.scorecards.add(scorecard(run, "retail", "south").model_copy(update={"as_of": day}))


async def _sums(hub: AsyncClient, **query: object) -> list[tuple[str, int, str, float]]:
    told = await hub.sum_scorecards("agreements/retail", **query)
    return [(row.author, row.lag_weeks, row.group, row.wmape) for row in told.accuracies]


async def test_sums_are_added_and_ratios_follow_from_them(world: World) -> None:
    await _later(world, 1)
    async with world.by_token("north") as hub:
        assert await _sums(hub) == [("partners/hub", 0, "", 0.1), ("partners/south", 0, "", pytest.approx(0.3))]
        split = SumScorecardsRequest.SPLIT_LAG
        assert await _sums(hub, author="partners/south", split=split) == [
            ("partners/south", 1, "", 0.2), ("partners/south", 2, "", 0.4)]
        assert await _sums(hub, split=SumScorecardsRequest.SPLIT_GROUP, author="partners/south") == [
            ("partners/south", 0, "jam", pytest.approx(0.3))]
        whole = await hub.sum_scorecards("agreements/retail")
        assert (whole.scorecards, whole.promises[0].lines, whole.promises[0].commit_rate) == (2, 4, 0.8)
        assert whole.step_values[0].against == Measure.MEASURE_BASELINE


async def test_a_period_counts_the_cycles_of_its_days(world: World) -> None:
    await _later(world, 1)
    until = Date(year=PLANNED_ON.year, month=PLANNED_ON.month, day=PLANNED_ON.day)
    async with world.by_token("south") as hub:
        assert (await hub.sum_scorecards("agreements/retail", last_date=until)).scorecards == 1
        assert (await hub.sum_scorecards("agreements/retail", first_date=until)).scorecards == 2
        assert (await hub.sum_scorecards("agreements/wholesale")).scorecards == 0, "of others there is nothing to add"
        with pytest.raises(CallError) as refused:
            await hub.sum_scorecards("agreements/retail", last_date=Date(year=2026, month=13, day=1))
        assert (refused.value.reason, list(refused.value.violations)) == ("MALFORMED_DATE", ["last_date"])


async def test_scorecards_are_filtered_and_sorted(world: World) -> None:
    await _later(world, 1)
    async with world.by_token("north") as hub:
        days = [one.as_of_date.day async for one in hub.scorecards(order_by="as_of_date", page_size=1)]
        assert days == [PLANNED_ON.day, 30]
        newer = f'as_of_date > "{PLANNED_ON}" AND observed = OBSERVED_SOLD'
        assert [one.as_of_date.day async for one in hub.scorecards(filter=newer)] == [30]


async def test_an_exception_of_performance_comes_with_what_it_was_judged_by(world: World) -> None:
    async with world.by_token("south") as seller, world.by_token("north") as buyer:
        wmape, in_stock = [one async for one in seller.metric_exceptions(agreement="agreements/retail")]
        assert (wmape.metric, wmape.author, wmape.found_percent) == (kinds.METRIC_WMAPE, "partners/south", 30.0)
        assert (in_stock.metric, in_stock.measure) == (kinds.METRIC_IN_STOCK, 0)
        assert not wmape.evidence.accuracies
        whole = await seller.metric_exception(wmape.name)
        assert (whole.evidence.part, whole.evidence.whole, whole.evidence.cells) == (24.0, 80.0, 8)
        assert [row.lag_weeks for row in whole.evidence.accuracies] == [1, 2]
        assert sum(row.absolute_error for row in whole.evidence.accuracies) == whole.evidence.part
        dear = [one.metric async for one in buyer.metric_exceptions(order_by="value_at_stake")]
        assert dear == [kinds.METRIC_BIAS, kinds.METRIC_IN_STOCK, kinds.METRIC_WMAPE], "the buyer sees the baseline too"
        hidden = [one async for one in buyer.metric_exceptions(filter="metric = METRIC_BIAS")]
        with pytest.raises(CallError) as refused:
            await seller.metric_exception(hidden[0].name)
        assert refused.value.code is grpc.StatusCode.NOT_FOUND


async def test_what_is_found_is_told_to_who_may_see_it(world: World) -> None:
    async with world.by_token("south") as seller:
        stream = seller.watch_metric_exceptions()
        first = asyncio.create_task(anext(stream))
        while not any(world.server.watchers._waiting.values()):  # noqa: ASYNC110  (as in test_watching)
            await asyncio.sleep(0.01)
        async with world.units.worker() as unit:
            run = (await unit.runs.open("retail", FIRST_WEEK + timedelta(weeks=2))).id
            await unit.scorecards.add(scorecard(run, "retail", "south"))
            rows = {row.found.kind: row.id for row in await unit.metric_exceptions.of_run(run)}
            await unit.events.publish([
                HubEvent(type="metric_exception.found", subject=rows[kind], partners=("north", "south"))
                for kind in ("bias", "wmape")])
        told = await asyncio.wait_for(first, 60)
        assert told.metric_exception.name == f"metricExceptions/{rows['wmape']}", "of the baseline nothing is told"
