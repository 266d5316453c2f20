"""What a planner looks at first, in words: the rows of the agreement's scenario with names instead of numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hub.model.agreement import Agreement
from hub.planning.first_look import TITLES, Row
from hub.planning.tasks import first_look
from hub.ports import CatalogueView

SHOWN = 8
"""Rows above a joint forecast; `hub plan compare` lists them all."""


def title(agreement: Agreement) -> str:
    """What these rows are."""
    return f"{TITLES[first_look(agreement)]} ({agreement.name}, base units)"


def in_words(rows: Iterable[Row], catalogue: CatalogueView) -> list[dict[str, Any]]:
    """Items and places by name, quantities in whole units; what nobody said is empty."""
    return [_named(row, catalogue) for row in rows]


def _named(row: Row, catalogue: CatalogueView) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("gtin", "like"):
            item = catalogue.items.get(value or "")
            said["item" if name == "gtin" else "like"] = item.name if item else value
        elif name == "gln":
            place = catalogue.locations.get(value)
            said["place"] = place.name if place else value
        elif name == "differ":
            said[name] = None if value is None else f"{value:.0f} %"
        else:
            said[name] = f"{value:,.0f}" if isinstance(value, float) else value
    return said
