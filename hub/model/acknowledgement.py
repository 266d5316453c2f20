"""A received acknowledgement: X12 997, EDIFACT CONTRL. What a partner says to what we sent."""

from __future__ import annotations

from typing import Literal

from hub.model.value import Value

Outcome = Literal["accepted", "accepted_with_errors", "partially_accepted", "rejected", "received"]


class AcknowledgedTransaction(Value):
    """One answered transaction, by its own number. `codes` are the error codes of that dialect, verbatim."""

    message: str | None = None
    control: str
    outcome: Outcome
    codes: tuple[str, ...] = ()


class Acknowledged(Value):
    """One answered group (997) or interchange (CONTRL), by its control number; `code` is the group's (PO, RC …)."""

    code: str | None = None
    control: str
    outcome: Outcome
    transactions: tuple[AcknowledgedTransaction, ...] = ()
