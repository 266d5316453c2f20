"""One partner's EDI desk, as it would work at the partner's site: it knows its own dialect and its own files only."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx

from hub.flow.context import gln_address
from hub.flow.identify import identify
from hub.model.acknowledgement import Acknowledged
from hub.model.exchange import Address, Closing, Document, Envelope, Numbers, Reading
from hub.model.profile import Profile
from hub.ports import Format, Guide

ANSWERS = {"997", "999", "TA1", "CONTRL", "ApplicationResponse"}


@dataclass(frozen=True, slots=True)
class Pushed:
    """A file that the desk has pushed: what it is, its exact bytes, and the receipt where the wire gave one."""

    name: str
    sha256: str
    length: int
    transactions: int
    answer_due: bool
    receipt: str | None


@dataclass(slots=True)
class Desk:
    """`channel` is "http" (POST with `token`) or "folder" (drop into the mailbox). `control` counts files from 1, and
    `numbers` the interchanges to each receiver."""

    profile: Profile
    channel: str
    token: str
    mailbox: Path
    formats: Mapping[str, Format]
    hub_gln: str
    http: httpx.AsyncClient
    control: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    pushed: list[Pushed] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    outcomes: list[str] = field(default_factory=list)
    got: list[Reading] = field(default_factory=list)

    async def push(
        self, name: str, table: str, documents: Sequence[Document], to: Profile | None, now: datetime
    ) -> None:
        """Write `documents` as one interchange to another partner (None: to the hub) and push it."""
        format = table.split("/")[0]
        self.control += 1
        receiver = self._address(to, format) if to else gln_address(format, self.hub_gln)
        envelope = Envelope(
            sender=self._address(self.profile, format), receiver=receiver, numbers=self._next(format, receiver.id),
            prepared_at=now,
        )
        content = self.formats[format].write(table, documents, envelope, self.profile.name)
        await self._send(f"{name}-{self.control:04d}.{format}", content, len(documents), True)

    async def tend(self, now: datetime) -> int:
        """Read what is new in the mailbox; acknowledge documents, note answers. The number of files read."""
        files = [f for f in sorted((self.mailbox / "out").glob("*")) if f.is_file() and f.name not in self.seen]
        for file in files:
            self.seen.add(file.name)
            await self._read(file.read_bytes(), now)
        return len(files)

    async def _read(self, content: bytes, now: datetime) -> None:
        for event in identify(io.BytesIO(content), list(self.formats.values()), lambda _: Guide(self.profile.name)):
            match event:
                case Reading(document=Acknowledged() as answer):
                    self.outcomes.append(answer.outcome)
                case Reading():
                    self.got.append(event)
                case Closing():
                    await self._acknowledge(event, now)

    async def _acknowledge(self, closing: Closing, now: datetime) -> None:
        format = self.formats[closing.interchange.format]
        sender = closing.interchange.sender
        if sender is None or not format.acknowledge(closing, Numbers(interchange=1), now):
            return
        for reply in format.acknowledge(closing, self._next(format.name, sender.id), now):
            self.control += 1
            await self._send(f"{reply.type}-{self.control:04d}.{format.name}", reply.content, 1, False)

    def _next(self, format: str, receiver: str) -> Numbers:
        """The next interchange to a receiver in a format."""
        key = f"{format} {receiver}"
        self.numbers[key] = self.numbers.get(key, 0) + 1
        return Numbers(interchange=self.numbers[key], group=self.numbers[key])

    async def _send(self, name: str, content: bytes, transactions: int, answer_due: bool) -> None:
        receipt = None
        if self.channel == "http":
            headers = {"Authorization": f"Bearer {self.token}", "Content-Disposition": f'attachment; filename="{name}"'}
            reply = await self.http.post("/v1/messages", content=content, headers=headers)
            reply.raise_for_status()
            receipt = reply.json()["message"]
        else:
            folder = self.mailbox / "in"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f".{name}").write_bytes(content)
            (folder / f".{name}").rename(folder / name)
        digest = hashlib.sha256(content).hexdigest()
        self.pushed.append(Pushed(name, digest, len(content), transactions, answer_due, receipt))

    def _address(self, profile: Profile, format: str) -> Address:
        return profile.address(format) or gln_address(format, profile.gln)
