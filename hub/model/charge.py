"""What is added to or taken off a price: allowances and charges, and taxes."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from hub.model.value import Value

ChargeKind = Literal["allowance", "charge"]
TaxCategory = Literal["standard", "reduced", "zero", "exempt", "reverse_charge", "export"]


class Charge(Value):
    """An allowance (taken off) or a charge (added). `amount` is never negative; `percent` is of the price it concerns.

    `service` is a word of `schemas/codes/service.toml`: what it is for. `rate` is an amount per `unit`, `quantity` so
    many of them. X12 SAC, EDIFACT ALC.
    """

    kind: ChargeKind
    service: str | None = None
    amount: Decimal | None = None
    percent: Decimal | None = None
    rate: Decimal | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    description: str | None = None


class Tax(Value):
    """One tax. `kind` is a word of `schemas/codes/tax.toml`, `percent` its rate, `base` what it is reckoned from.

    X12 TXI, EDIFACT TAX and MOA.
    """

    kind: str
    category: TaxCategory | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None
    base: Decimal | None = None
