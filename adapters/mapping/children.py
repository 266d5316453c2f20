"""What a loop says of others below it (HL-04 of X12: 1, there are some; 0, there are none), held against what is there.

`schemas/<format>/beside.toml` names the places once for all messages of a format:

    [children]
    HL = "HL-01 HL-02 HL-04"      the number of a loop, that of the loop that it lies in, and what it says

Where it agrees it says nothing; where it does not, a level may have got lost on the way: that is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from adapters.mapping.place import Binder, Place
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.telling import tell
from adapters.mapping.walk import Instance

SOME, NONE = "1", "0"
Levels = Iterable[tuple[Instance, bool]]
"""Loops, and whether another one lies in each."""


@dataclass(frozen=True, slots=True)
class Children:
    """The loops of one node: their number, their parent's, and what they say of those below."""

    node: Node
    id: Place
    parent: Place
    says: Place

    def levels(self, root: Instance) -> Iterator[tuple[Instance, bool]]:
        """By what the loops name as their parents."""
        loops = root.kids.get(self.node.id, ())
        parents = {self.parent.cut(loop) for loop in loops}
        return ((loop, self.id.cut(loop) in parents) for loop in loops)

    def tell(self, levels: Levels, report: Report) -> None:
        """Note each loop that says something else than there is."""
        for loop, has in levels:
            said = self.says.cut(loop)
            if said == (NONE if has else SOME):
                tell(report, "HL-CHILD", self.says, loop, said, actual="are some" if has else "are none")


def children(places: Mapping[str, str], binder: Binder, root: Node) -> Children | None:
    """Raises BrokenTable where one of the places is not there; None where a message has no such loops."""
    node = next((node for node in root.kids if node.tag in places), None)
    if node is None:
        return None
    id, parent, says = (binder.bind(text, node, f"[children] {node.tag}") for text in places[node.tag].split())
    return Children(node, id, parent, says)
