"""Shipment and billing notice: X12 857. A despatch advice that is the invoice too.

The goods are the same tree as in a despatch advice; items have prices, orders what is to be paid for them.
"""

from __future__ import annotations

from decimal import Decimal

from hub.model.charge import Charge, Tax
from hub.model.despatch import Despatch, DespatchedItem, DespatchedOrder, HandlingUnit
from hub.model.party import Party
from hub.model.terms import PaymentTerms


class BilledItem(DespatchedItem):
    """`price` is per `unit`, net; `pack` is how many inner units of `size` a unit holds."""

    price: Decimal | None = None
    price_kind: str | None = None
    pack: Decimal | None = None
    size: Decimal | None = None
    size_unit: str | None = None
    charges: tuple[Charge, ...] = ()
    taxes: tuple[Tax, ...] = ()
    units: tuple[BilledUnit, ...] = ()


class BilledUnit(HandlingUnit):
    """A pallet or box of billed items."""

    items: tuple[BilledItem, ...] = ()
    units: tuple[BilledUnit, ...] = ()


class BilledOrder(DespatchedOrder):
    """An order with what is demanded for it. `total` is to be paid, negative where money goes back; `discountable` is
    the part of it that `terms` apply to."""

    total: Decimal | None = None
    discountable: Decimal | None = None
    discount: Decimal | None = None
    discounted_total: Decimal | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    terms: tuple[PaymentTerms, ...] = ()
    charges: tuple[Charge, ...] = ()
    taxes: tuple[Tax, ...] = ()


class BilledDespatch(Despatch):
    """What a seller sends and demands. `currency` is that of all amounts, `remit_to` who is paid."""

    currency: str | None = None
    remit_to: Party | None = None
    orders: tuple[BilledOrder, ...] = ()
    items: tuple[BilledItem, ...] = ()
    units: tuple[BilledUnit, ...] = ()
