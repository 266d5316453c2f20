"""What could not be processed or delivered, and what somebody then did about it."""

from __future__ import annotations

from typing import LiteralString

from hub.errors import NotFound
from hub.ports import DeadLetter
from hub.store import storable
from hub.store.transaction import Row, Transaction

SELECT: LiteralString = """
    SELECT d.id, m.public_id, d.job, d.reason, d.attempts, d.known_at, e.action FROM dead_letter d
    JOIN message m ON m.id = d.message_id LEFT JOIN dead_letter_end e ON e.dead_letter_id = d.id """


class StoredDeadLetters:
    """`hub.ports.DeadLetters`. The message's own state becomes `dead` (what came in) or `failed` (what goes out)."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, message: str, job: str, reason: str, attempts: int) -> None:
        key = await self._transaction.message_key(message)
        await self._transaction.execute(
            """INSERT INTO dead_letter (message_id, job, reason, attempts)
               VALUES (%(key)s, %(job)s, %(reason)s, %(attempts)s)""",
            key=key, job=job, reason=storable.text(reason), attempts=attempts)
        await self._transaction.execute(
            "UPDATE message SET state = CASE direction WHEN 'in' THEN 'dead' ELSE 'failed' END WHERE id = %(key)s",
            key=key)

    async def of(self, message: str) -> list[DeadLetter]:
        rows = await self._transaction.rows(
            SELECT + "WHERE m.public_id = %(message)s AND e.action IS NULL ORDER BY d.id DESC", message=message)
        return [_letter(row) for row in rows]

    async def end(self, message: str, action: str, actor: str, reason: str | None = None) -> DeadLetter:
        row = await self._transaction.row(
            SELECT + """WHERE m.public_id = %(message)s AND e.action IS NULL ORDER BY d.id DESC LIMIT 1
                        FOR UPDATE OF m""", message=message)
        if row is None:
            raise NotFound(f"no dead letter waits under the name {message!r}")
        await self._transaction.execute(
            """INSERT INTO dead_letter_end (dead_letter_id, action, actor, reason)
               VALUES (%(id)s, %(action)s, %(actor)s, %(reason)s)""",
            id=row["id"], action=action, actor=actor, reason=storable.text(reason))
        return _letter({**row, "action": action})

    async def list(self, limit: int = 50, *, all: bool = False) -> list[DeadLetter]:
        rows = await self._transaction.rows(
            SELECT + "WHERE %(all)s OR e.action IS NULL ORDER BY d.id DESC LIMIT %(limit)s", all=all, limit=limit)
        return [_letter(row) for row in rows]


def _letter(row: Row) -> DeadLetter:
    return DeadLetter(row["public_id"], row["job"], row["reason"], row["attempts"], row["known_at"], row["action"])
