"""GS1 XML 3: which message, who sends it by its header (SBDH), and its documents, one or several.

A message is held whole, whatever it carries (`HUB_XML_TREE_BYTES`). Time-phased documents become frames here, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from lxml import etree

from adapters.xml import gs1_header
from adapters.xml.codecs import bucket_of
from adapters.xml.door import Refused, refuse, whole
from adapters.xml.frame import Column, FrameTable
from adapters.xml.gs1_schema import judge
from adapters.xml.gs1_shape import unfold
from adapters.xml.identify import Identity
from adapters.xml.overlooked import tell_overlooked, tell_overlooked_rows
from adapters.xml.partner_schema import PartnerSchemas
from adapters.xml.place import below
from adapters.xml.read import Reader
from adapters.xml.report import Report
from adapters.xml.table import Table
from adapters.xml.tables import Overlays, Tables
from adapters.xml.unmapped import tell_unmapped
from adapters.xml.validate import Judging, judged
from hub.model.exchange import Document, Event, Interchange, Reading
from schemas import facts

MAJOR = "3"
_NAMESPACE = re.compile(r"urn:gs1:ecom:(\w+):xsd:(\d+)")


@dataclass(slots=True)
class Messages(Reader):
    """Reads one message."""

    number: str | None = None
    """Of the document being read."""

    def events(self) -> Iterator[Event]:
        """Everything in the file, in order."""
        try:
            root = whole(self.pieces, self.limits)
            message = gs1_header.message_of(root)
            if message is not root:
                self.identity = Identity("gs1", gs1_header.local(message).removesuffix("Message"),
                                         str(message.tag)[1:].partition("}")[0].rpartition(":")[2])
            _demand_namespace(message, self.identity.message)
        except Refused as refused:
            yield from self.refused(refused.finding)
            return
        yield self.open(root)
        nodes = self.standard.documents(root)
        notes = self.report()
        self._judge_message(message, notes)
        gs1_header.check(root, self.identity.message, self.identity.major, nodes, notes)
        if not nodes:
            notes.add("INCOMPLETE", message, item=gs1_header.local(message), expected=self.identity.message)
            yield self.make(None, notes.take())
        for node in nodes:
            yield self.document(node, notes)
            notes = self.report()
        yield self.close()

    def _judge_message(self, message: etree._Element, report: Report) -> None:
        """A partner's own schema is that of the whole message."""
        assert isinstance(self.standard, Gs1)  # noqa: S101  (whose reader this is)
        own = self.standard.schemas.judge(self.guide.partner, f"gs1/{self.identity.message}")
        if own is not None:
            own.holds(message, report)

    def document(self, node: etree._Element, report: Report) -> Reading:
        """One document of the message; `report` knows what was found in the header."""
        name = str(node.tag)
        self.number = node.findtext(f"{name}Identification/entityIdentification")
        if self.interchange is not None:
            created = node.findtext("creationDateTime", "")[:40]
            self.interchange.syntax[f"created.{len(self.verdicts) + 1}"] = created
        if self.table is None:
            report.add("NOT-MAPPED", node, self.identity.message, standard=self.standard.title,
                       message=self.identity.message)
            return self.make(None, report.take())
        if name != self.identity.message:
            report.add("NOT-EXPECTED", node, name[:80], item=name, expected=self.identity.message)
            return self.make(None, report.take())
        try:
            judged(self.judges(), node, report)
        except Refused as refused:
            return self.told_off(refused.finding)
        if (step := _only_a_step(node)) is not None:
            at, done = step
            report.add("STATUS-ONLY", at, (at.text or "").strip()[:80], what=done)
            return self.make(None, report.take())
        self.standard.unfold(node, report)
        header = self.table.part.read(node, report)
        document: Any = header
        tell_overlooked(self.table.part, node, report, self.told)
        if self.table.frame is not None:
            rows = frame(self.table.frame, node, report)
            document = self.table.frame.document(header, rows) if header is not None else None
            tell_overlooked_rows(self.table.frame, node, report, self.told)
        tell_unmapped(node, self.table, report, self.told)
        return self.make(document, report.take())

    def make(self, document: Document | None, findings: Any, count: int = 1) -> Reading:
        """Its own number goes with each document."""
        assert self.interchange is not None  # noqa: S101  (every reading follows an Opening)
        if self.number:
            self.interchange.syntax["id"] = self.number[:200]
        return Reader.make(self, document, findings, count)


def _demand_namespace(message: etree._Element, name: str) -> None:
    """Raises Refused where the namespace names another message than the element does."""
    found = _NAMESPACE.fullmatch(str(message.tag)[1:].partition("}")[0])
    if found and found[1].replace("_", "") != name.lower():
        raise refuse("OTHER-NAMESPACE", 1, f"/{name}Message", found[0], message=f"{name}Message")


def _wants_answer(root: etree._Element) -> bool:
    """Whether any document of the message is to be acknowledged: all are, but for orders that say no."""
    said = [kid.findtext("isApplicationReceiptAcknowledgementRequired", "").strip()
            for kid in gs1_header.message_of(root) if gs1_header.local(kid) != gs1_header.HEADER]
    return not said or any(word not in ("false", "0") for word in said)


def _only_a_step(node: etree._Element) -> tuple[etree._Element, str] | None:
    """A status that says that something is under way, and what would be done at its end."""
    row = facts.read_toml(facts.HOME / "gs1" / "progress.toml").get(str(node.tag))
    if row is None:
        return None
    for at in node.findall(row["place"]):
        if (text := (at.text or "").strip()) and text not in row["done"]:
            return at, row["what"]
    return None


class Gs1:
    """Implements `adapters.xml.read.Standard`."""

    name = "gs1"
    title = "GS1"
    reader: type[Reader] | None = Messages

    def __init__(self, tables: Tables | Overlays | None = None) -> None:
        self.tables = tables if isinstance(tables, Tables) else Tables(self.name, tables)
        self.schemas = PartnerSchemas({} if isinstance(tables, Tables) else tables or {})

    def version(self, identity: Identity, root: etree._Element) -> str | None:
        """That of the header ("3.1"), else the one that the namespace tells ("3")."""
        said = gs1_header.said(gs1_header.header_of(root), "DocumentIdentification/TypeVersion")[1]
        return said[:20] or identity.major or None

    def judges(self, identity: Identity, version: str | None, partner: str | None) -> Sequence[Judging]:
        if identity.major != MAJOR:
            raise refuse("UNKNOWN-VERSION", 1, f"/{identity.message}Message", identity.major[:40],
                         known=", ".join(gs1_header.VERSIONS))
        return (judge(tolerant=True),)

    def interchange(self, identity: Identity, root: etree._Element, table: Table | None) -> Interchange:
        """Sender, receiver, instance number and moment of the header."""
        header = gs1_header.header_of(root)
        control = gs1_header.said(header, "DocumentIdentification/InstanceIdentifier")[1]
        return Interchange(
            ordinal=1, format=self.name, version=self.version(identity, root),
            sender=gs1_header.address(header, "Sender"), receiver=gs1_header.address(header, "Receiver"),
            control=control[:200] or None, prepared_at=gs1_header.moment(header), answer_requested=_wants_answer(root),
            syntax={"message": identity.message})

    def documents(self, root: etree._Element) -> Sequence[etree._Element]:
        return [kid for kid in gs1_header.message_of(root) if gs1_header.local(kid) != gs1_header.HEADER]

    def unfold(self, node: etree._Element, report: Report) -> None:
        report.remember(node)
        unfold(node)


def frame(table: FrameTable, node: etree._Element, report: Report) -> pl.DataFrame:
    """The lines of a time-phased document."""
    depth = len(table.path)
    shared = {c.name: c.slot.read(node, report, {}) for c in table.columns if c.climb == depth}
    values: dict[str, list[Any]] = {c.name: [] for c in table.columns}
    count = 0
    for row in below(node, table.path):
        around = [row]
        for _ in range(depth - 1):
            above = around[-1].getparent()
            assert above is not None  # noqa: S101  (the row stands in its lines)
            around.append(above)
        for column in table.columns:
            one = shared[column.name] if column.climb == depth else column.slot.read(around[column.climb], report, {})
            values[column.name].append(one)
        count += 1
    for column in table.columns:
        if column.derived:
            values[column.name] = _derived(column, values, count)
    columns = {name: values.get(name, [table.constants.get(name)] * count) for name in table.document.SCHEMA}
    return pl.DataFrame(columns, schema=table.document.SCHEMA)


def _derived(column: Column, values: dict[str, list[Any]], count: int) -> list[Any]:
    nothing = [None] * count
    return [word if word is not None else bucket_of(first, last) for word, first, last in zip(
        values[column.name], values.get("start", nothing), values.get("end", nothing), strict=True)]


