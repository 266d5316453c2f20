"""A received 997, 999 or TA1: what a partner says to what we sent. A named shape: AK5 closes what AK2 opened."""

from __future__ import annotations

from adapters.mapping.dialect import Row, element
from adapters.mapping.report import Report
from hub.model.acknowledgement import Acknowledged, AcknowledgedTransaction, Outcome

_OUTCOMES: dict[str, Outcome] = {
    "A": "accepted",
    "E": "accepted_with_errors",
    "P": "partially_accepted",
    "R": "rejected",
    "M": "rejected",
    "W": "rejected",
    "X": "rejected",
}


def acknowledged(rows: list[Row], report: Report) -> Acknowledged | None:
    """The answer to one group, from the segments between ST and SE; None without AK1 or AK9 (which is told)."""
    message, control, outcome = None, "", None
    code, group = None, ""
    codes: list[str] = []
    answers: list[AcknowledgedTransaction] = []
    for row in rows:
        tag = row[0]
        if tag == "AK1":
            code, group = element(row, 1) or None, element(row, 2)
        elif tag == "AK2":
            message, control, codes = element(row, 1), element(row, 2), []
        elif tag in ("AK3", "IK3"):
            codes += [f"AK304:{c}" for c in row[4:5] if c]
        elif tag in ("AK4", "IK4"):
            codes += [f"AK403:{c}" for c in row[3:4] if c]
        elif tag in ("AK5", "IK5"):
            codes += [f"AK502:{c}" for c in row[2:7] if c]
            answers.append(
                AcknowledgedTransaction(
                    message=message,
                    control=control,
                    outcome=_OUTCOMES.get(element(row, 1), "rejected"),
                    codes=tuple(codes),
                )
            )
        elif tag == "AK9":
            outcome = _OUTCOMES.get(element(row, 1), "rejected")
    for tag, there in (("AK1", group), ("AK9", outcome)):
        if not there:
            report.add("MISSING-SEGMENT", segment=len(rows) + 2, tag=tag, missing=tag, name=tag, place="SE")
    if not group or outcome is None:
        return None
    return Acknowledged(code=code, control=group, outcome=outcome, transactions=tuple(answers))


def interchange_acknowledged(row: Row) -> Acknowledged:
    """A TA1: the answer to one whole interchange, by its control number; the note (TA105) as its only code."""
    note, control = element(row, 5), element(row, 1)
    outcome = _OUTCOMES.get(element(row, 4), "rejected")
    told = (AcknowledgedTransaction(control=control, outcome=outcome, codes=(f"TA105:{note}",)),) if note else ()
    return Acknowledged(code=None, control=control, outcome=outcome, transactions=told)
