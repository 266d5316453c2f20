"""A window that slides over a file: bytes from where we are to as far as we needed to look."""

from __future__ import annotations

from typing import BinaryIO

CHUNK = 256 * 1024
BLANK = b" \t\r\n\0\x1a"


class Window:
    """`data` begins at byte `base` of the file; `at` is how far it has been used. Looking further never copies what was
    looked at before, so a long message costs its length and no more."""

    def __init__(self, source: BinaryIO, chunk: int = CHUNK) -> None:
        self.source, self.chunk = source, chunk
        self.data = bytearray()
        self.at = 0
        self.base = 0
        self.ended = False

    @property
    def offset(self) -> int:
        """Bytes of the file before the current place."""
        return self.base + self.at

    def more(self) -> bool:
        """Read one chunk more; False at the end of the file. What was used before is let go."""
        if self.ended:
            return False
        if self.at > self.chunk:
            del self.data[: self.at]
            self.base += self.at
            self.at = 0
        read = self.source.read(self.chunk)
        self.ended = not read
        self.data += read
        return bool(read)

    def peek(self, length: int) -> bytes:
        """The next `length` bytes, fewer at the end of the file."""
        self.reach(length)
        with memoryview(self.data) as data:
            return bytes(data[self.at : self.at + length])

    def reach(self, length: int) -> int:
        """How many of the next `length` bytes there are."""
        while len(self.data) - self.at < length and self.more():
            pass
        return min(len(self.data) - self.at, length)

    def skip_blank(self) -> None:
        """Go past line ends, blanks and NULs."""
        while True:
            while self.at < len(self.data) and self.data[self.at] in BLANK:
                stretch = bytes(self.data[self.at : self.at + 4096])
                self.at += len(stretch) - len(stretch.lstrip(BLANK))
            if self.at < len(self.data) or not self.more():
                return

    def find(self, wanted: bytes, start: int = 0, limit: int | None = None) -> int:
        """Distance from here to `wanted`, -1 when it is not there within `limit` bytes."""
        looked = self.at + start
        while True:
            found = self.data.find(wanted, looked)
            if found >= 0:
                return found - self.at
            looked = max(len(self.data) - len(wanted) + 1, looked) - self.at
            if (limit is not None and len(self.data) - self.at > limit) or not self.more():
                return -1
            looked += self.at

    def give(self, length: int) -> bytearray:
        """The next `length` bytes, most of what is here: the memory they lie in, of which only the rest is copied."""
        given, stop = self.data, self.at + length
        self.data, self.base, self.at = given[stop:], self.base + stop, 0
        start = stop - length
        del given[stop:]
        del given[:start]
        return given

    def skip(self, length: int) -> None:
        """Go past the next `length` bytes, which are here."""
        self.at += length

    def take(self, length: int) -> bytes:
        """The next `length` bytes, which are used with that."""
        taken = bytes(self.data[self.at : self.at + length])
        self.at += len(taken)
        return taken
