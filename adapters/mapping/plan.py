"""What the walk needs of a table, and what of a message the table has a use for."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from adapters.mapping.dialect import Dialect, Row, component, element
from adapters.mapping.down import REST, Reads, Rest
from adapters.mapping.filled import Watched
from adapters.mapping.parts import IN_A_STATEMENT, Cell, Parts, watch
from adapters.mapping.place import Place, pair_starts
from adapters.mapping.report import Report
from adapters.mapping.segment import CACHED_TEXTS, SegmentCheck, item
from adapters.mapping.structure import Node
from adapters.mapping.walk import Walk
from schemas.facts import Dictionary, Segment

Trace = Callable[[Row], object]
Useless = tuple[str, int | None, int | None]
"""What nobody reads: in words, and the numbers of its element and component."""
Known = tuple[set[tuple[str | None, int]], set[Cell]]
UNTYPED = "?"
"""Of a pair that has a value and no qualifier."""


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
    looped: dict[int, set[str | None]] = field(default_factory=dict)
    """By node the qualifiers with which a loop of the table begins there; None where it takes any."""
    rests: list[tuple[tuple[Node, ...], set[str]]] = field(default_factory=list)
    """What "*" leaves out of pairs: the nodes, and the set of named qualifiers to fill when all rows are known."""
    downs: list[tuple[Rest, bool]] = field(default_factory=list)
    """The loops for "*", but for those within a statement that stands aside; whether in an aside, which only the
    careful way reads."""
    rests_below: list[Rest] = field(default_factory=list)
    """All loops for "*"."""
    plainly: dict[int, set[int]] = field(default_factory=dict)
    asides: dict[int, set[int]] = field(default_factory=dict)
    """Nodes and elements of them that rows outside of asides read, and those that asides read."""
    in_aside: int = 0
    """Whether rows of an aside are compiled (1), or those of a statement in it (2 and more)."""
    usual: dict[int, dict[int, str]] = field(default_factory=dict)
    """By node the elements in which asides read whatever is not this text."""
    runs: list[tuple[Place, set[str], Watched]] = field(default_factory=list)
    """Of asides the pairs that no other row names, and which ones others do."""
    always: dict[int, set[Cell]] = field(default_factory=dict)
    """By node what the table itself says: fixed values and counts."""
    whole: dict[int, set[str]] = field(default_factory=dict)
    """By node the qualifiers of segments that rows for "*" never read, because another row reads them whole."""
    useless: dict[Any, list[Useless]] = field(default_factory=dict)
    """What nobody reads of a segment, by node, shape, trace and further components."""
    parts: Parts = field(default_factory=Parts)
    """Which components rows read, and what tells the others of a segment."""

    def __post_init__(self) -> None:
        self.parts.format = self.dialect.name

    def knows(self, node: Node, place: Place) -> None:
        """Remember that the table itself says what stands at this place of a node."""
        self.always.setdefault(node.id, set()).update((place.qualifier, at, part) for at, part in place.cells)
        self.mapped.setdefault(node.id, set()).add((place.qualifier, place.element))
        self.parts.reads(node, place, 0)

    def reads(self, node: Node, place: Place) -> bool:
        """Whether some row reads what stands at a place of segments like those of the place: one for "*" only where no
        other reads anything of them."""
        near = (None, place.qualifier)
        named = any(qualifier in near and at for qualifier, at in self.mapped.get(node.id, ()))
        readers = near if named else (*near, REST)
        return all(self.parts.is_read(node, readers, at, part) for at, part in place.cells)

    def settle(self) -> None:
        """All rows are known: so is what they name."""
        for nodes, named in self.rests:
            for node in nodes:
                named |= self.paired[node.id] - {REST}
        for down in self.rests_below:
            anyway = down.reads.get(REST)
            for key, reads in down.reads.items():
                whole = reads.whole or bool(anyway and anyway.whole and REST not in down.once)
                self._settle(reads, down.nodes, down.at, key, anyway)
                reads.whole = whole
        self._leave_out_of_rests()

    def _leave_out_of_rests(self) -> None:
        """Find out what no loop for "*" reads of a node."""
        for node in self.nodes[1:]:
            rests = [down for down in self.rests_below if node in down.nodes]
            wholes = [{key for key, reads in down.reads.items() if reads.whole and key != REST} for down in rests]
            if wholes and (whole := set.intersection(*wholes)):
                self.whole[node.id] = whole

    def _settle(
        self, reads: Reads, nodes: Iterable[Node], at: tuple[int, int], key: str | None, anyway: Reads | None
    ) -> None:
        """Find out what is left of segments with a qualifier `key`, which stands `at` a place. `anyway`: what is read
        of them whatever they carry."""
        if anyway and anyway is not reads:
            reads.take(anyway)
        cells = reads.cells | ({at} if key not in (None, REST) else set())
        for node in nodes:
            segment = self.dictionary.segments[node.tag]
            cells |= {(number, part) for q, number, part in self.always.get(node.id, ()) if q in (None, key)}
        if reads.paired:
            cells |= {(number, 0) for number in range(1, len(segment.uses) + 1)}
        reads.elements = frozenset(number for number, _ in cells)
        reads.parts = self.parts.left(segment, cells, reads.elements, False)
        reads.watch = watch(reads.parts)
        for below in reads.kids.values():
            for qualifier, one in below.by.items():
                self._settle(one, (below.node,), below.at, qualifier, below.by.get(None))

    def careful(self) -> tuple[set[int], dict[int, set[int]]]:
        """Nodes of which only asides read anything and not just some elements, and of others the elements that only
        asides do."""
        nodes = {id for id, read in self.asides.items() if id not in self.plainly and (0 in read or not read)}
        plainly = {id: self.plainly.get(id, set()) for id in self.asides.keys() - nodes}
        elements = {id: self.asides[id] - read - {0} for id, read in plainly.items()}
        return nodes, {id: numbers for id, numbers in elements.items() if numbers}

    def loops(self, place: Place) -> None:
        """Remember that a loop of the table begins at this place."""
        for node in place.steps[-1].nodes:
            self.looped.setdefault(node.id, set()).add(place.steps[-1].qualifier)

    def uses(self, place: Place) -> None:
        """Remember that a row reads this place, and the qualifiers on the way to it."""
        above = place.node
        for down in place.steps:
            for node in down.nodes:
                self.mapped.setdefault(node.id, set()).add((down.qualifier, down.at[0] if down.qualifier else 0))
                (self.asides if self.in_aside else self.plainly).setdefault(node.id, set())
            above = down.nodes[0]
        for node in place.steps[-1].nodes if place.steps else (above,):
            read = (self.asides if self.in_aside else self.plainly).setdefault(node.id, set())
            read |= {place.element} if self.in_aside < IN_A_STATEMENT else set()
            if place.pair:
                self.paired.setdefault(node.id, set()).add(place.pair)
            else:
                self.mapped.setdefault(node.id, set()).add((place.qualifier, place.element))
                self.parts.reads(node, place, self.in_aside)
            if place.own:
                self.mapped.setdefault(node.id, set()).add((place.own, place.segment.qualifier[0]))

    def leave_to(self, node: Node, qualifier: str, before: Known) -> None:
        """What rows have read of a node since `before` they read of segments with some qualifier; REST: of what other
        rows leave."""
        known, read = before
        told = self.mapped.setdefault(node.id, set())
        self.mapped[node.id] = known | {(q or qualifier, number) for q, number in told - known}
        self.parts.leave_to(node, qualifier, read)

    def known(self, node: Node) -> Known:
        """What rows read of a node so far."""
        return set(self.mapped.get(node.id, ())), set(self.parts.read.get(node.id, ()))

    def trace(self) -> None:
        """Decide what must be remembered of each segment to tell afterwards what no row reads."""
        for node in self.nodes[1:]:
            segment = self.dictionary.segments[node.tag]
            mapped, pairs = self.mapped.get(node.id, set()), self._paired_elements(node, segment)
            self.parts.watch(node, segment, mapped, pairs, partial(self.readers, node))
            if node.id in self.paired:
                self.traces[node.id] = _pair_qualifiers(segment, self.dialect.value_first)
            elif any(qualifier for qualifier, _ in self.mapped.get(node.id, ())):
                self.traces[node.id] = _qualifier(segment)

    def tell_unmapped(self, walk: Walk) -> None:
        """One note for each place that was filled and that no row reads."""
        nodes = self.nodes
        seen: Iterable[tuple[Any, int]] = walk.seen.items()
        left = ((number, nodes[key[0]], self.left_over(key)) for key, number in seen)
        self.tell((one for one in left if one[2]), walk.report)

    def readers(self, node: Node, qualifier: str | None) -> tuple[str | None, ...]:
        """With which qualifiers rows are named that read a segment with some qualifier: those that read any, too, and
        those that read what others leave, unless another reads all of it."""
        whole = qualifier is not None and qualifier in self.whole.get(node.id, ())
        return (None, qualifier) if whole else (None, qualifier, REST)

    def _halves(self, segment: Segment, shape: tuple[bool, ...], untyped: bool) -> list[Useless]:
        """Numbers of pairs without their kind."""
        told = f"a number in {segment.tag} that does not say of what kind it is"
        found: list[Useless] = [(told, None, None)] if untyped else []
        for at in () if self.dialect.value_first else pair_starts(segment, False):
            kind, number = (*shape[at : at + 2], False, False)[:2]
            if number and not kind:
                found.append((told, at + 1, None))
        return found

    def _paired_elements(self, node: Node, segment: Segment) -> Container[int]:
        """The elements of composites that hold pairs, of which some row reads any."""
        there = node.id in self.paired and self.dialect.value_first
        return pair_slots(segment, True) if there else ()

    def left_over(self, key: Any) -> list[Useless]:
        """`unmapped`, remembered by node, shape and trace: messages of one sender are like each other."""
        known = self.useless.get(key)
        if known is None:
            if len(self.useless) >= CACHED_TEXTS:
                self.useless.clear()
            known = self.useless[key] = self.unmapped(self.nodes[key[0]], *key[1:])
        return known

    def tell(self, left: Iterable[tuple[int, Node, list[Useless]]], report: Report) -> None:
        """Notes of what segments (number, node) leave over; the same of a node only once."""
        told: set[tuple[int, str]] = set()
        for number, node, places in left:
            for words, at, part in places:
                if (node.id, words) not in told:
                    told.add((node.id, words))
                    report.add(
                        "UNMAPPED",
                        segment=number,
                        tag=node.tag,
                        element=at,
                        component=part,
                        item=words,
                        place=f"{node.tag} (segment {number})",
                    )

    def unmapped(
        self, node: Node, shape: tuple[bool, ...], seen: object = None, parts: Iterable[tuple[int, int]] = ()
    ) -> list[Useless]:
        """What of a segment with these elements filled nobody reads, in words and by the numbers of element and
        component; `seen` is what its trace says, `parts` are its components that some row may not read."""
        segment = self.dictionary.segments[node.tag]
        rows = self.mapped.get(node.id, set())
        pairs = self.paired.get(node.id)
        qualifier = seen if isinstance(seen, str) else None
        named = any(q == qualifier for q, _ in rows)
        readers = self.readers(node, qualifier)
        used = {at for q, at in rows if q in readers}
        name = f"{node.tag}[{qualifier}]" if qualifier else node.tag
        looped = self.looped.get(node.id)
        if looped and not named and not looped & {None, REST}:
            used = set()
        if not used and not pairs:
            return [(f"the segment {name} ({segment.name})", None, None)]
        if 0 in used and len(used) == 1 and not pairs and not node.kids:
            used |= {at for q, at in rows if q is None}
        found: list[Useless] = []
        slots: Container[int] = ()
        if pairs is not None and isinstance(seen, tuple):
            odd = [q for q in seen if q not in ("", UNTYPED) and not pairs & {q, REST}]
            found += [(f"the pair {node.tag}{{{q}}}", None, None) for q in odd]
            slots = pair_slots(segment, self.dialect.value_first)
            found += self._halves(segment, shape, UNTYPED in seen and REST not in pairs)
        for at in range(1, min(len(shape), len(segment.uses) + 1)):
            if shape[at] and at not in used and at not in slots and (not qualifier or at != segment.qualifier[0]):
                found.append((f"{name} {item(segment, at, None)}", at, None))
        told = {at for _, at, _ in found}
        for at, part in parts:
            if at not in told and not self.parts.is_read(node, readers, at, part):
                found.append((f"{name} {item(segment, at, part)}", at, part))
        return found


def _qualifier(segment: Segment) -> Trace:
    number, part = segment.qualifier
    return lambda row: element(row, number, part)


def pair_slots(segment: Segment, value_first: bool) -> Container[int]:
    """Element positions that belong to pairs."""
    starts = pair_starts(segment, value_first)
    return starts if value_first else {at + half for at in starts for half in (0, 1)}


def _pair_qualifiers(segment: Segment, value_first: bool) -> Trace:
    starts = pair_starts(segment, value_first)
    if not isinstance(starts, range):
        return lambda row: tuple(element(row, at) for at in starts)
    start, stop = starts.start, starts.stop
    if value_first:
        return lambda row: tuple(component(text, 2) or (UNTYPED if text else "") for text in row[start:stop])
    return lambda row: tuple(row[start:stop:2])
