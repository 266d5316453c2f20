"""Innermost loops -> the rows of one Polars frame for all messages of a block, of which each message gets its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adapters.mapping.columns import find, part, series
from adapters.mapping.columns.block import Array
from adapters.mapping.columns.find import Tell
from adapters.mapping.columns.folded import FoldedRows, Layer, everywhere, telling
from adapters.mapping.columns.series import Level
from adapters.mapping.columns.table import Table
from adapters.mapping.frame import FrameShape, Run
from hub.model.bulk import Held, Stretch, polars_type
from hub.model.late import polars as pl


def readable(shape: FrameShape) -> bool:
    """Whether every column is of a kind that can be read by columns."""
    slots = [slot for one in (shape, *shape.others) for column in one.columns for _, slot in column.slots]
    slots += [slot for _, slot, _ in shape.run.columns] if shape.run else []
    return part.readable(shape.header) and all(map(part.readable_slot, slots))


def lines(shape: FrameShape, tables: dict[int, Table], messages: int, tell: Tell) -> Callable[[int], Held]:
    """What gives the rows of a message: those of the first path, then those of the others."""
    others = [other for other in shape.others if other.path[-1].id in tables]
    made = [read(one, tables, messages, tell) for one in (shape, *others)]

    (first, begins), *further = made
    if not further:
        return lambda message: Stretch(first, begins[message], begins[message + 1] - begins[message])

    def of(message: int) -> Held:
        found = [Stretch(rows, begin[message], begin[message + 1] - begin[message]) for rows, begin in made]
        some = [one for one in found if one.count]
        return tuple(some) if len(some) > 1 else some[0] if some else found[0]

    return of


def read(shape: FrameShape, tables: dict[int, Table], messages: int, tell: Tell) -> tuple[FoldedRows, list[int]]:
    """All rows, and where those of each message begin (one more than there are messages)."""
    path = [tables.get(0), *(tables.get(node.id) for node in shape.path)]
    last = path[-1]
    height = last.rows if last else 0
    if last and shape.only:
        every = find.all_rows(last).rows
        tell(last.owner[~find.carries_any(last, every, shape.downs[-1].at, set(shape.only))])
    index: list[Any] = [None] * len(path)
    alone = Alone.of(shape.run, last, tables) if shape.run and last else None
    index[-1] = alone.rows if alone else np.arange(height)
    height = len(index[-1])
    for level in range(len(path) - 1, 0, -1):
        table = path[level]
        index[level - 1] = table.parents[index[level]] if table else index[level]
    contexts = [find.all_rows(table) if table else None for table in path]
    ways = [series.narrow(at, table.rows) if table else None for at, table in zip(index, path, strict=True)]
    if alone is None:
        ways[-1] = None
    given: dict[str, list[Layer]] = {name: [] for name in shape.document.SCHEMA}
    if alone and shape.run:
        for name, slot, kind in shape.run.columns:
            said = part.values(slot, find.all_rows(alone.context), alone.tables, tell)
            given[name].append(Layer(Level(pl.Series(name, said, dtype=polars_type(kind))), None))
    for column in shape.columns:
        for level, slot in column.slots:
            context = contexts[level]
            if context is not None:
                one = series.level(column.name, column.dtype, slot, context, tables, tell)
                given[column.name].append(Layer(one.kept(), ways[level]))
    columns = [
        telling(given[name] or [everywhere(name, dtype, shape.constants.get(name))])
        for name, dtype in shape.document.SCHEMA.items()
    ]
    owner = last.owner[index[-1]] if last else np.zeros(0, dtype=np.int64)
    return FoldedRows(height, tuple(columns)), np.searchsorted(owner, np.arange(messages + 1)).tolist()


@dataclass(frozen=True, slots=True)
class Alone:
    """Rows whose pairs each make a row of their own (`Run.split`): `rows` says which row of the table each one was. In
    `tables` every row of `context` stands by itself, with no more than its own pair below it."""

    rows: Array
    context: Table
    tables: dict[int, Table]

    @classmethod
    def of(cls, run: Run, last: Table, tables: dict[int, Table]) -> Alone | None:
        """None where there are no pairs."""
        sent = tables.get(run.node.id)
        slots = np.array([at for at in run.pairs if sent and at <= sent.width], dtype=np.int64)
        if sent is None or not len(slots):
            return None
        filled = np.array([sent.span(int(at))[1] > 0 for at in slots]).T  # (segments, pairs): in the order of the file
        segment, pair = np.nonzero(filled)
        bare = np.setdiff1d(np.arange(last.rows), sent.parents[segment])
        rows = np.concatenate((sent.parents[segment], bare))
        order = np.argsort(rows, kind="stable")
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        context = Table(last.block, last.at[rows[order]], last.parents[rows[order]], last.owner[rows[order]])
        single = Pairs(sent, segment, place[: len(segment)], slots[pair] - run.pairs.start, run.pairs.start)
        above = run.node.parent.id if run.node.parent else 0
        return cls(rows[order], context, {above: context, run.node.id: single})


class Pairs(Table):
    """Segments cut down to one pair each: what stands before the pairs, and the pair as if it were the first."""

    __slots__ = ()

    def __init__(self, sent: Table, segment: Array, parents: Array, shift: Array, start: int) -> None:
        order = np.argsort(parents, kind="stable")
        segment, shift = segment[order], shift[order]
        super().__init__(sent.block, sent.at[segment], parents[order], sent.owner[segment])
        numbers = np.arange(1, start + 2)[:, None]
        element = np.minimum(numbers + (numbers >= start) * shift, self.count)
        place = sent.block.first.take(self.at) + element
        there = element < self.count
        self.starts = sent.block.edges.take(place) + 1
        self.lengths = (sent.block.edges.take(place + there) - self.starts) * there
        self.width = start + 1

