"""Follows a file part by part: which interchange and group we are in, what was counted, what was wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from adapters.mapping.dialect import element
from adapters.mapping.seen import Seen
from adapters.mapping.segment import item
from adapters.mapping.tables import Tables
from adapters.x12 import batch, transaction
from adapters.x12.acknowledged import interchange_acknowledged
from adapters.x12.envelope import header_faults, interchange
from adapters.x12.long import Long
from adapters.x12.split import SEGMENT_LIMIT, Cut, Endless, Garbage, Header, Part, Piece, Run
from hub.errors import Finding, Where
from hub.model.exchange import Closing, Event, GroupVerdict, Interchange, Opening, Reading, Remark, Status, Verdicts
from hub.model.finding import finding
from hub.ports import Guide, Guides
from schemas import facts


@dataclass(slots=True)
class Group:
    """A functional group being read. `head` is None for transactions outside of any."""

    ordinal: int
    head: Piece | None
    verdicts: Verdicts = field(default_factory=Verdicts)
    known: Seen = field(default_factory=Seen)
    findings: list[Finding] = field(default_factory=list)

    def said(self, at: int) -> str | None:
        return element(self.head.row, at).strip() or None if self.head else None

    def verdict(self, included: int | None) -> GroupVerdict:
        return GroupVerdict(
            code=self.said(1) or "",
            control=self.said(6),
            version=self.said(8),
            included=included,
            received=len(self.verdicts),
            verdicts=self.verdicts,
            findings=tuple(self.findings),
            sender=self.said(2),
            receiver=self.said(3),
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
    transactions: int = 0
    receipts: int = 0
    offset: int = 0

    def run(self, parts: Iterable[Part], last: bool = True) -> Iterator[Event]:
        """Every event of the parts, in order; after the `last` of them nothing follows."""
        for part in parts:
            self.offset = part.offset
            if isinstance(part, Long):
                yield from self._long(part)
            elif isinstance(part, Cut):
                yield from self._transaction(part)
            elif isinstance(part, Run):
                yield from self._run(part)
            elif isinstance(part, Header):
                yield from self._open(part)
            elif isinstance(part, Piece):
                yield from self._piece(part)
            elif isinstance(part, Garbage):
                yield Remark(finding("x12", "GARBAGE", Where(offset=part.offset), part.beginning, length=part.length))
            elif isinstance(part, Endless):
                self._tell("NO-TERMINATOR", limit=SEGMENT_LIMIT)
                yield from self._close(None)
            del part  # a block: let it go before the next one is made
        if last and self.current:
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
        (self.findings if into is None else into).append(finding("x12", name, where, value, **told))

    # -- interchanges ----------------------------------------------------------------------------------------------

    def _open(self, header: Header) -> Iterator[Event]:
        if self.current:
            yield from self._close(None)
        self.offset = header.offset
        if header.damage:
            yield Remark(
                finding("x12", "INTERCHANGE-HEADER", Where(tag="ISA", offset=header.offset), reason=header.damage)
            )
            return
        self.ordinal += 1
        self.current = interchange(header, self.ordinal)
        self.guide = self.guides(self.current)
        self.group, self.closed, self.findings, self.controls, self.transactions = None, [], [], set(), 0
        self.receipts = 0
        if not header.padded:
            self._tell("HEADER-WIDTH", "ISA")
        self._check_header(header)
        self._check_duplicate(self.current)
        yield Opening(self.current)

    def _check_header(self, header: Header) -> None:
        isa = facts.dictionary("x12", "004010").segments["ISA"]
        for number, text in header_faults(header.row):
            self._tell("HEADER-VALUE", "ISA", number, text, item=item(isa, number, None))

    def _check_duplicate(self, current: Interchange) -> None:
        ends = (current.sender.id if current.sender else "", current.receiver.id if current.receiver else "")
        key = (*ends, current.control or "")
        if key in self.seen:
            self._tell("INTERCHANGE-DUPLICATE", "ISA", 13, current.control)
        self.seen.add(key)

    def _close(self, trailer: Piece | None) -> Iterator[Event]:
        """End the interchange with its IEA, or without."""
        current = self.current
        if current is None:
            return
        self._end_group(None)
        if trailer is None:
            self._tell("TRUNCATED", "IEA", missing="IEA")
        else:
            count, control = element(trailer.row, 1).strip(), element(trailer.row, 2).strip()
            groups = sum(1 for group in self.closed if group.control is not None or group.code)
            if not (count.isascii() and count.isdigit() and int(count) == groups):
                self._tell("INTERCHANGE-COUNT", "IEA", 1, count, actual=groups)
            if control != current.control:
                self._tell("INTERCHANGE-CONTROL", "IEA", 2, control, expected=current.control)
        self.current = None
        yield Closing(current, tuple(self.closed), tuple(self.findings), self.receipts)

    # -- groups ----------------------------------------------------------------------------------------------------

    def _piece(self, piece: Piece) -> Iterator[Event]:
        tag = piece.row[0].strip()
        if tag == "GS":
            self._end_group(None)
            self.group = Group(len(self.closed) + 1, piece)
            control = self.group.said(6) or ""
            if control in self.controls:
                self._tell("GROUP-DUPLICATE", "GS", 6, control, self.group.findings)
            self.controls.add(control)
        elif tag == "GE" and self.group:
            self._end_group(piece)
        elif tag == "IEA":
            yield from self._close(piece)
        elif tag == "TA1" and self.current:
            self.transactions += 1
            self.receipts += 1
            yield Reading(
                self.current,
                None,
                self.transactions,
                "TA1",
                self.current.version,
                None,
                Status.ACCEPTED,
                interchange_acknowledged(piece.row),
                segments=1,
            )
        else:
            self._tell("STRAY-SEGMENT", tag[:10], value=tag[:40])

    def _end_group(self, trailer: Piece | None) -> None:
        """End the group with its GE, or without."""
        group = self.group
        if group is None:
            return
        included: int | None = None
        if trailer is not None:
            count, control = element(trailer.row, 1).strip(), element(trailer.row, 2).strip()
            included = int(count) if count.isascii() and count.isdigit() else None
            if included != len(group.verdicts):
                self._tell("GROUP-COUNT", "GE", 1, count, group.findings, actual=len(group.verdicts))
            if control != group.said(6):
                self._tell("GROUP-CONTROL", "GE", 2, control, group.findings, expected=group.said(6))
        elif group.head is not None:
            self._tell("GROUP-TRAILER", "GE", into=group.findings, missing="GE")
        self.closed.append(group.verdict(included))
        self.group = None

    # -- transactions ----------------------------------------------------------------------------------------------

    def _transaction(self, cut: Cut) -> Iterator[Event]:
        if self.current is None:
            return
        if self.group is None:
            self.group = Group(len(self.closed) + 1, None)
            self._tell("GROUP-MISSING", "ST", into=self.group.findings)
        yield self._noted(transaction.read(cut, self._setting(self.group, self.current), self.group.known), self.group)

    def _setting(self, group: Group, current: Interchange) -> transaction.Setting:
        """Where the next transaction stands."""
        return transaction.Setting(
            self.tables,
            self.guide,
            current,
            group.ordinal if group.head else None,
            group.said(1),
            group.said(8),
            len(group.verdicts) + 1,
            self.mapped,
        )

    def _noted(self, reading: Reading, group: Group) -> Reading:
        self.transactions += 1
        group.verdicts.add(reading)
        return reading

    def _long(self, long: Long) -> Iterator[Event]:
        """A transaction of any length, in pieces; if something about it is odd, as it comes."""
        group = self.group
        reading = None
        if self.current and group and group.head:
            reading = batch.read_long(long, self._setting(group, self.current), group.known)
        if reading is None or group is None:
            yield from self.run(long.parts(), last=False)
        else:
            yield self._noted(reading, group)

    def _run(self, run: Run) -> Iterator[Event]:
        """Transactions that follow each other, those that are right by columns."""
        if self.current is None or self.group is None or self.group.head is None:
            for number in range(len(run.heads)):
                self.offset = run.byte(number)
                yield from self._transaction(run.cut(number))
            return
        group = self.group
        for reading in batch.read(run, self._setting(group, self.current), group.known):
            yield self._noted(reading, group)
        self.offset = run.byte(len(run.heads) - 1)
