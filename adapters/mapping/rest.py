"""What `REF[*]` leaves to the other rows of its part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.mapping.place import REST

if TYPE_CHECKING:
    from adapters.mapping.part import Loop, Slot


def name_rests(slots: list[Slot], loops: list[Loop]) -> None:
    """Tell each loop for "*" which qualifiers the other rows of its part read, and of which only the first segment."""
    for rest in (way[-1] for loop in loops for way in loop.ways if way[-1].qualifier == REST):
        steps = [(step, False) for slot in slots for choice in slot.choices for step in choice.place.steps]
        steps += [(step, loop.many) for loop in loops for way in loop.ways for step in way]
        for step, all_of_them in steps:
            if step.qualifier and step.qualifier != REST and step.nodes == rest.nodes:
                rest.named.add(step.qualifier)
                if not all_of_them:
                    rest.once.add(step.qualifier)
