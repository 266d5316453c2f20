"""The buyer makes orders of proposals: once, in whole packs, inside the fences, and a worker sends them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import grpc
import pytest

from adapters.clock import SystemClock
from hub.client import AsyncClient, CallError, OrderProposal
from hub.client.planning import Release
from hub.dialects import formats
from hub.flow.release import send_order
from hub.model.agreement import Fences, Replenishment
from hub.model.item import Item, Location, UnitConversion
from tests.rpc.conftest import FIRST_WEEK, GTIN, PLACES, World, replenish

State = OrderProposal.State


@pytest.fixture
async def ready(world: World) -> World:
    """The item with its pack, the place, and a seller that takes orders as X12."""
    async with world.units.worker() as unit:
        case = UnitConversion(gtin=GTIN, unit="case", factor=Decimal(6))
        place = Location(gln=PLACES["retail"], name="depot", kind="dc")
        await unit.catalogue.put("north", [Item(gtin=GTIN, name="jam")], [], [case], [place])
        south = next(one for one in await unit.partners.profiles() if one.name == "south")
        await unit.partners.put(south.model_copy(update={"receives": {"order": "x12/004010/850"}}), [], {})
    return world


async def only(hub: AsyncClient) -> OrderProposal:
    (proposal,) = [one async for one in hub.order_proposals()]
    return proposal


async def refused(hub: AsyncClient, **release: object) -> CallError:
    with pytest.raises(CallError) as told:
        await hub.release("agreements/retail", [Release(**release)])
    return told.value


async def test_a_released_proposal_is_an_order_that_a_worker_sends(ready: World) -> None:
    id = str(uuid4())
    async with ready.by_token("north") as hub:
        proposal = await only(hub)
        assert (proposal.state, proposal.etag) == (State.STATE_PROPOSED, "proposed")
        wanted = [Release(name=proposal.name, etag=proposal.etag)]
        done = await hub.release("agreements/retail", wanted, request_id=id)
        assert await hub.release("agreements/retail", wanted, request_id=id) == done
        (order,), (now,) = done.orders, done.order_proposals
        assert (now.state, now.order, now.released_quantity) == (State.STATE_RELEASED, order, 6)
        placed = await hub.order(order)
        assert [(line.quantity.value, line.unit, line.gtin) for line in placed.lines] == [("1", "case", GTIN)]
        assert [one async for one in hub.order_proposals(filter="state = STATE_PROPOSED")] == []
        again = await refused(hub, name=proposal.name, etag=proposal.etag)
        assert again.code is grpc.StatusCode.ABORTED
        assert (await refused(hub, name=proposal.name)).reason == "ALREADY_RELEASED"
    async with ready.units.worker() as unit:
        jobs = await unit.transaction.rows("SELECT args FROM procrastinate_jobs WHERE task_name = 'send_order'")
    assert [job["args"] for job in jobs] == [{"order": order.removeprefix("orders/")}]
    for _ in range(2):
        await send_order(ready.units, formats(), jobs[0]["args"]["order"], clock=SystemClock(), hub_gln="9501101530003")
    async with ready.by_token("south") as seller:
        sent = [one async for one in seller.messages(filter='message_type = "850"')]
        assert len(sent) == 1
        assert (await seller.order(order)).state == 3


async def test_only_the_buyer_may_release_and_only_what_it_may_see(ready: World) -> None:
    async with ready.by_token("north") as hub, ready.by_token("south") as seller, ready.by_token("east") as other:
        name = (await only(hub)).name
        assert (await refused(seller, name=name)).code is grpc.StatusCode.PERMISSION_DENIED
        assert (await refused(other, name=name)).code is grpc.StatusCode.NOT_FOUND
        unknown = await refused(hub, name="orderProposals/plan_0-1-2")
        assert unknown.code is grpc.StatusCode.NOT_FOUND
        async with ready.units.worker() as unit:
            token = await unit.partners.issue_token("north", "ana", role="planner")
        async with ready.with_token(token) as planner:
            assert (await refused(planner, name=name)).reason == "ROLE_LACKS_RIGHT"
        assert (await only(hub)).state == State.STATE_PROPOSED


async def test_another_quantity_is_in_whole_packs_and_inside_the_fences(ready: World) -> None:
    async with ready.by_token("north") as hub:
        name = (await only(hub)).name
        assert (await refused(hub, name=name, quantity=7)).reason == "NOT_WHOLE_PACKS"
        assert (await refused(hub, name=name, quantity=0)).reason == "NOT_WHOLE_PACKS"
        assert (await refused(hub, name=name, quantity=float("nan"))).reason == "MALFORMED_QUANTITY"
        await _agree(ready, Fences(frozen=2))
        assert (await refused(hub, name=name, quantity=12)).reason == "FENCED"
        await _agree(ready, Fences(slushy=2, tolerance=Decimal(50)))
        assert (await refused(hub, name=name, quantity=12)).reason == "FENCED"
        await _agree(ready, Fences(slushy=2, tolerance=Decimal(100)))
        done = await hub.release("agreements/retail", [Release(name=name, quantity=12)])
        assert done.order_proposals[0].released_quantity == 12


async def _agree(world: World, fences: Fences) -> None:
    """Orders arrive in the week after the first one."""
    async with world.units.worker() as unit:
        north = next(one for one in await unit.partners.profiles() if one.name == "north")
        retail = next(one for one in await unit.partners.agreements() if one.name == "retail")
        changed = {"fences": fences, "replenishment": Replenishment(release="buyer")}
        await unit.partners.put(north, [retail.model_copy(update=changed)], {})


async def test_what_a_newer_plan_has_overtaken_is_released_no_more(ready: World) -> None:
    async with ready.by_token("north") as hub:
        before = await only(hub)
        async with ready.units.worker() as unit:
            await replenish(unit, "retail", (await unit.runs.open("retail", FIRST_WEEK + timedelta(weeks=1))).id)
        assert (await hub.order_proposal(before.name)).state == State.STATE_SUPERSEDED
        assert (await refused(hub, name=before.name)).code is grpc.StatusCode.ABORTED


async def test_two_who_release_at_once_order_once(ready: World) -> None:
    async with ready.by_token("north") as hub:
        name = (await only(hub)).name
        told = await asyncio.gather(*(
            hub.release("agreements/retail", [Release(name=name)]) for _ in range(2)), return_exceptions=True)
        lost = [one for one in told if isinstance(one, CallError)]
        assert [one.reason for one in lost] == ["ALREADY_RELEASED"]
