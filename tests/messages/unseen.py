"""Right messages that nobody sent: each optional segment of a table's own structure, put once into a hand-written
message. What is in it is drawn from the dictionary by a seed: some of its elements, of each a value that is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from adapters.mapping.dialect import COMPONENT, Fault, Row
from adapters.mapping.message import Message
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance, Walk, unfold
from hub.errors import Finding, Where
from hub.model.finding import name_of
from schemas.facts import Element, Use
from tests.messages.test_messages import FORMATS, HOME

ENDS = {"x12": ("ST", "SE"), "edifact": ("UNH", "UNT")}
ROUNDS = 6
"""So often a segment is mended by what its syntax rules ask for."""


def values(fact: Element, fault: Fault, random: Random) -> str:
    """One that is right for an element, "" where none is known."""
    codes = sorted(fact.codes or ())
    least = max(fact.min, 1)
    guesses = ["1" * least, "20310102" if fact.max >= 8 else "310102", "1200", "X" * least]
    if codes:
        guesses = random.sample(codes, min(3, len(codes)))
    return next((text for text in guesses if not fault(fact, text)), "")


@dataclass(frozen=True)
class Unseen:
    """One hand-written message, and what a seed can put into it."""

    format: str
    message: Message
    head: Row
    rows: list[Row]

    def read(self, rows: list[Row]) -> tuple[Any, list[Finding]]:
        """The document of such segments between head and end, and what is told of them."""
        report = Report(self.format, Where())
        document, _ = self.message.read(self.head, [list(row) for row in rows], report,
                                        lambda number: rows[number - 2][0] if number - 2 < len(rows) else "")
        return document, list(report.findings)

    @cached_property
    def plain(self) -> tuple[Any, list[Finding]]:
        """What the message says as it stands."""
        return self.read(self.rows)

    def each(self, random: Random) -> Iterator[tuple[Node, list[Row]]]:
        """The message with one more segment, for every node of the structure that has room."""
        for node in self.message.plan.nodes[1:]:
            if not node.must and (rows := self._with(node, random)) is not None:
                yield node, rows

    def _with(self, node: Node, random: Random) -> list[Row] | None:
        made = self.segment(node, random)
        root = Walk(self.message.plan, Report(self.format, Where()), lambda number: "").run(self.head, self._copied())
        above = next((one for one in unfold(root) if one.node.id == node.parent.id), None) if node.parent else None
        if made is None or above is None or len(above.kids.get(node.id, ())) >= node.limit:
            return None
        above.kids.setdefault(node.id, []).append(Instance(node, made, 0))
        self._complete(above.kids[node.id][-1], random)
        return [one.row for one in unfold(root)][1:]

    def _copied(self) -> list[Row]:
        return [list(row) for row in self.rows]

    def _complete(self, instance: Instance, random: Random) -> None:
        """What must stand below it."""
        for kid in instance.node.kids:
            made = self.segment(kid, random) if kid.must and kid.id not in instance.kids else None
            if made is not None:
                instance.kids[kid.id] = [Instance(kid, made, 0)]
                self._complete(instance.kids[kid.id][0], random)

    def segment(self, node: Node, random: Random) -> Row | None:
        """A right segment: what must be in it, and of the rest each element or none. None where none is found."""
        fact = self.message.plan.dictionary.segments[node.tag]
        row = [node.tag, *("" for _ in fact.uses)]
        for number, use in enumerate(fact.uses, 1):
            if use.required or number == fact.qualifier[0]:
                row[number] = self._filled(use, random)
        for _ in range(ROUNDS):
            fault = next(iter(self.message.plan.checks[node.id].faults(row)), None)
            if fault is None:
                return row
            if fault.name not in ("MISSING-CONDITIONAL", "MISSING-ELEMENT") or fault.component:
                return None
            row[fault.element] = self._filled(fact.uses[fault.element - 1], random)
        return None

    def _filled(self, use: Use, random: Random) -> str:
        fault = self.message.plan.dialect.fault
        if use.element is not None:
            return values(use.element, fault, random)
        parts = [values(part.element, fault, random) if part.element is not None and (part.required or not number)
                 else "" for number, part in enumerate(use.parts)]
        return COMPONENT.join(parts).rstrip(COMPONENT)


RELEASES = (("004010", "D96A"), ("005010", "D01B"))
"""Those that tables are made for, the older and the newer one of each standard."""


def all_unseen(releases: tuple[str, ...] = RELEASES[0]) -> Iterator[Unseen]:
    """Of each table of some releases the longest message that needs no release character."""
    for home in sorted(HOME.glob("*-*-*")):
        format, version, name = home.name.split("-")
        paths = sorted(home.glob("pass/*.edi"), key=lambda path: (-path.stat().st_size, path.name))
        if version in releases and (path := next((p for p in paths if _is_plain(p)), None)):
            yield _taken_apart(format, FORMATS[format].tables.get(f"{format}/{version}/{name}"), path)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("\r", "").replace("\n", "").removeprefix("UNA:+.? '")


def _is_plain(path: Path) -> bool:
    return path.parent.parent.name.startswith("x12") or ("?" not in _text(path) and "UNH+" in _text(path))


def _taken_apart(format: str, message: Message, path: Path) -> Unseen:
    """The first message of a file."""
    text = _text(path)
    terminator, separator = (text[105], text[3]) if format == "x12" else ("'", "+")
    cut = [[part.replace(":", COMPONENT) if format != "x12" else part for part in row.split(separator)]
           for row in text.split(terminator)]
    first, last = (next(number for number, row in enumerate(cut) if row[0] == tag) for tag in ENDS[format])
    return Unseen(format, message, cut[first], cut[first + 1:last])


def told(findings: list[Finding]) -> set[tuple[str, str]]:
    """What was told, wherever it stands."""
    return {(name_of(found), found.message.partition(": ")[2]) for found in findings}
