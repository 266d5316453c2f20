"""What operators look after: alerts, dead letters, retention, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from hub.model.alert import Alert
from hub.model.retention import Book, Kept, LegalHold


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert as it is kept. `closed_at` None: the trouble lasts."""

    id: str
    alert: Alert
    at: datetime
    closed_at: datetime | None = None
    told: tuple[str, ...] = ()
    tries: int = 0


class Announcer(Protocol):
    """A way to tell people about alerts."""

    name: str

    async def tell(self, raised: Raised) -> None:
        """Raises Retry when nobody can be told this way now."""


class Alerts(Protocol):
    async def open(self, alert: Alert, *, again: bool = True) -> bool:
        """Raise an alert, and have people told; False when the same trouble (kind and subject) is open already, or,
        unless `again`, was ever raised."""

    async def of_kind(self, kind: str) -> list[Raised]:
        """All open ones of a kind."""

    async def close(self, kind: str, subject: str) -> bool:
        """The trouble is over; False when there was none."""

    async def untold(self, again_in: float = 120.0, limit: int = 20) -> list[Raised]:
        """Those that are due to be told; unless `told` says otherwise, they are due again in so many seconds."""

    async def told(self, id: str, channels: Sequence[str], again_in: float | None) -> None:
        """It was told over `channels`; the others are tried again in so many seconds (None: no more)."""

    async def list(self, *, all: bool = False, partner: str | None = None, limit: int = 50) -> list[Raised]:
        """Open ones, or `all`; newest first."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message whose processing or delivery (`job` process or send) failed for good: its bytes stay where they are,
    `reason` says why. `ended`: replayed or discarded, None as long as nobody has cared for it."""

    message: str
    job: str
    reason: str
    attempts: int
    at: datetime
    ended: str | None = None


class DeadLetters(Protocol):
    async def add(self, message: str, job: str, reason: str, attempts: int) -> None: ...

    async def of(self, message: str) -> list[DeadLetter]:
        """Those of one message that wait for somebody; newest first."""

    async def end(self, message: str, action: str, actor: str, reason: str | None = None) -> DeadLetter:
        """Take the newest open one of `message` off the list. Raises NotFound when it has none."""

    async def list(self, limit: int = 50, *, all: bool = False) -> list[DeadLetter]:
        """Those that wait for somebody, or `all`; newest first."""


@dataclass(frozen=True, slots=True)
class Due:
    """A message of which something is over its time: the longest of the `days` that its `partners` agreed on."""

    message: str
    what: Kept
    received_at: datetime
    length: int
    days: int
    partners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DueBook:
    """A page of the hub's books that is over its time. `key` gives it its place among the others; `subject` is the
    public id of an order or of a plan's version, or the name of the agreement under which `measure` was reported for
    the week from `period`. `rows` lines or numbers stand on it, written before `before`."""

    what: Book
    key: str
    subject: str
    at: datetime
    before: datetime
    rows: int
    days: int
    partners: tuple[str, ...]
    measure: int | None = None
    period: date | None = None


class Retention(Protocol):
    async def due(self, what: Kept, now: datetime, limit: int = 500, after: str | None = None) -> list[Due]:
        """By public id, after the last one of the page before. What is still to be done, what nobody has agreed an end
        for, and what is under legal hold is not there."""

    async def purge(self, due: Sequence[Due]) -> int:
        """Take it out, and write down that and why; how many of them."""

    async def books(self, what: Book, now: datetime, limit: int = 500, after: str | None = None) -> list[DueBook]:
        """By key, after the last one of the page before. Orders that go on, plans that still speak of what is to come,
        what nobody has agreed an end for, and what is under legal hold is not there. Only what is live: tests are taken
        out by `Trials.clear`."""

    async def purge_books(self, due: Sequence[DueBook]) -> int:
        """Take it out, and write down that and why, with a digest of what was there; how many pages."""

    async def hold(self, partner: str, reason: str, actor: str) -> bool:
        """Purge nothing of a partner from now on; False when that is so already. Raises NotFound."""

    async def release(self, partner: str, actor: str) -> bool:
        """The hold is over; False when there was none. Raises NotFound."""

    async def holds(self, *, all: bool = False) -> list[LegalHold]:
        """Those that last, or `all`; newest first."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the hub as a whole, under a name that says what it counts."""

    name: str
    meaning: str
    labels: Mapping[str, str]
    value: float


class Figures(Protocol):
    async def read(self) -> list[Figure]:
        """All of them, as they are now."""
