"""Several whole messages of a file, one after the other: what their headers and trailers say, and some of them read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from adapters.mapping.columns.block import Array, Block
from adapters.mapping.columns.engine import Batch, Engine
from adapters.mapping.columns.table import Table


class Around(Protocol):
    """The segments `heads` and `tails` of a block begin and end its messages."""

    @property
    def block(self) -> Block: ...

    @property
    def heads(self) -> Array: ...

    @property
    def tails(self) -> Array: ...


class Places(Around, Protocol):
    """Messages whose block begins at byte `offset` of the file."""

    @property
    def offset(self) -> int: ...


def offsets(run: Places, at: int) -> Callable[[Array, int], list[int]]:
    """What tells where a segment (from 1) of each of some messages begins, which are numbered from `at` on."""

    def of(messages: Array, segment: int) -> list[int]:
        block = run.block
        start = block.begin.take(run.heads.take(messages + at) + segment - 1)
        places: list[int] = (start + np.searchsorted(block.released, start) + run.offset).tolist()
        return places

    return of


def borders(block: Block, head: int, tail: int, others: Sequence[np.uint64], odd: Array) -> tuple[Array, Array]:
    """The headers and trailers of as many messages as follow each other plainly from the beginning: without what is
    `odd` (bool by segment), `others`, and bare ends."""
    tag = block.tag
    heads, tails = np.flatnonzero(tag == head), np.flatnonzero(tag == tail)
    for other in others:
        odd |= tag == other
    odd |= ((tag & np.uint64(0xFF)) <= ord(" ")) & (tag != 0)
    odd[heads] |= block.count[heads] == 1
    odd[tails] |= block.count[tails] == 1
    strange: Array = np.searchsorted(block.end, block.strange, side="right")
    odd[strange[(tag[strange] == head) | (tag[strange] == tail)]] = True  # a tag and a zero byte are no border
    stop = np.flatnonzero(odd)[:1]
    count = min(len(heads), len(tails))
    begun = np.searchsorted(heads, tails[:count])  # a header inside of a message begins the next one
    heads, tails = heads[:count], tails[:count]
    follows = (heads < tails) & (begun == np.arange(1, count + 1))
    follows[:1] &= heads[:1] == 0
    follows[1:] &= heads[1:] == tails[:-1] + 1
    wrong = np.flatnonzero(~follows)[:1]
    good = int(wrong[0]) if len(wrong) else count
    if len(stop):
        good = min(good, int(np.searchsorted(tails, stop[0])))
    return heads[:good], tails[:good]


class Ends:
    """The first two elements of every header (`first`, `second`) and trailer (`counts`, `closing`), as they stand."""

    def __init__(self, run: Around) -> None:
        nothing = np.zeros(len(run.heads), dtype=np.int64)
        head = Table(run.block, run.heads, nothing, nothing)
        tail = Table(run.block, run.tails, nothing, nothing)
        self.first, self.second = head.texts(1), head.texts(2)
        self.counts, self.closing = tail.texts(1), tail.texts(2)


def is_plain(control: str, closing: str) -> bool:
    """Whether the number of a message is there and plainly the same in its header and trailer."""
    return bool(control) and control == closing and control == control.strip()


def counts_right(said: str, segments: int) -> bool:
    """Whether a trailer plainly says how many segments there are."""
    return said == str(segments) or said.lstrip("0") == str(segments)


def _ends_right(control: str, closing: str, said: str, segments: int) -> bool:
    if control == closing and control.isalnum() and said == str(segments):  # what nearly every message has
        return True
    return is_plain(control, closing) and counts_right(said, segments)


def read(
    quick: Engine, run: Around, ends: Ends, controls: list[str], at: int, count: int, mapped: bool
) -> Batch:
    """What columns say of `count` messages from number `at` on; odd are those whose number or count of segments is not
    plainly right, or that hold what only the careful way reads."""
    first, last = int(run.heads[at]), int(run.tails[at + count - 1])
    block = run.block.part(first, last + 1)
    start = run.heads[at : at + count] - first
    size = run.tails[at : at + count] - run.heads[at : at + count] + 1
    owner = np.repeat(np.arange(count), size)
    some = slice(at, at + count)
    said = zip(controls[some], ends.closing[some], ends.counts[some], size.tolist(), strict=True)
    odd = np.array([not _ends_right(*one) for one in said], dtype=bool)
    strange: Array = np.searchsorted(run.block.end, run.block.strange, side="right")
    strange = strange[(strange >= first) & (strange <= last)]
    odd[owner[strange - first]] = True
    return quick.read(block, owner, start, odd, mapped)
