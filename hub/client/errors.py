"""What a call can end with: one exception, told apart by `code` and `reason`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2

DETAILS = "grpc-status-details-bin"


@dataclass
class CallError(Exception):
    """The hub, or the way to it, refused a call.

    `reason` is stable ("TOKEN_INVALID", "PAGE_TOKEN_INVALID", "NOT_FOUND" …), None when the hub was never reached.
    `violations` maps fields of the request to what is wrong with them; `incident` finds the case in the hub's log;
    `etag` is the one of now, where somebody else was faster.
    """

    code: grpc.StatusCode
    message: str
    reason: str | None = None
    violations: dict[str, str] = field(default_factory=dict)
    retry_after: timedelta | None = None
    incident: str | None = None
    etag: str | None = None

    def __str__(self) -> str:
        return f"{self.code.name}{f' ({self.reason})' if self.reason else ''}: {self.message}"


def call_error(error: grpc.RpcError) -> CallError:
    """`error` with everything that its google.rpc.Status says."""
    made = CallError(error.code(), error.details() or "")
    trailing: Any = error.trailing_metadata() or ()
    for key, value in trailing:
        if key == DETAILS and isinstance(value, bytes):
            _fill(made, status_pb2.Status.FromString(value))
    return made


def _fill(made: CallError, status: status_pb2.Status) -> None:
    info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    for detail in status.details:
        if detail.Unpack(info):
            made.reason, made.incident = info.reason, info.metadata.get("incident")
            made.etag = info.metadata.get("etag")
        elif detail.Unpack(bad):
            made.violations = {violation.field: violation.description for violation in bad.field_violations}
        elif detail.Unpack(retry):
            made.retry_after = retry.retry_delay.ToTimedelta()
