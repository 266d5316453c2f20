"""Who comes in for a partner: its people and its systems, each with one role."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from hub.model.value import Value

Role = Literal["viewer", "planner", "operator", "admin"]
Right = Literal["read", "plan", "trade", "administer"]
RIGHTS: dict[Role, frozenset[Right]] = {
    "viewer": frozenset({"read"}),
    "planner": frozenset({"read", "plan"}),
    "operator": frozenset({"read", "trade"}),
    "admin": frozenset({"read", "plan", "trade", "administer"}),
}
"""What each role may do: read what the agreements show; plan (forecasts, exceptions); trade (files, orders); administer
(the partner's own accounts)."""


class Caller(Value):
    """Who is calling: an account of a partner. `partner` decides what is seen, `role` what may be done."""

    partner: str
    account: str
    role: Role

    @property
    def actor(self) -> str:
        """How the audit trail names it."""
        return f"{self.partner}/{self.account}"

    def may(self, right: str) -> bool:
        return right in RIGHTS[self.role]


class Account(Value):
    """A person ("user") or a system ("service") of a partner; `revision` grows with every change."""

    name: str
    kind: Literal["user", "service"]
    role: Role
    created_at: datetime
    disabled_at: datetime | None = None
    revision: int = 1
