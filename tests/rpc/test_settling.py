"""Settling over the wire: two partners come to terms, nobody else can touch it, and nobody overwrites anybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

import grpc
import pytest

from hub.client import AsyncClient, CallError, ForecastException
from tests.rpc.conftest import World

State = ForecastException.State
ACTS: dict[str, Callable[[AsyncClient, str], Awaitable[ForecastException]]] = {
    "propose": lambda hub, name: hub.propose(name, 5),
    "counter": lambda hub, name: hub.counter(name, 5),
    "agree": lambda hub, name: hub.agree(name),
    "escalate": lambda hub, name: hub.escalate(name),
    "assign": lambda hub, name: hub.assign(name, "Ana"),
    "comment": lambda hub, name: hub.comment(name, "why"),
}


async def of(hub: AsyncClient) -> ForecastException:
    [found] = [one async for one in hub.exceptions()]
    return found


async def refused(call: Awaitable[ForecastException]) -> CallError:
    with pytest.raises(CallError) as refusal:
        await call
    return refusal.value


async def test_two_sides_come_to_terms_and_the_consensus_says_so(world: World) -> None:
    async with world.units.worker() as unit:
        await unit.partners.open_account("south", "certificate", "service", "planner")
    async with world.by_token("north") as buyer, world.by_certificate("south") as seller:
        found = await of(buyer)
        offered = await buyer.propose(found.name, 0, reason="delisting", comment="last week of the item")
        assert (offered.state, offered.offered_by) == (State.STATE_PROPOSED, "partners/north")
        assert (offered.HasField("offered_quantity"), offered.offered_quantity) == (True, 0)
        await seller.counter(found.name, 6.5)
        done = await buyer.agree(found.name)
        assert (done.state, done.settled_quantity, done.settlement_rule) == (State.STATE_RESOLVED, 6.5, "signed")
        assert [(s.act, s.actor) for s in done.steps] == [
            ("find", ""), ("propose", "partners/north"), ("counter", "partners/south"), ("agree", "partners/north"),
            ("resolve", "")]
        assert (done.steps[1].reason, done.steps[1].comment) == ("delisting", "last week of the item")
        assert (await seller.exception(found.name)).steps[1].comment == "last week of the item"
    async with world.units.worker() as unit:
        latest = await unit.plans.latest("retail", "hub", "consensus")
    assert latest
    week = date(found.week.year, found.week.month, found.week.day)
    assert latest[1].values[0, (week - latest[1].first_week).days // 7] == 6.5


async def test_an_etag_that_is_not_the_newest_aborts_and_does_nothing(world: World) -> None:
    async with world.by_token("north") as buyer, world.by_token("south") as seller:
        found = await of(buyer)
        await seller.propose(found.name, 9, etag=found.etag)
        late = await refused(buyer.escalate(found.name, etag=found.etag))
        assert (late.code, late.reason) == (grpc.StatusCode.ABORTED, "CONFLICT")
        assert (await buyer.exception(found.name)).state == State.STATE_PROPOSED


async def test_nobody_else_can_act_and_learns_nothing_from_trying(world: World) -> None:
    async with world.by_token("north") as ours, world.by_token("east") as theirs:
        name = (await of(ours)).name
        for act in ACTS.values():
            told = [await refused(act(theirs, asked)) for asked in (name, "exceptions/exc_0")]
            assert {(t.code, t.reason, t.message) for t in told} == {
                (grpc.StatusCode.NOT_FOUND, "NOT_FOUND", told[0].message)}
        assert (await ours.exception(name)).etag == "1"


async def test_what_an_act_lacks_is_said_with_a_reason(world: World) -> None:
    async with world.by_token("north") as hub:
        name = (await of(hub)).name
        assert (await refused(hub.agree(name))).reason == "NO_OFFER"
        assert (await refused(hub.counter(name, 3))).reason == "NO_OFFER"
        assert (await refused(hub.propose(name, -3))).reason == "QUANTITY_MISSING"
        assert (await refused(hub.propose(name, float("nan")))).reason == "QUANTITY_MISSING"
        assert (await refused(hub.comment(name, ""))).reason == "FIELD_REQUIRED"
        assert (await refused(hub.comment(name, "x" * 2001))).reason == "TEXT_TOO_LONG"
        assert (await refused(hub.escalate(name, etag="abc"))).reason == "MALFORMED_ETAG"
        await hub.propose(name, 3)
        assert (await refused(hub.agree(name))).reason == "YOUR_OWN_OFFER"
