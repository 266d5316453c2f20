"""A document as a person reads it: its plain facts, and below them what has facts of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from pydantic import BaseModel

from hub.cli.explain_excerpt import visible
from hub.model.bulk import Bulk
from hub.model.exchange import Document

LINES = ("lines", "transactions", "items", "units")
"""Where a document keeps its lines: the first of these that it has."""
IN_PLACE = "aside"
"""What a standard says beside the document's own fields is told among them."""
SHOWN = 12
"""So many of one kind are told one by one."""


@dataclass(slots=True)
class Told:
    """`facts` are plain values by their names, `parts` values with facts of their own."""

    facts: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list[Told]] = field(default_factory=dict)

    @property
    def phrase(self) -> str:
        """The facts in one line: a kind without its name, who has a name and a number as "name (number)"."""
        rest = dict(self.facts)
        kind, name, id = rest.pop("kind", "").replace("_", " "), rest.pop("name", ""), rest.pop("id", "")
        who = f"{name} ({id})" if name and id else name or id
        return " ".join([*filter(None, (kind, who)), *(f"{said} {text}" for said, text in rest.items())])

    def below(self) -> Iterator[tuple[int, str, str]]:
        """What stands below the facts, line by line: how deep, its name, and what it says."""
        for name, ones in self.parts.items():
            for number, one in enumerate(ones[:SHOWN]):
                yield 0, name if number == 0 else "", one.phrase
                yield from ((deep + 1, said, text) for deep, said, text in one.below())
            if len(ones) > SHOWN:
                yield 0, "", f"… {len(ones) - SHOWN} more; --json shows all"


@dataclass(frozen=True, slots=True)
class Page:
    """What one document says: its `head`, as many `lines` as are wanted of `count`."""

    name: str
    head: Told
    lines: list[Told]
    count: int
    order: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The facts that some line has."""
        there = dict.fromkeys(name for line in self.lines for name in line.facts)
        return sorted(there, key=self.order.index) if self.order else list(there)


def page(document: Document, max_lines: int) -> Page:
    """A document in words, with its first lines."""
    name = type(document).__name__
    if isinstance(document, Bulk):
        rows = document.as_json(max_lines)["lines"]
        order = tuple(column.replace("_", " ") for column in document.COLUMNS)
        return Page(name, _told(document.header), [_of_values(row) for row in rows], document.height, order)
    named = [one for one in LINES if getattr(document, one, ())][:1]
    lines = getattr(document, named[0]) if named else ()
    return Page(name, _told(document, frozenset(named)), [_told(line) for line in lines[:max_lines]], len(lines))


def _told(value: BaseModel, without: frozenset[str] = frozenset()) -> Told:
    told = Told()
    for name in _own_first(type(value)):
        if name not in without:
            _tell(told, name, getattr(value, name))
    return told


def _own_first(model: type[BaseModel]) -> list[str]:
    """The fields of a model, those that it does not share with others before those that it does."""
    names = (name for one in model.__mro__ for name in vars(one).get("__annotations__", ()))
    return list(dict.fromkeys(name for name in names if name in model.model_fields))


def _tell(told: Told, name: str, content: object) -> None:
    if content is None or content == ():
        return
    said = name.replace("_", " ")
    if isinstance(content, BaseModel):
        inner = _told(content)
        if name == IN_PLACE:
            told.facts |= inner.facts
            told.parts |= inner.parts
        elif inner.facts or inner.parts:
            told.parts[said] = [inner]
    elif isinstance(content, tuple) and isinstance(content[0], BaseModel):
        told.parts[said] = [_told(one) for one in content]
    elif isinstance(content, Mapping):
        told.parts[said] = [_of_values(content)]
    else:
        told.facts[said] = ", ".join(map(_text, content)) if isinstance(content, tuple) else _text(content)


def _of_values(values: Mapping[str, object]) -> Told:
    return Told({name.replace("_", " "): _text(one) for name, one in values.items() if one not in (None, "")})


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
    return visible(str(value.value if isinstance(value, Enum) else value))


def aligned(lines: Iterable[Told], columns: list[str], right: frozenset[str], widest: int) -> list[list[str]]:
    """The heading and the facts of each line as cells of one width for each column; longer ones are cut."""
    rows = [columns, *([line.facts.get(name, "") for name in columns] for line in lines)]
    cut = [[text if len(text) <= widest else text[: widest - 1] + "…" for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cut, strict=True)]
    shown = zip(columns, widths, strict=True)
    sides = [(str.rjust if name in right else str.ljust, width) for name, width in shown]
    return [[side(text, width) for text, (side, width) in zip(row, sides, strict=True)] for row in cut]
