"""Items, locations and what everyone calls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hub.model.item import Item, ItemCode, Location, UnitConversion
from hub.model.query import Condition, Sort
from hub.ports.page import Page


@dataclass(frozen=True, slots=True)
class ItemCard:
    """An item with what the reader calls it, and how its units convert."""

    item: Item
    codes: tuple[ItemCode, ...]
    conversions: tuple[UnitConversion, ...]


class Catalogue(Protocol):
    async def snapshot(self) -> CatalogueView:
        """Everything that checking and conversion need, as one in-memory value."""

    async def items(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[ItemCard]:
        """By GTIN, unless `order` says otherwise."""

    async def locations(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[Location]:
        """By GLN, unless `order` says otherwise."""

    async def put(
        self, partner: str, items: Sequence[Item], codes: Sequence[ItemCode], conversions: Sequence[UnitConversion],
        locations: Sequence[Location],
    ) -> None:
        """Insert or version a partner's master data."""


@dataclass(frozen=True, slots=True)
class CatalogueView:
    """Items, locations and what everyone calls them.

    `codes` maps (partner, scheme, code) to a GTIN, `places` maps (partner or None, code) to a GLN, `factors` maps
    (gtin, unit) to base units per unit (the base unit itself maps to 1).
    """

    items: Mapping[str, Item]
    locations: Mapping[str, Location]
    owners: Mapping[str, str]
    codes: Mapping[tuple[str, str, str], str]
    places: Mapping[tuple[str | None, str], str]
    factors: Mapping[tuple[str, str], float]
