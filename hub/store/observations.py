"""Demand and stock as received: immutable chunks, so "as of" and "what changed" cost nothing.

One row per message, period and block of 512 series. For each series and period the latest accepted message wins; NaN
withdraws what was said before.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import LiteralString

import numpy as np
import polars as pl

from hub.store import measures, numbering
from hub.store.transaction import Row, Transaction

NEEDED = ["gtin", "gln", "measure", "period", "quantity"]
HISTORY = {"gtin": pl.String, "gln": pl.String, "period": pl.Date, "quantity": pl.Float64}


class StoredObservations:
    """`hub.ports.Observations`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def post(self, agreement: str, message: str, rows: pl.DataFrame) -> int:
        """Of two rows for one series and period the later one counts. Posting the same rows of the same message again
        adds nothing."""
        if rows.is_empty():
            return 0
        key, source = await self._transaction.agreement_key(agreement), await self._transaction.message_key(message)
        rows = rows.select(NEEDED).cast({"quantity": pl.Float64})
        rows = rows.unique(NEEDED[:-1], keep="last", maintain_order=True)
        places = await numbering.item_locations(self._transaction, key, rows)
        new = 0
        for (measure,), feed in sorted(rows.group_by(["measure"]), key=lambda group: str(group[0][0])):
            number = measures.number(str(measure))
            wanted = places.join(feed.select(numbering.KEYS).unique(), on=numbering.KEYS)
            numbered = await numbering.series(self._transaction, key, number, wanted)
            cells = feed.join(numbered, on=numbering.KEYS).select("series", "period", "quantity")
            new += await self._append(key, number, source, cells)
        return new

    async def _append(self, agreement: int, measure: int, message: int, cells: pl.DataFrame) -> int:
        """Write what this message has not said yet, as the next part of each chunk that it touches."""
        cells = cells.with_columns(numbering.blocks(cells["series"]))
        said, parts = await self._said(message, cells.select("block", "period").unique())
        cells = cells.join(said, on=["series", "period", "quantity"], how="anti", nulls_equal=True)
        chunks = cells.sort("series").group_by(["block", "period"], maintain_order=True).agg("series", "quantity")
        await self._transaction.many(INSERT, [
            {
                "agreement": agreement, "measure": measure, "message": message, "block": block, "period": period,
                "part": parts.get((block, period), 0), "series": np.asarray(ids, np.int32),
                "quantities": np.asarray(quantities, np.float64),
            }
            for block, period, ids, quantities in zip(
                chunks["block"].to_list(), chunks["period"].to_list(), chunks["series"], chunks["quantity"],
                strict=True)
        ])
        return cells.height

    async def _said(self, message: int, touched: pl.DataFrame) -> tuple[pl.DataFrame, dict[tuple[int, date], int]]:
        """What this message has said already in those chunks, and the next part of each."""
        rows = await self._transaction.rows(
            """SELECT block, period, part, series_ids, quantities FROM observation_chunk
               JOIN unnest(%(blocks)s::int[], %(periods)s::date[]) AS w (block, period) USING (block, period)
               WHERE message_id = %(message)s ORDER BY part""", binary=True, message=message,
            blocks=touched["block"].to_list(), periods=touched["period"].to_list())
        return _cells(rows), {(r["block"], r["period"]): r["part"] + 1 for r in rows}

    async def history(
        self, agreement: str, measure: str, first: date, last: date, as_of: datetime | None = None
    ) -> pl.DataFrame:
        values = {"agreement": await self._transaction.agreement_key(agreement), "measure": measures.number(measure)}
        chunks = await self._transaction.rows(
            """SELECT period, series_ids, quantities FROM (
                 SELECT agreement_id, measure, period, known_at, message_id, part, series_ids, quantities
                 FROM observation_chunk
                 UNION ALL
                 SELECT agreement_id, measure, period, known_at, message_id, part, series_ids, quantities
                 FROM hub_granted_chunks(NULL)) AS c
               WHERE agreement_id = %(agreement)s AND measure = %(measure)s AND period BETWEEN %(first)s AND %(last)s
                 AND (%(as_of)s::timestamptz IS NULL OR known_at <= %(as_of)s) ORDER BY message_id, part""",
            binary=True, **values, first=first, last=last, as_of=as_of)
        return _latest(_cells(chunks)).join(await self._names(values), on="series").select(*HISTORY).sort(*HISTORY)

    async def latest(self, agreement: str, measure: str) -> pl.DataFrame:
        told = await self.history(agreement, measure, date.min, date.max)
        return told.group_by("gtin", "gln", maintain_order=True).last().select(*HISTORY)

    async def _names(self, values: Row) -> pl.DataFrame:
        rows = await self._transaction.rows(
            """SELECT s.id AS series, l.gtin, l.gln FROM series s JOIN item_location l ON l.id = s.item_location_id
               WHERE s.agreement_id = %(agreement)s AND s.measure = %(measure)s""", **values)
        return pl.DataFrame(rows, schema={"series": pl.Int32, "gtin": pl.String, "gln": pl.String}, orient="row")


INSERT: LiteralString = """
    INSERT INTO observation_chunk (block, period, message_id, part, agreement_id, measure, series_ids, quantities)
    VALUES (%(block)s, %(period)s, %(message)s, %(part)s, %(agreement)s, %(measure)s, %(series)b, %(quantities)b)"""


def _cells(chunks: list[Row]) -> pl.DataFrame:
    """Chunks laid end to end, in their order: series, period, quantity."""
    lengths = [len(c["series_ids"]) for c in chunks]
    periods = np.array([c["period"] for c in chunks], "datetime64[D]")
    return pl.DataFrame({
        "series": np.concatenate([np.empty(0, np.int32), *(c["series_ids"] for c in chunks)]),
        "period": pl.Series(np.repeat(periods, lengths), dtype=pl.Date),
        "quantity": np.concatenate([np.empty(0, np.float64), *(c["quantities"] for c in chunks)]),
    })


def _latest(cells: pl.DataFrame) -> pl.DataFrame:
    """The last word on each series and period, without what was withdrawn."""
    return cells.unique(["series", "period"], keep="last").filter(pl.col("quantity").is_not_nan())
