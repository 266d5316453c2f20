"""What nearly every loop may say beside its own matter: rows that a table need not repeat.

`schemas/<format>/beside.toml` says it once for all messages of a format:

    [beside]
    dates = "DTM G62"              the field `dates`, of whoever has it, is read from DTM and G62 right below
    [fixed]
    "PKG-01 with PKG-05" = ["F", "*"]
    [Moment.DTM]                   the rows of a Moment that is read from a DTM
    kind = "DTM-01 | open moment"

A row of the table itself always goes first, and so does its reading of a segment: here belongs what is left over. What
the model has no field for goes into its `aside`, where it has one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from adapters.mapping.annotations import fields_of, unwrapped
from adapters.mapping.structure import Node
from schemas import facts
from schemas.facts import Segment

ASIDE = "aside"
UNUSUAL = "other"
"""Begins the codec of a row for an element that the table has a fixed value for: read where another one stands."""
Rows = dict[str, str]
DAY, TIME = "dtm", "dtm_time"
"""The codecs of a place that holds a day, and maybe a time of it."""
_ELEMENTS = re.compile(r"[A-Z][A-Z0-9]{1,2}-[\d.]+")
_PLACES = re.compile(r"(?<![\w/])(?P<up>\^*)(?P<tag>[A-Z][A-Z0-9]{1,2})(?:#\d)?(?P<qualifier>\[[\w*]+\])?(?=[-{/ |]|$)")


@dataclass(frozen=True, slots=True)
class Beside:
    """The rows of one format. `fields` say by field which segments it is read from, `parts` are rows by "Model.TAG"."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parts: Mapping[str, Rows] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    """Tags right below the message that no rows read, but a frame or a tree."""
    always: frozenset[str] = frozenset()
    """Elements that the table has a fixed value for."""
    counts: tuple[str, ...] = ()
    """Places in which the table counts something."""
    times: Mapping[str, str] = field(default_factory=dict)
    """Fields that are read as days, and those of an aside that hold the time of that day, where one was sent."""
    children: Mapping[str, str] = field(default_factory=dict)
    """By loop the places that say how the loops hang together: see adapters/mapping/children.py."""
    message: Rows = field(default_factory=dict)
    """What the table's own `[aside]` says of a message."""
    segments: Mapping[str, Segment] = field(default_factory=dict)
    """As the table's release has them: a row for a component that came later falls away."""

    def own(self, model: type[BaseModel], context: Node, rows: Rows) -> Rows:
        """Rows for elements of the loop's own segment that the table does not mention."""
        found: Rows = {}
        for one in model.__mro__:
            for name, row in self.parts.get(f"{one.__name__}.{context.tag}", {}).items():
                if name in model.model_fields and name not in rows:
                    found.setdefault(name, row)
        needed = {name for name, known in model.model_fields.items() if known.is_required()}
        said = {name: row for name, row in found.items() if name in needed or not self._is_fixed(row)}
        return {name: row for name, row in said.items() if self._fits(row, context)}

    def aside_own(self, context: Node, rows: Rows) -> Rows:
        """Rows of an aside for elements that no row of the table reads: of the loop's own segment, of a message those
        of the segments that stand in it once."""
        known = _taken(rows, context.tag)
        once = [kid.tag for kid in context.kids if kid.limit == 1 and known.get(kid.tag) != WHOLE]
        counting = {place.partition("-")[0] for place in self.counts}
        tags = [context.tag, *(tag for tag in once if tag in known or tag in counting)]
        runs = any("{*}" in row for row in rows.values())
        read = {place for row in rows.values() for place in _ELEMENTS.findall(row.partition("->")[0])}
        found: Rows = {}
        for tag in tags:
            for name, row in self.parts.get(f"Aside.{tag}", {}).items():
                if "{*}" in row and (runs or not self._fits(row, context)):
                    continue  # another row reads all pairs, or there are none
                places, after, before = row.partition(" after ")
                alone = not read & set(_ELEMENTS.findall(places))
                if after and alone:  # nobody reads it instead of the other place
                    row = places + "".join(before.partition(" |")[1:])
                new = (after or alone) and all(map(self._is_known, _ELEMENTS.findall(places.partition("|")[0])))
                if new and (f"| {UNUSUAL}" in row or not self._is_fixed(row)):
                    found.setdefault(name, row)
        return found

    def times_of(self, rows: Rows) -> Rows:
        """Rows of an aside for the time of the days that `rows` read."""
        days = {name: row.partition("|")[0] for name, row in rows.items() if row.endswith(f"| {DAY}")}
        return {self.times[name]: f"{places}| {TIME}" for name, places in days.items() if name in self.times}

    def below(self, model: type[BaseModel], context: Node, rows: Rows, aside: bool) -> Rows:
        """Rows for the segments right below that no row reads as a whole. In an `aside` also those of which rows read
        something: what they leave."""
        here = {kid.tag for kid in context.kids}
        near = [(name, [tag for tag in tags if tag in here]) for name, tags in self.fields.items()]
        near = [(name, tags) for name, tags in near if tags and name in model.model_fields]
        taken = _taken(rows, context.tag) if near else {}
        taken |= {} if context.parent else dict.fromkeys(self.elsewhere, WHOLE)
        found: Rows = {}
        for name, tags in near:
            if name in rows and not aside:
                continue
            inner = unwrapped(fields_of(model)[name].annotation)[0]
            ways = [way for tag in tags for way in self._ways(tag, inner, context, taken, aside)]
            if ways:
                found[name] = " and ".join(ways)
        return found

    def _ways(self, tag: str, inner: type, context: Node, taken: Mapping[str, int], aside: bool) -> list[str]:
        nodes = [node for node in context.kids if node.tag == tag]
        part = f"{inner.__name__}.{tag}"
        if not nodes or part not in self.parts or taken.get(tag, NAMED) > (FIRST if aside else NAMED):
            return []
        if aside and nodes[0].limit == 1 and tag in taken and f"{ASIDE.title()}.{tag}" in self.parts:
            return []  # what is left of it has fields of its own
        if len(nodes) == 1 or not any(node.kids for node in nodes):
            return [f"{tag}[*] -> {part}"]
        return [f"{tag}#{at}[*] -> {part}" for at in range(1, len(nodes) + 1)]

    def _is_fixed(self, row: str) -> bool:
        return any(place in self.always for place in _ELEMENTS.findall(row))

    def _fits(self, row: str, context: Node) -> bool:
        """Whether all places of a row are there."""
        kids = {kid.tag for kid in context.kids}
        places = row.split("|")[0]
        near = all(found["tag"] == context.tag or found["tag"] in kids for found in _PLACES.finditer(places))
        return row.startswith("=") or (near and all(map(self._is_known, _ELEMENTS.findall(places))))

    def _is_known(self, place: str) -> bool:
        """Whether a segment has such an element and component."""
        tag, _, at = place.partition("-")
        number, _, part = at.partition(".")
        uses = self.segments[tag].uses if tag in self.segments else ()
        parts = max(len(uses[int(number) - 1].parts), 1) if 0 < int(number) <= len(uses) else 0
        return tag not in self.segments or int(part or 1) <= parts


NAMED, FIRST, WHOLE = range(3)
"""Rows read some qualifiers of a tag, or its first segment whatever that is, or all there is."""


def _taken(rows: Rows, own: str) -> dict[str, int]:
    """How much rows read of the tags below a segment `own`."""
    taken: dict[str, int] = {}
    for row in rows.values():
        for way in row.split(" and "):
            places, arrow, _ = way.partition("->")
            for found in _PLACES.finditer(places.partition("|")[0]):
                if found["up"] or found["tag"] == own:
                    continue
                on = places[found.end() : found.end() + 1] == "/"
                whole = bool(arrow) and not on and found["qualifier"] in (None, "[*]")
                how = WHOLE if whole else FIRST if found["qualifier"] is None else NAMED
                taken[found["tag"]] = max(taken.get(found["tag"], NAMED), how)
    return taken


@lru_cache(maxsize=8)
def beside(format: str) -> Beside:
    """What is said of a format; nothing where it has no such file."""
    raw = facts.beside(format)
    fields = {name: tuple(str(tags).split()) for name, tags in raw.get("beside", {}).items()}
    models = {name: tags for name, tags in raw.items() if name not in ("beside", "fixed", "times", "children")}
    parts = {f"{model}.{tag}": rows for model, tags in models.items() for tag, rows in tags.items()}
    return Beside(fields, parts, raw.get("fixed", {}), times=raw.get("times", {}), children=raw.get("children", {}))
