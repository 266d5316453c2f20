"""Beside the price of an item: where and on which conditions it holds, and what consumers pay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hub.model.value import Value


class MarketArea(Value):
    """Where a price or a promotion holds: `code` in the numbering that `kind` names (X12 771), or `text` in words;
    `trade` is the kind of customer (X12 687). X12 G43."""

    kind: str
    code: str | None = None
    text: str | None = None
    trade: str | None = None


class PricingCondition(Value):
    """From when and for how much a price holds: `condition` (X12 290) counts from the date `date_kind` (a word of
    `schemas/codes/moment_g62.toml`) `on`, for at most `quantity` of `unit`. X12 G26."""

    condition: str
    date_kind: str | None = None
    on: date | None = None
    basis: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None


class PriceBracket(Value):
    """Who buys at least `quantity` of `unit` pays the prices of the bracket `number`; `mode` is how it must be carried
    (a word of `schemas/codes/transport_mode.toml`). `price_kind` is one of
    `price_kind.toml`, `action` and `answer` are X12 306 and 1073. X12 G93."""

    number: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    description: str | None = None
    mode: str | None = None
    price_kind: str | None = None
    action: str | None = None
    answer: str | None = None


class RetailPrice(Value):
    """What consumers pay for `multiple` pieces (None: one) from the day `on`, as it is printed on the pack. `option` is
    a word of `schemas/codes/prepriced.toml`. X12 G22."""

    option: str
    price: Decimal | None = None
    multiple: int | None = None
    text: str | None = None
    on: date | None = None
