"""Loops that point at each other: the HL of a ship notice, printed flat, meant as shipment, orders, boxes and items.

`[tree]` names the loop, its three places and which code stands for which level; a level's own fields are a `[part.x]`.

    loop = "HL"   id = "HL-01"   parent = "HL-02"   level = "HL-03"   arrangement = "BSN-05"
    shipment = "S"   order = "O"   tare = "T"   pack = "P"   item = "I"

Fields of the shipment are ordinary rows of `[map]` (`HL[S]/TD5-03`). Who has no parent, or one that is not there,
belongs to the nearest earlier loop of a higher level. What is below a level that the table does not know belongs to
what is above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel

from adapters.mapping.annotations import fields_of, unwrapped
from adapters.mapping.children import Children
from adapters.mapping.dialect import element, place_value
from adapters.mapping.maker import PartMaker
from adapters.mapping.part import Part
from adapters.mapping.place import Place
from adapters.mapping.reading import Readings
from adapters.mapping.report import Report
from adapters.mapping.segment import item as words_of
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance, unfold
from hub.errors import BrokenTable
from hub.model.despatch import Despatch, DespatchedItem, DespatchedOrder, HandlingUnit
from schemas.facts import Segment

LEVELS = ("shipment", "order", "tare", "pack", "item")
"""From the outside to the inside, where nothing else is told."""
NESTED = ("orders", "items", "units")
ARRANGEMENT = {"packs in orders": "0001", "packs in items": "0002", "orders in packs": "0003", "items only": "0004"}
"""X12 element 1005: how the levels of a ship notice follow each other."""


@dataclass(slots=True)
class Branch:
    """One loop with what is below it. `value` is its own part, None where the level is unknown or the shipment."""

    instance: Instance
    level: str | None
    value: Any = None
    kids: list[Branch] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class TreeShape:
    """A compiled `[tree]`; `codes` by level, `parts` by level."""

    node: Node
    id: Place
    parent: Place
    level: Place
    arrangement: Place | None
    codes: dict[str, str]
    parts: dict[str, Part]
    reach: dict[str, Readings]
    """By level what its rows read below the loop."""
    segments: dict[int, Segment]
    """By node."""
    children: Children | None = None

    def order(self, number: str) -> DespatchedOrder:
        """An order that only its number is known of."""
        return cast(DespatchedOrder, self.parts["order"].model(number=number))

    # -- reading ---------------------------------------------------------------------------------------------------

    def read(self, document: Despatch | None, root: Instance, report: Report) -> Despatch | None:
        """`document` (the shipment's own fields) with orders, units and items; None when any part is unreadable."""
        top, sound = self._branches(root, report)
        self._tell_left(root, report)
        if document is None or not sound:
            return None
        orders: dict[str, DespatchedOrder] = {}
        units, items = _contents(top, None, orders)
        for number in filter(None, map(_order_of, _all_items(units, items))):
            orders.setdefault(number, self.order(number))
        return document.model_copy(update={"orders": tuple(orders.values()), "units": units, "items": items})

    def _branches(self, root: Instance, report: Report) -> tuple[Branch, bool]:
        """The top of the tree, and whether every part of it could be read."""
        words = {code: level for level, code in self.codes.items()}
        top = Branch(root, "shipment")
        known: dict[str, Branch] = {}
        path: list[Branch] = []
        sound = True
        for ordinal, instance in enumerate(root.kids.get(self.node.id, ()), 1):
            name, above, code = self.id.cut(instance), self.parent.cut(instance), self.level.cut(instance)
            level = words.get(code)
            branch = Branch(instance, level)
            if level is None or (level == "shipment" and path):
                _tell(report, "HL-LEVEL", instance, self.level, code)
                branch.level = None
            if name in known or (name.isdecimal() and name.isascii() and name.lstrip("0") != str(ordinal)):
                _tell(report, "HL-SEQUENCE", instance, self.id, name, expected=ordinal)
            if above and above not in known:
                _tell(report, "HL-PARENT", instance, self.parent, above)
            (known[above] if above in known else _nearest(path, branch.level) or top).kids.append(branch)
            known.setdefault(name, branch)
            path.append(branch)
            if branch.level in self.parts:
                branch.value = self.parts[str(branch.level)].read(instance, report)
                sound = sound and branch.value is not None
        if self.children:
            self.children.tell(((branch.instance, bool(branch.kids)) for branch in path), report)
        return top, sound

    def _tell_left(self, root: Instance, report: Report) -> None:
        """Note what stands below a level whose rows do not read it, though those of another level do."""
        levels = {code: level for level, code in self.codes.items()}
        told: set[tuple[str, int, int | None, str]] = set()
        for instance in root.kids.get(self.node.id, ()):
            level = levels.get(self.level.cut(instance), "")
            for found in unfold(instance) if level else ():
                segment = self.segments[found.node.id]
                qualifier = element(found.row, *segment.qualifier)
                for at in self._left(level, found, qualifier) if found is not instance else ():
                    key = (level, found.node.id, at, qualifier if at else "")
                    if key not in told:
                        told.add(key)
                        words = f"{segment.tag} {words_of(segment, at, None)}" if at else f"the segment {segment.tag}"
                        _tell(report, "UNMAPPED", found, at, "", item=f"{words} at the level {level}")

    def _left(self, level: str, found: Instance, qualifier: str) -> list[int | None]:
        """The elements of a segment that only rows of another level read; None: all of it."""
        here, id = self.reach[level], found.node.id
        others = [reading for name, reading in self.reach.items() if name != level]
        if id not in here.nodes:
            return [None] if any(id in reading.nodes for reading in others) else []
        if id in here.paired:
            return []
        read = set().union(*(reading.of(id, qualifier) for reading in others)) - here.of(id, qualifier)
        number = self.segments[id].qualifier[0]
        return [at for at in sorted(read) if at and at != number and element(found.row, at)]

    # -- writing ---------------------------------------------------------------------------------------------------

    def bare(self, document: Despatch) -> Despatch:
        """What the ordinary rows of the table write."""
        return document.model_copy(update=dict.fromkeys(NESTED, ()))

    def write(self, document: Despatch, root: Instance) -> None:
        """The loops below the shipment's, which the ordinary rows have begun. Raises Reject."""
        shipment = root.kids.setdefault(self.node.id, [])
        if not shipment:
            shipment.append(self._made("shipment"))
        place_value(shipment[0].row, self.id.element, 0, "1")
        writer = _Writer(self, shipment, {order.number: order for order in document.orders})
        arrangement = writer.run(document)
        if self.arrangement:
            self.arrangement.put(root, ARRANGEMENT[arrangement])

    def _made(self, level: str) -> Instance:
        instance = Instance(self.node, [self.node.tag], 0)
        place_value(instance.row, self.level.element, 0, self.codes[level])
        return instance


@dataclass(slots=True)
class _Writer:
    """Adds loops to `loops`, numbering them. `orders` by number."""

    shape: TreeShape
    loops: list[Instance]
    orders: dict[str, DespatchedOrder]

    def run(self, document: Despatch) -> str:
        """Write everything; how the levels follow each other."""
        top = [*document.items, *document.units]
        sole = next(iter(self.orders)) if len(self.orders) == 1 else None
        numbers = [{_order_of(item) or sole for item in _all_items(*_as_contents(one))} for one in top]
        for number in (n for found in numbers for n in found if n):
            self.orders.setdefault(number, self.shape.order(number))
        firsts = [next(iter(found), None) for found in numbers]
        ranks = {number: rank for rank, number in enumerate(self.orders)}
        if all(len(found) <= 1 for found in numbers) and _in_order(firsts, len(document.items), ranks):
            return self._by_order(document, top, firsts)
        for order in [order for number, order in self.orders.items() if not any(number in found for found in numbers)]:
            self._add("order", order, "1")
        self._mixed(top, sole)
        return "orders in packs"

    def _by_order(self, document: Despatch, top: list[Any], firsts: list[str | None]) -> str:
        for one, number in zip(top, firsts, strict=True):
            if number is None:
                self._place(one, "1")
        for number, order in self.orders.items():
            above = self._add("order", order, "1")
            for one, its in zip(top, firsts, strict=True):
                if its == number:
                    self._place(one, above)
        if document.units:
            return "packs in orders"
        return "packs in items" if any(item.units for item in document.items) else "items only"

    def _mixed(self, top: list[Any], sole: str | None) -> None:
        """Boxes that hold several orders, or orders that are spread: each item under its order, inside of its box."""
        for one in top:
            if isinstance(one, HandlingUnit):
                self._unit(one, "1", sole, True)
            else:
                self._under_orders((one,), "1", sole)

    def _place(self, one: Any, above: str) -> None:
        if isinstance(one, HandlingUnit):
            self._unit(one, above, None, False)
        else:
            self._item(one, above)

    def _unit(self, unit: HandlingUnit, above: str, sole: str | None, mixed: bool) -> None:
        number = self._add(unit.kind or "pack", unit.model_copy(update={"kind": None, "items": (), "units": ()}), above)
        if mixed:
            self._under_orders(unit.items, number, sole)
        else:
            for item in unit.items:
                self._item(item, number)
        for inner in unit.units:
            self._unit(inner, number, sole, mixed)

    def _under_orders(self, items: Iterable[DespatchedItem], above: str, sole: str | None) -> None:
        last, under = None, above
        for item in items:
            number = _order_of(item) or sole
            if number != last or number is None:
                under = self._add("order", self.orders[number], above) if number else above
            last = number
            self._item(item, under)

    def _item(self, item: DespatchedItem, above: str) -> None:
        told = {"units": ()} if item.order_line else {"units": (), "order_number": None}
        number = self._add("item", item.model_copy(update=told), above)
        for unit in item.units:
            self._unit(unit, number, None, False)

    def _add(self, level: str, value: Any, above: str) -> str:
        shape, instance = self.shape, self.shape._made(level)
        number = str(len(self.loops) + 1)
        place_value(instance.row, shape.id.element, 0, number)
        place_value(instance.row, shape.parent.element, 0, above)
        shape.parts[level].write(value, instance)
        self.loops.append(instance)
        return number


# -- the tree as a document --------------------------------------------------------------------------------------------


def _contents(
    branch: Branch, order: str | None, orders: dict[str, DespatchedOrder]
) -> tuple[tuple[HandlingUnit, ...], tuple[DespatchedItem, ...]]:
    """Units and items below a branch, in their order; orders and unknown levels are passed through."""
    units: list[HandlingUnit] = []
    items: list[DespatchedItem] = []
    for kid in branch.kids:
        if isinstance(kid.value, DespatchedOrder):
            orders.setdefault(kid.value.number, kid.value)
        inner = _contents(kid, kid.value.number if isinstance(kid.value, DespatchedOrder) else order, orders)
        if isinstance(kid.value, HandlingUnit):
            told = {"kind": kid.level, "units": inner[0], "items": inner[1]}
            units.append(kid.value.model_copy(update=told))
        elif isinstance(kid.value, DespatchedItem):
            told = {"units": inner[0], "order_number": kid.value.order_number or order}
            items += [kid.value.model_copy(update=told), *inner[1]]
        else:
            units += inner[0]
            items += inner[1]
    return tuple(units), tuple(items)


def _all_items(units: Iterable[HandlingUnit], items: Iterable[DespatchedItem]) -> Iterator[DespatchedItem]:
    for item in items:
        yield item
        yield from _all_items(item.units, ())
    for unit in units:
        yield from _all_items(unit.units, unit.items)


def _as_contents(one: Any) -> tuple[tuple[HandlingUnit, ...], tuple[DespatchedItem, ...]]:
    return ((one,), ()) if isinstance(one, HandlingUnit) else ((), (one,))


def _order_of(item: DespatchedItem) -> str | None:
    return item.order_number


def _in_order(numbers: list[str | None], loose: int, ranks: dict[str, int]) -> bool:
    """Whether writing order by order keeps the sequence of the loose items, and that of the units."""
    found = [-1 if number is None else ranks[number] for number in numbers]
    return found[:loose] == sorted(found[:loose]) and found[loose:] == sorted(found[loose:])


def _nearest(path: list[Branch], level: str | None) -> Branch | None:
    """The last earlier loop of a higher level; of an unknown one, the loop before."""
    if level is None or level == "shipment":
        return path[-1] if path and level is None else None
    higher = LEVELS[: LEVELS.index(level)]
    return next((one for one in reversed(path) if one.level in higher), None)


def _tell(report: Report, name: str, instance: Instance, place: Place | int | None, value: str, **told: Any) -> None:
    report.add(
        name,
        segment=instance.number,
        tag=instance.node.tag,
        element=place.element if isinstance(place, Place) else place,
        value=value,
        place=f"{instance.node.tag} {element(instance.row, 1)} (segment {instance.number})",
        **told,
    )


# -- compiling -----------------------------------------------------------------------------------------------------


def compile_tree(
    rows: dict[str, str], maker: PartMaker, root: Node, head: Part, below: Children | None = None
) -> TreeShape:
    """Raises BrokenTable for a level without its part, or a place that is not there. `head` reads a Despatch, or what
    adds to its orders, units and items; `below` looks at what loops say of those below them."""
    document = head.model
    rows = dict(rows)
    node = next((node for node in root.kids if node.tag == rows.get("loop")), None)
    if node is None:
        raise BrokenTable(f"{maker.table} [tree]: the structure has no loop {rows.get('loop')!r}")
    places = {name: maker.binder.bind(rows[name], node, f"[tree] {name}") for name in ("id", "parent", "level")}
    arrangement = rows.get("arrangement")
    over = maker.binder.bind(arrangement, root, "[tree] arrangement") if arrangement else None
    codes = {level: rows[level] for level in LEVELS if level in rows}
    order, unit, item = (unwrapped(fields_of(document)[name].annotation)[0] for name in ("orders", "units", "items"))
    models: dict[str, type[BaseModel]] = {"order": order, "tare": unit, "pack": unit, "item": item}
    parts = {}
    for level, model in models.items():
        text = maker.parts.get(level) or maker.parts.get({"tare": "unit", "pack": "unit"}.get(level, level))
        if text is None or level not in codes:
            raise BrokenTable(f"{maker.table} [tree]: there is no code or no part for {level}")
        parts[level] = maker.part(model, text, node, f"[part.{level}]")
    for place in (*places.values(), *([over] if over else [])):
        maker.plan.uses(place)
    reach = {level: _reading(parts.get(level), head, node, code) for level, code in codes.items()}
    qualifiers = {one.id: maker.plan.dictionary.segments[one.tag] for one in maker.plan.nodes}
    own = (places["id"], places["parent"], places["level"])
    return TreeShape(node, *own, over, codes, parts, reach, qualifiers, below)


def _reading(part: Part | None, head: Part, loop: Node, code: str) -> Readings:
    """What is read at a level: by its own part, and by rows of the message that lead there."""
    found = Readings()
    if part is not None:
        found.add(part)
    found.add_below(head, loop, code)
    return found
