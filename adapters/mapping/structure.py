"""The printed structure of a message, compiled to one dictionary per node: tag -> where that segment leads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from hub.errors import BrokenTable

_LINE = re.compile(r"(?P<tag>[A-Z0-9]{2,3})(\[(?P<qualifier>\w+)\])?\s+(?P<must>[MOC])\s+(?P<limit>\*|\d+)")
NO_LIMIT = 1 << 60


@dataclass(slots=True)
class Step:
    """Where a segment leads: the node, the mandatory nodes that were passed over, and what else it could be."""

    target: Node
    missing: tuple[Node, ...]
    otherwise: Step | None = None


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """A line of the structure. `last` is the id of its last descendant: ids count in printed order, from 0."""

    tag: str
    must: bool
    limit: int
    id: int
    depth: int
    parent: Node | None = None
    qualifier: str | None = None
    kids: list[Node] = field(default_factory=list)
    last: int = 0
    steps: dict[str, Step] = field(default_factory=dict)
    missing_at_end: tuple[Node, ...] = ()
    way: tuple[int, ...] = ()
    """The ids that lead here from the message, which is not one of them."""

    def __repr__(self) -> str:
        return f"<{self.path}>"  # the whole tree hangs on every node

    @property
    def loop(self) -> str | None:
        """The segment that begins the innermost loop around this one; None at the level of the message."""
        head = self if self.kids else self.parent
        return head.tag if head and head.parent else None

    @property
    def path(self) -> str:
        return f"{self.parent.path}/{self.tag}" if self.parent and self.parent.parent else self.tag


def parse(text: str, head: str, table: str) -> list[Node]:
    """Nodes in printed order, the message itself (tag `head`) first. Raises BrokenTable with the line."""
    root = Node(head, True, 1, 0, 0)
    nodes, open_ = [root], [(-1, root)]
    for line in filter(str.strip, text.splitlines()):
        found = _LINE.fullmatch(line.split("#")[0].strip())
        if not found:
            raise BrokenTable(f"{table}: structure line {line.strip()!r} is not TAG M|O|C max")
        indent = len(line) - len(line.lstrip())
        while open_[-1][0] >= indent:
            open_.pop()
        parent = open_[-1][1]
        limit = NO_LIMIT if found["limit"] == "*" else int(found["limit"])
        node = Node(found["tag"], found["must"] == "M", limit, len(nodes), parent.depth + 1, parent, found["qualifier"])
        node.way = (*parent.way, node.id)
        parent.kids.append(node)
        nodes.append(node)
        open_.append((indent, node))
    for node in reversed(nodes):
        node.last = node.kids[-1].last if node.kids else node.id
    for node in nodes:
        _compile(node)
    _refuse_ambiguity(nodes, table)
    return nodes


def _compile(node: Node) -> None:
    """Fill `steps`: what may follow this node, nearest first; what skips nothing mandatory goes before what does."""
    found: dict[str, list[Step]] = {}
    missing: list[Node] = []

    def scan(kids: list[Node]) -> None:
        for kid in kids:
            found.setdefault(kid.tag, []).append(Step(kid, tuple(missing)))
            if kid.must:
                missing.append(kid)

    scan(node.kids)
    at = node
    while at.parent:
        found.setdefault(at.tag, []).append(Step(at, tuple(missing)))
        siblings = at.parent.kids
        scan(siblings[siblings.index(at) + 1 :])
        at = at.parent
    node.missing_at_end = tuple(missing)
    for tag, steps in found.items():
        steps.sort(key=lambda step: bool(step.missing))
        for step, following in pairwise(steps):
            step.otherwise = following
        node.steps[tag] = steps[0]


def _refuse_ambiguity(nodes: list[Node], table: str) -> None:
    """Two neighbours of one tag could never be told apart: the first one must have a limit or both a qualifier."""
    for node in nodes:
        for first, second in pairwise(node.kids):
            same = first.tag == second.tag and (first.qualifier is None or first.qualifier == second.qualifier)
            if same and first.limit == NO_LIMIT:
                raise BrokenTable(
                    f"{table}: structure is ambiguous, {second.path} can never be reached after {first.path}"
                )
