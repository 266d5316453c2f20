"""One pydantic model <-> one loop (or the message itself): a compiled `[map]` or `[part.x]`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ValidationError

from adapters.mapping.annotations import unwrapped
from adapters.mapping.codecs import WHOLE, Codec, Spot, Values, codec, significant
from adapters.mapping.dialect import component, element
from adapters.mapping.doubles import tell_doubles
from adapters.mapping.pairs import Pairs
from adapters.mapping.place import REST, Binder, Down, Place
from adapters.mapping.plan import Plan
from adapters.mapping.reach import Reach
from adapters.mapping.report import Report
from adapters.mapping.rest import name_rests
from adapters.mapping.segment import item
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance
from hub.errors import BrokenTable, Reject, Severity
from hub.model.value import Halved

EXACT_DIGITS = 15
APART = "!"
"""After the tag of a loop: every value of the field gets one of its own."""
HALVES = "&"
"""After the tag of a loop: a value may need two of them, which are read as one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the places of a row, with the codec made for it."""

    place: Place
    codec: Codec
    values: Values
    text: Callable[[Instance], str]
    beside: Place | None = None
    """`ACK-03 with ACK-02`: written wherever that other place is filled already, and then not elsewhere."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A field and the places that may hold it: the first that is filled is read, the first with room is written."""

    name: str
    choices: tuple[Choice, ...]
    required: bool
    otherwise: Any = None

    def read(self, instance: Instance, report: Report) -> Any:
        """The value; `otherwise` where nothing was sent, None where it cannot be read (which is told)."""
        for choice in self.choices:
            if text := choice.text(instance):
                try:
                    value = choice.values[text]
                except (ValueError, OverflowError):
                    _tell_unreadable(self, choice, *choice.place.get(instance), report)
                    return None
                if len(text) > EXACT_DIGITS and choice.codec.kind is float and significant(text) > EXACT_DIGITS:
                    _tell(report, "LOST-PRECISION", choice.place, choice.place.get(instance)[1], text)
                return value
        return self.otherwise

    def write(self, value: Any, instance: Instance) -> None:
        """Raises Reject when no place takes the value."""
        beside = [choice for choice in self.choices if choice.beside and choice.beside.get(instance)[0]]
        for choice in beside:
            choice.place.put(instance, choice.codec.dump(value, ""))
        if beside or (value == self.otherwise and any(choice.beside for choice in self.choices)):
            return  # what is meant anyway needs no segment of its own
        reasons = []
        for choice in self.choices:
            place = choice.place
            try:
                old = place.get(instance)[0] if choice.codec.whole else ""
                text = choice.codec.dump(value, old)
                if choice is not self.choices[-1] and not (choice.codec.whole or place.holds(text)):
                    raise ValueError(f"{place.text} does not hold {text!r}")
                place.put(instance, text)
                return
            except (ValueError, OverflowError) as reason:
                reasons.append(str(reason))
        raise Reject(f"{self.name} cannot be written: {'; '.join(reasons)}", reason="NOT_WRITABLE")


def _tell(report: Report, name: str, at: Place, found: Instance, value: str | None, /, **told: Any) -> None:
    report.add(
        name,
        segment=found.number,
        tag=found.node.tag,
        element=at.element or None,
        component=at.component or None,
        value=value,
        item=words(at),
        loop=found.node.loop,
        **told,
        place=f"{found.node.tag} (segment {found.number})",
    )


def words(place: Place) -> str:
    """What stands at a place, in words."""
    if place.pair:
        return f"the value with qualifier {place.pair}"
    return item(place.segment, place.element, place.component or None)


def _tell_unreadable(slot: Slot, choice: Choice, text: str, found: Instance, report: Report) -> None:
    at = choice.place.element or None
    told = (found.number, at) in report.faulty
    shown = component(text, 2) if choice.codec.whole else text
    if choice.codec.kind is date:
        if not told:
            _tell(report, "INVALID-DATE", choice.place, found, shown, form="CCYYMMDD")
        return
    if choice.codec.words is not None and not slot.required:
        if not told:
            _tell(report, "UNKNOWN-WORD", choice.place, found, shown, known=choice.codec.wanted.removeprefix("one of "))
    elif not told:
        _tell(report, "UNREADABLE", choice.place, found, shown, wanted=choice.codec.wanted)


@dataclass(frozen=True, slots=True)
class Loop:
    """A field that is a document of its own, or many of them; `ways` are the loops that may hold it."""

    name: str
    ways: tuple[tuple[Down, ...], ...]
    many: bool
    required: bool
    parts: tuple[Part, ...]
    """The same rows, bound below the loop of each way."""
    apart: bool = False
    """`lines = "LX!/W01 -> line"`: each is written into a loop of its own; read wherever it stands."""
    halves: type[Halved] | None = None
    """`terms = "PAT& -> terms"`: the model says by `halves` and `joined` what two segments say together."""

    @property
    def part(self) -> Part:
        return self.parts[0]

    def find(self, instance: Instance) -> tuple[list[Instance], Part]:
        for way, part in zip(self.ways, self.parts, strict=True):
            level = [instance]
            for down in way:
                level = [kid for above in level for kid in down(above)]
            if level:
                return level, part
        return [], self.part

    def make(self, instance: Instance) -> Instance:
        *above, last = self.ways[0]
        for down in above:
            instance = down.make(instance, fresh=self.apart)
        return last.make(instance, fresh=True)

    def each(self, value: Any) -> tuple[Any, ...]:
        """What is written of the field, one loop for each."""
        values = value if self.many else (() if value is None else (value,))
        if self.halves is None:
            return tuple(values)
        return tuple(half for one in values for half in (one.halves() if isinstance(one, self.halves) else (one,)))

    def leave_out(self, above: Instance, made: Instance) -> None:
        """Take back a loop that this dialect cannot say."""
        above.kids[made.node.id].remove(made)
        if not above.kids[made.node.id]:
            del above.kids[made.node.id]

    def demand_rest(self, above: Instance, made: Instance) -> None:
        """Raises Reject where what was written for "*" would be read by another row."""
        last = self.ways[0][-1]
        qualifier = element(made.row, *last.at)
        read_elsewhere = last.qualifier == REST and qualifier in last.named and len(self.ways[0]) == 1
        if read_elsewhere and not any(made is found for found in last(above)):
            raise Reject(f"{self.name}: {made.node.tag} {qualifier} says another field", reason="NOT_WRITABLE")


@dataclass(frozen=True, eq=False)
class Part:
    """`constants` are fields that this table always means; they are set on reading and demanded on writing."""

    model: type[BaseModel]
    slots: tuple[Slot, ...]
    loops: tuple[Loop, ...]
    constants: dict[str, Any]
    pairs: tuple[Pairs, ...] = ()

    @cached_property
    def reach(self) -> Reach:
        return Reach(self)

    def read(self, instance: Instance, report: Report) -> Any:
        """The document, None when something that it cannot do without is absent or wrong (which is told)."""
        within, whole = self.reach(instance), True
        values, slots = within.read(instance)
        for slot, read in slots:
            value = read(instance, report)
            if value is not None:
                values[slot.name] = value
            elif slot.required:
                whole = False
                self._tell_absent(slot, instance, report)
        for loop in within.loops:
            found, rows = loop.find(instance)
            if not found:
                continue
            parts = [rows.read(kid, report) for kid in (found if loop.many else found[:1])]
            whole = whole and None not in parts
            if whole and loop.halves:
                parts = [*loop.halves.joined(parts)]
            values[loop.name] = (*values.get(loop.name, ()), *parts) if loop.many else parts[0]
        for run in within.pairs:
            if pairs := run.read(instance):
                values[run.name] = pairs
        tell_doubles(self, within, instance, report)
        if not whole:
            return None
        try:
            return self.model.__pydantic_validator__.validate_python(values)
        except ValidationError as wrong:
            self._tell_invalid(wrong, instance, report)
            return None

    def _tell_absent(self, slot: Slot, instance: Instance, report: Report) -> None:
        if not any(f.severity is Severity.ERROR for f in report.findings):
            report.add(
                "NO-VALUE",
                segment=instance.number,
                tag=instance.node.tag,
                field=slot.name,
                part=self.model.__name__,
                item=slot.choices[0].place.text,
                place=f"{instance.node.tag} (segment {instance.number})",
            )

    def _tell_invalid(self, wrong: ValidationError, instance: Instance, report: Report) -> None:
        for error in wrong.errors(include_url=False):
            name = str(error["loc"][0]) if error["loc"] else "content"
            report.add(
                "NOT-VALID",
                segment=instance.number,
                tag=instance.node.tag,
                field=name,
                reason=error["msg"],
                part=self.model.__name__,
                place=f"{instance.node.tag} (segment {instance.number})",
            )

    def said(self) -> set[str]:
        """The fields that some row reads and writes."""
        runs = [run.name for run in self.pairs]
        return {*(slot.name for slot in self.slots), *(loop.name for loop in self.loops), *runs, *self.constants}

    def says(self, document: Any) -> bool:
        """Whether there is a place for everything that the document holds."""
        said = self.said()
        return not any(getattr(document, name) not in (None, ()) for name in self.model.model_fields.keys() - said)

    def write(self, document: Any, instance: Instance) -> None:
        """Fill `instance` and what is below it. Raises Reject for what this table cannot say."""
        for name, constant in self.constants.items():
            if getattr(document, name) not in (constant, None):
                raise Reject(f"this table writes only {name} = {constant!r}", reason="NOT_WRITABLE")
        said = self.said()
        for name, field in self.model.model_fields.items():
            spare = name in said or name in getattr(self.model, "spare", ())
            if not spare and getattr(document, name) not in (None, (), field.default):
                raise Reject(f"this table has no place for {self.model.__name__}.{name}", reason="NOT_WRITABLE")
        for slot in self.slots:
            value = getattr(document, slot.name)
            if value is not None:
                slot.write(value, instance)
        for name in dict.fromkeys(loop.name for loop in self.loops):
            loops = [loop for loop in self.loops if loop.name == name]
            value = getattr(document, name)
            for one in loops[0].each(value):
                loop = next((loop for loop in loops if loop.part.says(one)), loops[0])
                made = loop.make(instance)
                try:
                    loop.part.write(one, made)
                    loop.demand_rest(instance, made)
                except Reject:
                    if name not in getattr(self.model, "spare", ()) or len(loop.ways[0]) > 1:
                        raise
                    loop.leave_out(instance, made)
        for run in self.pairs:
            run.write(getattr(document, run.name), instance)


@dataclass(frozen=True, slots=True)
class PartMaker:
    """Compiles the rows of one table. `parts` are its `[part.x]` tables, still as text."""

    table: str
    format: str
    binder: Binder
    plan: Plan
    parts: dict[str, dict[str, str]]

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
        for name, row in rows.items():
            at = f"{where} {name}"
            field = model.model_fields.get(name)
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
                slots.append(self.slot(name, row, inner, words, field.is_required(), context, at))
        for name in constants:
            if name not in model.model_fields:
                raise BrokenTable(f"{self.table} [constant] {name}: {model.__name__} has no such field")
        absent = [n for n, f in model.model_fields.items() if f.is_required() and n not in rows and n not in constants]
        if absent:
            raise BrokenTable(
                f"{self.table} {where}: {model.__name__} requires {', '.join(absent)}, but no row says where"
            )
        name_rests(slots, loops)
        for run in pairs:
            run.name_rows([tuple(choice.place for choice in slot.choices) for slot in slots])
        return Part(model, tuple(slots), tuple(loops), constants, tuple(pairs))

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
            if otherwise and otherwise not in (made.words or ()):
                raise BrokenTable(f"{self.table} {at}: {otherwise!r} is no word of {codec_name!r}")
            choices.append(choice)
        return Slot(name, tuple(choices), required, otherwise or None)

    def _choice(self, text: str, codec_name: str, context: Node, at: str) -> Choice:
        text, _, other = text.partition(" with ")
        whole = codec_name.split(" ")[0] in WHOLE
        place = self.binder.bind(text, context, at, whole)
        if not place.element and place.pair is None:
            raise BrokenTable(f"{self.table} {at}: {text.strip()!r} names no element")
        try:
            made = codec(codec_name, Spot(self.format, place.fact, place.pair, place.qualifier))
        except LookupError as unknown:
            raise BrokenTable(f"{self.table} {at}: {unknown.args[0]}") from None
        self.plan.uses(place)
        beside = self.binder.bind(other, context, at) if other else None
        return Choice(place, made, Values(made.load), place.reader(), beside)

    def _loop(self, name: str, row: str, inner: type, many: bool, required: bool, context: Node, at: str) -> Loop:
        places, _, part = (text.strip() for text in row.partition("->"))
        if part not in self.parts:
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
            before = [set(self.plan.mapped.get(node.id, ())) for node in last.nodes]
            parts.append(self.part(inner, self.parts[part], last.nodes[0], f"[part.{part}]"))
            if last.qualifier == REST:
                for node, known in zip(last.nodes, before, strict=True):
                    told = self.plan.mapped.setdefault(node.id, set())
                    self.plan.mapped[node.id] = known | {(q or REST, number) for q, number in told - known}
        halves = inner if HALVES in places and issubclass(inner, Halved) else None
        if HALVES in places and not (many and halves):
            raise BrokenTable(f"{self.table} {at}: {inner.__name__} does not come in halves")
        return Loop(name, tuple(ways), many, required, tuple(parts), APART in places, halves)

    def _pairs(self, name: str, row: str, inner: type, context: Node, at: str) -> Pairs:
        text, _, codec_name = row.partition("|")
        places = tuple(self.binder.bind(one, context, at) for one in text.split(" or "))
        named: set[str] = set()
        for place in places:
            self.plan.uses(place)
            self.plan.rests.append((place.steps[-1].nodes if place.steps else (place.node,), named))
        if not issubclass(inner, BaseModel) or not {"kind", "code"} <= set(inner.model_fields):
            raise BrokenTable(f"{self.table} {at}: the field holds no kinds and codes")
        return Pairs(name, inner, places, codec(codec_name, Spot(self.format)), named)
