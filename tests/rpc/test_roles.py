"""A role says what an account may do; a closed account, a token out of date and a revoked one are nobody at once."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from hub.client import CallError
from hub.errors import Conflict, Reject
from hub.model.account import Role
from hub.rpc.identity import ACCOUNT, certified_account
from tests.rpc.conftest import World
from tests.rpc.test_settling import of


async def _token(world: World, account: str, role: Role) -> str:
    async with world.units.worker() as unit:
        return await unit.partners.issue_token("north", account, role=role)


@pytest.mark.parametrize(("role", "plans", "trades"), [
    ("viewer", False, False), ("planner", True, False), ("operator", False, True), ("admin", True, True)])
async def test_a_role_may_do_its_part(world: World, role: Role, plans: bool, trades: bool) -> None:
    async with world.with_token(await _token(world, role, role)) as hub:
        name = (await of(hub)).name
        for call, may in ((hub.comment(name, "hm"), plans), (hub.submit(b"a file"), trades)):
            if may:
                await call
                continue
            with pytest.raises(CallError) as refused:
                await call
            assert (refused.value.code, refused.value.reason) == (
                grpc.StatusCode.PERMISSION_DENIED, "ROLE_LACKS_RIGHT")


async def test_another_role_and_a_closed_account_count_from_the_next_call_on(world: World) -> None:
    async with world.with_token(await _token(world, "ana", "viewer")) as hub:
        name = (await of(hub)).name
        async with world.units.worker() as unit:
            changed = await unit.partners.change_account("north", "ana", role="planner")
        await hub.comment(name, "I may now")
        async with world.units.worker() as unit:
            with pytest.raises(Conflict):
                await unit.partners.change_account("north", "ana", disabled=True, revision=changed.revision - 1)
            await unit.partners.change_account("north", "ana", disabled=True, revision=changed.revision)
        with pytest.raises(CallError) as refused:
            await of(hub)
        assert refused.value.reason == "TOKEN_INVALID"
        async with world.units.worker() as unit:
            await unit.partners.change_account("north", "ana", disabled=False)
        await of(hub)


async def test_a_rotated_token_holds_until_its_time_is_over(world: World) -> None:
    async with world.units.worker() as unit:
        old = await unit.partners.issue_token("north", "erp")
        new = await unit.partners.issue_token("north", "erp", overlap=timedelta(hours=1))
    for token in (old, new):
        async with world.with_token(token) as hub:
            await of(hub)
    async with world.units.worker() as unit:
        newest = await unit.partners.issue_token("north", "erp", overlap=timedelta(0))
        late = await unit.partners.issue_token("north", "late", expires=datetime.now(UTC) - timedelta(seconds=1))
    for token in (old, new, late):
        async with world.with_token(token) as hub:
            with pytest.raises(CallError) as refused:
                await of(hub)
            assert refused.value.reason == "TOKEN_INVALID"
    async with world.with_token(newest) as hub:
        await of(hub)


async def test_a_certificate_has_the_role_of_its_account(world: World) -> None:
    async with world.by_certificate("north") as hub:
        name = (await of(hub)).name
        await hub.submit(b"a certificate may trade")
        await _lacks(hub.comment(name, "but not plan, as long as nobody says so"))
        async with world.units.worker() as unit:
            await unit.partners.open_account("north", "certificate", "service", "planner")
            with pytest.raises(Reject):
                await unit.partners.open_account("north", "certificate", "service", "admin")
        await hub.comment(name, "now it may")
        await _lacks(hub.submit(b"and trade no more"))
        async with world.units.worker() as unit:
            await unit.partners.change_account("north", "certificate", disabled=True)
        with pytest.raises(CallError) as nobody:
            await of(hub)
        assert nobody.value.reason == "UNKNOWN_PARTNER"


async def _lacks(call: Awaitable[object]) -> None:
    with pytest.raises(CallError) as refused:
        await call
    assert refused.value.reason == "ROLE_LACKS_RIGHT"


async def test_a_profile_says_that_a_certificate_alone_may_read_or_do_nothing(world: World) -> None:
    async with world.units.worker() as unit:
        north = next(one for one in await unit.partners.profiles() if one.name == "north")
        await unit.partners.put(north.model_copy(update={"certificate_role": "viewer"}), [], {})
    async with world.by_certificate("north") as hub:
        await of(hub)
        await _lacks(hub.submit(b"reading is all"))
        async with world.units.worker() as unit:
            await unit.partners.put(north.model_copy(update={"certificate_role": "nobody"}), [], {})
        with pytest.raises(CallError) as nobody:
            await of(hub)
        assert nobody.value.reason == "UNKNOWN_PARTNER"
        async with world.units.worker() as unit:
            await unit.partners.open_account("north", "certificate", "service", "viewer")
        await of(hub)


async def test_a_certificate_that_names_an_account_gets_in_only_while_there_is_one(world: World) -> None:
    async with world.units.worker() as unit:
        await unit.partners.open_account("north", "erp", "service", "operator")
        gln = (await unit.partners.profiles())[1].gln
    async with world.units.door(None) as door:
        found = await door.partners.callers_of_glns([(gln, "erp"), (gln, "gone")])
    assert {proof: (one.account, one.role) for proof, one in found.items()} == {(gln, "erp"): ("erp", "operator")}


def test_an_account_is_read_from_the_certificate_beside_the_gln() -> None:
    assert certified_account([b"urn:gln:9501101530003", f"{ACCOUNT}erp".encode()]) == "erp"
    assert certified_account([b"urn:gln:9501101530003"]) is None


async def test_what_was_done_and_read_is_in_the_audit_trail_and_a_changed_entry_is_found(world: World) -> None:
    async with world.with_token(await _token(world, "ana", "planner")) as hub:
        name = (await of(hub)).name
        await hub.exception(name)
        await hub.comment(name, "hm")
    await world.server.trail.stop()
    async with world.units.worker() as unit:
        proof = await unit.audit.proof()
        rows = await unit.transaction.rows("SELECT actor, action, subject FROM audit ORDER BY id")
        done = [(r["actor"], r["action"], r["subject"]) for r in rows]
        id = name.removeprefix("exceptions/")
        assert ("north/ana", "exception.comment", id) in done
        assert ("north/ana", "read.Exceptions.GetException", name) in done
        assert ("north/ana", "read.Exceptions.ListExceptions", "") in done
        assert await unit.audit.holds(proof.head)
        assert not await unit.audit.holds("00")
