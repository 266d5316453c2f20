"""Replies kept by the id of their request, in the transaction that did what they say."""

from __future__ import annotations

from datetime import datetime

from hub.errors import Reject
from hub.store.transaction import Transaction


class StoredReplies:
    """`hub.ports.Replies`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def claim(self, partner: str, request_id: str, method: str, digest: bytes) -> bytes | None:
        """The insertion waits for another one of the same id until that is committed or rolled back."""
        key = await self._transaction.partner_key(partner)
        if await self._transaction.execute(
            """INSERT INTO request_reply (partner_id, request_id, method, digest)
               VALUES (%(key)s, %(request_id)s, %(method)s, %(digest)s) ON CONFLICT DO NOTHING""",
            key=key, request_id=request_id, method=method, digest=digest,
        ):
            return None
        row = await self._transaction.one(
            """SELECT method, digest, reply FROM request_reply
               WHERE partner_id = %(key)s AND request_id = %(request_id)s""", key=key, request_id=request_id)
        if (row["method"], bytes(row["digest"])) != (method, digest):
            raise Reject("This request_id was used for another request.", reason="REQUEST_ID_REUSED")
        return bytes(row["reply"])

    async def keep(self, partner: str, request_id: str, reply: bytes) -> None:
        await self._transaction.execute(
            """UPDATE request_reply SET reply = %(reply)s
               WHERE partner_id = %(key)s AND request_id = %(request_id)s""",
            key=await self._transaction.partner_key(partner), request_id=request_id, reply=reply)

    async def forget(self, before: datetime) -> int:
        return await self._transaction.execute(
            "DELETE FROM request_reply WHERE known_at < %(before)s", before=before)
