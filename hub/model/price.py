"""What one unit costs, of all the prices that are named for it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from hub.model.said import Said


class Price(Said):
    """`amount` per `unit` (or `basis` of them), if `minimum` to `maximum` are bought at once, from `start` to `end`.

    `kind` is a word of `schemas/codes/price_kind.toml` (net: after allowances; gross: before; retail: what consumers
    are to pay), or a code without a word behind the name of its standard ("x12:C01"). X12 CTP, EDIFACT PRI.
    """

    spare: ClassVar[frozenset[str]] = frozenset(
        {"trade", "multiplier_kind", "multiplier", "total", "per", "condition", "packs", "type", "change",
         "qualifier"}
    )

    kind: str = "net"
    amount: Decimal | None = None
    unit: str | None = None
    basis: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    start: date | None = None
    end: date | None = None
    trade: str | None = None
    """For which kind of customer: X12 687."""
    multiplier_kind: str | None = None
    multiplier: Decimal | None = None
    """What the price is multiplied by (X12 648 says why: a discount, a promotion)."""
    total: Decimal | None = None
    per: str | None = None
    """What the price is for, where not for the unit: X12 639."""
    condition: str | None = None
    packs: int | None = None
    """So many are sold for the price together."""
    type: str | None = None
    """EDIFACT 5375, as sent."""
    qualifier: str | None = None
    """What a price of some `kind` is for a calculation, but for net: EDIFACT 5125."""
    change: str | None = None
    """What the price of a part does to that of the whole: EDIFACT 5213."""
