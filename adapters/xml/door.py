"""The one way in: bytes become elements under one parser setting, or a finding says why not.

No DTD, no entity, no network, no recovery; a DOCTYPE is refused outright, because a parser that merely leaves its
entities alone would cut the text that holds one. Only bytes are handed to the parser, never a name: it would unpack a
file that it may open itself. What a document may cost is bounded by `Limits`, whatever it claims to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from lxml import etree

from hub.errors import Finding, Where
from hub.model.finding import finding

CHUNK = 64 * 1024
OPTIONS: dict[str, Any] = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "dtd_validation": False,
    "attribute_defaults": False, "huge_tree": False, "recover": False, "remove_comments": True, "remove_pis": True,
    "remove_blank_text": True,
}
"""libxml2 itself adds: 10 MB for one text, comment or attribute, 256 levels, 50 KB for a name."""

ENCODINGS = frozenset(("UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "US-ASCII"))
_DECLARED = re.compile(rb"""^<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_BOMS = ((b"\xff\xfe\0\0", "UTF-32"), (b"\0\0\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_LARGE = ("resource limit", "too long", "too big", "huge option", "amplification", "limit exceeded")
_WRONG = ("not defined", "mismatch", "invalid")
"""What is found at the end of a file, but is no missing rest."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost. Sizes are bytes.

    `tree`: a document that is held whole, and the head of one that is streamed. `line`: one line of a streamed one.
    `silence`: so many bytes must bring at least one tag (long texts, attributes, comments). `depth`: open elements.
    `attributes`: of one element.
    """

    tree: int = 32 * 1024 * 1024
    line: int = 4 * 1024 * 1024
    silence: int = 1024 * 1024
    depth: int = 64
    attributes: int = 64


class Refused(Exception):
    """The document is not read any further; `finding` says why."""

    def __init__(self, found: Finding) -> None:
        super().__init__(found.message)
        self.finding = found


@dataclass(frozen=True, slots=True)
class Root:
    """The first tag of a document, and whether a DOCTYPE stands before it."""

    namespace: str
    name: str
    doctype: bool = False


def refuse(name: str, line: int | None = None, path: str | None = None, value: str | None = None,
           **told: object) -> Refused:
    """A refusal at a line or path."""
    return Refused(finding("xml", name, Where(interchange=1, line=line, path=path), value, **told))


def check_encoding(head: bytes) -> None:
    """Raises Refused for every encoding but the plain ones: others have hidden markup from those who look for it."""
    bom = next((name for mark, name in _BOMS if head.startswith(mark)), None)
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if bom is None and bare[:2] in (b"<\0", b"\0<"):
        bom = "UTF-16"
    declared = _DECLARED.match(bare.replace(b"\0", b"")[:400])
    name = declared[1].decode("ascii").upper() if declared else bom or "UTF-8"
    if bom == "UTF-32" or name not in ENCODINGS:
        raise refuse("ENCODING", 1, value=bom if bom == "UTF-32" else name)


def chunks(source: BinaryIO) -> Iterator[bytes]:
    """The bytes of a file in pieces of at most `CHUNK`."""
    while chunk := source.read(CHUNK):
        yield chunk


class Parser:
    """libxml2 fed piece by piece; its complaints become findings. `only`: report this element alone, when it ends."""

    def __init__(self, only: str | None = None) -> None:
        self._parser = etree.XMLPullParser(("end",) if only else ("start", "end"), tag=only, **OPTIONS)

    def feed(self, chunk: bytes) -> Iterator[tuple[str, etree._Element]]:
        """The elements that began or ended in this piece, with "start" or "end". Raises Refused."""
        try:
            self._parser.feed(chunk)
        except etree.XMLSyntaxError as broken:
            raise self._broken(broken) from None
        return self._parser.read_events()

    def first(self, chunk: bytes) -> tuple[str, etree._Element] | None:
        """The first tag in this piece, also when something behind it is broken. Raises Refused."""
        try:
            return next(iter(self.feed(chunk)), None)
        except Refused:
            events: Iterator[Any] = self._parser.read_events()
            found = next(events, None)
            if found is None:
                raise
            return cast(tuple[str, etree._Element], found)

    def close(self) -> etree._Element:
        """The file ends here: the root. Raises Refused when the document does not end."""
        try:
            return self._parser.close()
        except etree.XMLSyntaxError as broken:
            raise self._broken(broken, at_end=True) from None

    def _broken(self, broken: etree.XMLSyntaxError, at_end: bool = False) -> Refused:
        first = next(iter(self._parser.feed_error_log), None)
        reason = " ".join((first.message if first else str(broken.msg)).split()).rstrip(".")
        line = (first.line if first else broken.lineno) or None
        low = reason.lower()
        if "excessive depth" in low:
            return refuse("LIMIT", line, what="The nesting", limit="256 levels")
        if any(word in low for word in _LARGE):
            return refuse("LIMIT", line, what="One text, attribute, comment or name", limit="10 MB")
        if "encod" in low:
            return refuse("ENCODING", line, value=reason)
        name = "CUT-OFF" if at_end and not any(word in low for word in _WRONG) else "BROKEN-XML"
        return refuse(name, line, reason=reason)


class Guard:
    """Counts what a document costs while its tags go by."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.depth, self.quiet, self.total = limits, 0, 0, 0

    def took(self, count: int) -> None:
        """`count` more bytes were read."""
        self.quiet += count
        self.total += count

    def watch(self, event: str, node: etree._Element) -> None:
        """One tag went by. Raises Refused."""
        self.quiet = 0
        if event == "end":
            self.depth -= 1
            if len(node.text or "") > self.limits.silence:
                raise refuse("LIMIT", node.sourceline, what="One text", limit=f"{self.limits.silence} bytes")
            return
        self.depth += 1
        if self.depth == 1:
            no_doctype(node)
        if self.depth > self.limits.depth:
            raise refuse("LIMIT", node.sourceline, what="The nesting", limit=f"{self.limits.depth} levels")
        check_attributes(node, self.limits)

    def check(self) -> None:
        """After a piece was watched. Raises Refused."""
        if self.quiet > self.limits.silence:
            raise refuse("LIMIT", what="One text, attribute or comment", limit=f"{self.limits.silence} bytes")
        if self.total > self.limits.tree:
            raise refuse("LIMIT", what="The document", limit=f"{self.limits.tree} bytes")


def no_doctype(root: etree._Element) -> None:
    """Raises Refused for a DOCTYPE of any kind, also one that declares nothing."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise refuse("DOCTYPE", 1)


def check_costs(node: etree._Element, limits: Limits, depth: int = 1) -> None:
    """Raises Refused for an element that is nested too deep or has too many attributes."""
    check_attributes(node, limits)
    if depth > limits.depth:
        raise refuse("LIMIT", node.sourceline, what="The nesting", limit=f"{limits.depth} levels")
    for kid in node:
        check_costs(kid, limits, depth + 1)


def check_attributes(node: etree._Element, limits: Limits) -> None:
    """Raises Refused for an element with too many attributes or declared namespaces."""
    if len(node.attrib) > limits.attributes:
        raise refuse("LIMIT", node.sourceline, what="The number of attributes", limit=str(limits.attributes))


def first_tag(head: bytes) -> Root:
    """The root of a document that begins with `head`. Raises Refused, also when there is none in `head`."""
    check_encoding(head)
    parser = Parser()
    found = parser.first(head)
    if found is None:
        if len(head) < CHUNK:
            parser.close()
        raise refuse("LIMIT", what="The first tag with what stands before it", limit=f"{CHUNK} bytes")
    namespace, _, name = str(found[1].tag).rpartition("}")  # QName would raise for a prefix that nobody declared
    return Root(namespace.lstrip("{"), name, found[1].getroottree().docinfo.internalDTD is not None)


def whole(pieces: Iterable[bytes], limits: Limits) -> etree._Element:
    """The root of a document that fits into memory. Raises Refused."""
    parser, guard = Parser(), Guard(limits)
    root: etree._Element | None = None
    for chunk in pieces:
        guard.took(len(chunk))
        for event, node in parser.feed(chunk):
            root = node if root is None else root
            guard.watch(event, node)
        guard.check()
    parser.close()
    if root is None:
        raise refuse("CUT-OFF", 1, reason="there is no element")
    return root
