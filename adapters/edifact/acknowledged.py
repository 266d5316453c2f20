"""A received CONTRL: what a partner says to an interchange of ours. A named shape, because UCM repeats under UCI."""

from __future__ import annotations

from adapters.mapping.dialect import Row, element
from adapters.mapping.report import Report
from hub.model.acknowledgement import Acknowledged, AcknowledgedTransaction, Outcome

_OUTCOMES: dict[str, Outcome] = {"4": "rejected", "7": "accepted", "8": "received"}


def acknowledged(rows: list[Row], report: Report) -> Acknowledged | None:
    """The answer to one interchange, from the segments between UNH and UNT; None without UCI (which is told)."""
    head = next((row for row in rows if row[0] == "UCI"), None)
    if head is None or not element(head, 1):
        report.add("MISSING-SEGMENT", segment=2, tag="UCI", missing="UCI", name="Interchange response", place="UNT")
        return None
    answers: list[AcknowledgedTransaction] = []
    for row in rows:
        if row[0] == "UCM":
            answers.append(
                AcknowledgedTransaction(
                    message=element(row, 2, 1) or None,
                    control=element(row, 1),
                    outcome=_OUTCOMES.get(element(row, 3), "received"),
                    codes=_codes(row, 4),
                )
            )
        elif row[0] in ("UCS", "UCD") and answers:
            codes = (*answers[-1].codes, *_codes(row, 2 if row[0] == "UCS" else 1))
            answers[-1] = answers[-1].model_copy(update={"codes": codes})
    outcome = _OUTCOMES.get(element(head, 4), "received")
    if outcome == "accepted" and any(a.outcome == "rejected" for a in answers):
        outcome = "partially_accepted"
    return Acknowledged(code=None, control=element(head, 1), outcome=outcome, transactions=tuple(answers))


def _codes(row: Row, at: int) -> tuple[str, ...]:
    return (f"0085:{element(row, at)}",) if element(row, at) else ()
