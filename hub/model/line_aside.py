"""What a time-phased document says of its lines beside the figures."""

from __future__ import annotations

from typing import ClassVar

from hub.model.particulars import Particulars
from hub.model.said import Said


class LineAside(Said):
    """`aside` is said of `count` lines from number `first` (from 0) on: of one line (`depth` 0; or of some, to be
    delivered alike), of the item that they are about (1), or of what stands above that. None of `first`: of an item
    that there is no line of."""

    first: int | None = None
    count: int = 0
    depth: int = 0
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    location: str | None = None


class BulkParticulars(Particulars):
    """Of a document of many lines."""

    spare: ClassVar[frozenset[str]] = Particulars.spare | {"asides"}

    asides: tuple[LineAside, ...] = ()
