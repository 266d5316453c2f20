"""Is one segment right? Where it is, two look-ups say so; where it is not, `faults` names every fault.

Nearly all segments of a file look like one seen before. So each segment keeps the shapes (which elements are filled)
and each element the texts that were found right; only new ones are examined.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from adapters.mapping.dialect import COMPONENT, REPEAT, Dialect, Fault, Row
from schemas.facts import Element, Segment, Use

CACHED_TEXTS = 20_000


class Odd(Exception):
    """The quick look cannot say that all is well."""


@dataclass(frozen=True, slots=True)
class SegmentFault:
    """What is wrong in one segment, and where in it."""

    name: str
    element: int
    component: int | None = None
    repeat: int | None = None
    value: str | None = None
    told: dict[str, Any] | None = None


class RightTexts(dict[str, bool]):
    """Texts of one element that were found right. Asked for a wrong one it raises Odd."""

    def __init__(self, use: Use, fault: Fault) -> None:
        super().__init__({"": True})
        self.use, self.fault = use, fault

    def __missing__(self, text: str) -> bool:
        element = self.use.element
        if element is None or COMPONENT in text or REPEAT in text:
            if next(element_faults(self.use, 0, text, self.fault), None):
                raise Odd(text)
        elif self.fault(element, text):
            raise Odd(text)
        if len(self) >= CACHED_TEXTS:
            self.clear()
            self[""] = True
        self[text] = True
        return True


class AnyText(dict[str, bool]):
    """The tag: right already, or we would not be here."""

    def __missing__(self, text: str) -> bool:
        return True


class RightShapes(dict[tuple[bool, ...], bool]):
    """Shapes of one segment that satisfy its mandatory elements, width and syntax notes. Raises Odd for others."""

    def __init__(self, segment: Segment) -> None:
        super().__init__()
        self.segment = segment

    def __missing__(self, shape: tuple[bool, ...]) -> bool:
        if next(shape_faults(self.segment, shape), None):
            raise Odd(shape)
        self[shape] = True
        return True


class SegmentCheck:
    """The check of one kind of segment in one message; its memory is shared by all messages read by that table."""

    def __init__(self, segment: Segment, dialect: Dialect) -> None:
        self.segment, self.dialect = segment, dialect
        self.shapes = RightShapes(segment)
        self.texts: list[dict[str, bool]] = [AnyText(), *(RightTexts(use, dialect.fault) for use in segment.uses)]

    def faults(self, row: Row) -> list[SegmentFault]:
        """Everything that is wrong in `row`, by element."""
        filled = tuple(map(bool, row))
        found = list(shape_faults(self.segment, filled, row))
        uses = chain.from_iterable(
            element_faults(use, number, text, self.dialect.fault)
            for number, (use, text) in enumerate(zip(self.segment.uses, row[1:], strict=False), 1)
            if text
        )
        return sorted([*found, *uses], key=lambda f: (f.element, f.component or 0))


def shape_faults(segment: Segment, shape: tuple[bool, ...], row: Row | None = None) -> Iterator[SegmentFault]:
    """Mandatory elements that are empty, elements beyond the end, and broken syntax notes (X12.5 section 3.8.3.2)."""
    width = len(segment.uses)
    for number, use in enumerate(segment.uses, 1):
        if use.required and not (number < len(shape) and shape[number]):
            yield SegmentFault("MISSING-ELEMENT", number)
    for number in range(width + 1, len(shape)):
        if shape[number]:
            yield SegmentFault("TOO-MANY-ELEMENTS", number, value=row[number] if row else None)
    for kind, positions in segment.notes:
        there = [p < len(shape) and shape[p] for p in positions]
        told = {"rule": kind + "".join(f"{p:02d}" for p in positions)}
        for name, position in _broken_note(kind, positions, there):
            yield SegmentFault(name, position, told=told)


def _broken_note(kind: str, positions: tuple[int, ...], there: list[bool]) -> list[tuple[str, int]]:
    """P: all or none. R: at least one. E: at most one. C: if the first, then all. L: if the first, then one more. S:
    exactly one (which EDIFACT has as dependency D1)."""
    absent = [p for p, has in zip(positions, there, strict=True) if not has]
    if kind == "P" and any(there) and absent:
        return [("MISSING-CONDITIONAL", absent[0])]
    if kind in "RS" and not any(there):
        return [("MISSING-CONDITIONAL", positions[0])]
    if kind in "ES" and sum(there) > 1:
        return [("EXCLUDED-ELEMENT", [p for p, has in zip(positions, there, strict=True) if has][1])]
    if kind == "C" and there[0] and absent:
        return [("MISSING-CONDITIONAL", absent[0])]
    if kind == "L" and there[0] and not any(there[1:]):
        return [("MISSING-CONDITIONAL", positions[1])]
    return []


def element_faults(use: Use, number: int, text: str, fault: Fault) -> Iterator[SegmentFault]:
    """What is wrong with one filled element, its repetitions and components."""
    repeats = text.split(REPEAT) if REPEAT in text else [text]
    if len(repeats) > max(use.repeat, 1):
        yield SegmentFault("TOO-MANY-REPEATS", number, value=text)
    for count, one in enumerate(repeats, 1):
        repeat = count if len(repeats) > 1 else None
        if use.element is not None:
            yield from _simple_faults(use.element, number, repeat, one, fault)
        else:
            yield from _composite_faults(use, number, repeat, one, fault)


def _simple_faults(
    element: Element,
    number: int,
    repeat: int | None,
    text: str,
    fault: Fault,
) -> Iterator[SegmentFault]:
    if COMPONENT in text:
        if text.strip(COMPONENT) != text.split(COMPONENT)[0]:
            yield SegmentFault("TOO-MANY-COMPONENTS", number, 2, repeat, text)
        text = text.split(COMPONENT)[0]
    if text and (name := fault(element, text)):
        yield SegmentFault(name, number, None, repeat, text)


def _composite_faults(use: Use, number: int, repeat: int | None, text: str, fault: Fault) -> Iterator[SegmentFault]:
    parts = text.split(COMPONENT)
    if any(parts[len(use.parts) :]):
        yield SegmentFault("TOO-MANY-COMPONENTS", number, len(use.parts) + 1, repeat, text)
    for at, part in enumerate(use.parts, 1):
        value = parts[at - 1] if at <= len(parts) else ""
        if not value:
            if part.required and any(parts):
                yield SegmentFault("MISSING-ELEMENT", number, at, repeat)
        elif part.element is not None and (name := fault(part.element, value)):
            yield SegmentFault(name, number, at, repeat, value)


def element_fact(segment: Segment | None, element: int | None, component: int | None) -> Use | None:
    """The use that stands at a place, None beyond what is described."""
    if segment is None or not element or element > len(segment.uses):
        return None
    use = segment.uses[element - 1]
    if component and use.parts:
        return use.parts[component - 1] if component <= len(use.parts) else None
    return use


def item(segment: Segment | None, element: int, component: int | None) -> str:
    """An element in words: "element 2 (Quantity Ordered)"."""
    use = element_fact(segment, element, component)
    number = f"{element}" if not component else f"{element} component {component}"
    return f"element {number} ({use.name})" if use else f"element {number}"
