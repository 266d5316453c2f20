"""Joint business plan: what two partners want to reach together, and what they will do for it (VICS CPFR, step 2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from hub.model.item import GLN, GTIN
from hub.model.value import Value

TargetMeasure = Literal["sales", "sales_value", "in_stock", "turns", "fill_rate"]
"""`sales` base units and `sales_value` the agreement's currency at unit values, in the whole period; `in_stock` and
`fill_rate` percent; `turns` per year."""
EventKind = Literal["promotion", "price", "display", "advertising", "introduction", "delisting", "season"]


class Period(Value):
    """From `start` to `end`, both inclusive."""

    start: date
    end: date

    @model_validator(mode="after")
    def _forwards(self) -> Period:
        if self.end < self.start:
            raise ValueError(f"it ends ({self.end}) before it begins ({self.start})")
        return self


class Target(Period):
    """At least `value` of `measure` from `start` to `end`, for the planning family `group` (None: all items)."""

    measure: TargetMeasure
    group: str | None = None
    value: Decimal = Field(ge=0)


class PlannedEvent(Period):
    """Something that both will do. Empty `items` or `locations`: all of the agreement. `lift` is the expected rise over
    the usual sales in percent, None where nobody said."""

    name: str
    kind: EventKind = "promotion"
    items: tuple[GTIN, ...] = ()
    locations: tuple[GLN, ...] = ()
    lift: Decimal | None = None


class SitePolicy(Value):
    """How one item is kept at one place: stock between `minimum` and `maximum` base units, on sale from `start` to
    `end`; what is None is not agreed. A new item is expected to sell like the item `like` at that place."""

    gtin: GTIN
    gln: GLN
    minimum: Decimal | None = Field(default=None, ge=0)
    maximum: Decimal | None = Field(default=None, ge=0)
    start: date | None = None
    end: date | None = None
    like: GTIN | None = None

    @model_validator(mode="after")
    def _room(self) -> SitePolicy:
        if self.minimum is not None and self.maximum is not None and self.maximum < self.minimum:
            raise ValueError(f"the maximum ({self.maximum}) is below the minimum ({self.minimum})")
        if self.like == self.gtin:
            raise ValueError("an item is like itself: name the item that it is to sell like")
        return self


class BusinessPlan(Value):
    """What the partners of `agreement` have planned together."""

    agreement: str
    targets: tuple[Target, ...] = ()
    events: tuple[PlannedEvent, ...] = ()
    policies: tuple[SitePolicy, ...] = ()
