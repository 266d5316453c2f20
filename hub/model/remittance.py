"""Remittance advice: X12 820, EDIFACT REMADV. What was paid, and for which invoices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from hub.model.conditions import TaxPaid, Withheld
from hub.model.particulars import LineParticulars, Particulars
from hub.model.party import Party

PaymentMethod = Literal["transfer", "clearing", "cheque", "card", "direct_debit", "not_specified", "none"]
"""transfer: wire between banks; clearing: ACH, SEPA and the like; none: an advice without payment."""
Paid = Literal["invoice", "credit_note", "debit_note", "order", "statement", "other"]


class RemittanceLine(LineParticulars):
    """One settled document: `paid` of `due`, after `discount` and `adjustment` (negative lowers what is paid).

    `reason` is a word of `schemas/codes/adjustment.toml`.
    """

    number: str | None = None
    kind: str | None = None
    issued_on: date | None = None
    order_number: str | None = None
    paid: Decimal | None = None
    due: Decimal | None = None
    discount: Decimal | None = None
    adjustment: Decimal | None = None
    reason: str | None = None
    action: str | None = None
    """What the payee shall do: X12 482."""
    spare: ClassVar[frozenset[str]] = LineParticulars.spare | {"action"}


class Remittance(Particulars):
    """What `payer` says it paid to `payee`. `number` is the trace or advice number, `total` the whole sum."""

    number: str | None = None
    purpose: str | None = None
    issued_on: date | None = None
    paid_on: date | None = None
    total: Decimal | None = None
    currency: str | None = None
    method: str | None = None
    payer: Party | None = None
    payee: Party | None = None
    payer_bank: str | None = None
    payer_account: str | None = None
    payee_bank: str | None = None
    payee_account: str | None = None
    format: str | None = None
    """How the payment travels between banks: X12 812."""
    originator: str | None = None
    originator_extra: str | None = None
    business_function: str | None = None
    return_bank: str | None = None
    return_bank_kind: str | None = None
    return_account: str | None = None
    return_account_kind: str | None = None
    """Where the money goes back to if it cannot be paid; the kinds are X12 506 and 569, as sent."""
    tax_payments: tuple[TaxPaid, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    spare: ClassVar[frozenset[str]] = Particulars.spare | {
        "purpose", "format", "originator", "originator_extra", "business_function", "return_bank", "return_bank_kind",
        "return_account", "return_account_kind", "tax_payments", "withheld",
    }

    lines: tuple[RemittanceLine, ...] = ()
