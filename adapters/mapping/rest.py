"""What `REF[*]` leaves to the other rows of its part."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from adapters.mapping.down import REST, Down, Reads, ReadsBelow, Rest
from adapters.mapping.place import Place
from adapters.mapping.walk import Instance

if TYPE_CHECKING:
    from adapters.mapping.part import Loop, Slot


def name_rests(slots: Iterable[Slot], loops: Iterable[Loop]) -> list[Rest]:
    """Tell each loop for "*" which qualifiers the other rows of its part read, of which only the first segment, which
    only where nothing stands at the places before, and what of them. These loops are returned."""
    slots, loops = list(slots), list(loops)
    found = [(way[:-1], way[-1]) for loop in loops for way in loop.ways if way and isinstance(way[-1], Rest)]
    rests = [(above, rest) for above, rest in found if isinstance(rest, Rest)]
    for above, rest in rests:
        for loop in loops:
            for way in loop.ways:
                _name_steps(way, loop.many, rest)
                _read_loop(_behind(above, way), loop.many, rest)
        for slot in slots:
            for choice in slot.choices:
                _name_steps(choice.place.steps, False, rest)
                _read_slot(choice.place, _behind(above, choice.place.steps), rest)
        if not above:
            _name_alternatives(slots, loops, rest)
    return [rest for _, rest in rests]


def _behind(above: tuple[Down, ...], steps: tuple[Down, ...]) -> tuple[Down, ...]:
    """The steps that go on from where those `above` lead to; none where they lead elsewhere."""
    same = len(steps) > len(above) and all(
        step.qualifier in (None, other.qualifier) and any(one is node for one in step.nodes for node in other.nodes)
        for step, other in zip(steps, above, strict=False)
    )
    return steps[len(above) :] if same else ()


def _name_steps(steps: tuple[Down, ...], many: bool, rest: Rest) -> None:
    for step in steps:
        if step.qualifier and step.qualifier != REST and meets(step, rest):
            rest.named.add(step.qualifier)
            if not many:
                rest.once.add(step.qualifier)


def meets(step: Down, rest: Rest) -> bool:
    """Whether two steps may lead to the same segment."""
    return any(one is other for one in step.nodes for other in rest.nodes)


def _reads(step: Down, rest: Rest, all_of_them: bool = False) -> Reads | None:
    """What is read of the segments of a step; None where the rest has nothing to do with them."""
    if step is rest or step.qualifier == REST or not meets(step, rest):
        return None
    if step.qualifier is None and not all_of_them:
        rest.once.add(REST)
    return rest.reads.setdefault(step.qualifier or REST, Reads())


def _read_loop(way: tuple[Down, ...], many: bool, rest: Rest) -> None:
    reads = _reads(way[0], rest, many and len(way) == 1) if way else None
    if reads:
        for one in _reads_below(way[1:], reads):
            one.whole = True


def _read_slot(place: Place, steps: tuple[Down, ...], rest: Rest) -> None:
    reads = _reads(steps[0], rest, place.every and len(steps) == 1) if steps else None
    if reads:
        for one in _reads_below(steps[1:], reads):
            one.paired = one.paired or place.pair is not None
            one.cells |= place.cells


def _reads_below(steps: tuple[Down, ...], reads: Reads) -> list[Reads]:
    """What is read of the segments that some steps lead to, from one of which `reads` are read."""
    level = [reads]
    for step in steps:
        key = None if step.qualifier == REST else step.qualifier
        below = [above.kids.setdefault(node.id, ReadsBelow(node, step.at)) for above in level for node in step.nodes]
        level = [one.by.setdefault(key, Reads()) for one in below]
    return level


def _name_alternatives(slots: list[Slot], loops: list[Loop], rest: Rest) -> None:
    """Fill `rest.instead`. What a loop for many reads is read in any case."""
    read = {step.qualifier for loop in loops if loop.many for way in loop.ways for step in way if meets(step, rest)}
    for slot in slots:
        for at, choice in enumerate(slot.choices):
            first = choice.place.steps[0] if choice.place.steps else None
            if first and first.qualifier and first.qualifier not in read and meets(first, rest):
                before = tuple(partial(_is_filled, other.place) for other in slot.choices[:at])
                rest.instead.setdefault(first.qualifier, []).append((before, partial(_is_filled, choice.place)))
    for loop in loops:
        for at, way in enumerate(loop.ways if len(loop.ways) > 1 else ()):
            first = way[0] if len(way) == 1 else None
            if first and first is not rest and first.qualifier != REST and meets(first, rest):
                above = tuple(partial(_is_there, other) for other in loop.ways[:at])
                rest.instead.setdefault(first.qualifier or REST, []).append((above, None))


def _is_filled(place: Place, instance: Instance) -> bool:
    return bool(place.get(instance)[0])


def _is_there(way: tuple[Down, ...], instance: Instance) -> bool:
    """Whether a loop begins below a segment."""
    level = [instance]
    for down in way:
        level = [kid for above in level for kid in down(above)]
    return bool(level)
