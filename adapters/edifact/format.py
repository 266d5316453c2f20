"""EDIFACT as a `Format`: what the flow sees of all this."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

from adapters.edifact.acknowledge import acknowledge
from adapters.edifact.contents import sent
from adapters.edifact.elements import DIALECT
from adapters.edifact.envelope import Writer
from adapters.edifact.gather import Gatherer
from adapters.edifact.reader import Reader
from adapters.edifact.split import split
from adapters.mapping.format import SegmentFormat
from adapters.mapping.templates.ink import Body
from hub.model.exchange import Acknowledgement, Closing, Envelope, Event, Numbers, Sent
from hub.ports import Guides

_UNB = re.compile(rb"UNB\+UNO[A-Z]:\d\+")
"""Unmistakable, also after something else."""


class Edifact(SegmentFormat):
    """Implements `hub.ports.Format`."""

    name = "edifact"
    dialect = DIALECT
    empty_interchange, empty_message = 9 + 140 + 40 + 200, 70
    """Of UNA, UNB and UNZ, UNG and UNE; of UNH and UNT."""

    def recognises(self, head: bytes) -> bool:
        """A service segment that can begin a file, after a BOM or blank lines."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
        known = start[:3] in (b"UNA", b"UNB", b"UNH", b"UIB", b"UNG") and len(start) > 3 and not start[3:4].isalnum()
        return known or bool(_UNB.search(head))

    def sent(self, content: bytes) -> Iterator[Sent]:
        """The transactions of an interchange that we wrote, in order."""
        return sent(content)

    def acknowledge(self, closing: Closing, numbers: Numbers, now: datetime) -> list[Acknowledgement]:
        return acknowledge(closing, numbers, now)

    def bind(self, table: str, portion: Sequence[Body], envelope: Envelope, partner: str | None) -> bytes:
        message, kind = self.tables.get(table, partner), table.split("/")[2]
        writer = self._pen(table, envelope)
        writer.open()
        if envelope.syntax.get("groups"):
            writer.group(kind, message.release, portion, message.association)
        else:
            for body in portion:
                writer.message(kind, message.release, body, message.association)
        return writer.close()

    def _events(self, source: BinaryIO, guides: Guides, mapped: bool) -> Iterator[Event]:
        return Reader(self.tables, guides, mapped).run(split(source, Gatherer()))

    def _pen(self, table: str, envelope: Envelope) -> Writer:
        return Writer(envelope)
