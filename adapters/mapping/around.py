"""What a loop says of the rows in it, where other rows of the item stand in none: how they are delivered (X12 SDP).

Read, it stands aside of these rows (`LineAside` of depth 0, with their count); they are written into the loop again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adapters.mapping.annotations import fields_of, unwrapped
from adapters.mapping.maker import PartMaker
from adapters.mapping.part import Part, Slot
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance
from hub.model.aside import Aside
from hub.model.line_aside import LineAside

if TYPE_CHECKING:
    from adapters.mapping.frame import FrameShape

Between = tuple[str, Part]
"""The field of an aside in which a loop around some of the rows says something of them, and how it is read."""


def compile_between(maker: PartMaker, node: Node, slots: Iterable[Slot]) -> Between | None:
    """What a loop that stands around rows on some paths only says of these rows (X12 SDP: how they are delivered).
    None where columns are read of it, or an aside has no field for it."""
    if list(slots):
        return None
    for name, tags in maker.beside.fields.items():
        if node.tag not in tags or name not in Aside.model_fields:
            continue
        model = unwrapped(fields_of(Aside)[name].annotation)[0]
        if rows := maker.beside.own(model, node, {}):
            plan = maker.plan
            before, plan.in_aside = plan.in_aside, plan.in_aside or 1
            part = maker.part(model, rows, node, f"[frame] {node.tag} of its rows")
            plan.in_aside = before
            return name, part
    return None


@dataclass(slots=True)
class Around:
    """Which lines of a document are written into such a loop, by their number: the path on which they stand, the level
    of the loop, and what is said of them."""

    of: dict[int, tuple[FrameShape, int, LineAside]] = field(default_factory=dict)
    held: tuple[LineAside, Instance, Instance] | None = None
    """The loop that is open: of which statement, and below which segment."""

    @classmethod
    def said(cls, asides: Iterable[LineAside], shapes: Sequence[FrameShape]) -> tuple[Around, list[LineAside]]:
        """With what is said otherwise."""
        around, rest = cls(), []
        for one in asides:
            found = next(_loops(one, shapes), None)
            if found is None or one.first is None:
                rest.append(one)
                continue
            around.of.update(dict.fromkeys(range(one.first, one.first + one.count), (*found, one)))
        return around, rest

    def write(
        self, number: int, row: Mapping[str, Any], aside: LineAside | None, open_: list[Instance]
    ) -> Instance:
        """One line, below the segments that are open."""
        shape, level, said = self.of[number]
        loop = self._loop(shape, level, said, open_)
        last = len(shape.path)
        made = shape.open(last, [*open_[:level], loop])
        near = tuple(column.slots[0][1] for column in shape.columns if column.slots[0][0] == last)
        for slot in near:
            if row[slot.name] is not None:
                slot.write(row[slot.name], made)
        if aside is not None and (part := shape.asides[last]):
            part.write(aside.aside, made, near)
        return made

    def _loop(
        self, shape: FrameShape, level: int, said: LineAside, open_: list[Instance]
    ) -> Instance:
        above, between = open_[level - 1], shape.between[level]
        if self.held and self.held[0] is said and self.held[1] is above:
            return self.held[2]
        loop = shape.open(level, open_[:level])
        if between:
            name, part = between
            part.write(getattr(said.aside, name)[0], loop)
        self.held = (said, above, loop)
        return loop


def _loops(said: LineAside, shapes: Sequence[FrameShape]) -> Iterator[tuple[FrameShape, int]]:
    """The loops that say it."""
    for shape in shapes:
        for level, between in enumerate(shape.between):
            if between and not said.depth and said.aside and len(getattr(said.aside, between[0])) == 1:
                yield shape, level
