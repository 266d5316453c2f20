"""A request that carries an id is done once, and its reply is the first one for ever."""

from __future__ import annotations

import asyncio
from io import BytesIO
from uuid import uuid4

import pytest

from hub.client import CallError, ForecastException
from tests.rpc.conftest import World
from tests.rpc.test_settling import of


async def test_the_same_request_again_gets_the_first_answer_whatever_has_happened_since(world: World) -> None:
    async with world.by_token("north") as north, world.by_token("south") as south:
        name, id = (await of(north)).name, str(uuid4())
        first = await north.propose(name, 5, request_id=id)
        await south.counter(name, 7)
        assert await north.propose(name, 5, request_id=id) == first
        assert (await north.exception(name)).state == ForecastException.STATE_COUNTERED


async def test_another_request_under_the_same_id_is_refused_and_of_another_partner_it_is_another(world: World) -> None:
    async with world.by_token("north") as north, world.by_token("south") as south:
        name, id = (await of(north)).name, str(uuid4())
        await north.propose(name, 5, request_id=id)
        for call in (north.propose(name, 6, request_id=id), north.escalate(name, request_id=id)):
            with pytest.raises(CallError) as refused:
                await call
            assert refused.value.reason == "REQUEST_ID_REUSED"
        assert (await south.counter(name, 6, request_id=id)).state == ForecastException.STATE_COUNTERED


async def test_two_at_once_are_one(world: World) -> None:
    async with world.by_token("north") as hub:
        name, id = (await of(hub)).name, str(uuid4())
        first, second = await asyncio.gather(*(hub.propose(name, 5, request_id=id) for _ in range(2)))
        assert first == second
        assert [step.act for step in (await hub.exception(name)).steps] == ["find", "propose"]


async def test_a_request_that_failed_is_tried_anew(world: World) -> None:
    async with world.by_token("north") as north, world.by_token("south") as south:
        name, id = (await of(north)).name, str(uuid4())
        with pytest.raises(CallError):
            await north.agree(name, request_id=id)
        await south.propose(name, 4)
        assert (await north.agree(name, request_id=id)).settled_quantity == 4


async def test_a_reply_holds_no_baseline_that_its_reader_may_not_see(world: World) -> None:
    async with world.by_token("south") as seller, world.by_token("north") as buyer:
        name = (await of(buyer)).name
        assert not (await seller.propose(name, 4)).HasField("baseline_quantity")
        assert (await buyer.comment(name, "so few?")).baseline_quantity == 12


async def test_a_file_in_pieces_is_the_same_file_and_its_id_is_kept(world: World) -> None:
    content, id = bytes(range(256)) * 10_000, str(uuid4())
    async with world.by_token("north") as hub:
        first = await hub.submit_large(BytesIO(content), filename="large.edi", request_id=id)
        assert await hub.submit_large(BytesIO(content), filename="large.edi", request_id=id) == first
        assert (await hub.submit(content)).duplicate
        with pytest.raises(CallError) as refused:
            await hub.submit(b"another", request_id=id)
        assert refused.value.reason == "REFERENCE_REUSED"
        fetched = BytesIO()
        assert await hub.download(first.message, fetched) == len(content)
    assert fetched.getvalue() == content
