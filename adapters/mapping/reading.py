"""What the rows of one part read, segment by segment: where several parts share a loop (the levels of a tree), what one
of them reads is no reason to be silent about the same in another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.mapping.down import REST, Down
from adapters.mapping.part import Part
from adapters.mapping.place import Place
from adapters.mapping.structure import Node

WHOLE = 0
Read = dict[int, set[tuple[str | None, int]]]
"""By node the qualifiers (None: any) and the elements that are read of segments with them."""


@dataclass(slots=True)
class Readings:
    """Collects what parts read; `paired` are the nodes of which pairs are read."""

    read: Read = field(default_factory=dict)
    paired: set[int] = field(default_factory=set)

    @property
    def nodes(self) -> set[int]:
        """All nodes that anything is read of."""
        return self.paired | self.read.keys()

    def of(self, node: int, qualifier: str) -> set[int]:
        """The elements that are read of a segment with a qualifier."""
        return {at for q, at in self.read.get(node, ()) if q in (None, REST, qualifier)}

    def add(self, part: Part, own: str | None = None) -> None:
        """All rows of a part and of those within it. `own`: the qualifier that its own segment must carry."""
        for place in _places(part):
            self._add_place(place, own)
        for loop in part.loops:
            for way, inner in zip(loop.ways, loop.parts, strict=True):
                self._add_steps(way)
                self.add(inner, way[-1].qualifier if way else own)
        if part.aside:
            self.add(part.aside, own)

    def add_below(self, part: Part, loop: Node, code: str) -> None:
        """Of a part that stands above a loop those rows that lead into the one whose qualifier is `code`."""
        for place in _places(part):
            if _leads(place.steps, loop, code):
                self._add_place(place, None)
        for one in part.loops:
            for way, inner in zip(one.ways, one.parts, strict=True):
                if _leads(way, loop, code):
                    self._add_steps(way)
                    self.add(inner, way[-1].qualifier)
        if part.aside:
            self.add_below(part.aside, loop, code)

    def _add_place(self, place: Place, own: str | None) -> None:
        self._add_steps(place.steps)
        nodes = place.steps[-1].nodes if place.steps else (place.node,)
        qualifier = place.steps[-1].qualifier if place.steps else place.own or own
        for node in nodes:
            if place.pair is not None:
                self.paired.add(node.id)
            else:
                self.read.setdefault(node.id, set()).add((qualifier, place.element))

    def _add_steps(self, steps: tuple[Down, ...]) -> None:
        for step in steps:
            for node in step.nodes:
                at = step.at[0] if step.qualifier else WHOLE
                self.read.setdefault(node.id, set()).add((step.qualifier, at))


def _places(part: Part) -> Iterator[Place]:
    for slot in part.slots:
        for choice in slot.choices:
            yield choice.place
    for run in part.pairs:
        yield from run.places


def _leads(steps: tuple[Down, ...], loop: Node, code: str) -> bool:
    return bool(steps) and loop in steps[0].nodes and steps[0].qualifier in (None, code)
