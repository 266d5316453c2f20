"""One compiled and checked table: rows of one message -> document and findings, and a document -> rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

from pydantic import BaseModel

from adapters.mapping.beside import beside
from adapters.mapping.carried import carried
from adapters.mapping.children import Children, children
from adapters.mapping.demand import demand_mandatory
from adapters.mapping.dialect import Dialect, Row, place_value, trimmed
from adapters.mapping.down import made
from adapters.mapping.fixed import (
    ANY,
    ORDINAL,
    Fixed,
    compile_counts,
    compile_fixed,
    instances,
    taken_from,
    tell_alone,
)
from adapters.mapping.frame import FrameShape
from adapters.mapping.frame_table import compile_frame
from adapters.mapping.maker import PartMaker
from adapters.mapping.overlay import narrowed
from adapters.mapping.part import Part
from adapters.mapping.place import Binder
from adapters.mapping.plan import Plan
from adapters.mapping.report import Report
from adapters.mapping.segment import SegmentCheck
from adapters.mapping.shape import Shape
from adapters.mapping.structure import parse
from adapters.mapping.telling import words
from adapters.mapping.tree import compile_tree
from adapters.mapping.walk import Instance, Sink, Walk, unfold
from hub.errors import BrokenTable, Reject, Severity, Where
from hub.model.bulk import Bulk
from hub.model.despatch import Despatch
from hub.model.exchange import CANONICAL, Document
from schemas.facts import Dictionary

KEYS = {
    "canonical",
    "group",
    "structure",
    "map",
    "part",
    "fixed",
    "count",
    "frame",
    "constant",
    "base",
    "since",
    "title",
    "shape",
    "shape_loop",
    "association",
    "aside",
    "tree",
    "narrow",
}

@dataclass(frozen=True, eq=False)
class Message:
    """A message table. `name` is like "x12/004010/850", `group` the X12 functional group code, `association` element
    0057 of UNH (EAN008)."""

    name: str
    group: str
    plan: Plan
    part: Part
    shape: FrameShape | None
    fixed: tuple[Fixed, ...]
    association: str = ""
    tree: Shape | None = None
    children: Children | None = None
    """What its loops say of others below them, where no tree looks at that."""

    @cached_property
    def streamed(self) -> dict[int, list[Fixed]]:
        """The fixed values that are expected in loops that the walk hands over one by one, by node."""
        nodes, found = self.plan.nodes, dict[int, list[Fixed]]()
        for fixed in self.fixed:
            if fixed.value == ORDINAL or fixed.source or fixed.count or fixed.qualifier or ANY in fixed.accepted:
                continue
            for node in fixed.nodes:
                if any(n <= node.id <= nodes[n].last for n in self.plan.streams):
                    found.setdefault(node.id, []).append(fixed)
        return found

    @property
    def release(self) -> str:
        return self.name.split("/")[1]

    @property
    def canonical(self) -> type[Document]:
        return cast(type[Document], self.shape.document if self.shape else self.part.model)

    def check(self, head: Row, rows: Iterable[Row], report: Report, tag_at: Callable[[int], str]) -> Walk:
        """Validate only; the walk knows how many segments there were."""
        walk = Walk(self.plan, report, tag_at, keeps=False)
        walk.run(head, rows)
        return walk

    def read(
        self,
        head: Row,
        rows: Iterable[Row],
        report: Report,
        tag_at: Callable[[int], str],
    ) -> tuple[Document | None, int]:
        """The document (None when it means nothing) and the number of segments without the trailer. Never raises on
        content; findings go to `report`."""
        collected = self.shape.collect(report) if self.shape else None
        take: Sink | None = collected.take if collected else None
        if take and self.streamed:
            take = self._checking(take, report)
        walk = Walk(self.plan, report, tag_at, take)
        root = walk.run(head, rows)
        self._check_fixed(root, walk, report)
        self.plan.tell_unmapped(walk)
        document = cast(Document | None, collected.finish(root) if collected else self.part.read(root, report))
        if self.tree:
            document = self.tree.read(cast(Despatch | None, document), root, report)
        if self.children:
            self.children.tell(self.children.levels(root), report)
        return document, walk.segments

    def _check_fixed(self, root: Instance, walk: Walk, report: Report) -> None:
        there = {0, *(key[0] for key in walk.seen)}
        for fixed in self.fixed:
            if fixed.value == ORDINAL or fixed.source or not any(node.id in there for node in fixed.nodes):
                continue
            if fixed.alone:
                tell_alone(root, fixed, there, report)
            for found in instances(root, fixed, there):
                value = fixed.place.cut(found)
                wanted = str(walk.totals.get(fixed.count.id, 0)) if fixed.count else fixed.value
                as_counted = fixed.count and value.lstrip("0").removesuffix(".0") == wanted
                as_good = bool(fixed.accepted & {value, ANY}) or as_counted
                if value and value != wanted and not as_good:
                    _tell_fixed("LINE-COUNT" if fixed.count else "NOT-AS-FIXED", fixed, found, value, wanted, report)
                    break

    def _checking(self, take: Sink, report: Report) -> Sink:
        """The same for loops that are handed over and not kept."""
        expected, told = self.streamed, set[str]()

        def check(instance: Instance, ancestors: tuple[Instance, ...]) -> None:
            for found in unfold(instance):
                for fixed in expected.get(found.node.id, ()):
                    value = fixed.place.cut(found)
                    if value and value != fixed.value and value not in fixed.accepted and fixed.place.text not in told:
                        told.add(fixed.place.text)
                        _tell_fixed("NOT-AS-FIXED", fixed, found, value, fixed.value, report)
            take(instance, ancestors)

        return check

    # -- writing ---------------------------------------------------------------------------------------------------

    def write(self, document: Document) -> list[list[Row]]:
        """The rows of one or more messages, without header and trailer. Raises Reject with a sentence when this table
        cannot say what the document holds, or when the result would break the standard."""
        if type(document) is not self.canonical:
            raise Reject(
                f"{self.name} writes {self.canonical.__name__}, not {type(document).__name__}", reason="NOT_WRITABLE"
            )
        try:
            return carried(self, document).rows
        except (ValueError, OverflowError) as reason:  # a codec that has no second place to try
            raise Reject(f"cannot be written as {self.name}: {reason}", reason="NOT_WRITABLE") from reason

    def written(self, document: Document) -> list[list[Row]]:
        """As `write`, with whatever stands aside, wherever that leads to."""
        if self.shape:
            return [self._rows(tree) for tree in self.shape.write(cast(Bulk, document), self.plan.nodes[0])]
        root = Instance(self.plan.nodes[0], [self.plan.nodes[0].tag], 0)
        self.part.write(self.tree.bare(cast(Despatch, document)) if self.tree else document, root)
        if self.tree:
            self.tree.write(cast(Despatch, document), root)
        return [self._rows(root)]

    def read_back(self, rows: list[Row]) -> Document | None:
        """What a receiver reads in a message that we wrote."""
        tag_at = rows_tag(rows)
        return self.read([self.plan.nodes[0].tag], rows, Report(self.plan.dialect.name, Where()), tag_at)[0]

    def _rows(self, root: Instance) -> list[Row]:
        self.complete(root)
        rows = [trimmed(instance.row) for instance in unfold(root)][1:]
        self._prove(root.row, rows)
        return rows

    def complete(self, root: Instance, counts: Mapping[int, str] | None = None) -> None:
        """Add what every message has: mandatory segments, fixed values, counts. `counts` says some, by node, that are
        not to be counted here."""
        self._complete(root)
        self._fill(root, counts or {})

    def _complete(self, instance: Instance) -> None:
        """Add the mandatory segments that hold nothing but fixed values and counts."""
        for node in instance.node.kids:
            if node.must and node.id not in instance.kids:
                instance.kids[node.id] = [made(node, self.plan.dictionary.segments[node.tag].qualifier)]
            for kid in instance.kids.get(node.id, ()):
                self._complete(kid)

    def _fill(self, root: Instance, told: Mapping[int, str]) -> None:
        counts: dict[int, int] = {}
        for instance in unfold(root):
            counts[instance.node.id] = counts.get(instance.node.id, 0) + 1
        for fixed in self.fixed:
            if fixed.count and not any(True for _ in instances(root, fixed)) and fixed.place.steps:
                fixed.place.put(root, "")
            for number, instance in enumerate(instances(root, fixed), 1):
                counted = fixed.count.id if fixed.count else 0
                value = told.get(counted, str(counts.get(counted, 0))) if fixed.count else fixed.value
                value = taken_from(fixed, root) if fixed.source else str(number) if value == ORDINAL else value
                alone = fixed.beside is not None and not fixed.beside.cut(instance)
                if not alone and not fixed.place.cut(instance):
                    place_value(instance.row, fixed.place.element, fixed.place.component, value)

    def _prove(self, head: Row, rows: list[Row]) -> None:
        """What we write passes our own check."""
        report = Report(self.plan.dialect.name, Where())
        self.check(head, rows, report, rows_tag(rows))
        for found in report.findings:
            if found.severity is Severity.ERROR:
                raise Reject(f"cannot be written as {self.name}: {found.message}", reason="NOT_WRITABLE")


def rows_tag(rows: list[Row]) -> Callable[[int], str]:
    """Which segment a message has at a number; the header is 1."""
    return lambda number: rows[number - 2][0] if number - 2 < len(rows) else ""


# -- compiling -----------------------------------------------------------------------------------------------------


def compile_message(name: str, raw: dict[str, Any], dialect: Dialect, dictionary: Dictionary) -> Message:
    """A checked message from a parsed table. Raises BrokenTable, naming table and row."""
    if odd := raw.keys() - KEYS:
        raise BrokenTable(f"{name}: unknown {', '.join(sorted(odd))}")
    document = CANONICAL.get(raw.get("canonical", ""))
    if document is None:
        raise BrokenTable(f"{name}: canonical {raw.get('canonical')!r} is none of {', '.join(CANONICAL)}")
    dictionary = narrowed(name, raw.get("narrow", {}), dictionary)
    plan = plan_of(name, raw, dialect, dictionary)
    binder = Binder(name, dictionary, dialect.value_first)
    always = frozenset(row.rpartition("/")[2].partition(" with ")[0] for row in raw.get("fixed", {}))
    said = replace(beside(dialect.name), elsewhere=_elsewhere(raw), always=always, message=raw.get("aside", {}))
    said = replace(said, counts=tuple(raw.get("count", {})), segments=dictionary.segments)
    maker = PartMaker(name, dialect.name, binder, plan, raw.get("part", {}), said)
    bulk = isinstance(document, type) and issubclass(document, Bulk)
    model = cast(type[BaseModel], document.Header if bulk else document)  # type: ignore[union-attr]
    part = maker.part(model, raw.get("map", {}), plan.nodes[0], "[map]", raw.get("constant"))
    shape = (
        compile_frame(cast(type[Bulk], document), raw.get("frame", {}), part, maker, plan.nodes[0]) if bulk else None
    )
    rows = raw.get("tree")
    below = children(said.children, binder, plan.nodes[0])
    tree = compile_tree(rows, maker, plan.nodes[0], part, below) if rows else _named(name, raw, dialect, maker)
    shared = {row: value for row, value in said.fixed.items() if row[:3].rstrip("-[{") in plan.tags}
    told = {**shared, **raw.get("fixed", {})}
    counts = compile_counts(name, raw.get("count", {}), binder, plan, part, shape)
    fixed = (*compile_fixed(name, told, binder, plan), *counts)
    plan.counted = frozenset(f.count.id for f in fixed if f.count)
    plan.streams = shape.streams if shape else frozenset()
    plan.settle()
    plan.trace()
    group, association = raw.get("group", ""), raw.get("association", "")
    message = Message(name, group, plan, part, shape, fixed, association, tree, None if rows else below)
    demand_mandatory(message)
    return message


def _elsewhere(raw: Mapping[str, Any]) -> frozenset[str]:
    """The tags that begin the loops of a frame, a tree or a shape (`shape_loop`)."""
    paths = str(raw.get("frame", {}).get("rows", "")).split(" or ")
    others = {raw.get("tree", {}).get("loop", ""), raw.get("shape_loop", "")}
    return frozenset({path.strip().partition("/")[0] for path in paths} | others)


def _named(name: str, raw: dict[str, Any], dialect: Dialect, maker: PartMaker) -> Shape | None:
    if "shape" not in raw:
        return None
    make = dialect.shapes.get(raw["shape"])
    if make is None:
        raise BrokenTable(f"{name}: there is no shape {raw['shape']!r} in {dialect.name}")
    return cast(Shape, make(maker, maker.plan.nodes[0]))


def plan_of(name: str, raw: Mapping[str, Any], dialect: Dialect, dictionary: Dictionary) -> Plan:
    """What a walk needs, from the structure alone. Raises BrokenTable."""
    nodes = parse(raw.get("structure", ""), dialect.head, name)
    if len(nodes) == 1:
        raise BrokenTable(f"{name}: structure is missing")
    unknown = {node.tag for node in nodes} - dictionary.segments.keys()
    if unknown:
        raise BrokenTable(f"{name}: structure names segments that are not described: {', '.join(sorted(unknown))}")
    checks = {tag: SegmentCheck(dictionary.segments[tag], dialect) for tag in {node.tag for node in nodes}}
    return Plan(
        dialect,
        dictionary,
        nodes,
        [checks[node.tag] for node in nodes],
        [None] * len(nodes),
        frozenset(checks),
        max(node.depth for node in nodes),
    )


def _tell_fixed(name: str, fixed: Fixed, found: Instance, value: str, wanted: str, report: Report) -> None:
    report.add(
        name,
        segment=found.number,
        tag=found.node.tag,
        element=fixed.place.element,
        component=fixed.place.component or None,
        value=value,
        item=words(fixed.place),
        actual=wanted,
        wanted=wanted,
        place=f"{found.node.tag} (segment {found.number})",
    )
