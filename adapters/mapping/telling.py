"""What is told of one value of a part: where it stands, in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from adapters.mapping.dialect import component
from adapters.mapping.place import Place
from adapters.mapping.report import Report
from adapters.mapping.segment import item
from adapters.mapping.walk import Instance
from hub.errors import Severity

if TYPE_CHECKING:
    from adapters.mapping.part import Choice, Slot


def tell(report: Report, name: str, at: Place, found: Instance, value: str | None, /, **told: Any) -> None:
    report.add(
        name,
        segment=found.number,
        tag=found.node.tag,
        element=at.element or None,
        component=at.component or None,
        value=value,
        item=words(at),
        loop=found.node.loop,
        **told,
        place=f"{found.node.tag} (segment {found.number})",
    )


def tell_left(report: Report, found: Instance, at: int | None, part: int | None, item: str) -> None:
    """Note that nobody reads what stands at an element and component of a segment; None: all of it."""
    report.add(
        "UNMAPPED",
        segment=found.number,
        tag=found.node.tag,
        element=at,
        component=part,
        item=item,
        place=f"{found.node.tag} (segment {found.number})",
    )


def is_wrong(report: Report) -> bool:
    """Whether something was told already that costs the document."""
    return any(found.severity is Severity.ERROR for found in report.findings)


def words(place: Place) -> str:
    """What stands at a place, in words."""
    if place.pair:
        return f"the value with qualifier {place.pair}"
    return item(place.segment, place.element, place.component or None)


def tell_unreadable(slot: Slot, choice: Choice, text: str, found: Instance, report: Report) -> None:
    at = choice.place.element or None
    told = (found.number, at) in report.faulty
    shown = component(text, 2) if choice.codec.whole else text
    if choice.codec.kind is date:
        if not told:
            tell(report, "INVALID-DATE", choice.place, found, shown, form="CCYYMMDD")
        return
    if choice.codec.words is not None and not slot.required:
        if not told:
            tell(report, "UNKNOWN-WORD", choice.place, found, shown, known=choice.codec.wanted.removeprefix("one of "))
    elif not told:
        tell(report, "UNREADABLE", choice.place, found, shown, wanted=choice.codec.wanted)
