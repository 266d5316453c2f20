"""Innermost loops -> one Polars frame for all messages of a block, of which each message gets its slice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from adapters.mapping.columns import find, part
from adapters.mapping.columns.block import Array, different
from adapters.mapping.columns.find import Cells, Rows
from adapters.mapping.columns.part import FEW_WORDS, Tell
from adapters.mapping.columns.table import KEY_WIDTH, Table
from adapters.mapping.frame import Column, FrameShape
from adapters.mapping.part import EXACT_DIGITS, Choice, Slot


def readable(shape: FrameShape) -> bool:
    """Whether every column is of a kind that can be read by columns."""
    slots = (slot for one in (shape, *shape.others) for column in one.columns for _, slot in column.slots)
    return part.readable(shape.header) and all(map(part.readable_slot, slots))


def unusual(shape: FrameShape, tables: dict[int, Table]) -> Array:
    """Messages with pairs that make rows: those are read one by one."""
    table = tables.get(shape.run.node.id) if shape.run else None
    return np.unique(table.owner) if table else np.zeros(0, dtype=np.int64)


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
    index[-1] = np.arange(height)
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
            series = read_level if level == len(path) - 1 else read_level[spread[level]]
            before = given.get(column.name)
            given[column.name] = series if before is None else _first_given(before, series)
    frame = pl.DataFrame(
        [
            given[name] if name in given else _constant(name, shape.constants.get(name), height, dtype)
            for name, dtype in shape.document.SCHEMA.items()
        ]
    )
    owner = last.owner if last else np.zeros(0, dtype=np.int64)
    return frame, np.searchsorted(owner, np.arange(messages + 1)).tolist()


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
    keys, back = different(found.keys())
    word = found.table.block.word
    words = [_word(choice.values.__getitem__, word(key)) for key in keys]
    if len(words) == 1 and len(found.rows) == height and words[0] is not None:
        return _constant(column.name, words[0], height, column.dtype)
    if None in words:
        wrong = np.array([word is None for word in words])[back]
        tell(found.table.owner[found.rows[wrong]])
    at = np.full(height, len(words), dtype=np.uint32)
    at[found.readers] = back
    return pl.Series(column.name, [*words, None], dtype=column.dtype)[pl.Series(at)]


def _word(load: Callable[[str], Any], text: str) -> Any:
    try:
        return load(text)
    except (ValueError, OverflowError):
        return None
