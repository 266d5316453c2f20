"""Loops that stand in one another, where the document knows them side by side.

A catalogue holds its lines in a row; a message holds them in groups (PGI/LIN). Lines are written into the group that is
there, all of them. A group of which the document says something is written behind them, with the number of its first
line: that line and those behind it move into it.
"""

from __future__ import annotations

from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance
from hub.errors import Reject

GATHERS = "gathers"
"""Of a model: the field that holds the number of the first one."""


def gather(made: Instance, above: Instance, node: Node) -> None:
    """Move into `made` the loops of `node` that belong there, from the loop of its kind that stands before it: it has
    only the number of the first one. Raises Reject where there is none with that number."""
    named = made.kids.get(node.id)
    if not named:
        return
    *_, before, _ = (None, *above.kids[made.node.id])
    others = before.kids.get(node.id, []) if before else []
    at = next((at for at, kid in enumerate(others) if kid.row[1:2] == named[0].row[1:2]), None)
    if at is None or before is None:
        raise Reject(f"there is no {node.tag} {named[0].row[1]}", reason="NOT_WRITABLE")
    made.kids[node.id], before.kids[node.id] = others[at:], others[:at]
    if not at:
        del before.kids[node.id]
