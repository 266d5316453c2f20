"""What a time-phased message says of an item, a place or a row beside its figures: a `LineAside` in the header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adapters.mapping.around import Between
from adapters.mapping.doubles import tell_doubles
from adapters.mapping.maker import PartMaker
from adapters.mapping.part import Part, Slot
from adapters.mapping.report import Report
from adapters.mapping.rest import name_rests
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance
from hub.model.aside import Aside
from hub.model.line_aside import LineAside

NAMES = ("gtin", "buyer_item", "seller_item", "location")
"""Columns that say what a line is about."""


def compile_aside(
    maker: PartMaker, node: Node, slots: Iterable[Slot], taken: Iterable[str], rows: Mapping[int, frozenset[str]]
) -> Part | None:
    """What may be said aside of a loop whose own columns are `slots`; the tags `taken` are read otherwise, and so are
    `rows` (their nodes by id) with these qualifiers."""
    slots = list(slots)
    near = {f"{slot.name} {at}": one.place.text for slot in slots for at, one in enumerate(slot.choices)}
    near |= {tag: f"{tag} -> row" for tag in taken}
    own = maker.beside.aside_own(node, near)
    below = maker.beside.below(Aside, node, {**near, **own}, True)
    if not own and not below:
        return None
    plan = maker.plan
    before, plan.in_aside = plan.in_aside, plan.in_aside or 1
    part = maker.part(Aside, {**own, **below}, node, f"[frame] {node.tag} aside")
    plan.in_aside = before
    for run in part.pairs:
        run.name_rows([tuple(choice.place for choice in slot.choices) for slot in slots])
    rests = name_rests([*slots, *part.slots], part.loops)
    for rest in rests:
        rest.named.update(*(rows.get(one.id, ()) for one in rest.nodes))
    plan.rests_below += rests
    plan.downs += [(down, True) for down in rests]
    return part


Elsewhere = Sequence[tuple[Sequence[Any], int]]
"""Of another path: by level which instance each line belongs to, for the levels that both have; and its first line."""


@dataclass(slots=True)
class Asides:
    """Collects what is said aside on one path of a frame. `parts` by level; `count`: so many instances of each level
    were read."""

    parts: tuple[Part | None, ...]
    report: Report
    wholes: tuple[Part, ...]
    """By level the columns, with what may be said aside of them."""
    header: Part
    between: Sequence[Between | None]
    """By level what a loop says of the rows in it: told at their depth."""
    count: list[int] = field(init=False)
    found: list[tuple[int, int, Aside]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.count = [0] * len(self.parts)

    def read(self, level: int, instance: Instance) -> None:
        """The next instance of a level."""
        at, part, whole = self.count[level], self.parts[level], self.wholes[level]
        self.count[level] = at + 1
        within = whole.reach(instance)
        tell_doubles(whole, within, instance, self.report, None if level else self.header)
        if between := self.between[level]:
            self._read_between(level, at, between, instance)
        if part is None or within.aside is None:
            return
        aside = part.read(instance, self.report, within.aside)
        if aside is not None and aside.model_fields_set:
            self.found.append((level, at, aside))

    def _read_between(self, level: int, at: int, between: Between, instance: Instance) -> None:
        name, part = between
        one = part.read(instance, self.report)
        if one is not None:
            self.found.append((level, at, Aside.model_validate({name: (one,)})))

    def told(
        self, index: list[Any], columns: Mapping[int, Mapping[str, list[Any]]], offset: int, others: Elsewhere = ()
    ) -> list[LineAside]:
        """In the order of the lines. `index` says by level which instance each line belongs to, `columns` what the
        columns of a level say by instance. `others`: where the lines of other paths are that share levels."""
        last = len(index) - 1
        result = []
        for level, at, aside in self.found:
            lines = np.flatnonzero(np.asarray(index[level]) == at)
            names = {name: values[at] for name, values in columns[level].items() if name in NAMES}
            begin = offset
            for there, begin_there in others if not len(lines) else ():
                if level < len(there) and not len(lines):
                    lines, begin = np.flatnonzero(np.asarray(there[level]) == at), begin_there
            first = int(lines[0]) + begin if len(lines) else None
            depth = 0 if self.between[level] else last - level
            result.append(LineAside(first=first, count=len(lines), depth=depth, aside=aside, **names))
        return sorted(result, key=lambda one: (one.first is None, one.first or 0, -one.depth))


def by_line(asides: Iterable[LineAside]) -> dict[tuple[int, int], LineAside]:
    """By the first line and the depth at which they are written."""
    return {(one.first, one.depth): one for one in asides if one.first is not None}
