"""What stands at a known place more often than a table reads it: told once for each place, never dropped in silence."""

from __future__ import annotations

from lxml import etree

from adapters.xml.frame import FrameTable
from adapters.xml.part import Part, Slot
from adapters.xml.place import below
from adapters.xml.report import Report

Told = set[tuple[str, ...]]


def tell_overlooked(part: Part, node: etree._Element, report: Report, told: Told, above: tuple[str, ...] = ()) -> None:
    """One note for each field of `node` for which more was sent than its first value. `told` remembers them."""
    loops = {kid for loop in part.loops for way in loop.ways for kid in below(node, way.steps)}
    for slot in part.slots:
        _slot(slot, node, report, told, above, loops)
    for loop in part.loops:
        for way in loop.ways:
            kids = list(below(node, way.steps))
            key = (*above, way.text)
            if len(kids) > 1 and not loop.many and key not in told:
                told.add(key)
                report.add("MORE-THAN-ONE", kids[1], item=way.text)
            for kid in kids:
                if kid is not node:
                    tell_overlooked(loop.part, kid, report, told, key)


def tell_overlooked_rows(table: FrameTable, node: etree._Element, report: Report, told: Told) -> None:
    """The same for the columns of a frame; what stands around several rows is looked at once."""
    last: list[etree._Element] = []
    for row in below(node, table.path):
        around = [row]
        while around[-1] is not node and (over := around[-1].getparent()) is not None:
            around.append(over)
        for column in table.columns:
            at = column.climb
            if not (last and around[at] is last[at]):
                _slot(column.slot, around[at], report, told, (f"[{at}]",), set())
        last = around


def _slot(slot: Slot, node: etree._Element, report: Report, told: Told, above: tuple[str, ...],
          loops: set[etree._Element]) -> None:
    key = (*above, slot.name)
    if key in told:
        return
    ends: list[etree._Element] = []
    for choice in slot.choices:
        if not choice.place.attribute:
            ends += [end for end in below(node, choice.place.steps) if (end.text or "").strip() and end not in ends]
    for other in ends[1:]:
        if other not in loops and (other.text or "").strip() != (ends[0].text or "").strip():
            told.add(key)
            report.add("MORE-THAN-ONE", other, (other.text or "").strip()[:80], item=str(other.tag))
            return
