"""Numbers for item-locations and series.

A series is one item-location under one measure of one agreement. Its id is block × 512 + slot, and a block belongs to
one
(agreement, measure), so 512 neighbouring series share one row of a message. New series are numbered in (location, item)
order, because messages come by location.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from hub.store.transaction import Row, Transaction

BLOCK = 512
KEYS = ["gln", "gtin"]


async def item_locations(transaction: Transaction, agreement: int, pairs: pl.DataFrame) -> pl.DataFrame:
    """Columns gln, gtin, item_location (Int32) for each distinct pair of `pairs`; numbers what is new."""
    wanted = pairs.select(KEYS).unique().sort(KEYS)
    values: Row = {"agreement": agreement, "glns": wanted["gln"].to_list(), "gtins": wanted["gtin"].to_list()}
    found = await _pairs(transaction, values)
    if found.height < wanted.height:
        await transaction.execute(
            """INSERT INTO item_location (agreement_id, gln, gtin)
               SELECT %(agreement)s, gln, gtin FROM unnest(%(glns)s::text[], %(gtins)s::text[]) AS w (gln, gtin)
               ORDER BY gln, gtin ON CONFLICT DO NOTHING""", **values)
        found = await _pairs(transaction, values)
    return found


async def _pairs(transaction: Transaction, values: Row) -> pl.DataFrame:
    rows = await transaction.rows(
        """SELECT gln, gtin, id AS item_location FROM item_location JOIN unnest(%(glns)s::text[], %(gtins)s::text[])
           AS w (gln, gtin) USING (gln, gtin) WHERE agreement_id = %(agreement)s""", **values)
    return pl.DataFrame(rows, schema={"gln": pl.String, "gtin": pl.String, "item_location": pl.Int32}, orient="row")


async def series(transaction: Transaction, agreement: int, measure: int, places: pl.DataFrame) -> pl.DataFrame:
    """`places` (as from `item_locations`) with a column series (Int32).
    The feed stays locked until the transaction ends."""
    await transaction.execute(
        "SELECT pg_advisory_xact_lock(hashtext('hub.feed'), %(feed)s)", feed=(agreement << 10 | measure) % 2**31)
    rows = await transaction.rows(
        """SELECT item_location_id AS item_location, id AS series FROM series WHERE agreement_id = %(agreement)s
           AND measure = %(measure)s AND item_location_id = ANY (%(places)s)""",
        agreement=agreement, measure=measure, places=places["item_location"].to_list())
    known = pl.DataFrame(rows, schema={"item_location": pl.Int32, "series": pl.Int32}, orient="row")
    fresh = places.join(known, on="item_location", how="anti").sort(KEYS)
    if fresh.height:
        numbers = await _allocate(transaction, agreement, measure, fresh.height)
        fresh = fresh.with_columns(pl.Series("series", numbers, pl.Int32))
        await transaction.execute(
            """INSERT INTO series (id, agreement_id, measure, item_location_id)
               SELECT id, %(agreement)s, %(measure)s, place
               FROM unnest(%(ids)s::int[], %(places)s::int[]) AS n (id, place)""",
            agreement=agreement, measure=measure, ids=fresh["series"].to_list(),
            places=fresh["item_location"].to_list())
        known = pl.concat([known, fresh.select("item_location", "series")])
    return places.join(known, on="item_location")


async def _allocate(transaction: Transaction, agreement: int, measure: int, count: int) -> list[int]:
    """Ids for `count` series: the rest of the feed's last block, then new blocks."""
    last = await transaction.row(
        """SELECT id, used FROM block WHERE agreement_id = %(agreement)s AND measure = %(measure)s
           ORDER BY id DESC LIMIT 1""", agreement=agreement, measure=measure)
    ids: list[int] = []
    if last is not None:
        taken = min(count, BLOCK - last["used"])
        ids += range(last["id"] * BLOCK + last["used"], last["id"] * BLOCK + last["used"] + taken)
        await transaction.execute(
            "UPDATE block SET used = used + %(taken)s WHERE id = %(id)s", id=last["id"], taken=taken)
    while len(ids) < count:
        used = min(count - len(ids), BLOCK)
        block = await transaction.scalar(
            """INSERT INTO block (agreement_id, measure, used) VALUES (%(agreement)s, %(measure)s, %(used)s)
               RETURNING id""", agreement=agreement, measure=measure, used=used)
        ids += range(block * BLOCK, block * BLOCK + used)
    return ids


def blocks(ids: pl.Series) -> pl.Series:
    """The block of each series id."""
    return pl.Series("block", np.asarray(ids) >> 9, pl.Int32)
