"""Streams of forecasts go on where they broke, and new versions are told to whoever may see them."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from hub.client import AsyncClient, CallError, Client
from hub.errors import Retry
from hub.model.plan import PlanMeasure, PlanVersion, Series
from hub.rpc import forecasts
from hub.rpc.pb.v1.forecasts_pb2 import StreamForecastsRequest
from hub.store.forecasts import StoredForecasts
from tests.rpc.conftest import FIRST_WEEK, GTIN, PLACES, World


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A response holds one series."""
    monkeypatch.setattr(forecasts, "MOST", 1)


@pytest.fixture
def broken(one_by_one: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every second page fails once, as when the database is away; where each page began."""
    asked: list[str] = []
    whole = StoredForecasts.list

    async def list_(self: StoredForecasts, **query: Any) -> Any:
        asked.append(query["after"])
        if len(asked) % 2 == 0:
            raise Retry("the database does not answer")
        return await whole(self, **query)

    monkeypatch.setattr(StoredForecasts, "list", list_)
    return asked


async def _add(world: World, measure: PlanMeasure, agreement: str = "retail") -> str:
    version = PlanVersion(
        agreement=agreement, author="hub", measure=measure, first_week=FIRST_WEEK, weeks=1, source="")
    async with world.units.worker() as unit:
        key = await unit.plans.add(version, Series(((GTIN, PLACES[agreement]),), FIRST_WEEK, np.array([[9.0]])))
        return f"forecastVersions/{(await unit.plan_book.of(key)).id}"


def _open(hub: AsyncClient, token: str = "", **query: Any) -> Any:
    request = StreamForecastsRequest(resume_token=token, **query)
    return hub._forecasts.StreamForecasts(request, metadata=hub._metadata(), timeout=20)


async def test_every_response_says_where_to_go_on(world: World, one_by_one: None) -> None:
    async with world.by_token("north") as hub:
        whole = [(reply.forecasts[0].name, reply.resume_token) async for reply in _open(hub)]
        names = [name for name, _ in whole]
        assert sorted(names) == sorted(world.visible["forecasts"]["north"])
        for read, (_, token) in enumerate(whole, 1):
            assert [reply.forecasts[0].name async for reply in _open(hub, token)] == names[read:]


async def test_what_is_new_meanwhile_is_read_once_and_nothing_is_left_out(world: World, one_by_one: None) -> None:
    async with world.by_token("north") as hub:
        first = await _open(hub).read()
        newer = await _add(world, "consensus")
        rest = [reply.forecasts[0] async for reply in _open(hub, first.resume_token)]
    names = {one.name for one in (*first.forecasts, *rest)}
    assert sum(newer.removeprefix("forecastVersions/") in name for name in names) == 1
    assert len(names) == len(rest) + 1 == len(world.visible["forecasts"]["north"])


async def test_a_token_of_another_query_or_partner_is_refused(world: World, one_by_one: None) -> None:
    async with world.by_token("north") as north, world.by_token("south") as south:
        token = (await _open(north).read()).resume_token
        for hub, query in ((south, {"resume_token": token}), (north, {"resume_token": token, "gtin": GTIN}),
                           (north, {"resume_token": "x"})):
            stream = hub._resumed(hub._forecasts.StreamForecasts, StreamForecastsRequest(**query))
            with pytest.raises(CallError) as refused:
                await anext(stream)
            assert refused.value.reason == "RESUME_TOKEN_INVALID"


async def test_both_clients_go_on_by_themselves_without_a_gap(world: World, broken: list[str]) -> None:
    async with world.by_token("north") as hub:
        names = [one.name async for one in hub.stream_forecasts()]
        assert sorted(names) == sorted(world.visible["forecasts"]["north"])
        assert len(broken) > len(names), "it broke in between"
        assert [one.name for one in await hub.batch_forecasts(names[:1])] == names[:1]

    def read() -> list[str]:
        with Client.with_token(
            f"localhost:{world.server.token_port}", world.tokens["north"], ca=world.authority.certificate) as hub:
            return [one.name for one in hub.stream_forecasts()]

    assert await asyncio.to_thread(read) == names


async def test_a_new_version_is_told_to_those_who_may_see_it(world: World) -> None:
    async with world.by_token("north") as buyer, world.by_token("south") as seller:
        heard = [hub._forecasts.WatchForecastVersions(
            forecasts.pb.WatchForecastVersionsRequest(), metadata=hub._metadata()) for hub in (buyer, seller)]
        for call in heard:
            assert not (await asyncio.wait_for(call.read(), 20)).HasField("forecast_version")
        baseline = await _add(world, "baseline")
        await _add(world, "consensus", "wholesale")
        agreed = await _add(world, "consensus")
        told = []
        for call in heard:
            names = []
            while agreed not in names:
                reply = await asyncio.wait_for(call.read(), 20)
                names += [reply.forecast_version.name] if reply.HasField("forecast_version") else []
            told.append(names)
            call.cancel()
    assert told == [[baseline, agreed], [agreed]]


async def test_a_watch_of_versions_goes_on_from_its_token(world: World) -> None:
    async with world.by_token("north") as hub:
        call = hub._forecasts.WatchForecastVersions(
            forecasts.pb.WatchForecastVersionsRequest(), metadata=hub._metadata())
        token = (await asyncio.wait_for(call.read(), 20)).resume_token
        call.cancel()
        made = await _add(world, "consensus")
        reply = await asyncio.wait_for(anext(hub.watch_forecast_versions(token)), 20)
    assert reply.forecast_version.name == made
