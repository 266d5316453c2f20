"""Disagreements found by a planning run. What was found never changes; what became of it is a list of events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

import polars as pl

from hub.errors import NotFound
from hub.model.exception import ForecastException
from hub.ports import Page
from hub.store import numbering
from hub.store.identity import new_id
from hub.store.transaction import Row, Transaction, page


class StoredExceptions:
    """`hub.ports.Exceptions`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, run: str, rows: Sequence[ForecastException]) -> None:
        """The same cell of the same run again changes nothing."""
        await self._record(run, rows, INSERT, INSERT_BASELINE, INSERT_FIRST_EVENT)

    async def resolve(self, run: str, rows: Sequence[ForecastException]) -> None:
        """A cell that says what it said last gets no new event; one that `add` has not seen is left out."""
        await self._record(run, rows, INSERT_EVENT)

    async def _record(self, run: str, rows: Sequence[ForecastException], *statements: LiteralString) -> None:
        key = await self._transaction.scalar("SELECT id FROM run WHERE public_id = %(run)s", run=run)
        if key is None:
            raise NotFound(f"no run {run!r}")
        for agreement in sorted({r.agreement for r in rows}):
            await self._apply(key, agreement, [r for r in rows if r.agreement == agreement], statements)

    async def _apply(
        self, run: int, agreement: str, rows: Sequence[ForecastException], statements: Sequence[LiteralString]
    ) -> None:
        values: Row = {"run": run, "agreement": await self._transaction.agreement_key(agreement)}
        pairs = pl.DataFrame(
            [(r.gtin, r.gln) for r in rows], schema={"gtin": pl.String, "gln": pl.String}, orient="row")
        places = await numbering.item_locations(self._transaction, values["agreement"], pairs)
        numbered = pairs.join(places, on=["gtin", "gln"], how="left", maintain_order="left")["item_location"].to_list()
        async with self._transaction.incoming(SHAPE, TYPES, map(_incoming, rows, numbered)):
            for statement in statements:
                await self._transaction.execute(statement, **values)

    async def list(
        self, *, agreement: str | None = None, state: str | None = None, run: str | None = None, limit: int = 50,
        after: str | None = None,
    ) -> Page[ForecastException]:
        rows = await self._transaction.rows(
            SELECT, agreement=agreement, state=state, run=run, after=after, limit=limit + 1)
        return page(rows, limit, _exception)


SHAPE: LiteralString = """
    public_id text, item_location_id int, period date, lag int, left_party text, right_party text, left_quantity float8,
    right_quantity float8, percent float8, value_at_stake float8, baseline float8, state text, settled float8,
    rule text"""
TYPES = ["text", "int4", "date", "int4", "text", "text", "float8", "float8", "float8", "float8", "float8", "text",
         "float8", "text"]

INSERT: LiteralString = """
    INSERT INTO exception (public_id, run_id, agreement_id, item_location_id, period, lag, left_party, right_party,
      left_quantity, right_quantity, percent, value_at_stake)
    SELECT public_id, %(run)s, %(agreement)s, item_location_id, period, lag, left_party, right_party, left_quantity,
      right_quantity, percent, value_at_stake FROM incoming ON CONFLICT (run_id, item_location_id, period) DO NOTHING"""

INSERT_BASELINE: LiteralString = """
    INSERT INTO exception_baseline (exception_id, agreement_id, quantity)
    SELECT e.id, e.agreement_id, i.baseline FROM incoming i JOIN exception e USING (item_location_id, period)
    WHERE e.run_id = %(run)s AND i.baseline IS NOT NULL ON CONFLICT (exception_id) DO NOTHING"""

INSERT_FIRST_EVENT: LiteralString = """
    INSERT INTO exception_event (exception_id, agreement_id, state, settled, rule)
    SELECT e.id, e.agreement_id, i.state, i.settled, i.rule
    FROM incoming i JOIN exception e USING (item_location_id, period)
    WHERE e.run_id = %(run)s AND NOT EXISTS (SELECT 1 FROM exception_event WHERE exception_id = e.id) ORDER BY e.id"""

INSERT_EVENT: LiteralString = """
    INSERT INTO exception_event (exception_id, agreement_id, state, settled, rule)
    SELECT e.id, e.agreement_id, i.state, i.settled, i.rule
    FROM incoming i JOIN exception e USING (item_location_id, period)
    LEFT JOIN LATERAL (
      SELECT state, settled, rule FROM exception_event WHERE exception_id = e.id ORDER BY id DESC LIMIT 1) AS last
      ON true
    WHERE e.run_id = %(run)s
      AND (i.state, i.settled, i.rule) IS DISTINCT FROM (last.state, last.settled, last.rule)
    ORDER BY e.id"""

SELECT: LiteralString = """
    WITH shown AS (
      SELECT DISTINCT ON (r.agreement_id) r.id FROM run r JOIN agreement a ON a.id = r.agreement_id
      WHERE (%(run)s::text IS NULL OR r.public_id = %(run)s) AND (%(agreement)s::text IS NULL OR a.name = %(agreement)s)
        AND EXISTS (SELECT 1 FROM exception x WHERE x.run_id = r.id)
      ORDER BY r.agreement_id, r.id DESC)
    SELECT e.public_id, a.name AS agreement, l.gtin, l.gln, e.period, e.lag, e.left_party, e.right_party,
      e.left_quantity, e.right_quantity, b.quantity AS baseline, e.percent, e.value_at_stake, v.state, v.settled, v.rule
    FROM exception e JOIN shown ON shown.id = e.run_id JOIN agreement a ON a.id = e.agreement_id
    JOIN item_location l ON l.id = e.item_location_id LEFT JOIN exception_baseline b ON b.exception_id = e.id
    JOIN LATERAL (SELECT state, settled, rule FROM exception_event WHERE exception_id = e.id ORDER BY id DESC LIMIT 1)
      AS v ON true
    WHERE (%(state)s::text IS NULL OR v.state = %(state)s)
      AND (%(after)s::text IS NULL OR (e.value_at_stake, e.id) < (
        SELECT value_at_stake, id FROM exception WHERE public_id = %(after)s))
    ORDER BY e.value_at_stake DESC, e.id DESC LIMIT %(limit)s"""


def _incoming(row: ForecastException, item_location: int) -> tuple[object, ...]:
    return (new_id("exc"), item_location, row.period, row.lag, row.left_party, row.right_party, row.left, row.right,
            row.percent, row.value_at_stake, row.baseline, row.state, row.settled, row.rule)


def _exception(row: Row) -> ForecastException:
    return ForecastException(
        id=row["public_id"], agreement=row["agreement"], gtin=row["gtin"], gln=row["gln"], period=row["period"],
        lag=row["lag"], left_party=row["left_party"], right_party=row["right_party"], left=row["left_quantity"],
        right=row["right_quantity"], baseline=row["baseline"], percent=row["percent"],
        value_at_stake=row["value_at_stake"], state=row["state"], settled=row["settled"], rule=row["rule"])
