"""Formats: sans-IO, synchronous, pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Protocol, runtime_checkable

from hub.errors import Finding
from hub.model.agreement import Policy
from hub.model.exchange import (
    Acknowledgement,
    Closing,
    Document,
    Envelope,
    Event,
    Interchange,
    Numbers,
    Reading,
    Sent,
    Writing,
)


@dataclass(frozen=True, slots=True)
class Guide:
    """How to read one sender: which partner's overlay tables apply, and what an element error does to a transaction."""

    partner: str | None = None
    policy: Policy = "accept_with_errors"


Guides = Callable[[Interchange], Guide]
"""Called once per interchange, when its head is known."""


class Format(Protocol):
    """One family of dialects. Holds no state between calls; memory is bounded by the largest transaction."""

    name: str

    def recognises(self, head: bytes) -> bool:
        """Whether a file that begins with `head` (at least 4 KiB where the file has them) is ours."""

    def read(self, source: BinaryIO, guides: Guides) -> Iterator[Event]:
        """Everything in the file, in order. Never raises on content."""

    def acknowledge(self, closing: Closing, numbers: Numbers, now: datetime) -> list[Acknowledgement]:
        """The answers to one interchange in its own dialect, addressed back to its sender; [] if none is due."""

    def write(self, table: str, documents: Sequence[Document], envelope: Envelope, partner: str | None) -> bytes:
        """One interchange holding `documents` by the table `x12/004010/850`, under `partner`'s overlay.

        Raises Reject when the dialect cannot carry a value (a delimiter in X12 text, a field without a place).
        """


@runtime_checkable
class Numbering(Protocol):
    """A format whose transactions have numbers of their own, by which its receiver answers them."""

    def sent(self, content: bytes) -> Iterator[Sent]:
        """The transactions of an interchange that we wrote, in order."""


@runtime_checkable
class Reporting(Protocol):
    """A format with one answer for everything: no advice is written beside it, so it also tells what the hub's own
    checks have found."""

    def told(self, closing: Closing, checked: Sequence[tuple[Reading, Sequence[Finding]]]) -> Closing:
        """What is to be answered, with the findings of the checks beside those of the reading they are about."""


@runtime_checkable
class Naming(Protocol):
    """A format that names what it leaves out when it writes."""

    def left_out(self, table: str, document: Document, partner: str | None) -> tuple[Finding, ...]:
        """One finding for each field of the document that the table has no place for."""


@runtime_checkable
class Portioning(Protocol):
    """A format that cuts documents into interchanges as a partner takes them, before anything has a number."""

    def portions(
        self, table: str, documents: Sequence[Document], writing: Writing, partner: str | None
    ) -> Iterator[Sequence[Any]]:
        """The messages of one interchange after the other. Raises Reject for what cannot be written, or is larger than
        the partner takes."""

    def bind(self, table: str, portion: Sequence[Any], envelope: Envelope, partner: str | None) -> bytes:
        """One portion as an interchange, under the numbers of its envelope."""
