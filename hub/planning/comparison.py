"""Two plans of the same future beside each other: who differs where, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from hub.model.plan import Series, Vector
from hub.planning.calendar import WEEK
from hub.planning.history import align

COLUMNS = {"gtin": pl.String, "gln": pl.String, "week": pl.Date, "left": pl.Float64, "right": pl.Float64,
           "difference": pl.Float64, "percent": pl.Float64, "cost": pl.Float64}


def shared(left: Series, right: Series) -> tuple[Series, Series]:
    """Both on the item-locations that both know and the weeks that both cover, of the left one's week start."""
    known = set(right.keys)
    keys = tuple(key for key in left.keys if key in known)
    later = -(-(right.first_week - left.first_week).days // WEEK)
    first = left.first_week + timedelta(weeks=max(later, 0))
    ends = min(left.first_week + timedelta(weeks=left.weeks), right.first_week + timedelta(weeks=right.weeks))
    weeks = max((ends - first).days // WEEK, 0)
    return align(left, keys, first, weeks), align(right, keys, first, weeks, recut=True)


def differences(left: Series, right: Series, unit_values: Vector) -> pl.DataFrame:
    """The cells in which both say something else, dearest first: `COLUMNS`. `difference` is right − left, `percent` of
    their mean magnitude, `cost` |difference| × unit value (1 where no price is known, as `unit_values` NaN). Both must
    be on the same keys and weeks (see `shared`)."""
    row, week = np.nonzero(~np.isnan(left.values + right.values) & (left.values != right.values))
    one, two = left.values[row, week], right.values[row, week]
    keys = np.array(left.keys, dtype=object).reshape(-1, 2)
    days = np.datetime64(left.first_week, "D") + (week * WEEK).astype("timedelta64[D]")
    price = np.nan_to_num(unit_values, nan=1.0)[row]
    return pl.DataFrame({
        "gtin": pl.Series(keys[row, 0], dtype=pl.String), "gln": pl.Series(keys[row, 1], dtype=pl.String),
        "week": pl.Series(days).cast(pl.Date), "left": one, "right": two, "difference": two - one,
        "percent": np.round(200 * np.abs(two - one) / np.maximum(np.abs(one) + np.abs(two), 1e-9), 2),
        "cost": np.round(np.abs(two - one) * price, 2),
    }, schema=COLUMNS).sort("cost", "gtin", "gln", "week", descending=[True, False, False, False])
