"""How files come in and go out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, BinaryIO, Protocol

from hub.model.profile import Profile


@dataclass(frozen=True, slots=True)
class Held:
    """All bytes of a file, in memory or in a temporary file, at their beginning."""

    file: IO[bytes]
    sha256: str
    length: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sender is told on the wire, kept to be told again in the very same words."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file on its way in. `claimed_sender` is a partner's short name proven by the channel (token, folder, key).

    `reference` is the sender's own id of the file (Idempotency-Key, AS2 Message-ID). `answer` makes the words for its
    receipt; for a new file they are kept in the same transaction, and a repeat of the reference gets them again.
    `held`: the bytes, when somebody has collected them already. `test`: its sender says that it is one.
    """

    chunks: AsyncIterator[bytes]
    channel: str
    claimed_sender: str | None
    received_at: datetime
    filename: str | None = None
    reference: str | None = None
    answer: Callable[[Receipt], Awaitable[Answer]] | None = None
    held: Held | None = None
    test: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the wire is told, after COMMIT. `duplicate`: the same bytes were there, `message` is the first; `repeated`:
    even under the same reference. `answer`: the words for it, where the parcel wanted some."""

    message: str
    sha256: str
    length: int
    duplicate: bool
    repeated: bool = False
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file on its way out. `message_id` never changes, however often the file is tried: by it, or by the name, the
    receiver knows a repeat. `source` stands at its beginning and holds `length` bytes."""

    message: str
    message_id: str
    receiver: Profile
    filename: str
    format: str | None
    sha256: str
    length: int
    source: BinaryIO


class Transport(Protocol):
    """Delivers outbound files; pollers also fetch."""

    name: str

    async def deliver(self, outgoing: Outgoing) -> str:
        """Hand over one file; returns the receiver's answer, or where the file went, in words.

        Returns only when the receiver has taken it for good. Raises Retry when the receiver cannot take it now
        (`after`: when it says how long that lasts), Reject when it never will. The same file may come again after any
        of them.
        """
