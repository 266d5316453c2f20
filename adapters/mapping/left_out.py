"""What a document says beside its own matter and a table has no place for: named field by field, as it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import repeat
from typing import TYPE_CHECKING, Any

from adapters.mapping.beside import ASIDE
from adapters.mapping.carried import LINES_ASIDE, carried
from adapters.mapping.codecs import is_renamed
from adapters.mapping.down import Rest
from adapters.mapping.rest import meets
from adapters.mapping.walk import Instance
from hub.errors import Finding, Reject, Where
from hub.model.finding import finding
from hub.model.value import may_lose

if TYPE_CHECKING:
    from adapters.mapping.message import Message
    from adapters.mapping.part import Loop, Part

NESTED = ("orders", "items", "units", "lines")
"""The fields of a despatch or receipt, and of what is in it, that form a tree."""
PLACED = {"units": {"kind", "number", "inside"}, "lines": {"inside"}}
"""What the tree itself says of them: what kind of unit it is, and in which other it lies."""


def left_out(part: Part, document: Any, path: str = "") -> Iterator[str]:
    """The fields that `Part.write` passes over, like "lines.references.description", once for each time."""
    said = part.said()
    for name, field in part.model.model_fields.items():
        if name not in said and name != ASIDE and getattr(document, name) not in (None, (), field.default):
            yield path + name
    said_otherwise = (slot for slot in part.slots if is_renamed(slot.choices[0].codec, getattr(document, slot.name)))
    yield from (path + slot.name for slot in said_otherwise)
    for run in part.pairs:
        for one in getattr(document, run.name):
            yield from (f"{path}{run.name}.{name}" for name in run.left_out(one))
    for name in dict.fromkeys(loop.name for loop in part.loops):
        loops = [loop for loop in part.loops if loop.name == name]
        value = getattr(document, name)
        for one in loops[0].each(value):
            loop = next((loop for loop in loops if loop.part.says(one)), loops[0])
            if may_lose(part.model, name, one) and not _is_written(loop, one, part, document):
                yield path + name
            else:
                yield from left_out(loop.part, one, f"{path}{name}.")


def _is_written(loop: Loop, document: Any, part: Part, holder: Any) -> bool:
    """Whether the loop can say it: tried on a segment that nobody sends, with what the other rows write there of the
    `holder`."""
    if len(loop.ways[0]) > 1:
        return True
    node = loop.ways[0][0].nodes[0].parent or loop.ways[0][0].nodes[0]
    above = Instance(node, [node.tag], 0)
    first = loop.ways[0][0]
    if isinstance(first, Rest) and first.reads:
        _write_slots(part, holder, above, first)
    made = loop.make(above)
    try:
        loop.part.write(document, made)
        loop.demand_rest(above, made, part.slots)
    except Reject:
        return False
    return True


def _write_slots(part: Part, document: Any, above: Instance, rest: Rest) -> None:
    """What the rows of a part write into the segments that a rest may read, too."""
    for slot in part.slots:
        steps = [choice.place.steps for choice in slot.choices if choice.place.steps]
        value = getattr(document, slot.name)
        if value is not None and any(meets(way[0], rest) for way in steps):
            with suppress(Reject):
                slot.write(value, above)


def below(parts: dict[str, Part], document: Any, names: Iterable[str], path: str = "") -> Iterator[str]:
    """The same for the handling units, orders and items of a tree: each is written by the part of its model."""
    for name in names:
        for one in getattr(document, name, ()):
            part = parts.get(getattr(one, "kind", "")) or next(p for p in parts.values() if type(one) is p.model)
            nested = [field for field in names if field in type(one).model_fields]
            bare = one.model_copy(update=dict.fromkeys(nested, ()))
            placed = {f"{path}{name}.{field}" for field in PLACED.get(name, ())}
            yield from (field for field in left_out(part, bare, f"{path}{name}.") if field not in placed)
            yield from below(parts, one, nested, f"{path}{name}.")


def of_message(message: Message, document: Any) -> Iterator[str]:
    """The fields of a document that can be written, for which this message has no place."""
    if message.shape:
        yield from left_out(message.shape.header, document.header.model_copy(update={LINES_ASIDE: ()}))
        for name, times in message.shape.left_out(document.lines):
            yield from repeat(f"lines.{name}", times)
        return
    yield from left_out(message.part, message.tree.bare(document) if message.tree else document)
    if message.tree:
        yield from below(message.tree.parts, document, NESTED)


def findings(message: Message, document: Any) -> tuple[Finding, ...]:
    """One for each field, with the number of times; none of a document that the message cannot be at all, which is
    refused when it is written."""
    if type(document) is not message.canonical:
        return ()
    format = message.plan.dialect.name
    fields = (*of_message(message, document), *_aside(message, document))
    return tuple(
        finding(format, "LOST-FIELD", Where(path=field), None, field=field, actual=times, table=message.name)
        for field, times in Counter(fields).items()
    )


def _aside(message: Message, document: Any) -> tuple[str, ...]:
    try:
        return carried(message, document).lost
    except (Reject, ValueError, OverflowError):
        return ()
