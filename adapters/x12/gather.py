"""Takes runs of whole transactions out of a file, as long as their borders are plain to see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adapters.mapping.columns.block import Array, Block, Signs, packed
from adapters.mapping.window import Window
from adapters.x12.long import Long, border, reach
from adapters.x12.split import Delimiters, Run

LEAST, USUAL, MOST = 8 * 1024, 512 * 1024, 1 << 20
"""Bytes of a block: after a disturbance, in quiet waters, and where one transaction alone needs more than usual."""
ENDLESS = -1
SHORTEST = 2 * 1024
"""What is shorter is read sooner one by one."""
_HEAD, _TAIL = packed("ST"), packed("SE")
_OTHERS = np.array([packed(tag) for tag in ("GS", "GE", "ISA", "IEA")], dtype=np.uint64)


@dataclass(slots=True)
class Gatherer:
    """After a border that is not plain the next one is looked for in small blocks, which then grow again: so whatever
    is in a file, it is looked at twice at most."""

    size: int = USUAL
    careful_until: int = 0

    def __call__(self, window: Window, marks: Delimiters) -> Run | Long | None:
        """The transactions from here on, None where there are none or where single steps are better."""
        if window.offset < self.careful_until or not _simple(marks):
            return None
        length = self._length(window, marks)
        if length == ENDLESS:
            long = reach(window, marks)
            if long is None:
                self.careful_until = window.offset + len(window.data) - window.at
            return long
        if length < SHORTEST:
            self.careful_until = window.offset + length
            return None
        offset = window.offset
        content = window.peek(length)
        signs = signs_in(content, marks)
        block = Block(content, signs)
        heads, tails = _borders(block)
        if not len(heads):
            self.size, self.careful_until = LEAST, offset + length
            return None
        used = int(block.end[tails[-1]])
        self.size = USUAL if used == length else max(min(USUAL, self.size // 4), LEAST)
        if used < length:
            block = Block(content[:used], signs)
        window.take(used)
        return Run(block, offset, marks, heads, tails)

    def _length(self, window: Window, marks: Delimiters) -> int:
        """Bytes up to behind the last trailer within reach, but not past the end of a group; 0 where there is none,
        `ENDLESS` where it must be far off."""
        size = self.size
        while size <= MOST:
            have = window.reach(size)
            data, start, stop = window.data, window.at, window.at + have
            end = border(data, marks, b"GE", start, stop)
            stop = end + 1 if end >= 0 else stop
            found = border(data, marks, b"SE", start, stop, last=True)
            over = data.find(marks.segment, found + 1, stop) if found >= 0 else -1
            if over >= 0:
                return over + 1 - start
            if have < size or stop < start + have:
                return 0
            size *= 4
        return ENDLESS


def signs_in(content: bytes, marks: Delimiters) -> Signs:
    """What single bytes mean in some content; components are told apart only where there are any."""
    component = marks.component[0] if marks.component and marks.component in content else None
    return Signs(marks.element[0], marks.segment[0], marks.repetition, component)


def _simple(marks: Delimiters) -> bool:
    """One printable ASCII sign each, no letter, or a line end as terminator: then a byte says what it is."""
    signs = (marks.element, marks.segment)
    if any(len(sign) != 1 or sign.isalnum() for sign in signs) or not 32 < marks.element[0] < 127:
        return False
    return (32 < marks.segment[0] < 127 or marks.segment in (b"\n", b"\r")) and all(
        len(sign) <= 1 for sign in (marks.component, marks.repetition)
    )


def _borders(block: Block) -> tuple[Array, Array]:
    """The segments ST and SE of as many transactions as follow each other plainly from the beginning."""
    tag = block.tag
    heads, tails = np.flatnonzero(tag == _HEAD), np.flatnonzero(tag == _TAIL)
    first = block.buffer[block.start[block.first]]
    odd = np.isin(tag, _OTHERS) | (first <= 32)
    odd[heads] |= block.count[heads] == 1
    odd[tails] |= block.count[tails] == 1
    stop = np.flatnonzero(odd)[:1]
    count = min(len(heads), len(tails))
    heads, tails = heads[:count], tails[:count]
    follows = heads < tails
    follows[:1] &= heads[:1] == 0
    follows[1:] &= heads[1:] == tails[:-1] + 1
    wrong = np.flatnonzero(~follows)[:1]
    good = int(wrong[0]) if len(wrong) else count
    if len(stop):
        good = min(good, int(np.searchsorted(tails, stop[0])))
    return heads[:good], tails[:good]
