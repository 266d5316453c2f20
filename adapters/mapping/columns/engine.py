"""One message table by columns: a block of messages in, for each message what it says, or that it is odd."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adapters.mapping.columns import find, frame, part
from adapters.mapping.columns.block import Array, Block
from adapters.mapping.columns.careful import Careful
from adapters.mapping.columns.check import Rule, Spots, TableCheck
from adapters.mapping.columns.levels import contradicting
from adapters.mapping.columns.notes import Note, Notes
from adapters.mapping.columns.order import Order
from adapters.mapping.columns.stand_in import StandIns
from adapters.mapping.columns.table import WIDEST, Table
from adapters.mapping.fixed import ANY, ORDINAL, Fixed
from adapters.mapping.message import Message
from adapters.mapping.plan import Plan
from adapters.mapping.segment import Odd

NOTHING = np.zeros(1, dtype=np.int64)

@dataclass(frozen=True, slots=True)
class Wrong:
    """Segments that are not plainly right in themselves: nodes (by id) and spots of their tables. `astray` are the
    messages (bool) of which more than that is odd."""

    tables: dict[int, Table]
    spots: list[tuple[int, Spots]]
    astray: Array


@dataclass(slots=True)
class Batch:
    """What a block of messages turned out to be: which are `odd` (bool), and of all others the documents and notes;
    of the odd ones, whose segments are `wrong`."""

    odd: Array
    documents: list[Any] | None = None
    notes: dict[int, list[Note]] = field(default_factory=dict)
    tables: dict[int, Table] = field(default_factory=dict)
    wrong: Wrong | None = None

    @property
    def whole(self) -> dict[int, Table]:
        """The tables of a batch of one message also where it is odd; none where its segments are not in order."""
        if self.wrong is None:
            return self.tables
        return {} if self.wrong.astray[0] else self.wrong.tables


class Engine:
    """Reads messages of one table by columns. `maps` is False where the table says what only rows can tell (trees,
    places that columns do not know): then it only validates."""

    def __init__(self, message: Message, rule: Rule) -> None:
        plan = message.plan
        self.message = message
        self.order = Order(plan)
        self.checks = [TableCheck(check, rule) for check in plan.checks]
        self.notes = Notes(plan)
        self.careful = Careful(plan)
        shape = message.shape
        readable = frame.readable(shape) if shape else part.readable(message.part)
        self.maps = (
            readable
            and message.tree is None
            and all(find.readable(f.place) and f.place.pair is None for f in message.fixed)
        )
        self.stand_ins = StandIns(message) if self.maps and shape is None else None

    def read(
        self, block: Block, owner: Array, start: Array, odd: Array, mapped: bool, piece: bool = False
    ) -> Batch:
        """`owner`: the message of each segment, `start`: its first segment; `odd`: messages already known as such.
        A `piece` of a message is read like the message, but nothing is held against what it counts."""
        batch = Batch(odd.copy())
        try:
            tables = batch.tables = self._checked(block, owner, batch)
            if mapped and not self.maps:
                batch.odd[:] = True
            elif mapped and tables:
                self._map(start, tables, batch, piece)
        except Odd:
            batch.odd[:] = True
        return batch

    def read_despite(self, wrong: Wrong) -> Batch | None:
        """What else is in the only message of some tables, whose wrong elements are told elsewhere; None where only the
        careful way can say that. A document that lacks what it cannot do without is None."""
        batch = Batch(np.zeros(1, dtype=bool))
        try:
            self._map(NOTHING, wrong.tables, batch, True)
        except Odd:
            return None
        return None if batch.odd[0] else batch

    def counts_are(self, tables: dict[int, Table], totals: dict[int, int]) -> bool:
        """Whether the only message of some tables counts right, when nodes stand in it as often as `totals` says."""
        counted = [(fixed, fixed.count.id) for fixed in self.message.fixed if fixed.count]
        plan = self.message.plan
        return not any(len(_not_as_fixed(f, plan, tables, np.array([totals.get(id, 0)]))) for f, id in counted)

    def fixed_are(self, tables: dict[int, Table]) -> bool:
        """Whether all fixed values of the only message of some tables are as its table says."""
        plan, fixed = self.message.plan, [fixed for fixed in self.message.fixed if fixed.count is None]
        return not any(len(_not_as_fixed(one, plan, tables, expected=self.message.streamed)) for one in fixed)

    def _checked(self, block: Block, owner: Array, batch: Batch) -> dict[int, Table]:
        """The tables of all messages that are right; the others become odd."""
        odd = batch.odd
        node, misplaced = self.order.place(block)
        odd[owner[misplaced]] = True
        tables = self._tables(block, node, owner, odd)
        wrong = Wrong(tables, [], odd.copy())
        for id, table in tables.items():
            if 0 < id < self.order.end:
                for spots in self.checks[id].wrong(table):
                    odd[table.owner[spots.rows]] = True
                    wrong.spots.append((id, spots))
        if not wrong.spots:
            return tables
        batch.wrong = wrong
        return self._tables(block, node, owner, odd)

    def _tables(self, block: Block, node: Array, owner: Array, odd: Array) -> dict[int, Table]:
        while True:
            tables, full = self.order.tables(block, node, owner, ~odd.take(owner) if odd.any() else None)
            if not full.any():
                return tables
            odd[: len(full)] |= full

    def _map(self, start: Array, tables: dict[int, Table], batch: Batch, piece: bool) -> None:
        batch.odd[self.careful.owners(tables)] = True
        if self.message.children:
            batch.odd[contradicting(self.message.children, tables)] = True
        for fixed in self.message.fixed:
            if fixed.count is None:
                batch.odd[_not_as_fixed(fixed, self.message.plan, tables, expected=self.message.streamed)] = True
            elif not piece:
                counts = _counts(fixed, tables, len(batch.odd))
                batch.odd[_not_as_fixed(fixed, self.message.plan, tables, counts)] = True

        def tell(messages: Array) -> None:
            batch.odd[messages] = True

        shape = self.message.shape
        heads = tables[0]
        documents: list[Any] = [None] * len(batch.odd)
        made: list[Any]
        if shape:
            headers = part.read(shape.header, find.all_rows(heads), tables, tell)
            lines_of = frame.lines(shape, tables, len(batch.odd), tell)
            made = [
                shape.document(header, lines_of(message)) if header else None
                for header, message in zip(headers, heads.owner.tolist(), strict=True)
            ]
        else:
            made = [one or None for one in part.read(self.message.part, find.all_rows(heads), tables, tell)]
        for message, document in zip(heads.owner.tolist(), made, strict=True):
            documents[message] = document
        batch.documents = documents
        batch.notes = self.notes.find(tables, start)


def _counts(fixed: Fixed, tables: dict[int, Table], messages: int) -> Array:
    """How often the counted node stands in each message."""
    id = fixed.count.id if fixed.count else 0
    return np.bincount(tables[id].owner if id in tables else np.zeros(0, dtype=np.int64), minlength=messages)


def _not_as_fixed(
    fixed: Fixed, plan: Plan, tables: dict[int, Table], counts: Array = None, expected: Container[int] = ()
) -> Array:
    """Messages in which a fixed value, or a count (`counts` by message), is not as the table says. Of what is streamed
    only nodes with `expected` values are asked."""
    nodes, streams = plan.nodes, plan.streams
    if fixed.value == ORDINAL or fixed.source or (ANY in fixed.accepted and not fixed.alone):
        return np.zeros(0, dtype=np.int64)
    at = (fixed.place.element, fixed.place.component)
    wrong = []
    for node in fixed.nodes:
        table = tables.get(node.id)
        streamed = any(n <= node.id <= nodes[n].last for n in streams)
        if table is None or table.width < at[0] or (streamed and node.id not in expected):
            continue
        rows = np.flatnonzero(table.span(*at)[1] > 0)
        if fixed.qualifier is not None:
            rows = rows[find.carries(table, rows, fixed.place.segment.qualifier, fixed.qualifier)]
        if len(rows):
            wrong.append(
                _others(fixed, table, rows) if counts is None else _wrong_count(fixed, table, rows, counts)
            )
            if node.id in fixed.alone and fixed.beside:
                beside = table.span(fixed.beside.element, fixed.beside.component)[1]
                wrong.append(table.owner[rows[beside[rows] == 0]])
    return np.concatenate(wrong) if wrong else np.zeros(0, dtype=np.int64)


def _others(fixed: Fixed, table: Table, rows: Array) -> Array:
    number, part = fixed.place.element, fixed.place.component
    bad = table.distinct(number, rows, part) - fixed.accepted - {fixed.value}
    if not bad or ANY in fixed.accepted:
        return rows[:0]
    return table.owner[rows[[text in bad for text in table.texts(number, rows, part)]]]


def _wrong_count(fixed: Fixed, table: Table, rows: Array, counts: Array) -> Array:
    owners = table.owner[rows]
    wanted = [str(count) for count in counts[owners].tolist()]
    texts = table.texts(fixed.place.element, rows, fixed.place.component)
    wrong = [t != w and t.lstrip("0") != w for t, w in zip(texts, wanted, strict=True)]
    return owners[wrong]


_ENGINES: dict[int, tuple[Message, Engine | None]] = {}


def engine(message: Message, rule: Rule) -> Engine | None:
    """The engine of a table, made once; None where a segment is too wide for it."""
    known = _ENGINES.get(id(message))
    if known is None or known[0] is not message:
        if len(_ENGINES) >= 512:
            _ENGINES.clear()
        known = _ENGINES[id(message)] = (message, Engine(message, rule) if _possible(message) else None)
    return known[1]


def _possible(message: Message) -> bool:
    plan = message.plan
    tags: Sequence[str] = [node.tag for node in plan.nodes]
    return (
        all(find.is_short(tag) for tag in tags)
        and all(find.is_short(node.qualifier or "") for node in plan.nodes)
        and all(len(check.segment.uses) <= WIDEST for check in plan.checks)
    )
