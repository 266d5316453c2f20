"""From the fact tables to an XML schema: our own, compiled once per version and kept in memory.

One schema holds all documents and, as elements of their own, all their parts, so that a single line of a document that
is streamed can be judged by it too. What is inside an extension is nobody's business but the partners'.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lxml import etree

from schemas.components import UNBOUNDED, Basic, Child, Components, components

EXTENSIBLE = "2.3"
"""Since this version every aggregate may begin with extensions, as every document may."""
_EXTENSIONS = '<xs:element ref="ext:UBLExtensions" minOccurs="0"/>'
_TYPES = {"uri": "xs:anyURI", "language": "xs:language"}
_EXTENSION = (("cbc:ID", 0), ("cbc:Name", 0), ("ext:ExtensionAgencyID", 0), ("ext:ExtensionAgencyName", 0),
              ("ext:ExtensionVersionID", 0), ("ext:ExtensionAgencyURI", 0), ("ext:ExtensionURI", 0),
              ("ext:ExtensionReasonCode", 0), ("ext:ExtensionReason", 0), ("ext:ExtensionContent", 1))


class _Resolver(etree.Resolver):
    """Hands the parts of one schema to the parser; nothing else can be reached."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def resolve(self, url: str | None, public_id: str | None, context: Any) -> Any:
        name = (url or "").rpartition("/")[2]
        return self.resolve_string(self.texts.get(name, ""), context, base_url=url)


@lru_cache(maxsize=8)
def schema(standard: str, version: str) -> etree.XMLSchema:
    """The compiled schema of all documents of one version."""
    return compiled(texts(components(standard, version)))


def compiled(parts: dict[str, str]) -> etree.XMLSchema:
    """A schema out of its files by name; "all.xsd" brings in the others."""
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    parser.resolvers.add(_Resolver(parts))
    return etree.XMLSchema(etree.fromstring(parts["all.xsd"], parser, base_url="hub:/all.xsd"))


def texts(facts: Components) -> dict[str, str]:
    """The schema as XSD files by name."""
    parts = {"cbc.xsd": _cbc(facts), "cac.xsd": _cac(facts), "ext.xsd": _ext(facts)}
    for document, children in facts.documents.items():
        parts[f"{document}.xsd"] = _document(facts, document, children)
    imports = [_import(facts, document, f"{document}.xsd") for document in facts.documents]
    parts["all.xsd"] = _file(facts, "urn:all", [*imports, _import(facts, "cac", "cac.xsd")])
    return parts


def _uri(facts: Components, name: str) -> str:
    return facts.namespace(name, "") if name in facts.namespaces else facts.namespace("", name)


def _import(facts: Components, name: str, file: str) -> str:
    return f'<xs:import namespace="{_uri(facts, name)}" schemaLocation="{file}"/>'


def _file(facts: Components, target: str, content: list[str]) -> str:
    prefixes = "".join(f' xmlns:{p}="{facts.namespace(p, "")}"' for p in facts.namespaces if p)
    return (f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"{prefixes} xmlns="{target}" '
            f'targetNamespace="{target}" elementFormDefault="qualified">{"".join(content)}</xs:schema>')


def _basic_type(basic: Basic) -> str:
    attributes = "".join(
        f'<xs:attribute name="{name}" type="{_TYPES.get(kind, "xs:" + kind)}" use="required"/>'
        if must else f'<xs:attribute name="{name}" type="{_TYPES.get(kind, "xs:" + kind)}"/>'
        for name, kind, must in basic.attributes)
    return (f'<xs:complexType name="{basic.name}Type"><xs:simpleContent><xs:extension base="xs:{basic.base}">'
            f"{attributes}</xs:extension></xs:simpleContent></xs:complexType>")


def _names(facts: Components) -> Iterator[Child]:
    for children in (*facts.aggregates.values(), *facts.documents.values()):
        yield from children


def _cbc(facts: Components) -> str:
    names = sorted({child.name for child in _names(facts) if child.type is None} | {"ID", "Name"})
    elements = [f'<xs:element name="{name}" type="{facts.basic(name).name}Type"/>' for name in names]
    return _file(facts, facts.namespace("cbc", ""), [_basic_type(basic) for basic in facts.basics] + elements)


def _sequence(children: tuple[Child, ...], first: str = "") -> str:
    rows = []
    for child in children:
        most = "unbounded" if child.most == UNBOUNDED else str(child.most)
        prefix = "cac" if child.type else "cbc"
        rows.append(f'<xs:element ref="{prefix}:{child.name}" minOccurs="{child.least}" maxOccurs="{most}"/>')
    return f"<xs:sequence>{first}{''.join(rows)}</xs:sequence>"


def _cac(facts: Components) -> str:
    first = _EXTENSIONS if facts.version >= EXTENSIBLE else ""
    types = [f'<xs:complexType name="{name}Type">{_sequence(children, first)}</xs:complexType>'
             for name, children in facts.aggregates.items()]
    kinds = {child.name: child.type for child in _names(facts) if child.type}
    kinds |= {name: name for name in facts.aggregates if name not in kinds}
    elements = [f'<xs:element name="{name}" type="{kind}Type"/>' for name, kind in sorted(kinds.items())]
    return _file(facts, facts.namespace("cac", ""), [
        _import(facts, "cbc", "cbc.xsd"), _import(facts, "ext", "ext.xsd"), *types, *elements])


def _ext(facts: Components) -> str:
    rows = "".join(f'<xs:element ref="{name}" minOccurs="{least}"/>' for name, least in _EXTENSION)
    own = [name.partition(":")[2] for name, _ in _EXTENSION if name.startswith("ext:")]
    elements = [f'<xs:element name="{name}" type="cbc:{facts.basic(name).name}Type"/>' for name in own[:-1]]
    return _file(facts, facts.namespace("ext", ""), [
        _import(facts, "cbc", "cbc.xsd"),
        '<xs:element name="UBLExtensions"><xs:complexType><xs:sequence>',
        '<xs:element ref="ext:UBLExtension" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>',
        '<xs:element name="UBLExtension"><xs:complexType>',
        f"<xs:sequence>{rows}</xs:sequence></xs:complexType></xs:element>",
        *elements,
        '<xs:element name="ExtensionContent"><xs:complexType><xs:sequence>',
        '<xs:any namespace="##other" processContents="skip"/></xs:sequence></xs:complexType></xs:element>',
    ])


def _document(facts: Components, document: str, children: tuple[Child, ...]) -> str:
    content = _sequence(children, _EXTENSIONS)
    imports = [_import(facts, name, f"{name}.xsd") for name in ("cbc", "cac", "ext")]
    return _file(facts, facts.namespace("", document), [
        *imports, f'<xs:element name="{document}"><xs:complexType>{content}</xs:complexType></xs:element>'])
