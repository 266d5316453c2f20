"""A planning exception: where two views of the same future differ by more than the agreement allows."""

from __future__ import annotations

from datetime import date
from typing import Literal

from hub.model.value import Value

ExceptionState = Literal["open", "assigned", "proposed", "countered", "agreed", "escalated", "expired", "resolved"]


class ForecastException(Value):
    """One disagreement: `left` (the buyer's view) against `right` (the seller's), base units, in one week.

    `percent` is |left − right| over their mean, times 100; `value_at_stake` is |left − right| × unit value, in the
    agreement's currency. `lag` counts weeks from the last observed one (1 = the first future week). `id` is the public
    one, given by the store; None before.
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
    state: ExceptionState = "open"
    settled: float | None = None
    rule: str | None = None
