"""How much one partner may hand in; what is None is as the hub allows everybody."""

from __future__ import annotations

from pydantic import Field

from hub.model.value import Value


class QuotaTerms(Value):
    """The table [quota] of a profile. Days begin at midnight UTC, an hour is the last 60 minutes; `connections` are
    files under way at once, over HTTP and over AS2."""

    messages_per_day: int | None = Field(None, ge=1)
    bytes_per_day: int | None = Field(None, ge=1)
    messages_per_hour: int | None = Field(None, ge=1)
    connections: int | None = Field(None, ge=1)
