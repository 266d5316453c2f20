"""Trade promotion: X12 889. What a seller gives its customers for promoting its items, and on which conditions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hub.model.charge import Charge
from hub.model.moment import Moment
from hub.model.order import Purpose
from hub.model.particulars import Particulars
from hub.model.party import Party
from hub.model.pricing import MarketArea, RetailPrice
from hub.model.terms import PaymentTerms
from hub.model.value import Value


class Performance(Value):
    """One thing that the customer must do (`code`, X12 422): put the item on display, in print. `link` says whether it
    is demanded besides what stands before or instead (X12 293). `quantity` in `unit` must be bought."""

    code: str
    link: str | None = None
    sequence: int | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    text: str | None = None
    count: int | None = None
    dates: tuple[Moment, ...] = ()


class PromotionCondition(Value):
    """What must be done for the option `option`; `link` as above."""

    option: str
    link: str | None = None
    performances: tuple[Performance, ...] = ()


class FreeGoods(Value):
    """Who buys `bought` of `bought_unit` gets `free` of `unit` for nothing, of the item `case_gtin` or `gtin`."""

    free: int | None = None
    unit: str | None = None
    bought: int
    bought_unit: str
    case_gtin: str | None = None
    gtin: str | None = None


class PromotedLine(Value):
    """An item that is promoted. `case_gtin` is the case of `pack` packs of `size` in `size_unit`, `gtin` the pack that
    consumers buy; `offer_number` another promotion that it belongs to."""

    case_gtin: str | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    offer_number: str | None = None
    exception_number: str | None = None
    pack: Decimal | None = None
    inner: Decimal | None = None
    size: Decimal | None = None
    size_unit: str | None = None
    change: str | None = None
    changed_on: date | None = None
    quantity: Decimal | None = None
    areas: tuple[MarketArea, ...] = ()
    free_goods: tuple[FreeGoods, ...] = ()
    dates: tuple[Moment, ...] = ()
    retail_price: RetailPrice | None = None


class PromotionPart(Value):
    """What is given (`charges`, `free_goods`) for what is done (`demands`) with which items."""

    number: int
    charges: tuple[Charge, ...] = ()
    free_goods: FreeGoods | None = None
    demands: tuple[PromotionCondition, ...] = ()
    lines: tuple[PromotedLine, ...] = ()


class PromotionOffer(Particulars):
    """A promotion in the trade from `start` to `end` (inclusive), by the seller's `number` for it. `kind` is the
    standard's code (X12 640); `areas` are where it holds, `demands` what is demanded for all parts."""

    number: str
    purpose: Purpose = "original"
    kind: str | None = None
    start: date | None = None
    end: date | None = None
    buyer: Party | None = None
    seller: Party | None = None
    areas: tuple[MarketArea, ...] = ()
    terms: tuple[PaymentTerms, ...] = ()
    demands: tuple[PromotionCondition, ...] = ()
    parts: tuple[PromotionPart, ...] = ()
