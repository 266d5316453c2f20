"""Reads the components of an XML standard: what stands in each aggregate and document, in which order, how often.

The notation is explained at the head of `ubl/components.txt`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from schemas.facts import HOME, read_toml

UNBOUNDED = 999_999
_CHILD = re.compile(r"(\^?)(\w+)(?:=(\w+))?([!*+]?)(?:/([\d.]+))?")
_TIMES = {"": (0, 1), "!": (1, 1), "*": (0, UNBOUNDED), "+": (1, UNBOUNDED)}


@dataclass(frozen=True, slots=True)
class Child:
    """An element at its place in a sequence. `type` is the aggregate's name, None for a basic component; `since` the
    version that brought it."""

    name: str
    type: str | None
    least: int
    most: int
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Basic:
    """A type of basic components: its XML Schema base and its attributes as (name, type, required)."""

    name: str
    base: str
    attributes: tuple[tuple[str, str, bool], ...]

    def kind(self, attribute: str) -> str:
        """The type of an attribute; "" of one that it does not have."""
        return next((kind for name, kind, _ in self.attributes if name == attribute), "")


@dataclass(frozen=True, slots=True)
class Components:
    """One standard in one version. `documents` and `aggregates` map a name to its children in order; aggregates that no
    document of this version can hold are not among them."""

    version: str

    documents: Mapping[str, tuple[Child, ...]]
    aggregates: Mapping[str, tuple[Child, ...]]
    basics: tuple[Basic, ...]
    namespaces: Mapping[str, str]
    words: tuple[tuple[str, Basic], ...]

    def basic(self, name: str) -> Basic:
        """The type of a basic component, told by the last word of its name."""
        return next((basic for word, basic in self.words if name.endswith(word)), self.basics[-1])

    def namespace(self, prefix: str, document: str) -> str:
        return self.namespaces[prefix].format(document=document)


def _rows(text: str, macros: dict[str, str]) -> dict[str, str]:
    """Name to its children as text; `%name` is replaced by what was said of it before."""
    rows: dict[str, str] = {}
    for line in re.sub(r"\n[ \t]+", " ", text).splitlines():
        if not line or line.startswith("#"):
            continue
        line = re.sub(r"%(\w+)", lambda found: macros[found[1]], line)
        if line.startswith("% "):
            name, _, children = line[2:].partition(" = ")
            macros[name] = children
        else:
            name, _, children = line.partition(": ")
            if name in rows:
                raise LookupError(f"{name} is described twice")
            rows[name] = children
    return rows


def _children(name: str, text: str, version: str) -> tuple[Child, ...]:
    found: dict[str, Child] = {}
    for word in text.split():
        parts = _CHILD.fullmatch(word)
        if parts is None:
            raise LookupError(f"{name}: {word!r} is no component")
        aggregate, child, type_, times, since = parts.groups()
        if since is None or since <= version:
            first = found.get(child)
            found[child] = Child(child, (type_ or child) if aggregate else None, *_TIMES[times],
                                 first.since if first else since)
    return tuple(found.values())


def _reachable(documents: Mapping[str, tuple[Child, ...]],
               aggregates: Mapping[str, tuple[Child, ...]]) -> dict[str, tuple[Child, ...]]:
    """The aggregates that stand in a document, or in one that does."""
    seen, waiting = set[str](), [child for children in documents.values() for child in children]
    while waiting:
        child = waiting.pop()
        if child.type is not None and child.type not in seen:
            seen.add(child.type)
            waiting += aggregates[child.type]
    return {name: children for name, children in aggregates.items() if name in seen}


def _basic(name: str, row: Mapping[str, object]) -> Basic:
    attributes = []
    for text in row.get("attributes", ()):  # type: ignore[attr-defined]
        said, _, type_ = str(text).partition(":")
        attributes.append((said.rstrip("!"), type_ or "normalizedString", said.endswith("!")))
    return Basic(name, str(row["base"]), tuple(attributes))


@lru_cache(maxsize=8)
def components(standard: str, version: str) -> Components:
    """The components of "ubl" in a version ("2.1"). Raises LookupError for rows that contradict each other."""
    home = HOME / standard
    macros: dict[str, str] = {}
    raw = {file: _rows((home / f"{file}.txt").read_text(encoding="utf-8"), macros)
           for file in ("components", "documents")}
    made = {file: {name: _children(name, text, version) for name, text in rows.items()} for file, rows in raw.items()}
    for name, children in (*made["components"].items(), *made["documents"].items()):
        for child in children:
            if child.type is not None and child.type not in made["components"]:
                raise LookupError(f"{name}: there is no aggregate {child.type}")
    rows = read_toml(home / "types.toml")
    basics = tuple(_basic(name, row) for name, row in rows.items())
    words = ((word, b) for b in basics for word in rows[b.name].get("words", [b.name]) if b is not basics[-1])
    aggregates = _reachable(made["documents"], made["components"])
    return Components(version, made["documents"], aggregates, basics, read_toml(home / "namespaces.toml"), tuple(words))
