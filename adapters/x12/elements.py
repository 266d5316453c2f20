"""What a data element may hold (X12.6 section 3.5.1), and the dialect that the table engine reads with."""

from __future__ import annotations

import re
from datetime import date

from adapters.mapping.codecs import calendar_date, decimal_of, plain
from adapters.mapping.dialect import Dialect
from adapters.x12.loads import loads
from schemas.facts import Element

_REAL = re.compile(r"-?(\d+\.?\d*|\.\d+)(E-?\d+)?", re.ASCII)
"""A power of ten may stand behind a decimal number; its letter and signs do not count as length."""
_WHOLE = re.compile(r"-?\d+", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3])[0-5]\d([0-5]\d(\d{1,2})?)?", re.ASCII)


def fault(element: Element, text: str) -> str | None:
    """The name of what is wrong with a text that is not empty; None when nothing is."""
    kind = element.type
    if kind != "AN" and text[-1] == " " and (bare := text.rstrip()):
        return fault(element, bare) or "PADDED"
    if kind == "R" or kind[0] == "N":
        if not (_REAL if kind == "R" else _WHOLE).fullmatch(text):
            return "NOT-NUMERIC"
        length = len(text) - text.count("-") - text.count(".") - text.count("E")
    elif kind == "DT":
        return None if _is_date(text, element) else "INVALID-DATE"
    elif kind == "TM":
        return None if _TIME.fullmatch(text) else "INVALID-TIME"
    else:
        length = len(text)
        if not text.isprintable():
            return "INVALID-CHARACTER"
    if element.codes is not None and text not in element.codes:
        return "UNKNOWN-CODE"
    if length < element.min:
        return "TOO-SHORT"
    if length > element.max:
        return "TOO-LONG"
    return "TOO-LARGE" if kind == "R" and "E" in text and not _is_written_out(text) else None


def _is_written_out(text: str) -> bool:
    """Whether a number with a power of ten can be written without."""
    try:
        return bool(plain(decimal_of(text)))
    except ValueError:
        return False


def _is_date(text: str, element: Element) -> bool:
    """Releases before 4010 have six digits; many who send them write the century too, which nobody misreads."""
    if len(text) not in (6, 8) or len(text) < element.min:
        return False
    try:
        return isinstance(calendar_date(text), date)
    except ValueError:
        return False


DIALECT = Dialect("x12", "ST", "SE", fault, value_first=False, shapes={"loads": loads})
