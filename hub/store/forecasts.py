"""Plans as a reader pages through them: series by series, across agreements.

A series is named by its version's public id, its GTIN and its GLN. Row-level security shows the versions and lines that
the reader may see, so "newest" here is the newest of those.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, LiteralString, cast

from hub.errors import NotFound
from hub.model.plan import PlanMeasure, PlanVersion
from hub.model.query import Condition
from hub.ports import Page, PlannedSeries
from hub.store import measures
from hub.store.listing import condition, day, measured, moment, rendered, text
from hub.store.measures import WORD
from hub.store.transaction import Row, Transaction

NAME = re.compile(r"(?P<plan>[a-z]+_[0-9A-Za-z]+)-(?P<gtin>\d{14})-(?P<gln>\d{13})")

ONE: LiteralString = """
    SELECT v.public_id, v.id, a.name AS agreement, coalesce(p.name, 'hub') AS author, v.measure, v.first_week, v.weeks,
           v.source, v.known_at, i.gtin, i.gln, l.quantities
    FROM plan_version v JOIN agreement a ON a.id = v.agreement_id LEFT JOIN partner p ON p.id = v.author_id
    JOIN plan_line l ON l.version = v.id JOIN item_location i ON i.id = l.item_location_id
    WHERE v.public_id = %(plan)s AND (i.gtin, i.gln) = (%(gtin)s, %(gln)s)"""

PAGE: LiteralString = """
    WITH newest AS (
      SELECT DISTINCT ON (v.agreement_id, v.author_id, v.measure) v.public_id, v.id, a.name AS agreement,
             coalesce(p.name, 'hub') AS author, v.measure, v.first_week, v.weeks, v.source, v.known_at
      FROM plan_version v JOIN agreement a ON a.id = v.agreement_id LEFT JOIN partner p ON p.id = v.author_id
      WHERE (%(agreement)s::text IS NULL OR a.name = %(agreement)s)
        AND (%(author)s::text IS NULL OR coalesce(p.name, 'hub') = %(author)s)
        AND (%(measure)s::int IS NULL OR v.measure = %(measure)s)
        AND (%(as_of)s::timestamptz IS NULL OR v.known_at <= %(as_of)s)
      ORDER BY v.agreement_id, v.author_id, v.measure, v.id DESC),
    last AS (
      SELECT v.id AS version, i.id AS place FROM plan_version v JOIN item_location i ON i.agreement_id = v.agreement_id
      WHERE v.public_id = %(plan)s AND (i.gtin, i.gln) = (%(after_gtin)s, %(after_gln)s))
    SELECT v.*, line.*
    FROM newest v CROSS JOIN LATERAL (
      SELECT i.gtin, i.gln, l.quantities, l.item_location_id
      FROM plan_line l JOIN item_location i ON i.id = l.item_location_id
      WHERE l.version = v.id
        AND (%(gtin)s::text IS NULL OR i.gtin = %(gtin)s) AND (%(gln)s::text IS NULL OR i.gln = %(gln)s)
        AND (%(plan)s::text IS NULL OR (l.version, l.item_location_id) > (SELECT version, place FROM last))
        AND """
PAGE_END: LiteralString = """
      ORDER BY l.item_location_id LIMIT %(limit)s) AS line
    WHERE %(plan)s::text IS NULL OR v.id >= (SELECT version FROM last)
    ORDER BY v.id, line.item_location_id LIMIT %(limit)s"""
"""At most one page of each version is read; a reader's condition stands between the two halves."""

COLUMNS = {
    "agreement": text("v.agreement"), "author": text("v.author"), "measure": measured("v.measure"),
    "first_week": day("v.first_week"), "create_time": moment("v.known_at"), "gtin": text("i.gtin"),
    "gln": text("i.gln"),
}


class StoredForecasts:
    """`hub.ports.Forecasts`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, forecast: str) -> PlannedSeries:
        named = NAME.fullmatch(forecast)
        rows = named and await self._transaction.rows(
            ONE, binary=True, plan=named["plan"], gtin=named["gtin"], gln=named["gln"])
        if not rows:
            raise NotFound(f"no forecast {forecast!r}")
        return _series(rows[0])

    async def list(
        self, *, agreement: str | None = None, author: str | None = None, measure: PlanMeasure | None = None,
        gtin: str | None = None, gln: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, as_of: datetime | None = None,
    ) -> Page[PlannedSeries]:
        last = NAME.fullmatch(after or "")
        narrowed, given = ("true", {}) if where is None else rendered(condition(where, COLUMNS))
        query: Any = PAGE + narrowed + PAGE_END
        rows = await self._transaction.rows(
            query, binary=True, **given, agreement=agreement, author=author, gtin=gtin, gln=gln,
            limit=limit + 1, as_of=as_of, measure=None if measure is None else measures.number(measure),
            plan=last and last["plan"],
            after_gtin=last and last["gtin"], after_gln=last and last["gln"])
        found = tuple(map(_series, rows[:limit]))
        return Page(found, found[-1].id if len(rows) > limit else None)


def _series(row: Row) -> PlannedSeries:
    version = PlanVersion(
        id=row["id"], agreement=row["agreement"], author=row["author"],
        measure=cast("PlanMeasure", WORD[row["measure"]]), first_week=row["first_week"], weeks=row["weeks"],
        source=row["source"])
    return PlannedSeries(
        id=f"{row['public_id']}-{row['gtin']}-{row['gln']}", version=version, created_at=row["known_at"],
        gtin=row["gtin"], gln=row["gln"], values=row["quantities"])
