"""Messages in which all is in order but single elements: those are told one by one, the rest is read by columns.

A sender's fault is in one element, and in every message the same one. Reading each such message segment by segment
costs ten times what columns cost. So the wrong elements are told as the careful way tells them, something legal stands
in for each (`stand_in`), and all these messages of a block are read by columns once more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adapters.mapping.columns import run as runs
from adapters.mapping.columns.block import Block
from adapters.mapping.columns.engine import Batch, Engine, Wrong
from adapters.mapping.columns.faulty import counts_of, texts_of
from adapters.mapping.columns.notes import Remark
from adapters.mapping.columns.table import Table
from adapters.mapping.columns.trusted import changed
from adapters.mapping.dialect import Row
from adapters.mapping.report import LIMIT, Report
from adapters.mapping.segment import SegmentFault
from adapters.mapping.structure import Node
from adapters.mapping.walk import place_of, tell_faults
from hub.errors import Finding, Where

Told = dict[int, tuple[Any, tuple[Finding, ...], bool]]
"""By message its document (None where there is none without the true values), its findings, and whether the document is
complete."""
Spot = tuple[int, int, int]
"""A wrong segment: its number in the block of the batch, its node, and its row in the table of that."""


@dataclass(slots=True)
class Faulty:
    """One message with wrong elements: its findings, what is put into its bytes (place, length, new bytes), and what
    some elements (segment from 1, number, component) nevertheless mean."""

    findings: list[Finding]
    edits: list[tuple[int, int, bytes]] = field(default_factory=list)
    meant: list[tuple[int, int, int, str]] = field(default_factory=list)
    lost: bool = False
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Mender:
    """Of one engine and the messages of a run from number `at` on. `base` is the place of the first of them; fewer than
    `least` are not worth reading by columns."""

    quick: Engine
    run: runs.Places
    at: int
    base: Where
    least: int

    def mend(self, batch: Batch, mapped: bool, remark: Remark | None) -> Told:
        """What there is to say of the faulty messages of a batch, without those that need the careful way."""
        wrong = batch.wrong
        if wrong is None or (mapped and self.quick.stand_ins is None):
            return {}
        faulty = {}
        for message, spots in _by_message(wrong).items():
            if (one := self._faulty(message, spots, wrong, mapped)) is not None:
                faulty[message] = one
        if not faulty or (mapped and len(faulty) < self.least):
            return {}
        again = self._read_again(faulty) if mapped else Batch(np.zeros(len(faulty), dtype=bool))
        return self._joined(faulty, again, remark)

    def _joined(self, faulty: dict[int, Faulty], again: Batch, remark: Remark | None) -> Told:
        """The findings of both kinds, in the order of the segments; of one segment what is wrong comes first."""
        right = {message: at for at, message in enumerate(faulty) if not again.odd[at]}
        notes = {message: again.notes[at] for message, at in right.items() if at in again.notes}
        noted = self.quick.notes.tell_all(notes, list(right), self.base, runs.offsets(self.run, self.at), remark)
        told: Told = {}
        for message, at in right.items():
            one = faulty[message]
            findings = [*one.findings, *noted.get(message, ())]
            if len(findings) > LIMIT:
                continue
            findings.sort(key=_order)
            document = again.documents[at] if again.documents and not one.lost else None
            told[message] = document, tuple(findings), not one.incomplete
        return told

    # -- telling -------------------------------------------------------------------------------------------------------

    def _faulty(self, message: int, spots: list[Spot], wrong: Wrong, mapped: bool) -> Faulty | None:
        """What is wrong with one message, None where only the careful way can say all of it."""
        plan, start = self.quick.message.plan, int(self.run.heads[self.at + message])
        before = start - int(self.run.heads[self.at])
        base = changed(self.base, transaction=(self.base.transaction or 0) + message, offset=self._byte(start))
        report = Report(plan.dialect.name, base, lambda segment: self._byte(start + segment - 1))
        found = Faulty(report.findings)
        for at, id, row in sorted(spots):
            table, node = wrong.tables[id], plan.nodes[id]
            texts = texts_of(table, row)
            faults = plan.checks[id].faults(texts)
            if not faults or report.total + len(faults) > LIMIT:
                return None
            number = at - before + 1
            if mapped and not self._stand_in(found, node, number, table, row, texts, faults):
                return None
            tell_faults(plan, report, node, number, faults, place_of(node, number, counts_of(node, row, wrong.tables)))
        return found

    def _byte(self, segment: int) -> int:
        """The byte of the file at which a segment of the run begins."""
        block = self.run.block
        return self.run.offset + block.origin(int(block.begin[segment]))

    # -- putting right -------------------------------------------------------------------------------------------------

    def _stand_in(
        self, found: Faulty, node: Node, number: int, table: Table, row: int, texts: Row, faults: list[SegmentFault]
    ) -> bool:
        """Note what stands in for every wrong element of segment `number`; whether something can."""
        width, block = len(texts) - 1, self.run.block
        for fault in faults:
            one = self.quick.stand_ins.of(node, texts, fault) if self.quick.stand_ins else None
            if one is None:
                return False
            found.lost |= one.lost
            found.incomplete |= one.incomplete
            if one.meant is not None:
                found.meant.append((number, one.element, one.component, one.meant))
            if one.element > width:  # behind the last element there is
                at, length = int(table.block.end[table.at[row]]) - 1, 0
                text = bytes([block.signs.element]) * (one.element - width) + one.text.encode("ascii")
                width = one.element
            else:
                start, size = table.span(one.element, one.component)
                at, length, text = int(start[row]), int(size[row]), one.text.encode("ascii")
            place = block.origin(at)
            found.edits.append((place, block.origin(at + length) - place, text))
        return True

    def _read_again(self, faulty: dict[int, Faulty]) -> Batch:
        """The messages as they would be with their stand-ins."""
        run, numbers = self.run, np.array(list(faulty)) + self.at
        content = b"".join(self._put_right(self.at + message, one) for message, one in faulty.items())
        block = Block(content, run.block.signs)
        size = run.tails[numbers] - run.heads[numbers] + 1
        odd = np.zeros(len(size), dtype=bool)
        if len(block.first) != int(size.sum()):
            return Batch(~odd)
        start = np.cumsum(size) - size
        for first, one in zip(start.tolist(), faulty.values(), strict=True):
            for segment, number, part, text in one.meant:
                block.meant[int(block.first[first + segment - 1]) + number, part] = text
        return self.quick.read(block, np.repeat(np.arange(len(size)), size), start, odd, True)

    def _put_right(self, number: int, one: Faulty) -> bytes:
        block, content = self.run.block, self.run.block.content
        at, pieces = self._byte(int(self.run.heads[number])) - self.run.offset, []
        for place, length, text in one.edits:
            pieces += [content[at:place], text]
            at = place + length
        return b"".join([*pieces, content[at : block.origin(int(block.end[self.run.tails[number]]))]])


def _order(one: Finding) -> int:
    return one.where.segment or 0


def _by_message(wrong: Wrong) -> dict[int, list[Spot]]:
    """The wrong segments of every message in which nothing else is odd."""
    spots: dict[int, set[Spot]] = {}
    for id, odd in wrong.spots:
        table, rows = wrong.tables[id], odd.rows
        for message, at, row in zip(table.owner[rows].tolist(), table.at[rows].tolist(), rows.tolist(), strict=True):
            if not wrong.astray[message]:
                spots.setdefault(message, set()).add((at, id, row))
    return {message: list(spots[message]) for message in sorted(spots)}
