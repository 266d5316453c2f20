"""Reads the facts of the standards into frozen values. Nothing here knows what a fact is used for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import Any

HOME = Path(__file__).parent
BASE_RELEASE = "004"
"""X12: the release that the facts are those of, where nothing else is said."""
NEWEST_CODES = "005010"
"""X12: the code lists hold what was added up to this release; in newer ones any code passes."""


@dataclass(frozen=True, slots=True)
class Element:
    """A data element. `type` is AN ID DT TM R Nn B (X12) or a n an (EDIFACT); lengths count characters.

    `codes` is None where we hold no list: then any value of that type passes.
    """

    number: str
    name: str
    type: str
    min: int
    max: int
    codes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """An element or composite at its position: whether it must be there, and how often it may repeat.

    For a composite `parts` holds its components, and `element` is None.
    """

    number: str
    name: str
    required: bool
    repeat: int
    element: Element | None
    parts: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment. `notes` are the X12 syntax notes as (kind, positions); `pairs` is the first position of a run of
    qualifier and value (EDIFACT: of C212 composites); `qualifier` is the (element, component) that tells instances
    apart, component 0 where the element is simple."""

    tag: str
    name: str
    uses: tuple[Use, ...]
    notes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    pairs: int | None = None
    qualifier: tuple[int, int] = (1, 0)
    starts: tuple[int, ...] = ()
    """Where the pairs begin, for segments in which other elements stand between them (W01, W12)."""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All segments of one format in one release."""

    format: str
    release: str
    segments: Mapping[str, Segment] = field(default_factory=dict)


def read_toml(path: Path) -> dict[str, Any]:
    """The parsed file, {} where there is none."""
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


_EDIFACT_TYPE = re.compile(r"(an|a|n)(\.\.)?(\d+)")


def _element(number: str, row: Mapping[str, Any]) -> Element:
    kind, low, high = str(row["type"]), int(row.get("min", 0)), int(row.get("max", 0))
    if found := _EDIFACT_TYPE.fullmatch(kind):
        kind, high = found[1], int(found[3])
        low = 0 if found[2] else high
    codes = row.get("codes")
    return Element(number, row["name"], kind, low, high, frozenset(map(intern, codes.split())) if codes else None)


def _holds(prefix: str, release: str) -> bool:
    """Whether what is said of the releases that begin with `prefix` holds for `release` too."""
    if not prefix.isdigit():
        return release.startswith(prefix)
    ours = release[: len(prefix)]
    return ours <= prefix if prefix < BASE_RELEASE else ours >= prefix


def _overrides(raw: dict[str, Any], release: str) -> dict[str, Any]:
    """Element rows with the variants of `release` (`[release.003]`: that one and older ones, `[release.005]`: that one
    and newer ones; the rows themselves are those of 004) laid over them."""
    rows = {key: row for key, row in raw.items() if key != "release"}
    for prefix, variants in raw.get("release", {}).items():
        if _holds(prefix, release):
            rows |= {number: {**rows.get(number, {}), **row} for number, row in variants.items()}
    return rows


def _use(text: str, elements: Mapping[str, Element], composites: Mapping[str, Any]) -> Use:
    number, requirement, *repeat = text.split()
    times = 999_999 if repeat == ["*"] else int(repeat[0]) if repeat else 1
    if number in composites:
        row = composites[number]
        parts = tuple(_use(part, elements, {}) for part in row["elements"])
        return Use(number, row["name"], requirement == "M", times, None, parts)
    element = elements[number]
    return Use(number, element.name, requirement == "M", times, element)


def _note(text: str) -> tuple[str, tuple[int, ...]]:
    return text[0], tuple(int(text[i : i + 2]) for i in range(1, len(text), 2))


def _segment(
    tag: str, row: Mapping[str, Any], elements: Mapping[str, Element], composites: Mapping[str, Any]
) -> Segment:
    uses = tuple(_use(text, elements, composites) for text in row.get("elements", ()))
    element, _, component = str(row.get("qualifier", "1")).partition(".")
    place = (int(element), int(component or 0))
    if not place[1] and len(uses) >= place[0] and uses[place[0] - 1].parts:
        place = (place[0], 1)
    notes, pairs = tuple(_note(n) for n in row.get("syntax", ())), row.get("pairs")
    starts = tuple(pairs) if isinstance(pairs, list) else ()
    return Segment(tag, row["name"], uses, notes, starts[0] if starts else pairs, place, starts)


def _folders(home: Path, release: str) -> list[Path]:
    """Where the differences of a release stand: in its own folder, in X12 also in those of the releases before it."""
    if not release.isdigit():
        return [home / release]
    names = sorted(folder.name for folder in home.iterdir() if folder.is_dir())
    return [home / name for name in names if BASE_RELEASE < name <= release]


@lru_cache(maxsize=32)
def dictionary(format: str, release: str) -> Dictionary:
    """Segments of `format` ("x12", "edifact") as they are in `release` ("004010", "D96A").

    A release differs by `[release.xxx]` in elements.toml or by files of the same names in `<format>/<release>/`, whose
    rows lie over those of all releases. `edifact/loose` is what no directory contradicts.
    """
    home = HOME / format
    raw = {name: read_toml(home / f"{name}.toml") for name in ("elements", "composites", "segments")}
    for name, rows in raw.items():
        for folder in _folders(home, release):
            own = read_toml(folder / f"{name}.toml")
            rows |= {key: {**rows.get(key, {}), **row} for key, row in own.items()}
    rows = _overrides(raw["elements"], release)
    if format == "x12" and release[: len(NEWEST_CODES)] > NEWEST_CODES:
        rows = {number: {key: told for key, told in row.items() if key != "codes"} for number, row in rows.items()}
    elements = {number: _element(number, row) for number, row in rows.items()}
    segments = {}
    for tag, row in raw["segments"].items():
        try:
            segments[tag] = _segment(tag, row, elements, raw["composites"])
        except KeyError as missing:
            raise LookupError(f"{format} segment {tag}: {missing} is not described") from None
    return Dictionary(format, release, segments)


BORROWED = "="
"""Before a word of the same code list: a format that has no code for a word says that one in its place."""
NEAR = {"gs1": ("ubl", "edifact")}
"""Standards that use the code lists of another one wherever they have none of their own."""


@lru_cache(maxsize=256)
def codes(concept: str, format: str) -> Mapping[str, tuple[str, ...]]:
    """Canonical word to this format's codes of one concept; the first is written, all are read."""
    path = HOME / "codes" / f"{concept}.toml"
    if not path.exists():
        raise LookupError(f"there is no code list {concept!r}")
    lists = read_toml(path)
    known = {name for row in lists.values() for name in row}
    near = next((name for name in (format, *NEAR.get(format, ())) if name in known), format)
    rows = {word: row.get(near, ()) for word, row in lists.items()}
    own = {word: given for word, given in rows.items() if given and not _is_borrowed(given)}
    return {word: (given,) if isinstance(given, str) else tuple(given) for word, given in own.items()}


@lru_cache(maxsize=256)
def said_as(concept: str, format: str) -> Mapping[str, str]:
    """Words that this format has no code for, and the wider words that are written for them ("=quantity_changed")."""
    lists = read_toml(HOME / "codes" / f"{concept}.toml")
    rows = {word: row.get(format, "") for word, row in lists.items()}
    return {word: given.removeprefix(BORROWED) for word, given in rows.items() if _is_borrowed(given)}


def _is_borrowed(given: object) -> bool:
    return isinstance(given, str) and given.startswith(BORROWED)


@lru_cache(maxsize=1)
def scenarios() -> Mapping[str, Mapping[str, Any]]:
    """CPFR scenario to its title, the measure that is compared in it, and who leads its tasks."""
    return read_toml(HOME / "scenarios.toml")


@lru_cache(maxsize=1)
def findings() -> Mapping[str, Mapping[str, Any]]:
    """Finding name to its severity, sentence and remedy."""
    return read_toml(HOME / "findings.toml")


@lru_cache(maxsize=8)
def acknowledgements(format: str) -> Mapping[str, Mapping[str, str]]:
    """Finding name to what it is called in this format's acknowledgements."""
    return read_toml(HOME / "ack" / f"{format}.toml")


@lru_cache(maxsize=8)
def beside(format: str) -> Mapping[str, Any]:
    """What any loop of a format may say beside its own matter, as written; {} where nothing is said of it."""
    return read_toml(HOME / format / "beside.toml")


@lru_cache(maxsize=8)
def implied(format: str) -> Mapping[str, Mapping[str, str]]:
    """Values that say nothing beside what is read anyway, with the reason: by data element, or by composite and
    component."""
    return read_toml(HOME / format / "implied.toml")


@lru_cache(maxsize=1)
def message_tables() -> tuple[str, ...]:
    """Names of all message tables that come with the hub, like "x12/004010/850"."""
    return tuple(
        sorted(
            path.relative_to(HOME).with_suffix("").as_posix()
            for format in ("x12", "edifact")
            for path in (HOME / format).glob("*/*.toml")
            if path.stem not in ("elements", "composites", "segments")
        )
    )


def message_table(name: str) -> str | None:
    """The text of one message table, None where there is none."""
    path = HOME / f"{name}.toml"
    return path.read_text(encoding="utf-8") if name in message_tables() else None
