"""Whole messages, one after the other, as arrays of offsets: nothing is cut until somebody wants the text."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from adapters.mapping.dialect import COMPONENT

Array = Any
"""A numpy array; shapes and types stand in the docstrings."""
PAD = 64
MASK = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
"""The first n bytes of a key."""
VIEW_BEGIN, VIEW_TEXT = 4, 12
"""Bytes of an Arrow view: its length, and a text that is no longer."""
_VIEWS = np.array([[255 * (VIEW_BEGIN <= at < VIEW_BEGIN + n) for at in range(16)] for n in range(VIEW_TEXT + 1)],
                  dtype=np.uint8).view(np.uint64)
_MASKS = np.array([[255 * (at < n) for at in range(16)] for n in range(17)], dtype=np.uint8)
NOTHING: Array = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Signs:
    """What single bytes mean. `foreign` signs only the careful way reads; `component` and `release` are None where the
    file has no such sign, or none that is read by columns; `points` are the decimal marks. The text is of `charset`,
    which gives every character one byte; what is not printable in it is strange."""

    element: int
    segment: int
    foreign: bytes = b""
    component: int | None = None
    release: int | None = None
    charset: str = "ascii"
    points: bytes = b"."


def packed(text: str) -> int:
    """A text of at most 8 ASCII characters as the number that `Block.keys` gives for it."""
    return int.from_bytes(text.encode("ascii"), "little")


def unpacked(key: int) -> str:
    """The text of a key, which is ASCII."""
    return key.to_bytes(8, "little").rstrip(b"\0").decode("ascii")


@lru_cache
def _printable(charset: str) -> Array:
    """bool by byte: whether it is a printable character of a charset."""
    known = [bytes([byte]).decode(charset, "ignore").isprintable() for byte in range(256)]
    return np.array([bool(bytes([b]).decode(charset, "ignore")) and known[b] for b in range(256)])


def _unreleased(content: bytes, release: int | None) -> tuple[bytes, Array]:
    """The content without its release characters, and the places in it of what they released."""
    if release is None or release not in content:
        return content, NOTHING
    signs = np.frombuffer(content, np.uint8)
    found = np.flatnonzero(signs == release)
    first = np.ones(len(found), dtype=bool)
    first[1:] = np.diff(found) > 1
    run = np.flatnonzero(first)[np.cumsum(first) - 1]
    releasing = found[(np.arange(len(found)) - run) % 2 == 0]  # of a run every second one is text
    return np.delete(signs, releasing).tobytes(), releasing - np.arange(len(releasing))


FEW, SAMPLE = 8, 128


def few_of(keys: Array) -> list[int]:
    """The different keys of a column that has few of them, else nothing."""
    found = list(set(keys[:: len(keys) // SAMPLE + 1].tolist()))
    if not found or len(found) > FEW:
        return []
    missing = len(keys) - sum(int(np.count_nonzero(keys == key)) for key in found)
    if missing:
        found = list(set(keys.tolist()))
    return found if len(found) <= FEW else []


def numbers_of(few: list[int], keys: Array) -> Array:
    """uint8 by row: which of a few keys it is. All are among them."""
    number = np.zeros(len(keys), dtype=np.uint8)
    for at, key in enumerate(few[1:], 1):
        number += (keys == key).view(np.uint8) * np.uint8(at)
    return number


def different(keys: Array) -> tuple[list[int], Array]:
    """The different keys of a column, and for each row the number of its own. Columns of codes have few of them: those
    are found by comparing, which is quicker than sorting."""
    few = few_of(keys)
    if few:
        return few, numbers_of(few, keys)
    several, number = np.unique(keys, return_inverse=True)
    return several.tolist(), number


class Block:
    """By segment `begin` and `end` (behind its terminator), its `first` element, the tag, `count` of elements and `tag`
    key. Element e stands between the signs at `edges[e]` and `edges[e + 1]` (int32; before all is one at -1).

    Where components are told apart, `atom_first` and `atom_last` (by element) lead to `atom_edges`; `several` are the
    elements with more than one.
    All places are those in the text without release characters; `origin` gives that in the file. `strange` are the
    places that only the careful way reads right: control characters, what is not of the charset, the `foreign` signs
    (repetition separators), and released characters that need no release. Line ends behind a terminator are passed
    over.
    """

    def __init__(self, content: bytes, signs: Signs) -> None:
        self.content, self.signs = content, signs
        self.meant: dict[tuple[int, int], str] = {}
        """By element and component (0: the whole) the text that should stand there, were it legal."""
        self.told = False
        """Whether an error of its only message is told: then that something is absent goes without saying."""
        self.plain = True
        """Whether every byte is the number of its character."""
        bare, self.released = _unreleased(content, signs.release)
        self.size = len(bare)
        self.buffer = np.zeros(self.size + PAD, np.uint8)
        body = self.buffer[: self.size]
        body[:] = np.frombuffer(bare, np.uint8)
        strange = self._find_strange(body)
        self._cut(body)
        if strange.any():
            strange[self.end - 1] = False
            self._skip_line_ends(strange)
        self.strange: Array = np.flatnonzero(strange)
        self._eights = np.ndarray((self.size + PAD - 8,), np.dtype("V8"), self.buffer.data, strides=(1,))
        self._sixteens_at = np.ndarray((self.size + PAD - 16,), np.dtype("V16"), self.buffer.data, strides=(1,))
        self._sixteens = np.lib.stride_tricks.as_strided(self.buffer, (self.size + PAD - 16, 16), (1, 1))
        self.tag = self.keys(self.begin, self.edges.take(self.first + 1) - self.begin)

    def _cut(self, body: Array) -> None:
        signs = self.signs
        over = (body == signs.element) | (body == signs.segment)
        if signs.component is not None:
            over |= body == signs.component
        over[self.released] = False
        ends = np.flatnonzero(over)
        kind = body.take(ends)
        self.composed = signs.component is not None
        if self.composed:
            last = np.flatnonzero(kind != signs.component)
            self.atom_edges = _edges(ends)
            self.atom_first, self.atom_last = _behind(last), last
            self.several = self.atom_first != last
            body[ends[kind == signs.component]] = ord(COMPONENT)
            ends, kind = ends[last], kind[last]
        self.edges: Array = _edges(ends)
        last = np.flatnonzero(kind == signs.segment)
        self.first = _behind(last)
        self.count = last - self.first + 1
        terminators = ends.take(last)
        self.end: Array = terminators + 1
        self.begin: Array = _behind(terminators)

    def _find_strange(self, body: Array) -> Array:
        """bool by place."""
        signs = self.signs
        odd = (body - np.uint8(32)) > 126 - 32  # or below 32: that much less than nothing is more than any
        if signs.charset != "ascii" and odd.any():
            found = np.flatnonzero(odd)
            odd[found] = ~_printable(signs.charset)[body[found]]
            self.plain = signs.charset == "iso8859-1" or not bool((body > 126).any())
        for sign in signs.foreign:
            odd |= body == sign
        if len(self.released):
            special = [signs.element, signs.segment, signs.component, signs.release, *signs.foreign]
            needless = ~np.isin(body[self.released], [sign for sign in special if sign is not None])
            odd[self.released[needless]] = True
        return odd

    def _skip_line_ends(self, strange: Array) -> None:
        """A line end before a tag belongs to neither segment, and is not strange."""
        begin = self.begin
        returns = self.buffer[begin] == 13
        after = begin + returns
        feeds = self.buffer[after] == 10
        strange[begin[returns]] = False
        strange[after[feeds]] = False
        self.begin = after + feeds

    def origin(self, place: int) -> int:
        """The byte of the content at which something stands whose place without release characters is known."""
        return place + int(np.searchsorted(self.released, place)) if len(self.released) else place

    @cached_property
    def doubtful(self) -> bool:
        """Whether something is released where a tag should be: then nothing here is plain."""
        begin = self.begin
        if not (len(self.released) and len(begin)):
            return False
        near = self.released - begin[np.maximum(np.searchsorted(begin, self.released, side="right") - 1, 0)]
        return bool((near < len("UNT+")).any())

    def part(self, first: int, stop: int) -> Block:
        """The segments from `first` to before `stop`; places stay those of the whole."""
        if first == 0 and stop == len(self.first):
            return self
        some = copy(self)
        some.first, some.count = self.first[first:stop], self.count[first:stop]
        some.begin, some.end, some.tag = self.begin[first:stop], self.end[first:stop], self.tag[first:stop]
        return some

    def keys(self, start: Array, length: Array) -> Array:
        """uint64 per place: its first 8 bytes, so that equal keys are equal texts up to that length."""
        eights: Array = self._eights[start].view("<u8")  # as bytes they are taken in half the time of numbers
        return eights & MASK.take(length, mode="clip")

    def word(self, key: int) -> str:
        """The text of a key, whatever its charset."""
        return key.to_bytes(8, "little").rstrip(b"\0").decode(self.signs.charset)

    def views(self, start: Array, length: Array) -> Array:
        """uint64 (rows, 2): texts of at most `VIEW_TEXT` bytes as Arrow views; no text begins with the block."""
        views: Array = self._sixteens_at[start - VIEW_BEGIN].view(np.uint64).reshape(-1, 2)
        views &= _VIEWS.take(length, axis=0)
        views[:, 0] |= length.astype(np.uint64)
        return views

    def sixteen(self, start: Array, length: Array) -> Array:
        """uint8 (rows, 16): the bytes of texts that are no longer, with 0 behind them."""
        return self._sixteens[start] & _MASKS[length]

    def texts(self, start: Array, length: Array) -> list[str]:
        """The texts themselves. Short ones are cut all at once: numpy's own array of characters, to be had as `str`."""
        longest = int(length.max(initial=0))
        if longest > 16 or not self.plain:
            whole = self.whole
            return [whole[a:b] for a, b in zip(start.tolist(), (start + length).tolist(), strict=True)]
        width = 8 if longest <= 8 else 16
        signs = self.keys(start, length).view(np.uint8) if width == 8 else self.sixteen(start, length)
        texts: list[str] = signs.ravel().astype(np.uint32).view(f"U{width}").tolist()
        return texts

    @cached_property
    def whole(self) -> str:
        """All of it as text, `COMPONENT` between components. What is not of the charset is found to be strange before
        anybody looks at it."""
        charset = self.signs.charset
        return self.buffer[: self.size].tobytes().decode("latin-1" if charset == "ascii" else charset, "replace")


def _edges(ends: Array) -> Array:
    """int32: the ends, behind one before the beginning."""
    edges = np.empty(len(ends) + 1, dtype=np.int32)
    edges[0] = -1
    edges[1:] = ends
    return edges


def _behind(ends: Array) -> Array:
    """Where each begins whose ends are given."""
    start = np.empty_like(ends)
    start[:1] = 0
    np.add(ends[:-1], 1, out=start[1:])
    return start
