"""What documents must have alike to be written by one template, and the stand-in that shows where values go."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

from adapters.mapping.beside import ASIDE
from adapters.mapping.part import Choice, Part, Slot
from adapters.mapping.segment import CACHED_TEXTS, Odd
from adapters.mapping.walk import Instance

FIRST_MARK, MOST_MARKS = 0xE000, 6000
"""Marks are no printable characters, so no right text has them."""

Path = tuple[str | int, ...]
"""Names of fields and numbers of items, from the document or line to a value."""


class Mark(str):
    """Stands for a value that is written into the place number `choice` of its row. `told` are the slots that were
    asked to write it, with what stood there."""

    choice: int
    told: list[tuple[Slot, str]]

    def __new__(cls, number: int, choice: int) -> Mark:
        mark = super().__new__(cls, chr(FIRST_MARK + number))
        mark.choice, mark.told = choice, []
        return mark


class Fields:
    """The fields of a model as the parts write them that it may be written by."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.names = tuple(parts[0].model.model_fields)
        self.all: Callable[[Any], tuple[Any, ...]] = attrgetter(*self.names) if len(self.names) > 1 else self._only
        slots = [slot for part in parts for slot in part.slots]
        by_value = {slot.name for slot in slots if not all(map(_is_free, slot.choices))}
        free = {slot.name: slot for slot in slots if slot.name not in by_value}
        self.free = [name in free for name in self.names]
        self.open = [(at, name, Taking(free[name])) for at, name in enumerate(self.names) if name in free]
        self.open = [one for one in self.open if len(one[2].slot.choices) > 1]
        self.taking = {name: taking for _, name, taking in self.open}
        self.pairs = {run.name: tuple(run.further) for part in parts for run in part.pairs}
        self.loops: dict[str, tuple[bool, Fields]] = {}
        for name in dict.fromkeys(loop.name for part in parts for loop in part.loops):
            loops = [loop for part in parts for loop in part.loops if loop.name == name]
            self.loops[name] = loops[0].many, Fields([one for loop in loops for one in loop.parts])
        self.aside = self.names.index(ASIDE) if ASIDE in self.names else None
        said_all = {name for part in parts for name in part.said()}
        unsaid: frozenset[str] = getattr(parts[0].model, "retold", frozenset()) - said_all
        self.retold = [at for at, name in enumerate(self.names) if name in unsaid]
        self.inner = [(at, name) for at, name in enumerate(self.names) if name in self.loops or name in self.pairs]

    def _only(self, document: Any) -> tuple[Any, ...]:
        return (getattr(document, self.names[0]),)

    def shape(self, document: Any, without: str = "") -> tuple[Hashable, ...]:
        """What documents must have alike to be written by one template; `without` the field of that name. Raises Odd
        where something is said aside: what of that can be written depends on everything else."""
        pairs = zip(self.free, self.all(document), strict=True)
        said: list[Any] = [value is None if free else value for free, value in pairs]
        if self.aside is not None and said[self.aside] is not None:
            raise Odd("something is said aside")
        if any(said[at] is not None for at in self.retold):
            raise Odd("another field says it")
        for at, name, taking in self.open:
            if not said[at]:
                said[at] = name, taking[getattr(document, name)]
        for at, name in self.inner:
            value = said[at]
            if name == without:
                said[at] = None
            elif value is None or value == ():
                continue
            elif name in self.pairs:
                if any(getattr(one, more) is not None for one in value for more in self.pairs[name]):
                    raise Odd("a pair says out of whose list it is")
                said[at] = tuple(one.kind for one in value)
            else:
                many, fields = self.loops[name]
                said[at] = tuple(map(fields.shape, value)) if many else fields.shape(value)
        return tuple(said)

    def stand_in(self, document: Any, marks: list[tuple[Mark, Path]], path: Path = (), without: str = "") -> Any:
        """The document with marks for values, which are added to `marks`; () for the field `without`."""
        said: dict[str, Any] = {}
        for name, free, value in zip(self.names, self.free, self.all(document), strict=True):
            here = (*path, name)
            if name == without:
                said[name] = ()
            elif value is None or value == ():
                said[name] = value
            elif free:
                said[name] = _mark(marks, here, self.taking[name][value] if name in self.taking else 0)
            elif name in self.pairs:
                codes = [_mark(marks, (*here, at, "code")) for at in range(len(value))]
                more = dict.fromkeys(self.pairs[name])
                said[name] = tuple(
                    SimpleNamespace(kind=one.kind, code=code, **more) for one, code in zip(value, codes, strict=True)
                )
            elif name in self.loops:
                many, fields = self.loops[name]
                items = [(here, value)] if not many else [((*here, at), one) for at, one in enumerate(value)]
                made = tuple(fields.stand_in(one, marks, where) for where, one in items)
                said[name] = made if many else made[0]
            else:
                said[name] = value
        return SimpleNamespace(**said)


def _mark(marks: list[tuple[Mark, Path]], path: Path, choice: int = 0) -> Mark:
    if len(marks) >= MOST_MARKS:
        raise Odd("too many marks")
    marks.append((Mark(len(marks), choice), path))
    return marks[-1][0]


def _is_free(choice: Choice) -> bool:
    """Whether the text of a value has no say in where something is written."""
    return choice.codec.words is None and choice.beside is None


def marking(part: Part) -> Part:
    """The part with slots that put marks into the first place of every free field."""
    return replace(
        part,
        slots=tuple(map(_marking_slot, part.slots)),
        loops=tuple(replace(loop, parts=tuple(map(marking, loop.parts))) for loop in part.loops),
    )


def _marking_slot(slot: Slot) -> Slot:
    free = all(map(_is_free, slot.choices))
    return MarkingSlot(slot.name, slot.choices, slot.required, slot.otherwise) if free else slot


@dataclass(frozen=True, slots=True)
class MarkingSlot(Slot):
    """A slot that writes marks as they are."""

    def write(self, value: Any, instance: Instance) -> None:
        if not isinstance(value, Mark):
            Slot.write(self, value, instance)
            return
        choice = self.choices[value.choice]
        value.told.append((self, choice.place.get(instance)[0] if choice.codec.whole else ""))
        choice.place.put(instance, str(value))


class Taking(dict[Any, int]):
    """Value -> which place of a row takes it: the first that can say it and has room for it."""

    def __init__(self, slot: Slot) -> None:
        super().__init__()
        self.slot = slot

    def __missing__(self, value: Any) -> int:
        if len(self) >= CACHED_TEXTS:
            self.clear()
        self[value] = taken = taker(self.slot, value)
        return taken


def taker(slot: Slot, value: Any) -> int:
    """Like `Slot.write`, as far as the value alone decides. The last place takes everything."""
    for at, choice in enumerate(slot.choices[:-1]):
        try:
            text = choice.codec.dump(value, "")
        except (ValueError, OverflowError):
            continue
        if choice.codec.whole or choice.place.holds(text):
            return at
    return len(slot.choices) - 1
