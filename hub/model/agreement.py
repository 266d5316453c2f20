"""Collaboration arrangement: what two partners agreed about planning together (VICS CPFR, step 1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from hub.model.item import GLN, GTIN
from hub.model.value import Value

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Role = Literal["buyer", "seller"]
SettlementRule = Literal["buyer_wins", "seller_wins", "mean", "baseline_wins", "nearest_to_baseline", "weighted"]
"""`weighted`: both views and the baseline, by what their past errors teach."""
Policy = Literal["accept_with_errors", "reject"]


class Threshold(Value):
    """An exception is raised when the two views differ by more than `percent` of their mean AND by more than
    `quantity` base units, for buckets `from_week` to `to_week` (1 = first future week, inclusive)."""

    from_week: int = 1
    to_week: int = 999
    percent: Decimal
    quantity: Decimal


class Fences(Value):
    """Weeks from now: inside `frozen` nothing changes unless both sign; inside `slushy` only within `tolerance` %."""

    frozen: int = 0
    slushy: int = 0
    tolerance: Decimal = Decimal(0)


class Replenishment(Value):
    """Periodic-review base stock: review every `review_weeks`, `lead_weeks` from order to receipt, both in weeks;
    `service` is the cycle-service probability that sizes the safety stock; an order line is in whole `order_unit`s and
    at least `minimum` base units."""

    review_weeks: int = 1
    lead_weeks: int = 1
    service: Decimal = Decimal("0.97")
    order_unit: str = "case"
    minimum: Decimal = Decimal(0)


class Member(Value):
    """One side of the agreement: the partner's short name, its role, and the measures that it may see."""

    partner: str
    role: Role
    sees: tuple[str, ...]


class Agreement(Value):
    """Who plans what with whom, by which rules. `items` and `locations` are the scope; empty `items` means all shared.

    `demand` says where the demand to plan for comes from: "sold" or "withdrawn" (an observed measure), or "orders" (the
    order forecasts that other agreements place upon these items: dependent demand).

    `settle_days` is how long the two sides may settle an exception between them before the rule `settlement` decides;
    0: it decides at once. `reasons` are the codes that a settlement may name; empty: any.

    At `stage` "tested" the numbers that are reported under it go to the sandbox, and nothing is planned from them.
    """

    name: str
    members: tuple[Member, ...]
    valid_from: date
    valid_to: date | None = None
    items: tuple[GTIN, ...]
    locations: tuple[GLN, ...]
    demand: Literal["sold", "withdrawn", "orders"] = "sold"
    week_start: Weekday = "monday"
    horizon_weeks: int = 13
    history_weeks: int = 104
    thresholds: tuple[Threshold, ...] = ()
    settlement: SettlementRule = "mean"
    settle_days: int = Field(default=0, ge=0, le=365)
    reasons: tuple[str, ...] = ()
    fences: Fences = Fences()
    replenishment: Replenishment = Replenishment()
    currency: str = "EUR"
    stage: Literal["tested", "live"] = "live"

    @model_validator(mode="after")
    def _two_sides(self) -> Agreement:
        roles = [m.role for m in self.members]
        if roles.count("buyer") != 1 or roles.count("seller") != 1:
            raise ValueError("an agreement has exactly one buyer and one seller")
        return self

    def partner(self, role: Role) -> str:
        """The short name of the member in `role`."""
        return next(m.partner for m in self.members if m.role == role)

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
