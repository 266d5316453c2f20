"""What is over its time goes; what proves that it was there stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from hub.model.retention import Book, Kept, LegalHold
from hub.ports import Due, DueBook
from hub.store import retired, storable
from hub.store.transaction import Row, Transaction

DUE: LiteralString = """
    WITH terms AS (
      SELECT DISTINCT ON (partner_id) partner_id, (body #>> ARRAY['profile', 'retention', %(key)s])::int AS days
      FROM profile_version ORDER BY partner_id, version DESC)
    SELECT m.id, m.public_id, m.received_at, m.length, w.days, w.names FROM message m
    CROSS JOIN LATERAL (
      SELECT count(*) AS parties, count(t.days) AS agreed, max(t.days) AS days,
        array_agg(p.name ORDER BY p.name) AS names,
        bool_or(EXISTS (SELECT 1 FROM legal_hold h WHERE h.partner_id = p.id AND h.ended_at IS NULL)) AS held
      FROM partner p LEFT JOIN terms t ON t.partner_id = p.id
      WHERE p.id IN (m.claimed_id, m.sender_id, m.receiver_id)) AS w
    WHERE m.public_id > coalesce(%(after)s::text, '') AND w.parties > 0 AND w.agreed = w.parties AND NOT w.held
      AND m.received_at < %(now)s::timestamptz - make_interval(days => w.days) AND hub_is_over(m.id)
      AND NOT EXISTS (SELECT 1 FROM purged x WHERE x.message_id = m.id AND x.what = %(what)s)
    ORDER BY m.public_id LIMIT %(limit)s"""
"""Of each message all partners that it concerns have agreed on an end, and the last one has passed."""


class StoredRetention:
    """`hub.ports.Retention`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def due(self, what: Kept, now: datetime, limit: int = 500, after: str | None = None) -> list[Due]:
        rows = await self._transaction.rows(
            DUE, key=f"{what}_days", what=what, now=now, limit=limit, after=after)
        return [Due(r["public_id"], what, r["received_at"], r["length"], r["days"], tuple(r["names"])) for r in rows]

    async def purge(self, due: Sequence[Due]) -> int:
        """The rows may belong to tables that only grow: the database takes them out itself, and looks once more whether
        the message is over and nobody holds it."""
        done = 0
        for one in due:
            done += bool(await self._transaction.scalar(
                "SELECT hub_purge(%(message)s, %(what)s, %(why)s)", message=one.message, what=one.what,
                why=f"{one.days} days, agreed with {' and '.join(one.partners)}"))
        return done

    async def books(self, what: Book, now: datetime, limit: int = 500, after: str | None = None) -> list[DueBook]:
        return await retired.due(self._transaction, what, now, limit, after)

    async def purge_books(self, due: Sequence[DueBook]) -> int:
        return await retired.purge(self._transaction, due)

    async def hold(self, partner: str, reason: str, actor: str) -> bool:
        return bool(await self._transaction.execute(
            """INSERT INTO legal_hold (partner_id, reason, actor) VALUES (%(partner)s, %(reason)s, %(actor)s)
               ON CONFLICT (partner_id) WHERE ended_at IS NULL DO NOTHING""",
            partner=await self._transaction.partner_key(partner), reason=storable.text(reason),
            actor=storable.text(actor)))

    async def release(self, partner: str, actor: str) -> bool:
        return bool(await self._transaction.execute(
            """UPDATE legal_hold SET ended_at = now(), ended_by = %(actor)s
               WHERE partner_id = %(partner)s AND ended_at IS NULL""",
            partner=await self._transaction.partner_key(partner), actor=storable.text(actor)))

    async def holds(self, *, all: bool = False) -> list[LegalHold]:
        rows = await self._transaction.rows(
            """SELECT p.name, h.* FROM legal_hold h JOIN partner p ON p.id = h.partner_id
               WHERE %(all)s OR h.ended_at IS NULL ORDER BY h.id DESC""", all=all)
        return [_hold(row) for row in rows]


def _hold(row: Row) -> LegalHold:
    return LegalHold(
        partner=row["name"], reason=row["reason"], actor=row["actor"], since=row["known_at"], ended_at=row["ended_at"],
        ended_by=row["ended_by"])
