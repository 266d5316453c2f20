"""Planning runs: rows that are inserted once, and each step that a run takes is another one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, LiteralString

from hub.errors import NotFound
from hub.ports import Run
from hub.store import measures, storable
from hub.store.identity import new_id
from hub.store.transaction import Row, Transaction


class StoredRuns:
    """`hub.ports.Runs`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def open(self, agreement: str, as_of: date) -> Run:
        await self._insert(agreement, as_of, 1)
        return await self._newest(agreement, as_of)

    async def again(self, agreement: str, as_of: date) -> Run:
        last = await self._newest(agreement, as_of)
        await self._insert(agreement, as_of, last.number + 1)
        return await self._newest(agreement, as_of)

    async def _insert(self, agreement: str, as_of: date, number: int) -> None:
        await self._transaction.execute(
            """INSERT INTO run (public_id, agreement_id, as_of, number)
               VALUES (%(public_id)s, %(key)s, %(as_of)s, %(number)s)
               ON CONFLICT (agreement_id, as_of, number) DO NOTHING""",
            public_id=new_id("run"), key=await self._transaction.agreement_key(agreement), as_of=as_of, number=number)

    async def _newest(self, agreement: str, as_of: date) -> Run:
        return _run((await self._transaction.rows(RUNS, agreement=agreement, as_of=as_of, limit=1))[0])

    async def heard(self, agreement: str) -> str:
        digest: str = await self._transaction.scalar(
            HEARD, agreement=await self._transaction.agreement_key(agreement),
            ordered=measures.number("order_forecast"))
        return digest

    async def advance(self, run: str, step: str, detail: Mapping[str, Any], state: str = "running") -> None:
        added = await self._transaction.execute(
            """INSERT INTO run_step (run_id, step, state, detail)
               SELECT id, %(step)s, %(state)s, %(detail)s FROM run WHERE public_id = %(run)s""",
            run=run, step=step, state=state, detail=storable.json(dict(detail)))
        if not added:
            raise NotFound(f"no run {run!r}")

    async def list(self, agreement: str | None = None, limit: int = 20) -> list[Run]:
        return [_run(r) for r in await self._transaction.rows(RUNS, agreement=agreement, as_of=None, limit=limit)]


RUNS: LiteralString = """
    SELECT r.public_id, a.name AS agreement, r.as_of, r.number, r.known_at, s.step,
      coalesce(s.state, 'running') AS state,
      ARRAY(SELECT detail FROM run_step WHERE run_id = r.id ORDER BY id) AS details
    FROM run r JOIN agreement a ON a.id = r.agreement_id
    LEFT JOIN LATERAL (SELECT step, state FROM run_step WHERE run_id = r.id ORDER BY id DESC LIMIT 1) AS s ON true
    WHERE (%(agreement)s::text IS NULL OR a.name = %(agreement)s) AND (%(as_of)s::date IS NULL OR r.as_of = %(as_of)s)
    ORDER BY r.id DESC LIMIT %(limit)s"""

HEARD: LiteralString = """
    SELECT md5(concat_ws('|', md5(a.body::text),
      (SELECT max(v.id) FROM plan_version v
       WHERE v.agreement_id = a.id AND (v.author_id IS NOT NULL OR v.source LIKE 'exc%%')),
      (SELECT count(*) || ':' || max(c.message_id) FROM observation_chunk c WHERE c.agreement_id = a.id),
      (SELECT max(p.version) FROM business_plan p WHERE p.agreement_id = a.id),
      (SELECT max(d.id) FROM document d JOIN agreement_member m ON m.partner_id = d.sender_id
       WHERE m.agreement_id = a.id AND d.kind IN ('RetailEvent', 'PromotionOffer') AND d.status <> 'rejected'),
      (SELECT md5(string_agg(concat_ws(',', o.id, o.state = 'cancelled', l.ordinal, l.due, l.promised, l.received), ';'
                             ORDER BY o.id, l.ordinal))
       FROM purchase_order o JOIN order_line l ON l.purchase_order_id = o.id
       JOIN agreement_member b ON (b.agreement_id, b.partner_id, b.role) = (a.id, o.buyer_id, 'buyer')
       JOIN agreement_member s ON (s.agreement_id, s.partner_id, s.role) = (a.id, o.seller_id, 'seller')
       WHERE o.message_id IS NOT NULL OR o.state = 'cancelled' OR l.promised IS NOT NULL OR l.received IS NOT NULL),
      (SELECT max(v.id) FROM agreement_member b
       JOIN agreement_member other ON other.partner_id = b.partner_id AND other.role = 'seller'
       JOIN plan_version v ON v.agreement_id = other.agreement_id AND v.author_id IS NULL AND v.measure = %(ordered)s
       WHERE b.agreement_id = a.id AND b.role = 'buyer' AND a.body ->> 'demand' = 'orders')))
    FROM agreement a WHERE a.id = %(agreement)s"""
"""What partners said and signed, what was observed, planned together, announced, promised and received, the terms, and
what customers are forecast to order where demand follows from that. What the hub itself planned and ordered counts for
nothing."""


def _run(row: Row) -> Run:
    """`detail` is what all steps have said, a later one over an earlier one."""
    detail = {name: value for said in row["details"] for name, value in said.items()}
    return Run(row["public_id"], row["agreement"], row["as_of"], row["step"], row["state"], row["known_at"], detail,
               row["number"])
