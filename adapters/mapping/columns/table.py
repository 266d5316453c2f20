"""All segments of one node in a block, as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adapters.mapping.columns.block import Array, Block, different, few_of, numbers_of, packed
from adapters.mapping.columns.digits import Digits, digits, pointed

KEY_WIDTH = 8
WIDEST = 62
"""Elements of a segment that are looked at: as many as fit the bits of a shape."""
ALL = slice(None)
COMMA, POINT = ord(","), ord(".")


@dataclass(frozen=True, slots=True)
class Atoms:
    """The components of one element: how many there are by row, `starts` and `lengths` (components, rows)."""

    counts: Array
    starts: Array
    lengths: Array


class Table:
    """`at`: segment numbers in the block, rising; `parents`: for each row the row of the table above; `owner`: the
    message that each row belongs to. `starts` and `lengths` (elements, rows; int32) are those of all elements but the
    tag at once; where a row has no such element, its length is 0."""

    __slots__ = ("_atoms", "_carrying", "_digits", "_few", "_keys", "_shapes", "at", "block", "count", "faulty",
                 "lengths", "owner", "parents", "rows", "starts", "width")

    def __init__(self, block: Block, at: Array, parents: Array, owner: Array) -> None:
        self.block, self.at, self.parents, self.owner = block, at, parents, owner
        self.rows = len(at)
        self.count = block.count.take(at)
        most = int(self.count.max(initial=1))
        self.width = most - 1
        """Elements of the widest row, without the tag."""
        numbers = np.arange(1, min(most, WIDEST + 1) + 1)[:, None]
        even = most == int(self.count.min(initial=most))
        edges = block.edges.take(block.first.take(at) + (numbers if even else np.minimum(numbers, self.count)))
        self.starts, self.lengths = _between(edges, even)
        self.faulty: dict[int, Array] = {}
        """By element which rows (bool) have a fault there that is told: what cannot be read there is None."""
        self._atoms: dict[int, Atoms] = {}
        self._keys: dict[tuple[int, int], Array] = {}
        self._carrying: dict[tuple[tuple[int, int], str], Array] = {}
        self._digits: dict[tuple[int, int], Digits] = {}
        self._few: dict[tuple[int, int], list[int]] = {}
        self._shapes: tuple[bool, Array] | None = None

    def span(self, number: int, part: int = 0) -> tuple[Array, Array]:
        """Start and length of element `number` in every row, or of one of its components (from 1); length 0 where there
        is none."""
        if 0 < number <= len(self.starts):
            if not part or (part == 1 and not self.block.composed):
                return self.starts[number - 1], self.lengths[number - 1]
            if self.block.composed and part <= len((atoms := self.atoms(number)).starts):
                return atoms.starts[part - 1], atoms.lengths[part - 1]
        nothing = np.zeros(self.rows, dtype=np.int64)
        return nothing, nothing

    def atoms(self, number: int) -> Atoms:
        """All components of element `number`, which the table has; only in a block that is `composed`."""
        known = self._atoms.get(number)
        if known is None:
            block = self.block
            there = self.count > number
            element = (block.first.take(self.at) + number) * there
            first = block.atom_first.take(element)
            counts = (block.atom_last.take(element) - first + 1) * there
            numbers = np.arange(int(counts.max(initial=0)) + 1)[:, None]
            edges = block.atom_edges.take(first + np.minimum(numbers, counts))
            known = self._atoms[number] = Atoms(counts, *_between(edges, False))
        return known

    def several(self, number: int) -> Array:
        """Whether element `number` has more than one component in a row; only in a block that is `composed`."""
        there = self.count > number
        return there & self.block.several.take((self.block.first.take(self.at) + number) * there)

    def keys(self, number: int, part: int = 0) -> Array:
        """The first 8 bytes of an element or component in every row, as uint64; 0 where it is empty."""
        known = self._keys.get((number, part))
        if known is None:
            known = self._keys[number, part] = self.block.keys(*self.span(number, part))
        return known

    def few(self, at: tuple[int, int]) -> list[int]:
        """The different keys of an element or component, where it has few of them; else nothing."""
        few = self._few.get(at)
        if few is None:
            few = self._few[at] = few_of(self.keys(*at))
        return few

    def numbered(self, at: tuple[int, int]) -> tuple[list[int], Array]:
        """The different keys of an element or component, and for each row the number of its own."""
        few = self.few(at)
        return (few, numbers_of(few, self.keys(*at))) if few else different(self.keys(*at))

    def carry(self, at: tuple[int, int], qualifier: str) -> bool | None:
        """Whether all rows hold exactly this short text in an element or component (True), or none of them does
        (False)."""
        few = self.few(at)
        if not few:
            return None
        key = packed(qualifier)
        return False if key not in few else True if len(few) == 1 and len(qualifier) < KEY_WIDTH else None

    def carrying(self, at: tuple[int, int], qualifier: str) -> Array:
        """Which rows (bool) hold exactly this short text in an element or component."""
        known = self._carrying.get((at, qualifier))
        if known is None:
            known = self.keys(*at) == np.uint64(packed(qualifier))
            if len(qualifier) == KEY_WIDTH:
                known &= self.span(*at)[1] == KEY_WIDTH
            self._carrying[at, qualifier] = known
        return known

    def shapes(self) -> tuple[bool, Array]:
        """int64 by row: bit n is set where element n is filled; bit 0 is the tag. First, whether all are the same."""
        if self._shapes is None:
            filled = self.lengths > 0
            bits = (2 << np.arange(len(filled)))[:, None]
            same = self.rows > 0 and bool((filled == filled[:, :1]).all())
            shown = np.full(self.rows, int(bits[filled[:, 0]].sum()) + 1) if same else (filled * bits).sum(0) + 1
            self._shapes = same, shown
        return self._shapes

    def digits(self, number: int, part: int = 0) -> Digits:
        """What an element or component is made of, where none is longer than 8 bytes."""
        known = self._digits.get((number, part))
        if known is None:
            known = self._made_of(self.keys(number, part), self.span(number, part)[1])
            self._digits[number, part] = known
        return known

    def _made_of(self, keys: Array, length: Array) -> Digits:
        return digits(pointed(keys) if COMMA in self.block.signs.points else keys, length)

    def numeric(self, number: int, rows: Array | slice = ALL, part: int = 0) -> tuple[Array, Array, Array, Array]:
        """How a text is made of digits, for rows whose text is at most 16 bytes long: its bytes with 0 behind the end
        (uint8, rows by 16), which are digits, the digits in each row, and whether it is a plain number (a minus in
        front, one decimal mark, at least one digit)."""
        start, length = (column[rows] for column in self.span(number, part))
        signs = self.block.sixteen(start, np.minimum(length, 2 * KEY_WIDTH))
        if COMMA in self.block.signs.points:
            signs = np.where(signs == COMMA, POINT, signs)
        digit = (signs - 48) < 10
        digits = digit.sum(1)
        points = (signs == POINT).sum(1)
        minus = signs[:, 0] == 45
        plain = (digits + points + minus == length) & (points <= 1) & (digits > 0)
        return signs, digit, digits, plain

    def numbers(self, number: int, rows: Array, part: int = 0) -> Array:
        """float64 of the texts in `rows`, which hold plain numbers of at most 15 digits: then the quotient of the
        digits by a power of ten is the nearest double, as Python reads it."""
        _, length = self.span(number, part)
        if len(rows) == self.rows and int(length.max(initial=0)) <= KEY_WIDTH:
            return self.digits(number, part).numbers()
        length = length[rows]
        longest = int(length.max(initial=0))
        if longest <= KEY_WIDTH:
            return self._made_of(self.keys(number, part)[rows], length).numbers()
        signs, digit, _, _ = self.numeric(number, rows, part)
        value = np.zeros(len(signs))
        for column in range(longest):
            here = digit[:, column]
            value = np.where(here, value * 10 + (signs[:, column] - 48), value)
        point = signs == POINT
        behind = np.where(point.any(1), length - 1 - point.argmax(1), 0)
        value = value / 10.0**behind
        return np.where(signs[:, 0] == 45, -value, value)

    def texts(self, number: int, rows: Array | None = None, part: int = 0) -> list[str]:
        """The texts of an element or component, of all rows or of some."""
        start, length = self.span(number, part)
        return self.block.texts(start, length) if rows is None else self.block.texts(start[rows], length[rows])

    def distinct(self, number: int, rows: Array, part: int = 0) -> set[str]:
        """The different texts of an element or component in `rows`."""
        _, length = self.span(number, part)
        if int(length[rows].max(initial=0)) > KEY_WIDTH:
            return set(self.texts(number, rows, part))
        keys, word = self.keys(number, part)[rows], self.block.word
        if len(keys) and (keys == keys[0]).all():
            return {word(int(keys[0]))}
        return {word(key) for key in set(keys.tolist())}


def _between(edges: Array, all_there: bool) -> tuple[Array, Array]:
    """Starts and lengths of what stands between each edge and the next; what ends where it begins is not there."""
    starts = edges[:-1] + 1
    lengths = edges[1:] - starts
    return starts, lengths if all_there else np.maximum(lengths, 0)
