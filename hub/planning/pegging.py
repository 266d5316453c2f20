"""What an order is for: each unit of it against the demand that it was placed for.

What is there and comes in time serves the demand of the nearest weeks first; what it leaves unserved, the order serves
in the same turn: what waits from the past, then week by week until the next order can arrive, then the safety stock.
What is left of the order is there because of whole packs or the least that is ordered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Purpose = Literal["backlog", "demand", "safety_stock", "rounding"]


@dataclass(frozen=True, slots=True)
class Peg:
    """A part of an order, base units; `week` counts from 0, the week of ordering, where demand is what it is for."""

    purpose: Purpose
    quantity: float
    week: int | None = None


def pegs(quantity: float, position: float, demand: Sequence[float], safety: float) -> tuple[Peg, ...]:
    """The parts of an order of `quantity`, which add up to it; parts of nothing are left out.

    `position`: stock and what comes in time, below zero when demand waits. `demand`: of the weeks until the next order
    can arrive.
    """
    found, left, there = [], quantity, max(position, 0.0)
    wanted: list[tuple[Purpose, int | None, float]] = [("backlog", None, max(-position, 0.0))]
    for week, needed in enumerate(demand):
        served = min(there, max(needed, 0.0))
        there -= served
        wanted.append(("demand", week, max(needed, 0.0) - served))
    wanted.append(("safety_stock", None, max(safety - there, 0.0)))
    for purpose, week_of, needed in wanted:
        part = min(left, needed)
        left -= part
        if part > 0:
            found.append(Peg(purpose, part, week_of))
    if left > 0:
        found.append(Peg("rounding", left))
    return tuple(found)
