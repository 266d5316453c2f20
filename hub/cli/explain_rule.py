"""The rule behind a finding, in words: printed with the finding, or from the facts of the element that it is about."""

from __future__ import annotations

from adapters.mapping import wording
from adapters.mapping.segment import element_fact
from hub.errors import Finding
from hub.model.finding import name_of
from schemas import facts
from schemas.facts import Segment


def rule(item: Finding, table: str | None) -> str:
    """What the standard demands there; "" where the message says it. `table` is what the message was read by."""
    name, where = name_of(item), item.where
    if printed := facts.findings().get(name, {}).get("rule"):
        return str(printed)
    segment = _segment(table, where.tag)
    if segment is not None and where.element:
        if item.rule and item.rule[0] in wording.NOTES:
            positions = [int(item.rule[at : at + 2]) for at in range(1, len(item.rule), 2)]
            return wording.note(segment, item.rule[0], positions)
        notes = wording.notes_about(segment, where.element)
        if notes and name in ("MISSING-CONDITIONAL", "EXCLUDED-ELEMENT"):
            return " ".join(notes)
        if name == "TOO-MANY-ELEMENTS":
            return f"{segment.tag} ({segment.name}) has {len(segment.uses)} elements."
        if said := wording.use(segment, where.element, where.component):
            return said + _codes(segment, item)
    return ""


def _codes(segment: Segment, item: Finding) -> str:
    listed = wording.codes(element_fact(segment, item.where.element, item.where.component))
    return f" Its codes: {listed}." if listed and name_of(item) == "UNKNOWN-CODE" else ""


def _segment(table: str | None, tag: str | None) -> Segment | None:
    if not table or not tag or table.split("/")[0] not in ("x12", "edifact"):
        return None
    format, release, _ = table.split("/")
    return facts.dictionary(format, release).segments.get(tag)
