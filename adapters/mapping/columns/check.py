"""Is every segment of a table right? By columns, with the same remembered shapes and texts as one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adapters.mapping.columns.block import Array
from adapters.mapping.columns.table import Table
from adapters.mapping.segment import Odd, SegmentCheck
from schemas.facts import Element

WIDEST = 62
"""Elements of a segment that fit the bits of a shape."""
Rule = Callable[[Element], str]
"""How an element is looked at: "whole" and "real" numbers, "text" that is right by its length, anything else by each
different text."""


class TableCheck:
    """The check of one kind of segment; `rule` is the format's."""

    def __init__(self, check: SegmentCheck, rule: Rule) -> None:
        self.check = check
        self.rules = [rule(u.element) if u.element and not u.element.codes else "" for u in check.segment.uses]

    def wrong(self, table: Table) -> list[Array]:
        """Rows that are not plainly right, as arrays of row numbers."""
        width = min(table.width, len(self.rules))
        wrong = [np.flatnonzero(table.count - 1 > len(self.rules))]
        for number in range(1, width + 1):
            _, length = table.span(number)
            filled = length > 0
            if filled.any():
                wrong.append(self._wrong_texts(table, number, length, filled))
        wrong.append(self._wrong_shapes(shapes(table, width)))
        return [rows for rows in wrong if len(rows)]

    def _wrong_texts(self, table: Table, number: int, length: Array, filled: Array) -> Array:
        rule, element = self.rules[number - 1], self.check.segment.uses[number - 1].element
        if rule == "text" and element:
            return np.flatnonzero(filled & ((length < element.min) | (length > element.max)))
        if rule in ("whole", "real") and element:
            _, _, digits, plain = table.numeric(number)
            good = plain & (digits >= element.min) & (digits <= element.max) & (length <= 16)
            if rule == "whole":
                good &= digits >= length - 1
                good &= (digits == length) | (table.keys(number) & np.uint64(255) == np.uint64(45))
            return np.flatnonzero(filled & ~good)
        right = self.check.texts[number]
        rows = np.flatnonzero(filled)
        bad = {text for text in table.distinct(number, rows) if not _holds(right, text)}
        return rows[[text in bad for text in table.texts(number, rows)]] if bad else rows[:0]

    def _wrong_shapes(self, found: Array) -> Array:
        kinds = found[:1] if len(found) and (found == found[0]).all() else np.unique(found)
        bad = [kind for kind in kinds.tolist() if not _holds(self.check.shapes, shape(kind))]
        return np.flatnonzero(np.isin(found, bad)) if bad else found[:0]


def shapes(table: Table, width: int) -> Array:
    """int64 by row: bit n is set where element n is filled; bit 0 is the tag."""
    bits = np.ones(table.rows, dtype=np.int64)
    for number in range(1, width + 1):
        bits |= (table.span(number)[1] > 0).astype(np.int64) << number
    return bits


def shape(bits: int) -> tuple[bool, ...]:
    """The bits as the careful way keeps them."""
    return tuple(sign == "1" for sign in reversed(f"{bits:b}"))


def _holds(known: dict[Any, bool], key: object) -> bool:
    try:
        return known[key]
    except Odd:
        return False
