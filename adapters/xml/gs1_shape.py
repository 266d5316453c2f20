"""What no row can say of GS1 documents: `unfold` brings it into the form that the tables read, `fold` back again.

1. A GLN is an element of its own, any other number of a party has its issuer in an attribute: a table reads `gln` with
   `[@scheme]`, which says GLN here and is never in a file.
2. A copy is told by documentStatusCode, a change by documentActionCode: a table reads one word, the latter.
3. Logistic units stand in a flat list and name the level of their parent: a table reads units in units. Units that say
   nothing about themselves are none: their items stand beside. Lines of a receiving advice know the SSCC around them.
4. A text must name its language, an amount its currency: "und" and "XXX" are what nobody said.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from hub.errors import Reject

GLN_DIGITS = 13
SCHEME = "scheme"
GLN = "GLN"
OTHER = "additionalPartyIdentification"
OTHER_TYPE = f"{OTHER}TypeCode"
UNKNOWN = "UNKNOWN"
UNSAID = "und"
NO_CURRENCY = "XXX"
COPIES = ("COPY", "ADDITIONAL_TRANSMISSION")
UNIT = "despatchAdviceLogisticUnit"
LINE = "despatchAdviceLineItem"
RECEIVED = "receivingAdviceLogisticUnit"
RECEIVED_LINE = "receivingAdviceLineItem"
ABOUT = "logisticUnitIdentification"
DEEPEST = 3
"""So many units inside each other can be mapped; deeper ones stand beside."""


def unfold(node: etree._Element) -> None:
    """A document as it was sent -> as the tables read it."""
    mark(node)
    status = node.find("documentStatusCode")
    if status is not None and (status.text or "").strip() in COPIES:
        action = node.find("documentActionCode")
        if action is None:
            action = etree.Element("documentActionCode")
            status.addnext(action)
        action.text = status.text
    _nest(node)
    for unit in node.findall(RECEIVED):
        for line in unit.findall(RECEIVED_LINE):
            sscc = unit.findtext(f"{ABOUT}/sscc")
            if sscc:
                etree.SubElement(line, "sscc").text = sscc
            node.append(line)
        if not _says(unit, ("levelIdentification", ABOUT)):
            node.remove(unit)


def mark(node: etree._Element) -> None:
    """Of everything below: GLNs say that they are such, and what nobody said is not there."""
    for gln in node.iter("gln"):
        gln.set(SCHEME, GLN)
    for said in node.iter():
        for name, nothing in (("languageCode", UNSAID), ("currencyCode", NO_CURRENCY)):
            if said.get(name) == nothing:
                del said.attrib[name]


def _nest(node: etree._Element) -> None:
    units = node.findall(UNIT)
    by_level = {level: unit for unit in units if (level := unit.findtext("levelIdentification"))}
    for unit in units:
        above = by_level.get(unit.findtext("parentLevelIdentification") or "")
        if above is not None and above is not unit and unit not in above.iterancestors() and _depth(above) < DEEPEST:
            above.append(unit)
            for led in unit.findall("parentLevelIdentification"):
                unit.remove(led)
    for unit in units:
        for own in unit.findall("levelIdentification"):
            unit.remove(own)
        unit.set("kind", "tare" if unit.find(UNIT) is not None else "pack")
        if unit.getparent() is node and unit.find(UNIT) is None and not _says(unit, (LINE,)):
            for line in unit.findall(LINE):
                node.append(line)
            node.remove(unit)


def _depth(unit: etree._Element) -> int:
    return 1 + sum(1 for above in unit.iterancestors(UNIT))


def _says(unit: etree._Element, but: tuple[str, ...]) -> bool:
    """Whether a unit holds anything besides these elements."""
    return any(str(kid.tag) not in but for kid in unit)


def fold(node: etree._Element) -> None:
    """A document as the tables write it -> as it is sent. Raises Reject for a party's number that is empty."""
    for gln in list(node.iter("gln")):
        _name(gln)
    action = node.find("documentActionCode")
    if action is not None and action.text in COPIES:
        status = node.find("documentStatusCode")
        if status is None:
            status = etree.SubElement(node, "documentStatusCode")
        status.text = action.text
        node.remove(action)
    _flatten(node)
    unit: etree._Element | None = None
    last: str | None = None
    for count, line in enumerate(node.findall(RECEIVED_LINE), 1):
        said = line.find("sscc")
        sscc = said.text if said is not None else None
        if said is not None:
            line.remove(said)
        if unit is None or sscc != last:
            unit, last = etree.SubElement(node, RECEIVED), sscc
            etree.SubElement(unit, "levelIdentification").text = str(count)
            if sscc is not None:
                etree.SubElement(etree.SubElement(unit, ABOUT), "sscc").text = sscc
        unit.append(line)


def _name(gln: etree._Element) -> None:
    """A number of a party at the element that its issuer asks for. One that calls itself a GLN and is none stands with
    the others, where it says so."""
    scheme, text = gln.attrib.pop(SCHEME, None), gln.text or ""
    whole = len(text) == GLN_DIGITS and text.isascii() and text.isdigit()
    if scheme in (None, GLN) and whole:
        return
    if not text:
        raise Reject("cannot be written: a party's number is empty", reason="NOT_WRITABLE")
    gln.tag = OTHER
    gln.set(OTHER_TYPE, scheme or UNKNOWN)


def _flatten(node: etree._Element) -> None:
    loose = node.findall(LINE)
    number = 0
    for unit, above in list(_units(node, None)):
        number += 1
        unit.attrib.pop("kind", None)
        etree.SubElement(unit, "levelIdentification").text = str(number)
        if above is not None:
            etree.SubElement(unit, "parentLevelIdentification").text = above.findtext("levelIdentification")
        node.append(unit)
    if loose or (node.tag == "despatchAdvice" and not number):
        unit = etree.SubElement(node, UNIT)
        etree.SubElement(unit, "levelIdentification").text = str(number + 1)
        unit.extend(loose)


def _units(node: etree._Element,
           above: etree._Element | None) -> Iterator[tuple[etree._Element, etree._Element | None]]:
    """Every unit below, from the outermost on, with the one around it."""
    for unit in node.findall(UNIT):
        yield unit, above
        yield from _units(unit, unit)
