"""Takes runs of whole transactions out of a file, as long as their borders are plain to see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adapters.mapping.columns.block import Block, Signs, packed
from adapters.mapping.columns.run import borders
from adapters.mapping.window import Window
from adapters.x12.long import Long, border, reach
from adapters.x12.split import Delimiters, Run

LEAST, USUAL, MOST = 8 * 1024, 640 * 1024, 1 << 20
"""Bytes of a block: after a disturbance, in quiet waters, and where one transaction alone needs more than usual."""
ENDLESS = -1
SHORTEST = 2 * 1024
"""What is shorter is read sooner one by one."""
_HEAD, _TAIL = packed("ST"), packed("SE")
_OTHERS = [np.uint64(packed(tag)) for tag in ("GS", "GE", "ISA", "IEA")]


@dataclass(slots=True)
class Gatherer:
    """After a border that is not plain the next one is looked for in small blocks, which then grow again: so whatever
    is in a file, it is looked at twice at most."""

    size: int = USUAL
    careful_until: int = 0
    groups: bool = False
    """Whether a group ended within reach: then where the next one ends is looked for first."""

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
        heads, tails = borders(block, _HEAD, _TAIL, _OTHERS, np.zeros(len(block.tag), dtype=bool))
        if not len(heads):
            self.size, self.careful_until = LEAST, offset + length
            return None
        used = int(block.end[tails[-1]])
        if used < length:
            self.groups = True
            block = Block(content[:used], signs)
        self.size = USUAL if used == length else max(min(USUAL, self.size // 4), LEAST)
        window.skip(used)
        return Run(block, offset, marks, heads, tails)

    def _length(self, window: Window, marks: Delimiters) -> int:
        """Bytes up to behind the last trailer within reach, but not past the end of a group; 0 where there is none,
        `ENDLESS` where it must be far off."""
        size = self.size
        while size <= MOST:
            have = window.reach(size)
            data, start, stop = window.data, window.at, window.at + have
            end = border(data, marks, b"GE", start, stop) if self.groups else -1
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
