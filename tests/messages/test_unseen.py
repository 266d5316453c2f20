"""Messages that nobody has sent hold what those that were sent could not show: see unseen.py."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from adapters.mapping.message import Message
from adapters.mapping.structure import Node
from hub.model.bulk import Bulk
from tests.messages.unseen import Unseen, all_unseen, told

LEFT = {"UNMAPPED", "UNKNOWN-WORD"}
AT_LEAST = 0.95
"""The share of optional segments that are mapped whole, each put alone into a right message; measured: 0.958."""
EMPTY = {
    *((name, "LIN/IMD") for name in ("ORDCHG", "ORDERS", "ORDRSP", "RETINS")),  # IMD+A: of no description
    ("DESADV", "CPS/LIN/IMD"), ("RECADV", "CPS/LIN/IMD"),
    ("INVOIC", "LIN/ALC/PCD"), ("RETANN", "LIN/PRI"),  # PCD+1, PRI+1: of no number
    ("880", "ENT"),  # ENT*1: the number of an entity that is not named
}
"""Segments that are right and empty: nothing is said but what kind of nothing it is."""


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Bulk) and isinstance(other, Bulk):
        return bool(one.header == other.header and one.lines.equals(other.lines))
    return bool(one == other)


def _says_nothing(message: Message, node: Node, unseen: Unseen, rows: list[list[str]]) -> bool:
    """Whether all that is new stands where the table takes anything for what it always writes: numbers of lines,
    qualifiers of what is not there, counts."""
    new = [row for row in rows if row not in unseen.rows]
    always = {(one.tag, fixed.place.element) for fixed in message.fixed for one in fixed.nodes}
    return all((row[0], at) in always for row in new for at, text in enumerate(row) if at and text)


def test_of_ten_optional_segments_of_the_standard_nine_are_mapped_and_the_others_are_named() -> None:
    seen: Counter[str] = Counter()
    silent = set()
    for unseen in all_unseen():
        known = told(unseen.plain[1])
        for node, rows in unseen.each(Random(f"0 {unseen.message.name}")):
            document, findings = unseen.read(rows)
            new = told(findings) - known
            left = document is None or bool(LEFT & {name for name, _ in new})
            seen["left" if left else "mapped"] += 1
            if not new and _same(document, unseen.plain[0]) and not _says_nothing(unseen.message, node, unseen, rows):
                silent.add((unseen.message.name.rpartition("/")[2], node.path))
    assert silent <= EMPTY
    assert seen["left"] + seen["mapped"] > 1900
    assert seen["mapped"] / (seen["left"] + seen["mapped"]) >= AT_LEAST
