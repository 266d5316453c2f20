"""Files that wait until their receiver fetches them."""

from __future__ import annotations

from hub.ports import Page, Waiting
from hub.store.transaction import Row, Transaction, page


class StoredMailbox:
    """`hub.ports.Mailbox`. Row-level security decides whose it is."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def list(self, limit: int = 50, after: str | None = None) -> Page[Waiting]:
        rows = await self._transaction.rows(
            """SELECT m.public_id, d.filename, m.format, m.kind, m.control, m.sha256, m.length, d.known_at
               FROM delivery d JOIN message m ON m.id = d.message_id
               WHERE d.partner_id = %(me)s AND d.state = 'waiting'
                 AND (%(after)s::text IS NULL OR m.id > (SELECT id FROM message WHERE public_id = %(after)s))
               ORDER BY m.id LIMIT %(limit)s""", me=self._transaction.partner_id, after=after, limit=limit + 1)
        return page(rows, limit, _waiting)

    async def take(self, message: str) -> bool:
        return bool(await self._transaction.scalar("SELECT hub_taken(%(message)s)", message=message))


def _waiting(row: Row) -> Waiting:
    return Waiting(
        row["public_id"], row["filename"], row["format"], row["kind"], row["control"], row["sha256"], row["length"],
        row["known_at"])
