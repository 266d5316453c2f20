"""One column of a frame on its own level, as Polars has it: numbers, codes and texts straight from their bytes, without
a Python value for every row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from adapters.mapping.codec import Codec
from adapters.mapping.columns import arrow, find, part
from adapters.mapping.columns.block import VIEW_BEGIN, VIEW_TEXT, Array, different
from adapters.mapping.columns.check import HIGHEST
from adapters.mapping.columns.find import Cells, Rows, Tell
from adapters.mapping.columns.table import KEY_WIDTH, Table
from adapters.mapping.part import EXACT_DIGITS, Choice, Slot
from hub.model.late import polars as pl

LONGEST = 2 * KEY_WIDTH
ZERO = ord("0")
_ENDS = np.array([[255 * (at >= LONGEST - n) for at in range(LONGEST)] for n in range(LONGEST + 1)], dtype=np.uint8)
_ZEROS = np.where(_ENDS > 0, 0, ZERO).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Level:
    """A column on one level. `at` (by row of the level) says which of the values stands there; None: each row has its
    own. A single value is that of all rows."""

    values: pl.Series
    at: Array | None = None

    def kept(self) -> Level:
        """The same in memory of its own, and no more of it than it takes."""
        if len(self.values) == 1:
            return Level(self.values)
        if self.at is not None:
            return Level(self.values, narrow(self.at, len(self.values)))
        if self.values.dtype != pl.String:
            return self
        every = pl.Series(np.arange(len(self.values), dtype=np.uint32))
        return Level(self.values[every])  # the texts may be those of the block


def narrow(index: Array, count: int) -> Array:
    """An index of `count` things in as few bytes as it takes."""
    return index.astype(np.uint8 if count <= 1 << 8 else np.uint16 if count <= 1 << 16 else np.uint32)


def constant(name: str, value: Any, height: int, dtype: Any) -> pl.Series:
    """The same value in every row. All of the same value share their memory."""
    return _alike(value, dtype, 1 << max(height - 1, 0).bit_length()).head(height).alias(name)


@lru_cache(maxsize=32)
def _alike(value: Any, dtype: Any, height: int) -> pl.Series:
    return pl.Series([value], dtype=dtype).new_from_index(0, height)


def level(name: str, dtype: Any, slot: Slot, context: Rows, tables: dict[int, Table], tell: Tell) -> Level:
    """What a slot says in each row of the context; who says something odd is told."""
    found = _found(slot, context, tables, tell)
    if found is not None and not found:
        return Level(pl.Series(name, [slot.otherwise], dtype=dtype))
    made = [_made(name, dtype, choice, cells, tell) for choice, cells in found or ()]
    full = [one for one in made if one is not None]
    if found and len(full) == len(made):
        return _joined(full, [cells for _, cells in found], slot.otherwise, len(context.rows))
    values = part.values(slot, context, tables, tell)
    same = values[:1] if values and values[0] == values[-1] and len(set(values)) == 1 else values
    return Level(pl.Series(name, same, dtype=dtype))


def _found(slot: Slot, context: Rows, tables: dict[int, Table], tell: Tell) -> list[tuple[Choice, Cells]] | None:
    """Where the slot is filled, None where it takes more to say what that means: several texts for one row."""
    found: list[tuple[Choice, Cells]] = []
    for choice in slot.choices:
        if choice.place.every or choice.after:
            return None
        found += [(choice, cells) for cells in find.filled(choice.place, context, tables, tell)]
    if any(cells.joined for _, cells in found):
        return None
    if len(found) > 1:
        readers = np.concatenate([cells.readers for _, cells in found])
        if int(np.bincount(readers).max()) > 1:
            return None
    return found


def _joined(made: list[Level], cells: list[Cells], otherwise: Any, height: int) -> Level:
    """The values of cells that have no row in common, and `otherwise` where none of them has one."""
    if len(made) == 1 and len(cells[0].rows) == height:
        return made[0]
    values = [one.values for one in made]
    last = sum(map(len, values))
    at = np.full(height, last, dtype=np.uint32)
    begin = 0
    for one, some in zip(made, cells, strict=True):
        own = one.at if one.at is not None else np.arange(len(one.values), dtype=np.uint32)
        at[some.readers] = begin + own
        begin += len(one.values)
    first = values[0]
    return Level(pl.concat([*values, pl.Series(first.name, [otherwise], dtype=first.dtype)], rechunk=True), at)


def _made(name: str, dtype: Any, choice: Choice, found: Cells, tell: Tell) -> Level | None:
    """The values of some cells; None where one of them must be looked at by itself."""
    codec = choice.codec
    if codec.kind is float:
        numbers = _numbers(codec, found)
        return None if numbers is None else Level(pl.Series(name, numbers, dtype=dtype))
    if codec.words is not None or codec.kind is date:
        return _looked_up(name, dtype, choice, found, tell)
    if codec.load is not str and not codec.widths:
        return None
    made = _widened(name, codec, found) if codec.widths else _plain(name, found)
    return None if made is None else Level(made)


def _numbers(codec: Codec, found: Cells) -> Array | None:
    """float64 straight from the digits; None where they are not plain, or too many to be exact."""
    if found.widest > EXACT_DIGITS:
        return None
    table, rows = found.table, found.rows
    short = int(table.span(found.number, found.part)[1].max(initial=0)) <= KEY_WIDTH
    plain = (
        found.of(table.digits(found.number, found.part).plain)
        if short
        else table.numeric(found.number, rows, found.part)[3]
    )
    if not plain.all():
        return None
    numbers = table.numbers(found.number, rows, found.part)
    scale = round(1 / codec.load("1"))  # of implied decimals
    return numbers if scale == 1 else numbers / float(scale)


def _looked_up(name: str, dtype: Any, choice: Choice, found: Cells, tell: Tell) -> Level | None:
    """Each different text is looked up once. Who has one that means nothing is told."""
    if found.widest > KEY_WIDTH:
        return None
    table, at = found.table, (found.number, found.part)
    keys, back = table.numbered(at) if len(found.rows) == table.rows else different(found.keys())
    word = table.block.word
    words = [_word(choice, word(key)) for key in keys]
    if None in words:
        found.tell(np.array([word is None for word in words])[back], tell)
    values = pl.Series(name, words, dtype=dtype)
    return Level(values, back if len(words) > 1 or len(found.rows) == 1 else np.zeros(len(back), dtype=np.uint8))


def _word(choice: Choice, text: str) -> Any:
    try:
        return choice.values[text]
    except (ValueError, OverflowError):
        return None


def _plain(name: str, found: Cells) -> pl.Series | None:
    """The texts as they stand; None where they are long, or not of ASCII alone."""
    block, widest = found.table.block, found.widest
    start, length = map(found.of, found.table.span(found.number, found.part))
    if widest > VIEW_TEXT or int(start.min()) < VIEW_BEGIN:
        return None
    views = block.views(start, length)
    if block.signs.charset != "ascii" and bool((views & HIGHEST).any()):
        return None
    return arrow.texts(name, views)


def _widened(name: str, codec: Codec, found: Cells) -> pl.Series | None:
    """Digits with the zeros that they get in front; None where one of the texts gets none."""
    start, length = map(found.of, found.table.span(found.number, found.part))
    if found.widest > codec.width or not _has_width(codec)[length].all() or int((start + length).min()) < LONGEST:
        return None
    signs = found.table.block.sixteen(start + length - LONGEST, np.full(len(start), LONGEST))
    signs = (signs & _ENDS[length]) | _ZEROS[length]
    if not ((signs - ZERO) < 10).all():
        return None
    whole = pl.Series(name, np.ascontiguousarray(signs[:, LONGEST - codec.width :]).ravel())
    return whole.reshape((len(signs), codec.width)).cast(pl.List(pl.UInt8)).cast(pl.Binary).cast(pl.String)


@lru_cache
def _has_width(codec: Codec) -> Array:
    """bool by length, up to that of all: whether a text so long gets zeros, or needs none."""
    return np.array([length in (*codec.widths, codec.width) for length in range(codec.width + 1)])
