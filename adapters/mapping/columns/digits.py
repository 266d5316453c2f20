"""Plain numbers in texts of at most 8 bytes, all bytes at once: a text is one uint64 with its first byte lowest.

The same steps on every row, whatever it holds, are some thirty passes over a column; a matrix of bytes needs as many,
each eight times as wide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adapters.mapping.columns.block import MASK, Array

EACH = np.uint64(0x0101010101010101)
TOPS = EACH * np.uint64(0x80)
COMMAS = EACH * np.uint64(ord(","))
POINTS = EACH * np.uint64(ord("."))
ZEROS = EACH * np.uint64(ord("0"))
HIGH = EACH * np.uint64(0xF0)
SIXES = EACH * np.uint64(6)
ONE, FOUR, EIGHT, MINUS = np.uint64(1), np.uint64(4), np.uint64(8), np.uint64(ord("-"))
MOST_DIGITS = 8
POWERS = 10.0 ** np.arange(MOST_DIGITS + 1)


@dataclass(frozen=True, slots=True)
class Digits:
    """What a column of keys is made of. `text`: its digits without sign and point, behind as many zeros as it takes;
    `digits` how many they are, `behind` how many of them the point; `plain`: nothing else, one at least."""

    text: Array
    digits: Array
    behind: Array
    minus: Array
    plain: Array
    whole: Array
    """Which have no point."""

    def numbers(self) -> Array:
        """float64 of every plain row. Digits and the power of ten are exact, so their quotient is the nearest double,
        as Python reads it."""
        value = (self.text & ~HIGH) * np.uint64(10) + ((self.text & ~HIGH) >> EIGHT)
        pairs = np.uint64(0x000000FF000000FF)
        low = (value & pairs) * np.uint64(100 + (1_000_000 << 32))
        high = ((value >> np.uint64(16)) & pairs) * np.uint64(1 + (10_000 << 32))
        number = ((low + high) >> np.uint64(32)).astype(np.float64)
        if not self.whole.all():
            number /= POWERS.take(self.behind)
        return np.where(self.minus, -number, number) if self.minus.any() else number


def pointed(keys: Array) -> Array:
    """Keys with a point for the first comma."""
    differs = keys ^ COMMAS
    comma = (differs - EACH) & ~differs & TOPS
    first = (comma & (~comma + ONE)) >> np.uint64(7)
    return keys ^ (first * np.uint64(ord(",") ^ ord(".")))


def digits(keys: Array, length: Array) -> Digits:
    """Of keys whose texts are `length` bytes long, 8 at most."""
    minus = (keys & np.uint64(0xFF)) == MINUS
    differs = keys ^ POINTS
    point = (differs - EACH) & ~differs & TOPS
    whole = point == 0
    text, count = keys, length
    behind = np.zeros(1, dtype=np.int64)
    if not whole.all():  # of the bytes up to the first point nothing moves, those behind it close the gap
        before = ((point & (~point + ONE)) >> np.uint64(7)) - ONE
        text = (text & before) | ((text >> EIGHT) & ~before)
        place = np.bitwise_count(before).astype(np.int64) >> 3
        behind = np.where(whole, 0, length - 1 - place)
        count = count - ~whole
    if minus.any():
        text = np.where(minus, text >> EIGHT, text)
        count = count - minus
    absent = MOST_DIGITS - count
    text = (text << (absent << 3).astype(np.uint64)) | (ZEROS & MASK[absent])
    only = ((text & HIGH) | (((text + SIXES) & HIGH) >> FOUR)) == EACH * np.uint64(0x33)
    return Digits(text, count, behind, minus, only & (count > 0), whole)
