"""A run of transactions: those that are right are read by columns, the odd ones by `transaction`, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np

from adapters.mapping.columns import pieces
from adapters.mapping.columns.block import Array
from adapters.mapping.columns.engine import Batch, Engine, engine
from adapters.mapping.columns.notes import Note, Remark
from adapters.mapping.columns.table import Table
from adapters.mapping.dialect import element
from adapters.x12 import transaction
from adapters.x12.gather import signs_in
from adapters.x12.long import Long, border
from adapters.x12.split import Run
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


def read(run: Run, setting: Setting, known: set[str]) -> Iterator[Reading]:
    """The readings of all transactions of a run, in order; `setting` is that of the first. `known` are the control
    numbers of their group; theirs are added."""
    heads = _Heads(run)
    at = 0
    for message, numbers in groupby(range(len(run.heads)), key=heads.messages.__getitem__):
        count = len(list(numbers))
        quick, remark = _engine(message, setting) if count >= WORTHWHILE and COLUMNS else NO_ENGINE
        batch = _batch(quick, run, heads, at, count, setting.mapped) if quick else None
        odd = batch.odd.tolist() if batch else [True] * count
        for number in range(at, at + count):
            control = heads.controls[number]
            if quick is None or batch is None or odd[number - at] or control in known:
                here = replace(setting, ordinal=setting.ordinal + number)
                yield transaction.read(run.cut(number), here, known)
            else:
                known.add(control)
                yield _reading(quick, batch, number - at, run, number, setting, control, remark)
        at += count


def read_long(long: Long, setting: Setting, known: set[str]) -> Reading | None:
    """The reading of a transaction that is longer than a block, None where it is odd."""
    head, tail = long.row(False), long.row(True)
    control = element(head, 2)
    plain = COLUMNS and control and control == control.strip()
    quick, remark = _engine(element(head, 1), setting) if plain else NO_ENGINE
    if quick is None or control in known or element(tail, 2) != control or len(tail) < MIN_TRAILER:
        return None
    content, marks = long.content, long.delimiters

    def seek(tag: bytes, start: int, stop: int, last: bool) -> int:
        return border(content, marks, tag, start, stop, last)

    whole = pieces.read(quick, content, signs_in(content, marks), seek, setting.mapped)
    if whole is None or not _counts(tail[1], whole.segments):
        return None
    known.add(control)
    base = Where(
        interchange=setting.interchange.ordinal, group=setting.group, transaction=setting.ordinal, offset=long.offset
    )
    return Reading(
        interchange=setting.interchange,
        group=setting.group,
        ordinal=setting.ordinal,
        message=head[1],
        version=setting.version,
        control=control,
        status=Status.ACCEPTED,
        document=whole.document(),
        findings=quick.notes.tell(whole.notes, base, lambda segment: long.offset + whole.offsets[segment], remark),
        table=quick.message.name,
        segments=whole.segments,
    )


def _counts(said: str, segments: int) -> bool:
    """Whether SE01 plainly says how many there are."""
    return said == str(segments) or said.lstrip("0") == str(segments)


class _Heads:
    """ST01 and ST02 of every transaction of a run; "" where they are not plain."""

    def __init__(self, run: Run) -> None:
        nothing = np.zeros(len(run.heads), dtype=np.int64)
        self.table = Table(run.block, run.heads, nothing, nothing)
        self.tails = Table(run.block, run.tails, nothing, nothing)
        self.messages = self.table.texts(1)
        self.controls = self.table.texts(2)


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


def _batch(quick: Engine, run: Run, heads: _Heads, at: int, count: int, mapped: bool) -> Batch:
    """What columns say of `count` transactions from number `at` on."""
    chosen = slice(at, at + count)
    first, last = int(run.heads[at]), int(run.tails[at + count - 1])
    block = run.block.part(first, last + 1)
    start = run.heads[chosen] - first
    size = run.tails[chosen] - run.heads[chosen] + 1
    owner = np.repeat(np.arange(count), size)
    odd = _odd_envelopes(heads, chosen, size)
    strange: Array = np.searchsorted(run.block.end, run.block.strange, side="right")
    strange = strange[(strange >= first) & (strange <= last)]
    odd[owner[strange - first]] = True
    return quick.read(block, owner, start, odd, mapped)


def _odd_envelopes(heads: _Heads, chosen: slice, size: Array) -> Array:
    """Transactions whose ST02, SE01 or SE02 are not plainly right."""
    control, closing = heads.controls[chosen], heads.tails.texts(2)[chosen]
    counts = heads.tails.texts(1)[chosen]
    return np.array(
        [
            not a or a != b or a != a.strip() or not _counts(count, n)
            for a, b, count, n in zip(control, closing, counts, size.tolist(), strict=True)
        ],
        dtype=bool,
    )


def _reading(
    quick: Engine,
    batch: Batch,
    number: int,
    run: Run,
    place: int,
    setting: Setting,
    control: str,
    remark: Remark | None,
) -> Reading:
    """What is known of a transaction that is right: `number` in the batch, `place` in the run."""
    notes = batch.notes.get(number, [])
    return Reading(
        interchange=setting.interchange,
        group=setting.group,
        ordinal=setting.ordinal + place,
        message=quick.message.name.rpartition("/")[2],
        version=setting.version,
        control=control,
        status=Status.ACCEPTED,
        document=batch.documents[number] if batch.documents else None,
        findings=_told(quick, notes, run, place, setting, remark) if notes or remark else (),
        table=quick.message.name,
        segments=int(run.tails[place] - run.heads[place]) + 1,
    )


def _told(
    quick: Engine, notes: list[Note], run: Run, number: int, setting: Setting, remark: Remark | None
) -> tuple[Finding, ...]:
    """The notes of one transaction as findings."""
    base = Where(
        interchange=setting.interchange.ordinal,
        group=setting.group,
        transaction=setting.ordinal + number,
        offset=run.byte(number),
    )
    head = int(run.heads[number])
    block = run.block
    starts = block.start
    return quick.notes.tell(
        notes, base, lambda segment: run.offset + int(starts[block.first[head + segment - 1]]), remark
    )
