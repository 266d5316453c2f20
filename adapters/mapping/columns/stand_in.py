"""What can stand in for a wrong element, so that all the rest of its message can be read as if it were right.

The careful way tells a wrong element and goes on. What comes of it depends on that element only by the rows of the
table that read it. Where those are plain it can be said beforehand: a value that cannot be read is left out, and a
document that cannot do without it is none. All the rest is then read by columns, with something legal in place of what
is wrong. Where it is not plain, nothing is said here, and the careful way reads the message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.mapping.dialect import COMPONENT, REPEAT, Fault, Row, element
from adapters.mapping.down import REST, Down
from adapters.mapping.message import Message
from adapters.mapping.part import Choice, Part, Slot
from adapters.mapping.plan import Plan, pair_slots
from adapters.mapping.segment import SegmentFault, element_fact
from adapters.mapping.structure import Node
from adapters.mapping.walk import PADDED
from schemas.facts import Element

MISSING = "MISSING-ELEMENT"
CENTURIES = 8
"""Digits of a date that says its century."""
Key = tuple[int, int]
"""A node by id, and the number of an element of its segment."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """The `text` for one element, or for one component of it (from 1). `lost`: without the true value there is no
    document; `meant`: there is one, and in it stands what the rows make of this text."""

    element: int
    component: int
    text: str
    lost: bool = False
    meant: str | None = None
    incomplete: bool = False
    """The document is shown without it, and its message rejected."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A slot that reads an element. `sure`: of every segment with its qualifier (None: of all); else only of some."""

    slot: Slot
    qualifier: str | None
    sure: bool

    @property
    def choice(self) -> Choice:
        return self.slot.choices[0]

    def cannot_read(self, text: str) -> bool:
        try:
            self.choice.values[text]
        except (ValueError, OverflowError):
            return True
        return False


class StandIns:
    """Those of one message table."""

    def __init__(self, message: Message) -> None:
        self.plan = message.plan
        self.rests = {node.id for down in self.plan.rests_below for node in down.nodes}
        self.readers: dict[Key, list[Reader]] = {}
        self.awkward = {(node.id, fixed.place.element) for fixed in message.fixed for node in fixed.nodes}
        """What is read in a way that is not looked into here."""
        self._collect(message.part, (), False)

    def _collect(self, part: Part, above: tuple[Down, ...], in_aside: bool) -> None:
        for slot in part.slots:
            for choice in slot.choices:
                self._add(slot, choice, above, in_aside)
        for loop in part.loops:
            for way, inner in zip(loop.ways, loop.parts, strict=True):
                self._collect(inner, (*above, *way), in_aside)
        if part.aside:
            self._collect(part.aside, above, True)

    def _add(self, slot: Slot, choice: Choice, above: tuple[Down, ...], in_aside: bool) -> None:
        place = choice.place
        way = (*above, *place.steps)
        sure = not any(down.qualifier for down in way[:-1]) and (not way or way[-1].qualifier != REST)
        qualifier = place.own or (way[-1].qualifier if way else None)
        whole = choice.codec.whole or choice.codec.kind is float
        curious = in_aside or whole or choice.after or place.every or place.more
        for node in way[-1].nodes if way else (place.node,):
            key = node.id, place.element
            if len(slot.choices) > 1 or curious:
                self.awkward.add(key)
            self.readers.setdefault(key, []).append(Reader(slot, qualifier, sure))
        if other := choice.after:
            nodes = other.steps[-1].nodes if other.steps else way[-1].nodes if way else (other.node,)
            self.awkward |= {(node.id, other.element) for node in nodes}

    def of(self, node: Node, row: Row, fault: SegmentFault) -> StandIn | None:
        """What can stand in for what is wrong at one place of a segment, None where that cannot be said."""
        number, part, plan = fault.element, fault.component or 0, self.plan
        segment = plan.dictionary.segments[node.tag]
        use = element_fact(segment, number, fault.component)
        paired = node.id in plan.paired and number in pair_slots(segment, plan.dialect.value_first)
        if use is None or fault.repeat or fault.told or paired or number == segment.qualifier[0]:
            return None
        text = element(row, number, part)
        if fault.name == PADDED:
            return StandIn(number, part, text.rstrip()) if text == row[number] and not _is_composed(text) else None
        if use.element is None or _is_composed(text) or (not part and _is_composed(element(row, number))):
            return None
        readers = self._readers(node, row, number)
        if readers is None or any(reader.choice.place.component != part for reader in readers):
            return None
        if fault.name == MISSING:
            return None if part else self._missing(node, row, use.element, readers, number)
        return self._wrong(use.element, readers, StandIn(number, part, text))

    def _readers(self, node: Node, row: Row, number: int) -> list[Reader] | None:
        """The slots that read an element of this segment, None where that is not plain."""
        key = node.id, number
        if key in self.awkward:
            return None
        qualifier = element(row, *self.plan.dictionary.segments[node.tag].qualifier)
        return [one for one in self.readers.get(key, ()) if one.qualifier in (None, REST, qualifier)]

    def _wrong(self, fact: Element, readers: list[Reader], wrong: StandIn) -> StandIn | None:
        """For a text that some rows read nevertheless, and others cannot."""
        unable = [reader for reader in readers if reader.slot.required and reader.cannot_read(wrong.text)]
        lost = any(reader.sure for reader in unable)
        text = _legal(fact, readers, self.plan.dialect.fault)
        if not text or (unable and not lost):
            return None
        return StandIn(wrong.element, wrong.component, text, lost, wrong.text if readers and not lost else None)

    def _missing(self, node: Node, row: Row, fact: Element, readers: list[Reader], number: int) -> StandIn | None:
        """For what a row that must have it reads: whatever is there instead, nothing comes of it."""
        lost = any(reader.slot.required and reader.slot.otherwise is None and reader.sure for reader in readers)
        text = _legal(fact, readers, self.plan.dialect.fault)
        if not text or not lost or node.id in self.rests:
            return None
        filled = [*row, *[""] * (number + 1 - len(row))]
        filled[number] = text
        if not _leaves_the_same(self.plan, node, row, filled):
            return None
        if any(reader.slot.may_lack for reader in readers):
            return StandIn(number, 0, text, meant="", incomplete=True) if len(readers) == 1 else None
        return StandIn(number, 0, text, True)


def _is_composed(text: str) -> bool:
    return COMPONENT in text or REPEAT in text


def _leaves_the_same(plan: Plan, node: Node, *rows: Row) -> bool:
    """Whether what nobody reads of a segment is the same in two forms of it."""
    trace = plan.traces[node.id]
    first, second = (plan.unmapped(node, tuple(map(bool, row)), trace(row) if trace else None) for row in rows)
    return first == second


def _legal(fact: Element, readers: list[Reader], fault: Fault) -> str:
    """A text that an element may hold and that all of its readers understand; "" where none is at hand."""
    texts = (text for text in _candidates(fact) if not fault(fact, text))
    return next((text for text in texts if not any(reader.cannot_read(text) for reader in readers)), "")


def _candidates(fact: Element) -> Iterator[str]:
    least = max(fact.min, 1)
    yield "1" * least
    day = "20000101"
    yield day if fact.max >= CENTURIES else day[2:]
    yield "0000"
    yield "X" * least
    yield from sorted(fact.codes or ())
