"""The truth of one market, day by day: what is bought of each item at each place, and what makes it rise and fall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from hub.model.plan import Vector

HISTORY_DAYS = 105 * 7
FUTURE_DAYS = 16 * 7

# Share of a week's sales by weekday, Monday first: most is bought at its end.
WEEKDAYS = np.array([0.130, 0.128, 0.132, 0.142, 0.160, 0.168, 0.140])
# Group: height of the yearly wave and the day of the year on which it is highest. Others: the last line.
SEASONS = {"crisps": (0.12, 190), "soups": (0.38, 20), "juices": (0.30, 200), "spreads": (0.15, 330), "": (0.1, 100)}


@dataclass(frozen=True, slots=True)
class Promotion:
    """A known event: demand of `gtins` at `glns` is multiplied by 1 + `uplift` for `days` from `first`; in the week
    after it `dip` of that uplift is missing, because people have stocked up. A negative uplift is a loss (a refit)."""

    name: str
    gtins: tuple[str, ...]
    glns: tuple[str, ...]
    first: date
    days: int
    uplift: float
    dip: float
    known_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Market:
    """Demand of many item-locations over the same days. `calm` is the expectation without promotions and `actual` what
    happened (and will happen); both have shape (len(keys), days), base units. Day 0 is `first`."""

    keys: tuple[tuple[str, str], ...]
    first: date
    calm: Vector
    actual: Vector
    promotions: tuple[Promotion, ...] = ()

    def expected(self, knower: str) -> Vector:
        """The expectation of one who knows those promotions that `knower` knows."""
        return self.calm * lift(self.keys, self.first, self.calm.shape[1],
                                [p for p in self.promotions if knower in p.known_to])

    def weeks(self, days: Vector, first: date, count: int) -> Vector:
        """Daily values summed to `count` weeks from the day `first`, whatever weekday that is."""
        start = (first - self.first).days
        return np.asarray(days[:, start : start + 7 * count].reshape(len(self.keys), count, 7).sum(axis=2))


def lift(keys: Sequence[tuple[str, str]], first: date, days: int, promotions: Sequence[Promotion]) -> Vector:
    """Multipliers of shape (len(keys), days): 1 where nothing happens; promotions at the same time multiply."""
    multiplier = np.ones((len(keys), days))
    for promotion in promotions:
        rows = [i for i, (gtin, gln) in enumerate(keys) if gtin in promotion.gtins and gln in promotion.glns]
        start = (promotion.first - first).days
        end = start + promotion.days
        multiplier[rows, max(start, 0) : max(end, 0)] *= 1 + promotion.uplift
        multiplier[rows, max(end, 0) : max(end + 7, 0)] *= 1 - promotion.dip * max(promotion.uplift, 0)
    return multiplier


def make_market(
    rng: np.random.Generator, groups: dict[str, str], keys: Sequence[tuple[str, str]], as_of: date
) -> Market:
    """A market in which nothing special happens yet: `HISTORY_DAYS` before the Monday `as_of`, `FUTURE_DAYS` from it.

    `groups` maps each GTIN to its planning family. An item sells 350 to 1,800 a week at a place of middle size, grows
    or shrinks by up to 8 % a year, and follows its family's season.
    """
    first = as_of - timedelta(days=HISTORY_DAYS)
    days = np.arange(HISTORY_DAYS + FUTURE_DAYS, dtype=np.float64)
    items, places = sorted({g for g, _ in keys}), sorted({p for _, p in keys})
    level = dict(zip(items, np.exp(rng.uniform(np.log(350), np.log(1800), len(items))), strict=True))
    trend = dict(zip(items, rng.uniform(-0.08, 0.08, len(items)), strict=True))
    size = dict(zip(places, rng.permutation(np.linspace(0.75, 1.3, len(places))), strict=True))
    season = {g: _season(rng, g, first, days) for g in sorted(set(groups.values()))}
    local = np.exp(rng.normal(0, 0.12, len(keys)))
    calm = np.stack([
        level[g] * size[p] * local[i] * (1 + trend[g] * (days - HISTORY_DAYS) / 365.25) * season[groups[g]]
        for i, (g, p) in enumerate(keys)
    ]) * WEEKDAYS[(first.weekday() + days.astype(int)) % 7]
    return Market(tuple(keys), first, calm, calm)


def happen(rng: np.random.Generator, market: Market, promotions: Sequence[Promotion]) -> Market:
    """The market as it comes to pass: with its promotions, scattered by about 9 % from week to week and 8 % by day."""
    days = market.calm.shape[1]
    weekly = np.repeat(np.exp(rng.normal(-0.004, 0.09, (len(market.keys), days // 7))), 7, axis=1)
    daily = np.exp(rng.normal(-0.003, 0.08, market.calm.shape))
    actual = np.rint(market.calm * lift(market.keys, market.first, days, promotions) * weekly * daily)
    return replace(market, actual=actual, promotions=tuple(promotions))


def _season(rng: np.random.Generator, group: str, first: date, days: Vector) -> Vector:
    """A yearly wave with a smaller second one on it, mean about 1, of shape (days,)."""
    usual, day = SEASONS.get(group, SEASONS[""])
    height, peak = usual * rng.uniform(0.85, 1.15), day + rng.normal(0, 7)
    day_of_year = (first.timetuple().tm_yday - 1 + days) % 365.25
    angle = 2 * np.pi * (day_of_year - peak) / 365.25
    return np.asarray(1 + height * np.cos(angle) + 0.25 * height * np.cos(2 * angle + rng.uniform(0, 2 * np.pi)))


def shared_promotions(
    rng: np.random.Generator, groups: dict[str, str], glns: Sequence[str], as_of: date, known_to: tuple[str, ...],
    per_year: int, last_days: int,
) -> list[Promotion]:
    """A calendar that both sides know: some items of one family, everywhere, for one or two weeks from a Monday."""
    families = sorted(set(groups.values()))
    spots = int((HISTORY_DAYS + last_days) / 365.25 * per_year)
    weeks = np.sort(rng.choice((HISTORY_DAYS + last_days) // 7 - 2, spots, replace=False))
    promotions = []
    for number, week in enumerate(weeks, 1):
        family = families[int(rng.integers(len(families)))]
        members = sorted(g for g in groups if groups[g] == family)
        chosen = rng.choice(len(members), size=min(len(members), int(rng.integers(1, 4))), replace=False)
        promotions.append(Promotion(
            f"{family} leaflet {number}", tuple(members[i] for i in sorted(chosen)), tuple(glns),
            as_of - timedelta(days=HISTORY_DAYS) + timedelta(weeks=int(week)), 7 * int(rng.integers(1, 3)),
            float(rng.uniform(0.25, 0.55)), 0.15, known_to))
    return promotions
