"""What tests have left in the sandbox, and how it is emptied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString

from hub.errors import Reject
from hub.ports import Tried
from hub.store import measures
from hub.store.transaction import Row, Transaction

SHOW: LiteralString = """
    SELECT * FROM (
      SELECT 'order' AS what, o.number AS name, NULL::int AS measure, o.state AS detail, 1 AS count, o.known_at AS at
      FROM purchase_order o WHERE %(partner)s IN (o.buyer_id, o.seller_id)
      UNION ALL SELECT 'forecast', a.name, v.measure, v.first_week::text, v.weeks, v.known_at
      FROM plan_version v JOIN agreement a ON a.id = v.agreement_id WHERE v.author_id = %(partner)s
      UNION ALL SELECT 'report', a.name, c.measure, max(c.period)::text, sum(cardinality(c.series_ids))::int,
        max(c.known_at)
      FROM observation_chunk c JOIN agreement a ON a.id = c.agreement_id JOIN message m ON m.id = c.message_id
      WHERE %(partner)s IN (m.claimed_id, m.sender_id) GROUP BY a.name, c.measure
      UNION ALL SELECT 'numbers', r.format, NULL, r.sender || ' ' || r.low || '-' || r.high,
        (r.high - r.low + 1)::int, NULL
      FROM control_range r WHERE r.sender_id = %(partner)s) AS tried
    ORDER BY at DESC NULLS LAST, what, name, detail LIMIT %(limit)s"""


class StoredTrials:
    """`hub.ports.Trials`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of(self, partner: str, limit: int = 100) -> list[Tried]:
        where = self._transaction.test
        key = await self._transaction.partner_key(partner)
        await self._transaction.sandbox(True)
        rows = await self._transaction.rows(SHOW, partner=key, limit=limit)
        await self._transaction.sandbox(where)
        return [_tried(row) for row in rows]

    async def clear(self, partner: str) -> Mapping[str, int]:
        key = await self._transaction.partner_key(partner)
        if await self._transaction.scalar(
            "SELECT EXISTS (SELECT 1 FROM legal_hold WHERE partner_id = %(key)s AND ended_at IS NULL)", key=key
        ):
            raise Reject(f"{partner} is under legal hold; nothing of it is taken out", reason="HELD")
        rows = await self._transaction.rows("SELECT what, count FROM hub_clear_sandbox(%(key)s)", key=key)
        return {row["what"]: row["count"] for row in rows}


def _tried(row: Row) -> Tried:
    name = row["name"] if row["measure"] is None else f"{row['name']} {measures.WORD[row['measure']]}"
    return Tried(row["what"], name, row["detail"], row["count"], row["at"])
