"""Where a value stands: `BEG-03`, `N1[ST]-04`, `DTM[137]-1.2`, `LIN{UP}`, `^LIN{EN}`, `RFF[ON]/DTM[171]`.

A place is written in a table as text, parsed once, and bound to the structure: from then on it is a list of steps from
one instance down to the segments that can hold the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise, takewhile

from adapters.mapping.dialect import COMPONENT, Row, component, element, place_value
from adapters.mapping.down import REST, Down, Rest
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance
from hub.errors import BrokenTable
from schemas.facts import Dictionary, Element, Segment

_PLACE = re.compile(
    r"(?P<up>\^*)(?P<path>(?:[A-Z0-9]{2,3}(?:#\d)?(?:\[\w+\])?/)*)(?P<tag>[A-Z0-9]{2,3})(?P<nth>#\d)?"
    r"(?:\[(?P<qualifier>\w+|\*)\])?"
    r"(?:\{(?P<pair>\w+|\*)\})?(?:-(?P<element>\d+)(?:\.(?P<component>\d+)(?P<on>\+)?)?(?P<every>\*)?)?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place bound below one node. `element` 0 with a `pair` means the value paired with that qualifier; `component` 0
    is the whole element."""

    text: str
    node: Node
    segment: Segment
    steps: tuple[Down, ...]
    element: int
    component: int
    pair: str | None
    value_first: bool
    slots: range | tuple[int, ...]
    own: str | None = None
    """The qualifier that the loop's own segment must carry: `NAD[DP]-2.1` read inside of a NAD loop."""
    every: bool = False
    """`MSG-01*`: the texts of all segments of that kind, as lines of one text."""
    more: int = 0
    """`IMD-3.4+`: into how many further components of the same kind a long text runs on."""

    @property
    def itself(self) -> bool:
        """Whether this is a whole element of the loop's own segment, whatever that carries."""
        return not (self.steps or self.own or self.component or self.more or self.every) and self.pair is None

    @property
    def cells(self) -> set[tuple[int, int]]:
        """The element and component that it reads, or several components; none of a pair."""
        behind = range(self.component, self.component + self.more + 1) if self.element else ()
        return {(self.element, part) for part in behind}

    def find(self, instance: Instance) -> Iterator[Instance]:
        """All segments below `instance` that may hold the value."""
        level: Iterator[Instance] = iter((instance,))
        for down in self.steps:
            level = chain.from_iterable(map(down, level))
        return level

    def get(self, instance: Instance) -> tuple[str, Instance]:
        """The first text found and its segment; ("", …) where there is none."""
        if self.own and element(instance.row, *self.segment.qualifier) != self.own:
            return "", instance
        if self.every:
            lines = [(text, found) for found in self.find(instance) if (text := self.cut(found))]
            return "\n".join(text for text, _ in lines), lines[0][1] if lines else instance
        for found in self.find(instance):
            if text := self.cut(found):
                return text, found
        return "", instance

    def cut(self, instance: Instance) -> str:
        """The text out of one segment."""
        if self.more:
            return self.joined(element(instance.row, self.element).split(COMPONENT))
        if self.pair is None:
            return element(instance.row, self.element, self.component)
        return self.all_pairs(instance).get(self.pair, "")

    def all_pairs(self, instance: Instance) -> dict[str, str]:
        """Qualifier to value of one segment, cut once."""
        pairs = instance.pairs
        if pairs is None:
            instance.pairs = pairs = self._pairs(instance.row)
        return pairs

    def reader(self) -> Callable[[Instance], str]:
        """`get` without the segment, made for this one place: what reading a million values needs."""
        number, part = self.element, self.component
        if self.own or self.more or self.every:
            return lambda instance: self.get(instance)[0]
        if len(self.steps) == 1 and self.pair is None and self.steps[0].qualifier != REST:
            return self._reader_below(self.steps[0])
        if self.steps:
            return lambda instance: self.get(instance)[0]
        if self.pair is not None:
            return self.cut
        if part:
            return lambda instance: element(instance.row, number, part)
        return lambda instance: instance.row[number] if number < len(instance.row) else ""

    def _reader_below(self, step: Down) -> Callable[[Instance], str]:
        """The same for a place one step further down."""
        nodes, qualifier, at = [node.id for node in step.nodes], step.qualifier, step.at
        number, part = self.element, self.component

        def read(instance: Instance) -> str:
            for node in nodes:
                for kid in instance.kids.get(node, ()):
                    row = kid.row
                    if qualifier is None or element(row, *at) == qualifier:
                        text = element(row, number, part)
                        if text:
                            return text
            return ""

        return read

    def put(self, instance: Instance, text: str) -> None:
        """Write `text`, creating the segments on the way. Raises ValueError when a pair has no room."""
        if self.every:
            *above, last = self.steps
            for down in above:
                instance = down.make(instance)
            for line in text.split("\n"):
                place_value(last.make(instance, fresh=True).row, self.element, self.component, line)
            return
        text = text.replace("\n", " ")
        for down in self.steps:
            instance = down.make(instance)
        if self.own:
            self._claim(instance.row, self.own)
        if self.more:
            self._put_parts(instance.row, text)
        elif self.pair is None:
            place_value(instance.row, self.element, self.component, text)
        elif not self.put_pair(instance.row, self.pair, text):
            raise ValueError(f"{self.text}: no room for another pair")

    def _claim(self, row: Row, own: str) -> None:
        """Give the loop's own segment its qualifier. Raises ValueError when it carries another one already."""
        if element(row, *self.segment.qualifier) not in ("", own):
            raise ValueError(f"{self.text}: the segment says {element(row, *self.segment.qualifier)} already")
        place_value(row, *self.segment.qualifier, own)

    def holds(self, text: str) -> bool:
        """Whether a text is of the kind and length that may stand here: LIN-1 takes digits only."""
        fact = self.fact
        if fact is None or not fact.max:
            return True
        if fact.type == "n":
            text = text.removeprefix("-").replace(".", "", 1)
        return len(text) <= fact.max * (self.more + 1) and (fact.type != "n" or text.isdigit())

    def joined(self, parts: list[str]) -> str:
        """A text that runs on: a full component is continued, after one that is not full a blank is meant."""
        limit = self.fact.max if self.fact else 0
        text = ""
        for before, part in pairwise(["", *parts[self.component - 1 : self.component + self.more]]):
            text += f" {part}" if text and part and len(before) != limit else part
        return text

    def _put_parts(self, row: Row, text: str) -> None:
        limit = self.fact.max if self.fact else len(text)
        if len(text) > limit * (self.more + 1):
            raise ValueError(f"{self.text} has room for {limit * (self.more + 1)} characters, not for {len(text)}")
        for at in range(0, len(text), limit):
            place_value(row, self.element, self.component + at // limit, text[at : at + limit])

    def _pairs(self, row: Row) -> dict[str, str]:
        """Qualifier to value; of a qualifier that stands twice, the first."""
        if isinstance(self.slots, tuple):
            return {element(row, at): element(row, at + 1) for at in reversed(self.slots)}
        run = row[self.slots.start : self.slots.stop + 1]
        if self.value_first:
            return {component(text, 2): component(text, 1) for text in reversed(run)}
        return (
            dict(zip(run[-2::-2], run[::-2], strict=False))
            if len(run) % 2 == 0
            else dict(zip(run[-3::-2], run[-2::-2], strict=False))
        )

    def pairs_of(self, row: Row) -> Iterator[tuple[str, str]]:
        """Every qualifier and value of a run, in their order."""
        for at in self.slots:
            if at >= len(row):
                continue
            if self.value_first:
                yield component(row[at], 2), component(row[at], 1)
            else:
                yield row[at], element(row, at + 1)

    def put_pair(self, row: Row, qualifier: str, text: str) -> bool:
        """Write a pair where there is room; False where there is none."""
        for at in self.slots:
            if not element(row, at).strip(COMPONENT):
                if self.value_first:
                    place_value(row, at, 0, f"{text}{COMPONENT}{qualifier}")
                else:
                    place_value(row, at, 0, qualifier)
                    place_value(row, at + 1, 0, text)
                return True
        return False

    @property
    def fact(self) -> Element | None:
        """The element that stands there, None for a pair."""
        if self.pair is not None or not self.element or self.element > len(self.segment.uses):
            return None
        use = self.segment.uses[self.element - 1]
        if use.parts:
            return use.parts[self.component - 1].element if 0 < self.component <= len(use.parts) else None
        return use.element

    @property
    def qualifier(self) -> str | None:
        return self.steps[-1].qualifier if self.steps else self.own or self.node.qualifier


def pair_starts(segment: Segment, value_first: bool) -> range | tuple[int, ...]:
    """Element positions at which a pair may begin."""
    if segment.starts:
        return segment.starts
    if segment.pairs is None:
        return range(0)
    same = segment.uses[segment.pairs - 1].number
    ends = [n for n, use in enumerate(segment.uses, 1) if n >= segment.pairs and use.number == same]
    return range(segment.pairs, ends[-1] + 1, 1 if value_first else 2)


class Binder:
    """Binds the places of one table to its structure."""

    def __init__(self, table: str, dictionary: Dictionary, value_first: bool) -> None:
        self.table, self.dictionary, self.value_first = table, dictionary, value_first
        self._starts: dict[str, range | tuple[int, ...]] = {}

    def bind(self, text: str, context: Node, where: str, whole: bool = False) -> Place:
        """Raises BrokenTable when the place does not exist below `context`."""
        found = _PLACE.fullmatch(text.strip())
        if not found:
            raise BrokenTable(f"{self.table} {where}: {text!r} is not a place")
        for _ in found["up"]:
            if context.parent is None:
                raise BrokenTable(f"{self.table} {where}: {text!r} climbs above the message")
            context = context.parent
        steps: list[Down] = []
        node = context
        names = [
            *filter(None, found["path"].split("/")),
            found["tag"] + (found["nth"] or "") + (f"[{found['qualifier']}]" if found["qualifier"] else ""),
        ]
        itself = found["path"] == "" and context.parent and found["tag"] == context.tag
        if not itself:
            for name in names:
                tag, _, qualifier = name.rstrip("]").partition("[")
                for nodes in self._way(node, tag, text, where):
                    steps.append(Down(nodes, None, self._qualifier(nodes[0].tag)))
                kind = Rest if qualifier == REST else Down
                steps[-1] = kind(steps[-1].nodes, qualifier or None, steps[-1].at)
                node = steps[-1].nodes[0]
        segment = self.dictionary.segments[node.tag]
        number, part = self._element(found, segment, text, where, whole)
        own = found["qualifier"] if itself else None
        more = self._run_on(segment, number, part) if found["on"] else 0
        return Place(
            text.strip(),
            node,
            segment,
            tuple(steps),
            number,
            part,
            found["pair"],
            self.value_first,
            self._slots(segment),
            own,
            found["every"] is not None and bool(steps),
            more,
        )

    def _way(self, node: Node, tag: str, text: str, where: str) -> list[tuple[Node, ...]]:
        """Nodes from below `node` down to those called `tag`: its children, else the only ones deeper down."""
        tag, _, nth = tag.partition("#")
        direct = tuple(kid for kid in node.kids if kid.tag == tag)
        direct = direct[int(nth) - 1 : int(nth)] if nth else direct
        if direct:
            return [direct]
        ways = [(kid, way) for kid in node.kids if (way := self._way_or_none(kid, tag, text, where))]
        if len(ways) == 1:
            return [(ways[0][0],), *ways[0][1]]
        raise BrokenTable(
            f"{self.table} {where}: {text!r} names {'several places' if ways else 'no place'} below {node.tag}"
        )

    def _way_or_none(self, node: Node, tag: str, text: str, where: str) -> list[tuple[Node, ...]] | None:
        deeper = any(kid.tag == tag or self._way_or_none(kid, tag, text, where) for kid in node.kids)
        return self._way(node, tag, text, where) if deeper else None

    def _run_on(self, segment: Segment, number: int, part: int) -> int:
        """How many components of the same kind follow the one of a place."""
        parts = segment.uses[number - 1].parts
        return sum(1 for _ in takewhile(lambda use: use.number == parts[part - 1].number, parts[part:]))

    def _slots(self, segment: Segment) -> range | tuple[int, ...]:
        """Element positions at which a pair may begin."""
        if segment.tag not in self._starts:
            self._starts[segment.tag] = pair_starts(segment, self.value_first)
        return self._starts[segment.tag]

    def _qualifier(self, tag: str) -> tuple[int, int]:
        return self.dictionary.segments[tag].qualifier

    def _element(
        self,
        found: re.Match[str],
        segment: Segment,
        text: str,
        where: str,
        whole: bool,
    ) -> tuple[int, int]:
        if found["pair"]:
            if segment.pairs is None:
                raise BrokenTable(f"{self.table} {where}: {text!r}, but {segment.tag} holds no pairs")
            return 0, 0
        if not found["element"]:
            return (1, 0) if whole else (0, 0)
        number, part = int(found["element"]), int(found["component"] or 0)
        if not 0 < number <= len(segment.uses):
            raise BrokenTable(f"{self.table} {where}: {text!r}, but {segment.tag} has {len(segment.uses)} elements")
        parts = segment.uses[number - 1].parts
        if parts and not part:
            part = 1
        if part > max(len(parts), 1) or (part and not parts):
            raise BrokenTable(f"{self.table} {where}: {text!r}, but there is no such component")
        return number, part
