"""Is every segment of a table right? By columns, with the same remembered shapes and texts as one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adapters.mapping.columns.block import Array, unpacked
from adapters.mapping.columns.digits import MOST_DIGITS
from adapters.mapping.columns.table import KEY_WIDTH, Table
from adapters.mapping.segment import CACHED_TEXTS, Odd, RightTexts, SegmentCheck
from schemas.facts import Element, Use

ENDLESS = 1 << 30
Rule = Callable[[Element], str]
"""How an element is looked at: "whole" and "real" numbers, "text" that is right by its length, anything else by each
different text."""
HIGHEST = 0x8080808080808080
"""Bits of a key that only characters have which are not ASCII: what those are depends on the file."""
NONE = np.zeros(0, dtype=np.int64)
SHAPE = 0
"""In place of the number of an element: which elements are filled, and how many there are."""
WHOLE = -1
"""In place of a component: how many an element has, and which of them are filled."""


@dataclass(frozen=True, slots=True)
class Spots:
    """Rows of a table that are not plainly right in an element, or in a component (from 1) of it."""

    rows: Array
    element: int = SHAPE
    part: int = 0


class SideBySide:
    """The check of all elements of a segment, or of all components of one element. `least` and `most` are the lengths
    of those that are right by their length, looked at all at once."""

    def __init__(self, uses: Sequence[Use], texts: Sequence[dict[str, bool]], rule: Rule) -> None:
        self.uses, self.texts = uses, texts
        self.rules = [rule(u.element) if u.element and not u.element.codes else "" for u in uses]
        by_length = [u.element if r == "text" else None for u, r in zip(uses, self.rules, strict=True)]
        self.least = np.array([e.min if e else 0 for e in by_length], dtype=np.int32)
        self.most = np.array([e.max if e else ENDLESS for e in by_length], dtype=np.int32)
        self.right = [RightKeys(known) for known in texts]
        self.composite = [bool(use.parts) for use in uses]

    def wrong(self, table: Table, length: Array, number: int = 0) -> Iterator[Spots]:
        """What is not plainly right. `length` (uses, rows) are those of the first elements, or of the first
        components of element `number`; composites that are taken apart are left out."""
        width = len(length)
        high, low = length.max(1, initial=0), length.min(1, initial=ENDLESS)
        for at in np.flatnonzero((high > self.most[:width]) | (low < self.least[:width])).tolist():
            odd = (length[at] > self.most[at]) | ((length[at] > 0) & (length[at] < self.least[at]))
            yield Spots(np.flatnonzero(odd), *_place(number, at))
        for at, longest in enumerate(high.tolist()):
            if longest and self.rules[at] != "text" and not (table.block.composed and self.composite[at]):
                place = _place(number, at)
                yield Spots(self._wrong_texts(table, at, *place), *place)

    def _wrong_texts(self, table: Table, at: int, number: int, part: int) -> Array:
        rule, element = self.rules[at], self.uses[at].element
        length = table.span(number, part)[1]
        if rule in ("whole", "real") and element:
            if int(length.max()) <= MOST_DIGITS:
                made = table.digits(number, part)
                good, digits, whole = made.plain, made.digits, made.whole
            else:
                signs, _, digits, good = table.numeric(number, part=part)
                good = good & (length <= 2 * KEY_WIDTH)
                whole = digits == length - (signs[:, 0] == ord("-"))
            good = good & (digits >= element.min) & (digits <= element.max)
            good = good & whole if rule == "whole" else good
            return np.flatnonzero(~good & (length > 0))
        if int(length.max()) <= KEY_WIDTH:
            few = table.few((number, part))
            return NONE if few and self.right[at].hold(few) else self.right[at].wrong(table.keys(number, part))
        rows = np.flatnonzero(length)
        bad = {text for text in table.distinct(number, rows, part) if not _holds(self.texts[at], text)}
        return rows[[text in bad for text in table.texts(number, rows, part)]] if bad else NONE


def _place(number: int, at: int) -> tuple[int, int]:
    """Element and component: the component `at` of element `number`, or where that is 0 the element `at`; from 0."""
    return (number, at + 1) if number else (at + 1, 0)


class TableCheck:
    """The check of one kind of segment; `rule` is the format's."""

    def __init__(self, check: SegmentCheck, rule: Rule) -> None:
        self.check = check
        uses, fault = check.segment.uses, check.dialect.fault
        self.width = len(uses)
        self.elements = SideBySide(uses, check.texts[1:], rule)
        self.parts = {
            at: SideBySide(use.parts, [RightTexts(part, fault) for part in use.parts], rule)
            for at, use in enumerate(uses, 1)
            if use.parts
        }

    def wrong(self, table: Table) -> list[Spots]:
        """What is not plainly right."""
        width = min(table.width, self.width)
        wrong = [Spots(np.flatnonzero(table.count - 1 > self.width))] if table.width > width else []
        wrong += self.elements.wrong(table, table.lengths[:width])
        if table.block.composed:
            used: Array = table.lengths[:width].any(1)
            for number in (np.flatnonzero(used) + 1).tolist():
                wrong += self._wrong_parts(table, number)
        wrong.append(Spots(self._wrong_shapes(*table.shapes())))
        return [spots for spots in wrong if len(spots.rows)]

    def _wrong_parts(self, table: Table, number: int) -> Iterator[Spots]:
        """Rows that have components where they should not, or wrong ones, or not all that they should."""
        check = self.parts.get(number)
        if check is None:
            yield Spots(np.flatnonzero(table.several(number)), number, WHOLE)
            return
        atoms = table.atoms(number)
        lengths = atoms.lengths[: len(check.uses)]
        if len(atoms.lengths) > len(check.uses):
            yield Spots(np.flatnonzero(atoms.counts > len(check.uses)), number, WHOLE)
        for at, use in enumerate(check.uses):
            if use.required:
                there = table.lengths[number - 1] > 0
                lack = there & (lengths[at] == 0) if at < len(lengths) else there
                yield Spots(np.flatnonzero(lack), number, WHOLE)
        yield from check.wrong(table, lengths, number)

    def _wrong_shapes(self, same: bool, found: Array) -> Array:
        kinds = found[:1] if same else np.unique(found)
        bad = [kind for kind in kinds.tolist() if not _holds(self.check.shapes, shape(kind))]
        return np.flatnonzero(np.isin(found, bad)) if bad else NONE


class RightKeys:
    """Texts of one element of at most 8 bytes that were found right, as keys in rising order: a whole column is looked
    up at once."""

    def __init__(self, right: dict[str, bool]) -> None:
        self.right = right
        self.keys: Array = np.zeros(1, dtype=np.uint64)  # what is empty is right

    def hold(self, keys: list[int]) -> bool:
        """Whether all texts are right, and known to be."""
        return all(not key or (not key & HIGHEST and _holds(self.right, unpacked(key))) for key in keys)

    def wrong(self, keys: Array) -> Array:
        """Rows whose text is not right."""
        unknown = self._unknown(keys)
        if not len(unknown):
            return NONE
        if len(self.keys) >= CACHED_TEXTS:
            self.keys = self.keys[:1]
        fresh = set(keys[unknown].tolist())
        good = [key for key in fresh if not key & HIGHEST and _holds(self.right, unpacked(key))]
        self.keys = np.union1d(self.keys, np.array(good, dtype=np.uint64))
        return self._unknown(keys) if len(good) < len(fresh) else NONE

    def _unknown(self, keys: Array) -> Array:
        at = np.searchsorted(self.keys, keys)
        return np.flatnonzero(self.keys.take(at, mode="clip") != keys)


def shape(bits: int) -> tuple[bool, ...]:
    """The bits as the careful way keeps them."""
    return tuple(sign == "1" for sign in reversed(f"{bits:b}"))


def _holds(known: dict[Any, bool], key: object) -> bool:
    try:
        return known[key]
    except Odd:
        return False
