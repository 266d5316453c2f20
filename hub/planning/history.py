"""Rows of observations -> one matrix of weeks. What was not reported is NaN; zero is a report that nothing sold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from hub.errors import Reject
from hub.model.agreement import Weekday
from hub.model.plan import Series, Vector
from hub.planning.calendar import WEEK, WEEKDAYS, rebucket, week_column

Keys = tuple[tuple[str, str], ...]
IMPOSSIBLE = 1e11
"""No week sells more base units: a mistake of units, or a broken report."""


def keys_of(rows: pl.DataFrame) -> Keys:
    """The item-locations of a frame with columns gtin and gln, in code point order."""
    return tuple(rows.select("gtin", "gln").unique().sort("gtin", "gln").iter_rows())


def matrix(rows: pl.DataFrame, first_week: date, weeks: int, keys: Keys | None = None) -> Series:
    """What flowed (sold, withdrawn, received): rows gtin, gln, period, quantity -> `weeks` weeks from `first_week`.

    Several periods of one week (daily reports) add up. Rows outside the weeks, or of other keys when `keys` is given,
    are left out; keys without rows are NaN throughout. Infinite or null quantities count as not reported.
    """
    return _weekly(rows, first_week, weeks, keys, pl.col("quantity").sum())


def stock_matrix(rows: pl.DataFrame, first_week: date, weeks: int, keys: Keys | None = None) -> Series:
    """What lay there (on hand): as `matrix`, but of several counts in one week the last one stands."""
    return _weekly(rows, first_week, weeks, keys, pl.col("quantity").sort_by("period").last())


def _weekly(rows: pl.DataFrame, first_week: date, weeks: int, keys: Keys | None, of_week: pl.Expr) -> Series:
    keys = keys_of(rows) if keys is None else keys
    index = pl.DataFrame(list(keys), schema={"gtin": pl.String, "gln": pl.String}, orient="row").with_row_index("row")
    start = WEEKDAYS[first_week.weekday()]
    cells = (
        rows.lazy()
        .filter(pl.col("quantity").is_finite())
        .with_columns(((week_column("period", start) - pl.lit(first_week)).dt.total_days() // WEEK).alias("week"))
        .filter((pl.col("week") >= 0) & (pl.col("week") < weeks))
        .join(index.lazy(), on=["gtin", "gln"])
        .group_by("row", "week")
        .agg(of_week)
        .collect()
    )
    values = np.full((len(keys), weeks), np.nan)
    values[cells["row"].to_numpy(), cells["week"].to_numpy()] = cells["quantity"].to_numpy()
    return Series(keys, first_week, values)


def rows_of(series: Series) -> pl.DataFrame:
    """The inverse of `matrix`: gtin, gln, period, quantity for every cell that says something."""
    row, week = np.nonzero(~np.isnan(series.values))
    gtins = np.array([k[0] for k in series.keys], dtype=object)
    glns = np.array([k[1] for k in series.keys], dtype=object)
    days = np.datetime64(series.first_week, "D") + (week * WEEK).astype("timedelta64[D]")
    return pl.DataFrame({
        "gtin": pl.Series(gtins[row], dtype=pl.String), "gln": pl.Series(glns[row], dtype=pl.String),
        "period": pl.Series(days).cast(pl.Date), "quantity": series.values[row, week],
    })


def align(series: Series, keys: Keys, first_week: date, weeks: int, *, recut: bool = False) -> Series:
    """`series` on other keys and weeks; NaN where it says nothing.

    With `recut` a different week start is honoured by shares of days; without it a difference is refused, because two
    calendars cannot be compared cell by cell (Reject NOT_COMPARABLE).
    """
    if not recut and (first_week - series.first_week).days % WEEK:
        raise Reject(f"weeks from {series.first_week} and from {first_week} start on different weekdays",
                     reason="NOT_COMPARABLE")
    values = rebucket(series.values, series.first_week, first_week, weeks)
    if keys == series.keys:
        return Series(keys, first_week, values)
    where = {key: row for row, key in enumerate(series.keys)}
    rows = np.array([where.get(key, -1) for key in keys], dtype=np.int64)
    out = np.full((len(keys), weeks), np.nan)
    out[rows >= 0] = values[rows[rows >= 0]]
    return Series(keys, first_week, out)


def without_stockouts(sold: Series, on_hand: Series) -> Series:
    """`sold` with the weeks blanked in which the shelf ended empty: what sold then is not what was wanted.

    Weeks without a stock report stay as they are. An item that would lose more than half of its weeks keeps them all:
    it is not short but passes through without being stored. Raises Reject when the two do not share keys and weeks.
    """
    if sold.keys != on_hand.keys or sold.first_week != on_hand.first_week or sold.weeks != on_hand.weeks:
        raise Reject("sales and stock must have the same item-locations and weeks", reason="NOT_COMPARABLE")
    known = ~np.isnan(sold.values)
    empty = known & (np.nan_to_num(on_hand.values, nan=1.0) <= 0)
    stored = 2 * empty.sum(axis=1) <= known.sum(axis=1)
    return Series(sold.keys, sold.first_week, np.where(empty & stored[:, None], np.nan, sold.values))


def believed(values: Vector) -> tuple[Vector, dict[str, int]]:
    """History (n, weeks) without what cannot be meant, and what is odd in it: `impossible` cells (beyond ±1e11, taken
    for unknown), weeks with more `returns` than sales (kept), and weeks `silent` after a series' first report."""
    impossible = np.abs(np.nan_to_num(values)) > IMPOSSIBLE
    kept = np.where(impossible, np.nan, values)
    seen = np.maximum.accumulate(~np.isnan(kept), axis=1) if kept.shape[1] else np.zeros(kept.shape, dtype=np.bool_)
    return kept, {"impossible": int(impossible.sum()), "returns": int((kept < 0).sum()),
                  "silent": int((seen & np.isnan(kept)).sum())}


def gaps(series: Series) -> pl.DataFrame:
    """Weeks missing after an item-location's first report: gtin, gln, period; the planner's list of silent weeks."""
    seen = np.maximum.accumulate(~np.isnan(series.values), axis=1)
    silent: Vector = np.where(seen & np.isnan(series.values), 0.0, np.nan)
    return rows_of(Series(series.keys, series.first_week, silent)).drop("quantity")


def vector(rows: pl.DataFrame, keys: Sequence[tuple[str, str]]) -> Vector:
    """The newest number per key from rows gtin, gln, period, quantity (stock on hand now); NaN where there is none."""
    newest = rows.sort("period").select("gtin", "gln", "quantity").iter_rows()
    found = {(gtin, gln): quantity for gtin, gln, quantity in newest if quantity is not None}
    return np.array([found.get(key, np.nan) for key in keys], dtype=np.float64)


def week_start_of(series: Series) -> Weekday:
    """The weekday on which the weeks of `series` begin."""
    return WEEKDAYS[series.first_week.weekday()]
