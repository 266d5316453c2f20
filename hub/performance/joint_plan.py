"""Where the joint business plan stands: what was planned for a period against what has come so far."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from hub.model.business_plan import BusinessPlan, Target
from hub.model.item import Item

YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Actuals:
    """What happened, base units. `sold` and `on_hand`: gtin, gln, period, quantity; `ordered`: gtin, due, ordered,
    received."""

    sold: pl.DataFrame
    on_hand: pl.DataFrame
    ordered: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Standing:
    """One target on a day. `actual` is what was reached from its start until then (NaN: nothing is known), `expected`
    what should have been by then: the share of the days gone for amounts, the whole target for rates."""

    target: Target
    actual: float
    expected: float

    @property
    def state(self) -> str:
        """ahead (or just there), behind, unknown, or coming when it has not begun."""
        if math.isnan(self.expected):
            return "coming"
        if math.isnan(self.actual):
            return "unknown"
        return "ahead" if self.actual >= self.expected else "behind"


def standings(
    plan: BusinessPlan, actuals: Actuals, items: Mapping[str, Item], today: date
) -> list[Standing]:
    """Every target of the plan as it stands on `today`, in the plan's order."""
    return [_standing(target, actuals, items, today) for target in plan.targets]


def _standing(target: Target, actuals: Actuals, items: Mapping[str, Item], today: date) -> Standing:
    if today <= target.start:
        return Standing(target, math.nan, math.nan)
    days = (min(today, _after(target)) - target.start).days
    share = days / (_after(target) - target.start).days
    amount = target.measure in ("sales", "sales_value")
    expected = float(target.value) * (share if amount else 1.0)
    inside = {gtin for gtin, item in items.items() if target.group in (None, item.group)}
    return Standing(target, MEASURES[target.measure](_within(actuals, target, inside, today), items, days), expected)


def _after(target: Target) -> date:
    return date.fromordinal(target.end.toordinal() + 1)


def _within(actuals: Actuals, target: Target, inside: set[str], today: date) -> Actuals:
    """The rows of the target's items and days, up to the day before `today`."""

    def cut(rows: pl.DataFrame, day: str) -> pl.DataFrame:
        known = (pl.col(day) >= target.start) & (pl.col(day) <= target.end) & (pl.col(day) < today)
        return rows.filter(pl.col("gtin").is_in(list(inside)) & known)

    return Actuals(cut(actuals.sold, "period"), cut(actuals.on_hand, "period"), cut(actuals.ordered, "due"))


def _sales(actuals: Actuals, items: Mapping[str, Item], days: int) -> float:
    return float(actuals.sold["quantity"].sum()) if actuals.sold.height else math.nan


def _sales_value(actuals: Actuals, items: Mapping[str, Item], days: int) -> float:
    """At today's unit values; items without one count nothing."""
    if not actuals.sold.height:
        return math.nan
    sums = actuals.sold.group_by("gtin").agg(pl.col("quantity").sum()).sort("gtin").iter_rows()
    return math.fsum(quantity * float(items[gtin].unit_value or 0) for gtin, quantity in sums)


def _in_stock(actuals: Actuals, items: Mapping[str, Item], days: int) -> float:
    """Counts above zero among all counts, in percent."""
    counts = actuals.on_hand
    return 100.0 * counts.filter(pl.col("quantity") > 0).height / counts.height if counts.height else math.nan


def _turns(actuals: Actuals, items: Mapping[str, Item], days: int) -> float:
    """Sold in a year at this pace over the mean stock, in base units."""
    if not actuals.sold.height or not actuals.on_hand.height:
        return math.nan
    by_day = actuals.on_hand.group_by("period").agg(pl.col("quantity").sum())
    mean = float(by_day["quantity"].sum()) / by_day.height
    return float(actuals.sold["quantity"].sum()) * YEAR / days / mean if mean > 0 else math.nan


def _fill_rate(actuals: Actuals, items: Mapping[str, Item], days: int) -> float:
    """What was received of what was due, at most all of each line, in percent."""
    due = actuals.ordered
    total = float(due["ordered"].sum()) if due.height else 0.0
    got = due.select(pl.min_horizontal("ordered", pl.col("received").fill_null(0))).to_series().sum() if total else 0.0
    return 100.0 * float(got) / total if total else math.nan


MEASURES = {"sales": _sales, "sales_value": _sales_value, "in_stock": _in_stock, "turns": _turns,
            "fill_rate": _fill_rate}
