"""What an XML document is: its standard, message and version, from the root element alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.xml.door import Root, refuse

UBL = re.compile(r"urn:oasis:names:specification:ubl:schema:xsd:(\w+)-(\d+)")
GS1 = re.compile(r"urn:(?:gs1|ean\.ucc):(?:ecom:)?[\w.:]+")
SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"


@dataclass(frozen=True, slots=True)
class Identity:
    """`format` is "ubl" or "gs1", `message` the document's name, `major` the version that the namespace tells."""

    format: str
    message: str
    major: str


def identify(root: Root) -> Identity | None:
    """None for XML of another kind. Raises Refused where the namespace contradicts the element."""
    if ubl := UBL.fullmatch(root.namespace):
        if ubl[1] != root.name or ubl[2] != "2":
            raise refuse("WRONG-NAMESPACE", 1, f"/{root.name}", root.namespace, message=root.name)
        return Identity("ubl", root.name, ubl[2])
    if GS1.match(root.namespace) or root.namespace == SBDH:
        return Identity("gs1", root.name.removesuffix("Message"), root.namespace.rpartition(":")[2])
    return None


def spoken_of(head: bytes) -> Root | None:
    """The UBL document that a file speaks of whose first tag cannot be read; None where it speaks of none."""
    found = UBL.search(head.replace(b"\0", b"").decode("latin-1"))
    return Root(found[0], found[1]) if found else None


def is_xml(head: bytes) -> bool:
    """Something that opens with a tag, after a BOM or blank lines; web pages are none."""
    start = head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").lstrip(b" \t\r\n\0")
    return start.startswith((b"<?xml", b"<\0?\0x\0", b"\0<\0?\0x")) or (
        start.startswith(b"<") and not start.lower().startswith((b"<html", b"<!doctype html")) and b">" in start
    )


def is_gs1(head: bytes) -> bool:
    """XML whose beginning speaks of GS1 or of the business document header, and not of UBL."""
    bare = head.replace(b"\0", b"")
    return is_xml(head) and b"specification:ubl" not in bare and any(
        mark in bare for mark in (b"urn:gs1:", b"urn:ean.ucc:", SBDH.encode())
    )
