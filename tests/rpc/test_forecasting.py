"""A partner's own word about the future: whole views, committed weeks, versions, and two of them side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, timedelta
from math import isnan, nan
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from hub.client import AsyncClient, CallError, Commitment, Measure
from hub.errors import Reject
from hub.flow.inbound import receive
from hub.model.agreement import Fences
from hub.model.item import check_digit
from hub.rpc.convert import day
from hub.rpc.pb.v1 import forecasts_pb2 as pb
from hub.rpc.pb.v1.forecasts_pb2 import SubmitForecastRequest
from hub.rpc.server import serve
from tests.rpc.conftest import GTIN, PARTNERS, PLACES, World, _agreement, _profile
from tests.transports.shelf import NOON, Noon

NOW = NOON
FIRST = date(2026, 11, 23)
RETAIL, SALES = "agreements/retail", Measure.MEASURE_SALES_FORECAST
Series = SubmitForecastRequest.Series


@pytest.fixture
async def there(world: World) -> AsyncIterator[World]:
    """The same hub, on the day before the plan's first week; two reasons are agreed, and the first week is frozen."""
    async with world.units.worker() as unit:
        agreed = _agreement("retail", "north", "south").model_copy(
            update={"reasons": ("promotion", "capacity"), "fences": Fences(frozen=1)})
        await unit.partners.put(_profile("north", PARTNERS.index("north")), [agreed], {})
    server = serve(world.settings, world.units, receive, clock=Noon())
    await server.start()
    yield replace(world, server=server)
    await server.stop(grace=0)


def view(*quantities: float, place: str = PLACES["retail"]) -> list[SubmitForecastRequest.Series]:
    return [Series(gtin=GTIN, gln=place, quantities=quantities)]


def week(number: int, quantity: float, **more: str) -> Commitment:
    begins = day(FIRST + timedelta(weeks=number))
    return Commitment(gtin=GTIN, gln=PLACES["retail"], week=begins, quantity=quantity, **more)


async def newest(hub: AsyncClient, author: str = "south") -> Any:
    wanted = f'author = "partners/{author}" AND measure = MEASURE_SALES_FORECAST'
    return await anext(hub.forecast_versions(filter=wanted))


async def quantities(hub: AsyncClient, version: str) -> list[float]:
    (series,) = [one async for one in hub.forecasts(forecast_version=version)]
    return list(series.quantities)


async def test_a_view_is_submitted_as_a_new_version_that_both_sides_see_and_the_fence_keeps_the_frozen_week(
    there: World,
) -> None:
    async with there.by_token("south") as south, there.by_token("north") as north:
        done = await south.submit_forecast(RETAIL, SALES, day(FIRST), view(500.0, 20.0, nan, 40.0))
        seen = await newest(north)
        told = await quantities(north, seen.name)
    assert done.forecast_version == seen
    assert (seen.author, seen.agreement, seen.weeks) == ("partners/south", RETAIL, 4)
    assert told[0] == 1.0, "what the seller had said when the hub last planned"
    assert told[1] == 20.0
    assert isnan(told[2])
    assert done.held_count == 1
    assert done.findings[0].code == "E-FROZEN-WEEK"


GTINS = [f"{number:013}" + check_digit(f"{number:013}") for number in range(1, 1204)]
"""More items than one call takes."""


@pytest.fixture
async def wide(there: World) -> World:
    """The same, for any item at the place."""
    async with there.units.worker() as unit:
        agreed = _agreement("retail", "north", "south").model_copy(update={"items": ()})
        await unit.partners.put(_profile("north", PARTNERS.index("north")), [agreed], {})
    return there


def wide_view(first: float) -> list[Series]:
    return [Series(gtin=gtin, gln=PLACES["retail"], quantities=(first + number, nan, 2.0))
            for number, gtin in enumerate(GTINS)]


async def test_a_view_too_large_for_one_call_comes_in_pieces_and_is_one_version(wide: World) -> None:
    async with wide.by_token("south") as south, wide.by_token("north") as north:
        with pytest.raises(CallError) as refused:
            await south.submit_forecast(RETAIL, SALES, day(FIRST), wide_view(1.0))
        assert refused.value.reason == "TOO_MANY"
        before, id = await newest(south), str(uuid4())
        done = await south.submit_large_forecast(
            RETAIL, SALES, day(FIRST), iter(wide_view(1.0)), etag=before.etag, request_id=id)
        again = await south.submit_large_forecast(
            RETAIL, SALES, day(FIRST), iter(wide_view(1.0)), etag=before.etag, request_id=id)
        assert again == done
        with pytest.raises(CallError) as refused:
            await south.submit_large_forecast(RETAIL, SALES, day(FIRST), wide_view(2.0), request_id=id)
        assert refused.value.reason == "REQUEST_ID_REUSED"
        with pytest.raises(CallError) as refused:
            await south.submit_large_forecast(RETAIL, SALES, day(FIRST), wide_view(2.0), etag=before.etag)
        assert (refused.value.reason, refused.value.etag) == ("CONFLICT", done.forecast_version.etag)
        assert await newest(north) == done.forecast_version
        told = {one.gtin: list(one.quantities) async for one in north.stream_forecasts(
            forecast_version=done.forecast_version.name)}
    assert {gtin: (series[0], series[2]) for gtin, series in told.items()} == {
        gtin: (1.0 + number, 2.0) for number, gtin in enumerate(GTINS)}
    assert all(isnan(series[1]) for series in told.values())


async def test_pieces_that_do_not_belong_together_or_break_off_change_nothing(wide: World) -> None:
    async with wide.by_token("south") as south:
        before, large = await newest(south), pb.SubmitLargeForecastRequest
        head = {"agreement": RETAIL, "measure": SALES, "first_week": day(FIRST)}
        one, other = wide_view(1.0)[:1], wide_view(1.0)[1:2]

        def broken() -> Iterator[pb.SubmitLargeForecastRequest]:
            yield large(**head, series=one)
            raise RuntimeError("the line is cut")

        for pieces, reason in (
            ([large(**head, series=one), large(**{**head, "measure": 2}, series=other)], "UNEQUAL_PIECES"),
            ([large(**head, series=one), large(**head, series=other, etag="x")], "UNEQUAL_PIECES"),
            ([large(**head, series=one), large(**head, series=one)], "TWICE"),
            ([large(**head, series=wide_view(1.0))], "TOO_MANY"), ([], "FIELD_REQUIRED"),
            ([large(**head, series=one), large(**head)], "FIELD_REQUIRED"),
        ):
            with pytest.raises(CallError) as refused:
                await south._send(south._forecasts.SubmitLargeForecast, iter(pieces))
            assert refused.value.reason == reason
        with pytest.raises((CallError, RuntimeError, asyncio.CancelledError)):
            await south._send(south._forecasts.SubmitLargeForecast, broken())
        assert await newest(south) == before


async def test_committed_weeks_are_kept_with_their_reasons_and_what_was_said_before(there: World) -> None:
    async with there.by_token("south") as south, there.by_token("north") as north:
        before = await newest(south)
        done = await south.commit_forecast(
            RETAIL, SALES, [week(0, 900.0), week(2, 77.0, reason="capacity", comment="one line is down")],
            etag=before.etag)
        seen = await newest(north)
        told = await quantities(north, seen.name)
        old = await quantities(north, before.name)
    assert [(c.quantity, c.previous_quantity, c.reason, c.comment) for c in seen.commitments] == [
        (77.0, 3.0, "capacity", "one line is down")]
    assert done.held_count == 1
    assert told[2] == 77.0
    assert told[3:] == old[3:]


async def test_who_changes_a_version_that_is_not_the_newest_hears_which_one_is(there: World) -> None:
    async with there.by_token("south") as south:
        before = await newest(south)
        await south.commit_forecast(RETAIL, SALES, [week(2, 5.0)], etag=before.etag)
        now = await newest(south)
        for deed in (south.commit_forecast(RETAIL, SALES, [week(3, 5.0)], etag=before.etag),
                     south.submit_forecast(RETAIL, SALES, day(FIRST), view(1.0), etag=before.etag),
                     south.commit_forecast(RETAIL, SALES, [week(3, 5.0)], etag="plan_none")):
            with pytest.raises(CallError) as refused:
                await deed
            assert (refused.value.code, refused.value.reason) == (grpc.StatusCode.ABORTED, "CONFLICT")
            assert refused.value.etag == now.etag
        assert await newest(south) == now


async def test_the_same_request_again_gets_the_first_answer_and_makes_no_second_version(there: World) -> None:
    id = str(uuid4())
    async with there.by_token("south") as south:
        first = await south.commit_forecast(RETAIL, SALES, [week(2, 5.0)], request_id=id)
        await south.commit_forecast(RETAIL, SALES, [week(2, 6.0)])
        assert await south.commit_forecast(RETAIL, SALES, [week(2, 5.0)], request_id=id) == first
        with pytest.raises(CallError) as refused:
            await south.commit_forecast(RETAIL, SALES, [week(2, 7.0)], request_id=id)
    assert refused.value.reason == "REQUEST_ID_REUSED"


async def test_what_cannot_be_meant_is_refused_by_its_place(there: World) -> None:
    place = PLACES["wholesale"]
    async with there.by_token("south") as south:

        def submitted(series: list[Series], measure: Any = SALES, first: date = FIRST) -> Any:
            return south.submit_forecast(RETAIL, measure, day(first), series)

        def committed(*weeks: Commitment) -> Any:
            return south.commit_forecast(RETAIL, SALES, weeks)

        for deed, reason in (
            (submitted(view(1.0), Measure.MEASURE_CONSENSUS), "MEASURE_NOT_YOURS"),
            (submitted(view(1.0) + view(1.0)), "TWICE"), (submitted(view(1.0) + view(1.0, 2.0)), "UNEQUAL_WEEKS"),
            (submitted(view(-1.0)), "BAD_QUANTITY"), (submitted(view(float("inf"))), "BAD_QUANTITY"),
            (submitted(view(1.0, place=place)), "OUTSIDE_AGREEMENT"),
            (submitted(view(1.0), first=FIRST + timedelta(days=1)), "OUTSIDE_HORIZON"),
            (submitted(view(*[1.0] * 14)), "OUTSIDE_HORIZON"), (committed(week(1, nan)), "BAD_QUANTITY"),
            (committed(week(1, 5.0, reason="weather")), "UNKNOWN_REASON"),
            (committed(week(13, 5.0)), "OUTSIDE_HORIZON"),
            (committed(week(1, 1.0), week(1, 2.0)), "TWICE"), (committed(week(0, 900.0)), "ALL_FENCED"),
            (committed(week(1, 1.0, comment="x" * 2001)), "TEXT_TOO_LONG"),
        ):
            with pytest.raises(CallError) as refused:
                await deed
            assert refused.value.reason == reason


@pytest.mark.parametrize("partner", ["west", "south"])
async def test_nobody_speaks_under_an_agreement_that_is_not_his(there: World, partner: str) -> None:
    """A stranger's is not found, like none; nor is one that has ended; and a viewer says nothing at all."""
    async with there.units.worker() as unit:
        viewer = await unit.partners.issue_token(partner, "viewer", role="viewer")
        if partner == "south":
            await unit.transaction.execute("UPDATE agreement SET valid_to = '2026-11-01'")
    async with there.by_token(partner) as hub:
        for agreement in (RETAIL, "agreements/none"):
            for deed in (hub.commit_forecast(agreement, SALES, [week(1, 5.0)]),
                         hub.submit_forecast(agreement, SALES, day(FIRST), view(1.0)),
                         hub.submit_large_forecast(agreement, SALES, day(FIRST), view(1.0))):
                with pytest.raises(CallError) as refused:
                    await deed
                assert (refused.value.code, refused.value.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    async with there.with_token(viewer) as hub:
        with pytest.raises(CallError) as refused:
            await hub.commit_forecast(RETAIL, SALES, [week(1, 5.0)])
    assert refused.value.reason == "ROLE_LACKS_RIGHT"


async def test_two_parties_and_two_versions_are_laid_side_by_side(there: World) -> None:
    async with there.by_token("south") as south:
        theirs, ours = await newest(south, "north"), await newest(south)
        (pair,) = [one async for one in south.compare_forecasts(theirs.name, ours.name)]
        assert pair.difference == sum(b - a for a, b in zip(
            pair.left_quantities, pair.right_quantities, strict=True) if not isnan(a + b)) == 51.0
        await south.submit_forecast(RETAIL, SALES, day(FIRST + timedelta(weeks=1)), view(100.0))
        (pair,) = [one async for one in south.compare_forecasts(ours.name, (await newest(south)).name)]
    assert len(pair.left_quantities) == len(pair.right_quantities) == 52
    assert (pair.left_quantities[2], pair.right_quantities[1]) == (3.0, 100.0)
    assert isnan(pair.right_quantities[2])


async def test_only_versions_that_one_may_see_are_compared_and_only_of_one_agreement(there: World) -> None:
    hidden = sorted(there.visible["forecastVersions"]["north"] - there.visible["forecastVersions"]["south"])
    strange = sorted(there.visible["forecastVersions"]["west"])
    async with there.by_token("south") as south:
        ours = (await newest(south)).name
        for other in (hidden[0], strange[0], "forecastVersions/plan_none"):
            for left, right in ((ours, other), (other, ours)):
                with pytest.raises(CallError) as refused:
                    await anext(south.compare_forecasts(left, right))
                assert refused.value.code is grpc.StatusCode.NOT_FOUND
    async with there.units.worker() as unit:
        with pytest.raises(Reject, match="two agreements"):
            await unit.plan_book.pairs(*(name.partition("/")[2] for name in (ours, strange[0])))


async def test_the_history_of_a_view_is_its_versions_as_they_were_known(there: World) -> None:
    async with there.by_token("south") as south:
        before = await newest(south)
        await south.commit_forecast(RETAIL, SALES, [week(2, 5.0)])
        whole = [one async for one in south.forecast_versions(
            filter='author = "partners/south"', order_by="create_time desc", page_size=1)]
        assert [one.etag for one in whole] == [(await newest(south)).etag, before.etag]
        then: Timestamp = before.create_time
        known = [one.name async for one in south.forecast_versions(filter='author = "partners/south"', as_of=then)]
        assert known == [before.name]
        assert await south.forecast_version(before.name) == before
        assert (await quantities(south, before.name))[2] == 3.0
