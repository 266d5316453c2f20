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
from adapters.mapping.guide import Guidebook
from adapters.mapping.tables import Overlays, Tables
from hub.model.exchange import Acknowledgement, Closing, Document, Envelope, Event, Numbers, Sent
from hub.ports import Guides

_UNB = re.compile(rb"UNB\+UNO[A-Z]:\d\+")
"""Unmistakable, also after something else."""


class Edifact:
    """Implements `hub.ports.Format`. Made from tables, or from the partners' overlays upon the standard ones."""

    name = "edifact"

    def __init__(self, tables: Tables | Overlays | None = None) -> None:
        self.tables = tables if isinstance(tables, Tables) else Tables(DIALECT, tables)

    def recognises(self, head: bytes) -> bool:
        """A service segment that can begin a file, after a BOM or blank lines."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
        known = start[:3] in (b"UNA", b"UNB", b"UNH", b"UIB", b"UNG") and len(start) > 3 and not start[3:4].isalnum()
        return known or bool(_UNB.search(head))

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
        writer = Writer(envelope)
        scribe = writer.scribe(message)
        writer.open()
        for document in documents:
            for body in scribe.write(document):
                writer.message(kind, message.release, body, message.association)
        return writer.close()
