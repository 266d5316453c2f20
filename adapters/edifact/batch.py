"""A run of messages: those that are right are read by columns, the odd ones by `transaction`, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from adapters.edifact import transaction
from adapters.edifact.envelope import version
from adapters.edifact.gather import signs_of
from adapters.edifact.split import Cut, Run
from adapters.edifact.transaction import Setting
from adapters.mapping.border import border
from adapters.mapping.columns import pieces
from adapters.mapping.columns import run as runs
from adapters.mapping.columns.apart import Apart
from adapters.mapping.columns.engine import Batch, Engine, engine
from adapters.mapping.dialect import COMPONENT, Row, component, element
from adapters.mapping.report import Report
from adapters.mapping.seen import Seen
from hub.errors import Finding, Where
from hub.model.exchange import Reading, Status
from schemas import facts

COLUMNS = True
"""Switched off, every message is read by itself: the same, only slower."""
WORTHWHILE = 4
"""So many messages of one kind in a row are read by columns, or so many times fifty segments; fewer are quicker one by
one."""


def read(run: Run, setting: Setting, known: Seen) -> Iterator[Reading]:
    """The readings of all messages of a run, in order; `setting` is that of the first. `known` are the references of
    their group or interchange; theirs are added."""
    ends, segments = runs.Ends(run), (run.tails - run.heads + 1).tolist()
    at = 0
    for identifier, numbers in groupby(range(len(run.heads)), key=ends.second.__getitem__):
        count = len(list(numbers))
        size = int(run.tails[at + count - 1] - run.heads[at])
        worthwhile = COLUMNS and (count >= WORTHWHILE or size >= WORTHWHILE * 50)
        kind = _kind(identifier, setting) if worthwhile and not identifier.endswith(COMPONENT) else None
        batch = runs.read(kind.quick, run, ends, ends.first, at, count, setting.mapped) if kind else None
        odd = batch.odd.tolist() if batch else [True] * count
        told = _notes(kind, batch, run, at, setting) if kind and batch else {}
        for number in range(at, at + count):
            reference = ends.first[number]
            if kind is None or batch is None or odd[number - at] or reference in known:
                here = replace(setting, ordinal=setting.ordinal + number)
                yield transaction.read(run.cut(number), here, known)
            else:
                known.add(reference)
                findings = told.get(number - at, ())
                if kind.nearest:
                    findings = (*_nearest(kind, run, number, setting), *findings)
                yield Reading(
                    setting.interchange,
                    setting.group,
                    setting.ordinal + number,
                    kind.message,
                    kind.release or None,
                    reference,
                    Status.ACCEPTED,
                    batch.documents[number - at] if batch.documents else None,
                    findings,
                    kind.quick.message.name,
                    segments[number],
                    kind.identifier,
                )
        at += count


def read_long(cut: Cut, setting: Setting, known: Seen) -> Reading | None:
    """The reading of a message that is longer than a block, None where its segments are not in order."""
    marks, signs = cut.marks, signs_of(cut.marks)
    ends = cut.ends() if COLUMNS and cut.closed else None
    if signs is None or ends is None:
        return None
    head, tail = ends
    reference, identifier = element(head, 1), element(head, 2)
    kind = _kind(identifier, setting) if runs.is_plain(reference, element(tail, 2)) else None
    if kind is None or reference in known:
        return None
    content, plus, end = cut.content, marks.element.encode(), marks.end

    def is_text(at: int) -> bool:
        return marks.released(content, at, 0)

    def seek(tag: bytes, start: int, stop: int, last: bool) -> int:
        return border(content, end, tag + plus, start, stop, last, is_text)

    base = Where(
        interchange=setting.interchange.ordinal, group=setting.group, transaction=setting.ordinal, offset=cut.offset
    )

    def rows(piece: bytes) -> list[Row]:
        return list(Cut(piece, 0, True, marks).rows())

    def apart() -> Apart:
        report = Report("edifact", base, signs=marks.signs)
        report.foreign = kind.nearest
        return Apart(kind.quick.message, report, rows, setting.mapped)

    whole = pieces.read(kind.quick, content, signs, seek, setting.mapped, apart)
    if whole is None or not runs.counts_right(element(tail, 1), whole.segments):
        return None
    known.add(reference)
    report = Report("edifact", base, lambda _: cut.offset)
    if kind.nearest:
        transaction.tell_nearest(kind.message, kind.release, kind.quick.message, report)
    notes = kind.quick.notes.tell(whole.notes, base, lambda segment: cut.offset + whole.offsets[segment])
    findings = whole.findings((*report.close(), *notes))
    return transaction.judged(
        setting, head, whole.document(), findings, kind.quick.message.name, whole.segments,
        legible=whole.legible, complete=whole.complete)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What an identifier means: the message, its release, and the engine of a table; `nearest`: another release's."""

    identifier: str
    message: str
    release: str
    quick: Engine
    nearest: bool


def _rule(rule: facts.Element) -> str:
    """How `elements.fault` looks at an element without a code list, as far as many can be looked at at once."""
    return {"n": "real", "an": "text"}.get(rule.type, "")


def _kind(identifier: str, setting: Setting) -> _Kind | None:
    """None where each message of that kind must be read by itself."""
    message, release = component(identifier, 1), version(["UNH", "", identifier]) or ""
    if message in ("", "CONTRL") or message != message.strip():
        return None
    found = setting.tables.find("edifact", release, message, setting.guide.partner)
    quick = engine(found.message, _rule) if found else None
    if found is None or quick is None or (setting.mapped and not quick.maps):
        return None
    return _Kind(identifier, message, release, quick, not found.exact)


def _notes(kind: _Kind, batch: Batch, run: Run, at: int, setting: Setting) -> dict[int, tuple[Finding, ...]]:
    """The notes of the messages of a batch that begins with number `at` of the run."""
    base = Where(interchange=setting.interchange.ordinal, group=setting.group, transaction=setting.ordinal + at)
    return kind.quick.notes.tell_all(batch.notes, (), base, runs.offsets(run, at))


def _nearest(kind: _Kind, run: Run, place: int, setting: Setting) -> tuple[Finding, ...]:
    """That the table is another release's."""
    base = Where(
        interchange=setting.interchange.ordinal,
        group=setting.group,
        transaction=setting.ordinal + place,
        offset=run.byte(place),
    )
    report = Report("edifact", base, lambda _: run.byte(place))
    transaction.tell_nearest(kind.message, kind.release, kind.quick.message, report)
    return report.close()
