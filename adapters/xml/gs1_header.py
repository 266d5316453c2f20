"""The Standard Business Document Header (UN/CEFACT SBDH 1.3) around the documents of a GS1 message.

It says who sends what to whom. A header that is missing, incomplete, in no namespace, or that says something else than
the message does is told; the documents are read all the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from lxml import etree

from adapters.xml.identify import SBDH
from adapters.xml.report import Report
from hub.model.exchange import Address, Envelope

HEADER = "StandardBusinessDocumentHeader"
WRAPPER = f"{{{SBDH}}}StandardBusinessDocument"
GS1 = ("GS1", "EAN.UCC", "GLN")
"""Authorities that issue global location numbers."""
_PARTY = rb"<(?:[\w.-]+:)?%s>\s*<(?:[\w.-]+:)?Identifier([^<>]{0,200})>\s*([^<>&]{1,80}?)\s*<"
_MUST = ("Sender/Identifier", "Receiver/Identifier", "DocumentIdentification/InstanceIdentifier",
         "DocumentIdentification/Type", "DocumentIdentification/TypeVersion",
         "DocumentIdentification/CreationDateAndTime")
VERSIONS = ("3.0", "3.1", "3.2", "3.3", "3.4", "3.5")


def message_of(root: etree._Element) -> etree._Element:
    """The message itself, also inside of a StandardBusinessDocument."""
    if root.tag != WRAPPER:
        return root
    return next((kid for kid in root if local(kid) != HEADER), root)


def header_of(root: etree._Element) -> etree._Element | None:
    """The header, in its namespace or (as some write it) in none."""
    for around in (root, message_of(root)):
        for kid in around:
            if local(kid) == HEADER:
                return kid
    return None


def local(node: etree._Element) -> str:
    return str(node.tag).rpartition("}")[2]


def said(header: etree._Element | None, way: str) -> tuple[etree._Element | None, str]:
    """The first element on a way below the header, whatever its namespace, and its text."""
    at = header
    for name in way.split("/"):
        at = next((kid for kid in at if local(kid) == name), None) if at is not None else None
    return at, ((at.text or "").strip() if at is not None else "")


def address(header: etree._Element | None, which: str) -> Address | None:
    """Who sends or receives; the qualifier is the authority, None for GS1's own numbers."""
    node, text = said(header, f"{which}/Identifier")
    if node is None or not text:
        return None
    authority = node.get("Authority")
    return Address(id=text, qualifier=None if authority in GS1 else authority)


def glance(head: bytes, which: str) -> Address | None:
    """Who sends or receives a message that is not read at all, so that it can be answered: as its first bytes say."""
    found = re.search(_PARTY % which.encode(), head)
    if found is None:
        return None
    authority = re.search(rb"""Authority\s*=\s*["']([^"']{1,40})["']""", found[1])
    issuer = authority[1].decode("utf-8", "replace") if authority else None
    return Address(id=found[2].decode("utf-8", "replace"), qualifier=None if issuer in GS1 else issuer)


def moment(header: etree._Element | None) -> datetime | None:
    """When the message was made; None where that is no moment."""
    text = said(header, "DocumentIdentification/CreationDateAndTime")[1]
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        return None
    return made if made.tzinfo else None


def check(root: etree._Element, message: str, major: str, report: Report) -> None:
    """Tell what the header lacks, or says otherwise than the message."""
    header = header_of(root)
    if header is None:
        report.add("NO-SBDH", root)
        return
    if not str(header.tag).startswith(f"{{{SBDH}}}"):
        report.add("SBDH-NAMESPACE", header)
    for way in _MUST:
        node, text = said(header, way)
        if not text:
            report.add("SBDH-GAP", header if node is None else node, item=way.replace("/", " "))
    made, text = said(header, "DocumentIdentification/CreationDateAndTime")
    if made is not None and text and not _is_moment(text):
        report.add("SBDH-CONTRADICTS", made, text, item="CreationDateAndTime",
                   other="a moment like 2026-11-22T12:30:00Z")
    kind, text = said(header, "DocumentIdentification/Type")
    if kind is not None and text and _plain(text) != _plain(message):
        report.add("SBDH-CONTRADICTS", kind, text, item="Type", other=message)
    version, text = said(header, "DocumentIdentification/TypeVersion")
    if version is not None and text and text.partition(".")[0] != major:
        report.add("SBDH-CONTRADICTS", version, text, item="TypeVersion", other=f"a version {major} of GS1 XML")
    for which in ("Sender", "Receiver"):
        numbers = {one[1] for kid in header if local(kid) == which and (one := said(kid, "Identifier"))[1]}
        if len(numbers) > 1:
            node, text = said(header, which)
            report.add("SBDH-CONTRADICTS", node, ", ".join(sorted(numbers))[:80], item=which, other="a single party")


def check_types(root: etree._Element, names: Sequence[str], report: Report) -> None:
    """Tell a header that says that all documents are of one type, where they are not."""
    multiple, text = said(header_of(root), "DocumentIdentification/MultipleType")
    if multiple is not None and text in ("false", "0"):
        report.add("SBDH-CONTRADICTS", multiple, text, item="MultipleType", other=f"{len(names)} types of documents")


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "T" in text


def _plain(name: str) -> str:
    """A message's name without capitals, spaces and the word message."""
    return re.sub(r"[^a-z]", "", name.lower()).removesuffix("message")


def write(root: etree._Element, message: str, version: str, control: str, envelope: Envelope) -> None:
    """The header of a message that we send, as the first child of `root`."""
    head = _sub(root, HEADER)
    _sub(head, "HeaderVersion", "1.0")
    for which, at in (("Sender", envelope.sender), ("Receiver", envelope.receiver)):
        node = _sub(_sub(head, which), "Identifier", at.id)
        node.set("Authority", at.qualifier or GS1[0])
    what = _sub(head, "DocumentIdentification")
    for name, text in (
        ("Standard", "GS1"), ("TypeVersion", version), ("InstanceIdentifier", control),
        ("Type", message[0].upper() + message[1:]), ("MultipleType", "false"),
        ("CreationDateAndTime", envelope.prepared_at.isoformat(timespec="seconds")),
    ):
        _sub(what, name, text)


def _sub(node: etree._Element, name: str, text: str | None = None) -> etree._Element:
    made = etree.SubElement(node, f"{{{SBDH}}}{name}")
    made.text = text
    return made
