"""A piece of a long message, and where it stands in that."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.mapping.columns.block import Array, Block


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the loops: bytes and numbers of segments; `stop` is where the tail begins."""

    head: bytes
    tail: bytes
    before: int
    behind: int
    stop: int


@dataclass(frozen=True, slots=True)
class Open:
    """What is open of a top loop where a piece begins: the bytes and number of its segments before the first inner
    loop, how many of those there were, and the number of its first segment in the message."""

    content: bytes = b""
    segments: int = 0
    loops: int = 0
    first: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """The frame of a message, what is `open` and its bytes from `at` to before `stop`, as one `block`. `known` segments
    of the message stand before these bytes; the message itself begins at byte `base` of the file."""

    block: Block
    frame: Frame
    open: Open
    at: int
    stop: int
    known: int
    base: int

    @property
    def begin(self) -> int:
        """How many segments stand before those that belong to this piece alone."""
        return self.frame.before + self.open.segments

    @property
    def behind(self) -> int:
        """How many segments there are up to the tail."""
        return len(self.block.first) - self.frame.behind

    @property
    def is_first(self) -> bool:
        return self.at == len(self.frame.head)

    @property
    def is_last(self) -> bool:
        return self.stop == self.frame.stop

    def number_of(self, segment: int) -> int:
        """The number in the message of a segment of the piece; both count from 1."""
        if segment <= self.frame.before:
            return segment
        if segment <= self.begin:
            return segment - self.frame.before + self.open.first - 1
        return segment - self.begin + self.known

    def numbers(self) -> list[int]:
        """Those of all segments, in order."""
        some = [*range(1, self.frame.before + 1), *range(self.open.first, self.open.first + self.open.segments)]
        return [*some, *range(self.known + 1, self.known + 1 + len(self.block.first) - self.begin)]

    @property
    def new(self) -> range:
        """The numbers in the message of the segments that no earlier piece has and no later one will have."""
        last = len(self.block.first) if self.is_last else self.behind
        return range(1 if self.is_first else self.known + 1, self.number_of(last) + 1)

    def is_new(self, segments: Array) -> Array:
        """Which (bool) of some segments of the piece, from 0, those are."""
        last = len(self.block.first) if self.is_last else self.behind
        return (segments >= (0 if self.is_first else self.begin)) & (segments < last)

    def place_of(self, segment: int) -> int:
        """The byte of the message at which a segment of the piece (from 1) begins, of the frame or of its own."""
        inside = segment > self.begin
        shift = self.at - len(self.frame.head) - len(self.open.content) if inside else 0
        return self.block.origin(int(self.block.begin[segment - 1])) + shift

    def offset_of(self, number: int) -> int:
        """The byte of the file at which a new segment begins, by its number in the message."""
        return self.base + self.place_of(number if number <= self.frame.before else number - self.known + self.begin)
