"""What can go wrong, by remedy.

Bad content is a value (`Finding`), never an exception. An exception means "cannot go on", and is exactly one of

    HubError
    ├── Retry     the world may be better later: try again (a peer that is down, a serialisation failure)
    │   └── Conflict        somebody else changed it since it was read: read it again
    ├── Reject    this input will never work: answer the sender, keep the bytes, go on with the next
    │   ├── TooLarge        over a limit of `Settings`
    │   ├── NotFound        no such thing, or not visible to the one who asks
    │   └── Forbidden       known caller, not allowed
    └── Stop      the hub itself is wrong: a broken table, a missing migration; a person must look
        └── BrokenTable     a message table, overlay or code list that contradicts the model or itself
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class HubError(Exception):
    """Root of the tree. `reason` is stable and upper snake case: it becomes google.rpc.ErrorInfo.reason."""

    reason = "HUB_ERROR"

    def __init__(self, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        if reason is not None:
            self.reason = reason


class Retry(HubError):
    """`after`: seconds that the other side has asked us to wait; None when it said nothing."""

    reason = "TEMPORARY"

    def __init__(self, message: str, *, reason: str | None = None, after: float | None = None) -> None:
        super().__init__(message, reason=reason)
        self.after = after


class Conflict(Retry):
    """`current`: the etag that it has now, where its reader may know."""

    reason = "CONFLICT"

    def __init__(self, message: str, *, reason: str | None = None, current: str | None = None) -> None:
        super().__init__(message, reason=reason)
        self.current = current


class Reject(HubError):
    reason = "REJECTED"


class TooLarge(Reject):
    reason = "TOO_LARGE"


class NotFound(Reject):
    reason = "NOT_FOUND"


class Forbidden(Reject):
    reason = "FORBIDDEN"


class Stop(HubError):
    reason = "STOPPED"


class BrokenTable(Stop):
    reason = "BROKEN_TABLE"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Where(BaseModel):
    """The place of a finding. Everything counts from 1, `offset` (bytes from the start of the file) from 0.

    `segment` counts inside its transaction (ST and UNH are 1); outside of one it counts inside the interchange.
    `line` and `path` belong to text and XML. What does not apply is None.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    interchange: int | None = None
    group: int | None = None
    transaction: int | None = None
    segment: int | None = None
    tag: str | None = None
    offset: int | None = None
    element: int | None = None
    component: int | None = None
    repeat: int | None = None
    line: int | None = None
    path: str | None = None


class Finding(BaseModel):
    """One thing that is wrong (or worth saying) in a message: a stable code, a place, a sentence and a remedy.

    `code` looks like E-X12-MISSING-SEGMENT. From the same list come 997, CONTRL and the page that a person reads;
    the tables in `schemas/ack` say what each code is called there. `value` is the offending text, where there is one;
    `loop` the segment that begins the loop it stands in; `rule` the broken rule between elements, such as P0304.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    severity: Severity
    where: Where = Where()
    message: str
    hint: str
    value: str | None = None
    loop: str | None = None
    rule: str | None = None
