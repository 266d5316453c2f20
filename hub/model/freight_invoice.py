"""Freight invoice: X12 210. What a carrier demands for a shipment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hub.model.cargo import Equipment
from hub.model.freight import Tariff
from hub.model.note import Note
from hub.model.particulars import Particulars
from hub.model.party import Party
from hub.model.reference import Reference
from hub.model.said import Said
from hub.model.terms import PaymentTerms
from hub.model.value import Value


class FreightDescription(Value):
    """What was carried, in the words of the carrier; `commodity` is a code of `commodity_list`."""

    number: str | None = None
    text: str | None = None
    commodity: str | None = None
    commodity_list: str | None = None
    packaging: str | None = None
    marks: str | None = None
    marks_kind: str | None = None
    commodity_2: str | None = None
    commodity_list_2: str | None = None
    compartment: str | None = None


class FreightQuantity(Value):
    """What a charge is reckoned from. `billed` in `billed_unit` (X12 element 221, as sent)."""

    number: str | None = None
    billed: Decimal | None = None
    billed_unit: str | None = None
    weight: Decimal | None = None
    weight_kind: str | None = None
    weight_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    packages: Decimal | None = None
    packaging: str | None = None


class FreightCharge(Value):
    """`amount` is demanded (negative: taken off), `rate` by `rate_basis` (a word of `schemas/codes/rate_basis.toml`).

    `service` is the code of what it is for (X12 element 150, as sent), `prepaid` what was paid already.
    """

    number: str | None = None
    rate: Decimal | None = None
    rate_basis: str | None = None
    amount: Decimal | None = None
    advance: Decimal | None = None
    prepaid: Decimal | None = None
    service: str | None = None
    rate_class: str | None = None
    description: str | None = None
    declared_value: Decimal | None = None
    declared_basis: str | None = None
    percent: Decimal | None = None
    billed: Decimal | None = None
    billed_unit: str | None = None
    currency: str | None = None


class FreightLine(Said):
    """One line of the freight bill. X12 LX."""

    number: str
    descriptions: tuple[FreightDescription, ...] = ()
    quantities: tuple[FreightQuantity, ...] = ()
    charges: tuple[FreightCharge, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()


class FreightInvoice(Particulars):
    """What a carrier demands. `number` is the carrier's, `shipment_number` the shipper's; `total` in `currency`.

    `payment` says who pays (`schemas/codes/freight_payment.toml`), `correction` what this bill corrects (X12 element
    202, as sent). `date_kind` says what `delivered_on` is, where it is no delivery (X12 element 374, as sent).
    """

    number: str
    shipment_number: str | None = None
    payment: str
    issued_on: date
    total: Decimal
    correction: str | None = None
    qualifier: str | None = None
    """Whether the bill is for a whole shipment or a part (X12 element 147, as sent)."""
    delivered_on: date | None = None
    date_kind: str | None = None
    carrier: str
    effective_on: date | None = None
    tariff_service: str | None = None
    currency: str | None = None
    terms: tuple[PaymentTerms, ...] = ()
    shipper: Party | None = None
    consignee: Party | None = None
    bill_to: Party | None = None
    equipment: tuple[Equipment, ...] = ()
    lines: tuple[FreightLine, ...] = ()
    weight: Decimal | None = None
    weight_kind: str | None = None
    weight_unit: str | None = None
    rate: Decimal | None = None
    rate_basis: str | None = None
    charge: Decimal | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    packages: Decimal | None = None
