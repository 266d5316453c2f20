"""A run of transactions: those that are right are read by columns, the odd ones by `transaction`, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np

from adapters.mapping.columns import pieces
from adapters.mapping.columns import run as runs
from adapters.mapping.columns.apart import Apart
from adapters.mapping.columns.engine import Batch, Engine, engine
from adapters.mapping.columns.mend import Mender, Told
from adapters.mapping.columns.notes import Remark
from adapters.mapping.dialect import Row, element
from adapters.mapping.report import Report
from adapters.mapping.seen import Seen
from adapters.x12 import transaction
from adapters.x12.gather import signs_in
from adapters.x12.long import Long, border
from adapters.x12.split import Cut, Run
from adapters.x12.transaction import Setting
from hub.errors import Finding, Where
from hub.model.exchange import Reading, Status
from schemas.facts import Element

COLUMNS = True
"""Switched off, every transaction is read by itself: the same, only slower."""
MIN_TRAILER = 3
NO_ENGINE: tuple[Engine | None, Remark | None] = (None, None)
WORTHWHILE = 4
"""So many transactions of one kind in a row are read by columns; fewer are quicker one by one."""


def read(run: Run, setting: Setting, known: Seen) -> Iterator[Reading]:
    """The readings of all transactions of a run, in order; `setting` is that of the first. `known` are the control
    numbers of their group; theirs are added."""
    ends, segments = runs.Ends(run), (run.tails - run.heads + 1).tolist()
    at = 0
    for message, numbers in groupby(range(len(run.heads)), key=ends.first.__getitem__):
        count = len(list(numbers))
        quick, remark = _engine(message, setting) if count >= WORTHWHILE and COLUMNS else NO_ENGINE
        batch = runs.read(quick, run, ends, ends.second, at, count, setting.mapped) if quick else None
        odd = batch.odd.tolist() if batch else [True] * count
        told = _told(quick, batch, run, at, setting, remark) if quick and batch else {}
        mended = _mended(quick, batch, run, at, setting, remark) if quick and batch else {}
        for number in range(at, at + count):
            control = ends.second[number]
            if quick and number - at in mended and control not in known:
                known.add(control)
                here = replace(setting, ordinal=setting.ordinal + number)
                document, found, complete = mended[number - at]
                yield transaction.judged(
                    here, message, control, document, found, quick.message.name, segments[number], complete=complete)
            elif quick is None or batch is None or odd[number - at] or control in known:
                here = replace(setting, ordinal=setting.ordinal + number)
                yield transaction.read(run.cut(number), here, known)
            else:
                known.add(control)
                yield Reading(
                    setting.interchange,
                    setting.group,
                    setting.ordinal + number,
                    message,
                    setting.version,
                    control,
                    Status.ACCEPTED,
                    batch.documents[number - at] if batch.documents else None,
                    told.get(number - at, ()),
                    quick.message.name,
                    segments[number],
                )
        at += count


def read_long(long: Long, setting: Setting, known: Seen) -> Reading | None:
    """The reading of a transaction that is longer than a block, None where its segments are not in order."""
    head, tail = long.row(False), long.row(True)
    control = element(head, 2)
    plain = COLUMNS and runs.is_plain(control, element(tail, 2))
    quick, remark = _engine(element(head, 1), setting) if plain else NO_ENGINE
    if quick is None or control in known or len(tail) < MIN_TRAILER:
        return None
    content, marks = long.content, long.delimiters

    def seek(tag: bytes, start: int, stop: int, last: bool) -> int:
        return border(content, marks, tag, start, stop, last)

    base = Where(
        interchange=setting.interchange.ordinal, group=setting.group, transaction=setting.ordinal, offset=long.offset
    )

    def rows(piece: bytes) -> list[Row]:
        return list(Cut(piece, 0, True, marks).rows())

    def apart() -> Apart:
        report = Report("x12", base, signs=marks.signs)
        report.foreign = remark is not None
        return Apart(quick.message, report, rows, setting.mapped)

    whole = pieces.read(quick, content, signs_in(content, marks), seek, setting.mapped, apart)
    if whole is None or not runs.counts_right(tail[1], whole.segments):
        return None
    known.add(control)
    told = quick.notes.tell(whole.notes, base, lambda segment: long.offset + whole.offsets[segment], remark)
    return transaction.judged(
        setting, head[1], control, whole.document(), whole.findings(told), quick.message.name, whole.segments,
        legible=whole.legible, complete=whole.complete)


def _rule(element: Element) -> str:
    """How `elements.fault` looks at an element without a code list, as far as many can be looked at at once."""
    if element.type == "R":
        return "real"
    if element.type[0] == "N":
        return "whole"
    return "text" if element.type == "AN" else ""


def _engine(message: str, setting: Setting) -> tuple[Engine | None, Remark | None]:
    """The engine for a kind of transaction and what it says of each, none where each of them gets an error anyway."""
    if message in ("997", "999") or message != message.strip():
        return NO_ENGINE
    found = setting.tables.find("x12", setting.version or "", message, setting.guide.partner)
    if found is None or (setting.code is not None and setting.code != found.message.group):
        return NO_ENGINE
    version, table = setting.version or "unknown", found.message.release
    told = (("message", message), ("version", version), ("table", table))
    return engine(found.message, _rule), None if found.exact else Remark("NEAREST-TABLE", told)


def _told(
    quick: Engine, batch: Batch, run: Run, at: int, setting: Setting, remark: Remark | None
) -> dict[int, tuple[Finding, ...]]:
    """The findings of the transactions of a batch that begins with number `at` of the run."""
    base = Where(interchange=setting.interchange.ordinal, group=setting.group, transaction=setting.ordinal + at)
    right = np.flatnonzero(~batch.odd).tolist()
    return quick.notes.tell_all(batch.notes, right, base, runs.offsets(run, at), remark)


def _mended(
    quick: Engine, batch: Batch, run: Run, at: int, setting: Setting, remark: Remark | None
) -> Told:
    """Of the same batch the documents and findings of transactions with wrong elements, where columns can say them."""
    base = Where(interchange=setting.interchange.ordinal, group=setting.group, transaction=setting.ordinal + at)
    return Mender(quick, run, at, base, WORTHWHILE).mend(batch, setting.mapped, remark)
