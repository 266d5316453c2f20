"""A received 997, 999 or TA1: what a partner says to what we sent. A named shape: AK5 closes what AK2 opened."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from adapters.mapping.dialect import Row, element
from adapters.mapping.message import plan_of
from adapters.mapping.plan import Plan
from adapters.mapping.report import Report
from adapters.mapping.walk import Walk
from adapters.x12.elements import DIALECT
from hub.model.acknowledgement import Acknowledged, AcknowledgedTransaction, Outcome
from schemas.facts import dictionary

_OUTCOMES: dict[str, Outcome] = {
    "A": "accepted",
    "E": "accepted_with_errors",
    "P": "partially_accepted",
    "R": "rejected",
    "M": "rejected",
    "W": "rejected",
    "X": "rejected",
}


STRUCTURES = {
    "997": """
AK1     M 1
AK2     O 999999
  AK3   O 999999
    AK4 O 99
  AK5   M 1
AK9     M 1
""",
    "999": """
AK1       M 1
AK2       O *
  IK3     O *
    CTX   O 10
    IK4   O *
      CTX O 10
  IK5     M 1
AK9       M 1
""",
}
"""The structure of the answers; what they mean is a named shape, below."""
TOLERATED = ("MISSING-SEGMENT", "OUT-OF-ORDER")
"""An answer that lacks a segment is told, and understood as far as it goes: nobody would send it again."""


def check(message: str, version: str | None, head: Row, rows: list[Row], report: Report) -> None:
    """Tell what is wrong with the segments of a 997 or 999 and with their order."""
    release = version[:6] if version and version[:6].isascii() and version[:6].isdigit() else "004010"
    if message == "999":
        release = max(release, "005010")
    tag_at: Callable[[int], str] = lambda n: rows[n - 2][0] if n - 2 < len(rows) else ""  # noqa: E731
    Walk(_plan(message, release), report, tag_at).run(head, (list(row) for row in rows))


@lru_cache(maxsize=32)
def _plan(message: str, release: str) -> Plan:
    return plan_of(f"x12/{release}/{message}", {"structure": STRUCTURES[message]}, DIALECT, dictionary("x12", release))


def acknowledged(rows: list[Row]) -> Acknowledged | None:
    """The answer to one group, from the segments between ST and SE; None without AK1 or AK9 (which
    `check` tells)."""
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
    if not group or outcome is None:
        return None
    return Acknowledged(code=code, control=group, outcome=outcome, transactions=tuple(answers))


def interchange_acknowledged(row: Row) -> Acknowledged:
    """A TA1: the answer to one whole interchange, by its control number; the note (TA105) as its only code."""
    note, control = element(row, 5), element(row, 1)
    outcome = _OUTCOMES.get(element(row, 4), "rejected")
    told = (AcknowledgedTransaction(control=control, outcome=outcome, codes=(f"TA105:{note}",)),) if note else ()
    return Acknowledged(code=None, control=control, outcome=outcome, transactions=told)
