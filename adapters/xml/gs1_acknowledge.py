"""Application Receipt Acknowledgement: what we say to a GS1 message, document by document.

RECEIVED, WARNING or ERROR for each; its faults with the code, sentence and remedy of the finding, and its place. An
acknowledgement is never answered, nor is a message that names no sender or receiver, or whose orders want no answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from lxml import etree

from adapters.xml.acknowledge import plain
from adapters.xml.gs1_write import message
from adapters.xml.table import Table
from hub.errors import Finding, Severity
from hub.model.advice import AdviceOutcome, AdvisedDocument, ApplicationAdvice, ApplicationError
from hub.model.exchange import Acknowledgement, Closing, Envelope, Numbers, Status, Verdict

ANSWER = "applicationReceiptAcknowledgement"
FAULTS = 100
"""So many faults of one document are told."""
TYPES = {"order": "35"}
"""GS1's numbers of document types, as far as one was seen in use; the others go by the name of their element."""
OUTCOMES: dict[Status, AdviceOutcome] = {
    Status.ACCEPTED: "accepted", Status.ACCEPTED_WITH_ERRORS: "accepted_with_errors", Status.REJECTED: "rejected"}


def acknowledge(closing: Closing, numbers: Numbers, now: datetime, table: Table) -> list[Acknowledgement]:
    """The answer to one GS1 message; none where none is due."""
    head = closing.interchange
    if head.sender is None or head.receiver is None or not head.answer_requested:
        return []
    if head.syntax.get("message") == ANSWER:
        return []
    verdicts = [verdict for group in closing.groups for verdict in group.verdicts]
    advice = ApplicationAdvice(
        number=f"{(head.control or 'unknown')[:60]}-{numbers.interchange}",
        outcome="rejected" if closing.rejected else None, errors=_errors(closing.findings),
        documents=tuple(_document(n, parts, closing) for n, parts in _by_document(verdicts, head.syntax)))
    envelope = Envelope(sender=head.receiver, receiver=head.sender, numbers=numbers, prepared_at=now, test=head.test)
    root = message(table, [advice], envelope)
    for level in root.iter("applicationResponseMessageHeaderLevel"):
        for known in level.iter("entityIdentification"):
            known.text = head.control or "UNKNOWN"
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return [Acknowledgement(type=ANSWER, content=content, control=str(numbers.interchange))]


def _by_document(verdicts: Sequence[Verdict], syntax: Mapping[str, str]) -> list[tuple[int, list[Verdict]]]:
    """The number of each document's first verdict, and all of it: one that is long was read in several parts."""
    found: list[tuple[int, list[Verdict]]] = []
    for ordinal, verdict in enumerate(verdicts, 1):
        if found and f"created.{ordinal}" not in syntax:
            found[-1][1].append(verdict)
        else:
            found.append((ordinal, [verdict]))
    return found


def _document(ordinal: int, parts: Sequence[Verdict], closing: Closing) -> AdvisedDocument:
    statuses, first = {verdict.status for verdict in parts}, parts[0]
    outcome = OUTCOMES[statuses.pop() if len(statuses) == 1 else Status.ACCEPTED_WITH_ERRORS]
    created = closing.interchange.syntax.get(f"created.{ordinal}", "")
    return AdvisedDocument(outcome="rejected" if closing.rejected else outcome, number=first.control,
                           message=TYPES.get(first.message, first.message), issued_on=_day(created),
                           errors=_errors([found for verdict in parts for found in verdict.findings]))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _errors(findings: Sequence[Finding]) -> tuple[ApplicationError, ...]:
    told = [found for found in findings if found.severity is not Severity.INFO]
    return tuple(_error(found) for found in told[:FAULTS])


def _error(found: Finding) -> ApplicationError:
    """One fault: its element, where that stands, and what stood there."""
    path, line = found.where.path, found.where.line
    place = " ".join(filter(None, (path, f"line {line}" if line else "")))
    return ApplicationError(
        code=found.code, text=plain(f"{found.message} {found.hint}")[:1000],
        value=plain(found.value or "")[:1000] or None, field=plain((path or "").rpartition("/")[2])[:100] or None,
        reference=plain(place)[:1000] or None)
