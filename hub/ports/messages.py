"""Files that came or went, what was read in them, and the numbers and requests that came before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from hub.errors import Finding
from hub.model.exchange import Address, Interchange, Reading, Status
from hub.model.query import Condition, Sort
from hub.ports.page import Page
from hub.ports.transports import Parcel, Receipt


@dataclass(frozen=True, slots=True)
class Message:
    """One stored file, in or out, as the log shows it. `state`: received, processed, rejected, dead | queued, sent,
    acknowledged, failed, kept (a test that is not to be delivered). `sender` and `receiver` are short partner names
    where known. `test`: it touched nothing live; `staged`: because its sender was not live when it came, or said to the
    door that it is one. `purged_at`: when its bytes were taken out."""

    id: str
    direction: str
    channel: str
    state: str
    sender: str | None
    receiver: str | None
    format: str | None
    message: str | None
    version: str | None
    control: str | None
    sha256: str
    length: int
    received_at: datetime
    filename: str | None = None
    in_reply_to: str | None = None
    findings: tuple[Finding, ...] = ()
    test: bool = False
    staged: bool = False
    purged_at: datetime | None = None


class Inbox(Protocol):
    async def receive(self, parcel: Parcel, limit: int) -> Receipt:
        """Store the exact bytes in 1 MiB chunks with their SHA-256. Past `limit` bytes: TooLarge, nothing stored.

        Compared is with messages that were accepted, or may still be: what was rejected or died may come again. The
        same reference with other bytes: Reject (REFERENCE_REUSED).
        """

    async def taken_today(self) -> tuple[int, int]:
        """How many files, and bytes, the caller has handed in since midnight UTC."""

    async def taken_since(self, since: datetime) -> tuple[int, datetime | None]:
        """How many files the caller has handed in since then, and when the first of them came."""

    async def get(self, message: str) -> Message:
        """Raises NotFound, also for what the caller may not see."""

    def content(self, message: str) -> AsyncIterator[bytes]:
        """The exact bytes, chunk by chunk."""

    async def piece(self, message: str, offset: int) -> bytes:
        """The bytes that follow after `offset`, at most 1 MiB; none behind the end. Raises NotFound."""

    async def lock(self, message: str) -> Message:
        """The row, locked for this transaction: two workers cannot process the same message."""

    async def settle(
        self, message: str, state: str, *, sender: str | None, receiver: str | None, format: str | None,
        kind: str | None, version: str | None, control: str | None, findings: Sequence[Finding], test: bool = False,
    ) -> None:
        """Record what processing found. What was staged stays a test."""

    async def find(self, number: str, limit: int = 50) -> tuple[Message, ...]:
        """Messages that carry a business number, newest first: an order, despatch or invoice by its own number or by
        the order that it is about, an envelope by its control number (leading zeros do not count), a file by its public
        id; and what the hub wrote because of them."""

    async def reopen(self, message: str) -> Message:
        """Make a rejected or dead message one that was just received; the caller defers its job. Raises NotFound, and
        Reject for any other state or when the same bytes were accepted since."""

    async def seen_control(
        self, interchange: Interchange, sender: str | None, message: str
    ) -> str | None:
        """Remember this sender's interchange control number for `message`; the public id of an earlier message that
        used it already (same format, addresses and number), or None."""

    async def list(
        self, *, partner: str | None = None, direction: str | None = None, state: str | None = None,
        test: bool | None = None, limit: int = 50, after: str | None = None, where: Condition | None = None,
        order: Sequence[Sort] = (),
    ) -> Page[Message]:
        """Newest first, unless `order` says otherwise; only tests or only what is live where `test` says so."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A canonical document with its provenance. `body` is its JSON; bulk documents keep header and counts only."""

    id: str
    message: str
    kind: str
    number: str | None
    sender: str | None
    receiver: str | None
    status: Status
    body: dict[str, Any]


class Documents(Protocol):
    async def add(self, message: str, reading: Reading, sender: str | None, receiver: str | None) -> str:
        """Append one transaction with its findings; returns its public id."""

    async def of_message(self, message: str) -> list[StoredDocument]: ...

    async def current(self, kind: str, senders: Sequence[str]) -> list[StoredDocument]:
        """The newest accepted document of each sender and number, of one kind (a canonical document's name)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What an inbound control number means: first, next, gap (`missing` from and to), late (fills a gap), wrapped (the
    counter began again), repeated (in the message `earlier`). `last` is the highest one before."""

    kind: Literal["first", "next", "gap", "late", "wrapped", "repeated"]
    last: int | None = None
    missing: tuple[int, int] | None = None
    earlier: str | None = None


class ControlNumbers(Protocol):
    async def take(self, format: str, sender: Address, receiver: Address, scope: str = "interchange") -> int:
        """The next number of this pair, durable with the transaction; wraps after 999999999."""

    async def arrive(
        self, format: str, partner: str, sender: Address, receiver: Address | None, number: int
    ) -> Arrival:
        """Remember a number that came in, and say what it means after those before it. A repeated one changes nothing.
        """

    async def forget(self, partner: str) -> int:
        """Forget which numbers have come from a partner, in the sandbox or out of it, so that it begins anew; how many
        ranges there were."""


class Replies(Protocol):
    """What was answered to requests that carry an id, so that the same request again gets the first answer."""

    async def claim(self, partner: str, request_id: str, method: str, digest: bytes) -> bytes | None:
        """The kept reply; None when this is the first such request, which must then `keep` its own. A second one waits
        until the first is committed. Raises Reject REQUEST_ID_REUSED when the request was another one."""

    async def keep(self, partner: str, request_id: str, reply: bytes) -> None: ...

    async def forget(self, before: datetime) -> int:
        """Keep no replies from before then; how many there were."""
