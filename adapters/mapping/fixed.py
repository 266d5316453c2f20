"""What a table itself says: values that are written with their segment and expected on reading, and counts."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.mapping.codecs import plain
from adapters.mapping.dialect import element
from adapters.mapping.frame import FrameShape
from adapters.mapping.part import Part
from adapters.mapping.place import Binder, Place
from adapters.mapping.plan import Plan
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.telling import tell_left, words
from adapters.mapping.walk import Instance
from hub.errors import BrokenTable

ANY = "*"
"""In the list of a fixed value: whatever else is sent is as good."""
ORDINAL = "#"
"""A fixed value that counts: the first such segment is 1, the next 2. Any number is right on reading."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that is written with its segment and expected on reading (or one of `accepted`); `count` instead holds
    the counted node."""

    place: Place
    nodes: tuple[Node, ...]
    value: str
    qualifier: str | None
    count: Node | None = None
    accepted: frozenset[str] = frozenset()
    source: Place | None = None
    """Where the value is taken from when nothing else fills this one (`"BFR-06" = "=LIN/FST-04"`); only written."""
    adds: bool = False
    """`"G76-01" = "=+G68-01"`: the sum of all such values."""
    beside: Place | None = None
    """`"SAC-06 with SAC-07"`: only written where that other element is filled."""
    alone: frozenset[int] = frozenset()
    """Nodes of which nobody reads this one where that is empty: it is told."""


def tell_alone(root: Instance, fixed: Fixed, there: Container[object], report: Report) -> None:
    """Note the first value that goes with another one which is not there."""
    for found in instances(root, fixed, there):
        if found.node.id in fixed.alone and fixed.beside and fixed.place.cut(found) and not fixed.beside.cut(found):
            place = fixed.place
            tell_left(report, found, place.element, place.component or None, f"{found.node.tag} {words(place)}")
            break


def taken_from(fixed: Fixed, root: Instance) -> str:
    """The value that stands elsewhere, or the sum of all that do."""
    source = fixed.source
    if source is None or not fixed.adds:
        return source.get(root)[0] if source else ""
    return plain(sum((Decimal(text) for found in source.find(root) if (text := source.cut(found))), Decimal(0)))


def instances(root: Instance, fixed: Fixed, there: Container[object] | None = None) -> Iterable[Instance]:
    """All segments of a tree that a fixed value or count applies to. `there`: the nodes (by id) that the tree has,
    where that is known."""
    at = fixed.place.segment.qualifier
    for node in fixed.nodes:
        for instance in _of_node(root, node) if there is None or node.id in there else ():
            if fixed.qualifier is None or element(instance.row, *at) == fixed.qualifier:
                yield instance


def _of_node(root: Instance, node: Node) -> Iterable[Instance]:
    """All instances of one node, looked for along its path only, as far as that leads."""
    level: Sequence[Instance] = (root,)
    for step in node.way:
        level = [kid for above in level for kid in above.kids.get(step, ())]
        if not level:
            break
    return level


# -- compiling -------------------------------------------------------------------------------------------------------


def _everywhere(name: str, text: str, binder: Binder, plan: Plan, where: str) -> tuple[Place, tuple[Node, ...]]:
    """A place of [fixed] or [count] and all nodes it applies to: every segment of that name, or those on its path."""
    *above, last = text.strip().split("/")
    tag = last[:3].rstrip("-[{")
    path = "/".join([*above, tag])
    nodes = tuple(node for node in plan.nodes[1:] if node.path == path or node.path.endswith("/" + path))
    if not nodes:
        raise BrokenTable(f"{name} {where}: the structure has no {path}")
    return binder.bind(last, nodes[0].parent or plan.nodes[0], where), nodes


def _reached(plan: Plan) -> set[int]:
    """The nodes that some row reads, and those on the way to them."""
    reached: set[int] = set()
    for at in plan.mapped.keys() | plan.paired.keys():
        node: Node | None = plan.nodes[at]
        while node and node.id not in reached:
            reached.add(node.id)
            node = node.parent
    return reached


def compile_fixed(name: str, rows: Mapping[str, Any], binder: Binder, plan: Plan) -> Iterable[Fixed]:
    """The values of `[fixed]`, when all other rows are compiled. Raises BrokenTable."""
    for row, value in rows.items():
        text, _, other = row.partition(" with ")
        place, nodes = _everywhere(name, text, binder, plan, f"[fixed] {row}")
        beside = _everywhere(name, other, binder, plan, f"[fixed] {row}")[0] if other else None
        used = _reached(plan)
        nodes = tuple(node for node in nodes if node.id in used or (node.must and not beside))
        alone = frozenset(node.id for node in nodes if beside is not None and not plan.reads(node, place))
        for node in nodes:
            plan.knows(node, place)
        first, *others = value if isinstance(value, list) else [value]
        adds = str(first).startswith("=+")
        named = first[1 + adds :] if str(first).startswith("=") else ""
        source = binder.bind(named, plan.nodes[0], f"[fixed] {text}") if named else None
        accepted = frozenset(map(str, others))
        yield Fixed(place, nodes, str(first), place.qualifier, None, accepted, source, adds, beside, alone)


def compile_counts(
    name: str,
    rows: Mapping[str, str],
    binder: Binder,
    plan: Plan,
    part: Part,
    shape: FrameShape | None,
) -> Iterable[Fixed]:
    """What `[count]` counts. Raises BrokenTable."""
    for text, counted in rows.items():
        place, nodes = _everywhere(name, text, binder, plan, f"[count] {text}")
        plan.uses(place)
        for node in nodes:
            plan.knows(node, place)
        yield Fixed(place, nodes, "", place.qualifier, _counted(name, text, counted, plan, part, shape))


def _counted(name: str, text: str, counted: str, plan: Plan, part: Part, shape: FrameShape | None) -> Node:
    """The loop that a count counts: the one of a field, of the frame's lines, or named by its path."""
    for loop in part.loops:
        if loop.name == counted:
            return loop.ways[0][-1].nodes[0]
    if shape and counted == "lines":
        return shape.path[-2] if len(shape.path) > 1 else shape.path[-1]
    for node in plan.nodes[1:]:
        if node.path == counted:
            return node
    raise BrokenTable(f"{name} [count] {text}: there is neither a field nor a loop {counted!r}")
