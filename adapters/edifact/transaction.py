"""One message, from UNH to UNT: read by its table, or told why not."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.edifact.acknowledged import acknowledged
from adapters.edifact.elements import DIALECT
from adapters.edifact.envelope import version
from adapters.edifact.split import Cut
from adapters.mapping.dialect import Row, element
from adapters.mapping.message import Message
from adapters.mapping.numbered import check_numbers
from adapters.mapping.report import Report
from adapters.mapping.seen import Seen
from adapters.mapping.tables import Tables
from adapters.mapping.verdict import status
from hub.errors import Finding, Severity, Where
from hub.model.exchange import Document, Interchange, Reading
from hub.model.finding import illegible
from hub.ports import Guide


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a message stands, and how it is to be read."""

    tables: Tables
    guide: Guide
    interchange: Interchange
    group: int | None
    ordinal: int
    mapped: bool = True


def read(cut: Cut, setting: Setting, known: Seen) -> Reading:
    """The reading of one message. `known` are the references of its group or interchange; this one's is added."""
    head = cut.head
    message, reference = element(head, 2, 1).strip(), element(head, 1).strip()
    base = Where(
        interchange=setting.interchange.ordinal, group=setting.group, transaction=setting.ordinal, offset=cut.offset
    )
    report = Report("edifact", base, cut.offset_of, cut.marks.signs)
    document, table, segments = _document(cut, message, setting, report)
    check_numbers(report, DIALECT, reference, 1, cut.tail, segments, known)
    legible, complete = not report.illegible, not report.incomplete
    return judged(setting, head, document, report.close(), table, segments + bool(cut.tail), legible, complete)


def judged(
    setting: Setting, head: Row, document: Document | None, findings: tuple[Finding, ...], table: str | None,
    segments: int, legible: bool = True, complete: bool = True,
) -> Reading:
    """What becomes of a message with these findings. Of a document that is not `legible` nothing is shown, one that is
    not `complete` is rejected."""
    fatal = not legible or any(f.severity is Severity.ERROR and illegible(f) for f in findings)
    whole = document is not None and complete
    return Reading(
        interchange=setting.interchange,
        group=setting.group,
        ordinal=setting.ordinal,
        message=element(head, 2, 1).strip(),
        version=version(head),
        control=element(head, 1).strip() or None,
        status=status(findings, whole or not setting.mapped, setting.guide.policy),
        document=None if fatal else document,
        findings=findings,
        table=table,
        segments=segments,
        identifier=element(head, 2) or None,
    )


def _document(cut: Cut, message: str, setting: Setting, report: Report) -> tuple[Document | None, str | None, int]:
    """The document, the name of the table that read it, and the number of segments without UNT."""
    if message == "CONTRL":
        rows = list(cut.rows())
        return acknowledged(rows, report), None, len(rows) + 1
    sent = version(cut.head)
    if not message:
        report.add("MISSING-IDENTIFIER", segment=1, tag="UNH", element=2, component=1)
        return None, None, sum(1 for _ in cut.rows()) + 1
    found = setting.tables.find("edifact", sent or "", message, setting.guide.partner)
    if found is None:
        report.add(
            "UNKNOWN-MESSAGE",
            segment=1,
            tag="UNH",
            element=2,
            component=1,
            value=message,
            message=message,
            version=sent or "no release",
        )
        return None, None, sum(1 for _ in cut.rows()) + 1
    report.foreign = not found.exact
    if not found.exact:
        tell_nearest(message, sent or "", found.message, report)
    if not setting.mapped:
        return None, found.message.name, found.message.check(cut.head, cut.rows(), report, cut.tag_at).segments
    document, segments = found.message.read(cut.head, cut.rows(), report, cut.tag_at)
    return document, found.message.name, segments


def tell_nearest(message: str, release: str, table: Message, report: Report) -> None:
    """The table is another release's."""
    report.add(
        "NEAREST-TABLE",
        segment=1,
        tag="UNH",
        element=2,
        component=3,
        message=message,
        version=release or "unknown",
        table=table.release,
    )
