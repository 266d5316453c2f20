"""Where a value stands in a document: `cac:LineItem/cbc:Quantity[@unitCode]`, compiled to read and to write.

    cbc:ID                                    the text of a child
    cac:Item/cac:StandardItemIdentification/cbc:ID     of a descendant, step by step
    cbc:Quantity[@unitCode]                   an attribute; only as the last step
    cac:Party[cbc:Role='BY']/cbc:ID           only where a child (or a path of them) has that text
    cbc:ID[@schemeID='GLN']                   only where an attribute has that text (written with the element)
    ^cbc:ID                                   in a frame: seen from the loop above the row; ^^ from the one above that
    cac:OrderLine+/cac:LineItem               of many: the step that is made anew for each (else the last)
    .  and  .[@languageID]                    the element itself
    order/orderIdentification                 a name without a prefix is in no namespace
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

_STEP = re.compile(r"((?:\w+:)?\w+)(\+?)((?:\[[^\]]*\])*)")
_TEST = re.compile(r"(?:((?:(?:\w+:)?\w+)(?:/(?:\w+:)?\w+)*)/?)?(?:@([\w:]+))?='([^']*)'")
Qualify = Callable[[str], str]
"""A name with its prefix as "{namespace}name". Raises LookupError for an unknown prefix."""


@dataclass(frozen=True, slots=True)
class Test:
    """What must stand in a child (or below) or an attribute for a step to be meant."""

    path: tuple[str, ...]
    attribute: str | None
    value: str

    def holds(self, node: etree._Element) -> bool:
        for found in below(node, tuple(Step(tag) for tag in self.path)):
            said = found.get(self.attribute) if self.attribute else found.text
            if said is not None and said.strip() == self.value:
                return True
        return False

    def make(self, node: etree._Element) -> None:
        """Let it hold."""
        for tag in self.path:
            kid = node.find(tag)
            node = etree.SubElement(node, tag) if kid is None else kid
        if self.attribute:
            node.set(self.attribute, self.value)
        else:
            node.text = self.value


@dataclass(frozen=True, slots=True)
class Step:
    """One element on the way, as "{namespace}name"."""

    tag: str
    tests: tuple[Test, ...] = ()

    def kids(self, node: etree._Element) -> Iterator[etree._Element]:
        kids = node.iterchildren(self.tag)
        return filter(self._holds, kids) if self.tests else kids

    def _holds(self, kid: etree._Element) -> bool:
        return all(test.holds(kid) for test in self.tests)

    def make(self, node: etree._Element) -> etree._Element:
        """A new child for which all tests hold."""
        kid = etree.SubElement(node, self.tag)
        for test in self.tests:
            test.make(kid)
        return kid


@dataclass(frozen=True, slots=True)
class Place:
    """A compiled place. `climb` counts the loops to go up first; `text` is the place as the table has it."""

    text: str
    steps: tuple[Step, ...]
    attribute: str | None = None
    climb: int = 0
    anew: int = -1
    """Which step is made anew for each of many."""

    def find(self, node: etree._Element) -> tuple[etree._Element | None, str]:
        """The first element there that says something, and what it says; (None, "") where none does."""
        for found in below(node, self.steps):
            said = found.get(self.attribute) if self.attribute else found.text
            if said is not None and (said := said.strip()):
                return found, said
        return None, ""

    def make(self, node: etree._Element) -> etree._Element:
        """The element at this place, created with those above it where it is not there."""
        for step in self.steps:
            kid = next(step.kids(node), None)
            node = step.make(node) if kid is None else kid
        return node

    def put(self, node: etree._Element, text: str) -> etree._Element:
        """Write `text`; returns the element that holds it."""
        node = self.make(node)
        if self.attribute:
            node.set(self.attribute, text)
        else:
            node.text = text
        return node

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(step.tag for step in self.steps)


def below(node: etree._Element, steps: tuple[Step, ...]) -> Iterator[etree._Element]:
    """All elements at the end of a way that begins at `node`, in the order of the document."""
    if len(steps) == 1:
        return steps[0].kids(node)
    if not steps:
        return iter((node,))
    return (end for kid in steps[0].kids(node) for end in below(kid, steps[1:]))


def qualifier(namespaces: Mapping[str, str]) -> Qualify:
    """Names by their prefixes."""

    def qualify(name: str) -> str:
        prefix, _, local = name.rpartition(":")
        if not prefix:
            return local
        if prefix not in namespaces:
            raise LookupError(f"the prefix {prefix!r} of {name!r} is not declared")
        return f"{{{namespaces[prefix]}}}{local}"

    return qualify


def parse(text: str, qualify: Qualify) -> Place:
    """A compiled place. Raises LookupError, saying what is wrong."""
    bare = text.strip()
    climb = len(bare) - len(bare.lstrip("^"))
    steps: list[Step] = []
    attribute, anew = None, -1
    way = bare[climb:]
    if way == "." or way.startswith(".["):
        attribute = qualify(way[3:-1]) if way != "." else None
        way = ""
    for part in _split(way):
        found = _STEP.fullmatch(part)
        if found is None or attribute:
            raise LookupError(f"{text.strip()!r} is not a place")
        tests = []
        for bracket in re.findall(r"\[([^\]]*)\]", found[3]):
            if re.fullmatch(r"@[\w:]+", bracket):
                attribute = qualify(bracket[1:])
            else:
                tests.append(_test(bracket, qualify, text))
        anew = len(steps) if found[2] else anew
        steps.append(Step(qualify(found[1]), tuple(tests)))
    return Place(bare, tuple(steps), attribute, climb, anew if anew >= 0 else len(steps) - 1)


def _split(text: str) -> list[str]:
    """The steps of a place; a slash inside brackets does not part them. "" has none."""
    return [part for part in re.split(r"/(?![^\[]*\])", text) if part]


def _test(bracket: str, qualify: Qualify, text: str) -> Test:
    found = _TEST.fullmatch(bracket)
    if found is None or not (found[1] or found[2]):
        raise LookupError(f"{text.strip()!r}: [{bracket}] is neither [@attribute] nor [child='value']")
    path = tuple(qualify(name) for name in found[1].split("/")) if found[1] else ()
    return Test(path, qualify(found[2]) if found[2] else None, found[3])
