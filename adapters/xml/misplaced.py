"""Why an element must not stand where it does: in words, from what the standard allows in the element around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lxml import etree

from schemas.components import UNBOUNDED, Child


@dataclass(frozen=True, slots=True)
class Allowed:
    """An element that may stand at its place in another one, as "{namespace}name"."""

    tag: str
    least: int
    most: int


Content = Callable[[etree._Element], Sequence[Allowed] | None]
"""What may stand in an element, in order; None for one that nothing is known of."""


def allowed(children: Sequence[Child], tag: Callable[[Child], str]) -> tuple[Allowed, ...]:
    """The facts of an element's children; `tag` gives the full name of each."""
    return tuple(Allowed(tag(child), child.least, child.most) for child in children)


def why(node: etree._Element, content: Content, name: Callable[[str], str]) -> str | None:
    """What is wrong about the place of `node`; `name` shortens full names. None where nothing is known."""
    parent = node.getparent()
    rows = content(parent) if parent is not None else None
    if parent is None or rows is None:
        return None
    places = {row.tag: at for at, row in enumerate(rows)}
    if node.tag not in places:
        return f"{name(str(parent.tag))} has no such element"
    at, before = places[str(node.tag)], [str(kid.tag) for kid in node.itersiblings(preceding=True)]
    if rows[at].most != UNBOUNDED and before.count(str(node.tag)) >= rows[at].most:
        return f"{name(str(parent.tag))} has no more than {rows[at].most} of it"
    for row in rows[:at]:
        if row.least and row.tag not in before:
            later = next(node.itersiblings(row.tag), None) is not None
            return f"it belongs behind {name(row.tag)}" if later else f"{name(row.tag)} is missing before it"
    over = [tag for tag in before if places.get(tag, -1) > at]
    return f"it belongs before {name(over[-1])}" if over else None
