"""What each party believes of the future, and where beliefs were made to differ so that planners find something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hub.model.plan import Vector
from partners.world.demand import HISTORY_DAYS, Market, Promotion


@dataclass(frozen=True, slots=True)
class Planted:
    """The two views must differ here by more than the agreement allows. `week` is a Monday; `why` is for people."""

    gtin: str
    gln: str
    week: date
    why: str


def view(rng: np.random.Generator, market: Market, knower: str, first: date, weeks: int, bias: float) -> Vector:
    """The sales forecast of `knower` for `weeks` weeks from `first`, shape (series, weeks), whole base units.

    It knows its own promotions, is off by `bias` everywhere, by about 2.5 % for each series, and as much each week.
    """
    expected = market.weeks(market.expected(knower), first, weeks)
    series = np.exp(rng.normal(bias, 0.025, (len(market.keys), 1)))
    return np.asarray(np.rint(expected * series * np.exp(rng.normal(0, 0.025, expected.shape))))


def plant(
    rng: np.random.Generator, calm: Vector, keys: Sequence[tuple[str, str]], groups: dict[str, str], as_of: date,
    buyer: str, seller: str,
) -> list[Promotion]:
    """Three events of which one side has not told the other, on the items that sell best in their family.

    `calm` is a market's expectation without promotions (series, days). A promotion that only the buyer knows; a
    campaign that only the seller knows; a distribution centre that the buyer alone knows will be rebuilt.
    """
    weekly = calm[:, HISTORY_DAYS : HISTORY_DAYS + 91].sum(axis=1)
    volume: dict[str, float] = {}
    for (gtin, _), amount in zip(keys, weekly, strict=True):
        volume[gtin] = volume.get(gtin, 0) + float(amount)
    glns = sorted({gln for _, gln in keys})
    families = sorted(set(groups.values()))
    order = rng.permutation(len(families))

    def best(family: int, count: int) -> tuple[str, ...]:
        members = sorted((g for g in volume if groups[g] == families[order[family]]), key=lambda g: (-volume[g], g))
        return tuple(sorted(members[:count]))

    def event(name: str, gtins: tuple[str, ...], places: Sequence[str], week: int, days: int, uplift: float,
              knower: str) -> Promotion:
        return Promotion(name, gtins, tuple(places), as_of + timedelta(weeks=week), days, uplift, 0.1, (knower,))

    return [
        event(f"a {families[order[0]]} promotion that only {buyer} knows of", best(0, 2), glns, 2, 7,
              float(rng.uniform(1.1, 1.4)), buyer),
        event(f"a {families[order[1]]} campaign that only {seller} knows of", best(1, 2), glns, 5, 14,
              float(rng.uniform(0.9, 1.1)), seller),
        event(f"a rebuilding of which {buyer} has told nobody", best(2, 2), glns[-1:], 2, 14,
              float(rng.uniform(-0.7, -0.6)), buyer),
    ]


def planted(events: Sequence[Promotion]) -> tuple[Planted, ...]:
    """Every item, place and Monday week that the one-sided `events` cover fully."""
    return tuple(
        Planted(gtin, gln, event.first + timedelta(weeks=week), event.name)
        for event in events for gtin in event.gtins for gln in event.glns for week in range(event.days // 7)
    )
