"""One pydantic model <-> one element: a compiled `[map]` or `[part.x]`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from pydantic import BaseModel, ValidationError

from adapters.mapping.annotations import fields_of, unwrapped
from adapters.mapping.codecs import Codec, Values
from adapters.xml.codecs import codec
from adapters.xml.place import Place, Qualify, Test, below, parse
from adapters.xml.report import Report
from hub.errors import BrokenTable, Reject
from hub.model.value import may_lose

LIKE = "like"
"""In a part: the rows of another part are its own too."""
NEW = "new"
"""After a part's name: it is read only where it says something that none of the ways before it said."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the places of a row. `owner` is the row whose element this attribute stands at, where there is one."""

    place: Place
    codec: Codec
    values: Values


@dataclass(frozen=True, slots=True)
class Slot:
    """A field and the places that may hold it: the first that is filled is read, the first with room is written.

    `beside` names the field whose element carries this one as an attribute: it is read from the very element that gave
    that value, and written to the one that took it.
    """

    name: str
    choices: tuple[Choice, ...]
    required: bool
    otherwise: Any = None
    beside: str | None = None

    @property
    def tested(self) -> bool:
        """Whether a place is meant only where something else stands beside it."""
        return any(step.tests for choice in self.choices for step in choice.place.steps)

    def claims(self, at: etree._Element, node: etree._Element) -> bool:
        """Whether it was a place with a test that gave the element `at`: then no other row reads it."""
        return self.tested and any(at in below(node, choice.place.steps) for choice in self.choices
                                   if any(step.tests for step in choice.place.steps))

    def read(self, node: etree._Element, report: Report, found: dict[str, etree._Element]) -> Any:
        """The value; `otherwise` where nothing was sent, None where it cannot be read (which is told)."""
        owner = found.get(self.beside) if self.beside else None
        for choice in self.choices:
            at, text = _attribute(owner, choice) if owner is not None else choice.place.find(node)
            if at is None:
                continue
            found[self.name] = at
            try:
                return choice.values[text]
            except (ValueError, OverflowError, ArithmeticError):
                words = choice.codec.words is not None and not self.required
                if report.path(at) not in report.faulty:
                    report.add("UNKNOWN-WORD" if words else "UNREADABLE", at, text, item=choice.place.text,
                               known=choice.codec.wanted.removeprefix("one of "), wanted=choice.codec.wanted)
                return None
        return self.otherwise

    def value(self, node: etree._Element, report: Report) -> Any:
        """Of a column: what cannot be read is told, and means what is meant where nothing was sent."""
        found = self.read(node, report, {})
        return self.otherwise if found is None else found

    def write(self, value: Any, node: etree._Element, made: dict[str, etree._Element]) -> None:
        """Raises Reject when no place takes the value."""
        if self.tested and value == self.otherwise:
            return
        owner, reasons = made.get(self.beside) if self.beside else None, []
        for choice in self.choices:
            try:
                text = choice.codec.dump(value, "")
            except (ValueError, OverflowError) as reason:
                reasons.append(str(reason))
                continue
            try:
                if owner is not None and choice.place.attribute:
                    owner.set(choice.place.attribute, text)
                else:
                    made[self.name] = choice.place.put(node, text)
            except ValueError:
                raise Reject(f"{self.name} cannot be written: {text!r} holds characters that XML does not allow",
                             reason="NOT_WRITABLE") from None
            return
        raise Reject(f"{self.name} cannot be written: {'; '.join(reasons)}", reason="NOT_WRITABLE")


def _attribute(owner: etree._Element, choice: Choice) -> tuple[etree._Element | None, str]:
    text = (owner.get(choice.place.attribute or "") or "").strip()
    return (owner, text) if text else (None, "")


@dataclass(frozen=True, slots=True)
class Loop:
    """A field that is a document of its own, or many; `ways` are the places that may hold it (the first that is there).
    Loops of the same name ("A -> x and B -> y") are read one after the other."""

    name: str
    ways: tuple[Place, ...]
    many: bool
    part: Part
    new: bool = False

    def find(self, node: etree._Element, claimed: Sequence[etree._Element]) -> list[etree._Element]:
        """The elements there, without those that rows with a test have claimed."""
        for way in self.ways:
            if found := [kid for kid in below(node, way.steps) if kid not in claimed]:
                return found
        return []

    def make(self, node: etree._Element) -> etree._Element:
        """A new element at the first place; for a single sub-document the one that is there already."""
        way = self.ways[0]
        if not self.many or not way.steps:
            return way.make(node)
        for number, step in enumerate(way.steps):
            kid = next(step.kids(node), None) if number < way.anew else None
            node = step.make(node) if kid is None else kid
        return node


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """`constants` are fields that this table always means; they are set on reading and demanded on writing."""

    model: type[BaseModel]
    slots: tuple[Slot, ...]
    loops: tuple[Loop, ...]
    constants: dict[str, Any]

    def read(self, node: etree._Element, report: Report) -> Any:
        """The document, None when something that it cannot do without is absent or wrong (which is told)."""
        values, whole = dict(self.constants), True
        found: dict[str, etree._Element] = {}
        for slot in self.slots:
            value = slot.read(node, report, found)
            if value is not None:
                values[slot.name] = value
            elif slot.required:
                whole = False
                if not report.faulty:
                    report.add("NO-VALUE", node, field=slot.name, part=self.model.__name__,
                               item=slot.choices[0].place.text)
        tested = [found[slot.name] for slot in self.slots if slot.name in found and slot.claims(found[slot.name], node)]
        claimed = [*tested, *(_top(at, node) for at in tested)]
        for loop in self.loops:
            if loop.name in values and not loop.many:
                continue
            parts = [loop.part.read(kid, report) for kid in loop.find(node, claimed)]
            whole = whole and None not in parts
            said = [part for part in parts if part is not None and part != loop.part.empty]
            if loop.new:
                said = [part for part in said if not any(_repeats(part, other) for other in values.get(loop.name, ()))]
            if said:
                values[loop.name] = (*values.get(loop.name, ()), *said) if loop.many else said[0]
        if not whole:
            return None
        try:
            return self.model.__pydantic_validator__.validate_python(values)
        except ValidationError as wrong:
            for error in wrong.errors(include_url=False):
                report.add("NOT-VALID", node, field=str(error["loc"][0]) if error["loc"] else "content",
                           reason=error["msg"], part=self.model.__name__)
            return None

    @property
    def places(self) -> set[str]:
        """The fields that have one, and those that this table always means."""
        return {slot.name for slot in self.slots} | {loop.name for loop in self.loops} | self.constants.keys()

    @property
    def empty(self) -> Any:
        """What an element that says nothing of this part reads as; None where the model demands something."""
        required = any(field.is_required() for field in self.model.model_fields.values())
        return None if required else self.model(**self.constants)

    def says(self, document: Any) -> bool:
        """Whether what this part always means is what `document` holds, and its lists have a word for it."""
        if any(getattr(document, name) != constant for name, constant in self.constants.items()):
            return False
        lists = ((slot.name, words) for slot in self.slots if (words := slot.choices[0].codec.words) is not None)
        return all(getattr(document, name) in (None, *words) for name, words in lists)

    def strain(self, document: Any) -> tuple[int, int, int]:
        """How badly this part suits `document`: values without a place, nothing meant, places without a value."""
        places = self.places
        said = {name for name in self.model.model_fields if getattr(document, name) not in (None, ())}
        return len(said - places), -len(self.constants), len(places - said)

    def write(self, document: Any, node: etree._Element) -> None:
        """Fill `node` and what is below it. Raises Reject for what this table cannot say."""
        for name, constant in self.constants.items():
            if getattr(document, name) != constant:
                raise Reject(f"this table writes only {name} = {constant!r}", reason="NOT_WRITABLE")
        for name, of in self.model.model_fields.items():
            value = getattr(document, name)
            lost = name not in self.places and value not in (None, (), of.default)
            if lost and not may_lose(self.model, name, value):
                raise Reject(f"this table has no place for {self.model.__name__}.{name}", reason="NOT_WRITABLE")
        made: dict[str, etree._Element] = {}
        for slot in self.slots:
            value = getattr(document, slot.name)
            if value is not None:
                slot.write(value, node, made)
        for name, one in self.said(document):
            if (loop := self.loop(name, one)) is not None:
                loop.part.write(one, loop.make(node))

    def said(self, document: Any) -> Iterator[tuple[str, Any]]:
        """Every sub-document, with the field that holds it."""
        for name, many in {loop.name: loop.many for loop in self.loops}.items():
            value = getattr(document, name)
            for one in value if many else (() if value is None else (value,)):
                yield name, one

    def loop(self, name: str, one: Any) -> Loop | None:
        """Where a sub-document is written: the part that fits it best. None for one that may be left out and that none
        of them can say."""
        loops = [loop for loop in self.loops if loop.name == name]
        fitting = [loop for loop in loops if loop.part.says(one)] or loops
        best = min(fitting, key=lambda other: other.part.strain(one))
        return None if may_lose(self.model, name, one) and not best.part.can_say(one) else best

    def can_say(self, document: Any) -> bool:
        """Whether it can be written: tried on an element that nobody sends."""
        try:
            self.write(document, etree.Element("nobody"))
        except Reject:
            return False
        return True


@dataclass(slots=True)
class PartMaker:
    """Compiles the rows of one table. `parts` are its `[part.x]` tables, still as text; `known` collects every place
    that a row reads, as tags from the root (an attribute is the last of them, with "@")."""

    table: str
    format: str
    qualify: Qualify
    parts: dict[str, dict[str, str]]
    known: set[tuple[str, ...]] = field(default_factory=set)
    plain: set[tuple[str, ...]] = field(default_factory=set)
    tested: dict[tuple[str, ...], list[tuple[Test, ...]]] = field(default_factory=dict)
    """Ways that a row goes whatever stands there, and those that rows go under a condition."""

    def part(self, model: type[BaseModel], rows: dict[str, str], where: str, above: tuple[str, ...] = (),
             constants: dict[str, Any] | None = None) -> Part:
        """Raises BrokenTable, naming the row, for anything that contradicts the model."""
        constants, slots, loops = dict(constants or {}), [], []
        for name, row in self._based(rows, where).items():
            at = f"{where} {name}"
            of = fields_of(model).get(name)
            if of is None:
                raise BrokenTable(f"{self.table} {at}: {model.__name__} has no field {name!r}")
            inner, many, words = unwrapped(of.annotation)
            if row.startswith("="):
                constants[name] = row[1:].strip()
            elif "->" in row:
                loops += [self._loop(name, way, inner, many, above, at) for way in row.split(" and ")]
            else:
                slots.append(self.slot(name, row, inner, words, of.is_required(), above, at))
        if odd := [name for name in constants if name not in model.model_fields]:
            raise BrokenTable(f"{self.table} [constant] {odd[0]}: {model.__name__} has no such field")
        said = self._based(rows, where).keys() | constants.keys()
        absent = [name for name, of in model.model_fields.items() if of.is_required() and name not in said]
        if absent:
            raise BrokenTable(
                f"{self.table} {where}: {model.__name__} requires {', '.join(absent)}, but no row says where")
        return Part(model, _owned(slots), tuple(loops), constants)

    def _based(self, rows: dict[str, str], where: str) -> dict[str, str]:
        """The rows with those of the part that they are based on."""
        if LIKE not in rows:
            return rows
        if rows[LIKE] not in self.parts:
            raise BrokenTable(f"{self.table} {where}: there is no [part.{rows[LIKE]}]")
        return {**self._based(self.parts[rows[LIKE]], where), **{n: r for n, r in rows.items() if n != LIKE}}

    def slot(self, name: str, row: str, kind: type, words: frozenset[str] | None, required: bool,
             above: tuple[str, ...], at: str) -> Slot:
        """One row "place or place | codec else word", checked against the type of its field."""
        row, _, otherwise = row.partition(" else ")
        places, _, codec_name = row.partition("|")
        codec_name, otherwise = codec_name.strip(), otherwise.strip()
        choices = []
        for text in places.split(" or "):
            place = self.place(text, at)
            try:
                made = codec(codec_name, self.format)
            except LookupError as unknown:
                raise BrokenTable(f"{self.table} {at}: {unknown.args[0]}") from None
            if made.kind is not kind:
                raise BrokenTable(f"{self.table} {at}: the field is {kind.__name__}, but the codec "
                                  f"{codec_name or 'text'!r} gives {made.kind.__name__}")
            if words is not None and (made.words is None or not made.words <= words):
                odd = "free text" if made.words is None else ", ".join(sorted(made.words - words))
                raise BrokenTable(f"{self.table} {at}: the field does not allow {odd}")
            if otherwise and made.words is not None and otherwise not in made.words:
                raise BrokenTable(f"{self.table} {at}: {otherwise!r} is no word of {codec_name!r}")
            self.know(above, place)
            choices.append(Choice(place, made, Values(made.load)))
        return Slot(name, tuple(choices), required, otherwise or None)

    def place(self, text: str, at: str) -> Place:
        """Raises BrokenTable."""
        try:
            return parse(text, self.qualify)
        except LookupError as wrong:
            raise BrokenTable(f"{self.table} {at}: {wrong.args[0]}") from None

    def know(self, above: tuple[str, ...], place: Place) -> None:
        """Remember that a row reads this place, and what its tests look at."""
        self.known.add((*above, *place.tags, *((f"@{place.attribute}",) if place.attribute else ())))
        for number, step in enumerate(place.steps, 1):
            here = (*above, *place.tags[:number])
            if step.tests:
                self.tested.setdefault(here, []).append(step.tests)
            else:
                self.plain.add(here)
            for test in step.tests:
                way = (*above, *place.tags[:number], *test.path)
                self.known.add((*way, f"@{test.attribute}") if test.attribute else way)

    def _loop(self, name: str, row: str, inner: type, many: bool, above: tuple[str, ...], at: str) -> Loop:
        places, _, part = (text.strip() for text in row.partition("->"))
        part, _, mark = (text.strip() for text in part.partition("|"))
        if part not in self.parts or mark not in ("", NEW):
            raise BrokenTable(f"{self.table} {at}: there is no [part.{part}]{' ' + mark if mark else ''}")
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            raise BrokenTable(f"{self.table} {at}: the field is {inner.__name__}, which has no parts")
        ways = tuple(self.place(text, at) for text in places.split(" or "))
        if any(way.attribute for way in ways):
            raise BrokenTable(f"{self.table} {at}: an attribute holds no part")
        for way in ways:
            self.know(above, way)
        made = [self.part(inner, self.parts[part], f"[part.{part}]", (*above, *way.tags)) for way in ways]
        return Loop(name, ways, many, made[0], mark == NEW)


def _repeats(part: BaseModel, other: BaseModel) -> bool:
    """Whether `other` says all that `part` says."""
    said = ((name, getattr(part, name)) for name in type(part).model_fields)
    return all(value in (None, ()) or getattr(other, name) == value for name, value in said)


def _top(node: etree._Element, above: etree._Element) -> etree._Element:
    """The child of `above` that `node` is in."""
    while (parent := node.getparent()) is not None and parent is not above:
        node = parent
    return node


def _owned(slots: list[Slot]) -> tuple[Slot, ...]:
    """Each row of attributes with the row whose elements carry them, that one first."""
    elements = {tuple(c.place.steps for c in s.choices): s.name for s in slots if not s.choices[0].place.attribute}
    owned = []
    for slot in slots:
        ways = tuple(choice.place.steps for choice in slot.choices)
        if all(choice.place.attribute for choice in slot.choices) and ways in elements:
            slot = Slot(slot.name, slot.choices, slot.required, slot.otherwise, elements[ways])
        owned.append(slot)
    return tuple(sorted(owned, key=lambda slot: slot.beside is not None))
