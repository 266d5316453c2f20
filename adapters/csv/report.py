"""The answer to a CSV file: a CSV of what was found in it, one line for each finding, or one that says all is well."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from hub.errors import Finding
from hub.model.exchange import Acknowledgement, Closing, Status

TITLES = ("Line", "Column", "Status", "Code", "Message", "Hint")


def acknowledge(closing: Closing) -> Acknowledgement:
    """Type "csv". The first line below the titles is about the whole file: its status and what it was."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(TITLES)
    writer.writerow(("", "", overall(closing), "", _summary(closing), ""))
    for found in _findings(closing):
        writer.writerow((found.where.line or "", _safe(found.where.path or ""), found.severity.value, found.code,
                         _safe(found.message), _safe(found.hint)))
    return Acknowledgement(type="csv", content=out.getvalue().encode(), control=closing.interchange.control)


def overall(closing: Closing) -> str:
    """Rejected when nothing of the file was taken, accepted when all of it was."""
    taken = [v.status for group in closing.groups for v in group.verdicts]
    if closing.rejected or (taken and all(s is Status.REJECTED for s in taken)):
        return Status.REJECTED.value
    return (Status.ACCEPTED if all(s is Status.ACCEPTED for s in taken) else Status.ACCEPTED_WITH_ERRORS).value


def _summary(closing: Closing) -> str:
    if not closing.groups:
        return "The file was not read."
    group = closing.groups[0]
    taken = sum(v.status is not Status.REJECTED for v in group.verdicts)
    return f"{group.code}: {taken} of {group.received} document(s) taken."


def _findings(closing: Closing) -> Iterator[Finding]:
    for group in closing.groups:
        for verdict in group.verdicts:
            yield from verdict.findings
    yield from closing.findings


def _safe(text: str) -> str:
    """A text that a spreadsheet will not take for a formula, whatever the sender's cells began with."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
