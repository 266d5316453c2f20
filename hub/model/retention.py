"""How long things are kept for a partner, and why something is kept all the same."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from hub.model.value import Value

Kept = Literal["bytes", "documents", "attempts"]
"""bytes: the exact file; documents: its content as the hub read it, and the words of findings; attempts: the log of its
delivery."""


Book = Literal["orders", "observations", "plans"]
"""What the hub made of the files. orders: the lines of an order that has ended, and what its answers and events said;
observations: a week of one measure as it was reported under an agreement; plans: the quantities and reasons of a
version."""


class RetentionTerms(Value):
    """The table [retention] of a profile, in days; None: for ever. What concerns two partners is kept as long as either
    of them wants.

    Of files the days count since they came or were written; of orders since anything last happened to one, or since it
    was due if that is later; of observations since they were reported; of plans since the last week that they speak of
    has ended, or since they were made if that is later.
    """

    bytes_days: int | None = Field(None, ge=1)
    documents_days: int | None = Field(None, ge=1)
    attempts_days: int | None = Field(None, ge=1)
    orders_days: int | None = Field(None, ge=1)
    observations_days: int | None = Field(None, ge=1)
    plans_days: int | None = Field(None, ge=1)


class LegalHold(Value):
    """Nothing of this partner is purged as long as it lasts."""

    partner: str
    reason: str
    actor: str
    since: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
