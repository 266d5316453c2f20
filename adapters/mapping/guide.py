"""A mapping guide: everything that a table and the facts of its standard say, as plain values that can be printed.

What `hub guide` shows is this and nothing else, so a guide can never say something that the reader does not do. Another
family of formats joins by making a `Guidebook` of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adapters.mapping import wording
from adapters.mapping.fixed import ORDINAL, Fixed
from adapters.mapping.message import Message
from adapters.mapping.part import Choice, Part, Slot
from adapters.mapping.place import Place
from adapters.mapping.structure import NO_LIMIT, Node
from schemas.facts import Segment, Use

CODES_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the structure. `limit` None means any number of times; `lands` are the fields that it fills."""

    depth: int
    tag: str
    name: str
    must: bool
    limit: int | None
    lands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ElementRow:
    """One element ("02") or component ("02.1") of a segment."""

    at: str
    number: str
    name: str
    holds: str
    must: bool
    codes: str
    lands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SegmentGuide:
    """One kind of segment as this message uses it. `notes` are the rules between its elements, in words."""

    tag: str
    name: str
    elements: tuple[ElementRow, ...]
    notes: tuple[str, ...]

    @property
    def mapped(self) -> bool:
        return any(row.lands for row in self.elements)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of the canonical document: the places it is read from, and its words beside the codes that are sent."""

    path: str
    places: str
    reads: str
    required: bool
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Guidebook:
    """One message. `changes` are what a partner does otherwise, `example` a right file of this kind, "" without one."""

    table: str
    title: str
    canonical: str
    meaning: str
    lines: tuple[Line, ...]
    segments: tuple[SegmentGuide, ...]
    fields: tuple[FieldRow, ...]
    partner: str | None = None
    changes: tuple[str, ...] = ()
    example: str = ""


Lands = dict[tuple[int, int, int], list[str]]
"""(node, element, component) -> the fields that are read there; element 0 is the segment itself."""


@dataclass(slots=True)
class _Collector:
    """Walks the compiled parts of a message once, for the fields and for where they stand."""

    message: Message
    fields: list[FieldRow] = field(default_factory=list)
    lands: Lands = field(default_factory=dict)

    def run(self) -> None:
        message = self.message
        self._part(message.part, "")
        if message.shape:
            for shape in (message.shape, *message.shape.others):
                for column in shape.columns:
                    for _, slot in column.slots:
                        self._slot(slot, "lines[].", False)
                for name, slot, _ in shape.run.columns if shape.run else ():
                    self._slot(slot, "lines[].", False, name)
        if message.tree:
            for level, part in message.tree.parts.items():
                self._part(part, f"{level}.")
        for fixed in message.fixed:
            self._fixed(fixed)

    def _part(self, part: Part, prefix: str) -> None:
        for slot in part.slots:
            self._slot(slot, prefix, part.model.model_fields[slot.name].is_required())
        for pairs in part.pairs:
            places = " or ".join(place.text for place in pairs.places)
            self._add(FieldRow(prefix + pairs.name, places, "every pair that no other row reads", False))
            for place in pairs.places:
                nodes = place.steps[-1].nodes if place.steps else (place.node,)
                self._mark(nodes, *_position(place), prefix + pairs.name)
        for name, constant in part.constants.items():
            self._add(FieldRow(prefix + name, "", f"always {constant}", True))
        for loop in part.loops:
            path = f"{prefix}{loop.name}{'[]' if loop.many else ''}."
            for way in loop.ways:
                self._mark(way[-1].nodes if way else (), 0, 0, path.rstrip("."))
            self._part(loop.part, path)
            for other in loop.parts[1:]:
                for slot in other.slots:
                    self._marks(slot, path)

    def _slot(self, slot: Slot, prefix: str, required: bool, name: str | None = None) -> None:
        path = prefix + (name or slot.name)
        places = " or ".join(choice.place.text for choice in slot.choices)
        first = slot.choices[0]
        reads = "a code" if first.codec.words else first.codec.wanted
        reads += f", {slot.otherwise} where nothing is sent" if slot.otherwise else ""
        self._add(FieldRow(path, places, reads, required, tuple(_words(first))))
        self._marks(slot, prefix, name)

    def _add(self, row: FieldRow) -> None:
        known = next((n for n, other in enumerate(self.fields) if other.path == row.path), None)
        if known is None:
            self.fields.append(row)
        elif row.places and row.places not in self.fields[known].places:
            old = self.fields[known]
            self.fields[known] = FieldRow(
                old.path, f"{old.places} or {row.places}", old.reads, old.required, old.words or row.words
            )

    def _marks(self, slot: Slot, prefix: str, name: str | None = None) -> None:
        for choice in slot.choices:
            place = choice.place
            nodes = place.steps[-1].nodes if place.steps else (place.node,)
            self._mark(nodes, *_position(place), prefix + (name or slot.name), _under(place))

    def _mark(self, nodes: tuple[Node, ...], element: int, component: int, path: str, under: str = "") -> None:
        for node in nodes:
            here = self.lands.setdefault((node.id, element, component), [])
            if under + path not in here:
                here.append(under + path)

    def _fixed(self, fixed: Fixed) -> None:
        said = "a count" if fixed.count else "a running number" if fixed.value == ORDINAL else f"always {fixed.value}"
        if not fixed.source:
            self._mark(fixed.nodes, *_position(fixed.place), said, f"{fixed.qualifier}: " if fixed.qualifier else "")


def _position(place: Place) -> tuple[int, int]:
    """Element and component; of a pair the first of its run."""
    return (place.segment.pairs or 1, 0) if place.pair else (place.element, place.component)


def _under(place: Place) -> str:
    """The qualifier that the value is found by: "ST: ", "" without one."""
    qualifier = place.pair or place.qualifier
    return f"{qualifier}: " if qualifier else ""


def _words(choice: Choice) -> Iterator[tuple[str, str]]:
    """(code, word): all codes of the standard that the hub has a word for; of a list that we do not hold, those that
    are written."""
    codec, fact = choice.codec, choice.place.fact
    if codec.words is None or codec.whole:
        return
    said: dict[str, str] = {}
    for code in sorted(fact.codes or ()) if fact else ():
        try:
            word = codec.load(code)
        except ValueError:
            continue
        said.update({code: word} if word in codec.words else {})
    for word in sorted(codec.words):
        try:
            said.setdefault(codec.dump(word, ""), word)
        except ValueError:
            continue
    yield from said.items()


def guidebook(
    message: Message, title: str, example: str = "", partner: str | None = None, changes: tuple[str, ...] = ()
) -> Guidebook:
    """Everything that can be said of one compiled table."""
    collector = _Collector(message)
    collector.run()
    tags = dict.fromkeys(node.tag for node in message.plan.nodes[1:])
    return Guidebook(
        message.name,
        title,
        message.canonical.__name__,
        " ".join((message.canonical.__doc__ or "").partition(". ")[0].split()).rstrip(".") + ".",
        tuple(_lines(message, collector.lands)),
        tuple(_segment(message, message.plan.dictionary.segments[tag], collector.lands) for tag in tags),
        tuple(collector.fields),
        partner,
        changes,
        example,
    )


def _lines(message: Message, lands: Lands) -> Iterator[Line]:
    for node in message.plan.nodes[1:]:
        fields = [name for (at, _, _), names in lands.items() if at == node.id for name in names]
        names = dict.fromkeys(name.rpartition(": ")[2] for name in fields)
        shown = tuple(name for name in names if not any(name.startswith(f"{above}.") for above in names))
        name = message.plan.dictionary.segments[node.tag].name
        tag = f"{node.tag}[{node.qualifier}]" if node.qualifier else node.tag
        limit = None if node.limit == NO_LIMIT else node.limit
        yield Line(node.depth - 1, tag, name, node.must, limit, shown)


def _segment(message: Message, segment: Segment, lands: Lands) -> SegmentGuide:
    ids = {node.id for node in message.plan.nodes if node.tag == segment.tag}
    here: dict[tuple[int, int], list[str]] = {}
    for (node, element, component), names in lands.items():
        if node in ids:
            kept = here.setdefault((element, component), [])
            kept += [name for name in names if name not in kept]
    rows: list[ElementRow] = []
    for position, use in enumerate(segment.uses, 1):
        rows.append(_row(f"{position:02d}", use, here.get((position, 0), []) if not use.parts else []))
        for part_position, part in enumerate(use.parts, 1):
            rows.append(_row(f"{position:02d}.{part_position}", part, here.get((position, part_position), [])))
    notes = tuple(wording.note(segment, kind, positions) for kind, positions in segment.notes)
    return SegmentGuide(segment.tag, segment.name, tuple(rows), notes)


def _row(at: str, use: Use, lands: list[str]) -> ElementRow:
    holds = wording.kind(use.element) if use.element else "a composite"
    if use.repeat > 1:
        holds += f", up to {use.repeat} times" if use.repeat < 1000 else ", any number of times"
    return ElementRow(at, use.number, use.name, holds, use.required, wording.codes(use, CODES_SHOWN), tuple(lands))


def differences(standard: Guidebook, own: Guidebook) -> tuple[str, ...]:
    """What a partner's table does otherwise, a sentence each."""
    ours, theirs = _by_path(standard), _by_path(own)
    said = [f"{path} is not read" for path in ours if path not in theirs]
    for path, row in theirs.items():
        if path not in ours:
            said.append(f"{path} is read from {row.places}")
        elif ours[path].places != row.places:
            said.append(f"{path} is read from {row.places}, not from {ours[path].places}")
    return (*said, *_narrowed_lines(standard, own), *_narrowed_elements(standard, own))


def _by_path(book: Guidebook) -> Mapping[str, FieldRow]:
    return {row.path: row for row in book.fields}


def _narrowed_lines(standard: Guidebook, own: Guidebook) -> Iterator[str]:
    """Segments that a partner demands, limits or leaves out."""
    before, after = _counted(standard), _counted(own)
    for key, line in before.items():
        mine = after.get(key)
        if mine is None:
            yield f"the segment {line.tag} is not sent"
        elif (mine.must, mine.limit) != (line.must, line.limit):
            yield f"the segment {line.tag} is {usage(mine)}, not {usage(line)}"


def _counted(book: Guidebook) -> dict[tuple[str, ...], Line]:
    """Lines by their path, so that one name at several places is told apart."""
    path: list[str] = []
    found: dict[tuple[str, ...], Line] = {}
    for line in book.lines:
        path[line.depth :] = [line.tag]
        key = tuple(path)
        while key in found:
            key = (*key, "again")
        found[key] = line
    return found


def usage(line: Line) -> str:
    """ "mandatory, once"; "optional, up to 5 times"."""
    limit = line.limit
    times = "any number of times" if limit is None else "once" if limit == 1 else f"up to {limit:,} times"
    return f"{'mandatory' if line.must else 'optional'}, {times}"


def _narrowed_elements(standard: Guidebook, own: Guidebook) -> Iterator[str]:
    before = {(s.tag, row.at): row for s in standard.segments for row in s.elements}
    for segment in own.segments:
        for row in segment.elements:
            old = before.get((segment.tag, row.at))
            place = f"{segment.tag}-{row.at} ({row.name})"
            if old is None:
                continue
            if row.must and not old.must:
                yield f"{place} is mandatory"
            if row.holds != old.holds:
                yield f"{place} is {row.holds}, not {old.holds}"
            if row.codes != old.codes:
                yield f"{place} takes the codes {row.codes}"
