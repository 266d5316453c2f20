"""How long things are kept for a partner, and why something is kept all the same."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from hub.model.value import Value

Kept = Literal["bytes", "documents", "attempts"]
"""bytes: the exact file; documents: its content as the hub read it, and the words of findings; attempts: the log of its
delivery."""


class RetentionTerms(Value):
    """The table [retention] of a profile, in days since the file came or was written; None: for ever. What concerns two
    partners is kept as long as either of them wants."""

    bytes_days: int | None = Field(None, ge=1)
    documents_days: int | None = Field(None, ge=1)
    attempts_days: int | None = Field(None, ge=1)


class LegalHold(Value):
    """Nothing of this partner is purged as long as it lasts."""

    partner: str
    reason: str
    actor: str
    since: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
