"""Who writes the documents of one table: the first of a shape the careful way, the next by what was learnt."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from adapters.mapping.dialect import COMPONENT, trimmed
from adapters.mapping.fixed import ORDINAL
from adapters.mapping.message import Message
from adapters.mapping.part import Loop
from adapters.mapping.segment import Odd
from adapters.mapping.structure import Node
from adapters.mapping.templates.gap import Ready, ready
from adapters.mapping.templates.ink import Body, Ink
from adapters.mapping.templates.shape import FIRST_MARK, Fields, Mark, Path, marking
from adapters.mapping.templates.template import Alike, Template, values_at
from adapters.mapping.walk import Instance, unfold
from hub.errors import Reject
from hub.model.exchange import Document

TEMPLATES = True
"""Switched off, every document is written the careful way: the same, only slower."""
COUNT = "\uf8ff"
"""Where the number of lines goes; like the marks no printable character."""
_MARKS = re.compile("[\ue000-\uf8fe]")
MOST_SHAPES, MOST_FRESH, TRIES = 2000, 50, 3
"""So many shapes are remembered of one table, so many are learnt from one document, so often it is tried."""


class Scribe:
    """Writes the documents of one table in one format's ink."""

    def __init__(self, message: Message, ink: Ink) -> None:
        self.message, self.ink = message, ink
        self.lines = _lines(message)
        self.fields = Fields([message.part])
        self.part = marking(message.part)
        self.heads: dict[Hashable, tuple[Template, Template] | None] = {}
        self.items: dict[Hashable, Template | None] = {}
        self.ready: dict[Hashable, Ready] = {}
        self.tries: dict[Hashable, int] = {}
        self.usual: Alike | None = None

    def write(self, document: Document) -> list[Body]:
        """One or more messages, as `Message.write` has their rows. Raises Reject like that."""
        loop = self.lines if TEMPLATES and type(document) is self.message.canonical else None
        loop = loop if loop and getattr(document, loop.name) else None
        try:
            quick = self._quick(document, loop) if loop else None
        except Odd:
            quick = loop = None
        if quick is not None:
            return [quick]
        bodies = [Body("".join(map(self.ink.row, rows)), len(rows)) for rows in self.message.write(document)]
        if loop:
            self._learn(document, loop, bodies[0])
        return bodies

    def _quick(self, document: Any, loop: Loop) -> Body | None:
        head = self.heads.get(self.fields.shape(document, loop.name))
        if head is None:
            return None
        lines = getattr(document, loop.name)
        if len(lines) > loop.ways[0][0].nodes[0].limit:
            return None
        try:
            alike = self.usual.fill(lines) if self.usual else None
            if self.usual and alike is not None:
                return _between(document, len(lines), head, alike, self.usual.template.segments * len(lines))
            return self._mixed(document, lines, loop, head)
        except (Odd, ValueError, Reject):
            return None

    def _mixed(self, document: Any, lines: Sequence[Any], loop: Loop, head: tuple[Template, Template]) -> Body | None:
        """With lines of several kinds."""
        fields = self.fields.loops[loop.name][1]
        items = [self.items.get(fields.shape(line)) for line in lines]
        first = items[0] if items else None
        if first and (self.usual is None or self.usual.template is not first):
            self.usual = Alike(first, lines[0], fields.names)
        return None if None in items else _filled(document, lines, head, items)

    # -- learning --------------------------------------------------------------------------------------------------

    def _learn(self, document: Any, loop: Loop, careful: Body) -> None:
        """Make the templates that are missing, and keep them if they say the same as the careful way. Where a value of
        this document is in the way, others of its shape are tried before it is given up."""
        lines, fields = getattr(document, loop.name), self.fields.loops[loop.name][1]
        try:
            key, shapes = self.fields.shape(document, loop.name), [fields.shape(line) for line in lines]
        except Odd:
            return
        fresh = {shape: line for shape, line in zip(shapes, lines, strict=True) if shape not in self.items}
        if (key in self.heads and not fresh) or len(fresh) > MOST_FRESH:
            return
        if len(self.heads) + len(self.items) + len(self.tries) > MOST_SHAPES:
            self.heads.clear()
            self.items.clear()
            self.tries.clear()
        self.tries[key] = self.tries.get(key, 0) + 1
        head: tuple[Template, Template] | None = None
        made: dict[Hashable, Template | None] = dict.fromkeys(fresh)
        try:
            head, _ = self._templates(document, loop, None)
            items = self.items | {shape: self._templates(document, loop, line)[1] for shape, line in fresh.items()}
            if _filled(document, lines, head, [items[shape] for shape in shapes]) != careful:
                raise Odd("not the same")
            made = {shape: items[shape] for shape in fresh}
        except (Odd, ValueError, Reject):
            if self.tries[key] < TRIES:
                return
            head = self.heads.get(key)
        self.heads[key] = head
        self.items |= made

    def _templates(self, document: Any, loop: Loop, line: Any) -> tuple[tuple[Template, Template], Template | None]:
        """What stands before the lines and behind them, and the line."""
        root, node = Instance(self.message.plan.nodes[0], [self.message.plan.nodes[0].tag], 0), loop.ways[0][0].nodes[0]
        marks: list[tuple[Mark, Path]] = []
        self.part.write(self.fields.stand_in(document, marks, without=loop.name), root)
        if node.id in root.kids:
            raise Odd("a line that is none")
        if line is not None:
            stand_in = self.fields.loops[loop.name][1].stand_in(line, marks, (loop.name,))
            made = loop.make(root)
            marking(loop.part).write(stand_in, made)
        self.message.complete(root, {node.id: COUNT})
        before = [one for id in sorted(root.kids) if id < node.id for kid in root.kids[id] for one in unfold(kid)]
        behind = [one for id in sorted(root.kids) if id > node.id for kid in root.kids[id] for one in unfold(kid)]
        own = [one for kid in root.kids.get(node.id, ()) for one in unfold(kid)]
        found = {ord(sign) for one in (*before, *own, *behind) for text in one.row for sign in _MARKS.findall(text)}
        if len(found) < len(marks):
            raise Odd("a value that is not written")
        head = self._template(before, marks), self._template(behind, marks)
        return head, self._template(own, marks, 1) if line is not None else None

    def _template(self, instances: list[Instance], marks: list[tuple[Mark, Path]], skip: int = 0) -> Template:
        """`skip`: so many names of every path lead to the line itself."""
        paths, gaps, text = [], [], []
        for instance in instances:
            row = trimmed(instance.row)
            for number, element in enumerate(row):
                for sign in _MARKS.findall(element):
                    mark, path = marks[ord(sign) - FIRST_MARK]
                    if self.lines is None or (path[0] == self.lines.name) != bool(skip):
                        raise Odd("a line in the head, or the head in a line")
                    paths.append(path[skip:])
                    gaps.append(self._ready(mark, instance.node, number, element))
            text.append(self.ink.row(row).replace("%", "%%"))
        whole = _MARKS.sub("%s", "".join(text))
        return Template(whole, tuple(paths), values_at(paths), tuple(gaps), len(instances))

    def _ready(self, mark: Mark, node: Node, number: int, element: str) -> Ready:
        """What fills the gap in this element of a segment."""
        if len(mark.told) > 1 or not number:
            raise Odd("written twice")
        slot, old = mark.told[0] if mark.told else (None, "")
        composite = bool(self.message.plan.dictionary.segments[node.tag].uses[number - 1].parts)
        whole = slot is not None and slot.choices[mark.choice].codec.whole
        part = element.split(COMPONENT).index(mark) + 1 if element != mark else int(composite and not whole)
        key = (slot and slot.name, slot and slot.choices[mark.choice].place.text, old, node.id, number, part)
        if key not in self.ready:
            self.ready[key] = ready(self.message, slot, mark.choice, old, node, number, part, self.ink.clean)
        return self.ready[key]


def _filled(
    document: Any, lines: Sequence[Any], head: tuple[Template, Template], items: Sequence[Template | None]
) -> Body:
    text: list[str] = []
    segments = 0
    for line, template in zip(lines, items, strict=True):
        if template is None:
            raise Odd("no template")
        text.append(template.fill(line))
        segments += template.segments
    return _between(document, len(lines), head, "".join(text), segments)


def _between(document: Any, count: int, head: tuple[Template, Template], text: str, segments: int) -> Body:
    """The lines between what stands before and behind them."""
    before, behind = head
    tail = behind.fill(document).replace(COUNT, str(count))
    return Body(before.fill(document) + text + tail, segments + before.segments + behind.segments)


def _lines(message: Message) -> Loop | None:
    """The loop whose items have templates of their own; None where this table cannot be written by templates: its
    segments are numbered or counted within the lines, or it says what no row can say."""
    loops = [loop for loop in message.part.loops if loop.name == "lines"]
    if message.shape or message.tree or len(loops) != 1:
        return None
    loop = loops[0]
    way = loop.ways[0]
    if not loop.many or loop.apart or len(loop.ways) > 1 or len(way) > 1 or len(way[0].nodes) > 1 or way[0].qualifier:
        return None
    node = way[0].nodes[0]

    def inside(one: Node) -> bool:
        return node.id <= one.id <= node.last

    for fixed in message.fixed:
        numbered = fixed.value == ORDINAL and any(map(inside, fixed.nodes))
        counted = fixed.count is not None and (
            (inside(fixed.count) and fixed.count is not node) or any(map(inside, fixed.nodes))
        )
        if numbered or counted or fixed.source:
            return None
    return loop


_SCRIBES: dict[Hashable, tuple[Message, Scribe]] = {}


def scribe(message: Message, ink: Callable[[], Ink], key: Hashable) -> Scribe:
    """The scribe of a table in the ink that `key` names, made once."""
    known = _SCRIBES.get((id(message), key))
    if known is None or known[0] is not message:
        if len(_SCRIBES) >= 256:
            _SCRIBES.clear()
        known = _SCRIBES[id(message), key] = (message, Scribe(message, ink()))
    return known[1]
