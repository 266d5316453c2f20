"""By which rules an item is replenished at a place: UBL TradeItemLocationProfile."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from hub.model.exception_notice import NamedItem
from hub.model.order import Purpose
from hub.model.particulars import Particulars
from hub.model.party import Party

ProfileStatus = Literal["new", "update", "delete"]


class ManagedItem(NamedItem):
    """The rules for one item, in force from `start` to `end` (inclusive).

    Orders are placed every `order_interval_days`, in multiples of `order_multiple` and of at least `minimum_order`
    (both in `order_unit`), and arrive `lead_time` (in `lead_unit`) later; nothing changes within `frozen_days`. Stock
    is kept between `minimum_stock` and `target_stock` (each in its unit) for a service of `service_percent`.
    `location` is where (empty: wherever the document's buyer is), `scheme` who issued its number; `owner` says who
    cares for it.
    """

    start: date | None = None
    end: date | None = None
    location: str | None = None
    scheme: str | None = None
    frozen_days: Decimal | None = None
    order_interval_days: Decimal | None = None
    order_multiple: Decimal | None = None
    order_unit: str | None = None
    minimum_order: Decimal | None = None
    minimum_order_unit: str | None = None
    lead_time: Decimal | None = None
    lead_unit: str | None = None
    minimum_stock: Decimal | None = None
    minimum_stock_unit: str | None = None
    target_stock: Decimal | None = None
    target_stock_unit: str | None = None
    service_percent: Decimal | None = None
    owner: str | None = None


class LocationProfile(Particulars):
    """Rules that are new, changed or no longer hold (`status`), from `start` to `end` (inclusive)."""

    number: str
    purpose: Purpose = "original"
    issued_on: date | None = None
    status: ProfileStatus | None = None
    start: date | None = None
    end: date | None = None
    buyer: Party | None = None
    seller: Party | None = None
    lines: tuple[ManagedItem, ...] = ()
