"""What X12 and EDIFACT have in common as formats: tables that say what a message means, both ways."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO, ClassVar, Protocol

from adapters.mapping.dialect import Dialect
from adapters.mapping.guide import Guidebook
from adapters.mapping.left_out import findings
from adapters.mapping.message import Message
from adapters.mapping.overlaid import Overlays
from adapters.mapping.portions import Cutter
from adapters.mapping.tables import Tables
from adapters.mapping.templates.ink import Body
from adapters.mapping.templates.scribe import Scribe
from hub.errors import Finding
from hub.model.exchange import Address, Document, Envelope, Event, Numbers, Writing
from hub.ports import Guides

NOBODYS = Envelope(
    sender=Address(id=""), receiver=Address(id=""), numbers=Numbers(interchange=0),
    prepared_at=datetime(2000, 1, 1, tzinfo=UTC),
)
"""What messages are written under before they have an envelope."""


class Pen(Protocol):
    """Who writes one interchange."""

    def scribe(self, message: Message) -> Scribe: ...

    def check(self, text: str) -> None: ...

    def size(self, text: str) -> int: ...


class SegmentFormat(ABC):
    """Most of a `hub.ports.Format`. Made from tables, or from the partners' overlays upon the standard ones.

    `empty_interchange` and `empty_message`: the bytes at most of what stands around the messages of an interchange, and
    around the segments of a message.
    """

    dialect: ClassVar[Dialect]
    empty_interchange: ClassVar[int]
    empty_message: ClassVar[int]

    def __init__(self, tables: Tables | Overlays | None = None) -> None:
        self.tables = tables if isinstance(tables, Tables) else Tables(self.dialect, tables)

    @abstractmethod
    def _events(self, source: BinaryIO, guides: Guides, mapped: bool) -> Iterator[Event]: ...

    @abstractmethod
    def _pen(self, table: str, envelope: Envelope) -> Pen: ...

    @abstractmethod
    def bind(self, table: str, portion: Sequence[Body], envelope: Envelope, partner: str | None) -> bytes:
        """One portion under its numbers."""

    def read(self, source: BinaryIO, guides: Guides) -> Iterator[Event]:
        return self._events(source, guides, mapped=True)

    def check(self, source: BinaryIO, guides: Guides) -> Iterator[Event]:
        """Like `read`, but validates only: readings have no document."""
        return self._events(source, guides, mapped=False)

    def guide(self, table: str, partner: str | None = None, example: str = "") -> Guidebook:
        """The mapping guide of one message, straight from its table. Raises NotFound or BrokenTable."""
        return self.tables.guide(table, partner, example)

    def left_out(self, table: str, document: Document, partner: str | None) -> tuple[Finding, ...]:
        """What of a document is not written by a table, field by field. Raises NotFound."""
        return findings(self.tables.get(table, partner), document)

    def portions(
        self, table: str, documents: Sequence[Document], writing: Writing, partner: str | None
    ) -> Iterator[tuple[Body, ...]]:
        """`documents` as the messages of one interchange after the other, as the partner takes them; nothing has
        a number yet. Raises Reject like `write`, and for what is larger than the partner takes."""
        pen = self._pen(table, NOBODYS.model_copy(update={"syntax": writing.syntax()}))
        scribe = pen.scribe(self.tables.get(table, partner))

        def write(document: Document) -> Sequence[Body]:
            bodies = scribe.write(document)
            for body in bodies:
                pen.check(body.text)
            return bodies

        cutter = Cutter(write, pen.size, self.empty_interchange, self.empty_message, writing)
        yield from cutter.portions(documents)

    def write(self, table: str, documents: Sequence[Document], envelope: Envelope, partner: str | None) -> bytes:
        scribe = self._pen(table, envelope).scribe(self.tables.get(table, partner))
        portion = [body for document in documents for body in scribe.write(document)]
        return self.bind(table, portion, envelope, partner)
