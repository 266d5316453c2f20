"""Files on their way in: stored byte by byte before anybody looks at them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import LiteralString

from psycopg.errors import UniqueViolation

from hub.errors import Finding, Forbidden, Reject
from hub.flow.intake import holding
from hub.killpoint import reached
from hub.model.exchange import Interchange
from hub.model.query import Condition, Sort
from hub.ports import Answer, Held, Message, Page, Parcel, Receipt
from hub.store import messages, storable
from hub.store.at_once import receipt_of, reused
from hub.store.identity import new_id
from hub.store.listing import Listing, moment, number, text, whole
from hub.store.transaction import Row, Transaction, page

MEANT: LiteralString = """
    WITH meant AS (
      SELECT id FROM message WHERE ltrim(control, '0') = ltrim(%(number)s, '0') OR public_id = %(number)s
      UNION SELECT message_id FROM document WHERE number = %(number)s OR body ->> 'order_number' = %(number)s
      UNION SELECT message_id FROM mention WHERE number = %(number)s)"""


CHUNK: LiteralString = "SELECT hub_receive_chunk(%(key)s, %(ordinal)s, %(content)b)"


class StoredInbox:
    """`hub.ports.Inbox`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def receive(self, parcel: Parcel, limit: int) -> Receipt:
        if self._transaction.is_door and parcel.claimed_sender != self._transaction.partner:
            raise Forbidden(f"this door serves {self._transaction.partner!r}, not {parcel.claimed_sender!r}")
        async with holding(parcel, limit) as whole:
            assert whole.held is not None  # noqa: S101  (that is what `holding` does)
            return await self._store(whole, whole.held)

    async def _store(self, parcel: Parcel, held: Held) -> Receipt:
        row = await self._transaction.one(
            """SELECT * FROM hub_receive(%(new_id)s, %(claimed)s, %(channel)s, %(sha256)s, %(length)s, %(at)s,
                 %(filename)s, %(reference)s, %(test)s)""",
            new_id=new_id("msg"), claimed=await self._claimed(parcel), channel=parcel.channel, sha256=held.sha256,
            length=held.length, at=parcel.received_at, filename=storable.text(parcel.filename),
            reference=storable.text(parcel.reference), test=parcel.test)
        if row["known"] == "reused":
            raise reused(row["public_id"])
        receipt = receipt_of(row, held.sha256)
        if not receipt.duplicate:
            reached("receive.recorded")
            await self._store_bytes(row["id"], held)
        return await self._answered(row["id"], parcel, receipt)

    async def _answered(self, key: int, parcel: Parcel, receipt: Receipt) -> Receipt:
        """The receipt with its words: those that were kept, or new ones, which a new file keeps."""
        if parcel.answer is None:
            return receipt
        if receipt.repeated:
            kept = await self._transaction.row("SELECT * FROM hub_answer_of(%(key)s)", key=key)
            if kept is not None and kept["status"] is not None:
                return replace(receipt, answer=Answer(kept["status"], kept["headers"], bytes(kept["body"])))
        answer = await parcel.answer(receipt)
        if not receipt.duplicate and parcel.reference is not None:
            await self._transaction.scalar(
                "SELECT hub_answer(%(key)s, %(status)s, %(headers)s, %(body)b)", key=key, status=answer.status,
                headers=storable.json(dict(answer.headers)), body=answer.body)
        return replace(receipt, answer=answer)

    async def taken_today(self) -> tuple[int, int]:
        row = await self._transaction.one(
            """SELECT count(*) AS messages, coalesce(sum(length), 0)::bigint AS length FROM message
               WHERE direction = 'in' AND claimed_id = %(me)s
                 AND received_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'""",
            me=self._transaction.partner_id)
        return row["messages"], row["length"]

    async def taken_since(self, since: datetime) -> tuple[int, datetime | None]:
        row = await self._transaction.one(
            """SELECT count(*) AS messages, min(received_at) AS oldest FROM message
               WHERE direction = 'in' AND claimed_id = %(me)s AND received_at > %(since)s""",
            me=self._transaction.partner_id, since=since)
        return row["messages"], row["oldest"]

    async def _claimed(self, parcel: Parcel) -> int | None:
        if self._transaction.is_door:
            return self._transaction.partner_id
        return await self._transaction.maybe_partner_key(parcel.claimed_sender)

    async def _store_bytes(self, key: int, held: Held) -> None:
        """A small file is at hand at once; of a large one, one piece at a time is in memory."""
        if held.length <= messages.CHUNK:
            await self._transaction.execute(CHUNK, key=key, ordinal=0, content=held.file.read())
            return
        ordinal = 0
        while content := await asyncio.to_thread(held.file.read, messages.CHUNK):
            await self._transaction.scalar(CHUNK, key=key, ordinal=ordinal, content=content)
            ordinal += 1

    async def get(self, message: str) -> Message:
        return await messages.get(self._transaction, message)

    def content(self, message: str) -> AsyncIterator[bytes]:
        """Raises NotFound at the first step, also for what the caller may not see."""
        return messages.chunks(self._transaction, message)

    async def piece(self, message: str, offset: int) -> bytes:
        key = await self._transaction.message_key(message)
        content = await self._transaction.scalar(
            """SELECT substr(c.content, %(offset)s %% %(chunk)s + 1) FROM message_chunk c
               WHERE c.message_id = %(key)s AND c.ordinal = %(offset)s / %(chunk)s""", binary=True,
            key=key, offset=offset, chunk=messages.CHUNK)
        if content is None and offset < messages.CHUNK:
            await messages.refuse_purged(self._transaction, key, message)
        return bytes(content or b"")

    async def lock(self, message: str) -> Message:
        return await messages.lock(self._transaction, message)

    async def settle(
        self, message: str, state: str, *, sender: str | None, receiver: str | None, format: str | None,
        kind: str | None,
        version: str | None, control: str | None, findings: Sequence[Finding], test: bool = False,
    ) -> None:
        """What the channel has proven stays: a file that names another sender is not shown to that one as its own."""
        await self._transaction.execute(
            """UPDATE message SET state = %(state)s, sender_id = coalesce(claimed_id, %(sender)s::int, sender_id),
               receiver_id = %(receiver)s, format = %(format)s, kind = %(kind)s, version = %(version)s,
               control = %(control)s, findings = %(findings)s, test = staged OR %(test)s WHERE id = %(key)s""",
            key=await self._transaction.message_key(message), state=state, test=test,
            sender=await self._transaction.maybe_partner_key(sender),
            receiver=await self._transaction.maybe_partner_key(receiver), format=format, kind=storable.text(kind),
            version=storable.text(version), control=storable.text(control), findings=messages.findings_json(findings))

    async def find(self, number: str, limit: int = 50) -> tuple[Message, ...]:
        rows = await self._transaction.rows(
            MEANT + messages.SELECT + """WHERE m.id IN (SELECT id FROM meant) OR m.in_reply_to IN (SELECT id FROM meant)
            ORDER BY m.id DESC LIMIT %(limit)s""",  # noqa: S608  (our own text)
            number=storable.text(number.strip()), limit=limit)
        return tuple(map(messages.message_of, rows))

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
        self, *, partner: str | None = None, direction: str | None = None, state: str | None = None,
        test: bool | None = None, limit: int = 50, after: str | None = None, where: Condition | None = None,
        order: Sequence[Sort] = (),
    ) -> Page[Message]:
        rows = await LISTED.rows(
            self._transaction, messages.FIELDS, where=where, order=order, limit=limit + 1, after=after,
            always="""(%(partner)s::text IS NULL OR %(partner)s IN (s.name, r.name))
              AND (%(direction)s::text IS NULL OR m.direction = %(direction)s)
              AND (%(state)s::text IS NULL OR m.state = %(state)s)
              AND (%(test)s::boolean IS NULL OR m.test = %(test)s)""",
            partner=partner, direction=direction, state=state, test=test)
        return page(rows, limit, messages.message_of)


LISTED = Listing(messages.SOURCE, {
    "direction": text("m.direction"), "state": text("m.state"), "channel": text("m.channel"), "sender": text("s.name"),
    "receiver": text("r.name"), "format": text("m.format"), "message_type": text("m.kind"),
    "format_version": text("m.version"), "control_number": text("m.control"), "filename": text("m.filename"),
    "sha256": text("m.sha256"), "size_bytes": number("m.length"), "create_time": moment("m.received_at"),
    "in_reply_to": text("q.public_id"),
}, public=text("m.public_id"), key=whole("m.id"))


def _address(side: str, interchange: Interchange) -> dict[str, str | None]:
    address = interchange.sender if side == "sender" else interchange.receiver
    if address is None:
        return {f"{side}_qualifier": None, side: None}
    return {f"{side}_qualifier": storable.text(address.qualifier), side: storable.text(address.id)}

