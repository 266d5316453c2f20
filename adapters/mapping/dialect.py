"""What the formats do differently, as far as the table engine must know."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.facts import Element

COMPONENT = "\x1f"
"""Stands between the components of a composite in every row, whatever the file uses."""
REPEAT = "\x1e"
"""Stands between the repetitions of an element."""

Row = list[str]
Fault = Callable[[Element, str], str | None]


@dataclass(frozen=True, slots=True)
class Dialect:
    """`fault(element, text)` names what is wrong with a non-empty text, None if nothing; `head` and `tail` are the tags
    around a message; `value_first` says that a pair is a composite value.qualifier and not two elements."""

    name: str
    head: str
    tail: str
    fault: Fault
    value_first: bool
    mark: str = "decimal point"
    shapes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Named shapes that no row can say (`shape = "packing"`): name -> `adapters.mapping.shape.ShapeMaker`."""


def component(text: str, number: int) -> str:
    """The `number`-th component of an element (1 is the first), "" where there is none; 0 is the whole element."""
    if not number:
        return text
    parts = text.split(COMPONENT)
    return parts[number - 1] if number <= len(parts) else ""


def element(row: Row, number: int, part: int = 0) -> str:
    """Element `number` of a row, or one of its components; "" where there is none."""
    if number >= len(row):
        return ""
    return component(row[number], part) if part else row[number]


def place_value(row: Row, number: int, part: int, text: str) -> None:
    """Write `text` into an element or component of `row`, which grows as needed."""
    while len(row) <= number:
        row.append("")
    if part:
        parts = row[number].split(COMPONENT)
        parts += [""] * (part - len(parts))
        parts[part - 1] = text
        text = COMPONENT.join(parts)
    row[number] = text


def without_bare_ends(text: str, between: str, end: str) -> str:
    """Segments without the component separators behind the last thing that an element says: they say nothing, and a
    text that has no components would keep them."""
    if COMPONENT + between not in text and COMPONENT + end not in text and not text.endswith(COMPONENT):
        return text
    signs = re.escape(between + end)
    return re.sub(f"(?<=[^{signs}{COMPONENT}{REPEAT}]){COMPONENT}+(?=[{signs}]|\\Z)", "", text)


def trimmed(row: Row) -> Row:
    """The row without empty elements and components at the ends, as both standards want it."""
    shorter = [text.rstrip(COMPONENT) for text in row]
    while len(shorter) > 1 and not shorter[-1]:
        shorter.pop()
    return shorter
