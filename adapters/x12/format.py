"""X12 as a `Format`: what the flow sees of all this."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import BinaryIO

from adapters.mapping.guide import Guidebook
from adapters.mapping.left_out import findings
from adapters.mapping.portions import Cutter
from adapters.mapping.tables import Overlays, Tables
from adapters.mapping.templates.ink import Body
from adapters.x12.acknowledge import acknowledge
from adapters.x12.contents import sent
from adapters.x12.elements import DIALECT
from adapters.x12.envelope import Writer
from adapters.x12.gather import Gatherer
from adapters.x12.reader import Reader
from adapters.x12.split import split
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

_ISA = re.compile(rb"(?:^|[\r\n])\s*ISA([^A-Za-z0-9\s])\d\d\1[^\r\n]{0,12}\1\d\d\1")
"""ISA, authorisation qualifier and information, security qualifier, all between the same separators."""


NOBODYS = Envelope(
    sender=Address(id=""), receiver=Address(id=""), numbers=Numbers(interchange=0),
    prepared_at=datetime(2000, 1, 1, tzinfo=UTC),
)
"""What messages are written under before they have an envelope."""
EMPTY_INTERCHANGE, EMPTY_SET = 106 + 100 + 40, 30
"""Bytes at most of ISA, GS, GE and IEA, and of ST and SE."""


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

    def left_out(self, table: str, document: Document, partner: str | None) -> tuple[Finding, ...]:
        """What of a document is not written by a table, field by field. Raises NotFound."""
        return findings(self.tables.get(table, partner), document)

    def portions(
        self, table: str, documents: Sequence[Document], writing: Writing, partner: str | None
    ) -> Iterator[tuple[Body, ...]]:
        """`documents` as the messages of one interchange after the other, as the partner takes them; nothing of it has
        a number yet. Raises Reject like `write`, and for what is larger than the partner takes."""
        message = self.tables.get(table, partner)
        writer = Writer(self._envelope(table, NOBODYS.model_copy(update={"syntax": writing.syntax()})))
        scribe = writer.scribe(message)

        def write(document: Document) -> Sequence[Body]:
            bodies = scribe.write(document)
            for body in bodies:
                writer.check(body.text)
            return bodies

        size = partial(_size, writer.charset)
        yield from Cutter(write, size, EMPTY_INTERCHANGE, EMPTY_SET, writing).portions(documents)

    def bind(self, table: str, portion: Sequence[Body], envelope: Envelope, partner: str | None) -> bytes:
        """One portion under its numbers."""
        message, kind = self.tables.get(table, partner), table.split("/")[2]
        writer = Writer(self._envelope(table, envelope))
        writer.open()
        writer.group(message.group, message.release, [(kind, body) for body in portion])
        return writer.close()

    def write(self, table: str, documents: Sequence[Document], envelope: Envelope, partner: str | None) -> bytes:
        writer = Writer(self._envelope(table, envelope))
        scribe = writer.scribe(self.tables.get(table, partner))
        return self.bind(table, [body for document in documents for body in scribe.write(document)], envelope, partner)

    def _envelope(self, table: str, envelope: Envelope) -> Envelope:
        """With the control version that belongs to the table's release, where none is agreed."""
        release = table.split("/")[1]
        syntax = {"version": f"00{release[2:5]}"} | envelope.syntax
        return envelope.model_copy(update={"syntax": syntax})


def _size(charset: str, text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(charset))
