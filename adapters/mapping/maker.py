"""Compiles the rows of one table: a `[map]`, `[part.x]` or what stands beside -> a `Part`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from adapters.mapping.annotations import fields_of, unwrapped
from adapters.mapping.beside import ASIDE, UNUSUAL, Beside
from adapters.mapping.codecs import WHOLE, Spot, Values, codec
from adapters.mapping.down import REST
from adapters.mapping.pairs import Pairs
from adapters.mapping.part import APART, HALVES, Choice, Loop, Part, Slot
from adapters.mapping.place import Binder
from adapters.mapping.plan import Plan
from adapters.mapping.rest import name_rests
from adapters.mapping.structure import Node
from hub.errors import BrokenTable
from hub.model.aside import Aside
from hub.model.value import Halved

PAIR, WITH_LIST = 2, 4
"""Fields of a model that holds a pair, and of one that also says out of whose list it is."""


@dataclass(frozen=True, slots=True)
class PartMaker:
    """Compiles the rows of one table. `parts` are its `[part.x]` tables, still as text."""

    table: str
    format: str
    binder: Binder
    plan: Plan
    parts: dict[str, dict[str, str]]
    beside: Beside = field(default_factory=Beside)

    def part(
        self,
        model: type[BaseModel],
        rows: dict[str, str],
        context: Node,
        where: str,
        constants: dict[str, Any] | None = None,
    ) -> Part:
        """Raises BrokenTable, naming the row, for anything that contradicts the model or the structure."""
        constants, slots, loops, pairs = constants or {}, [], [], []
        rows = self._completed(model, rows, context)
        for name, row in rows.items():
            if name == ASIDE:
                continue  # `aside = "no"`: a shape reads the rest
            at = f"{where} {name}"
            field = fields_of(model).get(name)
            if field is None:
                raise BrokenTable(f"{self.table} {at}: {model.__name__} has no field {name!r}")
            inner, many, words = unwrapped(field.annotation)
            if row.startswith("="):
                constants = {**constants, name: row[1:]}
            elif "{*}" in row:
                pairs.append(self._pairs(name, row, inner, context, at))
            elif "->" in row:
                for one in row.split(" and "):
                    loops.append(self._loop(name, one, inner, many, field.is_required(), context, at))
            else:
                slot = self.slot(name, row, inner, words, field.is_required(), context, at)
                slots.append(replace(slot, expected=name in getattr(model, "expected", ())))
        for name in constants:
            if name not in model.model_fields:
                raise BrokenTable(f"{self.table} [constant] {name}: {model.__name__} has no such field")
        absent = [n for n, f in model.model_fields.items() if f.is_required() and n not in rows and n not in constants]
        if absent:
            raise BrokenTable(
                f"{self.table} {where}: {model.__name__} requires {', '.join(absent)}, but no row says where"
            )
        aside = self._aside(model, rows, context, where)
        further = aside.loops if aside else ()
        of_aside = {id(way[-1]) for loop in further for way in loop.ways}
        slots_of_all = [*slots, *(aside.slots if aside else ()), *self._counted(context, where)]
        rests = name_rests(slots_of_all, [*loops, *further])
        self.plan.rests_below += rests
        if not self.plan.in_aside:
            self.plan.downs += [(down, id(down) in of_aside) for down in rests]
        for run in (*pairs, *(aside.pairs if aside else ())):
            run.name_rows([tuple(choice.place for choice in slot.choices) for slot in slots])
        return Part(model, tuple(slots), tuple(loops), constants, tuple(pairs), aside)

    def _counted(self, context: Node, where: str) -> list[Slot]:
        """Rows for what the table counts right below the message: what "*" leaves over, too."""
        here = [place for place in self.beside.counts if "[" in place and "/" not in place]
        return [self.slot("count", place, str, None, False, context, where) for place in here if not context.parent]

    def _completed(self, model: type[BaseModel], rows: dict[str, str], context: Node) -> dict[str, str]:
        """The rows of a part, and those that need not be repeated."""
        if model is Aside:
            return rows
        own = {**self.beside.own(model, context, rows), **rows} if context.parent else rows
        below = self.beside.below(model, context, own, False)
        return {**rows, **{name: row for name, row in own.items() if name not in rows}, **below}

    def _aside(self, model: type[BaseModel], rows: dict[str, str], context: Node, where: str) -> Part | None:
        """What may be said aside of a segment whose other rows are `rows`."""
        if ASIDE not in model.model_fields or ASIDE in rows:
            return None
        own = self.beside.aside_own(context, rows) | ({} if context.parent else self.beside.message)
        times = self.beside.times_of(rows)
        own = {**times, **own}
        below = self.beside.below(Aside, context, {**rows, **own}, True)
        below = {name: row for name, row in below.items() if name not in own}
        if not own and not below:
            return None
        before, self.plan.in_aside = self.plan.in_aside, self.plan.in_aside or 1
        made = self.part(Aside, {**own, **below}, context, f"{where} {ASIDE}")
        self.plan.in_aside = before
        return replace(made, times=tuple(slot for slot in made.slots if slot.name in times))

    def slot(
        self, name: str, row: str, kind: type, words: frozenset[str] | None, required: bool, context: Node, at: str
    ) -> Slot:
        """One row "place or place | codec", checked against the type of its field. "| code unit else each": the word
        that the standard means where nothing is sent."""
        places, _, codec_name = row.partition("|")
        codec_name, _, otherwise = (text.strip() for text in codec_name.partition(" else "))
        choices = []
        for text in places.split(" or "):
            choice = self._choice(text, codec_name, context, at)
            made = choice.codec
            if made.kind is not kind:
                raise BrokenTable(
                    f"{self.table} {at}: the field is {kind.__name__}, but the codec "
                    f"{codec_name.strip() or 'text'!r} gives {made.kind.__name__}"
                )
            if words is not None and (made.words is None or not made.words <= words):
                odd = "free text" if made.words is None else ", ".join(sorted(made.words - words))
                raise BrokenTable(f"{self.table} {at}: the field does not allow {odd}")
            if otherwise and made.kind is not Decimal and otherwise not in (made.words or ()):
                raise BrokenTable(f"{self.table} {at}: {otherwise!r} is no word of {codec_name!r}")
            choices.append(choice)
        meant = made.load(otherwise) if otherwise and made.kind is Decimal else otherwise or None
        return Slot(name, tuple(choices), required, meant)

    def _choice(self, text: str, codec_name: str, context: Node, at: str) -> Choice:
        text, _, before = text.partition(" after ")
        text, _, other = text.partition(" with ")
        text, _, owner = text.partition(" of ")
        whole = codec_name.split(" ")[0] in WHOLE
        place = self.binder.bind(text, context, at, whole)
        if not place.element and place.pair is None:
            raise BrokenTable(f"{self.table} {at}: {text.strip()!r} names no element")
        try:
            made = codec(codec_name, Spot(self.format, place.fact, place.pair, place.qualifier))
        except LookupError as unknown:
            raise BrokenTable(f"{self.table} {at}: {unknown.args[0]}") from None
        self.plan.uses(place)
        if self.plan.in_aside and codec_name.startswith(UNUSUAL):
            for node in place.steps[-1].nodes if place.steps else (place.node,):
                self.plan.usual.setdefault(node.id, {})[place.element] = codec_name.split()[-1]
        beside = self.binder.bind(other, context, at) if other else None
        after = self.binder.bind(before, context, at) if before else None
        of = self.binder.bind(owner, context, at) if owner else None
        return Choice(place, made, Values(made.load), place.reader(), beside, after, of)

    def _loop(self, name: str, row: str, inner: type, many: bool, required: bool, context: Node, at: str) -> Loop:
        places, _, part = (text.strip() for text in row.partition("->"))
        rows = self.parts.get(part, {})
        if part not in self.parts and part not in self.beside.parts:
            raise BrokenTable(f"{self.table} {at}: there is no [part.{part}]")
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            raise BrokenTable(f"{self.table} {at}: the field is {inner.__name__}, which has no parts")
        ways, parts = [], []
        for text in places.split(" or "):
            place = self.binder.bind(text.replace(APART, "").replace(HALVES, ""), context, at)
            self.plan.uses(place)
            self.plan.loops(place)
            ways.append(place.steps)
            last = place.steps[-1]
            before = [self.plan.known(node) for node in last.nodes] if last.qualifier else []
            self.plan.in_aside += bool(self.plan.in_aside)
            parts.append(self.part(inner, rows, last.nodes[0], f"[part.{part}]"))
            self.plan.in_aside -= bool(self.plan.in_aside)
            for node, known in zip(last.nodes, before, strict=False):
                self.plan.leave_to(node, last.qualifier or REST, known)
        halves = inner if HALVES in places and issubclass(inner, Halved) else None
        if HALVES in places and not (many and halves):
            raise BrokenTable(f"{self.table} {at}: {inner.__name__} does not come in halves")
        return Loop(name, tuple(ways), many, required, tuple(parts), APART in places, halves)

    def _pairs(self, name: str, row: str, inner: type, context: Node, at: str) -> Pairs:
        text, _, codec_name = row.partition("|")
        places = tuple(self.binder.bind(one, context, at) for one in text.split(" or "))
        named: set[str] = set()
        more = isinstance(inner, type) and issubclass(inner, BaseModel) and len(inner.model_fields) > PAIR
        watched = self.plan.parts.behind_pairs(places) if more else {}
        for place in places:
            self.plan.uses(place)
            if self.plan.in_aside:
                self.plan.runs.append((place, named, watched))
            self.plan.rests.append((place.steps[-1].nodes if place.steps else (place.node,), named))
        if not issubclass(inner, BaseModel) or len(inner.model_fields) not in (PAIR, WITH_LIST):
            raise BrokenTable(f"{self.table} {at}: the field holds no pairs")
        return Pairs(name, inner, places, codec(codec_name, Spot(self.format)), named, watched)
