"""Plans as a reader pages through them: series by series, across agreements.

A series is named by its version's public id, its GTIN and its GLN. Row-level security shows the versions and lines that
the reader may see, so "newest" here is the newest of those.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, LiteralString, cast

from hub.errors import Reject
from hub.model.plan import PlanMeasure, PlanVersion
from hub.model.query import Condition, Sort
from hub.ports import Page, PlannedSeries
from hub.store import measures
from hub.store.listing import Listing, by_parts, condition, day, measured, moment, rendered, text, whole
from hub.store.measures import WORD
from hub.store.transaction import Row, Transaction

NAME = re.compile(r"(?P<plan>[a-z]+_[0-9A-Za-z]+)-(?P<gtin>\d{14})-(?P<gln>\d{13})")

NAMED: LiteralString = "SELECT * FROM hub_forecasts(%(caller)s, %(plans)s, %(gtins)s, %(glns)s)"

HEADS: LiteralString = """
    SELECT DISTINCT ON (v.agreement_id, v.author_id, v.measure) v.public_id, v.id, a.name AS agreement,
           coalesce(p.name, 'hub') AS author, v.measure, v.first_week, v.weeks, v.source, v.known_at
    FROM plan_version v JOIN agreement a ON a.id = v.agreement_id LEFT JOIN partner p ON p.id = v.author_id
    WHERE """
HEADS_END: LiteralString = """
    ORDER BY v.agreement_id, v.author_id, v.measure, v.id DESC"""
"""The newest version of each agreement, author and measure, as it stands among those that the reader may see."""
WANTED: dict[str, LiteralString] = {
    "agreement": "a.name = %(agreement)s", "author": "coalesce(p.name, 'hub') = %(author)s",
    "measure": "v.measure = %(measure)s", "as_of": "v.known_at <= %(as_of)s",
    "only": "v.public_id = %(only)s", "gtin": "i.gtin = %(gtin)s", "gln": "i.gln = %(gln)s",
}
OF_HEADS = ("agreement", "author", "measure", "as_of", "only")

LAST: LiteralString = """
    SELECT v.id AS version, i.id AS place FROM plan_version v JOIN item_location i ON i.agreement_id = v.agreement_id
    WHERE v.public_id = %(plan)s AND (i.gtin, i.gln) = (%(gtin)s, %(gln)s)"""

PAGE: LiteralString = """
    SELECT v.id, line.* FROM unnest(%(ids)s::int[], %(agreements)s::text[], %(authors)s::text[], %(measures)s::int[],
      %(weeks)s::date[], %(moments)s::timestamptz[])
      AS v (id, agreement, author, measure, first_week, known_at)
    CROSS JOIN LATERAL (
      SELECT i.gtin, i.gln, l.quantities, l.item_location_id
      FROM plan_line l JOIN item_location i ON i.id = l.item_location_id
      WHERE l.version = v.id AND l.item_location_id > CASE WHEN v.id = %(version)s THEN %(place)s ELSE 0 END AND """
PAGE_END: LiteralString = """
      ORDER BY l.item_location_id LIMIT %(limit)s) AS line
    ORDER BY v.id, line.item_location_id LIMIT %(limit)s"""
"""At most one page of each version is read; a reader's condition stands between the two halves."""
ALONG: LiteralString = """
    SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
      set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
      set_config('plan_cache_mode', 'force_generic_plan', true)"""
"""A page is read along the index of its lines and no further, also when PostgreSQL has not yet counted them."""

COLUMNS = {
    "agreement": text("v.agreement"), "author": text("v.author"), "measure": measured("v.measure"),
    "first_week": day("v.first_week"), "create_time": moment("v.known_at"), "gtin": text("i.gtin"),
    "gln": text("i.gln"),
}

SELECT: LiteralString = "SELECT v.id, i.gtin, i.gln, l.quantities"
SORTED = Listing("""
    FROM unnest(%(ids)s::int[], %(plans)s::text[], %(agreements)s::text[], %(authors)s::text[], %(measures)s::int[],
      %(weeks)s::date[], %(moments)s::timestamptz[])
      AS v (id, plan, agreement, author, measure, first_week, known_at)
    JOIN plan_line l ON l.version = v.id JOIN item_location i ON i.id = l.item_location_id""",
    COLUMNS, public=text("v.plan"), key=whole("((v.id::bigint << 32) + i.id)"), newest_first=False,
    named=by_parts(NAME, {"plan": text("v.plan"), "gtin": text("i.gtin"), "gln": text("i.gln")}))


class StoredForecasts:
    """`hub.ports.Forecasts`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def named(self, forecasts: Collection[str]) -> dict[str, PlannedSeries]:
        names = [named.groups() for named in map(NAME.fullmatch, set(forecasts)) if named]
        if not names:
            return {}
        plans, gtins, glns = map(list, zip(*names, strict=True))
        rows = await self._transaction.rows(
            NAMED, binary=True, caller=self._transaction.partner, plans=plans, gtins=gtins, glns=glns)
        versions = {row["id"]: row for row in rows}
        made = {id: _version(row) for id, row in versions.items()}
        found = (_series(row, row, made[row["id"]]) for row in rows)
        return {series.id: series for series in found}

    async def list(
        self, *, agreement: str | None = None, author: str | None = None, measure: PlanMeasure | None = None,
        gtin: str | None = None, gln: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, as_of: datetime | None = None, version: str | None = None,
        order: Sequence[Sort] = (),
    ) -> Page[PlannedSeries]:
        given = {"agreement": agreement, "author": author, "gtin": gtin, "gln": gln, "as_of": as_of,
                 "only": version, "measure": None if measure is None else measures.number(measure)}
        values = {name: value for name, value in given.items() if value is not None}
        heads = await self._heads(values)
        rows: Sequence[Row]
        if order:
            rows = await SORTED.rows(
                self._transaction, SELECT, where=where, order=order, limit=limit + 1, after=after, binary=True,
                always=_narrowed(values), **values, **_columns(heads))
        else:
            rows = await self._along(heads, values, where, limit + 1, after)
        of = {head["id"]: (head, _version(head)) for head in heads}
        found = tuple(_series(row, *of[row["id"]]) for row in rows[:limit])
        return Page(found, found[-1].id if len(rows) > limit else None)

    async def _along(
        self, heads: Sequence[Row], values: Row, where: Condition | None, limit: int, after: str | None
    ) -> Sequence[Row]:
        """As they are kept, along the index."""
        last, place = await self._place(after)
        narrowed, conditions = ("true", {}) if where is None else rendered(condition(where, COLUMNS))
        query: Any = f"{PAGE}{_narrowed(values)} AND {narrowed}{PAGE_END}"
        await self._transaction.execute(ALONG)
        return await self._transaction.rows(
            query, binary=True, **values, **conditions,
            **_columns([head for head in heads if head["id"] >= last]), version=last, place=place, limit=limit)

    async def _heads(self, values: Row) -> Sequence[Row]:
        parts = [WANTED[name] for name in OF_HEADS if name in values] or ["true"]
        query: Any = HEADS + " AND ".join(parts) + HEADS_END
        return await self._transaction.rows(query, **{name: values[name] for name in OF_HEADS if name in values})

    async def _place(self, after: str | None) -> tuple[int, int]:
        """Version and item-location of the last series of the page before; zeros on the first page. Raises Reject."""
        if after is None:
            return 0, 0
        named = NAME.fullmatch(after)
        row = named and await self._transaction.row(LAST, **named.groupdict())
        if not row:
            raise Reject("The page before is not there any more: begin anew.", reason="PAGE_LOST")
        return row["version"], row["place"]


def _narrowed(values: Row) -> LiteralString:
    """The condition on item and location, where one is wanted."""
    return " AND ".join(WANTED[name] for name in ("gtin", "gln") if name in values) or "true"


def _columns(heads: Sequence[Row]) -> Row:
    """The versions as arrays, a column each."""
    return {
        "ids": [head["id"] for head in heads], "plans": [head["public_id"] for head in heads],
        "agreements": [head["agreement"] for head in heads],
        "authors": [head["author"] for head in heads], "measures": [head["measure"] for head in heads],
        "weeks": [head["first_week"] for head in heads], "moments": [head["known_at"] for head in heads],
    }


def _version(row: Row) -> PlanVersion:
    return PlanVersion(
        id=row["id"], agreement=row["agreement"], author=row["author"],
        measure=cast("PlanMeasure", WORD[row["measure"]]), first_week=row["first_week"], weeks=row["weeks"],
        source=row["source"])


def _series(line: Row, head: Row, version: PlanVersion) -> PlannedSeries:
    return PlannedSeries(
        id=f"{head['public_id']}-{line['gtin']}-{line['gln']}", version=version, created_at=head["known_at"],
        gtin=line["gtin"], gln=line["gln"], values=line["quantities"])
