"""One file in another dialect: read, then written by another table, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hub.errors import NotFound, Severity
from hub.flow.explain import Outcome, Verdict, document_pieces
from hub.model.exchange import (
    Address,
    Closing,
    Document,
    Envelope,
    Event,
    Interchange,
    Numbers,
    Reading,
    Remark,
    Status,
    Writing,
)
from hub.model.item import valid_gln
from hub.ports import Format, Naming, Portioning

NOBODY = Address(id="UNKNOWN")
GLN_QUALIFIER = {"edifact": "14", "x12": "UL"}


@dataclass(slots=True)
class Conversion:
    """Documents of one file on their way into the table `to`. `complaints` say in sentences what stayed behind."""

    formats: Mapping[str, Format]
    to: str
    now: datetime
    verdict: Verdict = field(default_factory=Verdict)
    complaints: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    """Sentences on what the new dialect has no place for: it was left out, and nothing is refused for it."""

    @property
    def outcome(self) -> Outcome:
        return max(self.verdict.outcome, Outcome.REJECTED if self.complaints else Outcome.ACCEPTED)

    def documents(self, events: Iterable[Event]) -> Iterator[tuple[Interchange, Document | None]]:
        """Each document with its interchange; None where an interchange ends."""
        for event in events:
            self.verdict.take(event)
            if isinstance(event, Remark):
                self.complaints.append(event.finding.message)
            elif isinstance(event, Reading):
                if event.document is None or event.status is Status.REJECTED:
                    errors = [f.message for f in event.findings if f.severity is Severity.ERROR]
                    self.complaints.append(f"{event.message} {event.control or ''}: {' '.join(errors[:3])}")
                else:
                    yield event.interchange, event.document
            elif isinstance(event, Closing):
                self.complaints += [f.message for f in event.findings if f.severity is Severity.ERROR]
                yield event.interchange, None

    def write(self, events: Iterable[Event]) -> Iterator[bytes]:
        """At least one file in the new dialect for each interchange read: more where the dialect has one file for each
        document. Raises NotFound for an unknown table and Reject when it cannot say what a document holds."""
        format = self.formats.get(self.to.split("/")[0])
        if format is None:
            raise NotFound(f"there is no format for {self.to!r}; try x12/004010/850, edifact/D96A/ORDERS or json")
        waiting: list[Document] = []
        for interchange, document in self.documents(events):
            if document is not None:
                waiting.append(document)
                if isinstance(format, Naming):
                    self.losses += [f.message for f in format.left_out(self.to, document, None)]
            elif waiting:
                yield from self._files(format, waiting, interchange)
                waiting = []

    def _files(self, format: Format, documents: list[Document], head: Interchange) -> Iterator[bytes]:
        if not isinstance(format, Portioning):
            yield format.write(self.to, documents, self._envelope(head, format.name), None)
            return
        for count, portion in enumerate(format.portions(self.to, documents, Writing(), None)):
            yield format.bind(self.to, portion, self._envelope(head, format.name, count), None)

    def _envelope(self, head: Interchange, format: str, more: int = 0) -> Envelope:
        """As the head has it, under its number or, for further files, under those after it."""
        digits = "".join(c for c in head.control or "" if c.isdigit())[-9:]
        number = int(digits or 1) + more
        return Envelope(
            sender=_address(head.sender, head.format, format),
            receiver=_address(head.receiver, head.format, format),
            numbers=Numbers(interchange=number, group=number),
            prepared_at=head.prepared_at or self.now,
            test=head.test,
        )


def _address(address: Address | None, before: str, after: str) -> Address:
    """The address in the other dialect: a GLN keeps its meaning, another qualifier would lose it."""
    if address is None or before == after:
        return address or NOBODY
    try:
        return Address(id=valid_gln(address.id), qualifier=GLN_QUALIFIER.get(after))
    except ValueError:
        return Address(id=address.id)


def json_pieces(events: Iterable[Event], conversion: Conversion) -> Iterator[str]:
    """All canonical documents as one JSON array, one document per line."""
    yield "["
    between = ""
    for _, document in conversion.documents(events):
        if document is not None:
            yield between + "\n"
            yield from document_pieces(document, None)
            between = ","
    yield "\n]\n"
