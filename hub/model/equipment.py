"""What goods are loaded into."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from hub.model.said import Said


class Equipment(Said):
    """A trailer, container or other means of loading. `kind` and the other codes are the standard's, as sent.

    X12 TD3, EDIFACT EQD and EQA.
    """

    spare: ClassVar[frozenset[str]] = frozenset(
        {"owner", "seal", "ownership", "seal_status", "type", "weight_kind", "weight", "weight_unit", "agency", "size",
         "supplier", "status", "fullness",
         "handling"}
    )

    kind: str | None = None
    owner: str | None = None
    number: str | None = None
    seal: str | None = None
    seal_status: str | None = None
    ownership: str | None = None
    type: str | None = None
    """X12 24."""
    weight_kind: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    agency: str | None = None
    """Who numbers it: EDIFACT 3055."""
    size: str | None = None
    """EDIFACT 8155."""
    supplier: str | None = None
    status: str | None = None
    fullness: str | None = None
    handling: str | None = None
    """What the goods need: X12 152."""
