"""Innermost loops -> one Polars frame for all messages of a block, of which each message gets its slice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adapters.mapping.columns import find, part
from adapters.mapping.columns.block import Array, different
from adapters.mapping.columns.find import Cells, Rows, Tell
from adapters.mapping.columns.part import FEW_WORDS
from adapters.mapping.columns.table import KEY_WIDTH, Table
from adapters.mapping.frame import Column, FrameShape, Run
from adapters.mapping.part import EXACT_DIGITS, Choice, Slot
from hub.model.bulk import polars_type
from hub.model.late import polars as pl


def readable(shape: FrameShape) -> bool:
    """Whether every column is of a kind that can be read by columns."""
    slots = [slot for one in (shape, *shape.others) for column in one.columns for _, slot in column.slots]
    slots += [slot for _, slot, _ in shape.run.columns] if shape.run else []
    return part.readable(shape.header) and all(map(part.readable_slot, slots))


def lines(shape: FrameShape, tables: dict[int, Table], messages: int, tell: Tell) -> Callable[[int], pl.DataFrame]:
    """What gives the rows of a message: those of the first path, then those of the others."""
    others = [other for other in shape.others if other.path[-1].id in tables]
    made = [read(one, tables, messages, tell) for one in (shape, *others)]

    def of(message: int) -> pl.DataFrame:
        found = [frame.slice(begin[message], begin[message + 1] - begin[message]) for frame, begin in made]
        some = [frame for frame in found if frame.height]
        return pl.concat(some) if len(some) > 1 else some[0] if some else found[0]

    return of


def read(shape: FrameShape, tables: dict[int, Table], messages: int, tell: Tell) -> tuple[pl.DataFrame, list[int]]:
    """The frame of all rows, and where the rows of each message begin (one more than there are messages)."""
    path = [tables.get(0), *(tables.get(node.id) for node in shape.path)]
    last = path[-1]
    height = last.rows if last else 0
    index: list[Any] = [None] * len(path)
    alone = Alone.of(shape.run, last, tables) if shape.run and last else None
    index[-1] = alone.rows if alone else np.arange(height)
    height = len(index[-1])
    for level in range(len(path) - 1, 0, -1):
        table = path[level]
        index[level - 1] = table.parents[index[level]] if table else index[level]
    spread = [pl.Series(at.astype(np.uint32)) for at in index]
    given: dict[str, pl.Series] = {}
    for column in shape.columns:
        for level, slot in column.slots:
            above = path[level]
            if above is None:
                continue
            read_level = _series(column, slot, find.all_rows(above), tables, tell)
            series = read_level if level == len(path) - 1 and not alone else read_level[spread[level]]
            before = given.get(column.name)
            given[column.name] = series if before is None else _first_given(before, series)
    for name, slot, kind in shape.run.columns if shape.run else ():
        if alone is None:
            break
        values = part.values(slot, find.all_rows(alone.context), alone.tables, tell)
        said = pl.Series(name, values, dtype=polars_type(kind))
        given[name] = _first_given(said, given[name]) if name in given else said
    frame = pl.DataFrame(
        [
            given[name] if name in given else _constant(name, shape.constants.get(name), height, dtype)
            for name, dtype in shape.document.SCHEMA.items()
        ]
    )
    owner = last.owner[index[-1]] if last else np.zeros(0, dtype=np.int64)
    return frame, np.searchsorted(owner, np.arange(messages + 1)).tolist()


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
        numbers = np.arange(start + 2)[:, None]
        element = numbers + (numbers >= start) * shift
        there = element < self.count
        place = (sent.block.first.take(self.at) + element) * there
        self.starts, self.lengths = sent.block.start.take(place), sent.block.length.take(place) * there
        self.width = start + 1


def _first_given(before: pl.Series, series: pl.Series) -> pl.Series:
    """What the first has, and where that has nothing, what the second has."""
    if before.null_count() == 0:
        return before
    return series if before.null_count() == len(before) else before.zip_with(before.is_not_null(), series)


def _constant(name: str, value: str | None, height: int, dtype: Any) -> pl.Series:
    return pl.Series(name, [value], dtype=dtype).new_from_index(0, height)


def _series(column: Column, slot: Slot, context: Rows, tables: dict[int, Table], tell: Tell) -> pl.Series:
    """One column on its own level. Numbers and words of a single place need no text at all."""
    if len(slot.choices) == 1 and slot.otherwise is None:
        choice = slot.choices[0]
        quick = _numbers if choice.codec.kind is float else _words if choice.codec.words is not None else None
        if quick:
            found = find.filled(choice.place, context, tables)
            if len(found) == 1 and (series := quick(column, choice, found[0], len(context.rows), tell)) is not None:
                return series
    return pl.Series(column.name, part.values(slot, context, tables, tell), dtype=column.dtype)


def _numbers(column: Column, choice: Choice, found: Cells, height: int, tell: Tell) -> pl.Series | None:
    """float64 straight from the digits; None where they are not plain, or too many to be exact."""
    if choice.codec.load("1") != 1.0 or found.widest > EXACT_DIGITS:
        return None
    table, rows = found.table, found.rows
    short = int(table.span(found.number, found.part)[1].max(initial=0)) <= KEY_WIDTH
    plain = (
        table.digits(found.number, found.part).plain[rows]
        if short
        else table.numeric(found.number, rows, found.part)[3]
    )
    if not plain.all():
        return None
    numbers = table.numbers(found.number, rows, found.part)
    if len(numbers) == height:
        return pl.Series(column.name, numbers, dtype=column.dtype)
    spread = np.full(height, np.nan)
    spread[found.readers] = numbers
    return pl.Series(column.name, spread, dtype=column.dtype).fill_nan(None)


def _words(column: Column, choice: Choice, found: Cells, height: int, tell: Tell) -> pl.Series | None:
    """Each different code is looked up once, then spread by Polars."""
    if not len(found.rows) or found.widest > FEW_WORDS:
        return None
    at, table = (found.number, found.part), found.table
    keys, back = table.numbered(at) if len(found.rows) == table.rows else different(found.keys())
    word = table.block.word
    words = [_word(choice.values.__getitem__, word(key)) for key in keys]
    if len(words) == 1 and len(found.rows) == height and words[0] is not None:
        return _constant(column.name, words[0], height, column.dtype)
    if None in words:
        wrong = np.array([word is None for word in words])[back]
        tell(table.owner[found.rows[wrong]])
    spread = np.full(height, len(words), dtype=np.uint32)
    spread[found.readers] = back
    return pl.Series(column.name, [*words, None], dtype=column.dtype)[pl.Series(spread)]


def _word(load: Callable[[str], Any], text: str) -> Any:
    try:
        return load(text)
    except (ValueError, OverflowError):
        return None
