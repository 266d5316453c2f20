"""What a row wrote into a segment of its own, and a loop for "*" writes again with more beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.mapping.down import Down
from adapters.mapping.place import Place
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance
from hub.errors import Where

if TYPE_CHECKING:
    from adapters.mapping.part import Slot


def way_to(made: Instance, steps: tuple[Down, ...], above: Instance) -> list[Instance]:
    """The segments from one above to the one that a new segment stands below."""
    way = [above]
    for step in steps:
        kids = list(step(way[-1]))
        way.append(next((kid for kid in kids if made in kid.kids.get(made.node.id, ())), kids[-1]))
    return way


def leave_one(way: list[Instance], made: Instance, slots: tuple[Slot, ...]) -> None:
    """Take back what rows wrote further down, where the new segment says the same and more."""
    kids = way[-1].kids[made.node.id]
    near = [s for s in slots if any(c.place.steps and made.node in c.place.steps[-1].nodes for c in s.choices)]
    said = said_alone(near, way, made)
    same = next((kid for kid in kids if kid is not made and said_alone(near, way, kid) == said), None)
    if same is not None:
        kids.remove(same)


def is_of(place: Place, node: Node) -> bool:
    return bool(place.steps) and any(one is node for one in place.steps[0].nodes)


def changes(slots: list[Slot], above: Instance, made: Instance) -> bool:
    """Whether other rows read something else because of a segment."""
    report = Report("", Where())
    now = [slot.read(above, report) for slot in slots]
    kids = above.kids.pop(made.node.id)
    above.kids[made.node.id] = [kid for kid in kids if kid is not made]
    before = [slot.read(above, report) for slot in slots]
    above.kids[made.node.id] = kids
    return now != before


def take_over(made: Instance, others: list[Instance], kids: list[Instance]) -> None:
    """What stands below another segment that says nothing of its own belongs below the one that does."""
    for other in others:
        apart = not (other.kids.keys() & made.kids.keys())
        if apart and all(not text or made.row[at : at + 1] == [text] for at, text in enumerate(other.row)):
            made.kids.update(other.kids)
            kids.remove(made)
            kids[kids.index(other)] = made
            return


def said_alone(slots: list[Slot], way: list[Instance], kid: Instance) -> list[Any]:
    """What rows read where nothing but this segment stands below the last of those on the way to it."""
    alone = [Instance(one.node, one.row, one.number) for one in way]
    for above, below in zip(alone, [*alone[1:], kid], strict=True):
        above.kids = {below.node.id: [below]}
    report = Report("", Where())
    return [slot.read(alone[0], report) for slot in slots]
