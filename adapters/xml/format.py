"""XML as `Format`s: UBL, and everything else that opens with a tag."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

from adapters.xml.acknowledge import acknowledge
from adapters.xml.control import uuid_of
from adapters.xml.door import Limits
from adapters.xml.gs1 import Gs1
from adapters.xml.gs1_write import message
from adapters.xml.identify import is_xml
from adapters.xml.read import Standard, read
from adapters.xml.stream import Lines
from adapters.xml.tables import Overlays, Tables
from adapters.xml.ubl import PROVEN, Ubl, judge
from adapters.xml.write import build, content, one_of, prove
from hub.model.exchange import Acknowledgement, Closing, Document, Envelope, Event, Numbers
from hub.ports import Guides
from schemas.components import components


class Xml:
    """Implements `hub.ports.Format` for UBL; also answers for XML that is neither UBL nor GS1, because somebody must.

    `others` are further standards that a file may turn out to be of.
    """

    name = "ubl"
    names = ("ubl", "gs1")

    def __init__(self, tables: Tables | Overlays | None = None, limits: Limits | None = None,
                 others: Sequence[Standard] = ()) -> None:
        self.ubl, self.limits = Ubl(tables), limits or Limits()
        self.gs1 = Gs1(tables if not isinstance(tables, Tables) else None)
        self.standards: tuple[Standard, ...] = (self.ubl, *(others or (self.gs1,)))

    @property
    def tables(self) -> Tables:
        return self.ubl.tables

    def recognises(self, head: bytes) -> bool:
        return is_xml(head)

    def read(self, source: BinaryIO, guides: Guides) -> Iterator[Event]:
        return read(source, guides, self.standards, self.limits, Lines)

    def acknowledge(self, closing: Closing, numbers: Numbers, now: datetime) -> list[Acknowledgement]:
        if closing.interchange.format != self.name:
            return []
        return acknowledge(closing, numbers, now, self.tables.namespaces("ApplicationResponse"))

    def check(self) -> None:
        """Compile every table and overlay of every standard. Raises BrokenTable or NotFound."""
        for standard in self.standards:
            standard.tables.check()

    def write(self, table: str, documents: Sequence[Document], envelope: Envelope, partner: str | None) -> bytes:
        if table.startswith(f"{self.gs1.name}/"):
            return content(message(self.gs1.tables.get(table, partner), documents, envelope))
        found = self.tables.get(table, partner)
        spaces = self.tables.namespaces(found.root)
        named = {p or None: spaces[p] for p in ("", "cac", "cbc")}
        version = max(found.version, PROVEN)
        root = build(found, one_of(found, documents), envelope, components(self.name, version), named, uuid_of(
            envelope.numbers.interchange, envelope.sender, envelope.receiver), self.ubl.fold)
        prove(found, root, judge(version))
        return content(root)
