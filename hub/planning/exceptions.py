"""Where two views of the same future differ by more than was agreed: found, valued, ranked.

Everything is compared as integers (thousandths of a base unit, hundredths of a percent), so that two hubs with the same
criteria and the same views find the same set in the same order: GS1 asks that partners' engines trigger identical
exceptions in parallel. VICS step order: take the criteria, take the views, compare, list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import polars as pl

from hub.errors import Reject
from hub.model.agreement import Threshold
from hub.model.exception import ForecastException
from hub.model.forecast import ForecastKind
from hub.model.plan import Series, Vector

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
QUANTITY_SCALE = 1000
PERCENT_SCALE = 100
LARGEST = 1e11
"""No forecast of a week is larger, in base units; beyond it integer comparison could overflow."""


@dataclass(frozen=True, slots=True)
class View:
    """One party's view: who holds it, what kind of forecast it is, and the weeks."""

    party: str
    kind: ForecastKind
    series: Series


def require_comparable(one: View, other: View) -> None:
    """Only equal kind, items, locations and weeks are compared. Raises Reject NOT_COMPARABLE saying what differs."""
    left, right = one.series, other.series
    differs = {
        "kind of forecast": (one.kind, other.kind),
        "first week": (left.first_week.isoformat(), right.first_week.isoformat()),
        "number of weeks": (str(left.weeks), str(right.weeks)),
    }
    for what, (mine, theirs) in differs.items():
        if mine != theirs:
            raise Reject(f"{one.party} and {other.party} cannot be compared: the {what} differs, {mine} and {theirs}",
                         reason="NOT_COMPARABLE")
    if left.keys != right.keys:
        lone = sorted(set(left.keys) ^ set(right.keys))
        what = f"item {lone[0][0]} at {lone[0][1]} has only one view" if lone else "the order of items differs"
        raise Reject(f"{one.party} and {other.party} cannot be compared: {what}", reason="NOT_COMPARABLE")


def disputed(buyer: View, seller: View, thresholds: Sequence[Threshold]) -> Mask:
    """(n, weeks): True where the views differ by more than some threshold's percent of their mean AND its quantity.

    The first column is lag 1. A week that only one side speaks of is not in dispute. The mean is that of the
    magnitudes, so that returns (negative forecasts) do not cancel it. Raises Reject when the views are not comparable.
    """
    require_comparable(buyer, seller)
    left, right = scaled(buyer.series.values), scaled(seller.series.values)
    both = ~np.isnan(buyer.series.values) & ~np.isnan(seller.series.values)
    distance, total = np.abs(left - right), np.abs(left) + np.abs(right)
    found = np.zeros(distance.shape, dtype=np.bool_)
    for threshold in thresholds:
        band = slice(max(threshold.from_week - 1, 0), threshold.to_week)
        percent = _exact(threshold.percent, PERCENT_SCALE, "percent")
        quantity = _exact(threshold.quantity, QUANTITY_SCALE, "quantity")
        by_percent = distance[:, band] * (2 * 100 * PERCENT_SCALE) > percent * total[:, band]
        found[:, band] |= by_percent & (distance[:, band] > quantity)
    return found & both


def scaled(values: Vector) -> Integers:
    """Quantities as integer thousandths, halves to even; NaN as 0. Raises Reject beyond ±1e11."""
    known = np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf)
    if (np.abs(known) > LARGEST).any():
        raise Reject("a forecast quantity is beyond 100,000,000,000 base units", reason="QUANTITY_TOO_LARGE")
    return np.rint(known * QUANTITY_SCALE).astype(np.int64)


def _exact(number: Decimal, scale: int, what: str) -> int:
    whole = number * scale
    if whole != whole.to_integral_value():
        raise Reject(f"the threshold's {what} {number} has more than {len(str(scale)) - 1} decimals",
                     reason="THRESHOLD_TOO_FINE")
    return int(min(whole, Decimal(20_000 if what == "percent" else LARGEST * QUANTITY_SCALE)))


def rank(
    buyer: View, seller: View, found: Mask, unit_values: Vector, baseline: Series | None = None
) -> pl.DataFrame:
    """The disputed cells, dearest first: gtin, gln, period, lag, left, right, baseline, percent, value_at_stake.

    `unit_values` (n,) prices a base unit of each key; NaN counts as 1, so that unpriced items still rank by quantity.
    Ties are broken by gtin, gln (code point order), then week.
    """
    row, week = np.nonzero(found)
    left, right = scaled(buyer.series.values)[row, week], scaled(seller.series.values)[row, week]
    distance, total = np.abs(left - right), np.abs(left) + np.abs(right)
    price = np.nan_to_num(unit_values, nan=1.0)[row]
    keys = np.array(buyer.series.keys, dtype=object).reshape(-1, 2)
    first = np.datetime64(buyer.series.first_week, "D")
    usual = baseline.values[row, week] if baseline is not None else np.full(len(row), np.nan)
    return pl.DataFrame({
        "gtin": pl.Series(keys[row, 0], dtype=pl.String), "gln": pl.Series(keys[row, 1], dtype=pl.String),
        "period": pl.Series(first + (week * 7).astype("timedelta64[D]")).cast(pl.Date), "lag": week + 1,
        "left": left / QUANTITY_SCALE, "right": right / QUANTITY_SCALE,
        "baseline": pl.Series(usual).fill_nan(None),
        "percent": np.round(200.0 * distance / np.maximum(total, 1), 2),
        "value_at_stake": np.round(distance / QUANTITY_SCALE * price, 2),
    }).sort("value_at_stake", "gtin", "gln", "period", descending=[True, False, False, False])


def as_exceptions(ranked: pl.DataFrame, agreement: str, buyer: str, seller: str) -> list[ForecastException]:
    """The ranked rows as open exceptions of `agreement`, in the same order; `buyer` and `seller` are short names."""
    return [
        ForecastException(agreement=agreement, left_party=buyer, right_party=seller, **line)
        for line in ranked.iter_rows(named=True)
    ]


def fingerprint(ranked: pl.DataFrame) -> str:
    """SHA-256 over the ordered set: equal on two hubs exactly when they found the same exceptions in the same order."""
    digest = hashlib.sha256()
    for gtin, gln, period, left, right in ranked.select("gtin", "gln", "period", "left", "right").iter_rows():
        numbers = f"{round(left * QUANTITY_SCALE)}|{round(right * QUANTITY_SCALE)}"
        digest.update(f"{gtin}|{gln}|{period.isoformat()}|{numbers}\n".encode())
    return digest.hexdigest()


def below_criterion(measured: Mapping[str, Decimal], criterion: Decimal) -> list[str]:
    """Metric exceptions: the names whose measure lies below what was agreed, lowest first (in-stock 83 against 90)."""
    return sorted((name for name, value in measured.items() if value < criterion), key=lambda n: (measured[n], n))
