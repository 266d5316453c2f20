"""On which conditions is bought and paid, beside the terms that have a field. Codes are the standard's, as sent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from hub.model.contact import OtherNumber
from hub.model.said import Said


class Percentage(Said):
    """A percentage and of what it is one. X12 PCT, EDIFACT PCD."""

    spare: ClassVar[frozenset[str]] = frozenset({"basis", "list", "agency"})

    kind: str
    percent: Decimal | None = None
    basis: str | None = None
    list: str | None = None
    agency: str | None = None


class CurrencyUse(Said):
    """Who uses which currency for what, and what it costs in another. X12 CUR, EDIFACT CUX."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"function", "base", "other_function", "other_role", "other_base", "market"}
    )

    role: str | None = None
    """X12 98, EDIFACT 6343."""
    function: str | None = None
    currency: str | None = None
    base: Decimal | None = None
    rate: Decimal | None = None
    other_role: str | None = None
    other_function: str | None = None
    other_currency: str | None = None
    other_base: Decimal | None = None
    market: str | None = None


class Restriction(Said):
    """A condition that holds for quantities or sums. X12 CTB."""

    kind: str
    text: str | None = None
    quantity_kind: str | None = None
    quantity: Decimal | None = None
    amount_kind: str | None = None
    amount: Decimal | None = None


class SalesRequirement(Said):
    """What the buyer demands of a sale: what may be left back or substituted, at most for how much. X12 CSH and IT8."""

    rule: str | None = None
    action: str | None = None
    amount: Decimal | None = None
    account: str | None = None
    on: date | None = None
    agency: str | None = None
    service: str | None = None
    substitution: str | None = None
    percent: Decimal | None = None
    percent_kind: str | None = None
    item_codes: tuple[OtherNumber, ...] = ()


class PeriodAmount(Said):
    """What is bought or paid within a period. X12 PAM."""

    quantity_kind: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    kind: str | None = None
    amount: Decimal | None = None
    period: str | None = None
    start_kind: str | None = None
    start: date | None = None
    start_time: str | None = None
    end_kind: str | None = None
    end: date | None = None
    end_time: str | None = None
    percent_kind: str | None = None
    percent: Decimal | None = None
    answer: str | None = None


class Discount(Said):
    """So much off within limits. X12 DIS."""

    kind: str
    basis: str
    value: Decimal
    limit_kind: str
    limit: Decimal
    limit_2: Decimal | None = None


class Installment(Said):
    """Paid in parts: `count` of them every `every` units of time. X12 INC."""

    terms: str
    unit: str
    every: Decimal
    count: Decimal
    amount: Decimal | None = None


class PriceRule(Said):
    """What a price is multiplied by, for which customers and why. EDIFACT APR."""

    trade: str | None = None
    multiplier: Decimal | None = None
    kind: str | None = None
    reason: str | None = None
    text: str | None = None


class Commodity(Said):
    """A code of goods in a list of them. X12 TC2."""

    list: str
    code: str


class ServiceCodes(Said):
    """Services by what each code is, out of the lists of `agency`. X12 SI."""

    agency: str
    codes: tuple[OtherNumber, ...] = ()


class Funding(Said):
    """Which accounts bear the cost. X12 FA1 and FA2."""

    agency: str
    service: str | None = None
    indicator: str | None = None
    accounts: tuple[OtherNumber, ...] = ()


class Account(Said):
    """An account at a bank. `role` says whose (EDIFACT 3035). EDIFACT FII."""

    spare: ClassVar[frozenset[str]] = frozenset({"bank_list", "bank_agency", "branch_list", "branch_agency"})

    role: str
    number: str | None = None
    holder: str | None = None
    currency: str | None = None
    bank: str | None = None
    bank_list: str | None = None
    bank_agency: str | None = None
    branch: str | None = None
    branch_list: str | None = None
    branch_agency: str | None = None
    bank_name: str | None = None
    bank_place: str | None = None
    country: str | None = None


class Requirement(Said):
    """A demand by a code of `agency` or in words, and what is to be done about it. EDIFACT RCS."""

    sector: str
    code: str | None = None
    agency: str | None = None
    text: str | None = None
    action: str | None = None


class Correction(Said):
    """Why a sum differs, and at which line. X12 ADX, EDIFACT AJT."""

    reason: str
    amount: Decimal | None = None
    kind: str | None = None
    number: str | None = None
    line: str | None = None


class PaymentOrder(Said):
    """How is paid. EDIFACT PAI."""

    condition: str | None = None
    guarantee: str | None = None
    means: str | None = None
    channel: str | None = None


class Rate(Said):
    """An amount for so many of a unit. EDIFACT RTE."""

    kind: str
    rate: Decimal
    basis: Decimal | None = None
    unit: str | None = None


class Contract(Said):
    """The contract that prices come from. X12 CN1."""

    kind: str
    amount: Decimal | None = None
    percent: Decimal | None = None
    number: str | None = None
    discount_percent: Decimal | None = None
    version: str | None = None


class Settled(Said):
    """Whom a payment is for, among several, where that is told; `number` counts them. X12 ENT."""

    number: str | None = None
    role: str | None = None
    scheme: str | None = None
    id: str | None = None
    number_kind: str | None = None
    reference: str | None = None
