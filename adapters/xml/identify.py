"""What an XML document is, from its root element and its business document header; the rest is not read.

The parser resolves no entities, fetches nothing and refuses a DOCTYPE.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from hub.model.exchange import Address

UBL = re.compile(r"urn:oasis:names:specification:ubl:schema:xsd:(\w+)-(\d)")
GS1 = re.compile(r"urn:(?:gs1|ean\.ucc):(?:ecom:)?[\w.:]+")
SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
EVENTS_LIMIT = 2000


class Doctype(Exception):
    """The document has a DOCTYPE."""


@dataclass(slots=True)
class Identity:
    """`format` is "ubl", "gs1" or None for other XML; `message` the document's name."""

    format: str | None = None
    message: str = ""
    version: str | None = None
    sender: Address | None = None
    receiver: Address | None = None
    control: str | None = None


def identify(source: BinaryIO) -> Identity:
    """Raises Doctype, or etree.XMLSyntaxError for broken XML."""
    found = Identity()
    steps = etree.iterparse(
        source, events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    for count, (event, node) in enumerate(steps):
        if not isinstance(node.tag, str):
            continue
        namespace, local = _split(node.tag)
        if count == 0 and node.getroottree().docinfo.doctype:
            raise Doctype
        if event == "start" and found.format is None:
            _name(found, namespace, local)
        elif event == "end":
            _header(found, node, local)
        if count > EVENTS_LIMIT or (event == "end" and local == "StandardBusinessDocumentHeader"):
            if found.format or count > EVENTS_LIMIT:
                break
        elif found.format == "ubl":
            break
    return found


def _split(tag: str) -> tuple[str, str]:
    """Namespace and local name of "{namespace}local"; a prefix that nobody declared stays in the name."""
    namespace, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    return namespace, local


def _name(found: Identity, namespace: str, local: str) -> None:
    if ubl := UBL.fullmatch(namespace):
        found.format, found.message, found.version = "ubl", local, ubl[2]
    elif namespace != SBDH and GS1.match(namespace):
        found.format, found.message, found.version = "gs1", local, namespace.rpartition(":")[2]


def _header(found: Identity, node: etree._Element, local: str) -> None:
    """Sender, receiver and instance number of the SBDH."""
    text = (node.text or "").strip()
    parent = node.getparent()
    above = _split(str(parent.tag))[1] if parent is not None else ""
    if local == "Identifier" and above in ("Sender", "Receiver") and text:
        address = Address(qualifier=node.get("Authority"), id=text)
        if above == "Sender":
            found.sender = address
        else:
            found.receiver = address
    elif local == "InstanceIdentifier":
        found.control = text or None
