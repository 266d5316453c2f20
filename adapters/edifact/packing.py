"""The packing sequence of a despatch advice: CPS loops that name their parents <-> the tree of handling units.

CPS-1 numbers a level of packing, CPS-2 names the one around it, CPS-3 says how far outside it is (7075). Below it
stand its packages (PAC), each with the SSCCs of its marks (GIN+BJ), and what lies in them (LIN). The level without a
parent that carries no SSCC is the consignment itself. Several packages on one level make a group of units around the
same goods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.mapping.dialect import element, place_value
from adapters.mapping.down import made
from adapters.mapping.maker import PartMaker
from adapters.mapping.part import Part
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance
from hub.errors import BrokenTable, Where
from hub.model.despatch import Despatch, DespatchedItem, DespatchedOrder, HandlingUnit, UnitKind

LEVEL: dict[UnitKind | None, str] = {"tare": "3", "pack": "1", None: ""}
KIND: dict[str, UnitKind] = {"1": "pack", "2": "pack", "3": "tare"}
"""Element 7075, from the inside to the outside."""


OF_THE_WHOLE = ("kind", "count", "packaging", "gross_weight", "weight_unit")
"""What packages of the whole say of the consignment itself."""


@dataclass(slots=True)
class Level:
    """One CPS with those that name it as their parent. `units` are its packages, `items` what stands directly in it."""

    instance: Instance
    units: list[HandlingUnit]
    items: tuple[DespatchedItem, ...]
    kids: list[Level] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Packing:
    """`cps`, `pac` and `lin` are the nodes of the three loops; the parts "pack" and "tare" are read at a PAC."""

    cps: Node
    pac: Node
    lin: Node
    parts: dict[str, Part]

    # -- reading ---------------------------------------------------------------------------------------------------

    def read(self, document: Despatch | None, root: Instance, report: Report) -> Despatch | None:
        """`document` with the items and units of the CPS loops; None when one of them cannot be read."""
        tops, sound = self._levels(root, report)
        if document is None or not sound:
            return None
        items: list[DespatchedItem] = []
        units: list[HandlingUnit] = []
        told: dict[str, Any] = {}
        for top in tops:
            if any(unit.sscc for unit in top.units):
                units.append(_united(top))
                continue
            items += top.items
            units += [*_told_apart(top.units), *map(_united, top.kids)]
            told = told or _consignment(top.units)
        return document.model_copy(update={**told, "items": tuple(items), "units": tuple(units)})

    def _levels(self, root: Instance, report: Report) -> tuple[list[Level], bool]:
        """The levels without a parent, and whether everything could be read."""
        tops: list[Level] = []
        known: dict[str, Level] = {}
        sound = True
        for instance in root.kids.get(self.cps.id, ()):
            name, above = element(instance.row, 1), element(instance.row, 2)
            kind = KIND.get(element(instance.row, 3))
            part = self.parts["tare" if kind == "tare" else "pack"]
            units = [one for pac in instance.kids.get(self.pac.id, ()) for one in each_of(part, pac, report)]
            items = [self.parts["item"].read(lin, report) for lin in instance.kids.get(self.lin.id, ())]
            sound = sound and None not in units and None not in items
            level = Level(instance, [_of_kind(unit, kind) for unit in units if unit], tuple(filter(None, items)))
            if name in known:
                tell(report, "PACKING-NUMBER", instance, 1, name)
            if above and above != name and above not in known:
                tell(report, "PACKING-PARENT", instance, 2, above)
            (known[above].kids if above != name and above in known else tops).append(level)
            known.setdefault(name, level)
        return tops, sound

    # -- writing ---------------------------------------------------------------------------------------------------

    def bare(self, document: Despatch) -> Despatch:
        """What the ordinary rows write; the packages of the whole are told by the first CPS."""
        return document.model_copy(
            update={"items": (), "units": (), **dict.fromkeys(("packages", "packaging", "gross_weight", "weight_unit"))}
        )

    def write(self, document: Despatch, root: Instance) -> None:
        """The consignment as the first CPS, below it one for every handling unit.

        Raises Reject for what a part cannot say.
        """
        loops = root.kids.setdefault(self.cps.id, [])
        whole = HandlingUnit(
            count=document.packages,
            packaging=document.packaging,
            gross_weight=document.gross_weight,
            weight_unit=document.weight_unit,
        )
        self._add(loops, None, whole, document.items, document.units)

    def _add(
        self,
        loops: list[Instance],
        above: str | None,
        unit: HandlingUnit,
        items: Sequence[DespatchedItem],
        units: Sequence[HandlingUnit],
    ) -> None:
        instance = made(self.cps, (1, 0))
        loops.append(instance)
        name = str(len(loops))
        place_value(instance.row, 1, 0, name)
        if above:
            place_value(instance.row, 2, 0, above)
        if unit.kind:
            place_value(instance.row, 3, 0, LEVEL[unit.kind])
        bare = unit.model_copy(update={"kind": None, "items": (), "units": ()})
        if bare != HandlingUnit():
            self._write(self.parts["pack"], bare, instance, self.pac)
        for item in items:
            self._write(self.parts["item"], item, instance, self.lin)
        for inner in units:
            self._add(loops, name, inner, inner.items, inner.units)

    def _write(self, part: Part, value: Any, above: Instance, node: Node) -> None:
        instance = made(node, (1, 0))
        above.kids.setdefault(node.id, []).append(instance)
        part.write(value, instance)


def packing(maker: PartMaker, root: Node) -> Packing:
    """The shape `packing`. Raises BrokenTable where the structure has no CPS with PAC and LIN."""
    nodes = {node.path: node for node in maker.plan.nodes[1:]}
    try:
        cps, pac, lin = nodes["CPS"], nodes["CPS/PAC"], nodes["CPS/LIN"]
    except KeyError as missing:
        raise BrokenTable(f"{maker.table}: the shape packing needs {missing.args[0]}") from None
    maker.plan.mapped.setdefault(cps.id, set()).update((None, at) for at in (1, 2, 3))
    unit = maker.part(HandlingUnit, maker.parts["unit"], pac, "[part.unit]")
    item = maker.part(DespatchedItem, maker.parts["item"], lin, "[part.item]")
    order = maker.part(DespatchedOrder, maker.parts["order"], nodes["RFF"], "[part.order]")
    return Packing(cps, pac, lin, {"tare": unit, "pack": unit, "item": item, "order": order})


def each_of(part: Part, pac: Instance, report: Report) -> list[Any]:
    """The unit once for every SSCC that its package carries."""
    numbers = [text for gin in _marks(pac) for text in gin.row[2:] if text]
    if len(numbers) <= 1:
        return [part.read(pac, report)]
    units = [part.read(_with_mark(pac, text), report if at == 0 else _unheard()) for at, text in enumerate(numbers)]
    return [unit and unit.model_copy(update={"count": None}) for unit in units]


def _marks(pac: Instance) -> list[Instance]:
    """The segments that hold SSCCs."""
    below = [kid for level in pac.kids.values() for pci in level for gins in pci.kids.values() for kid in gins]
    return [gin for gin in below if _is_mark(gin)]


def _is_mark(instance: Instance) -> bool:
    return instance.node.tag == "GIN" and element(instance.row, 1) == "BJ"


def _with_mark(instance: Instance, number: str) -> Instance:
    """The package as if it carried this SSCC only."""
    copy = Instance(instance.node, instance.row, instance.number)
    for id, kids in instance.kids.items():
        copy.kids[id] = [_with_mark(kid, number) for kid in kids if not _is_mark(kid) or number in kid.row[2:]]
    if _is_mark(instance):
        copy.row = [*instance.row[:2], number]
    return copy


def _unheard() -> Report:
    """What is said of the first of them is said of all."""
    return Report("", Where())


def _of_kind(unit: HandlingUnit, kind: UnitKind | None) -> HandlingUnit:
    return unit.model_copy(update={"kind": kind}) if kind else unit


def _united(level: Level) -> HandlingUnit:
    """One unit for one level: its package, or a group of several packages around the same goods."""
    inner = tuple(map(_united, level.kids))
    kind = KIND.get(element(level.instance.row, 3))
    if len(level.units) == 1:
        return level.units[0].model_copy(update={"items": level.items, "units": inner})
    return HandlingUnit(kind=kind, items=level.items, units=(*level.units, *inner))


def _told_apart(units: Sequence[HandlingUnit]) -> Sequence[HandlingUnit]:
    """The packages of the whole, where they say more than the consignment has fields for."""
    more = [unit for unit in units if unit.model_copy(update=dict.fromkeys(OF_THE_WHOLE)) != HandlingUnit()]
    return units if more or len(units) > 1 else ()


def _consignment(units: Sequence[HandlingUnit]) -> dict[str, Any]:
    """What the packages of the whole say of it: of several kinds, how many pieces there are in all."""
    if not units:
        return {}
    counts = [unit.count for unit in units if unit.count is not None]
    told: dict[str, Any] = {"packages": sum(counts) if counts else None}
    if len(units) == 1:
        told |= {name: getattr(units[0], name) for name in ("packaging", "gross_weight", "weight_unit")}
    return told


def tell(report: Report, name: str, found: Instance, at: int, value: str) -> None:
    report.add(
        name,
        segment=found.number,
        tag=found.node.tag,
        element=at,
        value=value,
        place=f"{found.node.tag} (segment {found.number})",
    )
