"""A planning exception: where two views of the same future differ by more than the agreement allows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from hub.model.agreement import Level
from hub.model.value import Value

View = Literal["sales_forecast", "order_forecast"]
"""What two sides may disagree about: what will be sold (or withdrawn), and what will be ordered."""
ExceptionState = Literal["open", "assigned", "proposed", "countered", "agreed", "escalated", "expired", "resolved"]
Act = Literal["find", "carry", "assign", "comment", "propose", "counter", "agree", "escalate", "expire", "resolve"]
"""What happens to an exception. Partners assign, comment, propose, counter, agree and escalate; the rest is the hub's:
`carry` takes a negotiation over into the next planning run when neither side's forecast has moved."""


class ForecastException(Value):
    """One disagreement: `left` (the buyer's view) against `right` (the seller's), base units, in one week.

    `percent` is |left − right| over their mean, times 100; `value_at_stake` is |left − right| × unit value, in the
    agreement's currency. `measure` is what both speak of, `level` that of the threshold it was found by. `lag`
    counts weeks from the last observed one (1 = the first future week). `id` is the public one, given by the store;
    None before.

    `offered` is the quantity on the table and `offered_by` the partner who put it there. Until `due` the two sides may
    settle it between them; then the agreement's rule does. `revision` counts what has happened to it.
    """

    id: str | None = None
    agreement: str
    gtin: str
    gln: str
    period: date
    lag: int
    left_party: str
    right_party: str
    left: float
    right: float
    baseline: float | None = None
    percent: float
    value_at_stake: float
    measure: View = "sales_forecast"
    level: Level = "item_location"
    state: ExceptionState = "open"
    settled: float | None = None
    rule: str | None = None
    owner: str | None = None
    offered: float | None = None
    offered_by: str | None = None
    due: date | None = None
    revision: int = 0


class ExceptionStep(Value):
    """Something that happened to an exception: who did what, the state it led to, and why. `actor` is a partner's short
    name or "hub"; `quantity` what was offered or settled, base units; `reason` a code of the agreement, or the rule
    that resolved it."""

    act: Act
    actor: str
    state: ExceptionState
    quantity: float | None = None
    reason: str | None = None
    comment: str | None = None
    at: datetime
