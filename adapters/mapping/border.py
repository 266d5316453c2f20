"""Where a segment of a name begins, found without looking at what lies between."""

from __future__ import annotations

from collections.abc import Callable

LEADS = (b"", b"\n", b"\r\n")
"""What may stand between a terminator and the next segment."""


def border(
    data: bytes | bytearray,
    terminator: bytes,
    wanted: bytes,
    start: int,
    stop: int,
    last: bool = False,
    is_text: Callable[[int], bool] | None = None,
) -> int:
    """Where the terminator stands before the first segment that begins with `wanted`, or before the `last` one; -1 if
    there is none. `is_text` knows terminators that are none. The name alone is looked for, once: what may lead it would
    each need a look through all of the data."""
    at = data.rfind(wanted, start, stop) if last else data.find(wanted, start, stop)
    while at >= 0:
        for lead in LEADS:
            end = at - len(lead) - 1
            if end >= start and data.startswith(terminator + lead, end) and not (is_text and is_text(end)):
                return end
        at = data.rfind(wanted, start, at + len(wanted) - 1) if last else data.find(wanted, at + 1, stop)
    return -1
