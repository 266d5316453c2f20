"""The numbers around one message: its control number, which its trailer repeats, and the count of its segments."""

from __future__ import annotations

from adapters.mapping.dialect import Dialect, Row, element
from adapters.mapping.report import Report
from adapters.mapping.seen import Seen

LONGEST = 10
"""Digits of the longest count: X12 element 96, of segments. Those of sets, groups and messages have 5 or 6."""


def count_of(text: str) -> int | None:
    """The count that a trailer says; None where it is none, or longer than any. Leading zeros count for nothing."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= LONGEST else None


def check_numbers(
    report: Report, dialect: Dialect, control: str, at: int, tail: Row | None, segments: int, known: Seen
) -> None:
    """ST02, SE01 and SE02 (X12.5 section 3.4), or 0062 of UNH and UNT, and 0074. `control` stands in element `at` of
    the header, `segments` are all but the trailer; `known` are the control numbers of the group, to which this one is
    added."""
    first, last = dialect.head, dialect.tail
    if not control:
        report.add("MISSING-CONTROL", segment=1, tag=first, element=at)
    elif control in known:
        report.add("DUPLICATE-CONTROL", segment=1, tag=first, element=at, value=control)
    known.add(control)
    actual = segments + 1
    if tail is None:
        report.add("MISSING-TRAILER", segment=actual, tag=last, missing=last)
        return
    count, closing = element(tail, 1).strip(), element(tail, 2).strip()
    if count_of(count) != actual:
        report.add("SEGMENT-COUNT", segment=actual, tag=last, element=1, value=count, actual=actual, head=first)
    if closing != control:
        report.add("CONTROL-MISMATCH", segment=actual, tag=last, element=2, value=closing, expected=control)
