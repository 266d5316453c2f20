"""XML as `Format`s: UBL, and everything else that opens with a tag."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

from lxml import etree

from adapters.mapping.overlaid import Overlays
from adapters.xml import gs1_acknowledge
from adapters.xml.acknowledge import acknowledge
from adapters.xml.control import uuid_of
from adapters.xml.door import Limits
from adapters.xml.gs1 import Gs1
from adapters.xml.gs1_write import message
from adapters.xml.identify import is_xml
from adapters.xml.left_out import findings
from adapters.xml.read import Standard, read
from adapters.xml.stream import Lines
from adapters.xml.table import Table
from adapters.xml.tables import Tables
from adapters.xml.ubl import WRITTEN, Ubl, judge
from adapters.xml.write import build, content, prove, together
from hub.errors import Finding, Reject
from hub.model.exchange import Acknowledgement, Closing, Document, Envelope, Event, Numbers, Writing
from hub.ports import Guides
from schemas.components import components

GS1_ANSWER = f"gs1/3.1/{gs1_acknowledge.ANSWER}"


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
        if closing.interchange.format == self.gs1.name:
            return gs1_acknowledge.acknowledge(closing, numbers, now, self.gs1.tables.get(GS1_ANSWER))
        if closing.interchange.format != self.name:
            return []
        return acknowledge(closing, numbers, now, self.tables.namespaces("ApplicationResponse"))

    def check_overlays(self) -> None:
        """Compile what partners wrote, for every standard. Raises BrokenTable or NotFound."""
        for standard in self.standards:
            standard.tables.check_overlays()

    def left_out(self, table: str, document: Document, partner: str | None) -> tuple[Finding, ...]:
        """What of a document is not written by a table, field by field. Raises NotFound."""
        return findings(self._table(table, partner), document)

    def portions(self, table: str, documents: Sequence[Document], writing: Writing,
                 partner: str | None) -> Iterator[tuple[Document, ...]]:
        """The documents of one file after the other: a UBL file holds one, a GS1 message as many as the partner takes.
        Raises Reject for what the table does not write."""
        whole = together(self._table(table, partner), documents)
        size = 1 if table.startswith(f"{self.name}/") else writing.max_transactions or len(whole)
        for start in range(0, len(whole), size):
            yield tuple(whole[start:start + size])

    def bind(self, table: str, portion: Sequence[Document], envelope: Envelope, partner: str | None) -> bytes:
        """One file under its number. Raises Reject for what the table cannot say."""
        return self.write(table, portion, envelope, partner)

    def write(self, table: str, documents: Sequence[Document], envelope: Envelope, partner: str | None) -> bytes:
        found = self._table(table, partner)
        if found.name.startswith(f"{self.gs1.name}/"):
            root = message(found, documents, envelope)
            self._prove_to(partner, found, self.gs1, root)
            return content(root)
        document, *more = together(found, documents)
        if more:
            raise Reject(f"a UBL file holds one document, and these are {len(more) + 1}", reason="NOT_WRITABLE")
        spaces = self.tables.namespaces(found.root)
        named = {p or None: spaces[p] for p in ("", "cac", "cbc")}
        version = max(found.version, WRITTEN)
        root = build(found, document, envelope, components(self.name, version), named, uuid_of(
            envelope.numbers.interchange, envelope.sender, envelope.receiver), self.ubl.fold)
        prove(found, root, judge(version))
        self._prove_to(partner, found, self.ubl, root)
        return content(root)

    def _prove_to(self, partner: str | None, table: Table, standard: Ubl | Gs1, root: etree._Element) -> None:
        """What its receiver's own schema refuses is not sent. Raises Reject."""
        own = standard.schemas.judge(partner, f"{standard.name}/{table.root}")
        if own is not None:
            prove(table, root, own)

    def _table(self, name: str, partner: str | None) -> Table:
        standard = self.gs1 if name.startswith(f"{self.gs1.name}/") else self.ubl
        return standard.tables.get(name, partner)
