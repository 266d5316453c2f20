"""Compiles the `[frame]` of a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from adapters.mapping.around import Between, compile_between
from adapters.mapping.down import Down
from adapters.mapping.frame import Column, FrameShape, Run
from adapters.mapping.frame_aside import compile_aside
from adapters.mapping.maker import PartMaker
from adapters.mapping.part import Part, Slot
from adapters.mapping.rest import name_rests
from adapters.mapping.structure import Node
from hub.errors import BrokenTable
from hub.model.bulk import Bulk


def compile_frame(
    document: type[Bulk],
    rows: dict[str, Any],
    header: Part,
    maker: PartMaker,
    root: Node,
) -> FrameShape:
    """Raises BrokenTable, naming the row, for an unknown column, a wrong type or a place that is not there.

    `rows = "LIN/FST or LIN/SDP/FST"`: the carets count on the first path; on the others the loops of the same names are
    meant, and a place on a loop that is not there falls away.

    `only = "113 21"`: a row is one only with these qualifiers; what carries others is told beside the rows.
    """
    rows = dict(rows)
    only = frozenset(rows.pop("only", "").split())
    paths = [_path(text.strip(), root, maker.table) for text in rows.pop("rows", "").split(" or ")]
    run = _run(document, rows.pop("run", {}), paths[0], maker)
    constants = {name: value for name, value in rows.pop("constant", {}).items() if _kind(document, name, maker.table)}
    taken = {run.node.tag} if run else set()
    shapes = [_shape(document, rows, header, maker, root, paths[0], path, taken, paths, only) for path in paths]
    above = [slot for shape in shapes for column in shape.columns for level, slot in column.slots if not level]
    name_rests(above, [*header.loops, *(header.aside.loops if header.aside else ())])
    shapes = list(_each_once(shapes))
    return replace(shapes[0], run=run, others=tuple(shapes[1:]), constants=constants)


def _each_once(shapes: list[FrameShape]) -> Iterator[FrameShape]:
    """Of paths that share a loop, the first says what stands aside of it."""
    seen: set[int] = set()
    for shape in shapes:
        asides = [
            None if level and shape.path[level - 1].id in seen else part for level, part in enumerate(shape.asides)
        ]
        seen |= {node.id for node in shape.path}
        yield replace(shape, asides=tuple(asides))


def _shape(
    document: type[Bulk],
    rows: dict[str, str],
    header: Part,
    maker: PartMaker,
    root: Node,
    first: tuple[Node, ...],
    path: tuple[Node, ...],
    taken: set[str],
    paths: list[tuple[Node, ...]],
    only: frozenset[str],
) -> FrameShape:
    columns = []
    for name, row in rows.items():
        kind = _kind(document, name, maker.table)
        slots = tuple(_slots(name, row, kind, first, path, maker, root))
        if slots:
            columns.append(Column(name, slots, kind))
    segments = maker.plan.dictionary.segments
    downs = tuple(Down((node,), None, segments[node.tag].qualifier) for node in path)
    asides: list[Part | None] = [None]
    between: list[Between | None] = [None]
    for level, node in enumerate(path, 1):
        inside = [other[at] for other in paths for at in range(1, len(other)) if other[at - 1] is node]
        rows_below = {kid.id: only for kid in inside if only and any(kid is other[-1] for other in paths)}
        below = {kid.tag for kid in inside if kid.id not in rows_below}
        own = [slot for column in columns for at, slot in column.slots if at == level]
        read = {*below, *(taken if node is path[-1] else ())}
        asides.append(compile_aside(maker, node, own, read, rows_below))
        around = node not in first and node is not path[-1]
        between.append(compile_between(maker, node, own) if around else None)
    return FrameShape(document, header, path, tuple(columns), downs, asides=tuple(asides), only=only,
                      between=tuple(between))


def _kind(document: type[Bulk], name: str, table: str) -> type:
    kind = document.COLUMNS.get(name)
    if kind is None:
        raise BrokenTable(f"{table} [frame] {name}: {document.__name__} has no column {name!r}")
    return kind


def _run(document: type[Bulk], rows: dict[str, str], path: tuple[Node, ...], maker: PartMaker) -> Run | None:
    if not rows:
        return None
    columns = []
    for name, row in rows.items():
        kind = _kind(document, name, maker.table)
        slot = maker.slot(name, row, kind, None, False, path[-1], f"[frame.run] {name}")
        columns.append((name, slot, kind))
    place = columns[0][1].choices[0].place
    if place.segment.pairs is None or not place.steps:
        raise BrokenTable(f"{maker.table} [frame.run]: {place.segment.tag} holds no pairs below {path[-1].tag}")
    uses = maker.plan.mapped.setdefault(place.node.id, set())
    uses |= {(None, at) for at in range(1, len(place.segment.uses) + 1)}
    return Run(place.node, range(place.segment.pairs, len(place.segment.uses), 2), tuple(columns))


def _path(text: str, root: Node, table: str) -> tuple[Node, ...]:
    """The only chain of loops with these names, from the message down."""
    chains: list[tuple[Node, ...]] = [()]
    for tag in filter(None, text.split("/")):
        chains = [(*chain, kid) for chain in chains for kid in (chain[-1] if chain else root).kids if kid.tag == tag]
    if len(chains) != 1 or not chains[0]:
        where = "to several places" if len(chains) > 1 else "nowhere"
        raise BrokenTable(f"{table} [frame] rows: {text!r} leads {where}")
    return chains[0]


def _level(first: tuple[Node, ...], path: tuple[Node, ...], level: int) -> int | None:
    """The level of `path` that a level of `first` means: the message, the row, or the loop of the same name."""
    if level in (0, len(first)):
        return len(path) if level else 0
    return next((at for at, node in enumerate(path, 1) if node.tag == first[level - 1].tag), None)


def _slots(
    name: str,
    row: str,
    kind: type,
    first: tuple[Node, ...],
    path: tuple[Node, ...],
    maker: PartMaker,
    root: Node,
) -> Iterator[tuple[int, Slot]]:
    """One slot per level that the row's places name, in their order."""
    places, bar, codec = row.partition("|")
    by_level: dict[int, list[str]] = {}
    for text in places.split(" or "):
        ups = len(text.strip()) - len(text.strip().lstrip("^"))
        if ups > len(first):
            raise BrokenTable(f"{maker.table} [frame] {name}: {text.strip()!r} climbs above the message")
        at = _level(first, path, len(first) - ups)
        if at is not None:
            by_level.setdefault(at, []).append(text.strip().lstrip("^"))
    for level, texts in by_level.items():
        context = path[level - 1] if level else root
        row = " or ".join(texts) + bar + codec
        yield level, maker.slot(name, row, kind, None, False, context, f"[frame] {name}")
