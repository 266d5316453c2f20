"""Change of a purchase order: X12 860 (the buyer's) and 865 (the seller's), EDIFACT ORDCHG."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from hub.model.particulars import TradeLineParticulars, TradeParticulars
from hub.model.party import Party
from hub.model.response import Answer, LineAnswer

Role = Literal["buyer", "seller"]
"""Who speaks: the buyer wants it otherwise, or the seller answers that, or proposes a change of its own."""
ChangeAction = Literal["add", "delete", "change", "replace", "substitute", "reject", "none"]
"""What happens to a line. "change": the values named differ from before; "replace": all earlier values are void;
"reject": a change that was asked for is refused."""


class OrderChangeLine(TradeLineParticulars):
    """One line as it shall be from now on. `quantity` is ordered in all, in `unit`; `open` is still to be delivered.

    `answer` is given by the seller only.
    """

    number: str | None = None
    action: ChangeAction
    answer: LineAnswer | None = None
    quantity: Decimal | None = None
    open: Decimal | None = None
    unit: str | None = None
    price: Decimal | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    deliver_on: date | None = None


class OrderChange(TradeParticulars):
    """What becomes of an order that was placed. `order_number` is the buyer's, `number` this change's own.

    `answer` is what the seller says to the whole (role "seller"). Lines that are not named stay as they were. The
    change was asked for on `changed_on` and answered on `responded_on`.
    """

    spare: ClassVar[frozenset[str]] = TradeParticulars.spare | {"responded_on"}

    order_number: str
    role: Role
    purpose: str = "change"
    answer: Answer | None = None
    number: str | None = None
    ordered_on: date | None = None
    changed_on: date | None = None
    responded_on: date | None = None
    deliver_on: date | None = None
    currency: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_to: Party | None = None
    lines: tuple[OrderChangeLine, ...] = ()
