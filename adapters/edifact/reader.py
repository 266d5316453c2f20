"""Follows a file part by part: interchanges, groups and messages of EDIFACT, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from adapters.edifact import batch, split, transaction
from adapters.edifact.envelope import interchange, nameless
from adapters.edifact.split import SEGMENT_LIMIT, Cut, Endless, Garbage, Part, Piece, Run
from adapters.mapping.following import Follower, Group, Service
from hub.errors import Where
from hub.model.exchange import Event, Interchange, Opening, Remark
from hub.model.finding import finding

SERVICE = Service(
    "edifact", "UNB", 5, "UNZ", "UNG", 5, 7, "UNE",
    sender=(2, 1), receiver=(3, 1), sender_qualifier=(2, 2), receiver_qualifier=(3, 2),
)


@dataclass(slots=True)
class Reader(Follower):
    """Reads one file. Messages outside of any group are one without a header."""

    service: ClassVar[Service] = SERVICE

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

    def _garbage(self, part: Garbage) -> Iterator[Event]:
        if self.current and not self.current.syntax:
            yield from self._close(None)
        where = Where(offset=part.offset)
        if part.interactive:
            yield Remark(finding("edifact", "INTERACTIVE", where))
        else:
            yield Remark(finding("edifact", "GARBAGE", where, part.beginning, length=part.length))

    # -- interchanges and groups -----------------------------------------------------------------------------------

    def _open(self, opened: Interchange) -> Iterator[Event]:
        self._begin(opened)
        if opened.syntax:
            self._check_duplicate(opened)
        yield Opening(opened)

    def _included(self) -> int:
        grouped = any(group.code or group.control for group in self.closed)
        return len(self.closed) if grouped else sum(group.received for group in self.closed)

    def _piece(self, piece: Piece) -> Iterator[Event]:
        tag = piece.row[0].strip()
        if tag == "UNB":
            yield from self._close(None)
            yield from self._open(interchange(piece, self.ordinal + 1))
        elif tag == "UNZ" and self.current:
            yield from self._close(piece.row)
        elif tag == "UNG" and self.current:
            self._begin_group(piece.row)
        elif tag == "UNE" and self.group:
            self._end_group(piece.row)
        else:
            yield from self._stray(tag)

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
            self.group = Group(SERVICE, len(self.closed) + 1, None)
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
