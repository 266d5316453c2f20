"""Whether a file has come to its end, by what EDI files say of themselves: an X12 file ends with IEA, an EDIFACT file
with UNZ, and the trailer repeats the control number of the envelope that it closes.

This catches what standing still cannot: a copy that broke off, and a new file written over a longer old one.
"""

from __future__ import annotations

import mmap
import re
from pathlib import Path
from typing import Literal

End = Literal["whole", "no trailer", "another number", "unknown"]
"""unknown: neither X12 nor EDIFACT, or too odd to say; whoever reads the file will tell."""

BLANK = b"\r\n\t \x00\x1a"
TAIL = 4096
"""Bytes at the end in which the trailer is looked for."""


def end_of(path: Path) -> End:
    """How the file ends. Reads its head and its tail, and searches between them for the last envelope."""
    if path.stat().st_size == 0:
        return "unknown"
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        head = content[:512].lstrip(b"\xef\xbb\xbf" + BLANK)
        if head.startswith(b"ISA"):
            return _x12(content, head)
        if head.startswith((b"UNA", b"UNB")):
            return _edifact(content, head)
        return "unknown"


def _x12(content: mmap.mmap, head: bytes) -> End:
    sign = head[3:4]
    elements = head.split(sign, 17)
    if len(elements) < 17 or len(elements[16]) < 2:
        return "unknown"
    end = elements[16][1:2]
    last = _last_segment(content, end)
    if not last.startswith(b"IEA" + sign):
        return "no trailer"
    opened = _last_opening(content, re.compile(re.escape(end) + rb"[\r\n]*ISA" + re.escape(sign)), b"ISA" + sign)
    number = content[opened:opened + 512].split(sign, 14)[13:14]
    return "whole" if _plain(last.split(sign)[2:3]) == _plain(number) else "another number"


def _edifact(content: mmap.mmap, head: bytes) -> End:
    plus, colon, end = b"+", b":", b"'"
    if head.startswith(b"UNA") and len(head) >= 9:
        colon, plus, end = head[3:4], head[4:5], head[8:9]
    last = _last_segment(content, end)
    if not last.startswith(b"UNZ" + plus):
        return "no trailer"
    opened = _last_opening(content, re.compile(re.escape(end) + rb"[\r\n]*UNB" + re.escape(plus)), b"UNB" + plus)
    number = content[opened:opened + 512].split(end)[0].split(plus)[5:6]
    return "whole" if _plain(last.split(plus)[2:3]) == _plain([n.split(colon)[0] for n in number]) else "another number"


def _last_segment(content: mmap.mmap, end: bytes) -> bytes:
    """The last segment, without its terminator; b"" when the file does not end with one."""
    tail = content[-TAIL:].rstrip(BLANK.replace(end, b""))
    if not tail.endswith(end):
        return b""
    return tail[:-len(end)].rpartition(end)[2].strip(BLANK)


def _last_opening(content: mmap.mmap, inner: re.Pattern[bytes], first: bytes) -> int:
    """Where the last envelope begins."""
    at = content.find(first)
    for match in inner.finditer(content):
        at = match.end() - len(first)
    return at


def _plain(value: list[bytes]) -> bytes:
    return value[0].strip().lstrip(b"0") if value else b""
