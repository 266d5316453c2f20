"""Documents cut into interchanges by what a partner takes: so many messages, bytes and lines in one.

A report may be told in several messages, so its lines are cut. An order, an invoice and the like are one message each:
what is too large for the partner is refused, with the limit that it breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

from adapters.mapping.templates.ink import Body
from hub.errors import Reject
from hub.model.bulk import Bulk
from hub.model.exchange import Document, Writing

Write = Callable[[Document], Sequence[Body]]


@dataclass(frozen=True, slots=True)
class Cutter:
    """`write` makes the messages of one document and proves that they can be sent, `size` is the bytes of a text;
    `around` are the bytes of an empty interchange, `each` those of the header and trailer of a message."""

    write: Write
    size: Callable[[str], int]
    around: int
    each: int
    limits: Writing

    def portions(self, documents: Sequence[Document]) -> Iterator[tuple[Body, ...]]:
        """The messages of one interchange after the other. Raises Reject for a document that fits into none."""
        held: list[Body] = []
        length = self.around
        for document in documents:
            for body in self._messages(document):
                size = self.each + self.size(body.text)
                if held and (self._full(len(held)) or self._too_long(length + size)):
                    yield tuple(held)
                    held, length = [], self.around
                held.append(body)
                length += size
        if held:
            yield tuple(held)

    def _full(self, count: int) -> bool:
        return self.limits.max_transactions is not None and count >= self.limits.max_transactions

    def _too_long(self, length: int) -> bool:
        return self.limits.max_bytes is not None and length > self.limits.max_bytes

    def _messages(self, document: Document) -> Iterator[Body]:
        limit = self.limits.max_lines
        lines = document.height if isinstance(document, Bulk) else len(getattr(document, "lines", ()))
        if limit is not None and lines > limit:
            if not isinstance(document, Bulk):
                raise Reject(f"it has {lines} lines, and the receiver takes at most {limit}", reason="TOO_MANY_LINES")
            for start in range(0, lines, limit):
                yield from self._fitting(_part(document, start, limit))
            return
        yield from self._fitting(document)

    def _fitting(self, document: Document) -> Iterator[Body]:
        """Messages that each fit into an interchange; a report is halved until they do."""
        bodies = self.write(document)
        longest = self.around + self.each + max((self.size(body.text) for body in bodies), default=0)
        if not self._too_long(longest):
            yield from bodies
        elif isinstance(document, Bulk) and document.height > 1:
            half = (document.height + 1) // 2
            for start in range(0, document.height, half):
                yield from self._fitting(_part(document, start, half))
        else:
            raise Reject(
                f"it needs {longest} bytes, and the receiver takes at most {self.limits.max_bytes}", reason="TOO_LONG")


def _part(document: Bulk, start: int, count: int) -> Document:
    return cast(Document, replace(document, lines=document.lines.slice(start, count)))
