"""Documents by their table -> one GS1 message with its header, in the standard's order, proved by our own schema."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree

from adapters.xml import gs1_header
from adapters.xml.gs1_schema import FACTS, judge
from adapters.xml.gs1_shape import fold
from adapters.xml.identify import SBDH
from adapters.xml.table import Table
from adapters.xml.write import prove, together
from hub.model.exchange import Document, Envelope
from schemas.components import Child, Components, components


def message(table: Table, documents: Sequence[Document], envelope: Envelope) -> etree._Element:
    """The finished message. Raises Reject for what the table cannot say."""
    facts = components("gs1", FACTS)
    name = table.root
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    space = f"urn:gs1:ecom:{snake}:xsd:3"
    root = etree.Element(f"{{{space}}}{name}Message", nsmap={snake: space, "sh": SBDH})
    gs1_header.write(root, name, table.version, str(envelope.numbers.interchange), envelope)
    for document in together(table, documents):
        node = etree.SubElement(root, name)
        table.fill(node, document)
        words = {"@control": str(envelope.numbers.interchange), "@prepared": f"{envelope.prepared_at:%Y-%m-%d}",
                 "@moment": envelope.prepared_at.isoformat(timespec="seconds"), "@sender": envelope.sender.id,
                 "@receiver": envelope.receiver.id}
        for fixed in table.fixed:
            if not fixed.everywhere:
                fixed.write(node, words)
        fold(node)
        for fixed in table.fixed:
            if fixed.everywhere:
                fixed.write(node, words)
        _in_order(node, facts.documents[name], facts)
        prove(table, node, judge(tolerant=False))
    return root


def _in_order(node: etree._Element, children: Sequence[Child], facts: Components) -> None:
    """Put children into the order of the facts; a part that must be there and may be empty is added."""
    order = {child.name: number for number, child in enumerate(children)}
    kinds = {child.name: child.type for child in children}
    for child in children:
        if child.type and child.least and node.find(child.name) is None and not any(
                kid.least for kid in facts.aggregates[child.type]):
            etree.SubElement(node, child.name)
    if len(node) > 1:
        node[:] = sorted(node, key=lambda kid: order.get(str(kid.tag), -1))
    for kid in node:
        kind = kinds.get(str(kid.tag))
        if kind:
            _in_order(kid, facts.aggregates[kind], facts)
