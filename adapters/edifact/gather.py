"""Takes runs of whole messages out of a file, as long as their borders are plain to see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adapters.edifact.marks import Marks
from adapters.edifact.split import Run
from adapters.mapping.columns.block import Block, Signs, packed
from adapters.mapping.columns.run import borders
from adapters.mapping.window import Window

LEAST, USUAL, MOST = 8 * 1024, 640 * 1024, 1 << 20
"""Bytes of a block: after a disturbance, in quiet waters, and where one message alone needs more than usual."""
SHORTEST = 2 * 1024
"""What is shorter is read sooner one by one."""
_HEAD, _TAIL = packed("UNH"), packed("UNT")
_OTHERS = [np.uint64(packed(tag)) for tag in ("UNB", "UNG", "UNE", "UNZ")]
_UNA, _THREE = np.uint64(packed("UNA")), np.uint64((1 << 24) - 1)


@dataclass(slots=True)
class Gatherer:
    """After a border that is not plain the next one is looked for in small blocks, which then grow again: so whatever
    is in a file, it is looked at twice at most."""

    size: int = USUAL
    careful_until: int = 0
    groups: bool = False
    """Whether a group ended within reach: then where the next one ends is looked for first."""

    def __call__(self, window: Window, marks: Marks) -> Run | None:
        """The messages from here on, None where there are none or where single steps are better."""
        signs = signs_of(marks) if window.offset >= self.careful_until else None
        if signs is None:
            return None
        length = self._length(window, marks)
        if length < SHORTEST:
            self.careful_until = window.offset + length
            return None
        offset = window.offset
        content = window.peek(length)
        block = Block(content, signs)
        odd = (block.tag & _THREE == _UNA) | block.doubtful
        heads, tails = borders(block, _HEAD, _TAIL, _OTHERS, odd)
        if not len(heads):
            self.size, self.careful_until = LEAST, offset + length
            return None
        used = block.origin(int(block.end[tails[-1]]))
        if used < length:
            self.groups = True
            block = Block(content[:used], signs)
        self.size = USUAL if used == length else max(min(USUAL, self.size // 4), LEAST)
        window.skip(used)
        return Run(block, offset, marks, heads, tails)

    def _length(self, window: Window, marks: Marks) -> int:
        """Bytes up to behind the last trailer within reach, but not past the end of a group; 0 where there is none.
        What only looks like these in a text makes a block shorter than it could be, or longer than it is used."""
        size, element = self.size, marks.element.encode()
        while size <= MOST:
            have = window.reach(size)
            data, start, stop = window.data, window.at, window.at + have
            for tag in (b"UNE", b"UNZ") if self.groups else ():
                end = data.find(tag + element, start, stop)
                stop = end if end >= 0 else stop
            found = data.rfind(b"UNT" + element, start, stop)
            over = data.find(marks.end, found + 1, stop) if found >= 0 else -1
            if over >= 0:
                return over + 1 - start
            if have < size or stop < start + have:
                return 0
            size *= 4
        self.careful_until = window.offset + MOST
        return 0


def signs_of(marks: Marks) -> Signs | None:
    """What a byte says; None where it does not say it alone: signs that are letters, are no ASCII, or mean two things.
    In UTF-8 only messages in plain ASCII are read by columns."""
    must = marks.element + marks.component + marks.segment
    every = must + marks.release + marks.repetition
    plain = len(must) == 3 and every.isascii() and not any(sign.isalnum() for sign in every) and " " not in every
    if not plain or len(set(every)) < len(every) or not (marks.element + marks.component).isprintable():
        return None
    return Signs(
        ord(marks.element),
        ord(marks.segment),
        marks.repetition.encode(),
        ord(marks.component),
        ord(marks.release) if marks.release else None,
        "ascii" if marks.charset == "utf-8" else marks.charset,
        b".,",
    )
