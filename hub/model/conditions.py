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
    """Who uses which currency for what, and what it costs in another, up to five dates that the rate has to do with
    (`date_kind` is a word of `schemas/codes/moment.toml`). X12 CUR, EDIFACT CUX."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"function", "base", "other_function", "other_role", "other_base", "market"}
        | {f"{name}{at}" for name in ("date_kind", "on", "time") for at in ("", "_2", "_3", "_4", "_5")}
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
    date_kind: str | None = None
    on: date | None = None
    time: str | None = None
    date_kind_2: str | None = None
    on_2: date | None = None
    time_2: str | None = None
    date_kind_3: str | None = None
    on_3: date | None = None
    time_3: str | None = None
    date_kind_4: str | None = None
    on_4: date | None = None
    time_4: str | None = None
    date_kind_5: str | None = None
    on_5: date | None = None
    time_5: str | None = None


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
    """The contract that prices come from. X12 CN1 and CS."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"change", "release", "number_kind", "reference", "order_number", "service", "point", "price", "unit", "terms",
         "percent_2"}
    )

    kind: str | None = None
    amount: Decimal | None = None
    percent: Decimal | None = None
    number: str | None = None
    discount_percent: Decimal | None = None
    version: str | None = None
    change: str | None = None
    release: str | None = None
    number_kind: str | None = None
    reference: str | None = None
    order_number: str | None = None
    service: str | None = None
    point: str | None = None
    percent_2: Decimal | None = None
    price: Decimal | None = None
    unit: str | None = None
    terms: str | None = None


class Settled(Said):
    """Whom a payment is for, among several, where that is told; `number` counts them. X12 ENT."""

    spare: ClassVar[frozenset[str]] = frozenset({"role_2", "scheme_2", "id_2"})

    number: str | None = None
    role: str | None = None
    scheme: str | None = None
    id: str | None = None
    number_kind: str | None = None
    reference: str | None = None
    role_2: str | None = None
    scheme_2: str | None = None
    id_2: str | None = None
    """A second party that has to do with it."""


class RemittanceDelivery(Said):
    """How the advice of a payment reaches the payee: `method` is X12 756, `name` and `address` whom and where. X12 RDM.
    """

    method: str
    name: str | None = None
    address: str | None = None


class Share(Said):
    """What one of several partners bears or gets. `kind` says what the amount is: a word of
    `schemas/codes/amount.toml`. X12 PSA."""

    scheme: str
    id: str
    percent: Decimal | None = None
    amount: Decimal | None = None
    kind: str | None = None


class Balance(Said):
    """What is owed in all. `kind` says of when (X12 951), `amount_kind` is a word of `schemas/codes/amount.toml`.
    X12 BAL."""

    kind: str
    amount_kind: str
    amount: Decimal


class TaxPaid(Said):
    """A payment of taxes: for which period it is paid (`on` its end), and up to three parts by kind. X12 TXP."""

    number: str
    kind: str
    on: date
    part: str
    amount: Decimal
    part_2: str | None = None
    amount_2: Decimal | None = None
    part_3: str | None = None
    amount_3: Decimal | None = None
    verification: str | None = None


class Withheld(Said):
    """What an employer withheld of wages for somebody else: `kind` is X12 1511, `case` the court's number. X12 DED."""

    kind: str
    case: str
    on: date
    amount: Decimal
    person: str
    insured: str
    """Y or N, whether there is a medical insurance: X12 1073."""
    name: str | None = None
    court: str | None = None
    ended: str | None = None
    """Y or N, whether the employment has ended: X12 1073."""
