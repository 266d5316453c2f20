"""Follows the service segments of a file: which interchange and group we are in, what was counted, what was wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from adapters.mapping.dialect import Row, element
from adapters.mapping.numbered import count_of
from adapters.mapping.seen import Seen
from adapters.mapping.tables import Tables
from hub.errors import Finding, Where
from hub.model.exchange import Closing, Event, GroupVerdict, Interchange, Reading, Remark, Verdicts
from hub.model.finding import finding
from hub.ports import Guide, Guides

Place = tuple[int, int]
"""An element and its component, 0 for the whole of it."""
COUNT, CONTROL = 1, 2
"""The elements of every trailer."""


@dataclass(frozen=True, slots=True)
class Service:
    """What a format calls the segments around its messages, and where the group's header says what all formats say."""

    format: str
    interchange: str
    control: int
    trailer: str
    group: str
    group_control: int
    group_version: int
    group_trailer: str
    sender: Place
    receiver: Place
    sender_qualifier: Place | None = None
    receiver_qualifier: Place | None = None


@dataclass(slots=True)
class Group:
    """A functional group being read. `head` is None for what stands outside of any."""

    service: Service
    ordinal: int
    head: Row | None
    verdicts: Verdicts = field(default_factory=Verdicts)
    known: Seen = field(default_factory=Seen)
    findings: list[Finding] = field(default_factory=list)

    def said(self, at: int, part: int = 0) -> str | None:
        return element(self.head, at, part).strip() or None if self.head else None

    @property
    def control(self) -> str | None:
        return self.said(self.service.group_control)

    @property
    def version(self) -> str | None:
        return self.said(self.service.group_version)

    def verdict(self, included: int | None) -> GroupVerdict:
        """`included`: the count of its trailer, None where there is none."""
        service = self.service
        return GroupVerdict(
            code=self.said(1) or "",
            control=self.control,
            version=self.version,
            included=included,
            received=len(self.verdicts),
            verdicts=self.verdicts,
            findings=tuple(self.findings),
            sender=self.said(*service.sender),
            receiver=self.said(*service.receiver),
            sender_qualifier=self.said(*service.sender_qualifier) if service.sender_qualifier else None,
            receiver_qualifier=self.said(*service.receiver_qualifier) if service.receiver_qualifier else None,
        )


@dataclass(slots=True)
class Follower(ABC):
    """Where we are in one file; `mapped` False validates only."""

    service: ClassVar[Service]

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
    readings: int = 0
    receipts: int = 0
    offset: int = 0

    @abstractmethod
    def _included(self) -> int:
        """What the trailer of the interchange has to count, in what has been closed of it."""

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
        (self.findings if into is None else into).append(finding(self.service.format, name, where, value, **told))

    def _begin(self, opened: Interchange) -> None:
        """The next interchange, with nothing in it yet."""
        self.ordinal += 1
        self.current = opened
        self.guide = self.guides(opened)
        self.group, self.closed, self.findings, self.controls = None, [], [], set()
        self.readings = self.receipts = 0

    def _check_duplicate(self, opened: Interchange) -> None:
        ends = (opened.sender.id if opened.sender else "", opened.receiver.id if opened.receiver else "")
        key = (*ends, opened.control or "")
        if key in self.seen:
            self._tell("INTERCHANGE-DUPLICATE", self.service.interchange, self.service.control, opened.control)
        self.seen.add(key)

    def _close(self, trailer: Row | None) -> Iterator[Event]:
        """End the interchange with its trailer, or without."""
        current, tag = self.current, self.service.trailer
        if current is None:
            return
        framed = bool(current.syntax)  # one without a header has no trailer either
        self._end_group(None)
        if trailer is not None:
            count, control = element(trailer, COUNT).strip(), element(trailer, CONTROL).strip()
            actual = self._included()
            if count_of(count) != actual:
                self._tell("INTERCHANGE-COUNT", tag, COUNT, count, actual=actual)
            if control != (current.control or "") and framed:
                self._tell("INTERCHANGE-CONTROL", tag, CONTROL, control, expected=current.control)
        elif framed:
            self._tell("TRUNCATED", tag, missing=tag)
        self.current = None
        yield Closing(current, tuple(self.closed), tuple(self.findings), self.receipts)

    def _begin_group(self, head: Row) -> None:
        """Under its header; a group before it that has no trailer ends here."""
        self._end_group(None)
        self.group = Group(self.service, len(self.closed) + 1, head)
        control = self.group.control or ""
        if control in self.controls:
            self._tell("GROUP-DUPLICATE", self.service.group, self.service.group_control, control, self.group.findings)
        self.controls.add(control)

    def _end_group(self, trailer: Row | None) -> None:
        """End the group with its trailer, or without."""
        group, tag = self.group, self.service.group_trailer
        if group is None:
            return
        included: int | None = None
        if trailer is not None:
            count, control = element(trailer, COUNT).strip(), element(trailer, CONTROL).strip()
            included = count_of(count)
            if included != len(group.verdicts):
                self._tell("GROUP-COUNT", tag, COUNT, count, group.findings, actual=len(group.verdicts))
            if control != group.control:
                self._tell("GROUP-CONTROL", tag, CONTROL, control, group.findings, expected=group.control)
        elif group.head is not None:
            self._tell("GROUP-TRAILER", tag, into=group.findings, missing=tag)
        self.closed.append(group.verdict(included))
        self.group = None

    def _stray(self, tag: str) -> Iterator[Event]:
        """A service segment where there is nothing for it to serve."""
        if self.current:
            self._tell("STRAY-SEGMENT", tag[:10], value=tag[:40])
        else:
            where = Where(tag=tag[:10], offset=self.offset)
            yield Remark(finding(self.service.format, "STRAY-SEGMENT", where, tag[:40]))

    def _noted(self, reading: Reading, group: Group) -> Reading:
        self.readings += 1
        group.verdicts.add(reading)
        return reading
