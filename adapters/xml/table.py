"""One compiled and checked table: `schemas/ubl/2.1/Order.toml`. The grammar is told in `adapters/xml/__init__.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from lxml import etree
from pydantic import BaseModel

from adapters.xml.frame import FrameTable, compile_frame
from adapters.xml.part import Part, PartMaker
from adapters.xml.place import Place, Test, qualifier
from hub.errors import BrokenTable
from hub.model.bulk import Bulk
from hub.model.exchange import CANONICAL, Document

KEYS = {"canonical", "root", "title", "base", "map", "part", "frame", "constant", "fixed", "envelope", "when"}
ENVELOPE = {"sender", "receiver", "control"}
WRITTEN = "write"
"""In [envelope]: sender and receiver are written too."""
ORDINAL = "#"
EVERYWHERE = "//"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that is written where nothing else was. `everywhere`: in each element that ends in this place and was
    written; otherwise from the root, created if need be. "#" numbers them from 1, "@control" and "@prepared" are of the
    envelope; what stands at the place `source` of the document (`beside`: of the element around) goes first."""

    place: Place
    value: str
    everywhere: bool
    source: Place | None = None
    beside: bool = False

    def write(self, root: etree._Element, known: Mapping[str, str]) -> None:
        """`known` are the words of the envelope."""
        otherwise = known.get(self.value, self.value)
        if not self.everywhere:
            if not self.place.find(root)[1]:
                self.place.put(root, otherwise)
            return
        said = self.source.find(root)[1] if self.source and not self.beside else ""
        *above, last = self.place.steps
        ends = above if not self.place.attribute else self.place.steps
        for number, node in enumerate(_ending(root, tuple(step.tag for step in ends)), 1):
            if self.source and self.beside:
                said = self.source.find(node)[1]
            value = str(number) if self.value == ORDINAL else said or otherwise
            if self.place.attribute:
                if node.get(self.place.attribute) is None:
                    node.set(self.place.attribute, value)
            elif next(last.kids(node), None) is None:
                last.make(node).text = value


def _ending(root: etree._Element, tags: tuple[str, ...]) -> Iterable[etree._Element]:
    """All elements whose way from above ends in `tags`."""
    for node in list(root.iter(tags[-1])):
        at: etree._Element | None = node
        for tag in reversed(tags):
            if at is None or at.tag != tag:
                break
            at = at.getparent()
        else:
            yield node


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """`name` is like "ubl/2.1/Order", `root` the document's element, `known` every place that a row reads.

    `ends` are the places of sender and receiver, where a document names them.
    """

    name: str
    canonical: type[Document]
    root: str
    part: Part
    frame: FrameTable | None
    fixed: tuple[Fixed, ...]
    ends: Mapping[str, tuple[Place, ...]]
    addressed: bool
    """Whether sender and receiver are written."""
    known: frozenset[tuple[str, ...]]
    only: Mapping[tuple[str, ...], Sequence[tuple[Test, ...]]]
    """Ways on which elements are read under conditions alone."""
    when: tuple[tuple[Place, str], ...] = ()
    """Which of the documents of its name are meant: those that say this at these places."""

    def means(self, node: etree._Element) -> bool:
        """Whether a document is one of those."""
        return all(place.find(node)[1] == word for place, word in self.when)

    @property
    def message(self) -> str:
        return self.name.rsplit("/", 1)[1]

    @property
    def version(self) -> str:
        return self.name.split("/")[1]

    def fill(self, node: etree._Element, document: Document) -> None:
        """Write the document into its element. Raises Reject for what no row can say."""
        if isinstance(document, Bulk):
            assert self.frame is not None  # noqa: S101  (a table of a time-phased document has one)
            self.part.write(document.header, node)
            self.frame.write(document, node)
        else:
            self.part.write(document, node)

    def end(self, root: etree._Element, which: str) -> tuple[str, str | None] | None:
        """Who sends or receives by the document's own word: the identifier, and who issued it."""
        for place in self.ends.get(which, ()):
            node, text = place.find(root)
            if node is not None:
                return text, node.get("schemeID")
        return None


def compile_table(name: str, raw: Mapping[str, Any], namespaces: Mapping[str, str]) -> Table:
    """A checked table. Raises BrokenTable, naming table and row."""
    if odd := raw.keys() - KEYS:
        raise BrokenTable(f"{name}: unknown {', '.join(sorted(odd))}")
    document = CANONICAL.get(raw.get("canonical", ""))
    if document is None:
        raise BrokenTable(f"{name}: canonical {raw.get('canonical')!r} is none of {', '.join(CANONICAL)}")
    maker = PartMaker(name, name.split("/")[0], qualifier({p: uri for p, uri in namespaces.items() if p}),
                      raw.get("part", {}))
    bulk = isinstance(document, type) and issubclass(document, Bulk)
    model = cast(type[BaseModel], document.Header if bulk else document)  # type: ignore[union-attr]
    part = maker.part(model, raw.get("map", {}), "[map]", (), raw.get("constant"))
    frame = compile_frame(cast(type[Bulk], document), raw.get("frame", {}), maker) if bulk else None
    envelope = dict(raw.get("envelope", {}))
    addressed = bool(envelope.pop(WRITTEN, False))
    if odd := envelope.keys() - ENVELOPE:
        raise BrokenTable(f"{name} [envelope]: unknown {', '.join(sorted(odd))}")
    ends = {which: tuple(maker.place(text, f"[envelope] {which}") for text in row.split(" or "))
            for which, row in envelope.items()}
    fixed = tuple(_fixed(maker, text, value) for text, value in raw.get("fixed", {}).items())
    for place in (*(p for places in ends.values() for p in places), *(f.place for f in fixed if not f.everywhere)):
        maker.know((), place)
        maker.know((), replace(place, attribute=place.attribute or "schemeID"))
    known = _with_fixed(maker.known, [f.place for f in fixed if f.everywhere])
    root = raw.get("root") or name.rsplit("/", 1)[1]
    return Table(name, document, root, part, frame, fixed, ends, addressed, frozenset(known),
                 {way: tests for way, tests in maker.tested.items() if way not in maker.plain},
                 tuple((maker.place(text, f"[when] {text}"), str(word)) for text, word in raw.get("when", {}).items()))


def _fixed(maker: PartMaker, text: str, value: str) -> Fixed:
    everywhere = text.startswith(EVERYWHERE)
    place = maker.place(text.removeprefix(EVERYWHERE), f"[fixed] {text}")
    if everywhere and not place.attribute and len(place.steps) < 2:
        raise BrokenTable(f"{maker.table} [fixed] {text}: name the element around it too")
    source, _, value = str(value).removeprefix("=").partition(" or ") if str(value).startswith("=") else ("", "", value)
    beside = source.startswith("./")
    at = maker.place(source.removeprefix("./"), f"[fixed] {text}") if source else None
    return Fixed(place, str(value), everywhere, at, beside)


def _with_fixed(known: set[tuple[str, ...]], places: list[Place]) -> set[tuple[str, ...]]:
    """Every known place, and what is written everywhere beside one."""
    found = set(known)
    for place in places:
        tags = place.tags if place.attribute else place.tags[:-1]
        mark = f"@{place.attribute}" if place.attribute else place.tags[-1]
        ways = {way[:n] for way in known for n in range(1, len(way) + 1)}
        found |= {(*way, mark) for way in ways if way[-len(tags):] == tags}
    return found

