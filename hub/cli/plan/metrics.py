"""Metric exceptions as a planner reads them: who missed what was agreed, by how much, and what it weighs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.model.performance import MetricException

KINDS = {"wmape": "error (WMAPE)", "bias": "bias", "in_stock": "in stock"}


def metric_lines(found: Sequence[tuple[str, MetricException]]) -> list[dict[str, Any]]:
    """A line for each, from pairs of the agreement's name and what was found there."""
    return [
        {"agreement": agreement, "kind": KINDS[one.kind], "whose": one.author, "of": one.measure.replace("_", " "),
         "family": one.group or "without one", "weeks ahead": ahead(one), "found": f"{one.found:,.1f} %",
         "allowed": limit(one), "at stake": f"{one.value_at_stake:,.0f}"} for agreement, one in found]


def ahead(one: MetricException) -> str:
    """How far ahead the forecasts were made; nothing of what is no forecast."""
    if not one.to_week:
        return ""
    return f"{one.from_week}" if one.from_week == one.to_week else f"{one.from_week} to {one.to_week}"


def limit(one: MetricException) -> str:
    """What was agreed: at most, or of in-stock at least, so much."""
    return f"{'≥' if one.kind == 'in_stock' else '±' if one.kind == 'bias' else '≤'} {one.allowed:g} %"
