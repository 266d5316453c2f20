"""What a warehouse shipped: LX loops of a 945 <-> items and the boxes that hold them.

An LX with a mark (MAN) is a box with the items (W12) below it, a pallet where it has a PAL too; one without a mark only
numbers its items.
References of an LX are said of each of its items. W03-01 sums the quantities: it is checked on reading and reckoned on
writing. A box inside of a box cannot be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.mapping.codecs import plain
from adapters.mapping.dialect import element, place_value
from adapters.mapping.down import made
from adapters.mapping.maker import PartMaker
from adapters.mapping.part import Part
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.telling import tell_left
from adapters.mapping.walk import Instance
from hub.errors import BrokenTable, Reject
from hub.model.despatch import Despatch, DespatchedItem, DespatchedOrder, HandlingUnit
from hub.model.reference import Reference

TOTAL = (1, 0)
"""Number of Units Shipped, W03-01."""
DIFFERENCE = 4
"""Quantity Difference, W12-04: ordered less shipped."""
STANDARD_PALLET = (1, 0, "4")
"""Pallet Type Code, PAL-01."""


@dataclass(frozen=True, slots=True)
class Loads:
    """Implements `adapters.mapping.shape.Shape`. The parts "pack" and "tare" are read at an LX, "item" at a W12,
    "order" at the message, "reference" at an N9 of an LX."""

    lx: Node
    man: Node
    pal: Node
    n9: Node
    w12: Node
    w03: Node
    parts: dict[str, Part]
    nested = False

    # -- reading ---------------------------------------------------------------------------------------------------

    def read(self, document: Despatch | None, root: Instance, report: Report) -> Despatch | None:
        """`document` with the items and units of the LX loops; None when one of them cannot be read."""
        order = self.parts["order"].read(root, report) if element(_first(root), 6) else None
        items: list[DespatchedItem] = []
        units: list[HandlingUnit] = []
        sound = True
        for lx in root.kids.get(self.lx.id, ()):
            found = self._items(lx, order, report)
            sound = sound and None not in found
            if self.man.id in lx.kids:
                unit = self.parts["pack"].read(lx, report)
                sound = sound and unit is not None
                kind = "tare" if self.pal.id in lx.kids else "pack"
                units += [unit.model_copy(update={"kind": kind, "items": tuple(found)})] if unit is not None else []
            else:
                items += found
        if document is None or not sound:
            return None
        every = [*items, *(item for unit in units for item in unit.items)]
        self._check_total(root, every, report)
        numbers = dict.fromkeys(filter(None, [order and order.number, *(item.order_number for item in every)]))
        orders = tuple(DespatchedOrder(number=number) for number in numbers)
        return document.model_copy(update={"orders": orders, "items": tuple(items), "units": tuple(units)})

    def _items(self, lx: Instance, order: DespatchedOrder | None, report: Report) -> list[Any]:
        """The items of one LX; None among them where one cannot be read."""
        above = tuple(self.parts["reference"].read(n9, report) for n9 in lx.kids.get(self.n9.id, ()))
        found: list[Any] = []
        for w12 in lx.kids.get(self.w12.id, ()):
            item = self.parts["item"].read(w12, report)
            if item is not None:
                told: dict[str, Any] = {"references": (*filter(None, above), *item.references)}
                if order and not item.order_number:
                    told["order_number"] = order.number
                item = item.model_copy(update=told)
                _tell_difference(w12, item, report)
            found.append(item)
        return found

    def _check_total(self, root: Instance, items: list[DespatchedItem], report: Report) -> None:
        for w03 in root.kids.get(self.w03.id, ()):
            told = element(w03.row, *TOTAL)
            actual = plain(sum((item.quantity or Decimal() for item in items), Decimal()))
            if items and told and (w03.number, TOTAL[0]) not in report.faulty and Decimal(told) != Decimal(actual):
                report.add(
                    "QUANTITY-TOTAL",
                    segment=w03.number,
                    tag="W03",
                    element=TOTAL[0],
                    value=told,
                    actual=actual,
                    place=f"W03 (segment {w03.number})",
                )

    # -- writing ---------------------------------------------------------------------------------------------------

    def bare(self, document: Despatch) -> Despatch:
        """What the ordinary rows of the table write."""
        return document.model_copy(update={"orders": (), "items": (), "units": ()})

    def write(self, document: Despatch, root: Instance) -> None:
        """The LX loops and the sum. Raises Reject for boxes in boxes, and for orders that nothing is sent for."""
        every = [*document.items, *(item for unit in document.units for item in unit.items)]
        said = {item.order_number for item in every}
        named = [order.number for order in document.orders]
        sole = len(said) <= 1 and len(named) <= 1
        if not sole and set(named) - said:
            raise Reject("orders: no item is sent for one of several orders", reason="NOT_WRITABLE")
        if not sole and any(order != DespatchedOrder(number=order.number) for order in document.orders):
            raise Reject("orders: of several orders only the numbers can be told", reason="NOT_WRITABLE")
        for order in document.orders if sole else ():
            self.parts["order"].write(order, root)
        sole = sole and bool(named) and said <= {named[0]}
        for item in document.items:
            self._item(item, self._lx(root), sole)
        for unit in document.units:
            if unit.units:
                raise Reject("units: a box inside of a box cannot be told", reason="NOT_WRITABLE")
            lx = self._lx(root)
            self.parts["pack"].write(unit.model_copy(update={"items": (), "kind": None}), lx)
            if self.man.id not in lx.kids:
                raise Reject("units: a box without any mark cannot be told", reason="NOT_WRITABLE")
            if unit.kind == "tare":
                pal = made(self.pal, (1, 0))
                place_value(pal.row, *STANDARD_PALLET)
                lx.kids[self.pal.id] = [pal]
            for item in unit.items:
                self._item(item, lx, sole)
        if every:
            self._total(root, every)

    def _lx(self, root: Instance) -> Instance:
        loops = root.kids.setdefault(self.lx.id, [])
        loops.append(made(self.lx, (1, 0)))
        return loops[-1]

    def _item(self, item: DespatchedItem, lx: Instance, sole: bool) -> None:
        if item.units:
            raise Reject("items: boxes that share one item cannot be told", reason="NOT_WRITABLE")
        w12 = made(self.w12, (1, 0))
        lx.kids.setdefault(self.w12.id, []).append(w12)
        self.parts["item"].write(item.model_copy(update={"order_number": None}) if sole else item, w12)

    def _total(self, root: Instance, items: list[DespatchedItem]) -> None:
        """W03 with the sum, where there is none yet."""
        if self.w03.id not in root.kids:
            root.kids[self.w03.id] = [made(self.w03, (1, 0))]
        total = sum((item.quantity or Decimal() for item in items), Decimal())
        place_value(root.kids[self.w03.id][0].row, *TOTAL, plain(total))


def _tell_difference(w12: Instance, item: DespatchedItem, report: Report) -> None:
    """Note a difference that is not what was ordered less what was shipped: nobody reads it."""
    said = element(w12.row, DIFFERENCE)
    if not said or (w12.number, DIFFERENCE) in report.faulty:
        return
    known = item.ordered is not None and item.quantity is not None
    if not known or abs(Decimal(said)) != abs((item.ordered or 0) - (item.quantity or 0)):
        tell_left(report, w12, DIFFERENCE, None, "W12 Quantity Difference, which is not ordered less shipped,")


def _first(root: Instance) -> list[str]:
    """The first segment of the message: it names the order."""
    return next((kid.row for kids in root.kids.values() for kid in kids), [])


def loads(maker: PartMaker, root: Node) -> Loads:
    """The shape `loads`. Raises BrokenTable where the structure has no LX with MAN, N9 and W12, or no W03."""
    nodes = {node.path: node for node in maker.plan.nodes[1:]}
    try:
        lx, man, pal, n9, w12, w03 = (nodes[p] for p in ("LX", "LX/MAN", "LX/PAL", "LX/N9", "LX/W12", "W03"))
    except KeyError as missing:
        raise BrokenTable(f"{maker.table}: the shape loads needs {missing.args[0]}") from None
    for node, at in ((lx, 1), (pal, 1), (w03, TOTAL[0]), (w12, DIFFERENCE)):
        maker.plan.mapped.setdefault(node.id, set()).add((None, at))
    unit = maker.part(HandlingUnit, maker.parts["unit"], lx, "[part.unit]")
    parts = {
        "tare": unit,
        "pack": unit,
        "item": maker.part(DespatchedItem, maker.parts["item"], w12, "[part.item]"),
        "order": maker.part(DespatchedOrder, maker.parts["order"], root, "[part.order]"),
        "reference": maker.part(Reference, maker.parts["reference"], n9, "[part.reference]"),
    }
    return Loads(lx, man, pal, n9, w12, w03, parts)
