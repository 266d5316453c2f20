"""Follows a file part by part: which interchange and group we are in, what was counted, what was wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from adapters.edifact import batch, split, transaction
from adapters.edifact.envelope import interchange, nameless
from adapters.edifact.split import SEGMENT_LIMIT, Cut, Endless, Garbage, Part, Piece, Run
from adapters.mapping.dialect import element
from adapters.mapping.seen import Seen
from adapters.mapping.tables import Tables
from hub.errors import Finding, Where
from hub.model.exchange import Closing, Event, GroupVerdict, Interchange, Opening, Reading, Remark, Verdicts
from hub.model.finding import finding
from hub.ports import Guide, Guides


@dataclass(slots=True)
class Group:
    """A functional group being read. `head` is None for the pseudo-group of messages without one."""

    ordinal: int
    head: Piece | None
    verdicts: Verdicts = field(default_factory=Verdicts)
    known: Seen = field(default_factory=Seen)
    findings: list[Finding] = field(default_factory=list)

    def said(self, at: int, part: int = 0) -> str | None:
        return element(self.head.row, at, part).strip() or None if self.head else None

    def verdict(self, included: int | None) -> GroupVerdict:
        return GroupVerdict(
            code=self.said(1) or "",
            control=self.said(5),
            version=self.said(7),
            included=included,
            received=len(self.verdicts),
            verdicts=self.verdicts,
            findings=tuple(self.findings),
            sender=self.said(2, 1),
            receiver=self.said(3, 1),
            sender_qualifier=self.said(2, 2),
            receiver_qualifier=self.said(3, 2),
        )


@dataclass(slots=True)
class Reader:
    """Reads one file; `mapped` False validates only."""

    tables: Tables
    guides: Guides
    mapped: bool = True
    ordinal: int = 0
    current: Interchange | None = None
    guide: Guide = field(default_factory=Guide)
    group: Group | None = None
    closed: list[GroupVerdict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    controls: set[str] = field(default_factory=set)
    seen: set[tuple[str, str, str]] = field(default_factory=set)
    offset: int = 0

    def run(self, parts: Iterable[Part]) -> Iterator[Event]:
        """Every event of the file, in order."""
        for part in parts:
            self.offset = part.offset
            if isinstance(part, Cut):
                yield from self._message(part)
            elif isinstance(part, Run):
                yield from self._run(part)
            elif isinstance(part, Piece):
                yield from self._piece(part)
            elif isinstance(part, Garbage):
                yield from self._garbage(part)
            elif isinstance(part, Endless):
                self._tell("NO-TERMINATOR", limit=SEGMENT_LIMIT)
                yield from self._close(None)
            del part  # a block: let it go before the next one is made
        if self.current:
            yield from self._close(None)

    def _tell(
        self,
        name: str,
        /,
        tag: str | None = None,
        element: int | None = None,
        value: str | None = None,
        into: list[Finding] | None = None,
        **told: object,
    ) -> None:
        where = Where(
            interchange=self.ordinal,
            group=self.group.ordinal if self.group and into is self.group.findings else None,
            tag=tag,
            element=element,
            offset=self.offset,
        )
        (self.findings if into is None else into).append(finding("edifact", name, where, value, **told))

    def _garbage(self, part: Garbage) -> Iterator[Event]:
        if self.current and not self.current.syntax:
            yield from self._close(None)
        where = Where(offset=part.offset)
        if part.interactive:
            yield Remark(finding("edifact", "INTERACTIVE", where))
        else:
            yield Remark(finding("edifact", "GARBAGE", where, part.beginning, length=part.length))

    # -- interchanges ----------------------------------------------------------------------------------------------

    def _open(self, opened: Interchange) -> Iterator[Event]:
        self.ordinal += 1
        self.current = opened
        self.guide = self.guides(opened)
        self.group, self.closed, self.findings, self.controls = None, [], [], set()
        if opened.syntax:
            ends = (opened.sender.id if opened.sender else "", opened.receiver.id if opened.receiver else "")
            key = (*ends, opened.control or "")
            if key in self.seen:
                self._tell("INTERCHANGE-DUPLICATE", "UNB", 5, opened.control)
            self.seen.add(key)
        yield Opening(opened)

    def _close(self, trailer: Piece | None) -> Iterator[Event]:
        """End the interchange with its UNZ, or without."""
        current = self.current
        if current is None:
            return
        grouped = any(g.code or g.control for g in self.closed) or bool(self.group and self.group.head)
        self._end_group(None)
        if trailer is not None:
            count, control = element(trailer.row, 1).strip(), element(trailer.row, 2).strip()
            actual = len(self.closed) if grouped else sum(g.received for g in self.closed)
            if not (count.isascii() and count.isdigit() and int(count) == actual):
                self._tell("INTERCHANGE-COUNT", "UNZ", 1, count, actual=actual)
            if control != (current.control or "") and current.syntax:
                self._tell("INTERCHANGE-CONTROL", "UNZ", 2, control, expected=current.control)
        elif current.syntax:
            self._tell("TRUNCATED", "UNZ", missing="UNZ")
        self.current = None
        yield Closing(current, tuple(self.closed), tuple(self.findings))

    # -- groups ----------------------------------------------------------------------------------------------------

    def _piece(self, piece: Piece) -> Iterator[Event]:
        tag = piece.row[0].strip()
        if tag == "UNB":
            yield from self._close(None)
            yield from self._open(interchange(piece, self.ordinal + 1))
        elif tag == "UNZ" and self.current:
            yield from self._close(piece)
        elif tag == "UNG" and self.current:
            self._end_group(None)
            self.group = Group(len(self.closed) + 1, piece)
            control = self.group.said(5) or ""
            if control in self.controls:
                self._tell("GROUP-DUPLICATE", "UNG", 5, control, self.group.findings)
            self.controls.add(control)
        elif tag == "UNE" and self.group:
            self._end_group(piece)
        elif self.current:
            self._tell("STRAY-SEGMENT", tag[:10], value=tag[:40])
        else:
            yield Remark(finding("edifact", "STRAY-SEGMENT", Where(tag=tag[:10], offset=piece.offset), tag[:40]))

    def _end_group(self, trailer: Piece | None) -> None:
        """End the group with its UNE, or without."""
        group = self.group
        if group is None:
            return
        included: int | None = None
        if trailer is not None:
            count, control = element(trailer.row, 1).strip(), element(trailer.row, 2).strip()
            included = int(count) if count.isascii() and count.isdigit() else None
            if included != len(group.verdicts):
                self._tell("GROUP-COUNT", "UNE", 1, count, group.findings, actual=len(group.verdicts))
            if control != group.said(5):
                self._tell("GROUP-CONTROL", "UNE", 2, control, group.findings, expected=group.said(5))
        elif group.head is not None:
            self._tell("GROUP-TRAILER", "UNE", into=group.findings, missing="UNE")
        self.closed.append(group.verdict(included))
        self.group = None

    # -- messages --------------------------------------------------------------------------------------------------

    def _message(self, cut: Cut) -> Iterator[Event]:
        if self.current is None:
            yield from self._open(nameless(self.ordinal + 1))
            self._tell("NO-HEADER", "UNH")
        if self.current is None:
            return
        group = self._group()
        setting = self._setting(group, self.current)
        reading = batch.read_long(cut, setting, group.known) if len(cut.content) > split.LONG else None
        yield self._noted(reading or transaction.read(cut, setting, group.known), group)

    def _run(self, run: Run) -> Iterator[Event]:
        """Messages that follow each other, those that are right by columns."""
        if self.current is None:
            self.offset = run.byte(0)
            yield from self._open(nameless(self.ordinal + 1))
            self._tell("NO-HEADER", "UNH")
        if self.current is None:
            return
        group = self._group()
        for reading in batch.read(run, self._setting(group, self.current), group.known):
            yield self._noted(reading, group)
        self.offset = run.byte(len(run.heads) - 1)

    def _group(self) -> Group:
        if self.group is None:
            self.group = Group(len(self.closed) + 1, None)
        return self.group

    def _setting(self, group: Group, current: Interchange) -> transaction.Setting:
        """Where the next message stands."""
        return transaction.Setting(
            self.tables,
            self.guide,
            current,
            group.ordinal if group.head else None,
            len(group.verdicts) + 1,
            self.mapped,
        )

    def _noted(self, reading: Reading, group: Group) -> Reading:
        group.verdicts.add(reading)
        return reading
