"""Files on their way out, each attempt to deliver them, and what the receiver said."""

from __future__ import annotations

import hashlib

from hub.store import messages, storable
from hub.store.identity import new_id
from hub.store.transaction import Transaction

REFUSED = ("rejected",)
FETCHED = "mailbox"
"""The channel whose files wait until their receiver comes for them."""
BELL = "hub_outbox"
"""Where PostgreSQL notifies the couriers of a new file, at COMMIT; the payload is the receiver's short name."""


class StoredOutbox:
    """`hub.ports.Outbox`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put(
        self, receiver: str, channel: str, filename: str, content: bytes, *, sender: str | None, format: str, kind: str,
        version: str | None, control: str | None, in_reply_to: str | None, expects: str | None = None,
    ) -> str:
        public_id, partner = new_id("msg"), await self._transaction.partner_key(receiver)
        reply = None if in_reply_to is None else await self._transaction.message_key(in_reply_to)
        key = await self._transaction.scalar(
            """INSERT INTO message (public_id, direction, channel, state, sender_id, receiver_id, format, kind, version,
               control, sha256, length, received_at, filename, in_reply_to) VALUES (%(public_id)s, 'out', %(channel)s,
               'queued', %(sender)s, %(receiver)s, %(format)s, %(kind)s, %(version)s, %(control)s, %(sha256)s,
               %(length)s, now(), %(filename)s, %(reply)s) RETURNING id""",
            public_id=public_id, channel=channel, sender=await self._transaction.maybe_partner_key(sender),
            receiver=partner,
            format=format, kind=kind, version=version, control=control, sha256=hashlib.sha256(content).hexdigest(),
            length=len(content), filename=filename, reply=reply)
        await self._transaction.many(
            "INSERT INTO message_chunk (message_id, ordinal, content) VALUES (%(key)s, %(ordinal)s, %(content)b)",
            [{"key": key, "ordinal": ordinal, "content": content[start:start + messages.CHUNK]}
             for ordinal, start in enumerate(range(0, len(content), messages.CHUNK))])
        await self._transaction.execute(
            """INSERT INTO delivery (message_id, partner_id, channel, filename, expects, state)
               VALUES (%(key)s, %(partner)s, %(channel)s, %(filename)s, %(expects)s, %(state)s)""",
            key=key, partner=partner, channel=channel, filename=filename, expects=expects,
            state="waiting" if channel == FETCHED else "queued")
        await self._transaction.execute("SELECT pg_notify(%(bell)s, %(receiver)s)", bell=BELL, receiver=receiver)
        return public_id

    async def acknowledged(
        self, *, from_partner: str, format: str, control: str, outcome: str, scope: str = "interchange"
    ) -> str | None:
        """Numbers are compared without leading zeros; of several files with that number the newest is meant."""
        row = await self._transaction.row(
            """SELECT id, public_id FROM message WHERE direction = 'out' AND receiver_id = %(partner)s
                 AND format = %(format)s AND ltrim(control, '0') = ltrim(%(control)s, '0')
               ORDER BY id DESC LIMIT 1 FOR UPDATE""",
            partner=await self._transaction.partner_key(from_partner), format=format, control=storable.text(control))
        if row is None:
            return None
        await self._transaction.execute(
            "INSERT INTO acknowledgement (message_id, scope, outcome) VALUES (%(key)s, %(scope)s, %(outcome)s)",
            key=row["id"], scope=scope, outcome=outcome)
        await self._transaction.execute(
            "UPDATE message SET state = %(state)s WHERE id = %(key)s",
            key=row["id"], state="failed" if outcome in REFUSED else "acknowledged")
        return str(row["public_id"])
