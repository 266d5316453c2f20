"""What is sent: written once, delivered until it has arrived, acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from hub.model.acknowledgement import Acknowledged
from hub.model.exchange import Sent
from hub.model.query import Condition, Sort
from hub.ports.page import Page


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one outbound message fares. `state`: queued, sending, waiting (to be fetched), delivered, failed, discarded.

    `attempts` counts those begun, `failures` those of them that were the hub's own fault, `losses` those in which the
    process died, so that nobody knows whether the file arrived. `elapsed`: seconds since the first attempt. `expects`
    names the acknowledgement that is due at `due_at`, and was found missing at `overdue_at`. `answer`: the last one.
    `content`: of a small file that was claimed, its bytes; None: they are asked for.
    """

    message: str
    receiver: str
    channel: str
    filename: str
    format: str | None
    kind: str | None
    control: str | None
    sha256: str
    length: int
    state: str
    attempts: int
    failures: int
    losses: int
    queued_at: datetime
    next_at: datetime
    elapsed: float
    expects: str | None = None
    delivered_at: datetime | None = None
    due_at: datetime | None = None
    overdue_at: datetime | None = None
    answer: str | None = None
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `outcome`: delivered, retry (the receiver could not), refused, failed (the hub could not), lost (the
    process died in the middle), given_back (the process was stopped)."""

    at: datetime
    outcome: str
    answer: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """What an acknowledgement said of an outbound message or a part of it. `scope`: interchange, group, transaction,
    advice; `answer`: the message that said so, None where the reader may not see that."""

    scope: str
    outcome: str
    at: datetime
    group_control: str | None = None
    control: str | None = None
    codes: tuple[str, ...] = ()
    answer: str | None = None


class Deliveries(Protocol):
    """The lanes to the partners: at most one file of each is under way, whichever process carries it. Times are the
    database's, so that all processes agree."""

    async def claim(
        self, courier: int, channels: Sequence[str], limit: int, *, free: Sequence[str] = (), silence: float = 8.0
    ) -> list[Delivery]:
        """Take the first file that is due from each of up to `limit` lanes, for the process `courier`.

        A lane waits while its first file waits, except those of the partners in `free`; a lane whose circuit is open
        waits as a whole. A file is taken from another courier that lost its lock and was silent for `silence` seconds.
        """

    async def beat(self, courier: int) -> None:
        """Show that `courier` still carries what it claimed."""

    async def give_back(self, courier: int, but: Sequence[str] = ()) -> int:
        """Put back what `courier` still holds, except the messages in `but`, due at once; how many."""

    async def succeed(self, message: str, answer: str, seconds: float, expected_in: float | None) -> bool:
        """It has arrived; its acknowledgement is expected within so many seconds (None: none is). Closes the receiver's
        circuit and lets its lane go on at once; True when that was open."""

    async def postpone(
        self, courier: int, message: str, answer: str, seconds: float, again_in: float, *, trip_after: int | None
    ) -> bool:
        """It did not arrive; try again in so many seconds. After `trip_after` failures in a row of any files the
        receiver's circuit opens for that long: True when it opened now. `trip_after` None: it was our own fault."""

    async def fail(self, courier: int, message: str, outcome: str, answer: str, seconds: float) -> bool:
        """Never again, unless somebody asks for it; False when another courier has taken it over."""

    async def resend(self, message: str) -> str:
        """Try it again now, with patience anew and under the same Message-ID; what its state was before.

        Raises NotFound for what is no outbound message, Reject for one that is on its way this moment.
        """

    async def discard(self, message: str) -> None:
        """Give up what is queued, waiting or failed. Raises Reject for anything else."""

    async def get(self, message: str) -> Delivery:
        """Raises NotFound."""

    async def attempts(self, message: str) -> list[Attempt]:
        """Oldest first."""

    async def answered_late(self) -> int:
        """Close the alerts about acknowledgements that came after all; how many."""

    async def overdue(self, limit: int = 100) -> list[Delivery]:
        """Mark and return what was sent and should have been acknowledged by now; each is returned once."""

    async def expect_receipt(self, message: str, within: float) -> None:
        """It is about to leave, and a receipt is to come by itself within so many seconds."""

    async def receipted(self, message: str) -> None:
        """That receipt is there, whatever it says."""

    async def without_receipt(self, limit: int = 100) -> list[Delivery]:
        """Mark and return what has left and whose receipt should be there by now; each is returned once."""

    async def acknowledgements(self, message: str) -> Sequence[Matched]:
        """All that were matched to it, oldest first."""

    async def list(
        self, *, partner: str | None = None, state: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[Delivery]:
        """Newest first, unless `order` says otherwise."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits in a partner's mailbox."""

    message: str
    filename: str
    format: str | None
    kind: str | None
    control: str | None
    sha256: str
    length: int
    since: datetime


class Mailbox(Protocol):
    async def take(self, message: str) -> bool:
        """The caller has fetched it for good; False when no such file waits, or waited, for the caller."""

    async def list(self, limit: int = 50, after: str | None = None) -> Page[Waiting]:
        """What waits for the caller, oldest first."""

    async def fetched(self, limit: int = 1000) -> tuple[Waiting, ...]:
        """What the caller has fetched from it, newest first."""

    async def named(self, filename: str, *, waiting: bool = True, fetched: bool = False) -> Waiting | None:
        """A file of that name: the oldest of those that wait, else the newest of those that the caller has fetched."""


class Outbox(Protocol):
    async def put(
        self, receiver: str, channel: str, filename: str, content: bytes, *, sender: str | None, format: str, kind: str,
        version: str | None, control: str | None, in_reply_to: str | None, expects: str | None = None,
        sent: Sequence[Sent] = (), deliver: bool = True, numbers: Sequence[str] = (),
    ) -> str:
        """Store an outbound message and its delivery, which begins once this transaction is committed; returns the
        public message id. Without `deliver` it is only kept, to be looked at. `numbers`: those by which
        `Inbox.find` finds it, each once."""

    async def acknowledged(
        self, from_partner: str, format: str, answer: Acknowledged, scope: str, cause: str | None = None
    ) -> Answered | None:
        """Match an acknowledgement to what we sent to that partner, by the number of a group or an interchange
        (`scope`), and to each transaction in it; None when nothing of ours carries the number. `cause`: the message
        that said it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What we sent that an acknowledgement is about: the message, and its transactions as (type, number) that are
    rejected by it, not mentioned by it, or mentioned without having been sent."""

    message: str
    rejected: tuple[tuple[str, str], ...] = ()
    silent: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
