"""Right to the element, and to the component in it: what a sender may say in a segment that a table reads is in the
document, or a finding names its place, or `implied.toml` says that it means nothing beside the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from adapters.mapping.dialect import COMPONENT, Row, element, place_value
from adapters.mapping.parts import implied
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.walk import Walk, unfold
from hub.errors import Where
from hub.model.bulk import Bulk
from schemas.facts import Use
from tests.messages.unseen import ROUNDS, Unseen, all_unseen, told, values

STILL_SILENT = {
    "edifact": {
        "APERAK": {"ERC/RFF/FTX"}, "DELFOR": {"NAD"}, "DESADV": {"RFF", "CPS", "CPS/PAC/PCI/GIN"}, "IFTMIN": {"TOD"},
        "IFTSTA": {"NAD"}, "INVOIC": {"CUX", "PAT"}, "PARTIN": {"NAD/TOD/LOC"}, "PRICAT": {"CUX"},
        "RECADV": {"CPS", "CPS/PAC/PCI/GIN"},
    },
    "x12": {
        "816": {"HL", "HL/N1/N4"}, "846": {"LIN"}, "852": {"LIN"}, "856": {"HL", "HL/REF", "HL/DTM"},
        "857": {"HL", "HL/G05/DTM", "HL/G05/N9", "HL/PAL/MAN", "HL/IT1/PO4", "HL/IT1/PID"}, "862": {"LIN/SDP"},
        "867": {"PTD/QTY/LIN"}, "876": {"G68"}, "880": {"G17"}, "888": {"G53/G39", "G53/G39/G55"},
    },
}
"""Segments of which some element is read for one qualifier and lost for another, stands a second time where there is
room for one, or is a fixed value of which any is taken: faults that are known, and must not grow."""
AT_MOST = 92
"""Places in them, of 3,818."""


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
        for number, use in enumerate(plan.dictionary.segments[found.node.tag].uses, 1):
            for part, one in enumerate(use.parts, 1) if use.parts else [(0, use)]:
                text = values(one.element, plan.dialect.fault, random) if one.element else ""
                if not text or element(found.row, number, part):
                    continue
                row = list(found.row)
                place_value(row, number, part, text)
                if use.number == "C212" and not element(row, number, 1):
                    place_value(row, number, 1, "X1")
                if (made := _mended(unseen, found.node, row, random)) is not None:
                    at = found.number - 2
                    yield Place(found.node, number, part, use, text, [*rows[:at], made, *rows[at + 1 :]])


def _is_lost(unseen: Unseen, place: Place, known: set[tuple[str, str]]) -> bool:
    document, findings = unseen.read(place.rows)
    if told(findings) - known or not _same(document, unseen.plain[0]):
        return False
    return not (place.part and place.text in implied(unseen.format, place.use, place.part))


def _same(one: object, other: object) -> bool:
    if isinstance(one, Bulk) and isinstance(other, Bulk):
        return bool(one.header == other.header and one.lines.equals(other.lines))
    return bool(one == other)


def test_every_component_of_a_segment_that_is_read_is_kept_or_named() -> None:
    looked_at = 0
    lost: list[tuple[str, str, str]] = []
    for unseen in all_unseen():
        known, (format, _, name) = told(unseen.plain[1]), unseen.message.name.split("/")
        for place in places(unseen, Random(f"0 {unseen.message.name}")):
            looked_at += 1
            if _is_lost(unseen, place, known):
                lost.append((format, name, place.node.path))
    assert [one for one in lost if one[2] not in STILL_SILENT[one[0]].get(one[1], ())] == []
    assert looked_at > 3500
    assert len(lost) <= AT_MOST


def test_a_component_without_a_row_is_named_once_and_where_it_stands() -> None:
    unseen = next(one for one in all_unseen() if one.message.name == "edifact/D96A/ORDERS")
    rows = [[text + (f"{COMPONENT}X" if at == 1 and row[0] == "CNT" and text.count(COMPONENT) == 1 else "")
             for at, text in enumerate(row)] for row in unseen.rows]
    rows += [] if any(row[0] == "CNT" for row in rows) else [["CNT", f"2{COMPONENT}2{COMPONENT}PCE"]]
    findings = [one for one in unseen.read(rows)[1] if one.code == "W-EDIFACT-UNMAPPED"]
    assert [(one.where.tag, one.where.element, one.where.component) for one in findings] == [("CNT", 1, 3)]


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
