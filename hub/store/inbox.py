"""Files on their way in: stored byte by byte before anybody looks at them."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from typing import IO

from psycopg.errors import UniqueViolation

from hub.errors import Finding, Forbidden, Reject, TooLarge
from hub.model.exchange import Interchange
from hub.ports import Message, Page, Parcel, Receipt
from hub.store import messages, storable
from hub.store.identity import new_id
from hub.store.transaction import Row, Transaction, page

IN_MEMORY = 4 * messages.CHUNK
"""A larger parcel waits in a temporary file until its hash is known."""


class StoredInbox:
    """`hub.ports.Inbox`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def receive(self, parcel: Parcel, limit: int) -> Receipt:
        if self._transaction.is_door and parcel.claimed_sender != self._transaction.partner:
            raise Forbidden(f"this door serves {self._transaction.partner!r}, not {parcel.claimed_sender!r}")
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
            sha256, length = await _spool(parcel.chunks, spool, limit)
            return await self._store(parcel, sha256, length, spool)

    async def _store(self, parcel: Parcel, sha256: str, length: int, spool: IO[bytes]) -> Receipt:
        row = await self._transaction.one(
            """SELECT * FROM hub_receive(
                 %(new_id)s, %(claimed)s, %(channel)s, %(sha256)s, %(length)s, %(at)s, %(filename)s)""",
            new_id=new_id("msg"), claimed=await self._claimed(parcel), channel=parcel.channel, sha256=sha256,
            length=length,
            at=parcel.received_at, filename=storable.text(parcel.filename))
        if not row["duplicate"]:
            spool.seek(0)
            await self._store_bytes(row["id"], spool)
        return Receipt(row["public_id"], sha256, row["length_known"], row["duplicate"])

    async def _claimed(self, parcel: Parcel) -> int | None:
        if self._transaction.is_door:
            return self._transaction.partner_id
        return await self._transaction.maybe_partner_key(parcel.claimed_sender)

    async def _store_bytes(self, key: int, spool: IO[bytes]) -> None:
        ordinal = 0
        while content := await asyncio.to_thread(spool.read, messages.CHUNK):
            await self._transaction.execute(
                "SELECT hub_receive_chunk(%(key)s, %(ordinal)s, %(content)b)", key=key, ordinal=ordinal,
                content=content)
            ordinal += 1

    async def get(self, message: str) -> Message:
        return await messages.get(self._transaction, message)

    def content(self, message: str) -> AsyncIterator[bytes]:
        """Raises NotFound at the first step, also for what the caller may not see."""
        return messages.chunks(self._transaction, message)

    async def lock(self, message: str) -> Message:
        return await messages.lock(self._transaction, message)

    async def settle(
        self, message: str, state: str, *, sender: str | None, receiver: str | None, format: str | None,
        kind: str | None,
        version: str | None, control: str | None, findings: Sequence[Finding],
    ) -> None:
        """What the channel has proven stays: a file that names another sender is not shown to that one as its own."""
        await self._transaction.execute(
            """UPDATE message SET state = %(state)s, sender_id = coalesce(claimed_id, %(sender)s::int, sender_id),
               receiver_id = %(receiver)s, format = %(format)s, kind = %(kind)s, version = %(version)s,
               control = %(control)s, findings = %(findings)s WHERE id = %(key)s""",
            key=await self._transaction.message_key(message), state=state,
            sender=await self._transaction.maybe_partner_key(sender),
            receiver=await self._transaction.maybe_partner_key(receiver), format=format, kind=storable.text(kind),
            version=storable.text(version), control=storable.text(control), findings=messages.findings_json(findings))

    async def reopen(self, message: str) -> Message:
        before = await self.lock(message)
        if before.direction != "in" or before.state not in ("rejected", "dead"):
            raise Reject(f"{message} is {before.state}: only what was rejected or died is processed again",
                         reason="NOT_REJECTED")
        try:
            async with self._transaction.connection.transaction():
                await self._transaction.execute(
                    "UPDATE message SET state = 'received', findings = '[]' WHERE id = %(key)s",
                    key=await self._transaction.message_key(message))
        except UniqueViolation:
            raise Reject(f"the same bytes as {message} were accepted since, in another message",
                         reason="ACCEPTED_SINCE") from None
        return await self.get(message)

    async def seen_control(self, interchange: Interchange, sender: str | None, message: str) -> str | None:
        if interchange.control is None:
            return None
        values: Row = {
            "format": interchange.format, "control": storable.text(interchange.control),
            "sender_id": await self._transaction.maybe_partner_key(sender),
            "message": await self._transaction.message_key(message),
            **_address("sender", interchange), **_address("receiver", interchange),
        }
        added = await self._transaction.execute(
            """INSERT INTO interchange (format, sender_id, sender_qualifier, sender, receiver_qualifier, receiver,
               control, message_id)
               VALUES (%(format)s, %(sender_id)s, %(sender_qualifier)s, %(sender)s, %(receiver_qualifier)s,
               %(receiver)s, %(control)s, %(message)s) ON CONFLICT DO NOTHING""", **values)
        if added:
            return None
        return await self._transaction.scalar(  # type: ignore[no-any-return]
            """SELECT m.public_id FROM interchange i JOIN message m ON m.id = i.message_id
               WHERE (i.format, i.control) = (%(format)s, %(control)s) AND i.message_id <> %(message)s
               AND (i.sender_id, i.sender_qualifier, i.sender, i.receiver_qualifier, i.receiver) IS NOT DISTINCT FROM
                   (%(sender_id)s::int, %(sender_qualifier)s, %(sender)s, %(receiver_qualifier)s, %(receiver)s)""",
                   **values)

    async def list(
        self, *, partner: str | None = None, direction: str | None = None, state: str | None = None, limit: int = 50,
        after: str | None = None,
    ) -> Page[Message]:
        rows = await self._transaction.rows(
            messages.SELECT + """WHERE (%(partner)s::text IS NULL OR %(partner)s IN (s.name, r.name))
              AND (%(direction)s::text IS NULL OR m.direction = %(direction)s)
              AND (%(state)s::text IS NULL OR m.state = %(state)s)
              AND (%(after)s::text IS NULL OR m.id < (SELECT id FROM message WHERE public_id = %(after)s))
            ORDER BY m.id DESC LIMIT %(limit)s""",  # noqa: S608  (our own text)
            partner=partner, direction=direction, state=state, after=after, limit=limit + 1)
        return page(rows, limit, messages.message_of)


async def _spool(parts: AsyncIterator[bytes], spool: IO[bytes], limit: int) -> tuple[str, int]:
    """Copy everything, hashing on the way: hex digest and length. Raises TooLarge at the first byte past `limit`."""
    digest, length = hashlib.sha256(), 0
    async for part in parts:
        length += len(part)
        if length > limit:
            raise TooLarge(f"more than {limit} bytes")
        digest.update(part)
        await asyncio.to_thread(spool.write, part)
    return digest.hexdigest(), length


def _address(side: str, interchange: Interchange) -> dict[str, str | None]:
    address = interchange.sender if side == "sender" else interchange.receiver
    if address is None:
        return {f"{side}_qualifier": None, side: None}
    return {f"{side}_qualifier": storable.text(address.qualifier), side: storable.text(address.id)}

