"""The events of one XML file: Opening, one Reading for each document (or block of lines), Closing.

A document is held whole, unless its table has a `[frame]`: then its lines are judged, mapped and forgotten one by one
(`adapters.xml.stream`), and memory does not grow with the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO, Protocol

from lxml import etree

from adapters.mapping.verdict import status
from adapters.xml.door import CHUNK, Limits, Refused, Root, chunks, first_tag, refuse, whole
from adapters.xml.identify import Identity, identify, spoken_of
from adapters.xml.overlooked import tell_overlooked
from adapters.xml.report import Report
from adapters.xml.table import Table
from adapters.xml.tables import Tables
from adapters.xml.unmapped import tell_unmapped
from adapters.xml.validate import Judging, judged
from hub.errors import Finding, Where
from hub.model.exchange import (
    Address,
    Closing,
    Document,
    Event,
    GroupVerdict,
    Interchange,
    Opening,
    Reading,
    Remark,
    Verdict,
)
from hub.model.finding import finding
from hub.ports import Guide, Guides


class Standard(Protocol):
    """What UBL and GS1 do differently."""

    name: str
    title: str
    tables: Tables
    reader: type[Reader] | None
    """Who reads its files, where neither the usual reader nor the one line by line does."""

    def version(self, identity: Identity, root: etree._Element) -> str | None:
        """The version that the document claims; None when it claims none."""

    def judges(self, identity: Identity, version: str | None, partner: str | None) -> Sequence[Judging]:
        """Who says whether a document is right: our schema, then the partner's own. Raises Refused for an unknown
        version."""

    def interchange(self, identity: Identity, root: etree._Element, table: Table | None) -> Interchange:
        """Who sends what to whom, from the elements of `root` that are there."""

    def glance(self, head: bytes, which: str) -> Address | None:
        """Who is the "Sender" or "Receiver" of a file that is not read at all, by its first bytes."""

    def documents(self, root: etree._Element) -> Sequence[etree._Element]:
        """The elements that are one document each."""

    def unfold(self, node: etree._Element, report: Report) -> None:
        """Bring a judged document into the form that its table reads, where no row can say it; `report` remembers where
        everything stood."""


@dataclass(slots=True)
class Reader:
    """Reads one file. `pieces` are its bytes."""

    standard: Standard
    identity: Identity
    pieces: Iterator[bytes]
    guides: Guides
    limits: Limits
    verdicts: list[Verdict] = field(default_factory=list)
    interchange: Interchange | None = None
    guide: Guide = field(default_factory=Guide)
    version: str | None = None
    table: Table | None = None
    told: set[tuple[str, ...]] = field(default_factory=set)
    head: bytes = b""
    """The first bytes of the file."""

    def events(self) -> Iterator[Event]:
        """Everything in the file, in order."""
        try:
            root = whole(self.pieces, self.limits)
        except Refused as refused:
            yield from self.refused(refused.finding)
            return
        yield self.open(root)
        for node in self.standard.documents(root):
            yield self.reading(node)
        yield self.close()

    def open(self, root: etree._Element) -> Opening:
        """The file's head is known: who sends it, and so which tables hold."""
        self.version = self.standard.version(self.identity, root)
        plain = self.standard.tables.find(self.version, self.identity.message)
        self.interchange = self.standard.interchange(self.identity, root, plain)
        self.guide = self.guides(self.interchange)
        self.table = self.standard.tables.find(self.version, self.identity.message, self.guide.partner)
        return Opening(self.interchange)

    def judges(self) -> Sequence[Judging]:
        return self.standard.judges(self.identity, self.version, self.guide.partner)

    def report(self) -> Report:
        return Report(self.standard.tables.prefixes, len(self.verdicts) + 1)

    def reading(self, node: etree._Element) -> Reading:
        """One document, judged and mapped."""
        report = self.report()
        document: Document | None = None
        if self.table is None:
            report.add("NOT-MAPPED", node, self.identity.message, standard=self.standard.title,
                       message=self.identity.message)
        else:
            try:
                judged(self.judges(), node, report)
            except Refused as refused:
                return self.told_off(refused.finding)
            self.standard.unfold(node, report)
            document = self.table.part.read(node, report)
            tell_overlooked(self.table.part, node, report, self.told)
            tell_unmapped(node, self.table, report, self.told)
        return self.make(document, report.take())

    def make(self, document: Document | None, findings: tuple[Finding, ...], count: int = 1) -> Reading:
        """A Reading of a document or a block, remembered for the answer."""
        assert self.interchange is not None  # noqa: S101  (every reading follows an Opening)
        outcome = status(findings, document is not None, self.guide.policy)
        control = self.interchange.syntax.get("id")
        self.verdicts.append(Verdict(self.identity.message, self.version, control, outcome, findings))
        return Reading(
            self.interchange, None, len(self.verdicts), self.identity.message, self.version, control, outcome, document,
            findings, self.table.name if self.table else None, count)

    def told_off(self, found: Finding) -> Reading:
        """A Reading of something that cannot be read, and why."""
        where = found.where.model_copy(update={"transaction": len(self.verdicts) + 1})
        return self.make(None, (found.model_copy(update={"where": where}),))

    def close(self, findings: tuple[Finding, ...] = ()) -> Closing:
        assert self.interchange is not None  # noqa: S101  (every Closing follows an Opening)
        group = GroupVerdict(self.identity.message, None, self.version, None, len(self.verdicts), tuple(self.verdicts))
        return Closing(self.interchange, (group,) if self.verdicts else (), findings)

    def refused(self, found: Finding) -> Iterator[Event]:
        """The file is not read any further; it is answered all the same."""
        if self.interchange is None:
            sender, receiver = (self.standard.glance(self.head, which) for which in ("Sender", "Receiver"))
            self.interchange = Interchange(ordinal=1, format=self.standard.name, sender=sender, receiver=receiver,
                                           syntax={"message": self.identity.message})
            yield Opening(self.interchange)
        yield self.close((found,))


def read(source: BinaryIO, guides: Guides, standards: Sequence[Standard], limits: Limits,
         streams: type[Reader]) -> Iterator[Event]:
    """The events of a file of any of `standards`; a Remark for XML of another kind. Never raises on content."""
    head = source.read(CHUNK)
    try:
        root = first_tag(head)
    except Refused as refused:
        spoken = spoken_of(head)
        yield from (Remark(refused.finding),) if spoken is None else _nameless(spoken, refused.finding)
        return
    try:
        identity = identify(root)
    except Refused as refused:
        yield from _nameless(root, refused.finding)
        return
    standard = next((s for s in standards if identity and s.name == identity.format), None)
    if identity is None or standard is None:
        name = "DOCTYPE" if root.doctype else ""
        other = finding("file", "NO-FORMAT", Where(line=1), root.name, reason="it is XML, but neither UBL nor GS1")
        yield Remark(refuse(name, 1).finding if name else other)
        return
    table = standard.tables.find(None, identity.message)
    usual = streams if table is not None and table.frame is not None else Reader
    reader = (standard.reader or usual)(standard, identity, chain((head,), chunks(source)), guides, limits)
    reader.head = head
    if root.doctype:
        yield from reader.refused(refuse("DOCTYPE", 1).finding)
        return
    yield from reader.events()


def _nameless(root: Root, found: Finding) -> Iterator[Event]:
    """UBL by its namespace, but nothing that UBL knows, or not to be read at all: answered as UBL."""
    interchange = Interchange(ordinal=1, format="ubl", syntax={"message": root.name})
    yield Opening(interchange)
    yield Closing(interchange, (), (found,))
