"""What `REF[*]` leaves to the other rows of its part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.mapping.place import REST, Down

if TYPE_CHECKING:
    from adapters.mapping.part import Loop, Slot


def name_rests(slots: list[Slot], loops: list[Loop]) -> None:
    """Tell each loop for "*" which qualifiers the other rows of its part read, of which only the first segment, and
    which only where nothing stands at the places before."""
    for alone, rest in ((len(way) == 1, way[-1]) for loop in loops for way in loop.ways if way[-1].qualifier == REST):
        steps = [(step, False) for slot in slots for choice in slot.choices for step in choice.place.steps]
        steps += [(step, loop.many) for loop in loops for way in loop.ways for step in way]
        for step, all_of_them in steps:
            if step.qualifier and step.qualifier != REST and step.nodes == rest.nodes:
                rest.named.add(step.qualifier)
                if not all_of_them:
                    rest.once.add(step.qualifier)
        if alone:
            _name_alternatives(slots, loops, rest)


def _name_alternatives(slots: list[Slot], loops: list[Loop], rest: Down) -> None:
    """Fill `rest.instead`. What a loop reads is read in any case."""
    read = {step.qualifier for loop in loops for way in loop.ways for step in way if step.nodes == rest.nodes}
    for slot in slots:
        for at, choice in enumerate(slot.choices):
            first = choice.place.steps[0] if choice.place.steps else None
            if first and first.qualifier and first.nodes == rest.nodes and first.qualifier not in read:
                before = tuple(other.place for other in slot.choices[:at])
                rest.instead.setdefault(first.qualifier, []).append(before)
