"""Files that wait until their receiver fetches them."""

from __future__ import annotations

from typing import LiteralString

from hub.ports import Page, Waiting
from hub.store import storable
from hub.store.transaction import Row, Transaction, page

SELECT: LiteralString = """
    SELECT m.public_id, d.filename, m.format, m.kind, m.control, m.sha256, m.length, d.known_at
    FROM delivery d JOIN message m ON m.id = d.message_id WHERE d.partner_id = %(me)s """


class StoredMailbox:
    """`hub.ports.Mailbox`. Row-level security decides whose it is."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def list(self, limit: int = 50, after: str | None = None) -> Page[Waiting]:
        rows = await self._transaction.rows(
            SELECT + """AND d.state = 'waiting'
                 AND (%(after)s::text IS NULL OR m.id > (SELECT id FROM message WHERE public_id = %(after)s))
               ORDER BY m.id LIMIT %(limit)s""",  # noqa: S608  (our own text)
            me=self._transaction.partner_id, after=after, limit=limit + 1)
        return page(rows, limit, _waiting)

    async def fetched(self, limit: int = 1000) -> tuple[Waiting, ...]:
        rows = await self._transaction.rows(
            SELECT + "AND d.channel = 'mailbox' AND d.state = 'delivered' ORDER BY d.id DESC LIMIT %(limit)s",
            me=self._transaction.partner_id, limit=limit)
        return tuple(map(_waiting, rows))

    async def named(self, filename: str, *, waiting: bool = True, fetched: bool = False) -> Waiting | None:
        row = await self._transaction.row(
            SELECT + """AND d.filename = %(filename)s AND (%(waiting)s AND d.state = 'waiting'
                 OR %(fetched)s AND d.channel = 'mailbox' AND d.state = 'delivered')
               ORDER BY d.state = 'waiting' DESC, CASE WHEN d.state = 'waiting' THEN d.id ELSE -d.id END LIMIT 1""",
            me=self._transaction.partner_id, filename=storable.text(filename), waiting=waiting, fetched=fetched)
        return None if row is None else _waiting(row)

    async def take(self, message: str) -> bool:
        return bool(await self._transaction.scalar("SELECT hub_taken(%(message)s)", message=message))


def _waiting(row: Row) -> Waiting:
    return Waiting(
        row["public_id"], row["filename"], row["format"], row["kind"], row["control"], row["sha256"], row["length"],
        row["known_at"])
