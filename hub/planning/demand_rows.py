"""Long rows of demand (item, location, period, quantity, offers) -> the panel that models forecast from.

What cannot be used is refused with a sentence that names the rows. A period without a row stays unknown: absent is not
zero. Negative quantities are returns and stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from hub.errors import Reject
from hub.model.plan import Vector
from hub.planning.calendar import WEEK
from hub.planning.models.drivers import drivers
from hub.planning.models.panel import Bucket, Panel

REQUIRED = ("item", "location", "period", "quantity")
OFFERS = ("price", "base_price", "feature", "display")
KEYS = ("item", "location", "period")
HUGE = 1e12
"""A quantity beyond this is a mistake of units or a broken file."""
FEWEST_PER_ITEM = 2.0
"""Series per item from which items are families; else all series are one family."""
MOST_CELLS = 400_000_000


@dataclass(frozen=True, slots=True)
class Demand:
    """The panel over all rows; `keys` names (item, location) of each series, `periods` the number of columns."""

    panel: Panel
    keys: list[tuple[str, str]]


def demand(rows: pl.DataFrame, horizon: int, *, plan_known: bool = False) -> Demand:
    """Check `rows` and lay them out. Raises Reject with one sentence about what is wrong."""
    rows = _typed(rows)
    bucket = frequency(rows)
    rows, first, columns = _columns(rows, bucket)
    keys = rows.select("item", "location").unique().sort("item", "location").with_row_index("series")
    if len(keys) * columns > MOST_CELLS:
        raise Reject(f"{len(keys)} series over {columns} periods are more than one run can hold", reason="TOO_LARGE")
    placed = rows.join(keys, on=["item", "location"], maintain_order="left")
    index = placed["series"].to_numpy(), placed["column"].to_numpy()
    shape = len(keys), columns
    values = _matrix(placed["quantity"], index, shape)
    stock = _matrix(placed["on_hand"], index, shape) if "on_hand" in rows.columns else None
    offers = {name: _matrix(placed[name], index, shape) if name in rows.columns else None for name in OFFERS}
    found = drivers(offers["price"], offers["base_price"], offers["feature"], offers["display"], plan_known)
    if plan_known and found is None:
        raise Reject(f"--plan-known needs one of the columns {', '.join(OFFERS)}", reason="NO_PLAN")
    items, places = (keys[name].rank("dense").to_numpy().astype(np.int64) - 1 for name in ("item", "location"))
    families = items if len(keys) >= FEWEST_PER_ITEM * keys["item"].n_unique() else np.zeros(len(keys), np.int64)
    panel = Panel(_unless_sold_out(values, stock), first, families, horizon, bucket, places, found)
    return Demand(panel, list(keys.select("item", "location").iter_rows()))


def _unless_sold_out(values: Vector, stock: Vector | None) -> Vector:
    """Periods that ended with an empty shelf are unknown demand; a series that would lose more than half keeps them."""
    if stock is None:
        return values
    empty = ~np.isnan(values) & (np.nan_to_num(stock, nan=1.0) <= 0)
    stored = 2 * empty.sum(axis=1) <= (~np.isnan(values)).sum(axis=1)
    return np.where(empty & stored[:, None], np.nan, values)


def _matrix(column: pl.Series, index: tuple[Vector, Vector], shape: tuple[int, int]) -> Vector:
    out = np.full(shape, np.nan)
    out[index] = column.to_numpy()
    return out


def _typed(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns in use, with text keys, dates and floats; refused when they cannot be had."""
    missing = [name for name in REQUIRED if name not in rows.columns]
    if missing:
        raise Reject(f"missing column{'s' * (len(missing) > 1)} {', '.join(missing)}; found {', '.join(rows.columns)}",
                     reason="MISSING_COLUMN")
    if rows.is_empty():
        raise Reject("there are no rows", reason="NO_ROWS")
    _require_one_unit(rows)
    numbers = ["quantity", *(name for name in (*OFFERS, "on_hand") if name in rows.columns)]
    rows = rows.select(*KEYS, *numbers)
    for name in numbers:
        if not (rows[name].dtype.is_numeric() or rows[name].dtype in (pl.Boolean, pl.Null)):
            raise Reject(f"column {name} must hold numbers, not {rows[name].dtype}", reason="WRONG_TYPE")
    rows = named(rows, ("item", "location")).with_columns(
        as_date(rows["period"]), pl.col(numbers).cast(pl.Float64))
    for name in KEYS:
        if rows[name].null_count():
            hint = "; write days as 2026-01-31" if name == "period" else ""
            raise Reject(f"{rows[name].null_count()} rows have no usable {name}{hint}", reason="MISSING_VALUE")
    bad = rows.filter(~pl.col("quantity").is_finite().fill_null(False))
    if len(bad):
        raise Reject(f"{len(bad)} rows have no finite quantity, the first for {_name(bad)}; leave the row out where "
                     "nothing is known", reason="MISSING_VALUE")
    bad = rows.filter(pl.col("quantity").abs() > HUGE)
    if len(bad):
        raise Reject(f"{len(bad)} quantities are beyond {HUGE:.0e}, the first for {_name(bad)}", reason="HUGE")
    for name in numbers[1:]:
        rows = rows.with_columns(pl.when(pl.col(name).is_finite() & (pl.col(name).abs() <= HUGE)).then(pl.col(name))
                                 .otherwise(None).fill_null(float("nan")).alias(name))
    twice = rows.filter(pl.struct(KEYS).is_duplicated())
    if len(twice):
        raise Reject(f"{len(twice)} rows share item, location and period, the first for {_name(twice)}",
                     reason="DUPLICATE_PERIOD")
    return rows


def named(rows: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """`rows` with the columns `names` as text, null where bytes are none; Reject WRONG_TYPE for lists."""
    for name in names:
        if rows[name].dtype.is_nested():
            raise Reject(f"column {name} must hold text or numbers, not {rows[name].dtype}", reason="WRONG_TYPE")
    return rows.with_columns(pl.col(names).cast(pl.String, strict=False))


def _require_one_unit(rows: pl.DataFrame) -> None:
    """Where the rows say their unit, each item has one: a sum of cases and pieces forecasts nothing."""
    if "unit" not in rows.columns:
        return
    units = rows.group_by(pl.col("item").cast(pl.String)).agg(pl.col("unit").cast(pl.String).unique().sort())
    mixed = units.filter(pl.col("unit").list.len() > 1).sort("item")
    if len(mixed):
        item, found = mixed.row(0)
        raise Reject(f"{len(mixed)} items are counted in several units, the first is {item}: "
                     f"{', '.join(unit or 'none' for unit in found)}; convert each item to one unit",
                     reason="MIXED_UNITS")


def _name(rows: pl.DataFrame) -> str:
    item, location, period = rows.select(KEYS).row(0)
    return f"item {item} at {location}, {period}"


def as_date(period: pl.Series) -> pl.Series:
    """Dates from dates, times or ISO text; null where text is none."""
    if period.dtype == pl.Date:
        return period
    if isinstance(period.dtype, pl.Datetime):
        return period.cast(pl.Date)
    if period.dtype == pl.String:
        return period.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    raise Reject(f"column period must hold dates, times or ISO text, not {period.dtype}", reason="WRONG_TYPE")


def frequency(rows: pl.DataFrame) -> Bucket:
    """day, week or month, from the days on which periods begin; Reject MIXED_PERIODS when there is no one answer."""
    periods = rows["period"].unique().sort()
    if len(periods) < 2:
        raise Reject("all rows are of one period: nothing can be forecast from it", reason="TOO_SHORT")
    gaps = periods.diff().drop_nulls().dt.total_days()
    last_days = periods.dt.month_end().dt.day() == periods.dt.day()
    shortest = min(gaps.to_list())
    if shortest >= 28 and (periods.dt.day().n_unique() == 1 or bool(last_days.all())):
        weekly = bool((gaps % WEEK == 0).all()) and shortest == 28
        return "week" if weekly and len(periods) > 3 else "month"
    if bool((gaps % WEEK == 0).all()):
        return "week"
    own = (rows.sort(KEYS).select("item", "location", gap=pl.col("period").diff().over("item", "location")
                                  .dt.total_days())
           .drop_nulls().group_by("item", "location")
           .agg(pl.len().alias("rows"), pl.col("gap").min().alias("least"), pl.col("gap").median().alias("usual")))
    mixed = own.filter((pl.col("rows") >= 4) & (pl.col("least") >= WEEK))
    if len(mixed) or own.is_empty() or float(own["usual"].median() or 99) >= 4:  # type: ignore[arg-type]  # a number
        example = mixed.row(0) if len(mixed) else ("?", "?")
        where = f"; item {example[0]} at {example[1]} has no two periods closer than a week" if len(mixed) else ""
        raise Reject("periods are of mixed length: not all days, all weeks from one weekday, or all months" + where,
                     reason="MIXED_PERIODS")
    return "day"


def _columns(rows: pl.DataFrame, bucket: Bucket) -> tuple[pl.DataFrame, date, int]:
    """`rows` with the column of each period, the first period, and how many columns there are."""
    period = pl.col("period")
    if bucket == "month":
        number = period.dt.year().cast(pl.Int64) * 12 + period.dt.month()
    else:
        number = period.cast(pl.Int32).cast(pl.Int64) // (WEEK if bucket == "week" else 1)
    rows = rows.with_columns(number.alias("column")).with_columns(pl.col("column") - pl.col("column").min())
    first = rows["period"].min()
    assert isinstance(first, date)  # noqa: S101  (there are rows, of days)
    return rows, first, int(rows["column"].max()) + 1  # type: ignore[arg-type]  # rows are numbered by integers
