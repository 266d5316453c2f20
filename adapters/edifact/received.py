"""The packing of a receiving advice: CPS loops that name their parents <-> the units of a receipt and where lines lay.

CPS-1 numbers a level of packing, CPS-2 names the one around it, CPS-3 says how far outside it is (7075). Below it stand
its packages (PAC), each with the SSCCs of its marks (GIN+BJ), and the lines that lay in them (LIN). A level that says
nothing but its number is the delivery itself: its lines lay in no box. A line below a single box with an SSCC carries
that; one that names a single box of its own (PCI, GIN+BJ), and nothing of how much was in it, carries the SSCC of that.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from adapters.edifact.packing import KIND, LEVEL, each_of, tell
from adapters.mapping.dialect import element, place_value
from adapters.mapping.down import made
from adapters.mapping.maker import PartMaker
from adapters.mapping.part import Part
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance
from hub.errors import BrokenTable, Reject
from hub.model.receipt import Receipt, ReceiptLine, ReceivedShare, ReceivedUnit


@dataclass(frozen=True, slots=True)
class Received:
    """`cps`, `pac` and `lin` are the nodes of the three loops; the part "unit" is read at a PAC, "line" at a LIN."""

    cps: Node
    pac: Node
    lin: Node
    parts: dict[str, Part]

    # -- reading ---------------------------------------------------------------------------------------------------

    def read(self, document: Receipt | None, root: Instance, report: Report) -> Receipt | None:
        """`document` with the units and lines of the CPS loops; None when one of them cannot be read."""
        units: list[ReceivedUnit | None] = []
        lines: list[ReceiptLine | None] = []
        says: dict[str, bool] = {}
        for level in root.kids.get(self.cps.id, ()):
            found = self._units(level, says, report)
            inside = element(level.row, 1) if found else None
            units += found
            lines += [_placed(line, inside, found) for line in self._lines(level, report)]
        if document is None or None in units or None in lines:
            return None
        return document.model_copy(update={"units": tuple(units), "lines": tuple(lines)})

    def _units(self, level: Instance, says: dict[str, bool], report: Report) -> list[ReceivedUnit | None]:
        """The packages of a level, none where it says nothing but its number. `says`: the levels before it, and whether
        they say more."""
        name, above = element(level.row, 1), element(level.row, 2)
        above = above if above != name else ""
        if name in says:
            tell(report, "PACKING-NUMBER", level, 1, name)
        if above and above not in says:
            tell(report, "PACKING-PARENT", level, 2, above)
        told = {
            "number": name,
            "inside": above if says.get(above) else None,
            "kind": KIND.get(element(level.row, 3)),
        }
        found = [one for pac in level.kids.get(self.pac.id, ()) for one in each_of(self.parts["unit"], pac, report)]
        if not found and (above or told["kind"]):
            found = [ReceivedUnit()]
        says[name] = says.get(name, False) or bool(found)
        return [unit and unit.model_copy(update=told) for unit in found]

    def _lines(self, level: Instance, report: Report) -> list[ReceiptLine | None]:
        return [self.parts["line"].read(lin, report) for lin in level.kids.get(self.lin.id, ())]

    # -- writing ---------------------------------------------------------------------------------------------------

    def bare(self, document: Receipt) -> Receipt:
        """What the ordinary rows write."""
        return document.model_copy(update={"units": (), "lines": ()})

    def write(self, document: Receipt, root: Instance) -> None:
        """What lay in no box below the first CPS, then one CPS for every level of units.

        Raises Reject for what a part cannot say, and where a line or unit lies in one that the receipt does not name.
        """
        loops = root.kids.setdefault(self.cps.id, [])
        levels = _levels(document.units)
        held: dict[str | None, list[ReceiptLine]] = {}
        for line in document.lines:
            held.setdefault(line.inside, []).append(line)
        _demand_known(levels, held)
        whole = _free(levels) if None in held or not levels or any(map(_is_silent, levels.values())) else None
        if whole:
            self._write_level(loops, whole, (), held.get(None, ()))
        for name, units in levels.items():
            self._write_level(loops, name, units, held.get(name, ()), whole)

    def _write_level(
        self,
        loops: list[Instance],
        name: str,
        units: Sequence[ReceivedUnit],
        lines: Iterable[ReceiptLine],
        around: str | None = None,
    ) -> None:
        level = made(self.cps, (1, 0))
        loops.append(level)
        place_value(level.row, 1, 0, name)
        for unit in units[:1]:
            if above := unit.inside or around:
                place_value(level.row, 2, 0, above)
            if unit.kind:
                place_value(level.row, 3, 0, LEVEL[unit.kind])
        for unit in units:
            bare = unit.model_copy(update={"number": None, "inside": None, "kind": None})
            if bare != ReceivedUnit() or len(units) > 1:
                self._write("unit", bare, level, self.pac)
        for line in lines:
            self._write("line", _alone(line, units), level, self.lin)

    def _write(self, part: str, value: Any, above: Instance, node: Node) -> None:
        instance = made(node, (1, 0))
        above.kids.setdefault(node.id, []).append(instance)
        self.parts[part].write(value, instance)


def received(maker: PartMaker, root: Node) -> Received:
    """The shape `received`. Raises BrokenTable where the structure has no CPS with PAC and LIN."""
    nodes = {node.path: node for node in maker.plan.nodes[1:]}
    try:
        cps, pac, lin = nodes["CPS"], nodes["CPS/PAC"], nodes["CPS/LIN"]
    except KeyError as missing:
        raise BrokenTable(f"{maker.table}: the shape received needs {missing.args[0]}") from None
    maker.plan.mapped.setdefault(cps.id, set()).update((None, at) for at in (1, 2, 3))
    unit = maker.part(ReceivedUnit, maker.parts["unit"], pac, "[part.unit]")
    line = maker.part(ReceiptLine, maker.parts["line"], lin, "[part.line]")
    return Received(cps, pac, lin, {"unit": unit, "line": line})


# -- which box a line lay in -----------------------------------------------------------------------------------------


def _only_box(units: Sequence[ReceivedUnit | None]) -> str | None:
    """The SSCC of the one box of a level; None of none, and of several."""
    return units[0].sscc if len(units) == 1 and units[0] else None


def _placed(line: ReceiptLine | None, inside: str | None, units: Sequence[ReceivedUnit | None]) -> ReceiptLine | None:
    """The line as a receipt says it: with its level, and the SSCC of the box that it lay in."""
    if line is None:
        return None
    told: dict[str, Any] = {"inside": inside}
    if line.sscc is None and len(line.shares) == 1 and line.shares[0] == ReceivedShare(sscc=line.shares[0].sscc):
        told |= {"sscc": line.shares[0].sscc, "shares": ()}
    elif line.sscc is None:
        told["sscc"] = _only_box(units)
    return line.model_copy(update=told)


def _alone(line: ReceiptLine, units: Sequence[ReceivedUnit]) -> ReceiptLine:
    """The line as the part writes it: without what its level says already."""
    if line.sscc is None:
        return line
    if line.sscc == _only_box(units):
        return line.model_copy(update={"sscc": None})
    if line.shares:
        return line
    return line.model_copy(update={"sscc": None, "shares": (ReceivedShare(sscc=line.sscc),)})


# -- levels ----------------------------------------------------------------------------------------------------------


def _free(levels: Container[str]) -> str:
    """The first number that no level has."""
    return next(str(number) for number in count(1) if str(number) not in levels)


def _is_silent(units: Sequence[ReceivedUnit]) -> bool:
    """Whether a level says nothing but its number: it is one only because it lies in the delivery."""
    return units == [ReceivedUnit(number=units[0].number)]


def _levels(units: Iterable[ReceivedUnit]) -> dict[str, list[ReceivedUnit]]:
    """The units by number, one without a number alone; each level behind the one around it."""
    numbered = {unit.number for unit in units if unit.number}
    free = (str(number) for number in count(1) if str(number) not in numbered)
    levels: dict[str, list[ReceivedUnit]] = {}
    for unit in units:
        levels.setdefault(unit.number or next(free), []).append(unit)
    in_order: dict[str, list[ReceivedUnit]] = {}
    for name in levels:
        way: dict[str, None] = {}
        above: str | None = name
        while above in levels and above not in in_order and above not in way:
            way[above] = None
            above = levels[above][0].inside
        in_order |= {one: levels[one] for one in reversed(way)}
    return in_order


def _demand_known(levels: dict[str, list[ReceivedUnit]], held: Iterable[str | None]) -> None:
    """Raises Reject where a line or unit lies in a unit that the receipt does not name, or units of one number do not
    lie in the same."""
    for name, units in levels.items():
        if len({(unit.inside, unit.kind) for unit in units}) > 1:
            raise Reject(f"the units with number {name} do not lie in the same unit", reason="NOT_WRITABLE")
    inside = {*held, *(units[0].inside for units in levels.values())} - {None}
    for one in sorted(name for name in inside if name is not None and name not in levels):
        raise Reject(f"something lies inside of unit {one}, which the receipt does not name", reason="NOT_WRITABLE")
