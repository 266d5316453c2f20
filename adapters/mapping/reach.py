"""What of a part can find anything in a segment, by what the segment looks like.

A table names many places, a segment fills few: an order line of five elements is asked for thirty fields, and has
fifteen loops that might stand below it. Segments look alike, so which rows are worth asking is found out once for each
look: the nodes below it, its filled elements, the qualifiers of its pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from adapters.mapping.down import Down
from adapters.mapping.place import Place
from adapters.mapping.walk import Instance

if TYPE_CHECKING:
    from adapters.mapping.codec import Values
    from adapters.mapping.pairs import Pairs
    from adapters.mapping.part import Loop, Part, Slot
    from adapters.mapping.report import Report

CACHED_LOOKS = 1_000
Asked = tuple["Slot", Callable[[Instance, "Report"], Any]]
Look = tuple[tuple[int, ...], tuple[bool, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Within:
    """Of one look: `values` that are so without asking, and the rows that may find something, each slot with the
    reader of those of its places that do. Required slots are always asked: what is absent must be told.

    `elements` (field, number, values by text) and `coded` (field, qualifier, values by text) are the slots that the
    segment itself fills; the `others` remain to be asked when those were read at once.
    """

    values: dict[str, Any]
    slots: tuple[Asked, ...]
    others: tuple[Asked, ...]
    elements: tuple[tuple[str, int, Values], ...]
    coded: tuple[tuple[str, str, Values], ...]
    loops: tuple[Loop, ...]
    pairs: tuple[Pairs, ...]
    several: tuple[Slot, ...] = ()
    """Slots of several places of which the segment may fill more than one; `below`: those of one place further down;
    `single`: loops of which only some are read."""
    below: tuple[Slot, ...] = ()
    single: tuple[Loop, ...] = ()
    aside: Within | None = None
    """Of what is said aside, None where nothing can be."""

    def read(self, instance: Instance) -> tuple[dict[str, Any], tuple[Asked, ...]]:
        """The values of the segment's own slots, and the slots still to be asked: all of them where something about one
        must be told."""
        found = self._at_once(instance)
        return (self.values.copy(), self.slots) if found is None else (found, self.others)

    def _at_once(self, instance: Instance) -> dict[str, Any] | None:
        found, row, pairs = self.values.copy(), instance.row, instance.pairs or {}
        try:
            for name, number, values in self.elements:
                found[name] = value = values[row[number]]
                if value is None:
                    return None
            for name, qualifier, values in self.coded:
                found[name] = value = values[pairs[qualifier]] if pairs[qualifier] else None
                if value is None:
                    return None
        except (ValueError, OverflowError, KeyError):
            return None
        return found


class Reach:
    """Remembers for one part what its rows can reach, look by look."""

    def __init__(self, part: Part) -> None:
        self.part = part
        parts = (part, part.aside) if part.aside else (part,)
        own = [choice.place for one in parts for slot in one.slots for choice in slot.choices]
        own += [place for one in parts for run in one.pairs for place in run.places]
        self.paired = next((place for place in own if place.pair is not None and not place.steps), None)
        self.known: dict[Look, Within] = {}

    def __call__(self, instance: Instance) -> Within:
        qualifiers = tuple(self.paired.all_pairs(instance)) if self.paired else ()
        look = (tuple(instance.kids), tuple(map(bool, instance.row)), qualifiers)
        known = self.known.get(look)
        if known is None:
            if len(self.known) >= CACHED_LOOKS:
                self.known.clear()
            known = self.known[look] = self.within(look)
        return known

    def within(self, look: Look) -> Within:
        """What may be found in segments of one look."""
        part, below = self.part, look[0]
        values, slots = dict(part.constants), list[Asked]()
        elements, coded, others = [], [], list[Asked]()
        several: list[Slot] = []
        deep: list[Slot] = []
        for slot in part.slots:
            near = replace(slot, choices=tuple(choice for choice in slot.choices if _fills(choice.place, look)))
            if near.choices and len(slot.choices) > 1 and (len(near.choices) > 1 or near.choices[0].place.steps):
                several.append(near)
            elif near.choices and len(slot.choices) == 1 and near.choices[0].place.steps:
                deep.append(near)
            if near.choices or ((slot.required or slot.expected) and slot.otherwise is None):
                slots.append((slot, _reader(near)))
                choice = near.choices[0] if len(near.choices) == 1 and near.choices[0].alone else None
                place = choice.place if choice and choice.codec.kind is not float else None
                if choice and place and place.pair is not None and not (place.steps or place.own):
                    coded.append((slot.name, place.pair, choice.values))
                elif choice and place and place.itself:
                    elements.append((slot.name, place.element, choice.values))
                else:
                    others.append(slots[-1])
            elif slot.depends:
                slots.append((slot, slot.meant))
                others.append(slots[-1])
            elif slot.otherwise is not None:
                values[slot.name] = slot.otherwise
        loops = tuple(loop for loop in part.loops if any(_begins(way, below) for way in loop.ways))
        runs = (run for run in part.pairs if any(_holds_pair(place, look) for place in run.places))
        single = tuple(loop for loop in loops if not loop.many or len(loop.ways) > 1)
        aside = part.aside.reach.within(look) if part.aside else None
        if aside and not (aside.values or aside.slots or aside.loops or aside.pairs):
            aside = None
        return Within(
            values, tuple(slots), tuple(others), tuple(elements), tuple(coded), loops, tuple(runs),
            tuple(several), tuple(deep), single, aside,
        )


def _begins(way: tuple[Down, ...], below: tuple[int, ...]) -> bool:
    """Whether a first step leads to one of these nodes."""
    return not way or any(node.id in below for node in way[0].nodes)


def _fills(place: Place, look: Look) -> bool:
    """Whether something may stand at a place."""
    below, filled, qualifiers = look
    if place.steps:
        return _begins(place.steps, below)
    if place.pair is not None:
        return place.pair in qualifiers
    return place.element < len(filled) and filled[place.element]


def _holds_pair(place: Place, look: Look) -> bool:
    """Whether a run has any pair; whether another row has read it, the run itself knows."""
    return _begins(place.steps, look[0]) if place.steps else any(look[2])


def _reader(slot: Slot) -> Callable[[Instance, Report], Any]:
    """`Slot.read`, made for a slot with one place; what is not read at once, and what may lose digits, it must tell."""
    if len(slot.choices) != 1 or slot.choices[0].codec.kind is float or not slot.choices[0].alone or slot.depends:
        return slot.read
    choice, careful, otherwise = slot.choices[0], slot.read, slot.otherwise
    text_in, values = choice.text, choice.values

    def read(instance: Instance, report: Report) -> Any:
        text = text_in(instance)
        if not text:
            return otherwise
        try:
            return values[text]
        except (ValueError, OverflowError):
            return careful(instance, report)

    return read
