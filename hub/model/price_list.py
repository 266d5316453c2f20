"""Price list or catalogue: X12 832, EDIFACT PRICAT. What is sold, in which packs and for how much."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal, Self

from hub.model.packing import Characteristic
from hub.model.particulars import TradeLineParticulars, TradeParticulars
from hub.model.party import Party
from hub.model.price import Price
from hub.model.pricing import MarketArea, PriceBracket, PricingCondition, RetailPrice

ListAction = Literal["add", "change", "delete", "none"]


class ListPrice(Price):
    """A price that the list exists for. Without an `amount` it says only what it depends on, and the rest is agreed
    elsewhere."""

    spare: ClassVar[frozenset[str]] = Price.spare | {"bracket", "before"}
    expected: ClassVar[frozenset[str]] = frozenset({"amount"})
    """What nearly every one has: where it is absent, that is told."""

    bracket: str | None = None
    """The number of the bracket of quantities for which it holds."""
    before: Decimal | None = None
    """What it was until then."""


class PriceListLine(TradeLineParticulars):
    """One item. `pack` of the inner ones are in one `unit`; weights and measures are those of one `unit`, and so is a
    price that names no other. `consumer_gtin` is the pack that consumers buy."""

    spare: ClassVar[frozenset[str]] = TradeLineParticulars.spare | {
        "unit", "consumer_gtin", "characteristics", "retail_prices", "areas", "pricing_conditions"}
    retold: ClassVar[frozenset[str]] = frozenset({"unit"})

    number: str | None = None
    action: str | None = None
    gtin: str | None = None
    consumer_gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    brand: str | None = None
    unit: str | None = None
    pack: Decimal | None = None
    minimum_order: Decimal | None = None
    gross_weight: Decimal | None = None
    weight_unit: str | None = None
    start: date | None = None
    end: date | None = None
    prices: tuple[ListPrice, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    retail_prices: tuple[RetailPrice, ...] = ()
    areas: tuple[MarketArea, ...] = ()
    pricing_conditions: tuple[PricingCondition, ...] = ()

    def without(self, field: str) -> Self:
        """Without a unit of the line (X12 832 has none) each price says its own."""
        prices = (one if one.unit else one.model_copy(update={"unit": self.unit}) for one in self.prices)
        return self.model_copy(update={"unit": None, "prices": tuple(prices)})


class PriceList(TradeParticulars):
    """What the seller offers from `start` to `end` (inclusive)."""

    number: str | None = None
    purpose: str = "original"
    issued_on: date | None = None
    start: date | None = None
    end: date | None = None
    currency: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    areas: tuple[MarketArea, ...] = ()
    brackets: tuple[PriceBracket, ...] = ()
    pricing_conditions: tuple[PricingCondition, ...] = ()
    lines: tuple[PriceListLine, ...] = ()
    spare: ClassVar[frozenset[str]] = TradeParticulars.spare | {"areas", "brackets", "pricing_conditions"}
