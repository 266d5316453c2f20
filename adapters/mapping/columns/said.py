"""Which rows say something in components that are watched: what `adapters.mapping.filled` finds segment by segment."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from adapters.mapping.columns.block import Array
from adapters.mapping.columns.table import KEY_WIDTH, Table
from adapters.mapping.filled import Silent, Watched

Said = list[tuple[tuple[int, int], Array]]
"""Elements and components, each with the rows (bool) that say something there."""


def said(table: Table, watched: Watched) -> Said:
    """In the order of the components; only those in which some row says something."""
    if not table.block.composed:
        return []
    return [one for at in watched if at <= table.width for one in _of_element(table, at, watched[at])]


def _of_element(table: Table, at: int, parts: dict[int, Silent]) -> Iterator[tuple[tuple[int, int], Array]]:
    lengths = table.atoms(at).lengths
    for part, nothing in parts.items():
        if part > len(lengths) or not lengths[part - 1].any():
            continue
        rows = lengths[part - 1] > 0
        for text, beside in nothing.items():
            if len(text) <= KEY_WIDTH and table.carry((at, part), text) is not False:
                here = table.carrying((at, part), text)
                rows &= ~(here & _carry_one(table, (at, beside[0]), beside[1]) if beside else here)
        if rows.any():
            yield (at, part), rows


def _carry_one(table: Table, at: tuple[int, int], texts: Collection[str]) -> Array:
    """Rows (bool) that carry one of some short texts."""
    result = np.zeros(table.rows, dtype=bool)
    for text in texts:
        result |= table.carrying(at, text)
    return result


def says_any(table: Table, watched: Watched) -> Array:
    """Rows (bool) that say something in any of them."""
    result = np.zeros(table.rows, dtype=bool)
    for _, rows in said(table, watched):
        result |= rows
    return result
