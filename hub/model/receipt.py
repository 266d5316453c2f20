"""Receiving advice: X12 861, EDIFACT RECADV. What arrived, in which boxes, and what was wrong with it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from hub.model.despatch import UnitKind
from hub.model.marks import Marking
from hub.model.papers import State
from hub.model.particulars import LineParticulars, Particulars
from hub.model.party import Party
from hub.model.reference import Reference
from hub.model.said import Said

Condition = Literal["good", "damaged", "short", "over", "missing", "wrong_item", "quality", "late", "early", "expired",
                    "refused", "other"]
"""What is said of a quantity that is questioned."""


class ReceivedShare(Marking):
    """So much of a line, `quantity` in `unit`, was in the box with this `sscc` or other mark (`label`); `questioned` of
    it is in dispute because of `condition`. `states` are those of what carries the mark."""

    spare: ClassVar[frozenset[str]] = Marking.spare | {"label", "states"}

    sscc: str | None = None
    label: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    questioned: Decimal | None = None
    condition: str | None = None
    states: tuple[State, ...] = ()


class ReceiptLine(LineParticulars):
    """`quantity` arrived, `returned` goes back, `questioned` is in dispute because of `condition`; all in `unit`.

    `despatched` is what the despatch advice promised. The line lay in the box with `sscc`; `inside` is the `number` of
    the unit (or units) of the receipt that held it, `shares` say what of it was in which box.
    """

    spare: ClassVar[frozenset[str]] = LineParticulars.spare | {"inside", "shares"}

    number: str | None = None
    quantity: Decimal | None = None
    despatched: Decimal | None = None
    returned: Decimal | None = None
    questioned: Decimal | None = None
    condition: str | None = None
    unit: str | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    lot: str | None = None
    sscc: str | None = None
    order_number: str | None = None
    inside: str | None = None
    shares: tuple[ReceivedShare, ...] = ()


class ReceivedUnit(Said):
    """One box or pallet that arrived, or `count` alike ones: as a `HandlingUnit` of the despatch, and what was wrong
    with it: `questioned` packages are in dispute because of `condition`, `states` are those of what carries the mark.

    `number` is its level of packing in this receipt: units of one number hold the same lines. `inside` is the number of
    the unit around it.
    """

    spare: ClassVar[frozenset[str]] = frozenset({"references", "states"})

    number: str | None = None
    inside: str | None = None
    kind: UnitKind | None = None
    sscc: str | None = None
    label: str | None = None
    count: int | None = None
    packaging: str | None = None
    questioned: Decimal | None = None
    condition: str | None = None
    references: tuple[Reference, ...] = ()
    states: tuple[State, ...] = ()


class Receipt(Particulars):
    """What the buyer says about a delivery. `despatch_number` is the seller's despatch advice."""

    spare: ClassVar[frozenset[str]] = Particulars.spare | {"units"}

    number: str
    purpose: str = "original"
    issued_on: date | None = None
    received_on: date | None = None
    order_number: str | None = None
    despatch_number: str | None = None
    bill_of_lading: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_to: Party | None = None
    units: tuple[ReceivedUnit, ...] = ()
    lines: tuple[ReceiptLine, ...] = ()
