"""X12 as a `Format`: what the flow sees of all this."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

from adapters.mapping.format import SegmentFormat
from adapters.mapping.templates.ink import Body
from adapters.x12.acknowledge import acknowledge
from adapters.x12.contents import sent
from adapters.x12.elements import DIALECT
from adapters.x12.envelope import Writer
from adapters.x12.gather import Gatherer
from adapters.x12.reader import Reader
from adapters.x12.split import split
from hub.model.exchange import Acknowledgement, Closing, Envelope, Event, Numbers, Sent
from hub.ports import Guides

_ISA = re.compile(rb"(?:^|[\r\n])\s*ISA([^A-Za-z0-9\s])\d\d\1[^\r\n]{0,12}\1\d\d\1")
"""ISA, authorisation qualifier and information, security qualifier, all between the same separators."""


class X12(SegmentFormat):
    """Implements `hub.ports.Format`."""

    name = "x12"
    dialect = DIALECT
    empty_interchange, empty_message = 106 + 100 + 40, 30
    """Of ISA, GS, GE and IEA; of ST and SE."""

    def recognises(self, head: bytes) -> bool:
        """An ISA at the beginning, or one that is unmistakable after something else."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
        return (start.startswith(b"ISA") and len(start) > 3 and not start[3:4].isalnum()) or bool(_ISA.search(head))

    def sent(self, content: bytes) -> Iterator[Sent]:
        """The transactions of an interchange that we wrote, in order."""
        return sent(content)

    def acknowledge(self, closing: Closing, numbers: Numbers, now: datetime) -> list[Acknowledgement]:
        return acknowledge(closing, numbers, now)

    def bind(self, table: str, portion: Sequence[Body], envelope: Envelope, partner: str | None) -> bytes:
        message, kind = self.tables.get(table, partner), table.split("/")[2]
        writer = self._pen(table, envelope)
        writer.open()
        writer.group(message.group, message.release, [(kind, body) for body in portion])
        return writer.close()

    def _events(self, source: BinaryIO, guides: Guides, mapped: bool) -> Iterator[Event]:
        return Reader(self.tables, guides, mapped).run(split(source, Gatherer()))

    def _pen(self, table: str, envelope: Envelope) -> Writer:
        """With the control version that belongs to the table's release, where none is agreed."""
        release = table.split("/")[1]
        syntax = {"version": f"00{release[2:5]}"} | envelope.syntax
        return Writer(envelope.model_copy(update={"syntax": syntax}))
