"""A partner's layer upon a standard table: it may re-place values, narrow what the standard allows, and extend code
lists; nothing else, for what it sends must stay a message of the standard.

    [map] … [part.x] …           where values stand: rows that differ, "" takes one away
    structure = "..."            the same segments at the same places, fewer or oftener demanded, never more
    [narrow]
    "BEG-05" = "M"               demanded, though the standard leaves it open
    "BEG-03" = "max 10"          shorter ("min 4": longer) than the standard allows
    "PO1-03" = "only EA CA"      of the code list only these
    "PO1-03" = "also ZX"         codes agreed beside the list
    "QTY-1.3" = "M, only PCE"    components; several demands with commas
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from adapters.mapping.structure import Node, parse
from hub.errors import BrokenTable
from schemas.facts import Dictionary, Element, Segment, Use

FIXED = ("canonical", "group", "tree", "shape")
"""What a message means, which no partner changes."""
_PLACE = re.compile(r"([A-Z][A-Z0-9]{1,2})-(\d+)(?:\.(\d+))?")


def check_overlay(name: str, base: Mapping[str, Any], rows: Mapping[str, Any], head: str) -> None:
    """Raises BrokenTable, with the reason, for rows that do more than narrow, extend code lists and re-place."""
    for key in FIXED:
        if key in rows and rows[key] != base.get(key):
            standard = base.get(key)
            raise BrokenTable(f"{name}: a partner's rows may not change {key}, which is {standard!r} in the standard")
    if "structure" in rows and "structure" in base:
        _check_structure(name, parse(base["structure"], head, name), parse(rows["structure"], head, name))


def _check_structure(name: str, standard: list[Node], own: list[Node]) -> None:
    """Every line of the partner's structure is one of the standard's, in its order, and demands no less."""
    _check_level(name, standard[0], own[0])


def _check_level(name: str, standard: Node, own: Node) -> None:
    rest = list(standard.kids)
    for kid in own.kids:
        at = next((n for n, other in enumerate(rest) if other.tag == kid.tag), None)
        if at is None:
            raise BrokenTable(f"{name}: {kid.path} is not at this place of the standard's structure")
        _refuse_left_out(name, rest[:at])
        found, rest = rest[at], rest[at + 1 :]
        if found.must and not kid.must:
            raise BrokenTable(f"{name}: {kid.path} is mandatory in the standard and may not be made optional")
        if kid.limit > found.limit:
            raise BrokenTable(f"{name}: {kid.path} may stand {found.limit} times in the standard, not {kid.limit}")
        _check_level(name, found, kid)
    _refuse_left_out(name, rest)


def _refuse_left_out(name: str, nodes: Iterable[Node]) -> None:
    for node in nodes:
        if node.must:
            raise BrokenTable(f"{name}: {node.path} is mandatory in the standard and may not be left out")


# -- elements ------------------------------------------------------------------------------------------------------


def narrowed(name: str, rows: Mapping[str, str], dictionary: Dictionary) -> Dictionary:
    """The facts under the rows of `[narrow]`. Raises BrokenTable, with the reason, for a row that widens."""
    if not rows:
        return dictionary
    segments = dict(dictionary.segments)
    for place, demands in rows.items():
        found = _PLACE.fullmatch(place)
        segment = segments.get(found[1]) if found else None
        if found is None or segment is None:
            raise BrokenTable(f"{name} [narrow] {place}: there is no such place")
        position, component = int(found[2]), int(found[3] or 0)
        segments[segment.tag] = _with(f"{name} [narrow] {place}", segment, position, component, str(demands))
    return replace(dictionary, segments=segments)


def _with(where: str, segment: Segment, position: int, component: int, demands: str) -> Segment:
    if not 0 < position <= len(segment.uses):
        raise BrokenTable(f"{where}: {segment.tag} has {len(segment.uses)} elements")
    use = segment.uses[position - 1]
    if component:
        if component > len(use.parts):
            raise BrokenTable(f"{where}: there is no such component")
        parts = [*use.parts]
        parts[component - 1] = _demanded(where, parts[component - 1], demands)
        use = replace(use, parts=tuple(parts))
    else:
        use = _demanded(where, use, demands)
    uses = [*segment.uses]
    uses[position - 1] = use
    return replace(segment, uses=tuple(uses))


def _demanded(where: str, use: Use, demands: str) -> Use:
    for demand in filter(None, map(str.strip, demands.split(","))):
        word, _, said = demand.partition(" ")
        if word == "M" and not said:
            use = replace(use, required=True)
            continue
        element = use.element
        if element is None:
            raise BrokenTable(f"{where}: it is a composite, whose components can be narrowed one by one")
        if word in ("min", "max") and said.isascii() and said.isdigit():
            use = replace(use, element=_sized(where, element, word, int(said)))
        elif word in ("only", "also") and said:
            use = replace(use, element=_listed(where, element, word, frozenset(said.split())))
        else:
            raise BrokenTable(f"{where}: {demand!r} is none of M, min N, max N, only CODES, also CODES")
    return use


def _sized(where: str, element: Element, word: str, length: int) -> Element:
    if not element.min <= length <= element.max:
        range = f"{element.min} to {element.max}"
        raise BrokenTable(f"{where}: {element.name} has {range} characters, {word} {length} widens it")
    return replace(element, max=length) if word == "max" else replace(element, min=length)


def _listed(where: str, element: Element, word: str, codes: frozenset[str]) -> Element:
    if word == "also":
        if element.codes is None:
            raise BrokenTable(f"{where}: {element.name} has no code list here, so any code passes already")
        return replace(element, codes=element.codes | codes)
    if element.codes is not None and (strange := codes - element.codes):
        raise BrokenTable(f"{where}: {', '.join(sorted(strange))} is not in the code list of {element.name}; say also")
    return replace(element, codes=codes)
