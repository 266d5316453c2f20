"""The agreement's weeks: any bucket a partner thinks in, expressed in seven-day weeks that begin on the agreed weekday.

A quantity is spread evenly over the days of its bucket: the only assumption made here, and it never changes a sum.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from hub.model.agreement import Weekday
from hub.model.plan import Vector

WEEK = 7
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BUCKET_OFFSET = {"day": "1d", "week": "7d", "month": "1mo", "quarter": "1q", "flexible": "1d"}


def week_of(day: date, start: Weekday) -> date:
    """The first day of the week that holds `day`."""
    return day - timedelta(days=(day.weekday() - WEEKDAYS.index(start)) % WEEK)


def first_future(day: date, start: Weekday) -> date:
    """The first week that has not begun before `day`: the one with lag 1."""
    return week_of(day + timedelta(days=WEEK - 1), start)


def weeks_from(first: date, count: int) -> list[date]:
    """`count` week starts, beginning with `first`."""
    return [first + timedelta(weeks=i) for i in range(count)]


def week_column(day: str, start: Weekday) -> pl.Expr:
    """The expression for `week_of` over the date column `day`."""
    past = (pl.col(day).dt.weekday().cast(pl.Int64) - 1 - WEEKDAYS.index(start)) % WEEK
    return pl.col(day) - pl.duration(days=past)


def season_slot(first: date, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The position 0..51 in the calendar year of `count` weeks from `first`, taken at each week's middle day.

    A year's spare 53rd week shares the slot of the 52nd, so Christmas meets Christmas for any week start.
    """
    middles = [first + timedelta(weeks=i, days=3) for i in range(count)]
    return np.array([min((m.timetuple().tm_yday - 1) // WEEK, 51) for m in middles], dtype=np.int64)


def rebucket(values: Vector, first: date, to_first: date, weeks: int) -> Vector:
    """The weeks of `values` (from `first`) cut anew into `weeks` weeks from `to_first`, by shares of days.

    Shape (n, m) -> (n, weeks). A new week that the old ones cover only in part becomes NaN: half a week is not a week.
    """
    whole, rest = divmod((to_first - first).days, WEEK)
    out = np.full((values.shape[0], weeks), np.nan)
    early = _columns(values, whole, weeks)
    if rest == 0:
        return early
    late = _columns(values, whole + 1, weeks)
    out[:] = early * ((WEEK - rest) / WEEK) + late * (rest / WEEK)
    return out


def _columns(values: Vector, start: int, count: int) -> Vector:
    """`count` columns from index `start`, NaN where `values` has none."""
    out = np.full((values.shape[0], count), np.nan)
    low, high = max(start, 0), min(start + count, values.shape[1])
    if low < high:
        out[:, low - start : high - start] = values[:, low:high]
    return out


def to_weeks(lines: pl.DataFrame, start: Weekday) -> pl.DataFrame:
    """Buckets of any length -> agreement weeks: gtin, gln, period (week start), quantity, days (covered by the lines).

    `lines` has gtin, gln, bucket (a word of `hub.model.forecast.Bucket`), start, end (inclusive, or null: the bucket's
    own length from its start; a flexible bucket without an end is its first day), quantity. The sum of quantities per
    item-location is preserved. Lines of one item-location add up where they overlap. `days` below 7 marks a week that
    the forecast does not cover whole: see `whole_weeks`.
    """
    length = pl.coalesce(
        (pl.col("end") - pl.col("start")).dt.total_days() + 1,
        *[pl.when(pl.col("bucket") == word).then((pl.col("start").dt.offset_by(by) - pl.col("start")).dt.total_days())
          for word, by in _BUCKET_OFFSET.items()],
        pl.lit(1),
    )
    lines = lines.with_columns(length.clip(1).alias("length"), week_column("start", start).alias("first"))
    last_day = pl.col("start") + pl.duration(days=pl.col("length") - 1)
    touched = ((last_day - pl.col("first")).dt.total_days() // WEEK) + 1
    pieces = lines.with_columns(pl.int_ranges(0, touched).alias("nth")).explode("nth", empty_as_null=False)
    pieces = pieces.with_columns((pl.col("first") + pl.duration(days=pl.col("nth") * WEEK)).alias("period"))
    until = pl.min_horizontal(last_day, pl.col("period") + pl.duration(days=WEEK - 1))
    since = pl.max_horizontal(pl.col("start"), pl.col("period"))
    days = (until - since).dt.total_days() + 1
    return (
        pieces.with_columns(days.alias("days"))
        .with_columns((pl.col("quantity") * pl.col("days") / pl.col("length")).alias("quantity"))
        .group_by("gtin", "gln", "period")
        .agg(pl.col("quantity").sum(), pl.col("days").sum())
        .sort("gtin", "gln", "period")
    )


def whole_weeks(weekly: pl.DataFrame) -> pl.DataFrame:
    """The rows of `to_weeks` whose seven days are all covered."""
    return weekly.filter(pl.col("days") >= WEEK)
