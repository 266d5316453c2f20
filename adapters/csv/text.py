"""From bytes to physical lines. Memory is bounded by one chunk and one line, never by the file."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import BinaryIO

CHUNK = 1 << 18
LONGEST_LINE = 1 << 20

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def encoding_of(head: bytes) -> tuple[str, int]:
    """The encoding that a byte order mark at the start of `head` names, and the length of the mark. No mark: UTF-8."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, len(mark)
    return "utf-8", 0


def decode(head: bytes) -> str:
    """The text of the first bytes of a file; what is cut off in the middle of a character is left out."""
    name, skip = encoding_of(head)
    try:
        return codecs.getincrementaldecoder(name)().decode(head[skip:])
    except UnicodeDecodeError:
        return head[skip:].decode("cp1252", errors="replace")


def lines(source: BinaryIO, on_fallback: Callable[[int], None]) -> Iterator[tuple[int, str | None]]:
    """Physical lines with their numbers from 1, each with its line end; None stands for a line beyond `LONGEST_LINE`.

    A line that is not UTF-8 is read as Windows-1252, the superset of Latin-1 that spreadsheets write; `on_fallback` is
    told its number. LF, CRLF and a lone CR end a line.
    """
    number, rest, dropping = 0, "", False

    def fallback(at: int) -> None:
        on_fallback(number + 1 + at)

    for text in _texts(source, fallback):
        # A CR at the very end may be the first half of CRLF: it waits for the next text.
        held = "\r" if text.endswith("\r") else ""
        pieces = (rest + text[: len(text) - len(held)]).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        rest = pieces.pop() + held
        for piece in pieces:
            number += 1
            too_long, dropping = dropping or len(piece) > LONGEST_LINE, False
            yield number, None if too_long else piece + "\n"
        if len(rest) > LONGEST_LINE:
            rest, dropping = "", True
    if rest or dropping:
        last = rest.rstrip("\r")
        yield number + 1, None if dropping or len(last) > LONGEST_LINE else last


def _texts(source: BinaryIO, on_fallback: Callable[[int], None]) -> Iterator[str]:
    """Decoded pieces that end where a line ends (or where the chunk does, for very long lines)."""
    first = source.read(CHUNK)
    name, skip = encoding_of(first)
    chunk = first[skip:]
    if name != "utf-8":
        decoder = codecs.getincrementaldecoder(name)(errors="replace")
        while chunk:
            yield decoder.decode(chunk)
            chunk = source.read(CHUNK)
        return
    held = b""
    while chunk:
        cut = chunk.rfind(b"\n") + 1
        if cut or len(held) > LONGEST_LINE:
            yield _piece(held + chunk[:cut], on_fallback)
            held = chunk[cut:]
        else:
            held += chunk
        chunk = source.read(CHUNK)
    if held:
        yield _piece(held, on_fallback)


def _piece(piece: bytes, on_fallback: Callable[[int], None]) -> str:
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return "".join(_line(at, line, on_fallback) for at, line in enumerate(piece.splitlines(keepends=True)))


def _line(at: int, line: bytes, on_fallback: Callable[[int], None]) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        on_fallback(at)
        return line.decode("cp1252", errors="replace")
