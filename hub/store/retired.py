"""Which pages of the hub's books (orders, observations, plans) are over their time, and out with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from hub.model.retention import Book
from hub.ports import DueBook
from hub.store.transaction import Row, Transaction

TERMS: LiteralString = """
    WITH terms AS (
      SELECT DISTINCT ON (partner_id) partner_id, (body #>> ARRAY['profile', 'retention', %(field)s])::int AS days
      FROM profile_version ORDER BY partner_id, version DESC),
    agreed AS (
      SELECT a.id, a.name, max(t.days) AS days, %(now)s::timestamptz - make_interval(days => max(t.days)) AS before,
        array_agg(p.name ORDER BY p.name) AS names
      FROM agreement a JOIN agreement_member m ON m.agreement_id = a.id JOIN partner p ON p.id = m.partner_id
      LEFT JOIN terms t ON t.partner_id = p.id
      GROUP BY a.id HAVING count(t.days) = count(*) AND NOT hub_held(array_agg(p.id))),
    page AS ("""
"""What each partner wants, and the agreements all of whose members want an end."""
PAGE: LiteralString = """)
    SELECT * FROM page WHERE key COLLATE "C" > coalesce(%(after)s::text, '') ORDER BY key COLLATE "C" LIMIT %(limit)s"""
DUE: dict[Book, LiteralString] = {
    "orders": """
      SELECT o.public_id AS key, o.public_id AS subject, NULL::int AS measure, NULL::date AS period, e.at, w.before,
        (SELECT count(*) FROM order_line l WHERE l.purchase_order_id = o.id)::int AS rows, w.days, w.names
      FROM purchase_order o CROSS JOIN LATERAL (SELECT hub_order_touched(o.id) AS at) AS e
      CROSS JOIN LATERAL (
        SELECT max(t.days) AS days, %(now)s::timestamptz - make_interval(days => max(t.days)) AS before,
          array_agg(p.name ORDER BY p.name) AS names
        FROM partner p LEFT JOIN terms t ON t.partner_id = p.id WHERE p.id IN (o.buyer_id, o.seller_id)
        HAVING count(t.days) = count(*) AND NOT hub_held(array_agg(p.id))) AS w
      WHERE o.state IN ('delivered', 'cancelled', 'rejected') AND e.at < w.before AND hub_order_is_whole(o.id)""",
    "observations": """
      SELECT w.name || ' ' || c.measure || ' ' || c.period AS key, w.name AS subject, c.measure::int, c.period,
        max(c.known_at) AS at, w.before, sum(cardinality(c.series_ids))::int AS rows, w.days, w.names
      FROM observation_chunk c JOIN agreed w ON w.id = c.agreement_id
      WHERE c.known_at < w.before GROUP BY w.name, w.before, w.days, w.names, c.measure, c.period""",
    "plans": """
      SELECT v.public_id AS key, v.public_id AS subject, NULL::int AS measure, NULL::date AS period, v.known_at AS at,
        w.before, (SELECT count(*) FROM plan_line l WHERE l.version = v.id)::int AS rows, w.days, w.names
      FROM plan_version v JOIN agreed w ON w.id = v.agreement_id
      WHERE greatest(v.known_at, (v.first_week + 7 * v.weeks)::timestamp AT TIME ZONE 'UTC') < w.before
        AND NOT EXISTS (SELECT 1 FROM purged_book x WHERE x.version = v.id)""",
}
PURGE: dict[Book, LiteralString] = {
    "orders": "SELECT hub_purge_order(%(subject)s, %(before)s, %(why)s)",
    "observations": "SELECT hub_purge_observations(%(subject)s, %(measure)s, %(period)s, %(before)s, %(why)s)",
    "plans": "SELECT hub_purge_plan(%(subject)s, %(before)s, %(why)s)",
}
"""Most of these tables only grow: the database takes rows out itself, and looks once more whether nobody holds them."""


async def due(transaction: Transaction, what: Book, now: datetime, limit: int, after: str | None) -> list[DueBook]:
    rows = await transaction.rows(
        TERMS + DUE[what] + PAGE, field=f"{what}_days", now=now, limit=limit, after=after)
    return [_page(what, row) for row in rows]


async def purge(transaction: Transaction, due: Sequence[DueBook]) -> int:
    done = 0
    for one in due:
        done += bool(await transaction.scalar(
            PURGE[one.what], subject=one.subject, before=one.before, measure=one.measure, period=one.period,
            why=f"{one.days} days, agreed with {' and '.join(one.partners)}"))
    return done


def _page(what: Book, row: Row) -> DueBook:
    return DueBook(what, row["key"], row["subject"], row["at"], row["before"], row["rows"], row["days"],
                   tuple(row["names"]), row["measure"], row["period"])
