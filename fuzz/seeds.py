"""What fuzzing starts from: the hand-written messages of the tests, right ones and bad ones."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

HOME = Path(__file__).parents[1]
MESSAGES = HOME / "tests" / "messages"
CRASHERS = HOME / "tests" / "edi" / "crashers"
DICTIONARY = (
    *("ISA*00*", "GS*PO*", "ST*850*", "SE*", "GE*", "IEA*", "TA1*", "UNA:+.? '", "UNB+UNOC:3+", "UNG+", "UNH+1+"),
    *("UNT+", "UNE+", "UNZ+", "UIB+", "?'", "??", "'\r\n", "~\n", "~", "\x1c", "*", "+", ":", ">", "^", "?", "\\"),
    *("CCYYMMDD", "20260230", "999999999", "-", ".", ",", "1e9", "NaN", "004010", "005010", "D:96A:UN", "D:01B:UN"),
    *("1E5", "1E930301", "1E-99", "0E99", "1_0", "-.5", "HL*1**S~", "HL*2*1*O~", "CPS+2+1'", "003060", "D:00A:UN"),
)


@lru_cache(maxsize=1)
def rows() -> tuple[bytes, ...]:
    """Every different segment of all messages, without its terminator."""
    cut = {row.strip() for one in seeds(longest=1 << 30) for row in one.replace(b"'", b"~").split(b"~")}
    return tuple(sorted(row for row in cut if 2 < len(row) < 200 and not row.startswith((b"ISA", b"UN"))))


@lru_cache(maxsize=4)
def seeds(format: str = "", longest: int = 6_000) -> tuple[bytes, ...]:
    """Files of one format ("x12", "edifact") or of all; shorter first."""
    paths = sorted(MESSAGES.glob(f"{format}*/*/*.edi"))
    contents = {path.read_bytes() for path in paths}
    return tuple(sorted((c for c in contents if 0 < len(c) <= longest), key=lambda c: (len(c), c)))
