"""The loops of a table -> pydantic models, column by column: what `Part.read` does for one loop at a time."""

from __future__ import annotations

from collections.abc import Callable, Container
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from pydantic import BaseModel

from adapters.mapping.beside import ASIDE
from adapters.mapping.codec import Codec
from adapters.mapping.columns import find, trusted
from adapters.mapping.columns.block import Array
from adapters.mapping.columns.find import Cells, Rows, Tell
from adapters.mapping.columns.said import says_any
from adapters.mapping.columns.table import KEY_WIDTH, Table
from adapters.mapping.filled import Watched
from adapters.mapping.part import EXACT_DIGITS, Choice, Loop, Part, Slot
from adapters.mapping.place import Place
from adapters.mapping.segment import Odd

FEW_WORDS = 4
SOME = 64
KEYED = (Decimal, date, int)
"""Types of values that are dearer to make than to look up by the bytes of their text."""
UNREADABLE = object()
"""In place of a value: the text cannot be read."""


class Lost:
    """In place of a model that lacks what it cannot do without; why is told. False, as None is."""

    def __bool__(self) -> bool:
        return False


LOST = Lost()


def readable_slot(slot: Slot) -> bool:
    return all(find.readable(choice.place) for choice in slot.choices)


def readable(part: Part) -> bool:
    """Whether every row of the part is of a kind that can be read by columns."""
    qualifiers = (step.qualifier for loop in part.loops for way in loop.ways for step in way if step.qualifier)
    return (
        all(map(find.is_short, qualifiers))
        and all(map(readable_slot, part.slots))
        and all(readable(inner) for loop in part.loops for inner in loop.parts)
        and all(find.readable(place) for run in part.pairs for place in run.places)
    )


def values(slot: Slot, context: Rows, tables: dict[int, Table], tell: Tell) -> list[Any]:
    """The value of a slot for each row of the context; `otherwise` where nothing was sent."""
    column = column_of(slot, context, tables, tell)[0]
    return _meant(slot, context, tables, tell) if column is None else column


def _meant(slot: Slot, context: Rows, tables: dict[int, Table], tell: Tell) -> list[Any]:
    """What is meant where nothing was sent: beside something, only where that is there."""
    besides = [choice.beside for choice in slot.choices if choice.beside]
    if slot.otherwise is None or not besides:
        return [slot.otherwise] * len(context.rows)
    there = np.zeros(len(context.rows), dtype=bool)
    for beside in besides:
        for found in find.filled(beside, context, tables, tell):
            there[found.readers] = True
    return [slot.otherwise if one else None for one in there.tolist()]


def column_of(
    slot: Slot, context: Rows, tables: dict[int, Table], tell: Tell, firsts: Container[str] = ()
) -> tuple[list[Any] | None, bool]:
    """`values`, None where nobody has sent any, and whether they surely are no None. What stands at one of the places
    `firsts`, or in one of their segments, another row reads."""
    height = len(context.rows)
    result: list[Any] | None = None
    taken: Array | None = None
    full = False
    for choice in slot.choices:
        if choice.place.every:
            for lines in find.down(choice.place.steps, context, tables):
                tell(lines.table.owner[lines.rows])
            continue
        for found in find.filled(choice.place, context, tables, tell):
            if choice.after:
                found = found.where(_is_filled(choice.after, context, tables)[found.readers])
            if choice.of:
                found = _beside_its_owner(slot, choice, found, context, tables, tell)
            if taken is not None and len(found.rows):
                before = taken[found.readers]
                if before.any() and choice.place.text not in firsts and not _is_same_element(slot, choice):
                    is_read = _segment(choice.place) in firsts
                    _tell_others(choice, found.where(before), result or [], tell, is_read=is_read)
                found = found.where(~before)
            if not len(found.rows):
                continue
            read = _converted(choice, found, tell)
            if found.table.block.meant:
                _put_meant(choice, found, read)
            if result is None and len(read) == height:
                result, taken = read, np.ones(height, dtype=bool)
                changed = found.table.block.meant or found.table.faulty
                full = (choice.codec.kind is not str or choice.codec.load is str) and not changed
                continue
            if result is None or taken is None:
                result, taken = _meant(slot, context, tables, tell), np.zeros(height, dtype=bool)
            taken[found.readers] = True
            for reader, value in zip(found.readers.tolist(), read, strict=True):
                result[reader] = value
    if slot.expected and slot.otherwise is not None and (taken is None or not taken.all()):
        tell(context.table.owner[context.rows if taken is None else context.rows[~taken]])
    return result, full


def _is_filled(place: Place, context: Rows, tables: dict[int, Table]) -> Array:
    """Which readers (bool) have something at a place."""
    there = np.zeros(len(context.rows), dtype=bool)
    for found in find.filled(place, context, tables):
        there[found.readers] = True
    return there


def _beside_its_owner(
    slot: Slot, choice: Choice, found: Cells, context: Rows, tables: dict[int, Table], tell: Tell
) -> Cells:
    """The cells in the very segments that fill the place that `choice` is of, where no earlier one is filled; of whom
    it is otherwise, is told."""
    owners = np.full(len(context.rows), -1)
    for one in slot.choices[: slot.choices.index(choice) + 1]:
        for owner in find.filled(one.of, context, tables, tell) if one.of else ():
            mine = one is choice and owner.table is found.table
            free = owners[owner.readers] == -1
            owners[owner.readers[free]] = owner.rows[free] if mine else len(found.table.owner)
    same = owners[found.readers] == found.rows
    tell(found.table.owner[found.rows[~same]])
    return found.where(same)


def _is_same_element(slot: Slot, choice: Choice) -> bool:
    """Whether an earlier place of the slot is the same, or has it in it, of the same segments."""
    earlier = (other.place for other in slot.choices[: slot.choices.index(choice)])
    place = choice.place
    return any(
        one.steps == place.steps and not place.pair and (one.cells >= place.cells or one.cells == {(place.element, 0)})
        for one in earlier
    )


def _segment(place: Place) -> str:
    """The segment of a place as tables write it: `QTY[21]` of `QTY[21]-1.3`."""
    return place.text.rpartition("-")[0] or place.text


def _tell_others(choice: Choice, found: Cells, result: list[Any], tell: Tell, *, is_read: bool) -> None:
    """Tell the messages where a second place of a slot says something else than the first, or stands in a segment of
    its own that no other row reads, so that the rest of the part (`QTY[*]`) reads it whole."""
    if not is_read and any(step.qualifier for step in choice.place.steps):
        tell(found.table.owner[found.rows])
        return
    said = zip(found.readers.tolist(), _converted(choice, found, tell), strict=True)
    tell(found.table.owner[found.rows[[value != result[reader] for reader, value in said]]])


def _converted(choice: Choice, found: Cells, tell: Tell) -> list[Any]:
    """The texts as values; who has one that cannot be read is told, and gets None."""
    table, rows = found.table, found.rows
    codec = choice.codec
    width = found.widest
    if codec.kind is str and codec.words is not None and width <= FEW_WORDS:
        return _words(choice, found, tell)
    if width <= KEY_WIDTH and (codec.kind in KEYED or (codec.load is str and _says_often_the_same(found.keys()))):
        with suppress(ValueError, OverflowError):
            return list(map(choice.values.keyed.__getitem__, found.keys().tolist()))
    if width in codec.widths and (widened := _widened(codec, found, width)):
        return widened
    texts = found.texts()
    if codec.load is str:
        return texts
    load = codec.load if codec.kind is str and not codec.whole else choice.values.__getitem__
    try:
        read = list(map(load, texts))
    except (ValueError, OverflowError):
        read = [_value(load, text) for text in texts]
        found.tell(np.array([value is UNREADABLE for value in read]), tell)
        read = [None if value is UNREADABLE else value for value in read]
    if codec.kind is float and max(map(len, texts)) > EXACT_DIGITS:
        tell(table.owner[rows[[len(text) > EXACT_DIGITS for text in texts]]])
    return read


def _put_meant(choice: Choice, found: Cells, values: list[Any]) -> None:
    """Put what wrong texts are read as in the place of what stands in for them; nothing for one that cannot be read."""
    block, table = found.table.block, found.table
    elements = block.first.take(table.at[found.rows]) + found.number
    for at in np.flatnonzero(np.isin(elements, [element for element, _ in block.meant])).tolist():
        text = block.meant.get((int(elements[at]), found.part))
        if text is not None:
            value = _value(choice.values.__getitem__, text)
            values[at] = None if value is UNREADABLE else value


def _widened(codec: Codec, found: Cells, width: int) -> list[str]:
    """Texts of `width` digits with the zeros that they get in front; nothing where not all are such."""
    start, length = (column[found.rows] for column in found.table.span(found.number, found.part))
    signs = found.table.block.sixteen(start, length)[:, :width]
    if int(length.min()) < width or not ((signs - ord("0")) < 10).all():
        return []
    whole = np.full((len(start), codec.width), ord("0"), dtype=np.uint32)
    whole[:, codec.width - width :] = signs
    texts: list[str] = whole.view(f"U{codec.width}").ravel().tolist()
    return texts


def _says_often_the_same(keys: Array) -> bool:
    """Whether few of some keys are different: then it pays to look for texts that are there already."""
    some = keys[:: len(keys) // SOME + 1].tolist()
    return len(some) >= SOME // 2 and len(set(some)) * 2 <= len(some)


def _words(choice: Choice, found: Cells, tell: Tell) -> list[Any]:
    """A column of few different codes: each is looked up once. A code may mean nothing."""
    load, word, keys = choice.values.__getitem__, found.table.block.word, found.keys()
    listed = keys[:1].tolist() * len(keys) if (keys == keys[0]).all() else keys.tolist()
    words = {key: _value(load, word(key)) for key in set(listed)}
    if UNREADABLE in words.values():
        found.tell(np.array([words[key] is UNREADABLE for key in listed]), tell)
        words = {key: None if value is UNREADABLE else value for key, value in words.items()}
    return list(map(words.__getitem__, listed))


def _value(load: Callable[[str], Any], text: str) -> Any:
    try:
        return load(text)
    except (ValueError, OverflowError):
        return UNREADABLE


def read(part: Part, context: Rows, tables: dict[int, Table], tell: Tell) -> list[Any]:
    """One model for each row of the context, `LOST` where there is none and that goes without saying. Where something
    is odd about its message, what is given means nothing."""
    height, told = len(context.rows), context.table.block.told
    columns: dict[str, list[Any]] = {name: [value] * height for name, value in part.constants.items()}
    full = set(columns)
    bad, lost = np.zeros(height, dtype=bool), np.zeros(height, dtype=bool)
    places = [slot.choices[0].place for slot in part.slots]
    firsts = {place.text for place in places} | {_segment(place) for place in places}
    for slot in part.slots:
        column, filled = column_of(slot, context, tables, tell, firsts)
        lacking = lost if told and slot.required and not slot.may_lack else bad
        if column is None:
            if slot.otherwise is None:
                lacking |= slot.required or slot.expected
                continue
            column = _meant(slot, context, tables, tell)
        columns[slot.name] = column
        if filled:
            full.add(slot.name)
        elif (slot.required or slot.expected) and trusted.lacks(column):
            lacking |= np.array([value is None for value in column])
    for loop in part.loops:
        documents = _loop(loop, context, tables, tell)
        if told and documents is not None:
            lost |= np.array([any(one is LOST for one in (d if loop.many else (d,)) or ()) for d in documents])
        if documents is not None and loop.many and loop.name in columns:
            both = zip(columns[loop.name], documents, strict=True)
            columns[loop.name] = [(*(first or ()), *(second or ())) or None for first, second in both]
        elif documents is not None:
            columns[loop.name] = documents
        elif loop.required:
            bad[:] = True
    if part.aside and (asides := _times(part.aside, context, tables, tell)):
        columns[ASIDE] = asides
    for run in part.pairs:
        for place in run.places:
            tell(odd_pairs(place, run.named, context, tables, run.watched))
    if bad.any():
        tell(context.table.owner[context.rows[bad]])
    return _made(part.model, columns, bad, lost, full)


def _times(aside: Part, context: Rows, tables: dict[int, Table], tell: Tell) -> list[Any]:
    """What stands aside of each row, where that is nothing but the time of its days; nothing where none has any."""
    columns: dict[str, list[Any]] = {}
    for slot in aside.times:
        column = column_of(slot, context, tables, tell)[0]
        if column is not None and any(value is not None for value in column):
            columns[slot.name] = column
    if not columns:
        return []
    made = trusted.make(aside.model, columns, len(context.rows))
    return [one if any(said) else None for one, *said in zip(made, *columns.values(), strict=True)]


def odd_pairs(
    place: Place, named: set[str], context: Rows, tables: dict[int, Table], watched: Watched | None = None
) -> Array:
    """Messages with a pair that no row names, or of which `watched` components say something: few have one, and the
    careful way reads those."""
    odd = [np.zeros(0, dtype=np.int64)]
    for found in find.down(place.steps, context, tables):
        table, rows = found.table, found.rows
        if watched:
            odd.append(table.owner[rows[says_any(table, watched)[rows]]])
        for at in place.slots:
            if at > table.width:
                break
            qualifier, code = ((at, 2), (at, 1)) if place.value_first else ((at, 0), (at + 1, 0))
            filled = (table.span(*qualifier)[1][rows] > 0) & (table.span(*code)[1][rows] > 0)
            other = filled & ~find.carries_any(table, rows, qualifier, named)
            odd.append(table.owner[rows[other]])
    return np.concatenate(odd)


def _made(model: type[BaseModel], columns: dict[str, list[Any]], bad: Array, lost: Array, full: set[str]) -> list[Any]:
    good = np.flatnonzero(~(bad | lost)).tolist()
    if len(good) == len(bad):
        return trusted.make(model, columns, len(bad), full)
    result: list[Any] = [LOST if one else None for one in lost.tolist()]
    some = {name: [column[row] for row in good] for name, column in columns.items()}
    for row, one in zip(good, trusted.make(model, some, len(good)), strict=True):
        result[row] = one
    return result


def _loop(loop: Loop, context: Rows, tables: dict[int, Table], tell: Tell) -> list[Any] | None:
    """The field of each reader: a tuple of models, or one, or None where there is none; None when nobody has any."""
    height = len(context.rows)
    result: list[Any] = [None] * height
    open_ = np.ones(height, dtype=bool)
    for way, part in zip(loop.ways, loop.parts, strict=True):
        ways = find.down(way, context, tables)
        if loop.many and len(ways) > 1:
            raise Odd("many at two places")
        for found in ways:
            if not open_[found.readers].all():
                tell(found.table.owner[found.rows[~open_[found.readers]]])
                found = found.where(open_[found.readers])
            if not len(found.rows):
                continue
            found = found if loop.many else found.firsts(tell)
            open_[found.readers] = False
            made = read(part, found, tables, tell)
            if loop.many:
                _gather(found.readers, made, result)
                if loop.halves:
                    result = [loop.halves.joined(one) if one and all(one) else one for one in result]
            else:
                for reader, one in zip(found.readers.tolist(), made, strict=True):
                    result[reader] = one
    return None if open_.all() else result


def _gather(readers: Array, made: list[Any], result: list[Any]) -> None:
    """Put the models of each reader into a tuple."""
    if len(readers) > 1 and (readers[1:] < readers[:-1]).any():
        raise Odd("not in the order of the readers")
    starts = np.flatnonzero(np.concatenate(([True], readers[1:] != readers[:-1])))
    stops = [*starts[1:].tolist(), len(made)]
    for reader, start, stop in zip(readers[starts].tolist(), starts.tolist(), stops, strict=True):
        result[reader] = tuple(made[start:stop])
