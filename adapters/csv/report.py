"""The answer to a CSV file: a CSV of what was found in it, one line for each finding, or one that says all is well.

It is 997 and 824 in one: what the reader found and what the hub's own checks did, in the words that the log shows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hub.errors import Finding, Severity
from hub.model.exchange import Acknowledgement, Closing, Reading, Status, Verdict

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


def told(closing: Closing, checked: Sequence[tuple[Reading, Sequence[Finding]]]) -> Closing:
    """With what was found beyond the syntax: what was taken with an error is not plainly accepted any more."""
    found = {reading.ordinal: tuple(f for f in findings if f.severity is not Severity.INFO)
             for reading, findings in checked}
    groups = tuple(replace(group, verdicts=tuple(
        _with(verdict, found.get(ordinal, ())) for ordinal, verdict in enumerate(group.verdicts, 1)
    )) for group in closing.groups)
    return replace(closing, groups=groups)


def _with(verdict: Verdict, found: tuple[Finding, ...]) -> Verdict:
    wrong = verdict.status is Status.ACCEPTED and any(f.severity is Severity.ERROR for f in found)
    status = Status.ACCEPTED_WITH_ERRORS if wrong else verdict.status
    return replace(verdict, findings=(*verdict.findings, *found), status=status)


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
