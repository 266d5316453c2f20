"""The face of a segment format towards programs: read, check, acknowledge and write without server or database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol

from adapters.mapping.overlaid import Overlays
from adapters.mapping.source import Source, opened
from adapters.mapping.tables import Tables
from hub.model.agreement import Policy
from hub.model.exchange import Acknowledgement, Address, Closing, Document, Envelope, Event, Numbers
from hub.ports import Format, Guide, Guides

Overlay = Mapping[str, str]
"""A partner's own rows: "x12/004010/850" -> TOML text, laid over the standard table."""
_PARTNER = "partner"


class Engine(Format, Protocol):
    """A format that can also only check, and knows its tables."""

    tables: Tables

    def check(self, source: BinaryIO, guides: Guides) -> Iterator[Event]: ...


@dataclass(slots=True)
class Library:
    """One format; its standard tables are compiled once, when first asked for. Safe to share between threads that each
    read their own file."""

    make: Callable[[Overlays | None], Engine]
    _standard: Engine | None = field(default=None, init=False)

    def read(
        self, source: Source, *, overlay: Overlay | None = None, policy: Policy = "accept_with_errors"
    ) -> Iterator[Event]:
        """Everything in a file, in order, while it is read: for each interchange an `Opening`, a `Reading` for every
        transaction or message (its `document` typed, its `findings`), a `Closing`; and `Remark`s for what belongs to no
        interchange.

        Memory is that of the largest transaction. Bad content never raises: it becomes findings. With `policy` "reject"
        a transaction with any error is rejected. Raises OSError for a path that cannot be opened, BrokenTable for a
        wrong overlay.
        """
        with opened(source) as file:
            yield from self._engine(overlay).read(file, lambda _: _guide(overlay, policy))

    def check(
        self, source: Source, *, overlay: Overlay | None = None, policy: Policy = "accept_with_errors"
    ) -> Iterator[Event]:
        """Like `read`, but only validates: readings have no document, and it is faster."""
        with opened(source) as file:
            yield from self._engine(overlay).check(file, lambda _: _guide(overlay, policy))

    def acknowledge(self, closing: Closing, *, now: datetime, control: int = 1) -> list[Acknowledgement]:
        """The answers to one interchange (TA1 and 997 or 999; CONTRL), addressed back to its sender; [] where none is
        due. `control` numbers the answering interchange: let it increase for each partner."""
        return self._engine(None).acknowledge(closing, Numbers(interchange=control), now)

    def write(
        self,
        table: str,
        documents: Sequence[Document],
        *,
        sender: Address | str,
        receiver: Address | str,
        now: datetime,
        control: int = 1,
        test: bool = False,
        syntax: Mapping[str, str] | None = None,
        overlay: Overlay | None = None,
    ) -> bytes:
        """One interchange that holds `documents`, by a table of `tables()`.

        `syntax` chooses, in X12, the delimiters ("element", "component", "segment", "repetition"); in EDIFACT the
        "charset" (UNOA to UNOY) and the "syntax" version. Raises Reject, with a sentence, for what this table or syntax
        cannot carry, and NotFound for an unknown table.
        """
        envelope = Envelope(
            sender=_address(sender),
            receiver=_address(receiver),
            numbers=Numbers(interchange=control),
            prepared_at=now,
            test=test,
            syntax=dict(syntax or {}),
        )
        return self._engine(overlay).write(table, documents, envelope, _PARTNER if overlay else None)

    def tables(self) -> list[str]:
        """The names of all message tables."""
        return self._engine(None).tables.names()

    def _engine(self, overlay: Overlay | None) -> Engine:
        if overlay:
            return self.make({_PARTNER: overlay})
        if self._standard is None:
            self._standard = self.make(None)
        return self._standard


def _guide(overlay: Overlay | None, policy: Policy) -> Guide:
    return Guide(_PARTNER if overlay else None, policy)


def _address(address: Address | str) -> Address:
    return Address(id=address) if isinstance(address, str) else address
