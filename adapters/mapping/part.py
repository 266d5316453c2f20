"""One pydantic model <-> one loop (or the message itself): a compiled `[map]` or `[part.x]`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ValidationError

from adapters.mapping.again import changes, is_of, leave_one, said_alone, take_over, way_to
from adapters.mapping.beside import ASIDE
from adapters.mapping.codecs import Codec, Values, significant
from adapters.mapping.doubles import tell_doubles
from adapters.mapping.down import REST, Down, Reads, Rest
from adapters.mapping.gather import GATHERS, gather
from adapters.mapping.pairs import Pairs
from adapters.mapping.place import Place
from adapters.mapping.reach import Reach, Within
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.telling import is_wrong, tell, tell_unreadable
from adapters.mapping.walk import Instance
from hub.errors import Reject
from hub.model.aside import Aside
from hub.model.value import Halved, may_lose

EXACT_DIGITS = 15
NOTHING = Reads()
APART = "!"
"""After the tag of a loop: every value of the field gets one of its own."""
NUMBER = "number"
"""A document that lacks nothing but this is shown with an empty one; the transaction is rejected."""
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
    after: Place | None = None
    """`NAD-3.1+ after NAD-4.1`: read only where that other place is filled, too."""
    of: Place | None = None
    """`PID[F]-02 of PID[F]-05`: what stands beside that other place, in the very segment that fills it."""

    @property
    def alone(self) -> bool:
        """Whether it is read whatever stands at other places."""
        return self.after is None and self.of is None

    def owner(self, instance: Instance) -> Instance | None:
        """The segment that `of` is read from."""
        return next((one for one in self.of.find(instance) if self.of.cut(one)), None) if self.of else None


@dataclass(frozen=True, slots=True)
class Slot:
    """A field and the places that may hold it: the first that is filled is read, the first with room is written."""

    name: str
    choices: tuple[Choice, ...]
    required: bool
    otherwise: Any = None
    expected: bool = False
    """A document can do without, but that it must is told."""

    @property
    def depends(self) -> bool:
        """Whether what is meant where nothing was sent is not meant everywhere, or must be told."""
        return self.otherwise is not None and (self.expected or any(choice.beside for choice in self.choices))

    @property
    def may_lack(self) -> bool:
        """Whether a document is shown without it, although it is required."""
        return self.required and self.name == NUMBER and self.choices[0].codec.is_text

    def read(self, instance: Instance, report: Report) -> Any:
        """The value; `otherwise` where nothing was sent, None where it cannot be read (which is told)."""
        for choice in self.choices:
            if choice.after and not choice.after.get(instance)[0]:
                continue
            owner = choice.owner(instance) if choice.of else None
            if choice.of and owner is None:
                continue
            if text := choice.place.cut(owner) if owner else choice.text(instance):
                try:
                    value = choice.values[text]
                except (ValueError, OverflowError):
                    tell_unreadable(self, choice, *choice.place.get(instance), report)
                    return None
                if len(text) > EXACT_DIGITS and choice.codec.kind is float and significant(text) > EXACT_DIGITS:
                    tell(report, "LOST-PRECISION", choice.place, choice.place.get(instance)[1], text)
                return value
            if owner:
                break
        return self.meant(instance, report) if self.depends else self.otherwise

    def meant(self, instance: Instance, report: Report) -> Any:
        """What is meant where nothing was sent: a unit only of a quantity that was (`QTY[21]-1.3 with QTY[21]-1.2`).
        Of a value that ought to be there it is told, where nothing else is wrong."""
        besides = [choice.beside for choice in self.choices if choice.beside]
        if besides and not any(beside.get(instance)[0] for beside in besides):
            return None
        if self.expected and not is_wrong(report):
            tell(report, "TAKEN-AS", self.choices[0].place, instance, None, wanted=self.otherwise)
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

    def shared(self, instance: Instance) -> Instance | None:
        """The only segment of its kind that there may be, where other rows have written into it."""
        last = self.ways[0][-1] if len(self.ways[0]) == 1 else None
        if not isinstance(last, Rest) or REST not in last.reads or last.nodes[0].limit != 1:
            return None
        return next(iter(instance.kids.get(last.nodes[0].id, ())), None)

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

    def demand_rest(self, above: Instance, made: Instance, slots: tuple[Slot, ...]) -> None:
        """Raises Reject where what was written for "*" would be read by another row, one of `slots`. What such a row
        wrote before is taken back where the new segment says the same and more."""
        last = self.ways[0][-1]
        key = last.key(made) if isinstance(last, Rest) else None
        if key is None or not isinstance(last, Rest):
            return
        if len(self.ways[0]) > 1:
            leave_one(way_to(made, self.ways[0][:-1], above), made, slots)
            return
        near = [slot for slot in slots if any(is_of(choice.place, made.node) for choice in slot.choices)]
        kids = [*above.kids[made.node.id]]
        others = [kid for kid in kids if kid is not made and last.key(kid) == key]
        reads = last.reads.get(key) or NOTHING
        if near and not (reads.whole or reads.paired):
            said = said_alone(near, [above], made)
            same = next((kid for kid in others if said_alone(near, [above], kid) == said), None)
            if same is not None:
                above.kids[made.node.id].remove(same)
                others.remove(same)
            elif not others and changes(near, above, made):
                raise Reject(f"{self.name}: {made.node.tag} {key} says another field", reason="NOT_WRITABLE")
        elif not near:
            take_over(made, others, above.kids[made.node.id])
        if not any(made is found for found in last(above)):
            above.kids[made.node.id] = kids  # what was written before stands
            raise Reject(f"{self.name}: {made.node.tag} {key} says another field", reason="NOT_WRITABLE")


@dataclass(frozen=True, eq=False)
class Part:
    """`constants` are fields that this table always means; they are set on reading and demanded on writing. `aside` is
    read from the same segment, and of what stands below it what the other rows leave. `times`: of an aside the rows
    that columns read, too."""

    model: type[BaseModel]
    slots: tuple[Slot, ...]
    loops: tuple[Loop, ...]
    constants: dict[str, Any]
    pairs: tuple[Pairs, ...] = ()
    aside: Part | None = None
    times: tuple[Slot, ...] = ()

    @cached_property
    def gathered(self) -> Node | None:
        """The loops below that are written elsewhere first, of which the part holds the number of one."""
        name = getattr(self.model, GATHERS, None)
        return next((slot.choices[0].place.steps[0].nodes[0] for slot in self.slots if slot.name == name), None)

    @cached_property
    def reach(self) -> Reach:
        return Reach(self)

    def read(self, instance: Instance, report: Report, within: Within | None = None) -> Any:
        """The document, None when something that it cannot do without is absent or wrong (which is told), and of what
        is said aside when there is nothing."""
        within, whole = within or self.reach(instance), True
        values, slots = within.read(instance)
        for slot, read in slots:
            value = read(instance, report)
            if value is not None:
                values[slot.name] = value
            elif slot.required:
                self._tell_absent(slot, instance, report)
                if slot.may_lack:
                    values[NUMBER], report.incomplete = "", True
                else:
                    whole = False
            elif slot.expected:
                self._tell_missed(slot, instance, report)
        for loop in within.loops:
            found, rows = loop.find(instance)
            if not found:
                continue
            parts = [rows.read(kid, report) for kid in (found if loop.many else found[:1])]
            if self.model is Aside:
                parts = [part for part in parts if part is not None and part.model_fields_set]
                if not parts:
                    continue
            whole = whole and None not in parts
            if whole and loop.halves:
                parts = [*loop.halves.joined(parts)]
            values[loop.name] = (*values.get(loop.name, ()), *parts) if loop.many else parts[0]
        for run in within.pairs:
            if pairs := run.read(instance):
                values[run.name] = pairs
        if self.aside and within.aside:
            aside = self.aside.read(instance, report, within.aside)
            if aside is not None and aside.model_fields_set:
                values[ASIDE] = aside
        tell_doubles(self, within, instance, report)
        if not whole or (not values and self.model is Aside):
            return None
        try:
            return self.model.__pydantic_validator__.validate_python(values)
        except ValidationError as wrong:
            self._tell_invalid(wrong, instance, report)
            return None

    def _tell_absent(self, slot: Slot, instance: Instance, report: Report) -> None:
        if not is_wrong(report):
            report.add(
                "NO-VALUE",
                segment=instance.number,
                tag=instance.node.tag,
                field=slot.name,
                part=self.model.__name__,
                item=slot.choices[0].place.text,
                place=f"{instance.node.tag} (segment {instance.number})",
            )

    def _tell_missed(self, slot: Slot, instance: Instance, report: Report) -> None:
        if not any(segment == instance.number for segment, _ in report.faulty):
            tell(report, "NOTHING-SAID", slot.choices[0].place, instance, None, field=slot.name)

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
        runs = [run.name for run in self.pairs] + ([ASIDE] if self.aside else [])
        return {*(slot.name for slot in self.slots), *(loop.name for loop in self.loops), *runs, *self.constants}

    def says(self, document: Any) -> bool:
        """Whether there is a place for everything that the document holds."""
        said = self.said()
        return not any(getattr(document, name) not in (None, ()) for name in self.model.model_fields.keys() - said)

    def write(self, document: Any, instance: Instance, others: tuple[Slot, ...] = ()) -> None:
        """Fill `instance` and what is below it. Raises Reject for what this table cannot say. `others`: rows that read
        the same segments."""
        for name, constant in self.constants.items():
            if getattr(document, name) not in (constant, None):
                raise Reject(f"this table writes only {name} = {constant!r}", reason="NOT_WRITABLE")
        said = self.said()
        for name, known in self.model.model_fields.items():
            value = getattr(document, name)
            if name in said or value in (None, (), known.default):
                continue
            if not may_lose(self.model, name, value):
                raise Reject(f"this table has no place for {self.model.__name__}.{name}", reason="NOT_WRITABLE")
            if name in getattr(self.model, "retold", ()):
                document = document.without(name)
        for slot in self.slots:
            value = getattr(document, slot.name)
            if value is not None:
                slot.write(value, instance)
        for name in dict.fromkeys(loop.name for loop in self.loops):
            loops = [loop for loop in self.loops if loop.name == name]
            value = getattr(document, name)
            for one in loops[0].each(value):
                loop = next((loop for loop in loops if loop.part.says(one)), loops[0])
                if shared := loop.shared(instance):
                    loop.part.write(one, shared)
                    continue
                made = loop.make(instance)
                try:
                    loop.part.write(one, made)
                    if gathered := loop.part.gathered:
                        gather(made, instance, gathered)
                    loop.demand_rest(instance, made, (*self.slots, *others))
                except Reject:
                    if not may_lose(self.model, name, one) or len(loop.ways[0]) > 1:
                        raise
                    loop.leave_out(instance, made)
        for run in self.pairs:
            run.write(getattr(document, run.name), instance)
        if self.aside and (aside := getattr(document, ASIDE)) is not None:
            self.aside.write(aside, instance, self.slots)
