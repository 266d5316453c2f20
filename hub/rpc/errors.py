"""How a refusal looks on the wire: google.rpc.Status with ErrorInfo always, and details where they help (AIP-193).

The reasons are stable and part of the API. Texts come from here or from a `Reject`, which is written for the sender;
what the database said and what went wrong inside the hub stays in its log, under the `incident` that the reply names.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import structlog
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message as Protobuf
from google.rpc import code_pb2, error_details_pb2, status_pb2

from hub.errors import Conflict, Forbidden, NotFound, Reject, Retry, TooLarge
from hub.logs import frames

DOMAIN = "hub.cpfr"
RETRY_AFTER = timedelta(milliseconds=500)
log = structlog.get_logger("hub.rpc")


class Invalid(Reject):
    """A field of the request cannot be used. `field` is its path, the message says what would do."""

    reason = "INVALID_ARGUMENT"

    def __init__(self, field: str, message: str, *, reason: str | None = None) -> None:
        super().__init__(message, reason=reason)
        self.field = field


class Unparseable(Reject):
    """The bytes are not the request's protobuf message."""

    reason = "UNPARSEABLE_REQUEST"


class Unknown(Reject):
    """No such method."""

    reason = "UNKNOWN_METHOD"


class Unauthenticated(Reject):
    """Nobody we know."""

    reason = "UNAUTHENTICATED"


class Busy(Retry):
    """More calls at once than the hub takes."""

    reason = "BUSY"


class Draining(Retry):
    """The hub is leaving."""

    reason = "DRAINING"


class OutOfRange(Reject):
    """What was asked for is kept no more."""

    reason = "OUT_OF_RANGE"


_CODES: tuple[tuple[type[Exception], int], ...] = (
    (Invalid, code_pb2.INVALID_ARGUMENT),
    (Unparseable, code_pb2.INVALID_ARGUMENT),
    (Unknown, code_pb2.UNIMPLEMENTED),
    (Unauthenticated, code_pb2.UNAUTHENTICATED),
    (OutOfRange, code_pb2.OUT_OF_RANGE),
    (NotFound, code_pb2.NOT_FOUND),
    (TooLarge, code_pb2.RESOURCE_EXHAUSTED),
    (Forbidden, code_pb2.PERMISSION_DENIED),
    (Reject, code_pb2.FAILED_PRECONDITION),
    (Conflict, code_pb2.ABORTED),
    (Retry, code_pb2.UNAVAILABLE),
    (TimeoutError, code_pb2.DEADLINE_EXCEEDED),
)


def status_of(error: Exception) -> status_pb2.Status:
    """`error` as the caller may see it."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), code_pb2.INTERNAL)
    if code == code_pb2.INTERNAL:
        return _internal(error)
    reason = error.reason if isinstance(error, Reject | Retry) else "DEADLINE_EXCEEDED"
    known = {"etag": error.current} if isinstance(error, Conflict) and error.current else {}
    details: list[Protobuf] = [error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=known)]
    if isinstance(error, Invalid):
        bad = error_details_pb2.BadRequest()
        bad.field_violations.add(field=error.field, description=str(error), reason=error.reason)
        details.append(bad)
    if isinstance(error, Retry) and not isinstance(error, Conflict):
        delay = duration_pb2.Duration()
        delay.FromTimedelta(RETRY_AFTER)
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    return _status(code, _sentence(error), details)


def _sentence(error: Exception) -> str:
    match error:
        case NotFound():
            return "There is no such resource, or you may not see it."
        case Forbidden():
            return "You may not do this."
        case Invalid():
            return f"{error.field}: {error}"
        case Reject() | Busy() | Draining():
            return str(error)
        case Conflict():
            return "It has changed since you read it. Read it again, then decide."
        case TimeoutError():
            return "The time for this call ran out. Sending it again is safe."
        case _:
            return "The hub cannot do this at the moment. Try again."


def _internal(error: Exception) -> status_pb2.Status:
    incident = uuid4().hex
    log.error("call failed inside the hub", incident=incident, error=frames(error))
    info = error_details_pb2.ErrorInfo(reason="INTERNAL", domain=DOMAIN, metadata={"incident": incident})
    return _status(code_pb2.INTERNAL, "The hub made a mistake. Its log knows it by the incident named here.", [info])


def _status(code: int, message: str, details: list[Protobuf]) -> status_pb2.Status:
    status = status_pb2.Status(code=code, message=message)
    for detail in details:
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status
