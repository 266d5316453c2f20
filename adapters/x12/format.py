"""X12 as a `Format`: what the flow sees of all this."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

from adapters.mapping.guide import Guidebook
from adapters.mapping.tables import Overlays, Tables
from adapters.x12.acknowledge import acknowledge
from adapters.x12.contents import sent
from adapters.x12.elements import DIALECT
from adapters.x12.envelope import Writer
from adapters.x12.gather import Gatherer
from adapters.x12.reader import Reader
from adapters.x12.split import split
from hub.model.exchange import Acknowledgement, Closing, Document, Envelope, Event, Numbers, Sent
from hub.ports import Guides

_ISA = re.compile(rb"(?:^|[\r\n])\s*ISA([^A-Za-z0-9\s])\d\d\1[^\r\n]{0,12}\1\d\d\1")
"""ISA, authorisation qualifier and information, security qualifier, all between the same separators."""


class X12:
    """Implements `hub.ports.Format`. Made from tables, or from the partners' overlays upon the standard ones."""

    name = "x12"

    def __init__(self, tables: Tables | Overlays | None = None) -> None:
        self.tables = tables if isinstance(tables, Tables) else Tables(DIALECT, tables)

    def recognises(self, head: bytes) -> bool:
        """An ISA at the beginning, or one that is unmistakable after something else."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
        return (start.startswith(b"ISA") and len(start) > 3 and not start[3:4].isalnum()) or bool(_ISA.search(head))

    def read(self, source: BinaryIO, guides: Guides) -> Iterator[Event]:
        return Reader(self.tables, guides).run(split(source, Gatherer()))

    def check(self, source: BinaryIO, guides: Guides) -> Iterator[Event]:
        """Like `read`, but validates only: readings have no document."""
        return Reader(self.tables, guides, mapped=False).run(split(source, Gatherer()))

    def sent(self, content: bytes) -> Iterator[Sent]:
        """The transactions of an interchange that we wrote, in order."""
        return sent(content)

    def acknowledge(self, closing: Closing, numbers: Numbers, now: datetime) -> list[Acknowledgement]:
        return acknowledge(closing, numbers, now)

    def guide(self, table: str, partner: str | None = None, example: str = "") -> Guidebook:
        """The mapping guide of one message, straight from its table. Raises NotFound or BrokenTable."""
        return self.tables.guide(table, partner, example)

    def write(self, table: str, documents: Sequence[Document], envelope: Envelope, partner: str | None) -> bytes:
        message = self.tables.get(table, partner)
        kind = table.split("/")[2]
        syntax = {"version": f"00{message.release[2:5]}"} | envelope.syntax
        writer = Writer(envelope.model_copy(update={"syntax": syntax}))
        scribe = writer.scribe(message)
        writer.open()
        bodies = [(kind, body) for document in documents for body in scribe.write(document)]
        writer.group(message.group, message.release, bodies)
        return writer.close()
