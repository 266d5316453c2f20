"""Measures as small numbers: what an observation or a plan line measures. A number is never given twice."""

from __future__ import annotations

from collections.abc import Iterable

from hub.errors import Reject

NUMBER: dict[str, int] = {
    "sold": 1, "on_hand": 2, "on_order": 3, "in_transit": 4, "received": 5, "withdrawn": 6, "returned": 7,
    "out_of_stock": 8, "lost_sales": 9, "planned_order": 10, "minimum": 11, "maximum": 12, "reserved": 13,
    "damaged": 14,
    "adjusted": 15,
    "sales_forecast": 101, "order_forecast": 102, "baseline": 103, "consensus": 104, "on_hand_projection": 105,
    "proposed_order": 106, "safety_stock": 107, "forecast_error": 108,
}
WORD = {number: word for word, number in NUMBER.items()}


def number(measure: str) -> int:
    """Raises Reject for a word that is no measure."""
    try:
        return NUMBER[measure]
    except KeyError:
        raise Reject(f"{measure!r} is no measure; known are {', '.join(NUMBER)}", reason="UNKNOWN_MEASURE") from None


def numbers(measures: Iterable[str]) -> list[int]:
    return [number(m) for m in measures]
