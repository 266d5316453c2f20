"""Service Cycles, and google.longrunning.Operations over them: a planning cycle is an operation.

Its row in the database is the operation; nothing is kept in this process, so any node of the hub can be asked.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from google.longrunning import operations_pb2
from google.longrunning.operations_pb2_grpc import OperationsServicer
from google.protobuf import any_pb2, empty_pb2
from google.protobuf.message import Message as Protobuf
from google.rpc import code_pb2, error_details_pb2, status_pb2

from hub.errors import Reject
from hub.flow import cycle
from hub.ports import Clock, CycleRow, Unit, Units
from hub.rpc.convert import day, moment, value
from hub.rpc.deeds import once
from hub.rpc.errors import DOMAIN, Invalid
from hub.rpc.identity import Context, caller, who
from hub.rpc.listings import CYCLES
from hub.rpc.names import id_of, name
from hub.rpc.pages import PageTokens, page_size
from hub.rpc.pb.v1 import cycles_pb2 as pb
from hub.rpc.pb.v1.cycles_pb2_grpc import CyclesServicer

LOOK = 0.25
"""Seconds between two looks at an operation that somebody waits for."""
LONGEST = timedelta(seconds=20)
"""How long one call waits at most; who wants to wait longer asks again."""


class Cycles(CyclesServicer):
    """The planning cycles of the caller's agreements."""

    def __init__(self, units: Units, clock: Clock) -> None:
        self._units, self._clock = units, clock

    async def RunCycle(self, request: pb.RunCycleRequest, context: Context) -> operations_pb2.Operation:
        agreement, today = id_of("agreements", request.agreement, "agreement"), self._clock.now().date()
        async with self._units.door(caller()) as unit:
            mine = {one.name for one in await unit.partners.agreements()}

        async def begun(unit: Unit) -> operations_pb2.Operation:
            run = await cycle.begin(unit, agreement if agreement in mine else "", today, who().actor)
            await unit.cycles.take_up(run.id, caller())
            return operation(CycleRow(
                run.id, run.agreement, run.as_of, "running" if run.state in cycle.STOPPED else run.state, run.step,
                run.started_at, None, None))

        return await once(self._units, request, operations_pb2.Operation, begun)


class Operations(OperationsServicer):  # type: ignore[misc]  # its package has no types
    """What Cycles has begun, for both sides of the agreement."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units, self._pages = units, pages

    async def GetOperation(
        self, request: operations_pb2.GetOperationRequest, context: Context
    ) -> operations_pb2.Operation:
        return operation(await self._row(request.name))

    async def ListOperations(
        self, request: operations_pb2.ListOperationsRequest, context: Context
    ) -> operations_pb2.ListOperationsResponse:
        partner, where = caller(), CYCLES.condition(request.filter)
        if request.name not in ("", "operations"):
            raise Invalid("name", "must be operations, or nothing.", reason="MALFORMED_NAME")
        size, after = page_size(request), self._pages.open(request, partner)
        async with self._units.door(partner) as unit:
            page = await unit.cycles.list(limit=size, after=after, where=where)
        return operations_pb2.ListOperationsResponse(
            operations=[operation(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, partner))

    async def WaitOperation(
        self, request: operations_pb2.WaitOperationRequest, context: Context
    ) -> operations_pb2.Operation:
        """As it is when it is done, or when the time to wait is over."""
        until = asyncio.get_running_loop().time() + _patience(request, context.time_remaining())
        while True:
            row = await self._row(request.name)
            if row.state != "running" or asyncio.get_running_loop().time() + LOOK >= until:
                return operation(row)
            await asyncio.sleep(LOOK)

    async def CancelOperation(
        self, request: operations_pb2.CancelOperationRequest, context: Context
    ) -> empty_pb2.Empty:
        """Stops it after the step that is under way; of one that is done nothing is left to cancel."""
        row = await self._row(request.name)
        if row.state == "running":
            try:
                await cycle.cancel(self._units, row.agreement, row.as_of, by=who().actor)
            except Reject as finished:
                if finished.reason != "FINISHED":
                    raise
        return empty_pb2.Empty()

    async def DeleteOperation(
        self, request: operations_pb2.DeleteOperationRequest, context: Context
    ) -> empty_pb2.Empty:
        """The caller's side does not see it any more. It is not stopped, and the other side still sees it."""
        row = await self._row(request.name)
        async with self._units.worker() as unit:
            await unit.cycles.put_away(row.id, caller())
            await unit.audit.record(who().actor, "cycle.put_away", row.id, {"agreement": row.agreement})
        return empty_pb2.Empty()

    async def _row(self, named: str) -> CycleRow:
        async with self._units.door(caller()) as unit:
            return await unit.cycles.get(id_of("operations", named))


def operation(row: CycleRow) -> operations_pb2.Operation:
    """A cycle as an operation (AIP-151)."""
    made = operations_pb2.Operation(name=name("operations", row.id), done=row.state != "running")
    made.metadata.Pack(pb.CycleMetadata(
        agreement=name("agreements", row.agreement), as_of_date=day(row.as_of),
        state=value(pb.CycleMetadata.State, row.state), last_step=row.step or "", create_time=moment(row.started_at),
        update_time=None if row.stepped_at is None else moment(row.stepped_at)))
    if row.state == "finished":
        made.response.Pack(pb.CycleResult(agreement=name("agreements", row.agreement), as_of_date=day(row.as_of)))
    elif row.state == "cancelled":
        made.error.CopyFrom(_error(
            code_pb2.CANCELLED, "CANCELLED", "Somebody has stopped it. Run it again to go on."))
    elif row.state == "failed":
        made.error.CopyFrom(_error(
            code_pb2.FAILED_PRECONDITION, row.reason or "FAILED",
            "It could not go on. Run it again once that is mended."))
    return made


def _error(code: int, reason: str, message: str) -> status_pb2.Status:
    info: Protobuf = error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN)
    packed = any_pb2.Any()
    packed.Pack(info)
    return status_pb2.Status(code=code, message=message, details=[packed])


def _patience(request: operations_pb2.WaitOperationRequest, remaining: float | None) -> float:
    """Seconds to wait: as long as was asked, and the call lasts. Raises Invalid for a time below nothing."""
    wanted = LONGEST
    if request.HasField("timeout"):
        try:
            wanted = request.timeout.ToTimedelta()
        except (ValueError, OverflowError):
            raise Invalid("timeout", "is no length of time.", reason="MALFORMED_TIME") from None
        if wanted < timedelta(0):
            raise Invalid("timeout", "must not be negative.", reason="MALFORMED_TIME")
    seconds = min(wanted, LONGEST).total_seconds()
    return seconds if remaining is None else min(seconds, max(remaining - 2 * LOOK, 0.0))
