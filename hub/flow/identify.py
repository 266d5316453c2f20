"""What is this file? Answered by its first bytes, never by its name; and then it is read."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO, cast

from hub.errors import Finding
from hub.model.exchange import Event, Remark
from hub.model.finding import finding
from hub.ports import Format, Guides

HEAD = 16 * 1024
PACKED = {
    b"PK\x03\x04": "it is a ZIP archive",
    b"\x1f\x8b": "it is packed with gzip",
    b"BZh": "it is packed with bzip2",
    b"\xfd7zXZ": "it is packed with xz",
    b"%PDF": "it is a PDF",
    b"-----BEGIN PGP": "it is encrypted with PGP",
    b"\xd0\xcf\x11\xe0": "it is an old Excel or Word file",
    b"7z\xbc\xaf": "it is a 7-Zip archive",
    b"\x89PNG": "it is a picture",
    b"\xff\xd8\xff": "it is a picture",
}
BLANK = b" \t\r\n"


class Rejoined(io.RawIOBase):
    """A stream whose beginning was read already: first that, then the rest."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._head:
            return self._rest.read(size)
        if size < 0:
            taken, self._head = self._head, b""
            return taken + self._rest.read()
        taken, self._head = self._head[:size], self._head[size:]
        return taken


def identify(source: BinaryIO, formats: Sequence[Format], guides: Guides) -> Iterator[Event]:
    """The events of whatever format recognises the file; a single Remark when none does. Never raises on content.

    The first of `formats` that recognises the head reads it.
    """
    head = _head(source)
    format = choose(head, formats)
    if isinstance(format, Finding):
        yield Remark(format)
        return
    yield from format.read(cast(BinaryIO, Rejoined(head, source)), guides)


def choose(head: bytes, formats: Sequence[Format]) -> Format | Finding:
    """The format that recognises `head`, or the finding that says why none can."""
    if not head:
        return finding("file", "EMPTY")
    if not any(head.startswith(magic) for magic in PACKED):
        for format in formats:
            if format.recognises(head):
                return format
    return finding("file", "NO-FORMAT", reason=_reason(head))


def _head(source: BinaryIO) -> bytes:
    """The first `HEAD` bytes; a pipe may give them in pieces."""
    parts, missing = [], HEAD
    while missing and (part := source.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _reason(head: bytes) -> str:
    """Why nothing recognises it, in a few words."""
    for magic, words in PACKED.items():
        if head.startswith(magic):
            return words
    if not head.strip(b"\0"):
        return "it holds nothing but zeros"
    if not head.strip(BLANK):
        return "it holds nothing but blanks"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "it is UTF-16 text of an unknown kind"
    if b"\0" in head or sum(byte < 9 for byte in head) > len(head) // 50:
        return "it is binary"
    beginning = head[:30].decode("utf-8", "replace").split("\n")[0].strip()
    return f"it begins with {beginning!r}"
