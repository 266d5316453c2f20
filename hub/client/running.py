"""How both clients run what takes its time: the sync form and the async one, side by side."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from google.longrunning import operations_pb2

from hub.rpc.pb.v1 import cycles_pb2


class Running:
    """A part of `Client`, which brings the calls themselves."""

    _call: Any
    _all: Any
    _cycles: Any
    _operations: Any

    def run_cycle(self, agreement: str, *, request_id: str = "") -> operations_pb2.Operation:
        """Plans an agreement today; `wait` for it, or look at it later."""
        request = cycles_pb2.RunCycleRequest(agreement=agreement, request_id=request_id)
        return self._call(self._cycles.RunCycle, request)

    def operation(self, name: str) -> operations_pb2.Operation:
        """How far it is."""
        return self._call(self._operations.GetOperation, operations_pb2.GetOperationRequest(name=name))

    def operations(self, *, filter: str = "", page_size: int = 0) -> Iterator[operations_pb2.Operation]:
        """Cycles, newest first."""
        request = operations_pb2.ListOperationsRequest(filter=filter, page_size=page_size)
        found: Iterator[operations_pb2.Operation] = self._all(
            self._operations.ListOperations, request, lambda r: r.operations)
        return found

    def wait(self, name: str, seconds: float = 600.0) -> operations_pb2.Operation:
        """The operation once it is done, or as it is after so many seconds."""
        until = time.monotonic() + seconds
        while True:
            found = self._call(self._operations.WaitOperation, operations_pb2.WaitOperationRequest(name=name))
            if found.done or time.monotonic() >= until:
                return found

    def cancel(self, name: str) -> None:
        """Stops it after the step that is under way."""
        self._call(self._operations.CancelOperation, operations_pb2.CancelOperationRequest(name=name))

    def put_away(self, name: str) -> None:
        """One's own side does not see it any more; it is not stopped."""
        self._call(self._operations.DeleteOperation, operations_pb2.DeleteOperationRequest(name=name))


class AsyncRunning:
    """A part of `AsyncClient`, which brings the calls themselves."""

    _call: Any
    _all: Any
    _cycles: Any
    _operations: Any

    async def run_cycle(self, agreement: str, *, request_id: str = "") -> operations_pb2.Operation:
        """Plans an agreement today; `wait` for it, or look at it later."""
        request = cycles_pb2.RunCycleRequest(agreement=agreement, request_id=request_id)
        return await self._call(self._cycles.RunCycle, request)

    async def operation(self, name: str) -> operations_pb2.Operation:
        """How far it is."""
        return await self._call(self._operations.GetOperation, operations_pb2.GetOperationRequest(name=name))

    def operations(self, *, filter: str = "", page_size: int = 0) -> AsyncIterator[operations_pb2.Operation]:
        """Cycles, newest first."""
        request = operations_pb2.ListOperationsRequest(filter=filter, page_size=page_size)
        found: AsyncIterator[operations_pb2.Operation] = self._all(
            self._operations.ListOperations, request, lambda r: r.operations)
        return found

    async def wait(self, name: str, seconds: float = 600.0) -> operations_pb2.Operation:
        """The operation once it is done, or as it is after so many seconds."""
        until = time.monotonic() + seconds
        while True:
            found = await self._call(self._operations.WaitOperation, operations_pb2.WaitOperationRequest(name=name))
            if found.done or time.monotonic() >= until:
                return found

    async def cancel(self, name: str) -> None:
        """Stops it after the step that is under way."""
        await self._call(self._operations.CancelOperation, operations_pb2.CancelOperationRequest(name=name))

    async def put_away(self, name: str) -> None:
        """One's own side does not see it any more; it is not stopped."""
        await self._call(self._operations.DeleteOperation, operations_pb2.DeleteOperationRequest(name=name))
