"""What the standard demands, a table must be able to write: asked when it is compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.mapping.structure import Node
from hub.errors import BrokenTable

if TYPE_CHECKING:
    from adapters.mapping.message import Message


def demand_mandatory(message: Message) -> None:
    """What the standard demands, the table must be able to write."""
    plan = message.plan
    fixed: dict[int, set[int]] = {}
    for one in message.fixed:
        for node in one.nodes:
            fixed.setdefault(node.id, set()).add(one.place.element)
    for node in plan.nodes:
        if node.qualifier:  # UNS[D]: the structure itself says what stands there
            plan.mapped.setdefault(node.id, set()).add((None, plan.dictionary.segments[node.tag].qualifier[0]))
    written = (
        {node.id for node in plan.nodes if plan.mapped.get(node.id) or plan.paired.get(node.id)} | fixed.keys() | {0}
    )
    for node in plan.nodes[1:]:
        segment = plan.dictionary.segments[node.tag]
        parent_written = node.parent is not None and node.parent.id in written
        if node.must and parent_written and node.id not in written and any(use.required for use in segment.uses):
            raise BrokenTable(f"{message.name}: {node.path} is mandatory, but no row, count or fixed value fills it")
        if node.id in written:
            _demand_elements(message, node, fixed.get(node.id, set()))


def _demand_elements(message: Message, node: Node, fixed: set[int]) -> None:
    plan = message.plan
    segment = plan.dictionary.segments[node.tag]
    filled = {at for _, at in plan.mapped.get(node.id, ())} | fixed
    filled |= {segment.qualifier[0]} if node.qualifier else set()
    if node.id in plan.paired and segment.pairs:
        filled |= set(range(segment.pairs, segment.pairs + 2))
    if not filled - {0}:
        return
    for at, use in enumerate(segment.uses, 1):
        if use.required and at not in filled:
            raise BrokenTable(
                f"{message.name}: {node.path}-{at:02d} ({use.name}) is mandatory, but no row, count or fixed "
                "value fills it"
            )
