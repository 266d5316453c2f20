"""A document by its table: elements in the order that the standard wants, and nothing that its schema refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lxml import etree

from adapters.xml.place import Place
from adapters.xml.report import Report
from adapters.xml.table import Table
from adapters.xml.validate import Judging
from hub.errors import Reject, Severity
from hub.model.bulk import Bulk
from hub.model.exchange import Address, Document, Envelope
from hub.model.late import polars as pl
from schemas.components import Child, Components

GLN_DIGITS = 13


def together(table: Table, documents: Sequence[Document]) -> list[Document]:
    """The documents as they are sent: parts of a time-phased one that follow each other are one again.

    Raises Reject for what the table does not write.
    """
    wrong = next((document for document in documents if not isinstance(document, table.canonical)), None)
    if wrong is not None or not documents:
        kind = type(wrong).__name__ if wrong is not None else "nothing"
        raise Reject(f"{table.name} writes {table.canonical.__name__}, not {kind}", reason="NOT_WRITABLE")
    found: list[list[Document]] = []
    for document in documents:
        last = found[-1][0] if found else None
        if isinstance(document, Bulk) and isinstance(last, Bulk) and last.header == document.header:
            found[-1].append(document)
        else:
            found.append([document])
    return [_joined(parts) for parts in found]


def _joined(parts: Sequence[Document]) -> Document:
    bulks = [part for part in parts if isinstance(part, Bulk)]
    if len(bulks) < 2:
        return parts[0]
    return replace(bulks[0], lines=pl.concat([bulk.lines for bulk in bulks]))


def build(table: Table, document: Document, envelope: Envelope, facts: Components,
          namespaces: Mapping[str | None, str], control: str, fold: Callable[[etree._Element], None]) -> etree._Element:
    """The finished element; `control` goes to where [envelope] has a place for it, `fold` says what no row can. Raises
    Reject for what the table cannot say."""
    root = etree.Element(f"{{{namespaces[None]}}}{table.root}", nsmap=dict(namespaces))
    table.fill(root, document)
    fold(root)
    for which, address in (("sender", envelope.sender), ("receiver", envelope.receiver)) if table.addressed else ():
        _address(table.ends.get(which, ()), address, root)
    for place in table.ends.get("control", ())[:1]:
        place.put(root, control)
    words = {"@control": str(envelope.numbers.interchange), "@prepared": f"{envelope.prepared_at:%Y-%m-%d}"}
    for fixed in table.fixed:
        fixed.write(root, words)
    _complete(root, facts.documents[table.root], facts)
    _arrange(root, facts.documents[table.root], facts)
    return root


def _address(places: Sequence[Place], address: Address, root: etree._Element) -> None:
    """Who sends or receives, where the document names nobody yet."""
    if not places or any(place.find(root)[1] for place in places):
        return
    node = places[0].put(root, address.id)
    gln = len(address.id) == GLN_DIGITS and address.id.isdigit()
    if scheme := address.qualifier or ("GLN" if gln else None):
        node.set("schemeID", scheme)


def _kinds(children: Sequence[Child], facts: Components) -> dict[str, Child]:
    found: dict[str, Child] = {}
    for child in children:
        prefix = "cac" if child.type else "cbc"
        found.setdefault(f"{{{facts.namespace(prefix, '')}}}{child.name}", child)
    return found


def _complete(node: etree._Element, children: Sequence[Child], facts: Components) -> None:
    """Add the parts that must be there and may be empty."""
    kinds = _kinds(children, facts)
    for tag, child in kinds.items():
        if child.type and child.least and node.find(tag) is None and _may_be_empty(child.type, facts, ()):
            etree.SubElement(node, tag)
    for kid in node:
        at = kinds.get(str(kid.tag))
        if at and at.type:
            _complete(kid, facts.aggregates[at.type], facts)


def _may_be_empty(name: str, facts: Components, on_the_way: tuple[str, ...]) -> bool:
    return name not in on_the_way and all(
        child.type and _may_be_empty(child.type, facts, (*on_the_way, name))
        for child in facts.aggregates[name] if child.least)


def _arrange(node: etree._Element, children: Sequence[Child], facts: Components) -> None:
    """Put children into the order of the standard."""
    kinds = _kinds(children, facts)
    order = {tag: number for number, tag in enumerate(kinds)}
    if len(node) > 1:
        node[:] = sorted(node, key=lambda kid: order.get(str(kid.tag), -1))
    for kid in node:
        at = kinds.get(str(kid.tag))
        if at and at.type:
            _arrange(kid, facts.aggregates[at.type], facts)


def prove(table: Table, root: etree._Element, judge: Judging) -> None:
    """What we write passes our own schema, and the receiver's. Raises Reject."""
    report = Report(judge.prefixes)
    if judge.holds(root, report):
        return
    first: Any = next((f for f in report.findings if f.severity is Severity.ERROR), None)
    raise Reject(f"cannot be written as {table.name}: {first.message if first else 'it breaks the schema'}",
                 reason="NOT_WRITABLE")


def content(root: etree._Element) -> bytes:
    """The bytes of a finished document, UTF-8."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
