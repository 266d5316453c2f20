"""One GS1 message, document by document: each is judged, mapped and forgotten; memory does not grow with the message.

A time-phased document is read place by place (`gs1_lines`), any other is held whole. What another element follows is
finished. Documents that were read before the message breaks off are condemned by its Closing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from adapters.xml import gs1_header, stream
from adapters.xml.door import Guard, Parser, Refused, refuse
from adapters.xml.gs1_lines import Growing
from adapters.xml.identify import Identity
from adapters.xml.overlooked import tell_overlooked
from adapters.xml.read import Reader
from adapters.xml.report import Report
from adapters.xml.table import Table
from adapters.xml.unmapped import tell_unmapped
from adapters.xml.validate import judged
from hub.errors import Finding
from hub.model.exchange import Closing, Document, Event, Reading, Status
from schemas import facts

_NAMESPACE = re.compile(r"urn:gs1:ecom:(\w+):xsd:(\d+)")
WANTS_ANSWER = "isApplicationReceiptAcknowledgementRequired"
NO = ("false", "0")


@dataclass(slots=True)
class Messages(Reader):
    """Reads one message."""

    number: str | None = None
    """Of the document being read."""
    shell: etree._Element | None = None
    """The message with its header and one document at a time: what judges and tells where something stands."""
    notes: Report | None = None
    """What was found in the header, until the first document tells it."""
    seen: Counter[str] = field(default_factory=Counter)
    wanted: set[str] = field(default_factory=set)
    """What documents say of being answered."""
    growing: Growing | None = None
    usual: Table | None = None
    """The table of the message's name, and those for some of its documents."""
    variants: Sequence[Table] = ()
    torn: list[Finding] = field(default_factory=list)

    def events(self) -> Iterator[Event]:
        """Everything in the file, in order."""
        try:
            yield from self._message()
        except Refused as refused:
            yield from self.refused(refused.finding)

    def _message(self) -> Iterator[Event]:
        parser, guard = Parser(), Guard(self.limits)
        root: etree._Element | None = None
        for chunk in self.pieces:
            guard.took(len(chunk))
            for event, node in parser.feed(chunk):
                root = node if root is None else root
                guard.watch(event, node)
            if root is not None:
                yield from self._advance(root, guard, ended=False)
            guard.check()
            if self.growing is not None and guard.total > self.limits.line:
                raise refuse("LIMIT", what="One line", limit=f"{self.limits.line} bytes")
        parser.close()
        if root is None:
            raise refuse("CUT-OFF", 1, reason="there is no element")
        yield from self._advance(root, guard, ended=True)
        if not self.verdicts:
            message, notes = gs1_header.message_of(root), self._notes()
            notes.add("INCOMPLETE", message, item=gs1_header.local(message), expected=self.identity.message)
            yield self.make(None, notes.take())
        yield self.close(tuple(self.torn))

    def _advance(self, root: etree._Element, guard: Guard, ended: bool) -> Iterator[Event]:
        """Read what is finished of the message."""
        message = gs1_header.message_of(root)
        documents = [kid for kid in message if gs1_header.local(kid) != gs1_header.HEADER]
        if self.interchange is None:
            if not ended and not (documents and message.tag != gs1_header.WRAPPER and self._ready(documents[0])):
                return
            yield self._enter(root, message)
        for node in documents:
            done = ended or node.getnext() is not None
            if self.growing is None and (done or self._ready(node)):
                self.table = next((table for table in self.variants if table.means(node)), self.usual)
            if self._grows(node) and (self.growing is not None or done or self._ready(node)):
                yield from self._grow(node, done, guard)
            elif done:
                yield self._whole(node)
            if not done:
                return
            guard.total = 0
            if node.getparent() is message:
                message.remove(node)

    def _enter(self, root: etree._Element, message: etree._Element) -> Event:
        """The header is known."""
        if message is not root:
            self.identity = Identity("gs1", gs1_header.local(message).removesuffix("Message"),
                                     str(message.tag)[1:].partition("}")[0].rpartition(":")[2])
        _demand_namespace(message, self.identity.message)
        self.shell = etree.Element(message.tag, dict(message.attrib), nsmap=message.nsmap)
        self.shell.extend(deepcopy(kid) for kid in message if gs1_header.local(kid) == gs1_header.HEADER)
        opening = self.open(root)
        self.usual = self.table
        self.variants = self.standard.tables.variants(self.identity.message, self.guide.partner)
        self.notes = self.report()
        gs1_header.check(root, self.identity.message, self.identity.major, self.notes)
        return opening

    def _time_phased(self) -> Table | None:
        table = self.table or self.standard.tables.find(None, self.identity.message)
        return table if table is not None and table.frame is not None else None

    def _grows(self, node: etree._Element) -> bool:
        """Whether it is read line by line."""
        table = self._time_phased()
        return table is not None and node.tag == table.root

    def _ready(self, node: etree._Element) -> bool:
        """Whether there is something of a document to begin with: all of it, or its head with a line."""
        if node.getnext() is not None:
            return True
        table = self._time_phased()
        first = node.find(table.frame.line) if table and table.frame and node.tag == table.root else None
        return first is not None and first.getnext() is not None

    def _notes(self) -> Report:
        """For the next document; what was found in the header goes with the first."""
        notes, self.notes = self.notes or self.report(), None
        return notes

    def _next(self, node: etree._Element) -> Report:
        """The next document begins."""
        name, notes = str(node.tag), self._notes()
        self.seen[name] += 1
        if self.seen[name] > 1 or any(kid.tag == name for kid in node.itersiblings()):
            notes.numbers[name] = self.seen[name]
        if self.shell is not None and len(self.seen) == 2 and self.seen[name] == 1:
            gs1_header.check_types(self.shell, list(self.seen), notes)
        self.number = node.findtext(f"{name}Identification/entityIdentification")
        self.wanted.add(node.findtext(WANTS_ANSWER, "").strip())
        if self.interchange is not None:
            created = node.findtext("creationDateTime", "")[:40]
            self.interchange.syntax[f"created.{len(self.verdicts) + 1}"] = created
        return notes

    # -- documents that are held whole --------------------------------------------------------------------------------

    def _whole(self, node: etree._Element) -> Reading:
        assert self.shell is not None  # noqa: S101  (made when the message was entered)
        notes = self._next(node)
        self.shell.append(node)
        reading = self.document(node, notes)
        self.shell.remove(node)
        return reading

    def document(self, node: etree._Element, report: Report) -> Reading:
        """One document of the message; `report` may know what was found in the header."""
        name = str(node.tag)
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
        document = self.table.part.read(node, report)
        tell_overlooked(self.table.part, node, report, self.told)
        tell_unmapped(node, self.table, report, self.told)
        return self.make(document, report.take())

    # -- documents that are read line by line -------------------------------------------------------------------------

    def _grow(self, node: etree._Element, done: bool, guard: Guard) -> Iterator[Event]:
        """The finished lines of a document; `done`: there will be no more."""
        if self.growing is None:
            notes = self._next(node)
            try:
                self.growing = self._begin(node, done, notes)
            except Refused as refused:
                if not done:
                    raise
                yield self.told_off(refused.finding)
                return
        growing = self.growing
        for line in list(node)[growing.above:]:
            if line.tag != growing.frame.line:
                raise refuse("NOT-EXPECTED", line.sourceline, growing.report.path(growing.head), str(line.tag)[:80],
                             item=str(line.tag), expected=growing.frame.line)
            if not done and line.getnext() is None:
                return
            growing.take(line, line.getnext() is not None)
            guard.total = 0
            if growing.count >= stream.HELD:
                yield self._part(growing)
        if not done:
            return
        if growing.count or not growing.outcomes:
            yield self._part(growing)
        if self.guide.policy == "reject" and len({outcome is Status.REJECTED for outcome in growing.outcomes}) > 1:
            self.torn.append(refuse("PARTS", path=growing.report.path(growing.head)).finding)
        assert self.shell is not None  # noqa: S101  (made when the message was entered)
        self.shell.remove(growing.head)
        self.growing = None

    def _begin(self, node: etree._Element, done: bool, notes: Report) -> Growing:
        """Read the head of a document. Raises Refused for a version that is not known."""
        table = self._time_phased()
        assert table is not None  # noqa: S101  (asked before)
        assert table.frame is not None  # noqa: S101  (such a table has one)
        assert self.shell is not None  # noqa: S101  (made when the message was entered)
        judges = self.judges()
        first = node.find(table.frame.line)
        heads = [kid for kid in (node if done or first is None else list(node)[:node.index(first)])
                 if kid.tag != table.frame.line]
        head = etree.SubElement(self.shell, node.tag, dict(node.attrib), nsmap=node.nsmap)
        head.extend(heads)
        growing = Growing(table, table.frame, head, 0, judges, notes, self.told)
        growing.begin(first)
        return growing

    def _part(self, growing: Growing) -> Reading:
        """What was collected so far, as one Reading."""
        count, document = growing.count, growing.part()
        reading = self.make(document, growing.report.take(), max(count, 1))
        growing.outcomes.append(reading.status)
        growing.report.transaction = len(self.verdicts) + 1
        return reading

    # -- what is said of them -----------------------------------------------------------------------------------------

    def make(self, document: Document | None, findings: Any, count: int = 1) -> Reading:
        """Its own number goes with each document."""
        assert self.interchange is not None  # noqa: S101  (every reading follows an Opening)
        if self.number:
            self.interchange.syntax["id"] = self.number[:200]
        return Reader.make(self, document, findings, count)

    def close(self, findings: tuple[Finding, ...] = ()) -> Closing:
        """An answer is due unless every document says no."""
        if self.interchange is not None and self.wanted and self.wanted <= set(NO):
            self.interchange = self.interchange.model_copy(update={"answer_requested": False})
        return Reader.close(self, findings)


def _demand_namespace(message: etree._Element, name: str) -> None:
    """Raises Refused where the namespace names another message than the element does."""
    found = _NAMESPACE.fullmatch(str(message.tag)[1:].partition("}")[0])
    if found and found[1].replace("_", "") != name.lower():
        raise refuse("OTHER-NAMESPACE", 1, f"/{name}Message", found[0], message=f"{name}Message")


def _only_a_step(node: etree._Element) -> tuple[etree._Element, str] | None:
    """A status that says that something is under way, and what would be done at its end."""
    row = facts.read_toml(facts.HOME / "gs1" / "progress.toml").get(str(node.tag))
    if row is None:
        return None
    for at in node.findall(row["place"]):
        if (text := (at.text or "").strip()) and text not in row["done"]:
            return at, row["what"]
    return None
