"""All segments of one node in a block, as columns."""

from __future__ import annotations

import numpy as np

from adapters.mapping.columns.block import Array, Block, unpacked

KEY_WIDTH = 8


class Table:
    """`at`: segment numbers in the block, rising; `parents`: for each row the row of the table above; `owner`: the
    message that each row belongs to."""

    __slots__ = ("_keys", "_spans", "at", "block", "count", "first", "owner", "parents", "rows")

    def __init__(self, block: Block, at: Array, parents: Array, owner: Array) -> None:
        self.block, self.at, self.parents, self.owner = block, at, parents, owner
        self.rows = len(at)
        self.first, self.count = block.first[at], block.count[at]
        self._spans: dict[int, tuple[Array, Array]] = {}
        self._keys: dict[int, Array] = {}

    @property
    def width(self) -> int:
        """Elements of the widest row, without the tag."""
        return int(self.count.max()) - 1 if self.rows else 0

    def span(self, number: int) -> tuple[Array, Array]:
        """Start and length of element `number` in every row; length 0 where there is none."""
        known = self._spans.get(number)
        if known is None:
            there = self.count > number
            element = self.first + number
            if there.all():
                known = self.block.start[element], self.block.length[element]
            else:
                element[~there] = 0
                known = self.block.start[element], np.where(there, self.block.length[element], 0)
            self._spans[number] = known
        return known

    def keys(self, number: int) -> Array:
        """The first 8 bytes of element `number` in every row, as uint64; 0 where it is empty."""
        known = self._keys.get(number)
        if known is None:
            known = self._keys[number] = self.block.keys(*self.span(number))
        return known

    def numeric(self, number: int, rows: Array | slice = slice(None)) -> tuple[Array, Array, Array, Array]:
        """How element `number` is made of digits, for rows whose text is at most 16 bytes long: its bytes with 0 behind
        the end (uint8, rows by 8 or 16), which are digits, the digits in each row, and whether it is a plain number
        (a minus in front, one point, at least one digit)."""
        start, length = (column[rows] for column in self.span(number))
        width = 8 if int(length.max(initial=0)) <= KEY_WIDTH else 2 * KEY_WIDTH
        signs = self.block.bytes_of(start, width)
        inside = np.arange(width) < length[:, None]
        digit = ((signs - 48) < 10) & inside
        digits = digit.sum(1)
        points = ((signs == 46) & inside).sum(1)
        minus = (signs[:, 0] == 45) & (length > 0)
        plain = (digits + points + minus == length) & (points <= 1) & (digits > 0)
        return signs, digit, digits, plain

    def numbers(self, number: int, rows: Array) -> Array:
        """float64 of element `number` in `rows`, which hold plain numbers of at most 15 digits: then the quotient of
        the digits by a power of ten is the nearest double, as Python reads it."""
        signs, digit, _, _ = self.numeric(number, rows)
        _, length = (column[rows] for column in self.span(number))
        value = np.zeros(len(signs))
        for column in range(min(signs.shape[1], int(length.max(initial=0)))):
            here = digit[:, column]
            value = np.where(here, value * 10 + (signs[:, column] - 48), value)
        inside = np.arange(signs.shape[1]) < length[:, None]
        point = (signs == 46) & inside
        behind = np.where(point.any(1), length - 1 - point.argmax(1), 0)
        value = value / 10.0**behind
        return np.where((signs[:, 0] == 45) & (length > 0), -value, value)

    def texts(self, number: int, rows: Array | None = None) -> list[str]:
        """The texts of element `number`, of all rows or of some."""
        start, length = self.span(number)
        if rows is not None:
            start, length = start[rows], length[rows]
        whole = self.block.whole
        return [whole[a:b] for a, b in zip(start.tolist(), (start + length).tolist(), strict=True)]

    def distinct(self, number: int, rows: Array) -> set[str]:
        """The different texts of element `number` in `rows`."""
        _, length = self.span(number)
        if int(length[rows].max(initial=0)) > KEY_WIDTH:
            return set(self.texts(number, rows))
        keys = self.keys(number)[rows]
        if len(keys) and (keys == keys[0]).all():
            return {unpacked(int(keys[0]))}
        return {unpacked(key) for key in set(keys.tolist())}
