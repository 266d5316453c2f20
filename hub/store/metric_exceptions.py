"""Where performance is worse than was agreed, found again one by one. A reader sees those of forecasts that it may see,
judged by demand that it may see, as of the scorecards that they were found for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from hub.errors import NotFound
from hub.model.performance import Accuracy, MetricException
from hub.model.query import Condition, Sort
from hub.ports import MetricRow, Page
from hub.store import measures
from hub.store.listing import Listing, day, measured, number, text, whole
from hub.store.transaction import Row, Transaction, page

SELECT: LiteralString = """
    SELECT x.public_id, a.name AS agreement, r.public_id AS run, c.first_week, c.last_week, c.known_at, x.scorecard_id,
      x.kind, x.author, x.measure, x.grouping AS "group", x.from_week, x.to_week, x.found, x.allowed, x.value_at_stake,
      x.cells, x.part, x.whole """
SOURCE: LiteralString = """
    FROM metric_exception x JOIN scorecard c ON c.id = x.scorecard_id JOIN run r ON r.id = c.run_id
    JOIN agreement a ON a.id = x.agreement_id """
NEWEST: LiteralString = """
    x.scorecard_id = (SELECT max(n.id) FROM scorecard n WHERE n.agreement_id = x.agreement_id)
    AND (%(agreement)s::text IS NULL OR a.name = %(agreement)s)"""
LISTED = Listing(SOURCE, {
    "agreement": text("a.name"), "metric": text("x.kind"), "author": text("x.author"),
    "measure": measured("x.measure"), "group": text("x.grouping"), "first_week": day("c.first_week"),
    "last_week": day("c.last_week"), "found_percent": number("x.found"), "allowed_percent": number("x.allowed"),
    "value_at_stake": number("x.value_at_stake"),
}, public=text("x.public_id"), key=whole("x.id"), order=(Sort("value_at_stake", descending=True),), newest_first=False)
EVIDENCE: LiteralString = """
    SELECT author, measure, lag, grouping AS "group", cells, error, absolute, actual, volume, scaled, scaled_cells
    FROM accuracy WHERE scorecard_id = %(scorecard_id)s AND (author, measure, grouping) = (%(author)s, %(measure)s,
      %(group)s) AND lag BETWEEN %(from_week)s AND %(to_week)s ORDER BY lag, id"""


class StoredMetricExceptions:
    """`hub.ports.MetricExceptions`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, exception: str) -> MetricRow:
        row = await self._transaction.row(SELECT + SOURCE + "WHERE x.public_id = %(id)s", id=exception)
        if row is None:
            raise NotFound(f"no metric exception {exception!r}")
        judged = await self._transaction.rows(EVIDENCE, **{name: row[name] for name in (
            "scorecard_id", "author", "measure", "group", "from_week", "to_week")})
        return _row(row, tuple(Accuracy.model_validate(_worded(one)) for one in judged))

    async def list(
        self, *, agreement: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[MetricRow]:
        rows = await LISTED.rows(
            self._transaction, SELECT, where=where, order=order, limit=limit + 1, after=after, always=NEWEST,
            agreement=agreement)
        return page(rows, limit, _row)

    async def of_run(self, run: str) -> Sequence[MetricRow]:
        rows = await self._transaction.rows(SELECT + SOURCE + "WHERE r.public_id = %(run)s ORDER BY x.id", run=run)
        return [_row(row) for row in rows]


def _row(row: Row, judged: tuple[Accuracy, ...] = ()) -> MetricRow:
    said = {name: row[name] for name in MetricException.model_fields} | {"measure": measures.WORD[row["measure"]]}
    return MetricRow(row["public_id"], row["agreement"], row["run"], row["first_week"], row["last_week"],
                     row["known_at"], MetricException.model_validate(said), judged)


def _worded(row: Row) -> Row:
    return row | {"measure": measures.WORD[row["measure"]]}
