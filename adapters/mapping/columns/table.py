"""All segments of one node in a block, as columns."""

from __future__ import annotations

import numpy as np

from adapters.mapping.columns.block import Array, Block, unpacked
from adapters.mapping.columns.digits import Digits, digits

KEY_WIDTH = 8
WIDEST = 62
"""Elements of a segment that are looked at: as many as fit the bits of a shape."""


class Table:
    """`at`: segment numbers in the block, rising; `parents`: for each row the row of the table above; `owner`: the
    message that each row belongs to. `starts` and `lengths` (elements, rows) are those of all elements at once, the tag
    being 0; where a row has no such element, its length is 0."""

    __slots__ = ("_digits", "_keys", "_shapes", "at", "block", "count", "lengths", "owner", "parents", "rows", "starts",
                 "width")

    def __init__(self, block: Block, at: Array, parents: Array, owner: Array) -> None:
        self.block, self.at, self.parents, self.owner = block, at, parents, owner
        self.rows = len(at)
        self.count = block.count.take(at)
        most = int(self.count.max(initial=1))
        self.width = most - 1
        """Elements of the widest row, without the tag."""
        numbers = np.arange(min(most, WIDEST + 1))[:, None]
        element = block.first.take(at) + numbers
        if most == int(self.count.min(initial=most)):
            self.starts, self.lengths = block.start.take(element), block.length.take(element)
        else:
            there = numbers < self.count
            element *= there
            self.starts, self.lengths = block.start.take(element), block.length.take(element) * there
        self._keys: dict[int, Array] = {}
        self._digits: dict[int, Digits] = {}
        self._shapes: tuple[bool, Array] | None = None

    def span(self, number: int) -> tuple[Array, Array]:
        """Start and length of element `number` in every row; length 0 where there is none."""
        if number < len(self.starts):
            return self.starts[number], self.lengths[number]
        nothing = np.zeros(self.rows, dtype=np.int64)
        return nothing, nothing

    def keys(self, number: int) -> Array:
        """The first 8 bytes of element `number` in every row, as uint64; 0 where it is empty."""
        known = self._keys.get(number)
        if known is None:
            known = self._keys[number] = self.block.keys(*self.span(number))
        return known

    def shapes(self) -> tuple[bool, Array]:
        """int64 by row: bit n is set where element n is filled; bit 0 is the tag. First, whether all are the same."""
        if self._shapes is None:
            filled = self.lengths > 0
            filled[:1] = True
            bits = (1 << np.arange(len(filled)))[:, None]
            same = self.rows > 0 and bool((filled == filled[:, :1]).all())
            shown = np.full(self.rows, int(bits[filled[:, 0]].sum())) if same else (filled * bits).sum(0)
            self._shapes = same, shown
        return self._shapes

    def digits(self, number: int) -> Digits:
        """What element `number` is made of, where none is longer than 8 bytes."""
        known = self._digits.get(number)
        if known is None:
            known = self._digits[number] = digits(self.keys(number), self.span(number)[1])
        return known

    def numeric(self, number: int, rows: Array | slice = slice(None)) -> tuple[Array, Array, Array, Array]:
        """How element `number` is made of digits, for rows whose text is at most 16 bytes long: its bytes with 0 behind
        the end (uint8, rows by 16), which are digits, the digits in each row, and whether it is a plain number (a minus
        in front, one point, at least one digit)."""
        start, length = (column[rows] for column in self.span(number))
        signs = self.block.sixteen(start, np.minimum(length, 2 * KEY_WIDTH))
        digit = (signs - 48) < 10
        digits = digit.sum(1)
        points = (signs == 46).sum(1)
        minus = signs[:, 0] == 45
        plain = (digits + points + minus == length) & (points <= 1) & (digits > 0)
        return signs, digit, digits, plain

    def numbers(self, number: int, rows: Array) -> Array:
        """float64 of element `number` in `rows`, which hold plain numbers of at most 15 digits: then the quotient of
        the digits by a power of ten is the nearest double, as Python reads it."""
        _, length = (column[rows] for column in self.span(number))
        longest = int(length.max(initial=0))
        if longest <= KEY_WIDTH:
            return digits(self.keys(number)[rows], length).numbers()
        signs, digit, _, _ = self.numeric(number, rows)
        value = np.zeros(len(signs))
        for column in range(longest):
            here = digit[:, column]
            value = np.where(here, value * 10 + (signs[:, column] - 48), value)
        point = signs == 46
        behind = np.where(point.any(1), length - 1 - point.argmax(1), 0)
        value = value / 10.0**behind
        return np.where(signs[:, 0] == 45, -value, value)

    def texts(self, number: int, rows: Array | None = None) -> list[str]:
        """The texts of element `number`, of all rows or of some."""
        start, length = self.span(number)
        return self.block.texts(start, length) if rows is None else self.block.texts(start[rows], length[rows])

    def distinct(self, number: int, rows: Array) -> set[str]:
        """The different texts of element `number` in `rows`."""
        _, length = self.span(number)
        if int(length[rows].max(initial=0)) > KEY_WIDTH:
            return set(self.texts(number, rows))
        keys = self.keys(number)[rows]
        if len(keys) and (keys == keys[0]).all():
            return {unpacked(int(keys[0]))}
        return {unpacked(key) for key in set(keys.tolist())}
