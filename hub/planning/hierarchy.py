"""Numbers of one level said on another: added up over items, places and weeks, or spread over them. Whole numbers in,
whole numbers out, so that every sum of parts is the total, to the last unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hub.errors import Reject
from hub.model.agreement import Fiscal
from hub.planning.calendar import WEEK
from hub.planning.exceptions import Integers, Mask

WEEKS_OF = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}


def gathered(values: Integers, rows: Integers, columns: Integers) -> Integers:
    """(n, weeks) -> (groups, periods): the sums of the cells whose row is in group `rows` (n,) and whose column is in
    period `columns` (weeks,)."""
    total = np.zeros((int(rows.max(initial=-1)) + 1, int(columns.max(initial=-1)) + 1), dtype=np.int64)
    np.add.at(total, (rows[:, None], columns[None, :]), values)
    return total


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in shares of `weights` (0 or more), by the largest remainder; equal remainders in order of position. All
    weights 0: equal shares. Raises Reject when there is nothing to spread over, or a weight is negative."""
    if not weights:
        raise Reject("there is nothing to spread the quantity over", reason="NOTHING_TO_SPREAD")
    if min(weights) < 0:
        raise Reject("a quantity is spread in shares of what is 0 or more", reason="NEGATIVE_SHARE")
    shares = list(weights) if sum(weights) else [1] * len(weights)
    whole, size = sum(shares), abs(total)
    parts = [size * share // whole for share in shares]
    left = sorted(range(len(shares)), key=lambda at: (-(size * shares[at] % whole), at))[: size - sum(parts)]
    for at in left:
        parts[at] += 1
    return [part if total >= 0 else -part for part in parts]


def edited(values: Integers, cells: Mask, total: int) -> Integers:
    """`values` (n, weeks) with the cells of `cells` changed in proportion so that they add up to `total`; all other
    cells stay. Raises Reject as `spread` does."""
    done = values.copy()
    done[cells] = spread(total, values[cells].tolist())
    return done


@dataclass(frozen=True, slots=True)
class FiscalPeriod:
    """A period of a fiscal year, the year in which it ends most often: period 1 to 12 from its first to its last
    week."""

    year: int
    period: int
    first: date
    weeks: int

    @property
    def name(self) -> str:
        return f"{self.year}-P{self.period:02d}"


def fiscal_year(fiscal: Fiscal, year: int) -> tuple[FiscalPeriod, ...]:
    """The twelve periods of the fiscal year that begins `year` years after the agreement's first one (0: that one).

    A year begins on the day of the week on which the first one began, nearest to its anniversary; so some have 53
    weeks, and the last period gets the spare one.
    """
    begins, after = _begins(fiscal, year), _begins(fiscal, year + 1)
    lengths = list(WEEKS_OF[fiscal.pattern] * 4)
    lengths[-1] += (after - begins).days // WEEK - sum(lengths)
    found, first = [], begins
    for period, weeks in enumerate(lengths, 1):
        found.append(FiscalPeriod((after - timedelta(days=1)).year, period, first, weeks))
        first += timedelta(weeks=weeks)
    return tuple(found)


def fiscal_period(fiscal: Fiscal, week: date) -> FiscalPeriod:
    """The period that holds the week that begins on `week`."""
    guess = week.year - fiscal.begins.year
    for year in (guess - 1, guess, guess + 1):
        for period in fiscal_year(fiscal, year):
            if period.first <= week < period.first + timedelta(weeks=period.weeks):
                return period
    raise Reject(f"{week} is in no fiscal year", reason="NO_FISCAL_YEAR")


def _begins(fiscal: Fiscal, year: int) -> date:
    first = fiscal.begins
    day = min(first.day, 28) if first.month == 2 else first.day  # the 29th has no anniversary in most years
    anniversary = date(first.year + year, first.month, day)
    past = (anniversary - first).days % WEEK
    return anniversary - timedelta(days=past if past <= WEEK // 2 else past - WEEK)
