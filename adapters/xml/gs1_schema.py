"""GS1 XML: from the fact tables to our own schema. Elements of a document are in no namespace and local to their part.

Of documents and parts that `schemas/gs1/proof.toml` calls `any_order` only the names and types are judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from lxml import etree

from adapters.xml.misplaced import Allowed, Content, allowed
from adapters.xml.validate import Judge
from schemas import facts as shelf
from schemas.components import UNBOUNDED, Basic, Child, Components, components

FACTS = "3.1"
"""The version that the facts speak of; 3.0 to 3.5 are read by them."""
OPAQUE = "Opaque"
_XS = "http://www.w3.org/2001/XMLSchema"


@lru_cache(maxsize=2)
def judge(tolerant: bool) -> Judge:
    """Our schema. `tolerant`: an element that no fact names is told and passed over, for no facts are complete."""
    facts = components("gs1", FACTS)
    names = {child.name for children in (*facts.aggregates.values(), *facts.documents.values()) for child in children}
    return Judge(etree.XMLSchema(etree.fromstring(text(facts))), {}, frozenset(("",)) if tolerant else frozenset(),
                 frozenset(names), content=_what_stands(facts))


def _what_stands(facts: Components) -> Content:
    """What may stand in an element: the way from its document says of what kind it is."""
    loose = _loose()

    def kind(node: etree._Element) -> str | None:
        above = node.getparent()
        around = None if above is None or node.tag in facts.documents else kind(above)
        if around is None:
            return str(node.tag)
        inner = facts.documents.get(around) or facts.aggregates.get(around) or ()
        return next((child.type for child in inner if child.name == node.tag), None)

    def content(node: etree._Element) -> Sequence[Allowed] | None:
        name = kind(node)
        inner = facts.documents.get(name or "") or facts.aggregates.get(name or "")
        return None if inner is None or name in loose else allowed(inner, lambda child: child.name)

    return content


def _loose() -> frozenset[str]:
    """Documents and parts whose order is not known."""
    return frozenset(shelf.read_toml(shelf.HOME / "gs1" / "proof.toml")["any_order"])


def text(facts: Components) -> str:
    """The schema of all documents."""
    loose = _loose()
    parts = [_basic(basic) for basic in facts.basics]
    parts += [f'<xs:complexType name="{name}">{_content(name, children, facts, loose)}</xs:complexType>'
              for name, children in facts.aggregates.items()]
    parts += [f'<xs:element name="{name}"><xs:complexType>{_content(name, children, facts, loose)}'
              "</xs:complexType></xs:element>" for name, children in facts.documents.items()]
    return f'<xs:schema xmlns:xs="{_XS}">{"".join(parts)}</xs:schema>'


def _basic(basic: Basic) -> str:
    attributes = "".join(f'<xs:attribute name="{name}" type="xs:{kind}" use="{"required" if must else "optional"}"/>'
                         for name, kind, must in basic.attributes)
    return (f'<xs:complexType name="{basic.name}Value"><xs:simpleContent><xs:extension base="xs:{basic.base}">'
            f"{attributes}</xs:extension></xs:simpleContent></xs:complexType>")


def _content(name: str, children: tuple[Child, ...], facts: Components, loose: frozenset[str]) -> str:
    if name == OPAQUE:
        return ('<xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/></xs:sequence>'
                '<xs:anyAttribute processContents="skip"/>')
    if name in loose:
        return f'<xs:choice maxOccurs="unbounded">{"".join(_child(c, facts, False) for c in children)}</xs:choice>'
    return f'<xs:sequence>{"".join(_child(c, facts, True) for c in children)}</xs:sequence>'


def _child(child: Child, facts: Components, counted: bool) -> str:
    kind = child.type or f"{facts.basic(child.name).name}Value"
    most = "unbounded" if child.most == UNBOUNDED else str(child.most)
    times = f' minOccurs="{child.least}" maxOccurs="{most}"' if counted else ""
    return f'<xs:element name="{child.name}" type="{kind}"{times}/>'
