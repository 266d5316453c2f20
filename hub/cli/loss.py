"""`hub loss`: what is lost between two dialects, for every kind of document, straight from the tables."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from adapters.csv.table import shipped
from adapters.edifact.format import Edifact
from adapters.mapping.annotations import fields_of, unwrapped
from adapters.x12.format import X12
from adapters.xml.format import Xml
from hub.cli.terminal import app
from hub.model.bulk import Bulk
from hub.model.exchange import CANONICAL

RELEASES = {"x12": "004010", "edifact": "D96A"}
"""The release that stands for its format; UBL, GS1 and CSV have one each."""
DEPTH = 4


@dataclass(frozen=True, slots=True)
class Reach:
    """What a table can carry: field ("lines.unit") to its words where it has a code list, None for free values."""

    table: str
    canonical: str
    fields: Mapping[str, frozenset[str] | None]


def reaches() -> list[Reach]:
    """Every shipped table that stands for its format."""
    found = []
    families: list[Any] = [X12().tables, Edifact().tables, *(standard.tables for standard in Xml().standards)]
    for tables in families:
        for name in tables.names():
            family, release, _ = name.split("/")
            if RELEASES.get(family, release) == release:
                found.append(_of_table(name, tables.get(name)))
    for name, table in shipped().items():
        if table.canonical in CANONICAL:
            found.append(_of_csv(name, table))
    return sorted(found, key=lambda reach: (reach.canonical, reach.table))


def _of_table(name: str, table: Any) -> Reach:
    fields = _joined(_of_part(table.part, ""))
    if shape := getattr(table, "shape", None) or getattr(table, "frame", None):
        columns = [(c.name, c.slots[0][1] if hasattr(c, "slots") else c.slot) for c in shape.columns]
        fields |= {f"lines.{column}": _words(slot) for column, slot in columns}
        fields |= {f"lines.{column}": frozenset({word}) for column, word in shape.constants.items()}
    if tree := getattr(table, "tree", None):
        for part in tree.parts.values():
            for place in _places_of(part.model, table.canonical):
                fields |= {place: None, **_joined(_of_part(part, f"{place}."))}
    return Reach(name, table.canonical.__name__, fields)


def _joined(said: Iterable[tuple[str, frozenset[str] | None]]) -> dict[str, frozenset[str] | None]:
    """Fields that several parts say: with the words of all of them."""
    fields: dict[str, frozenset[str] | None] = {}
    for name, words in said:
        before = fields.get(name, frozenset())
        fields[name] = None if words is None or before is None else before | words
    return fields


def _places_of(model: type[BaseModel], document: Any) -> list[str]:
    """The fields of a document that hold many of `model`."""
    return [name for name, field in fields_of(document).items() if unwrapped(field.annotation)[0] is model]


def _of_part(part: Any, before: str, depth: int = 0) -> Iterator[tuple[str, frozenset[str] | None]]:
    for name, constant in part.constants.items():
        yield f"{before}{name}", frozenset({str(constant)})
    for slot in part.slots:
        yield f"{before}{slot.name}", _words(slot)
    for pairs in getattr(part, "pairs", ()):
        yield f"{before}{pairs.name}", None
    for loop in part.loops if depth < DEPTH else ():
        yield f"{before}{loop.name}", None
        yield from _of_part(loop.part, f"{before}{loop.name}.", depth + 1)


def _words(slot: Any) -> frozenset[str] | None:
    """The words of a closed code list, with the one that is meant where nothing is sent; None where other codes are
    written as they are."""
    made = slot.choices[0].codec
    if made.words is None:
        return None
    with suppress(ValueError, KeyError):
        made.dump("no such word", "")
        return None
    return frozenset(made.words | ({slot.otherwise} if slot.otherwise else set()))


def _of_csv(name: str, table: Any) -> Reach:
    fields: dict[str, frozenset[str] | None] = {}
    for column in table.header:
        field = column.field.lstrip("^")
        fields |= {field: None, field.partition(".")[0]: None}
    fields |= {f"lines.{column.field}": None for column in (*table.lines, *table.spread)}
    return Reach(name, table.canonical, fields | {"lines": None})


def spare_fields(canonical: str) -> set[str]:
    """The fields that a dialect may leave out without refusing the document."""
    kind: Any = CANONICAL[canonical]
    return set(_spare(kind.Header if issubclass(kind, Bulk) else kind, "", 0))


def _spare(model: type[BaseModel], before: str, depth: int) -> Iterator[str]:
    for name, field in fields_of(model).items():
        if name in getattr(model, "spare", ()):
            yield f"{before}{name}"
        inner, _, _ = unwrapped(field.annotation)
        if depth < DEPTH and isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _spare(inner, f"{before}{name}.", depth + 1)


@dataclass(frozen=True, slots=True)
class Loss:
    """What one table carries and another cannot: documents with it are refused, or it is left out; and the words of
    code lists that the other has no code for."""

    refused: tuple[str, ...]
    left_out: tuple[str, ...]
    words: tuple[tuple[str, tuple[str, ...]], ...]


def loss(source: Reach, target: Reach, spare: set[str]) -> Loss:
    """From `source` to `target`, both of one kind of document."""
    gone = [name for name in source.fields if name not in target.fields]
    topmost = [name for name in gone if not any(name.startswith(f"{other}.") for other in gone)]
    words = []
    for name, said in source.fields.items():
        known = target.fields.get(name)
        if said is not None and known is not None and said - known:
            words.append((name, tuple(sorted(said - known))))
    return Loss(tuple(n for n in topmost if n not in spare), tuple(n for n in topmost if n in spare), tuple(words))


def markdown(found: Iterable[Reach], formats: Iterable[str] = ()) -> Iterator[str]:
    """The page, line by line."""
    every, wanted = list(found), set(formats)
    yield "# What is lost between dialects"
    yield ""
    yield "Written by `hub loss > docs/loss.md` from the tables that read and write; do not edit it."
    yield ""
    yield "A document that holds a *refused* field is not written in the other dialect: a finding names the field, and"
    yield "nothing is dropped in silence. What is *left out* matters to nobody who has no place for it. *No code for*"
    yield "names words of a code list that the other dialect cannot say. Fields inside a list are named with a point."
    for canonical in dict.fromkeys(reach.canonical for reach in every):
        tables = [reach for reach in every if reach.canonical == canonical]
        pairs = [(a, b) for a in tables for b in tables if a.table.split("/")[0] != b.table.split("/")[0]]
        pairs = [(a, b) for a, b in pairs if not wanted or {a.table.split("/")[0], b.table.split("/")[0]} & wanted]
        if pairs:
            yield from ("", f"## {canonical}", "")
            yield from ("| from | to | refused | left out | no code for |", "|---|---|---|---|---|")
        spare = spare_fields(canonical)
        for source, target in pairs:
            lost = loss(source, target, spare)
            words = "; ".join(f"{name}: {', '.join(said)}" for name, said in lost.words)
            yield (f"| {source.table} | {target.table} | {', '.join(lost.refused) or '–'} | "
                   f"{', '.join(lost.left_out) or '–'} | {words or '–'} |")


@app.command("loss")
def print_loss(
    format: Annotated[list[str] | None, typer.Option(help="only pairs with this format: ubl, x12 …")] = None,
) -> None:
    """Print, for every kind of document and every pair of dialects, which fields and words are lost, as Markdown.

    Examples:

      [bold]hub loss > docs/loss.md[/]

      [bold]hub loss --format ubl[/]
    """
    for line in markdown(reaches(), format or ()):
        sys.stdout.write(line + "\n")
