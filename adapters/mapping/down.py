"""A step down from one segment to those below it, by their name and qualifier."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from adapters.mapping.dialect import element, place_value
from adapters.mapping.filled import Watch, Watched
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance

Asks = Callable[[Instance], object]
"""Whether something is found below a segment."""
REST = "*"
"""`REF[*]`, `PO1{*}`: whatever carries a qualifier that no other row of the table names."""


def made(node: Node, at: tuple[int, int]) -> Instance:
    """A new segment for `node`, with its qualifier where the structure itself demands one."""
    instance = Instance(node, [node.tag], 0)
    if node.qualifier:
        place_value(instance.row, *at, node.qualifier)
    return instance


@dataclass(slots=True)
class Reads:
    """What other rows read of a segment with some qualifier: `cells` of it (element, component; component 0: all of
    it), and below it of which nodes (by id) what. `paired`: all its elements, some as pairs. `whole`: everything."""

    cells: set[tuple[int, int]] = field(default_factory=set)
    kids: dict[int, ReadsBelow] = field(default_factory=dict)
    paired: bool = False
    whole: bool = False
    elements: frozenset[int] = frozenset()
    """Of the elements that are read, and those that say no more than what kind of segment it is."""
    parts: Watched = field(default_factory=dict)
    """Components of those elements that nobody reads, and what says nothing in them."""
    watch: Watch | None = None

    def take(self, other: Reads) -> None:
        """What is read of these segments anyway, whatever they carry."""
        self.cells |= other.cells
        self.paired |= other.paired
        self.whole |= other.whole
        for id, below in other.kids.items():
            mine = self.kids.setdefault(id, ReadsBelow(below.node, below.at))
            for key, reads in below.by.items():
                mine.by.setdefault(key, Reads()).take(reads)

    def leaves(self, instance: Instance) -> bool:
        """Whether a segment, or one below it, says something that is not read."""
        if self.whole:
            return False
        row, elements = instance.row, self.elements
        if any(row[at] and at not in elements for at in range(1, len(row))):
            return True
        if self.watch and self.watch(row):
            return True
        return any(self._leaves_below(self.kids.get(id), kids) for id, kids in instance.kids.items())

    def _leaves_below(self, below: ReadsBelow | None, kids: list[Instance]) -> bool:
        return below is None or any((reads := below.of(kid)) is None or reads.leaves(kid) for kid in kids)


@dataclass(slots=True)
class ReadsBelow:
    """What rows read of the segments of one node, by their qualifiers (None: whatever they carry), which stand `at` a
    place."""

    node: Node
    at: tuple[int, int]
    by: dict[str | None, Reads] = field(default_factory=dict)

    def of(self, instance: Instance) -> Reads | None:
        """What is read of one of them."""
        found = self.by.get(element(instance.row, *self.at))
        return self.by.get(None) if found is None else found


@dataclass(frozen=True, slots=True)
class Down:
    """One step down: nodes that may hold the segment (all of one tag) and the qualifier that it must carry."""

    nodes: tuple[Node, ...]
    qualifier: str | None
    at: tuple[int, int]

    def __call__(self, instance: Instance) -> Iterator[Instance]:
        for node in self.nodes:
            for kid in instance.kids.get(node.id, ()):
                if self.qualifier is None or element(kid.row, *self.at) == self.qualifier:
                    yield kid

    def make(self, instance: Instance, fresh: bool = False) -> Instance:
        """The segment to write into: the one that is there, or a new one."""
        if not fresh and (found := next(iter(self(instance)), None)):
            return found
        node = self.nodes[0]
        kid = made(node, self.at)
        if self.qualifier and self.qualifier != REST:
            place_value(kid.row, *self.at, self.qualifier)
        instance.kids.setdefault(node.id, []).append(kid)
        return kid


@dataclass(frozen=True, slots=True)
class Rest(Down):
    """A step to whatever other rows leave over.

    `named`: the qualifiers that those read; complete when the whole table is compiled. Of the ones in `once` only the
    first segment is read by another row, the next ones belong to the rest.
    """

    named: set[str] = field(default_factory=set, compare=False)
    once: set[str] = field(default_factory=set, compare=False)
    instead: dict[str, list[tuple[tuple[Asks, ...], Asks | None]]] = field(default_factory=dict, compare=False)
    """By qualifier what other rows look at before this one, row by row, and what they read of it then: where those
    find something, or nothing is read, it belongs to the rest."""
    reads: dict[str, Reads] = field(default_factory=dict, compare=False)
    """By qualifier what other rows read of it, under REST what they read of the first segment whatever it carries: one
    that says more belongs to the rest, too."""

    def __call__(self, instance: Instance) -> Iterator[Instance]:
        seen: set[str] = set()
        for node in self.nodes:
            for kid in instance.kids.get(node.id, ()):
                key = self.key(kid)
                again = key in self.once and key in seen
                if key is None or again or self._is_passed_over(key, instance) or self.says_more(kid, key):
                    yield kid
                seen.add(key or "")

    def key(self, kid: Instance) -> str | None:
        """Under which qualifier other rows read a segment, REST where they take any; None where they do not."""
        qualifier = element(kid.row, *self.at)
        return qualifier if qualifier in self.named else REST if REST in self.reads else None

    def says_more(self, kid: Instance, key: str) -> bool:
        """Whether a segment says something that those rows do not read."""
        reads = self.reads.get(key)
        return reads is not None and reads.leaves(kid)

    def _is_passed_over(self, qualifier: str, instance: Instance) -> bool:
        """Whether some row that names this qualifier finds something elsewhere before it, and no other reads it."""
        rows = self.instead.get(qualifier, [])
        elsewhere = [any(ask(instance) for ask in before) for before, _ in rows]
        return any(elsewhere) and all(
            found or (own is not None and not own(instance)) for found, (_, own) in zip(elsewhere, rows, strict=True)
        )
