"""Every method, both listeners, every partner: what may be seen comes back, and nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import grpc
import pytest

from hub.client import AsyncClient, CallError, ForecastException, Measure, Message, Order
from hub.rpc.pb.v1 import exchange_pb2, forecasts_pb2, orders_pb2
from tests.rpc.conftest import GTIN, PARTNERS, PLACES, World

Names = Callable[[AsyncClient], Awaitable[set[str]]]


async def _messages(hub: AsyncClient) -> set[str]:
    return {one.name async for one in hub.messages(page_size=1)}


async def _forecasts(hub: AsyncClient) -> set[str]:
    return {one.name async for one in hub.forecasts(page_size=2)}


async def _exceptions(hub: AsyncClient) -> set[str]:
    return {one.name async for one in hub.exceptions(page_size=1)}


async def _orders(hub: AsyncClient) -> set[str]:
    return {one.name async for one in hub.orders(page_size=1)}


LISTS: dict[str, tuple[str, Names]] = {
    "Exchange.ListMessages": ("messages", _messages),
    "Forecasts.ListForecasts": ("forecasts", _forecasts),
    "Exceptions.ListExceptions": ("exceptions", _exceptions),
    "Orders.ListOrders": ("orders", _orders),
}
GETS: dict[str, tuple[str, Callable[[AsyncClient, str], Awaitable[str]]]] = {
    "Exchange.GetMessage": ("messages", lambda hub, name: _name(hub.message(name))),
    "Forecasts.GetForecast": ("forecasts", lambda hub, name: _name(hub.forecast(name))),
    "Exceptions.GetException": ("exceptions", lambda hub, name: _name(hub.exception(name))),
    "Orders.GetOrder": ("orders", lambda hub, name: _name(hub.order(name))),
}

async def _name(
    call: Awaitable[exchange_pb2.Message | forecasts_pb2.Forecast | orders_pb2.Order | ForecastException]
) -> str:
    return (await call).name


@pytest.fixture(params=["token", "certificate"])
def door(request: pytest.FixtureRequest, world: World) -> Callable[[str], AsyncClient]:
    return world.by_token if request.param == "token" else world.by_certificate


async def test_lists_hold_exactly_what_a_partner_may_see(world: World, door: Callable[[str], AsyncClient]) -> None:
    for partner in PARTNERS:
        async with door(partner) as hub:
            for method, (kind, names) in LISTS.items():
                assert await names(hub) == world.visible[kind][partner] != set(), (partner, method)


async def test_a_name_opens_only_to_those_who_may_see_it(world: World, door: Callable[[str], AsyncClient]) -> None:
    for partner in PARTNERS:
        async with door(partner) as hub:
            for method, (kind, get) in GETS.items():
                for name in set.union(*world.visible[kind].values()):
                    if name in world.visible[kind][partner]:
                        assert await get(hub, name) == name
                        continue
                    with pytest.raises(CallError) as refused:
                        await get(hub, name)
                    assert refused.value.code is grpc.StatusCode.NOT_FOUND, (partner, method)


async def test_calls_that_come_at_once_are_each_answered_for_their_own_caller(
    world: World, door: Callable[[str], AsyncClient]
) -> None:
    names = sorted(set.union(*world.visible["forecasts"].values()))

    async def seen(hub: AsyncClient, name: str) -> str:
        try:
            return (await hub.forecast(name)).name
        except CallError as refused:
            return refused.code.name

    async with AsyncExitStack() as open:
        hubs = {partner: await open.enter_async_context(door(partner)) for partner in PARTNERS}
        asked = [(partner, name) for name in names for partner in PARTNERS]
        answers = await asyncio.gather(*(seen(hubs[partner], name) for partner, name in asked))
    assert answers == [
        name if name in world.visible["forecasts"][partner] else "NOT_FOUND" for partner, name in asked]


async def test_what_is_hidden_and_what_never_was_look_alike(world: World) -> None:
    unknown = {"messages": "messages/msg_0", "orders": "orders/ord_0", "forecasts": "forecasts/plan_0",
               "exceptions": "exceptions/exc_0"}
    async with world.by_token("north") as hub:
        for kind, get in GETS.values():
            hidden = next(iter(world.visible[kind]["west"]))
            told = []
            for name in (hidden, unknown[kind]):
                with pytest.raises(CallError) as refused:
                    await get(hub, name)
                told.append((refused.value.code, refused.value.reason, refused.value.message))
            assert told[0] == told[1]


async def test_filters_open_nothing(world: World) -> None:
    async with world.by_token("north") as hub:
        assert [one async for one in hub.forecasts(agreement="agreements/wholesale")] == []
        assert [one async for one in hub.forecasts(author="partners/east")] == []
        assert [one async for one in hub.exceptions(agreement="agreements/wholesale")] == []


async def test_a_seller_does_not_see_a_measure_that_was_not_agreed(world: World) -> None:
    async with world.by_token("south") as seller, world.by_token("north") as buyer:
        assert [one async for one in seller.forecasts(measure=Measure.MEASURE_BASELINE)] == []
        (shown,) = [one async for one in buyer.forecasts(measure=Measure.MEASURE_BASELINE)]
        assert len(shown.quantities) == 52
        assert shown.quantities[0] == 3, "the newer of the two versions"
        assert shown.author == "partners/hub"
        (theirs,) = [one async for one in seller.exceptions()]
        (ours,) = [one async for one in buyer.exceptions()]
        assert (ours.baseline_quantity, theirs.HasField("baseline_quantity")) == (12, False)


async def test_an_earlier_version_is_still_there_by_its_name(world: World) -> None:
    async with world.units.worker() as unit:
        versions = await unit.plans.versions("retail", author="hub", measure="baseline")
        rows = await unit.transaction.rows("SELECT public_id FROM plan_version WHERE id = %(id)s", id=versions[-1].id)
    async with world.by_token("north") as hub:
        (newest,) = [one async for one in hub.forecasts(measure=Measure.MEASURE_BASELINE)]
        plan, _, place = newest.name.removeprefix("forecasts/").partition("-")
        assert plan != rows[0]["public_id"]
        earlier = await hub.forecast(f"forecasts/{rows[0]['public_id']}-{place}")
        assert earlier.quantities[0] == 2


async def test_a_series_is_found_by_its_item_however_many_digits_and_by_its_place(world: World) -> None:
    async with world.by_token("north") as hub:
        everything = world.visible["forecasts"]["north"]
        for query in ({"gtin": GTIN}, {"gtin": GTIN.lstrip("0")}, {"gln": PLACES["retail"]}):
            assert {one.name async for one in hub.forecasts(**query)} == everything, query
        for query in ({"gtin": "9501101530010"}, {"gln": PLACES["wholesale"]}):
            assert {one.name async for one in hub.forecasts(**query)} == set(), query


async def test_files_and_orders_are_found_by_direction_and_state(world: World) -> None:
    (ours,), (theirs,) = world.visible["messages"]["north"], world.visible["messages"]["south"]
    async with world.by_token("north") as north, world.by_token("south") as south:
        assert [one.name async for one in north.messages(direction=Message.DIRECTION_INBOUND)] == [ours]
        assert [one.name async for one in north.messages(direction=Message.DIRECTION_OUTBOUND)] == []
        assert [one.name async for one in south.messages(direction=Message.DIRECTION_OUTBOUND)] == [theirs]
        assert [one.name async for one in south.messages(state=Message.STATE_QUEUED)] == [theirs]
        assert [one.name async for one in south.messages(state=Message.STATE_SENT)] == []
        assert len([one async for one in south.orders(state=Order.STATE_RECEIVED)]) == 1
        assert [one async for one in south.orders(state=Order.STATE_REJECTED)] == []
        assert [one async for one in south.exceptions(state=ForecastException.STATE_AGREED)] == []
        assert len([one async for one in south.exceptions(state=ForecastException.STATE_OPEN)]) == 1


async def test_a_message_sent_on_does_not_name_the_one_it_was_made_from_to_a_stranger(world: World) -> None:
    (theirs,) = world.visible["messages"]["south"]
    async with world.by_token("south") as south:
        assert (await south.message(theirs)).in_reply_to == ""


async def test_what_an_agreement_showed_is_gone_the_day_after_it_ends(world: World) -> None:
    async with world.by_token("south") as south:
        assert {one.name async for one in south.forecasts()} == world.visible["forecasts"]["south"]
        async with world.units.worker() as unit:
            await unit.transaction.execute("UPDATE agreement SET valid_to = (now() AT TIME ZONE 'UTC')::date - 1")
        assert [one async for one in south.forecasts()] == []
        assert [one async for one in south.exceptions()] == []
        with pytest.raises(CallError) as refused:
            await south.forecast(next(iter(world.visible["forecasts"]["south"])))
    assert refused.value.code is grpc.StatusCode.NOT_FOUND
