"""One transaction, from ST to SE: read by its table, or told why not."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from adapters.mapping.dialect import element
from adapters.mapping.numbered import check_numbers
from adapters.mapping.report import Report
from adapters.mapping.seen import Seen
from adapters.mapping.tables import Tables
from adapters.mapping.verdict import status
from adapters.x12.acknowledged import STRUCTURES, TOLERATED, acknowledged, check
from adapters.x12.elements import DIALECT
from adapters.x12.split import Cut
from hub.errors import Finding, Severity, Where
from hub.model.exchange import Document, Interchange, Reading
from hub.model.finding import illegible, name_of
from hub.ports import Guide


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a transaction stands, and how it is to be read."""

    tables: Tables
    guide: Guide
    interchange: Interchange
    group: int | None
    code: str | None
    version: str | None
    ordinal: int
    mapped: bool = True


def read(cut: Cut, setting: Setting, known: Seen) -> Reading:
    """The reading of one transaction. `known` are the control numbers of its group; this one's is added."""
    head = cut.head
    message, control = element(head, 1).strip(), element(head, 2).strip()
    base = Where(
        interchange=setting.interchange.ordinal, group=setting.group, transaction=setting.ordinal, offset=cut.offset
    )
    report = Report("x12", base, cut.offset_of, cut.delimiters.signs)
    document, table, segments = _document(cut, message, setting, report)
    check_numbers(report, DIALECT, control, 2, cut.tail, segments, known)
    tolerated = TOLERATED if message in STRUCTURES and document is not None else ()
    legible = not report.illegible or message in STRUCTURES
    count, told = segments + bool(cut.tail), report.close()
    return judged(setting, message, control, document, told, table, count, tolerated, legible, not report.incomplete)


def judged(
    setting: Setting, message: str, control: str, document: Document | None, findings: tuple[Finding, ...],
    table: str | None, segments: int, tolerated: Container[str] = (), legible: bool = True, complete: bool = True,
) -> Reading:
    """What becomes of a transaction with these findings; those `tolerated` (by name) do not count against it. Of a
    document that is not `legible` nothing is shown, one that is not `complete` is rejected."""
    grave = [f for f in findings if name_of(f) not in tolerated] if tolerated else findings
    errors = [f for f in findings if f.severity is Severity.ERROR]
    fatal = not legible or any(illegible(f) for f in errors if name_of(f) not in tolerated)
    whole = (document is not None and complete) or not setting.mapped
    return Reading(
        interchange=setting.interchange,
        group=setting.group,
        ordinal=setting.ordinal,
        message=message,
        version=setting.version,
        control=control or None,
        status=status(grave, whole, setting.guide.policy),
        document=None if fatal else document,
        findings=findings,
        table=table,
        segments=segments,
        reference=_reference(setting, table, document) if errors else None,
    )


def _reference(setting: Setting, table: str | None, document: Document | None) -> tuple[str, str] | None:
    """Where the document's own number stands, in the words of the 999 ("BEG03"), and the number."""
    number = getattr(getattr(document, "header", document), "number", None)
    if not number or table is None:
        return None
    part = setting.tables.get(table, setting.guide.partner).part
    place = next((slot.choices[0].place for slot in part.slots if slot.name == "number"), None)
    return (f"{place.segment.tag}{place.element:02d}", str(number)) if place and place.element else None


def _document(cut: Cut, message: str, setting: Setting, report: Report) -> tuple[Document | None, str | None, int]:
    """The document, the name of the table that read it, and the number of segments without SE."""
    if message in STRUCTURES:
        rows = list(cut.rows())
        check(message, setting.version, cut.head, rows, report)
        return acknowledged(rows), None, len(rows) + 1
    if not message:
        report.add("MISSING-IDENTIFIER", segment=1, tag="ST", element=1)
        return None, None, sum(1 for _ in cut.rows()) + 1
    found = setting.tables.find("x12", setting.version or "", message, setting.guide.partner)
    if found is None:
        report.add(
            "UNKNOWN-SET",
            segment=1,
            tag="ST",
            element=1,
            value=message,
            message=message,
            version=setting.version or "no release",
        )
        return None, None, sum(1 for _ in cut.rows()) + 1
    report.foreign = not found.exact
    if not found.exact:
        report.add(
            "NEAREST-TABLE",
            segment=1,
            tag="ST",
            message=message,
            version=setting.version or "unknown",
            table=found.message.release,
        )
    if setting.code is not None and setting.code != found.message.group:
        report.add(
            "GROUP-CODE",
            segment=1,
            tag="ST",
            element=1,
            value=setting.code,
            message=message,
            expected=found.message.group,
        )
    if not setting.mapped:
        return None, found.message.name, found.message.check(cut.head, cut.rows(), report, cut.tag_at).segments
    document, segments = found.message.read(cut.head, cut.rows(), report, cut.tag_at)
    return document, found.message.name, segments
