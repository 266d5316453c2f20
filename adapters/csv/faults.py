"""Every finding of the CSV dialect: what it says, how bad it is, what to do. And the limit to how many are said."""

from __future__ import annotations

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
    "NO-LINES": (Severity.WARNING, "There is no line below the header line.",
                 "Send the file only when there are lines."),
    "MORE": (Severity.WARNING, "{value} more findings are not listed.", "Correct those above and send the file again."),
}


def finding(code: str, where: Where, *, column: str = "", value: str = "", other: str = "", message: str = "",
            hint: str = "", name: str | None = None) -> Finding:
    """A finding of `E-CSV-<name or code>` (I- or W- by its severity) with its sentence filled in."""
    severity, says, remedy = _SAYS[code]
    words = {"column": column, "value": value, "other": other, "message": message, "hint": hint}
    return Finding(
        code=f"{severity.value[0].upper()}-CSV-{name or code}", severity=severity, where=where,
        message=says.format(**words), hint=remedy.format(**words), value=value or None,
    )


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
