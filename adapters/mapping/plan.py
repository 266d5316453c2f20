"""What the walk needs of a table, and what of a message the table has a use for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from adapters.mapping.dialect import Dialect, Row, component, element
from adapters.mapping.place import Place
from adapters.mapping.report import Report
from adapters.mapping.segment import SegmentCheck, item
from adapters.mapping.structure import Node
from adapters.mapping.walk import Walk
from schemas.facts import Dictionary, Segment

Trace = Callable[[Row], object]


@dataclass(slots=True)
class Plan:
    """`checks` and `traces` by node id; `streams` are the loops that are handed over one by one; `counted` are
    nodes whose instances are counted; `mapped` says which (qualifier, element) of a node some row reads."""

    dialect: Dialect
    dictionary: Dictionary
    nodes: list[Node]
    checks: list[SegmentCheck]
    traces: list[Trace | None]
    tags: frozenset[str]
    depth: int
    streams: frozenset[int] = frozenset()
    counted: frozenset[int] = frozenset()
    mapped: dict[int, set[tuple[str | None, int]]] = field(default_factory=dict)
    paired: dict[int, set[str]] = field(default_factory=dict)

    def uses(self, place: Place) -> None:
        """Remember that a row reads this place, and the qualifiers on the way to it."""
        above = place.node
        for down in place.steps:
            for node in down.nodes:
                self.mapped.setdefault(node.id, set()).add((down.qualifier, down.at[0] if down.qualifier else 0))
            above = down.nodes[0]
        for node in place.steps[-1].nodes if place.steps else (above,):
            if place.pair:
                self.paired.setdefault(node.id, set()).add(place.pair)
            else:
                self.mapped.setdefault(node.id, set()).add((place.qualifier, place.element))
            if place.own:
                self.mapped.setdefault(node.id, set()).add((place.own, place.segment.qualifier[0]))

    def trace(self) -> None:
        """Decide what must be remembered of each segment to tell afterwards what no row reads."""
        for node in self.nodes[1:]:
            segment = self.dictionary.segments[node.tag]
            if node.id in self.paired:
                self.traces[node.id] = _pair_qualifiers(segment, self.dialect.value_first)
            elif any(qualifier for qualifier, _ in self.mapped.get(node.id, ())):
                self.traces[node.id] = _qualifier(segment)

    def tell_unmapped(self, walk: Walk) -> None:
        """One note for each place that was filled and that no row reads."""
        nodes = self.nodes
        seen: Iterable[tuple[Any, int]] = walk.seen.items()
        self.tell(((number, nodes[at], self.unmapped(nodes[at], *what)) for (at, *what), number in seen), walk.report)

    def tell(self, left: Iterable[tuple[int, Node, list[tuple[str, int | None]]]], report: Report) -> None:
        """Notes of what segments (number, node) leave over; the same of a node only once."""
        told: set[tuple[int, str]] = set()
        for number, node, places in left:
            for words, at in places:
                if (node.id, words) not in told:
                    told.add((node.id, words))
                    report.add(
                        "UNMAPPED",
                        segment=number,
                        tag=node.tag,
                        element=at,
                        item=words,
                        place=f"{node.tag} (segment {number})",
                    )

    def unmapped(self, node: Node, shape: tuple[bool, ...], seen: object = None) -> list[tuple[str, int | None]]:
        """What of a segment with these elements filled nobody reads, in words and by element number; `seen` is what
        its trace says."""
        segment = self.dictionary.segments[node.tag]
        rows = self.mapped.get(node.id, set())
        pairs = self.paired.get(node.id)
        qualifier = seen if isinstance(seen, str) else None
        used = {at for q, at in rows if q is None or q == qualifier}
        name = f"{node.tag}[{qualifier}]" if qualifier else node.tag
        if not used and not pairs:
            return [(f"the segment {name} ({segment.name})", None)]
        if 0 in used and len(used) == 1 and not pairs and not node.kids:
            used |= {at for q, at in rows if q is None}
        found: list[tuple[str, int | None]] = []
        slots = range(0)
        if pairs is not None and isinstance(seen, tuple):
            found += [(f"the pair {node.tag}{{{q}}}", None) for q in seen if q and q not in pairs]
            start = segment.pairs or 1
            slots = range(start, max(len(shape), start) + 1)
        for at in range(1, min(len(shape), len(segment.uses) + 1)):
            if shape[at] and at not in used and at not in slots and (not qualifier or at != segment.qualifier[0]):
                found.append((f"{name} {item(segment, at, None)}", at))
        return found


def _qualifier(segment: Segment) -> Trace:
    number, part = segment.qualifier
    return lambda row: element(row, number, part)


def _pair_qualifiers(segment: Segment, value_first: bool) -> Trace:
    start = segment.pairs or 1
    if value_first:
        return lambda row: tuple(component(text, 2) for text in row[start:])
    return lambda row: tuple(row[start::2])
