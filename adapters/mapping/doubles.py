"""What stands twice where the table has room for one: told, never dropped in silence.

A row reads the first segment that fills it, and of `REF[SI] or REF[PK]` the first place that is filled. Whatever else
stands there is left over, unless it says the same or another row of the part reads it. The time of a day goes with the
day, which is asked for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adapters.mapping.dialect import element
from adapters.mapping.down import REST
from adapters.mapping.gather import GATHERS
from adapters.mapping.place import Place
from adapters.mapping.report import Report
from adapters.mapping.telling import tell_left
from adapters.mapping.walk import Instance, unfold

if TYPE_CHECKING:
    from adapters.mapping.part import Choice, Loop, Part, Slot
    from adapters.mapping.reach import Within

Key = tuple[int, int, int | None, str | None]
"""A segment, an element and a component of it (0: the whole element, None: any), and the qualifier of its pair."""
UNREAD = object()


def tell_doubles(
    part: Part, within: Within, instance: Instance, report: Report, beside: Part | None = None
) -> None:
    """Note what no row of the part reads although it names the place, and none of the one `beside` it. Only what the
    segment reaches can stand there twice."""
    crowded = bool(within.below) and _is_crowded(instance)
    if not within.several and not within.single and not crowded:
        return
    slots = (*within.several, *(within.below if crowded else ()))
    told = {*(slot.name for slot in part.times), getattr(part.model, GATHERS, "")}
    left = [one for slot in slots if slot.name not in told for one in _left_of_slot(slot, instance)]
    loose = [one for loop in within.single for one in _left_of_loop(loop, instance)]
    if left or loose:
        _tell_left(part, instance, report, left, loose, beside)


def _is_crowded(instance: Instance) -> bool:
    """Whether segments of one kind stand below, or below one that does."""
    return any(len(kids) > 1 for kids in instance.kids.values()) or any(
        len(below) > 1 for kids in instance.kids.values() for kid in kids for below in kid.kids.values()
    )


def _tell_left(
    part: Part, instance: Instance, report: Report, left: list[tuple[Instance, Place]], loose: list[Instance],
    beside: Part | None,
) -> None:
    read, taken = _read(part, instance)
    if beside:
        further, whole = _read(beside, instance)
        read, taken = read | further, taken | whole
    told: set[Key] = set()
    all_runs = (*part.pairs, *(part.aside.pairs if part.aside else ()))
    runs = {id(found) for run in all_runs for place in run.places for found in place.find(instance)}
    for found, place in left:
        in_run = place.pair is not None and id(found) in runs
        if not (_is_of(read, found, place) or _is_of(told, found, place) or id(found) in taken or in_run):
            told |= _keys(found, place)
            tell_left(report, found, place.element or None, place.component or None, f"{place.text}, sent once more,")
    for found in loose:
        if id(found) not in taken and not any(segment == id(found) for segment, *_ in read):
            taken.add(id(found))
            tell_left(report, found, None, None, f"one more segment {found.node.tag}")


def _keys(found: Instance, place: Place) -> set[Key]:
    parts = {part for _, part in place.cells} or {0}
    return {(id(found), place.element, part, place.pair) for part in (*parts, None)}


def _is_of(keys: set[Key], found: Instance, place: Place) -> bool:
    """Whether all of a place is among what is read."""
    if (id(found), place.element, 0, place.pair) in keys:
        return True
    if not place.component:
        return (id(found), place.element, None, place.pair) in keys
    return _keys(found, place) <= keys


def _filled(slot: Slot, instance: Instance) -> Iterator[tuple[Choice, Instance, str]]:
    """Everything that stands at the places of a slot, in the order in which it is looked for."""
    for choice in slot.choices:
        place = choice.place
        if place.own and element(instance.row, *place.segment.qualifier) != place.own:
            continue
        for found in place.find(instance):
            if text := place.cut(found):
                yield choice, found, text


def _left_of_slot(slot: Slot, instance: Instance) -> Iterator[tuple[Instance, Place]]:
    """What stands at a place of the slot after its value, and says something else."""
    first: Choice | None = None
    value: Any = UNREAD
    for choice, found, text in _filled(slot, instance):
        said = _value(choice, text)
        if first is None:
            first, value = choice, said
        elif said != value and not (choice is first and choice.place.every):
            yield found, choice.place


def _value(choice: Choice, text: str) -> Any:
    try:
        return choice.values[text]
    except (ValueError, OverflowError):
        return UNREAD


def _left_of_loop(loop: Loop, instance: Instance) -> Iterator[Instance]:
    found, _ = loop.find(instance)
    read = {id(one) for one in (found if loop.many else found[:1])}
    for way in loop.ways if found else ():
        level = [instance]
        for down in way:
            level = [kid for above in level for kid in down(above)]
        yield from (one for one in level if id(one) not in read)


def _read(part: Part, instance: Instance) -> tuple[set[Key], set[int]]:
    """The places that slots read, and the segments that are documents of their own."""
    read: set[Key] = set()
    for slot in (*part.slots, *(part.aside.slots if part.aside else ())):
        first: Choice | None = None
        for choice, found, _ in _filled(slot, instance):
            if first is None or (choice is first and choice.place.every):
                read |= _keys(found, choice.place)
            first = first or choice
    taken: set[int] = set()
    loops = (*part.loops, *(part.aside.loops if part.aside else ()))
    for loop in loops:  # a segment that is a document of its own is read by the rows of that
        found_by_loop, _ = loop.find(instance)
        many = loop.many or loop.ways[0][-1].qualifier == REST
        for one in found_by_loop if many else found_by_loop[:1]:
            taken |= {id(below) for below in unfold(one)}
    return read, taken
