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
)


@lru_cache(maxsize=4)
def seeds(format: str = "", longest: int = 6_000) -> tuple[bytes, ...]:
    """Files of one format ("x12", "edifact") or of all; shorter first."""
    paths = sorted(MESSAGES.glob(f"{format}*/*/*.edi"))
    contents = {path.read_bytes() for path in paths}
    return tuple(sorted((c for c in contents if 0 < len(c) <= longest), key=lambda c: (len(c), c)))
