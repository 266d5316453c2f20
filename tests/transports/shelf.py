"""What the transport suite puts behind a transport: an inbox on a shelf, with the answers of the real one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hub.errors import TooLarge
from hub.ports import Parcel, Receipt

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Noon:
    """A clock that stands at noon."""

    def now(self) -> datetime:
        return NOON


@dataclass
class Shelf:
    """Receives as the inbox promises to: exact bytes, one receipt per sender and hash, nothing kept of what failed.

    `fail_with` is raised once for each entry, after the whole body was read (where a COMMIT would fail);
    `fail_after_commit` likewise, but after the bytes were kept (where a crash would hit).
    """

    limit: int = 4 * 1024 * 1024
    kept: list[tuple[str | None, str | None, bytes]] = field(default_factory=list)
    receipts: dict[tuple[str | None, str], Receipt] = field(default_factory=dict)
    parcels: list[Parcel] = field(default_factory=list)
    fail_with: list[Exception] = field(default_factory=list)
    fail_after_commit: list[Exception] = field(default_factory=list)
    largest_chunk: int = 0

    async def receive(self, parcel: Parcel) -> Receipt:
        content = bytearray()
        async for chunk in parcel.chunks:
            self.largest_chunk = max(self.largest_chunk, len(chunk))
            content += chunk
            if len(content) > self.limit:
                raise TooLarge(f"The limit is {self.limit} bytes.")
        if self.fail_with:
            raise self.fail_with.pop(0)
        receipt = self._keep(parcel, bytes(content))
        if self.fail_after_commit:
            raise self.fail_after_commit.pop(0)
        return receipt

    def _keep(self, parcel: Parcel, content: bytes) -> Receipt:
        digest = hashlib.sha256(content).hexdigest()
        key = (parcel.claimed_sender, digest)
        self.parcels.append(parcel)
        if key in self.receipts:
            first = self.receipts[key]
            return Receipt(first.message, digest, len(content), True)
        self.kept.append((parcel.claimed_sender, parcel.filename, content))
        self.receipts[key] = Receipt(f"msg_{len(self.kept)}", digest, len(content), False)
        return self.receipts[key]
