"""Right to the element, and to the component in it: what a sender may say in a segment that a table reads is in the
document, or a finding names its place, or `implied.toml` says that it means nothing beside the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest

from adapters.mapping.dialect import COMPONENT, Row, element, place_value
from adapters.mapping.fixed import Fixed
from adapters.mapping.parts import implied
from adapters.mapping.place import pair_starts
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.walk import Walk, unfold
from hub.errors import Where
from hub.model.bulk import Bulk
from schemas.facts import Use
from tests.messages.unseen import RELEASES, ROUNDS, Unseen, all_unseen, told, values

MEANS_NOTHING = {
    ("edifact/D96A/DESADV", "CPS", 2): "A level that lies in itself is an outermost one, like one that says nothing.",
    ("edifact/D96A/RECADV", "CPS", 2): "The same.",
    ("edifact/D01B/DESADV", "CPS", 2): "The same.",
    ("edifact/D01B/RECADV", "CPS", 2): "The same.",
    ("edifact/D01B/DESADV", "CPS", 3): "How far outside a level is that holds the whole and is no package itself.",
    ("x12/004010/816", "HL", 4): "Whether levels hang on this one: it says so where that is not as it is.",
    ("x12/004010/856", "HL", 4): "The same.",
    ("x12/004010/857", "HL", 4): "The same.",
    ("x12/005010/816", "HL", 4): "The same.",
    ("x12/005010/857", "HL", 4): "The same.",
}
"""Elements that only say once more what is read anyway, where they agree with it."""


@dataclass(frozen=True)
class Place:
    """One more element or component in a segment of a message that is right."""

    node: Node
    number: int
    part: int
    use: Use
    text: str
    rows: list[Row]


def _mended(unseen: Unseen, node: Node, row: Row, random: Random) -> Row | None:
    """With what its syntax rules demand beside it, None where it cannot be right."""
    fact = unseen.message.plan.dictionary.segments[node.tag]
    for _ in range(ROUNDS):
        fault = next(iter(unseen.message.plan.checks[node.id].faults(row)), None)
        if fault is None:
            return row
        if fault.name not in ("MISSING-CONDITIONAL", "MISSING-ELEMENT"):
            return None
        use = fact.uses[fault.element - 1]
        one = use.parts[fault.component - 1] if fault.component and use.parts else use
        text = values(one.element, unseen.message.plan.dialect.fault, random) if one.element else ""
        place_value(row, fault.element, fault.component or (1 if use.parts else 0), text)
    return None


def places(unseen: Unseen, random: Random) -> Iterator[Place]:
    """Each element and component that is empty in the first segment of every kind, filled with what may stand there. A
    kind of number without the number means nothing: beside one there is a number, too."""
    plan = unseen.message.plan
    seen: set[int] = set()
    rows = [list(row) for row in unseen.rows]
    for found in unfold(Walk(plan, Report(unseen.format, Where()), lambda _: "").run(unseen.head, rows)):
        if found.node.id in seen | {0}:
            continue
        seen.add(found.node.id)
        starts = pair_starts(plan.dictionary.segments[found.node.tag], False)
        for number, use in enumerate(plan.dictionary.segments[found.node.tag].uses, 1):
            for part, one in enumerate(use.parts, 1) if use.parts else [(0, use)]:
                text = values(one.element, plan.dialect.fault, random) if one.element else ""
                if not text or element(found.row, number, part):
                    continue
                row = list(found.row)
                place_value(row, number, part, text)
                if use.number == "C212" and not element(row, number, 1):
                    place_value(row, number, 1, "X1")
                if unseen.format == "x12" and number in starts and not element(row, number + 1):
                    place_value(row, number + 1, 0, "X1")
                if (made := _mended(unseen, found.node, row, random)) is not None:
                    at = found.number - 2
                    yield Place(found.node, number, part, use, text, [*rows[:at], made, *rows[at + 1 :]])


def _is_lost(unseen: Unseen, place: Place, known: set[tuple[str, str]]) -> bool:
    document, findings = unseen.read(place.rows)
    if told(findings) - known or not _same(document, unseen.plain[0]):
        return False
    if (unseen.message.name, place.node.path, place.number) in MEANS_NOTHING:
        return False
    if any(place.node in fixed.nodes and _says(fixed, place) for fixed in unseen.message.fixed):
        return False  # the table always means that
    whole = [one.message for one in findings if one.where.tag == place.node.tag and one.where.element is None]
    if any(f"the segment {place.node.tag}" in message for message in whole):
        return False  # it is named, and all that is in it
    return not (place.part and place.text in implied(unseen.format, place.use, place.part))


def _says(fixed: Fixed, place: Place) -> bool:
    at = (fixed.place.element, fixed.place.component)
    return at == (place.number, place.part) and fixed.value == place.text


def _same(one: object, other: object) -> bool:
    if isinstance(one, Bulk) and isinstance(other, Bulk):
        return bool(one.header == other.header and one.lines.equals(other.lines))
    return bool(one == other)


@pytest.mark.parametrize("releases", RELEASES, ids="-".join)
def test_every_component_of_a_segment_that_is_read_is_kept_or_named(releases: tuple[str, ...]) -> None:
    looked_at = 0
    lost: list[tuple[str, str, int, int]] = []
    for unseen in all_unseen(releases):
        known = told(unseen.plain[1])
        for place in places(unseen, Random(f"0 {unseen.message.name}")):
            looked_at += 1
            if _is_lost(unseen, place, known):
                lost.append((unseen.message.name, place.node.path, place.number, place.part))
    assert lost == []
    assert looked_at > 3500


def test_a_component_without_a_row_is_named_once_and_where_it_stands() -> None:
    unseen = next(one for one in all_unseen() if one.message.name == "edifact/D96A/RETINS")
    at = next(number for number, row in enumerate(unseen.rows) if row[0] == "CDI")
    state = ["CDI", "3E", f"12E{COMPONENT}100{COMPONENT}9"]
    rows = [*unseen.rows[:at], state, *unseen.rows[at + 1:]]
    findings = [one for one in unseen.read(rows)[1] if one.code == "W-EDIFACT-UNMAPPED"]
    assert [(one.where.tag, one.where.element, one.where.component) for one in findings] == [("CDI", 2, 2)]


def test_the_unit_of_a_count_is_kept_beside_it() -> None:
    unseen = next(one for one in all_unseen() if one.message.name == "edifact/D96A/ORDERS")
    rows = [row for row in unseen.rows if row[0] != "CNT"]
    lines = sum(row[0] == "LIN" for row in rows)
    rows += [["CNT", f"2{COMPONENT}{lines}{COMPONENT}PCE"], ["CNT", f"12{COMPONENT}7"]]
    document, findings = unseen.read(rows)
    assert told(findings) == told(unseen.plain[1])
    totals = [(one.kind, one.value, one.unit) for one in document.aside.control_totals]
    assert totals == [("edifact:2", lines, "each"), ("edifact:12", 7, None)]


def test_what_only_repeats_the_rest_of_its_composite_is_not_named() -> None:
    unseen = next(one for one in all_unseen() if one.message.name == "edifact/D96A/ORDERS")
    at = next(number for number, row in enumerate(unseen.rows) if row[0] == "LIN")
    line = list(unseen.rows[at])
    for agency, kept in (("9", False), ("86", True)):
        rows = [*unseen.rows[:at], [*line[:3], f"4012345100013{COMPONENT}EN{COMPONENT * 2}{agency}", *line[4:]],
                *unseen.rows[at + 1:]]
        document, findings = unseen.read(rows)
        assert told(findings) == told(unseen.plain[1])
        assert any(code.agency == agency for code in document.lines[0].item_codes) is kept
