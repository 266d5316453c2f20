"""Where two views of the same future differ by more than was agreed: found, valued, ranked.

Everything is compared as integers (units of the agreement's last decimal, hundredths of a percent), so that two hubs
with the same criteria and the same views find the same set in the same order: GS1 asks that partners' engines trigger
identical exceptions in parallel. VICS step order: take the criteria, take the views, compare, list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import polars as pl

from hub.errors import Reject
from hub.model.agreement import Level, Threshold
from hub.model.exception import ForecastException
from hub.model.exception import View as ViewMeasure
from hub.model.forecast import ForecastKind
from hub.model.plan import Series, Vector
from hub.planning.over_weeks import not_carried, of_events

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
QUANTITY_SCALE = 1000
PERCENT_SCALE = 100
PRICE_SCALE = 10_000
LEVELS: tuple[Level, ...] = get_args(Level)
OVER_WEEKS: tuple[Level, ...] = ("event", "range")
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


@dataclass(frozen=True, slots=True)
class Criteria:
    """From when on a difference is an exception: `thresholds`, compared with `decimals` decimals. `groups` holds for
    each level above the item-location, (n,), the number of the group that a row is added up in. `usual` (n, weeks) is
    what would be sold without events, `events` the weeks that hold one: thresholds of events judge nothing without."""

    thresholds: tuple[Threshold, ...]
    decimals: int = 3
    groups: Mapping[Level, Integers] = field(default_factory=dict)
    usual: Vector | None = None
    events: Mask | None = None

    @property
    def scale(self) -> int:
        return int(10**self.decimals)

    def at(self, lag: int) -> tuple[Threshold, ...]:
        """Those that judge a week so far ahead."""
        return tuple(t for t in self.thresholds if t.from_week <= lag <= t.to_week)

    def over_weeks(self) -> Criteria:
        """Those thresholds only that look at several weeks together."""
        return replace(self, thresholds=tuple(t for t in self.thresholds if t.level in OVER_WEEKS))


def disputed(
    buyer: View, seller: View, criteria: Criteria, within: Mask | None = None
) -> npt.NDArray[np.int8]:
    """(n, weeks): where the views differ by more than some threshold's percent of their mean AND its quantity: 1 + the
    position of its level in `LEVELS`, the finest one; 0 elsewhere.

    The first column is lag 1. A week that only one side speaks of is not in dispute. The mean is that of the
    magnitudes, so that returns (negative forecasts) do not cancel it. Only cells of `within` are judged, where given.
    Raises Reject when the views are not comparable.
    """
    require_comparable(buyer, seller)
    judged = ~np.isnan(buyer.series.values) & ~np.isnan(seller.series.values)
    needed = judged if within is None or criteria.groups else judged & within
    left, right = (_scaled_where(needed, view.series.values, criteria.scale) for view in (buyer, seller))
    found = np.zeros(left.shape, dtype=np.int8)
    for threshold in sorted(criteria.thresholds, key=lambda t: LEVELS.index(t.level)):
        band = slice(threshold.from_week - 1, threshold.to_week)
        cells = judged[:, band] if within is None else judged[:, band] & within[:, band]
        numbers = left[:, band], right[:, band]
        beyond = Beyond(threshold, criteria.scale)
        if threshold.level in OVER_WEEKS:
            hit = _over_weeks(buyer.series.values, seller.series.values, criteria, beyond)[:, band]
            hit = hit if within is None else hit & within[:, band]
        elif threshold.level == "item_location":
            hit = _by_cell(*numbers, cells, beyond)
        else:
            hit = _by_group(*numbers, cells, beyond, criteria.groups[threshold.level])
        found[:, band] = np.where((found[:, band] == 0) & hit, 1 + LEVELS.index(threshold.level), found[:, band])
    return found


def _over_weeks(buyer: Vector, seller: Vector, criteria: Criteria, beyond: Beyond) -> Mask:
    """(n, weeks): what a threshold of events, or of the range, finds in the weeks that it is for."""
    hit = np.zeros(buyer.shape, dtype=np.bool_)
    band = slice(beyond.threshold.from_week - 1, beyond.threshold.to_week)
    left, right = buyer[:, band], seller[:, band]
    if beyond.threshold.level == "range":
        numbers = scaled(left, criteria.scale), scaled(right, criteria.scale)
        hit[:, band] = not_carried(*numbers, (bool((~np.isnan(buyer)).any()), bool((~np.isnan(seller)).any())), beyond)
    elif criteria.usual is not None and criteria.events is not None:
        cells = criteria.events[:, band] & ~np.isnan(left) & ~np.isnan(right)
        usual = scaled(criteria.usual[:, band], criteria.scale)
        added = scaled(left, criteria.scale) - usual, scaled(right, criteria.scale) - usual
        hit[:, band] = of_events(*added, cells, beyond)
    return hit


def _scaled_where(needed: Mask, values: Vector, scale: int) -> Integers:
    """`scaled` in the cells of `needed`, 0 elsewhere."""
    if 4 * np.count_nonzero(needed) > needed.size:
        return np.where(needed, scaled(values, scale), 0)
    out = np.zeros(values.shape, dtype=np.int64)
    out[needed] = scaled(values[needed], scale)
    return out


@dataclass(frozen=True, slots=True)
class Beyond:
    """Whether a difference is beyond one threshold, in whole numbers only."""

    threshold: Threshold
    scale: int

    def __call__(self, distance: Any, total: Any) -> Any:
        """`distance` |left − right| and `total` |left| + |right|: integer arrays of one shape."""
        percent = _exact(self.threshold.percent, PERCENT_SCALE, "percent")
        quantity = _exact(self.threshold.quantity, self.scale, "quantity")
        return (distance * (2 * 100 * PERCENT_SCALE) > percent * total) & (distance > quantity)


def _by_cell(left: Integers, right: Integers, cells: Mask, beyond: Beyond) -> Mask:
    hit = np.zeros(cells.shape, dtype=np.bool_)
    one, other = left[cells], right[cells]
    hit[cells] = beyond(np.abs(one - other), np.abs(one) + np.abs(other))
    return hit


def _by_group(left: Integers, right: Integers, cells: Mask, beyond: Beyond, group: Integers) -> Mask:
    """The fewest cells of each disputed sum without whose difference it would be within the threshold: those that pull
    in its direction, the largest first, equal ones in the order of rows."""
    hit = np.zeros(cells.shape, dtype=np.bool_)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    ends = np.append(starts[1:], len(order))
    for week in range(cells.shape[1]):
        touched = np.logical_or.reduceat(cells[order, week], starts) if len(starts) else np.zeros(0, np.bool_)
        if not touched.any():
            continue
        apart = left[:, week] - right[:, week]
        differences = _sums(apart[order], starts)
        totals = _sums((np.abs(left[:, week]) + np.abs(right[:, week]))[order], starts)
        beyond_it = np.asarray(beyond(np.abs(differences), totals), dtype=np.bool_)
        for at in np.flatnonzero(touched & beyond_it).tolist():
            rows = order[starts[at] : ends[at]]
            hit[_drivers(apart, rows, int(differences[at]), int(totals[at]), beyond), week] = True
    return hit & cells


def _sums(numbers: Integers, starts: Integers) -> Any:
    """Sums of the runs that begin at `starts`, as Python's integers, which never overflow."""
    small = not len(numbers) or int(np.abs(numbers).max()) < 2**62 // len(numbers)
    return np.add.reduceat(numbers if small else numbers.astype(object), starts).astype(object)


def _drivers(apart: Integers, rows: Integers, difference: int, total: int, beyond: Beyond) -> list[int]:
    sign, chosen = (1 if difference > 0 else -1), []
    left_over = abs(difference)
    pulls = apart[rows] * sign
    for at in np.argsort(-pulls, kind="stable").tolist():
        if pulls[at] <= 0 or not beyond(left_over, total):
            break
        chosen.append(int(rows[at]))
        left_over -= int(pulls[at])
    return chosen


def scaled(values: Vector, scale: int = QUANTITY_SCALE) -> Integers:
    """Quantities as integers of 1/`scale`, halves to even; NaN as 0. Raises Reject beyond ±1e11."""
    known = np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf)
    if (np.abs(known) > LARGEST).any():
        raise Reject("a forecast quantity is beyond 100,000,000,000 base units", reason="QUANTITY_TOO_LARGE")
    return np.rint(known * scale).astype(np.int64)


def _exact(number: Decimal, scale: int, what: str) -> int:
    whole = number * scale
    if whole != whole.to_integral_value():
        raise Reject(f"the threshold's {what} {number} has more than {len(str(scale)) - 1} decimals",
                     reason="THRESHOLD_TOO_FINE")
    return int(min(whole, Decimal(20_000 if what == "percent" else LARGEST * QUANTITY_SCALE)))


def rank(
    buyer: View, seller: View, found: npt.NDArray[Any], unit_values: Vector, baseline: Series | None = None,
    decimals: int = 3, usual: Vector | None = None,
) -> pl.DataFrame:
    """The disputed cells, dearest first: gtin, gln, period, lag, left, right, baseline, percent, value_at_stake, level.

    `unit_values` (n,) prices a base unit of each key, to four decimals; NaN counts as 1, so that unpriced items still
    rank by quantity. What is at stake is reckoned in whole cents. Ties are broken by gtin, gln (code point order), then
    week. The percent is of the mean of both views; of an event's week of the mean of what they add to `usual` (n,
    weeks).
    """
    row, week = np.nonzero(found)
    scale = 10**decimals
    left, right = (scaled(view.series.values, scale)[row, week] for view in (buyer, seller))
    distance, total = np.abs(left - right), np.abs(left) + np.abs(right)
    keys = np.array(buyer.series.keys, dtype=object).reshape(-1, 2)
    first = np.datetime64(buyer.series.first_week, "D")
    if usual is not None:
        without = scaled(usual, scale)[row, week]
        of_event = found[row, week] == 1 + LEVELS.index("event")
        total = np.where(of_event, np.abs(left - without) + np.abs(right - without), total)
    said = baseline.values[row, week] if baseline is not None else np.full(len(row), np.nan)
    return pl.DataFrame({
        "gtin": pl.Series(keys[row, 0], dtype=pl.String), "gln": pl.Series(keys[row, 1], dtype=pl.String),
        "period": pl.Series(first + (week * 7).astype("timedelta64[D]")).cast(pl.Date), "lag": week + 1,
        "left": left / scale, "right": right / scale,
        "baseline": pl.Series(said).fill_nan(None),
        "percent": np.round(200.0 * distance / np.maximum(total, 1), 2),
        "value_at_stake": _cents(distance, unit_values[row], scale) / 100,
        "level": pl.Series([LEVELS[max(code - 1, 0)] for code in found[row, week].astype(np.int64).tolist()],
                           dtype=pl.String),
    }).sort("value_at_stake", "gtin", "gln", "period", descending=[True, False, False, False])


def _cents(distance: Integers, price: Vector, scale: int) -> Integers:
    """distance × price in whole cents, halves up; exact in integers whatever their size."""
    prices = np.rint(np.nan_to_num(price, nan=1.0) * PRICE_SCALE).astype(np.int64)
    unit = scale * PRICE_SCALE // 100
    if len(distance) and int(distance.max()) * int(np.abs(prices).max()) < 2**62:
        return np.asarray((distance * prices + unit // 2) // unit)
    exact = [(d * p + unit // 2) // unit for d, p in zip(distance.tolist(), prices.tolist(), strict=True)]
    return np.array(exact, dtype=np.int64)


def as_exceptions(
    ranked: pl.DataFrame, agreement: str, buyer: str, seller: str, measure: ViewMeasure = "sales_forecast"
) -> list[ForecastException]:
    """The ranked rows as open exceptions of `agreement`, in the same order; `buyer` and `seller` are short names."""
    return [
        ForecastException(agreement=agreement, left_party=buyer, right_party=seller, measure=measure, **line)
        for line in ranked.iter_rows(named=True)
    ]


def fingerprint(ranked: pl.DataFrame, decimals: int = 3) -> str:
    """SHA-256 over the ordered set: equal on two hubs exactly when they found the same exceptions in the same order.

    One line each: gtin, gln, week, both quantities and the cents at stake as integers. No ids, no times.
    """
    digest, scale = hashlib.sha256(), 10**decimals
    columns = ("gtin", "gln", "period", "left", "right", "value_at_stake")
    for gtin, gln, period, left, right, stake in ranked.select(columns).iter_rows():
        numbers = f"{round(left * scale)}|{round(right * scale)}|{round(stake * 100)}"
        digest.update(f"{gtin}|{gln}|{period.isoformat()}|{numbers}\n".encode())
    return digest.hexdigest()


def fingerprint_of(found: Sequence[ForecastException], decimals: int) -> str:
    """The fingerprint of exceptions in any order: put into the order of `rank` by Python's own comparison."""
    rows = sorted(found, key=lambda e: (-round(e.value_at_stake * 100), e.gtin, e.gln, e.period))
    return fingerprint(pl.DataFrame(
        [(e.gtin, e.gln, e.period, e.left, e.right, e.value_at_stake) for e in rows], orient="row",
        schema={"gtin": pl.String, "gln": pl.String, "period": pl.Date, "left": pl.Float64, "right": pl.Float64,
                "value_at_stake": pl.Float64}), decimals)


def below_criterion(measured: Mapping[str, Decimal], criterion: Decimal) -> list[str]:
    """Metric exceptions: the names whose measure lies below what was agreed, lowest first (in-stock 83 against 90)."""
    return sorted((name for name, value in measured.items() if value < criterion), key=lambda n: (measured[n], n))
