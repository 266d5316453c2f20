"""Whole messages, one after the other, as arrays of offsets: nothing is cut until somebody wants the text."""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import Any

import numpy as np

Array = Any
"""A numpy array; shapes and types stand in the docstrings."""
PAD = 64
MASK = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
"""The first n bytes of a key."""
_MASKS = np.array([[255 * (at < n) for at in range(16)] for n in range(17)], dtype=np.uint8)


def packed(text: str) -> int:
    """A text of at most 8 ASCII characters as the number that `Block.keys` gives for it."""
    return int.from_bytes(text.encode("ascii"), "little")


def unpacked(key: int) -> str:
    """The text of a key."""
    return key.to_bytes(8, "little").rstrip(b"\0").decode("ascii")


class Block:
    """`start` and `length` by element (tags included), `first` element, `count` of elements and `tag` key by segment.

    `strange` are the byte positions that only the careful way reads right: control characters, what is not ASCII, and
    the `foreign` signs (component and repetition separators). Line ends behind a terminator are passed over.
    """

    def __init__(self, content: bytes, element: int, segment: int, foreign: bytes) -> None:
        self.content = content
        padded = content + b"\0" * PAD
        self.buffer = np.frombuffer(padded, np.uint8)
        body = self.buffer[: len(content)]
        ends = np.flatnonzero((body == element) | (body == segment))
        self.start = np.empty_like(ends)
        self.start[:1] = 0
        np.add(ends[:-1], 1, out=self.start[1:])
        last = np.flatnonzero(body.take(ends) == segment)
        self.first = np.empty_like(last)
        self.first[:1] = 0
        np.add(last[:-1], 1, out=self.first[1:])
        self.count = last - self.first + 1
        self.end = ends.take(last) + 1
        """Where each segment is over, its terminator included."""
        strange = (body < 32) | (body > 126)
        for sign in foreign:
            strange |= body == sign
        if strange.any():
            strange[self.end - 1] = False
            self._skip_line_ends(strange)
        self.strange = np.flatnonzero(strange)
        self.length = ends - self.start
        self._eights = np.ndarray((len(content) + PAD - 8,), np.dtype("<u8"), padded, strides=(1,))
        self._sixteens = np.lib.stride_tricks.as_strided(self.buffer, (len(content) + PAD - 16, 16), (1, 1))
        begin = self.first
        self.tag = self.keys(self.start.take(begin), self.length.take(begin))

    def _skip_line_ends(self, strange: Array) -> None:
        """A line end before a tag belongs to neither segment, and is not strange."""
        begin = self.start[self.first]
        returns = self.buffer[begin] == 13
        after = begin + returns
        feeds = self.buffer[after] == 10
        strange[begin[returns]] = False
        strange[after[feeds]] = False
        self.start[self.first] = after + feeds

    def part(self, first: int, stop: int) -> Block:
        """The segments from `first` to before `stop`; places stay those of the whole."""
        if first == 0 and stop == len(self.first):
            return self
        some = copy(self)
        some.first, some.count = self.first[first:stop], self.count[first:stop]
        some.end, some.tag = self.end[first:stop], self.tag[first:stop]
        return some

    def keys(self, start: Array, length: Array) -> Array:
        """uint64 per place: its first 8 bytes, so that equal keys are equal texts up to that length."""
        return self._eights[start] & MASK.take(length, mode="clip")

    def sixteen(self, start: Array, length: Array) -> Array:
        """uint8 (rows, 16): the bytes of texts that are no longer, with 0 behind them."""
        return self._sixteens[start] & _MASKS[length]

    def texts(self, start: Array, length: Array) -> list[str]:
        """The texts themselves. Short ones are cut all at once: numpy's own array of characters, to be had as `str`."""
        longest = int(length.max(initial=0))
        if longest > 16:
            whole = self.whole
            return [whole[a:b] for a, b in zip(start.tolist(), (start + length).tolist(), strict=True)]
        width = 8 if longest <= 8 else 16
        signs = self.keys(start, length).view(np.uint8) if width == 8 else self.sixteen(start, length)
        texts: list[str] = signs.ravel().astype(np.uint32).view(f"U{width}").tolist()
        return texts

    @cached_property
    def whole(self) -> str:
        """All of it as text. What is not ASCII is found to be strange before anybody looks at it."""
        return self.content.decode("latin-1")
