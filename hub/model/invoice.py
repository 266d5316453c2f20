"""Invoice and credit note: X12 810, EDIFACT INVOIC. Amounts are decimal, in `currency`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from hub.model.conditions import Balance
from hub.model.particulars import TradeLineParticulars, TradeParticulars
from hub.model.party import Party

InvoiceKind = Literal["invoice", "credit_note", "debit_note", "proforma", "self_billed", "prepayment"]


class InvoiceLine(TradeLineParticulars):
    """`price` is per `unit` (or per `price_basis` of them), net; `amount` the line's, without tax.

    `order_number` stands here where an invoice is for several orders.
    """

    number: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    price: Decimal | None = None
    price_basis: Decimal | None = None
    amount: Decimal | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    order_number: str | None = None
    order_line: str | None = None
    despatch_number: str | None = None


class Invoice(TradeParticulars):
    """What the seller demands. `total` is to be paid, tax included; `lines_total` the sum of the lines.

    `taxable` and `tax` are totals over all taxes; `discountable` is the part of `total` that terms apply to.
    """

    number: str
    kind: str = "invoice"
    purpose: str = "original"
    issued_on: date | None = None
    shipped_on: date | None = None
    delivered_on: date | None = None
    order_number: str | None = None
    ordered_on: date | None = None
    despatch_number: str | None = None
    invoice_number: str | None = None
    """The invoice that a credit or debit note corrects."""
    bill_of_lading: str | None = None
    currency: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    bill_to: Party | None = None
    remit_to: Party | None = None
    ship_to: Party | None = None
    ship_from: Party | None = None
    lines: tuple[InvoiceLine, ...] = ()
    lines_total: Decimal | None = None
    taxable: Decimal | None = None
    tax: Decimal | None = None
    discountable: Decimal | None = None
    discount: Decimal | None = None
    discounted_total: Decimal | None = None
    """What may be taken off where it is paid early, and what is due then."""
    balances: tuple[Balance, ...] = ()
    total: Decimal | None = None
    shipped_quantity: Decimal | None = None
    shipped_unit: str | None = None
    spare: ClassVar[frozenset[str]] = (TradeParticulars.spare - {"terms"}) | {
        "shipped_quantity", "shipped_unit", "discount", "discounted_total", "balances"}
