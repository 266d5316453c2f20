"""Follows a file part by part: interchanges, groups and transactions of X12, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from adapters.mapping.following import Follower, Group, Service
from adapters.mapping.segment import item
from adapters.x12 import batch, transaction
from adapters.x12.acknowledged import interchange_acknowledged
from adapters.x12.envelope import header_faults, interchange
from adapters.x12.long import Long
from adapters.x12.split import SEGMENT_LIMIT, Cut, Endless, Garbage, Header, Part, Piece, Run
from hub.errors import Where
from hub.model.exchange import Event, Interchange, Opening, Reading, Remark, Status
from hub.model.finding import finding
from schemas import facts

SERVICE = Service("x12", "ISA", 13, "IEA", "GS", 6, 8, "GE", sender=(2, 0), receiver=(3, 0))


@dataclass(slots=True)
class Reader(Follower):
    """Reads one file."""

    service: ClassVar[Service] = SERVICE

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

    # -- interchanges and groups -----------------------------------------------------------------------------------

    def _open(self, header: Header) -> Iterator[Event]:
        if self.current:
            yield from self._close(None)
        self.offset = header.offset
        if header.damage:
            yield Remark(
                finding("x12", "INTERCHANGE-HEADER", Where(tag="ISA", offset=header.offset), reason=header.damage)
            )
            return
        opened = interchange(header, self.ordinal + 1)
        self._begin(opened)
        if not header.padded:
            self._tell("HEADER-WIDTH", "ISA")
        self._check_header(header)
        self._check_duplicate(opened)
        yield Opening(opened)

    def _check_header(self, header: Header) -> None:
        isa = facts.dictionary("x12", "004010").segments["ISA"]
        for number, text in header_faults(header.row):
            self._tell("HEADER-VALUE", "ISA", number, text, item=item(isa, number, None))

    def _included(self) -> int:
        return sum(1 for group in self.closed if group.control is not None or group.code)

    def _piece(self, piece: Piece) -> Iterator[Event]:
        tag = piece.row[0].strip()
        if tag == "GS" and self.current:
            self._begin_group(piece.row)
        elif tag == "GE" and self.group:
            self._end_group(piece.row)
        elif tag == "IEA" and self.current:
            yield from self._close(piece.row)
        elif tag == "TA1" and self.current:
            yield self._receipt(piece, self.current)
        else:
            yield from self._stray(tag)

    def _receipt(self, piece: Piece, current: Interchange) -> Reading:
        """A TA1: what a partner says of an interchange of ours."""
        self.readings += 1
        self.receipts += 1
        told = interchange_acknowledged(piece.row)
        return Reading(
            current, None, self.readings, "TA1", current.version, None, Status.ACCEPTED, told, segments=1
        )

    # -- transactions ----------------------------------------------------------------------------------------------

    def _transaction(self, cut: Cut) -> Iterator[Event]:
        if self.current is None:
            return
        if self.group is None:
            self.group = Group(SERVICE, len(self.closed) + 1, None)
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
            group.version,
            len(group.verdicts) + 1,
            self.mapped,
        )

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
