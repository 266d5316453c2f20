"""Rows of one message -> a tree of instances, each segment checked on the way.

One dictionary look-up per segment says where it leads. Nothing stops the walk: what does not fit is told and passed
over, so that one fault does not hide the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import getitem
from typing import TYPE_CHECKING

from adapters.mapping.dialect import COMPONENT, REPEAT, Row, element
from adapters.mapping.report import Report
from adapters.mapping.segment import Odd, SegmentFault, element_fact, item
from adapters.mapping.structure import Node, Step
from adapters.mapping.wording import digits

if TYPE_CHECKING:
    from adapters.mapping.plan import Plan

PADDED = "PADDED"
"""A value that is right but for blanks after it: told, and read without them."""
PARTED = frozenset({"TOO-MANY-COMPONENTS", "TOO-MANY-REPEATS"})
"""A separator stands in an element that has no parts."""
DATE_FORMS = {6: "YYMMDD", 8: "CCYYMMDD"}


class Instance:
    """One segment where it stands in the tree; `kids` by node id, `number` counts segments from the header (1)."""

    __slots__ = ("kids", "node", "number", "pairs", "row")

    def __init__(self, node: Node, row: Row, number: int) -> None:
        self.node, self.row, self.number = node, row, number
        self.kids: dict[int, list[Instance]] = {}
        self.pairs: dict[str, str] | None = None


Sink = Callable[[Instance, tuple[Instance, ...]], None]
"""Takes one finished loop and its ancestors, the message first; the walk then forgets it."""


class Walk:
    """One walk through one message. `tag_at(number)` is the name of a segment further on (asked on faults). Where the
    tree is not wanted (`keeps` is False), no more of it is there than the way to the current segment."""

    def __init__(
        self, plan: Plan, report: Report, tag_at: Callable[[int], str], sink: Sink | None = None, keeps: bool = True
    ) -> None:
        self.plan, self.report, self.tag_at, self.sink, self.keeps = plan, report, tag_at, sink, keeps
        self.counts = [0] * len(plan.nodes)
        self.totals: dict[int, int] = dict.fromkeys(plan.counted, 0)
        self.seen: dict[tuple[object, ...], int] = {}
        self.segments = 1

    def run(self, head: Row, rows: Iterable[Row], numbers: Iterable[int] | None = None) -> Instance:
        """The message's tree. `rows` are those between the header `head` and the trailer; `numbers` are theirs, where
        they do not just count from 2."""
        plan, counts, totals, seen = self.plan, self.counts, self.totals, self.seen
        checks, traces, watches = plan.checks, plan.traces, plan.parts.watches
        streams, keeps = plan.streams if self.sink else frozenset(), self.keeps
        node = plan.nodes[0]
        root = Instance(node, head, 1)
        open_ = [root] * (plan.depth + 1)
        pending: tuple[Instance, tuple[Instance, ...]] | None = None
        number = 1
        for number, row in enumerate(rows, 2) if numbers is None else zip(numbers, rows, strict=True):
            step = node.steps.get(row[0])
            if step is None or step.missing or step.otherwise or step.target.qualifier:
                step = self._choose(node, step, row, number)
                if step is None:
                    self._misplaced(node, row, number, open_)
                    continue
            node = step.target
            at = node.id
            counts[at] = count = counts[at] + 1
            if count > node.limit:
                self._too_many(node, number)
            if node.kids:
                counts[at + 1 : node.last + 1] = [0] * (node.last - at)
            check = checks[at]
            shape = tuple(map(bool, row))
            try:
                check.shapes[shape]  # raises Odd
                all(map(getitem, check.texts, row))
            except Odd:
                self._faulty(node, number, row, check.faults(row))
            trace = traces[at]
            key: tuple[object, ...] = (at, shape) if trace is None else (at, shape, trace(row))
            if at in watches and (parts := watches[at](row)):
                key = (at, shape, trace and key[2], parts)
            if key not in seen:
                seen[key] = number
            if at in totals:
                totals[at] += 1
            made = Instance(node, row, number)
            if at in streams:
                if pending:
                    self.sink(*pending)  # type: ignore[misc]
                pending = (made, tuple(open_[: node.depth]))
            elif keeps:
                siblings = open_[node.depth - 1].kids
                if at in siblings:
                    siblings[at].append(made)
                else:
                    siblings[at] = [made]
            open_[node.depth] = made
        self.segments = number
        for absent in node.missing_at_end:
            self._missing(absent, number + 1, self.plan.dialect.tail)
        if pending and self.sink:
            self.sink(*pending)
        return root

    # -- the careful path ------------------------------------------------------------------------------------------

    def _choose(self, node: Node, step: Step | None, row: Row, number: int) -> Step | None:
        """The best step for `row` among several, None when it has no place here (which is told)."""
        first = step
        while step:
            target = step.target
            fits = target.qualifier is None or self._qualifier(target, row) == target.qualifier
            if fits and self.counts[target.id] < target.limit:
                break
            step = step.otherwise if fits or step.otherwise else None
        if step is None and first and first.target.qualifier is None:
            step = first
        if step is None or self._comes_too_early(node, step, number):
            return None
        for absent in step.missing:
            self._missing(absent, number, row[0])
        return step

    def _qualifier(self, node: Node, row: Row) -> str:
        number, part = self.plan.dictionary.segments[node.tag].qualifier
        return element(row, number, part)

    def _comes_too_early(self, node: Node, step: Step, number: int) -> bool:
        """Whether the next segment goes on from before this one, which passes over something mandatory: then this one
        is misplaced, and what it would pass over still follows."""
        skips = any(absent.parent is step.target.parent and absent.depth == 1 for absent in step.missing)
        following = node.steps.get(self.tag_at(number + 1)) if skips else None
        return following is not None and not following.missing

    # -- telling ---------------------------------------------------------------------------------------------------

    def _name(self, tag: str) -> str:
        segment = self.plan.dictionary.segments.get(tag)
        return segment.name if segment else tag

    def _misplaced(self, node: Node, row: Row, number: int, open_: list[Instance]) -> None:
        """Tell a segment that does not belong after `node`, and read it where it does, if that is plain."""
        tag = row[0]
        name = (
            "OUT-OF-ORDER"
            if tag in self.plan.tags
            else "SEGMENT-NOT-IN-SET"
            if tag in self.plan.dictionary.segments
            else "UNKNOWN-SEGMENT"
        )
        home = self._home(node, row, self.tag_at(number + 1)) if name == "OUT-OF-ORDER" else None
        self.report.illegible = self.report.illegible or (home is None and name == "OUT-OF-ORDER")
        above = home.parent if home else None
        done = f"was read as part of {above.loop or 'the message'}" if above else "was passed over"
        self.report.add(name, segment=number, tag=tag, name=self._name(tag), done=done)
        if home:
            self._bring_home(home, row, number, open_[home.depth - 1])

    def _home(self, node: Node, row: Row, following: str) -> Node | None:
        """Where a segment out of order belongs, in the innermost open loop that has such a one: a single segment, not
        a loop that the `following` one would go on with. What is handed over in parts cannot take what comes late."""
        above: Node | None = node if node.kids else node.parent
        shallow = min((self.plan.nodes[id].depth for id in self.plan.streams), default=0)
        while above and above.depth >= shallow:
            for kid in above.kids:
                fits = kid.tag == row[0] and kid.qualifier in (None, self._qualifier(kid, row))
                if fits and following not in {below.tag for below in kid.kids} and self.counts[kid.id] < kid.limit:
                    return kid
            above = above.parent
        return None

    def _bring_home(self, home: Node, row: Row, number: int, above: Instance) -> None:
        check, trace, shape = self.plan.checks[home.id], self.plan.traces[home.id], tuple(map(bool, row))
        watch = self.plan.parts.watches.get(home.id)
        self.counts[home.id] += 1
        self._faulty(home, number, row, check.faults(row))
        self.seen.setdefault((home.id, shape, trace and trace(row), watch(row) if watch else ()), number)
        if home.id in self.totals:
            self.totals[home.id] += 1
        above.kids.setdefault(home.id, []).append(Instance(home, row, number))

    def _missing(self, absent: Node, number: int, before: str) -> None:
        self.report.add(
            "MISSING-SEGMENT",
            segment=number,
            tag=absent.tag,
            missing=absent.tag,
            loop=absent.loop,
            name=self._name(absent.tag),
            place=f"{before} (segment {number})",
        )

    def _too_many(self, node: Node, number: int) -> None:
        self.report.add(
            "TOO-MANY-LOOPS" if node.kids else "TOO-MANY-SEGMENTS",
            segment=number,
            tag=node.tag,
            name=self._name(node.tag),
            limit=node.limit,
            loop=node.loop,
            place=place_of(node, number, self.counts),
        )

    def _faulty(self, node: Node, number: int, row: Row, faults: list[SegmentFault]) -> None:
        for fault in faults:
            if fault.name == PADDED:
                row[fault.element] = without_padding(row[fault.element])
            elif fault.name in PARTED:
                self._join(node, row, fault.element)
        tell_faults(self.plan, self.report, node, number, faults, place_of(node, number, self.counts))

    def _join(self, node: Node, row: Row, number: int) -> None:
        """A separator in an element without parts belongs to its text, as long as that may stand there; of any other
        the first part is read."""
        use = element_fact(self.plan.dictionary.segments[node.tag], number, None)
        if use is None or use.element is None or use.repeat > 1:
            return
        component, repetition = self.report.signs
        text = row[number].replace(COMPONENT, component).replace(REPEAT, repetition)
        if self.plan.dialect.fault(use.element, text):
            text = row[number].partition(REPEAT)[0].partition(COMPONENT)[0]
        row[number] = text


def place_of(node: Node, number: int, counts: Sequence[int] | Mapping[int, int]) -> str:
    """Where a node stands, as a person counts: "PID in PO1 3 (segment 14)". `counts`: by node id, how many of them
    there are so far where this one stands."""
    words, at = [], node
    while at.parent:
        if at is node or at.limit > 1:
            words.append(f"{at.tag} {counts[at.id]}" if at.limit > 1 and counts[at.id] else at.tag)
        at = at.parent
    return " in ".join(words) + f" (segment {number})"


def tell_faults(
    plan: Plan, report: Report, node: Node, number: int, faults: Iterable[SegmentFault], place: str
) -> None:
    """What is wrong in one segment, which stands at a `place`."""
    segment = plan.dictionary.segments[node.tag]
    for fault in faults:
        use = element_fact(segment, fault.element, fault.component)
        fact = use.element if use else None
        told = {"min": fact.min, "max": fact.max, "form": DATE_FORMS.get(fact.max, "CCYYMMDD")} if fact else {}
        report.add(
            fault.name,
            segment=number,
            tag=node.tag,
            element=fault.element,
            component=fault.component,
            repeat=fault.repeat,
            value=fault.value,
            place=place,
            item=item(segment, fault.element, fault.component),
            digits=digits(fact, plan.dialect.mark),
            loop=node.loop,
            **told,
            **(fault.told or {}),
        )


def without_padding(text: str) -> str:
    """An element whose components and repetitions lose the blanks at their ends."""
    return REPEAT.join(
        COMPONENT.join(part.rstrip() for part in one.split(COMPONENT)) for one in text.split(REPEAT)
    )


def unfold(root: Instance) -> Iterable[Instance]:
    """Depth first, in the order of the structure."""
    yield root
    for node in sorted(root.kids):
        for kid in root.kids[node]:
            yield from unfold(kid)
