"""UBL 2: which version, who sends it, and what our schema says to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from lxml import etree

from adapters.mapping.overlaid import Overlays
from adapters.xml import ubl_units
from adapters.xml.door import refuse
from adapters.xml.identify import Identity
from adapters.xml.misplaced import Allowed, Content, allowed
from adapters.xml.partner_schema import PartnerSchemas
from adapters.xml.read import Reader
from adapters.xml.report import Report
from adapters.xml.table import Table
from adapters.xml.tables import Tables
from adapters.xml.validate import Judge, Judging
from adapters.xml.xsd import schema
from hub.model.exchange import Address, Interchange
from schemas.components import Child, Components, components

VERSIONS = ("2.0", "2.1", "2.2", "2.3", "2.4")
WRITTEN = "2.1"
"""What we send, and the first version that we have facts of; 2.0 is judged by it, which took nothing away."""
TEXTS = frozenset(("string", "normalizedString", "token"))
"""Types of XML Schema that every text is of."""
WITH_UNITS = "DespatchAdvice"
"""The document that tells of handling units."""
_GLN = frozenset(("GLN", "0088"))


class Ubl:
    """Implements `adapters.xml.read.Standard`."""

    name = "ubl"
    title = "UBL"
    reader: type[Reader] | None = None

    def __init__(self, tables: Tables | Overlays | None = None) -> None:
        self.tables = tables if isinstance(tables, Tables) else Tables(self.name, tables)
        self.schemas = PartnerSchemas({} if isinstance(tables, Tables) else tables or {})
        cbc = self.tables.namespaces("")["cbc"]
        self._version, self._id, self._uuid, self._issued = (
            f"{{{cbc}}}{name}" for name in ("UBLVersionID", "ID", "UUID", "IssueDate"))

    def version(self, identity: Identity, root: etree._Element) -> str | None:
        return (root.findtext(self._version) or "").strip() or None

    def judges(self, identity: Identity, version: str | None, partner: str | None) -> Sequence[Judging]:
        if version is not None and version not in VERSIONS:
            raise refuse("UNKNOWN-VERSION", 1, f"/{identity.message}/cbc:UBLVersionID", version[:40],
                         known=", ".join(VERSIONS))
        own = self.schemas.judge(partner, f"{self.name}/{identity.message}")
        return (judge(version),) if own is None else (judge(version), own)

    def interchange(self, identity: Identity, root: etree._Element, table: Table | None) -> Interchange:
        """UBL has no envelope: sender and receiver are those that the document itself names as such. Its UUID is the
        control number, where it has one."""
        ends: dict[str, Address | None] = {"sender": None, "receiver": None}
        for which in ends if table else ():
            said = table.end(root, which) if table else None
            if said:
                ends[which] = Address(id=said[0], qualifier=None if said[1] in _GLN else said[1])
        syntax = {"message": identity.message}
        for key, tag in (("id", self._id), ("uuid", self._uuid), ("issued", self._issued)):
            if text := (root.findtext(tag) or "").strip():
                syntax[key] = text[:200]
        return Interchange(ordinal=1, format=self.name, version=self.version(identity, root), sender=ends["sender"],
                           receiver=ends["receiver"], control=syntax.get("uuid"), syntax=syntax)

    def glance(self, head: bytes, which: str) -> Address | None:
        return None  # UBL has no header, and its answers need no address

    def documents(self, root: etree._Element) -> Sequence[etree._Element]:
        return (root,)

    def unfold(self, node: etree._Element, report: Report) -> None:
        if etree.QName(node).localname == WITH_UNITS:
            report.remember(node)
            ubl_units.unfold(node)

    def fold(self, node: etree._Element) -> None:
        """The reverse: what a table wrote into the form in which it is sent."""
        if etree.QName(node).localname == WITH_UNITS:
            ubl_units.fold(node)


@lru_cache(maxsize=8)
def judge(version: str | None) -> Judge:
    """The schema of a version. Who claims none is judged by the newest, and may use what is newer still."""
    facts_of = max(version or VERSIONS[-1], WRITTEN)
    facts = components("ubl", facts_of)
    spaces = {prefix: facts.namespace(prefix, "") for prefix in ("cbc", "cac", "ext")}
    known = {f"{{{spaces['cac' if child.type else 'cbc']}}}{child.name}" for child in _children(facts)}
    newer = frozenset((spaces["cbc"], spaces["cac"])) if version is None else frozenset()
    return Judge(schema("ubl", facts_of), {uri: prefix for prefix, uri in spaces.items()}, newer, frozenset(known),
                 facts_of, later, _free(facts), _content(facts))


def _free(facts: Components) -> Callable[[str, str | None], bool]:
    """Where any text is right: none of our types says more of a text than that it is one."""
    basics = f"{{{facts.namespace('cbc', '')}}}"

    def free(tag: str, attribute: str | None) -> bool:
        basic = facts.basic(tag.removeprefix(basics))
        return tag.startswith(basics) and (basic.kind(attribute) if attribute else basic.base) in TEXTS

    return free


def _content(facts: Components) -> Content:
    """What may stand in an element: its name says of what kind it is."""
    spaces = {prefix: f"{{{facts.namespace(prefix, '')}}}" for prefix in ("cac", "cbc")}
    kinds = {child.name: child.type for child in _children(facts) if child.type}

    def content(node: etree._Element) -> Sequence[Allowed] | None:
        name = etree.QName(node)
        inner = (facts.aggregates.get(kinds.get(name.localname, name.localname))
                 if str(node.tag).startswith(spaces["cac"]) else facts.documents.get(name.localname))
        return None if inner is None else allowed(
            inner, lambda child: spaces["cac" if child.type else "cbc"] + child.name)

    return content


@lru_cache(maxsize=8)
def later(version: str) -> Mapping[tuple[str, str], str]:
    """What came after a version: (the element around, the element) to the version that brought it, with prefixes."""
    facts = components("ubl", VERSIONS[-1])
    around: dict[str, set[str]] = {name: {name} for name in facts.documents}
    for child in _children(facts):
        if child.type:
            around.setdefault(child.type, set()).add(f"cac:{child.name}")
    return {(above, f"{'cac' if child.type else 'cbc'}:{child.name}"): child.since
            for name, children in (*facts.aggregates.items(), *facts.documents.items()) for child in children
            for above in around.get(name, ()) if child.since and child.since > version}


def _children(facts: Components) -> Iterator[Child]:
    for children in (*facts.aggregates.values(), *facts.documents.values()):
        yield from children
