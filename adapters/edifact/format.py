"""EDIFACT as a `Format`: what the flow sees of all this."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from adapters.edifact.acknowledge import acknowledge
from adapters.edifact.contents import sent
from adapters.edifact.elements import DIALECT
from adapters.edifact.envelope import Writer
from adapters.edifact.gather import Gatherer
from adapters.edifact.reader import Reader
from adapters.edifact.split import split
from adapters.mapping.guide import Guidebook
from adapters.mapping.left_out import findings
from adapters.mapping.portions import Cutter
from adapters.mapping.tables import Overlays, Tables
from adapters.mapping.templates.ink import Body
from hub.errors import Finding
from hub.model.exchange import (
    Acknowledgement,
    Address,
    Closing,
    Document,
    Envelope,
    Event,
    Numbers,
    Sent,
    Writing,
)
from hub.ports import Guides

_UNB = re.compile(rb"UNB\+UNO[A-Z]:\d\+")
"""Unmistakable, also after something else."""


NOBODYS = Envelope(
    sender=Address(id=""), receiver=Address(id=""), numbers=Numbers(interchange=0),
    prepared_at=datetime(2000, 1, 1, tzinfo=UTC),
)
"""What messages are written under before they have an envelope."""
EMPTY_INTERCHANGE, EMPTY_MESSAGE = 9 + 140 + 40 + 200, 70
"""Bytes at most of UNA, UNB and UNZ, UNG and UNE, and of UNH and UNT."""


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

    def left_out(self, table: str, document: Document, partner: str | None) -> tuple[Finding, ...]:
        """What of a document is not written by a table, field by field. Raises NotFound."""
        return findings(self.tables.get(table, partner), document)

    def portions(
        self, table: str, documents: Sequence[Document], writing: Writing, partner: str | None
    ) -> Iterator[tuple[Body, ...]]:
        """`documents` as the messages of one interchange after the other, as the partner takes them; nothing of it has
        a number yet. Raises Reject like `write`, and for what is larger than the partner takes."""
        writer = Writer(NOBODYS.model_copy(update={"syntax": writing.syntax()}))
        scribe = writer.scribe(self.tables.get(table, partner))

        def write(document: Document) -> Sequence[Body]:
            bodies = scribe.write(document)
            for body in bodies:
                writer.check(body.text)
            return bodies

        yield from Cutter(write, writer.size, EMPTY_INTERCHANGE, EMPTY_MESSAGE, writing).portions(documents)

    def bind(self, table: str, portion: Sequence[Body], envelope: Envelope, partner: str | None) -> bytes:
        """One portion under its numbers."""
        message, kind = self.tables.get(table, partner), table.split("/")[2]
        writer = Writer(envelope)
        writer.open()
        if envelope.syntax.get("groups"):
            writer.group(kind, message.release, portion, message.association)
        else:
            for body in portion:
                writer.message(kind, message.release, body, message.association)
        return writer.close()

    def write(self, table: str, documents: Sequence[Document], envelope: Envelope, partner: str | None) -> bytes:
        scribe = Writer(envelope).scribe(self.tables.get(table, partner))
        return self.bind(table, [body for document in documents for body in scribe.write(document)], envelope, partner)
