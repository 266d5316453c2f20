"""Which components of its composites a table reads: of the others, those that say something are named.

What a component says may only repeat what the table's reading implies: that the codes of UN/EDIFACT are kept by the
United Nations, and a GLN by GS1. Such values stand in `schemas/<format>/implied.toml`, each with its reason:

    [3055]                       the number of a data element, in whatever composite
    6 = "UN/ECE keeps the code lists of the directory."
    ["C212.4"]                   or the component of one composite, for which the other rows do not hold then
    91 = { component = "2", says = "SA", reason = "..." }       only where its second component says SA
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from adapters.mapping.filled import Silent, Watch, Watched, watch
from adapters.mapping.structure import Node
from schemas import facts
from schemas.facts import Segment, Use

if TYPE_CHECKING:
    from adapters.mapping.place import Place

__all__ = ["Cell", "Parts", "watch"]

Cell = tuple[str | None, int, int]
"""The qualifier of a segment (None: any), an element and its component; component 0: all of them."""
REST = "*"
ANY = (None, REST)
"""Rows that read whatever a segment carries, and those that read what the others leave."""
IN_A_STATEMENT = 2
PAIR = (1, 2)
"""The components that the value and the qualifier of a pair are."""


@dataclass(slots=True)
class Parts:
    """Of one message table, by node id: the components that rows `read`, and those that must be `watched`."""

    format: str = ""
    read: dict[int, set[Cell]] = field(default_factory=dict)
    watched: dict[int, Watched] = field(default_factory=dict)
    watches: dict[int, Watch] = field(default_factory=dict)
    plainly: dict[int, set[tuple[int, int]]] = field(default_factory=dict)
    aside: dict[int, set[tuple[int, int]]] = field(default_factory=dict)
    """What rows outside of asides read, and what those of asides do, which is left to the careful way."""

    def reads(self, node: Node, place: Place, in_aside: int) -> None:
        """A row reads this place of a node: one `in_aside` (1), in a statement in one (2 and more), or another."""
        read = self.read.setdefault(node.id, set())
        read |= {(place.qualifier, at, part) for at, part in place.cells}
        if in_aside < IN_A_STATEMENT:
            by = (self.aside if in_aside else self.plainly).setdefault(node.id, set())
            by |= place.cells

    def leave_to(self, node: Node, qualifier: str, before: set[Cell]) -> None:
        """What was read since `before` is read of segments with some qualifier only."""
        told = self.read.get(node.id, set())
        self.read[node.id] = before | {(q or qualifier, at, part) for q, at, part in told - before}

    def known(self, node: Node, qualifiers: Container[str | None]) -> set[tuple[int, int]]:
        """The elements and components that are read of segments with one of these qualifiers."""
        return {(at, part) for q, at, part in self.read.get(node.id, ()) if q in qualifiers}

    def is_read(self, node: Node, qualifiers: Container[str | None], at: int, part: int) -> bool:
        """Whether rows read a component of segments with one of these qualifiers."""
        known = self.known(node, qualifiers)
        return (at, part) in known or (at, 0) in known

    def left(
        self, segment: Segment, known: Collection[tuple[int, int]], elements: Container[int], named: bool = True
    ) -> Watched:
        """Of the composites among some elements the components that are not `known`. The qualifier is, where rows name
        any (`named`)."""
        left: Watched = {}
        for at, use in enumerate(segment.uses, 1):
            if use.parts and at in elements and (at, 0) not in known:
                parts = set(range(1, len(use.parts) + 1)) - {part for number, part in known if number == at}
                parts -= {segment.qualifier[1]} if named and at == segment.qualifier[0] else set()
                if parts:
                    left[at] = {part: implied(self.format, use, part) for part in sorted(parts)}
        return left

    def behind_pairs(self, places: Iterable[Place]) -> Watched:
        """The components behind the value and qualifier of pairs, which a row reads."""
        watched: Watched = {}
        for place in places if self.format == "edifact" else ():
            for at in place.slots:
                use = place.segment.uses[at - 1]
                watched[at] = {part: implied(self.format, use, part) for part in range(3, len(use.parts) + 1)}
                for node in place.steps[-1].nodes if place.steps else (place.node,):
                    self.read.setdefault(node.id, set()).add((place.qualifier, at, 0))
        return watched

    def watch(
        self, node: Node, segment: Segment, mapped: set[tuple[str | None, int]], pairs: Container[int],
        readers: Callable[[str | None], Container[str | None]],
    ) -> None:
        """All rows are known: so are the components that must be looked at: those that are not read of segments with
        each of the qualifiers that rows name. `pairs` are elements that hold pairs; `readers`: with which qualifiers
        rows are named that read a segment with one."""
        read = self.read.setdefault(node.id, set())
        read |= {(None, at, part) for at in range(1, len(segment.uses) + 1) if at in pairs for part in PAIR}
        elements = {at for _, at in mapped} | {at for _, at, _ in read}
        named = node.qualifier is not None or any(q for q, _ in mapped)
        kinds: set[str | None] = {q for q, _ in mapped if q not in ANY}
        kinds |= {None} if not kinds or any(q in ANY for q, _ in mapped) else set()
        known = set.intersection(*(self.known(node, readers(kind)) for kind in kinds))
        if left := self.left(segment, known, elements, named):
            self.watched[node.id] = left
            self.watches[node.id] = watch(left)  # type: ignore[assignment]  # there is something to watch

    def careful(self, node: Node, segment: Segment) -> Watched:
        """The components that only asides read."""
        aside = self.aside.get(node.id, set())
        left: Watched = {}
        for at, part in sorted(aside - self.plainly.get(node.id, set())):
            if segment.uses[at - 1].parts and (at, 0) not in aside:
                left.setdefault(at, {})[part] = implied(self.format, segment.uses[at - 1], part)
        return left


@lru_cache(maxsize=4096)
def implied(format: str, use: Use, part: int) -> Silent:
    """The texts that say nothing in a component of a composite; those that its own row names, else those of its data
    element."""
    rows = facts.implied(format)
    own = rows.get(f"{use.number}.{part}")
    return _texts(rows.get(use.parts[part - 1].number, {}) if own is None else own)


def _texts(rows: Mapping[str, str | Mapping[str, str]]) -> Silent:
    """Beside which texts of another component each says nothing, as (component, texts); None where it never does."""
    beside = {text: row for text, row in rows.items() if not isinstance(row, str)}
    return {text: _beside(beside[text]) if text in beside else None for text in rows}


def _beside(row: Mapping[str, str]) -> tuple[int, frozenset[str]]:
    return int(row["component"]), frozenset(row["says"].split())
