"""What becomes of a transaction with these findings, under this sender's policy."""

from __future__ import annotations

from collections.abc import Sequence

from hub.errors import Finding, Severity
from hub.model.agreement import Policy
from hub.model.exchange import Status
from hub.model.finding import unusable


def status(findings: Sequence[Finding], whole: bool, policy: Policy) -> Status:
    """Rejected when a fault makes it unusable, when no document came of it (`whole` is False), or when the policy says
    so; otherwise its errors are told and the rest is taken."""
    errors = [f for f in findings if f.severity is Severity.ERROR]
    if not whole or any(map(unusable, errors)) or (errors and policy == "reject"):
        return Status.REJECTED
    return Status.ACCEPTED_WITH_ERRORS if errors else Status.ACCEPTED
