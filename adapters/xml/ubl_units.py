"""Handling units of a UBL DespatchAdvice, which no row can say: `unfold` makes a tree of them, `fold` lines again.

UBL names the units of each line (a pallet in the line's shipment, the cartons on it as packages in packages), so a unit
that holds several lines stands in each of them. A table reads units in units, and in them their lines:

    DespatchLine/Shipment/TransportHandlingUnit              the line is in this unit; units of one number are one
    …/TransportHandlingUnit/Package/ContainedPackage         the line is in the innermost one
    DespatchLine/Shipment/GoodsItem/ContainingPackage        boxes that hold nothing but parts of this line; so are
                                                             several units of one line
    Shipment/TransportHandlingUnit                           of the whole document: a unit without a line, or with
                                                             HandlingUnitDespatchLine that name lines of the document

In the tree every one is a `TransportHandlingUnit`; its attribute `kind` says tare or pack. An ID that is no SSCC is a
TraceID there. A unit without any number that several lines are in gets one of ours, by which it is put together again.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from adapters.mapping.codecs import SSCC_DIGITS
from schemas.components import components

Units = dict[str, etree._Element]
"""Those that are known, by their numbers."""
SPACES = components("ubl", "2.1").namespaces
CAC, CBC = f"{{{SPACES['cac']}}}", f"{{{SPACES['cbc']}}}"
LINE, SHIPMENT, GOODS, INSIDE = (
    CAC + name for name in ("DespatchLine", "Shipment", "GoodsItem", "HandlingUnitDespatchLine"))
THING, BOX, PACKAGE, CONTAINED = (
    CAC + name for name in ("TransportHandlingUnit", "ContainingPackage", "Package", "ContainedPackage"))
PACKAGES = (BOX, PACKAGE, CONTAINED, f"{CAC}ActualPackage")
DIMENSION, REFERENCE = f"{CAC}MeasurementDimension", f"{CAC}ShipmentDocumentReference"
ID, TRACE, LEVEL, SENT = (CBC + name for name in ("ID", "TraceID", "PackageLevelCode", "DeliveredQuantity"))
TYPE, PACKAGE_TYPE = f"{CBC}TransportHandlingUnitTypeCode", f"{CBC}PackagingTypeCode"
SCHEME, SSCC, OURS = "schemeID", "SSCC", "HUB-UNIT"
KIND, TARE, PACK = "kind", "tare", "pack"
KIND_OF_UNIT = "unit_kind"
"""The type of a document reference that says the kind of a unit where it is not the one that its place tells."""


def unfold(root: etree._Element) -> None:
    """A despatch advice as it was sent -> as its table reads it."""
    known: Units = {}
    shipment = root.find(SHIPMENT)
    for unit in shipment.findall(THING) if shipment is not None else ():
        _put(root, _as_unit(unit), known)
    for line in root.findall(LINE):
        units = line.findall(f"{SHIPMENT}/{THING}")
        for box in (*line.findall(f"{SHIPMENT}/{GOODS}/{BOX}"), *(units if len(units) > 1 else ())):
            line.append(_as_unit(box))
        if len(units) == 1:
            _put(root, _as_unit(units[0]), known).append(line)
        _tidy(line)
    for unit in root.iter(THING):
        for number in unit.findall(ID):
            if number.get(SCHEME) == OURS:
                unit.remove(number)
        unit.set(KIND, unit.get(KIND) or (PACK if unit.find(THING) is None else TARE))


def _as_unit(node: etree._Element) -> etree._Element:
    """A unit or package, and those inside of it, in the words of the table."""
    for kid in node:
        if kid.tag in PACKAGES:
            _as_unit(kid)
    node.tag = THING
    for code in node.findall(PACKAGE_TYPE):
        code.tag = TYPE
    number = node.find(ID)
    if number is not None and number.get(SCHEME) != OURS:
        text = (number.text or "").strip().removeprefix("(00)")
        if len(text) == SSCC_DIGITS and text.isascii() and text.isdigit():
            number.text = text
            number.set(SCHEME, SSCC)
        elif node.find(TRACE) is None:
            number.tag = TRACE
    _read_kind(node)
    return node


def _read_kind(node: etree._Element) -> None:
    level = node.find(LEVEL)
    if level is not None and (level.text or "").lower() in (TARE, PACK):
        node.set(KIND, (level.text or "").lower())
        node.remove(level)
    for reference in node.findall(REFERENCE):
        if reference.findtext(f"{CBC}DocumentTypeCode") == KIND_OF_UNIT:
            node.set(KIND, reference.findtext(ID) or PACK)
            node.remove(reference)


def _put(above: etree._Element, unit: etree._Element, known: Units) -> etree._Element:
    """Put a unit below `above`, or find the known one of its number; the innermost one that a line of it is in."""
    inner, named = unit.findall(THING), unit.findall(INSIDE)
    number = (unit.findtext(ID) or unit.findtext(TRACE) or "").strip()
    found = known.get(number)
    if found is None:
        above.append(unit)
        found = unit
        if number:
            known[number] = unit
    elif _said(found) == _said(unit) and (around := unit.getparent()) is not None:
        around.remove(unit)
    ends = [_put(found, kid, known) for kid in inner]
    for line in named:
        _fetch(found, line)
    return ends[0] if len(ends) == 1 else found


def _said(unit: etree._Element) -> list[tuple[str, list[str]]]:
    """What a unit says of itself."""
    return [(str(kid.tag), "".join(map(str, kid.itertext())).split()) for kid in unit if kid.tag not in (THING, LINE)]


def _fetch(unit: etree._Element, named: etree._Element) -> None:
    """Move the line of the document that is named inside of a unit, when all of it is there."""
    root = unit.getroottree().getroot()
    for line in root.findall(LINE):
        if line.findtext(ID) == named.findtext(ID) and named.findtext(SENT) in (None, line.findtext(SENT)):
            unit.append(line)
            unit.remove(named)
            return


def _tidy(line: etree._Element) -> None:
    """Take away a shipment that said nothing but its units."""
    for shipment in line.findall(SHIPMENT):
        for goods in shipment.findall(GOODS):
            if not len(goods):
                shipment.remove(goods)
        if all(kid.tag == ID for kid in shipment):
            line.remove(shipment)


# -- as the table writes it -> as it is sent ------------------------------------------------------------------------


def fold(root: etree._Element) -> None:
    """Say of each line which units it is in."""
    for line in list(root.iter(LINE)):
        for box in line.findall(THING):
            goods = _child(_child(line, SHIPMENT), GOODS)
            goods.append(_package(box, BOX))
    listed = any(unit.find(LINE) is None and unit.find(THING) is None for unit in root.iter(THING))
    for number, unit in enumerate(root.findall(THING), 1):
        root.remove(unit)
        _spread(root, unit, (), str(number), listed)


def _spread(root: etree._Element, unit: etree._Element, above: tuple[etree._Element, ...], place: str,
            listed: bool) -> None:
    """The lines of a unit and of those inside of it, each with the whole way to it. `listed`: the document itself names
    all units, because there is one without a line; so they keep their order."""
    lines, inner = unit.findall(LINE), unit.findall(THING)
    for kid in (*lines, *inner):
        unit.remove(kid)
    _write_kind(unit, TARE if inner else PACK, THING if not above else PACKAGE)
    if (listed or len(lines) + len(inner) > 1) and unit.find(ID) is None and unit.find(TRACE) is None:
        etree.SubElement(unit, ID, {SCHEME: OURS}).text = place
    way = (*above, unit)
    if listed and not inner:
        _name_units(_child(root, SHIPMENT), way)
    for line in lines:
        root.append(line)
        _name_units(_child(line, SHIPMENT), way)
    for number, kid in enumerate(inner, 1):
        _spread(root, kid, way, f"{place}.{number}", listed)


def _name_units(shipment: etree._Element, way: tuple[etree._Element, ...]) -> None:
    at = deepcopy(way[0])
    _number(at)
    shipment.append(at)
    for depth, unit in enumerate(way[1:]):
        inside = _package(deepcopy(unit), CONTAINED if depth else PACKAGE)
        at.append(inside)
        at = inside


def _package(unit: etree._Element, tag: str) -> etree._Element:
    """A unit as a package of that name, with those inside of it."""
    _write_kind(unit, PACK if unit.find(THING) is None else TARE, tag)
    _number(unit)
    unit.tag = tag
    for code in unit.findall(TYPE):
        code.tag = PACKAGE_TYPE
    for kid in unit.findall(THING):
        _package(kid, CONTAINED)
    return unit


def _number(unit: etree._Element) -> None:
    """A label is the ID where there is no SSCC; what counts a thing needs a unit, too."""
    trace = unit.find(TRACE)
    if unit.find(ID) is None and trace is not None:
        trace.tag = ID
    for dimension in unit.findall(DIMENSION):
        measure = dimension.find(f"{CBC}Measure")
        if dimension.findtext(f"{CBC}AttributeID") == "count" and measure is not None:
            measure.set("unitCode", "C62")


def _write_kind(unit: etree._Element, usual: str, tag: str) -> None:
    """Say the kind of a unit where it is another one than its place tells."""
    kind = unit.attrib.pop(KIND, None)
    if kind in (None, usual):
        return
    if tag == THING:
        reference = etree.SubElement(unit, REFERENCE)
        etree.SubElement(reference, ID).text = kind
        etree.SubElement(reference, f"{CBC}DocumentTypeCode").text = KIND_OF_UNIT
    else:
        etree.SubElement(unit, LEVEL).text = kind.upper()


def _child(node: etree._Element, tag: str) -> etree._Element:
    found = node.find(tag)
    return etree.SubElement(node, tag) if found is None else found
