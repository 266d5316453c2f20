"""A planning cycle is an operation: begun over gRPC, run by a worker, waited for and stopped by either side."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import grpc
import pytest
from google.longrunning import operations_pb2
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo

from hub.client import CallError
from hub.jobs.remedy import Bury
from hub.jobs.tasks import bury
from hub.rpc.pb.v1.cycles_pb2 import CycleMetadata, CycleResult
from tests.rpc.conftest import World

JOBS = "SELECT args FROM procrastinate_jobs WHERE task_name = 'plan' ORDER BY id"


def metadata(operation: operations_pb2.Operation) -> CycleMetadata:
    found = CycleMetadata()
    assert operation.metadata.Unpack(found)
    return found


async def test_a_cycle_is_begun_once_and_deferred_to_a_worker(world: World) -> None:
    id, today = str(uuid4()), datetime.now(UTC).date().isoformat()
    async with world.by_token("north") as hub:
        begun = await hub.run_cycle("agreements/retail", request_id=id)
        assert await hub.run_cycle("agreements/retail", request_id=id) == begun
        assert (begun.done, metadata(begun).state) == (False, CycleMetadata.STATE_RUNNING)
        async with world.units.worker() as unit:
            assert [row["args"] for row in await unit.transaction.rows(JOBS)] == [
                {"agreement": "retail", "as_of": today}]
        with pytest.raises(CallError) as refused:
            await hub.run_cycle("agreements/wholesale")
        assert refused.value.code is grpc.StatusCode.NOT_FOUND
    async with world.by_token("south") as seller:
        seen = {one.name: one async for one in seller.operations(filter='agreement = "agreements/retail"')}
        assert seen[begun.name].metadata == begun.metadata
        assert {one.done for one in seen.values()} == {True, False}


async def test_who_waits_is_told_when_it_is_done_and_what_steps_said_stays_inside(world: World) -> None:
    async with world.by_token("north") as hub:
        begun = await hub.run_cycle("agreements/retail")
        short = operations_pb2.WaitOperationRequest(name=begun.name, timeout=Duration(nanos=1))
        assert not (await hub._call(hub._operations.WaitOperation, short)).done
        waiting = asyncio.create_task(hub.wait(begun.name))
        run = begun.name.removeprefix("operations/")
        async with world.units.worker() as unit:
            await unit.runs.advance(run, "baseline", {"secret": "s3cr3t"})
        async with world.units.worker() as unit:
            await unit.runs.advance(run, "release", {"secret": "s3cr3t"}, "finished")
        done = await asyncio.wait_for(waiting, 60)
        assert (done.done, metadata(done).last_step) == (True, "release")
        result = CycleResult()
        assert done.response.Unpack(result)
        assert result.agreement == "agreements/retail"
        assert b"s3cr3t" not in done.SerializeToString()


async def test_a_cycle_is_cancelled_and_run_again(world: World) -> None:
    async with world.by_token("north") as hub:
        begun = await hub.run_cycle("agreements/retail")
        await hub.cancel(begun.name)
        await hub.cancel(begun.name)
        stopped = await hub.operation(begun.name)
        assert (stopped.done, stopped.error.code) == (True, grpc.StatusCode.CANCELLED.value[0])
        again = await hub.run_cycle("agreements/retail")
        assert (again.name, again.done) == (begun.name, False)
        assert not (await hub.operation(begun.name)).done
    async with world.units.worker() as unit:
        await unit.audit.seal()
        rows = await unit.transaction.rows("SELECT action FROM audit WHERE action LIKE 'cycle.%%' ORDER BY id")
        assert [row["action"] for row in rows] == ["cycle.run", "cycle.cancel", "cycle.run"]


async def test_a_cycle_that_a_worker_has_given_up_says_why(world: World) -> None:
    async with world.by_token("north") as hub:
        begun = await hub.run_cycle("agreements/retail")
        arguments = {"agreement": "retail", "as_of": datetime.now(UTC).date().isoformat()}
        await bury(world.units, "plan", arguments, "NOTHING_KNOWN: nothing is known yet", 1, Bury("rejected"))
        failed = await hub.operation(begun.name)
        why = ErrorInfo()
        assert failed.error.details[0].Unpack(why)
        assert (failed.done, why.reason, metadata(failed).state) == (True, "NOTHING_KNOWN", CycleMetadata.STATE_FAILED)


async def test_what_is_no_time_to_wait_is_refused(world: World) -> None:
    (name,) = world.visible["operations"]["north"]
    async with world.by_token("north") as hub:
        for wrong in (Duration(seconds=-1), Duration(seconds=2**62)):
            with pytest.raises(CallError) as refused:
                await hub._call(hub._operations.WaitOperation, operations_pb2.WaitOperationRequest(
                    name=name, timeout=wrong))
            assert refused.value.reason == "MALFORMED_TIME"


async def test_a_cycle_that_one_side_has_put_away_goes_on_for_the_other_and_comes_back_when_it_is_run_again(
    world: World
) -> None:
    async with world.by_token("north") as buyer, world.by_token("south") as seller:
        begun = await buyer.run_cycle("agreements/retail")
        await buyer.put_away(begun.name)
        assert begun.name not in {one.name async for one in buyer.operations()}
        for again in (buyer.operation(begun.name), buyer.put_away(begun.name), buyer.wait(begun.name)):
            with pytest.raises(CallError) as refused:
                await again
            assert refused.value.code is grpc.StatusCode.NOT_FOUND
        assert not (await seller.operation(begun.name)).done
        async with world.units.worker() as unit:
            assert len(await unit.transaction.rows(JOBS)) == 1, "it goes on"
        assert (await buyer.run_cycle("agreements/retail")).name == begun.name
        assert not (await buyer.operation(begun.name)).done
