"""Every finding of the CSV dialect: what it says, how bad it is, what to do. And the limit to how many are said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hub.errors import Finding, Severity, Where

MOST_FINDINGS = 100

_SAYS: dict[str, tuple[Severity, str, str]] = {
    "QUOTES": (Severity.ERROR, "The quotes of this line do not close where a cell ends.",
               'Put a whole cell in quotes or none of it; double a quote inside: "5"" pipe".'),
    "TOO-LONG": (Severity.ERROR, "This line is longer than a mebibyte.", "Check the line ends of the file."),
    "CELLS": (Severity.ERROR, "This line has {value} cells, the header line has {other}.",
              "Quote cells that contain the delimiter, and keep empty cells at the end."),
    "MISSING": (Severity.ERROR, "{column} is empty.", "Fill in {column}, or leave the line out."),
    "VALUE": (Severity.ERROR, "{column}: {value!r} {message}.", "{hint}"),
    "UNMAPPED": (Severity.INFO, "The column {column!r} is not read.",
                 "Leave it, or map it by a row in the partner's overlay of {other}."),
    "ENCODING": (Severity.WARNING, "This line is not UTF-8; it was read as Windows-1252 (Latin-1).",
                 "Export the file as UTF-8."),
    "MASTER": (Severity.ERROR, "This file holds master data ({value}), which does not travel as a message.",
               "Put it in the partner's directory and run: hub partner apply DIR."),
    "HEADER": (Severity.ERROR, "No table knows this header line: {value}.",
               "Use the titles of one of the tables in schemas/csv/1, in any order."),
    "REFUSED": (Severity.ERROR, "These lines make no {other}: {value}.", "Correct or complete the columns it names."),
    "WHOLE": (Severity.ERROR, "Order {value} is not taken because one of its lines is faulty.",
              "Correct the line and send the whole order again."),
    "PARTS": (Severity.ERROR, "A part of this document is not taken because of its faulty lines; so none of it is.",
              "Correct the lines and send the whole file again."),
    "EMPTY": (Severity.ERROR, "The file is empty.", "Send a header line and the lines below it."),
    "NO-LINES": (Severity.WARNING, "There is no line below the header line.",
                 "Send the file only when there are lines."),
    "MORE": (Severity.WARNING, "{value} more findings are not listed.", "Correct those above and send the file again."),
}


def finding(code: str, where: Where, *, column: str = "", value: str = "", other: str = "", message: str = "",
            hint: str = "", name: str | None = None) -> Finding:
    """A finding of `E-CSV-<name or code>` (W- for warnings and notes) with its sentence filled in."""
    severity, says, remedy = _SAYS[code]
    words = {"column": column, "value": value, "other": other, "message": message, "hint": hint}
    return Finding(
        code=f"{'E' if severity is Severity.ERROR else 'W'}-CSV-{name or code}", severity=severity, where=where,
        message=says.format(**words), hint=remedy.format(**words), value=value or None,
    )


class Marks:
    """The findings of one block by line. Of one kind (a column's unreadable texts, say) no more are made than could be
    said; the rest only mark their lines and are counted in `unsaid`."""

    def __init__(self) -> None:
        self.by_line: dict[int, list[Finding]] = {}
        self.unsaid = 0
        self._made: Counter[tuple[str, str]] = Counter()

    def add(self, line: int, kind: tuple[str, str], make: Callable[[], Finding]) -> None:
        marked = self.by_line.setdefault(line, [])
        self._made[kind] += 1
        if self._made[kind] <= MOST_FINDINGS:
            marked.append(make())
        else:
            self.unsaid += 1


class Tally:
    """Lets the first `MOST_FINDINGS` of a file through and counts the rest."""

    def __init__(self) -> None:
        self.said, self.held = 0, 0

    def admit(self, found: list[Finding]) -> tuple[Finding, ...]:
        room = max(0, MOST_FINDINGS - self.said)
        self.said += len(found[:room])
        self.held += len(found[room:])
        return tuple(found[:room])

    def summary(self) -> tuple[Finding, ...]:
        """One finding that says how many were held back; none when none was."""
        return (finding("MORE", Where(interchange=1), value=str(self.held)),) if self.held else ()
