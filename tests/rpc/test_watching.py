"""Watch streams miss nothing, over breaks, restarts and slow readers, and show nothing to whoever may not see it."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from hub.client import AsyncClient, CallError
from hub.client.errors import call_error
from hub.rpc.pb.v1 import orders_pb2
from hub.rpc.pb.v1.orders_pb2 import WatchOrdersRequest
from hub.rpc.server import serve
from tests.rpc.conftest import World, receive

STATES = ("accepted", "changed")


async def _move(world: World, state: str) -> str:
    """The order between north and south takes that state."""
    (name,) = world.visible["orders"]["north"]
    async with world.units.worker() as unit:
        await unit.orders.move(name.removeprefix("orders/"), state)
    return name


def _open(hub: AsyncClient, token: str = "") -> Any:
    return hub._orders.WatchOrders(WatchOrdersRequest(resume_token=token), metadata=hub._metadata())


async def _next(call: Any) -> Any:
    return await asyncio.wait_for(call.read(), 20)


async def _change(call: Any) -> Any:
    """The next response that is no sign of life."""
    while not (reply := await _next(call)).HasField("order"):
        assert reply.resume_token
    return reply


async def test_a_change_is_told_with_the_order_as_it_is_now(world: World) -> None:
    async with world.by_token("north") as hub:
        call = _open(hub)
        assert not (await _next(call)).HasField("order"), "a sign of life comes at once"
        name = await _move(world, "accepted")
        told = await _change(call)
        assert (told.order.name, told.order.state) == (name, orders_pb2.Order.STATE_ACCEPTED)
        call.cancel()


async def test_what_happened_between_two_streams_is_told_by_the_second(world: World) -> None:
    async with world.by_token("north") as hub:
        call = _open(hub)
        token = (await _next(call)).resume_token
        call.cancel()
        await _move(world, "accepted")
        again = _open(hub, token)
        assert (await _change(again)).order.state == orders_pb2.Order.STATE_ACCEPTED
        again.cancel()


async def test_nobody_hears_of_what_others_do(world: World) -> None:
    async with world.by_token("east") as stranger, world.by_token("south") as seller:
        theirs, ours = _open(stranger), _open(seller)
        await _next(theirs)
        await _next(ours)
        await _move(world, "accepted")
        assert (await _change(ours)).order.seller == "partners/south"
        async with world.units.worker() as unit:
            (wholesale,) = world.visible["orders"]["east"]
            await unit.orders.move(wholesale.removeprefix("orders/"), "accepted")
        assert (await _change(theirs)).order.name == wholesale, "the first that a stranger hears is its own"
        theirs.cancel()
        ours.cancel()


async def test_a_token_that_is_too_old_says_how_to_go_on(world: World) -> None:
    async with world.by_token("north") as hub:
        call = _open(hub)
        token = (await _next(call)).resume_token
        call.cancel()
        await _move(world, "accepted")
        async with world.units.worker() as unit:
            assert await unit.events.forget(datetime.now(UTC) + timedelta(days=1)) > 0
        with pytest.raises(CallError) as refused:
            async with aclosing(hub.watch_orders(token)) as changes:  # type: ignore[type-var]  # an async generator
                await anext(changes)
    assert (refused.value.code, refused.value.reason) == (grpc.StatusCode.OUT_OF_RANGE, "RESUME_TOKEN_TOO_OLD")


async def test_a_token_of_another_stream_or_partner_is_refused(world: World) -> None:
    async with world.by_token("north") as north, world.by_token("south") as south:
        call = _open(north)
        token = (await _next(call)).resume_token
        call.cancel()
        for stream in (south.watch_orders(token), north.watch_messages(token), north.watch_orders(token[:-2])):
            with pytest.raises(CallError) as refused:
                await anext(stream)
            assert refused.value.reason == "RESUME_TOKEN_INVALID"


async def test_a_hub_that_leaves_hands_the_token_back(world: World) -> None:
    server = serve(world.settings, world.units, receive)
    await server.start()
    here = World(world.settings, world.units, server, world.authority, world.tokens, world.visible)
    async with here.by_token("north") as hub:
        call = _open(hub)
        await _next(call)
        stopping = asyncio.create_task(server.stop(grace=20))
        last = await _next(call)
        assert (last.draining, bool(last.resume_token)) == (True, True)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await _next(call)
        assert call_error(refused.value).reason == "DRAINING"
        await asyncio.wait_for(stopping, 10)


async def test_the_client_goes_on_by_itself_when_the_hub_was_killed(world: World) -> None:
    """The server is cut off in the middle of a stream; what happens while it is away is told by its successor."""
    first = serve(world.settings, world.units, receive)
    await first.start()
    here = World(world.settings, world.units, first, world.authority, world.tokens, world.visible)
    async with here.by_token("north") as hub, aclosing(hub.watch_orders()) as changes:  # type: ignore[type-var]  # likewise
        told = asyncio.create_task(anext(changes))
        while not first.watchers._waiting:  # noqa: ASYNC110  (nothing says when a stream is open but its waiting)
            await asyncio.sleep(0.01)
        await _move(world, "accepted")
        assert (await asyncio.wait_for(told, 20)).order.state == orders_pb2.Order.STATE_ACCEPTED
        await asyncio.gather(*(listener.stop(0) for listener in first.listeners))
        await _move(world, "changed")
        port = first.token_port
        second = serve(world.settings.model_copy(update={"grpc_token_port": port}), world.units, receive)
        await second.start()
        assert (await asyncio.wait_for(anext(changes), 30)).order.state == orders_pb2.Order.STATE_CHANGED
        await second.stop(grace=0)
        await first.stop(grace=0)


async def test_many_changes_reach_a_slow_reader_in_the_end_as_what_is_now(world: World) -> None:
    async with world.by_token("north") as hub:
        call = _open(hub)
        await _next(call)
        for _, state in zip(range(30), itertools.cycle(STATES), strict=False):
            await _move(world, state)
        wanted = orders_pb2.Order.STATE_CHANGED
        while (await _change(call)).order.state != wanted:
            continue
        call.cancel()
