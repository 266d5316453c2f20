"""Moments to learn from: a series, an origin, and a period so many steps ahead of it, described by what was known then.

What is known at the origin are levels of log sales without the effect of offers, how the same item does elsewhere and
the same place with other items; what is planned for the period are its price, feature and display. Neither the week of
the year nor the origin itself is told: few weeks are seen, and whoever knows their names learns each by heart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.direct import together
from hub.planning.models.drivers import CUT, Drivers
from hub.planning.models.effects import logs
from hub.planning.models.levels import level_path, one_step_error, trailing_mean
from hub.planning.models.panel import Outlook, Panel, Slots, Wide, otherwise
from hub.planning.models.smoothed import ceiling

WARM = 16
"""Columns before the first origin that is learnt from."""
LATEST = 104
"""Origins learnt from, counted from the last."""
SPEEDS = (0.05, 0.1, 0.2, 0.4)
"""Of smoothing; the second one is the level that everything is compared with."""
LAGS = 4
CATEGORIES = ("item", "place")
"""The last two columns of a description: numbers that are names."""


@dataclass(frozen=True, slots=True)
class Moments:
    """`level` (n, weeks) is log sales without offers, smoothed, after each column; `base` the same unsmoothed; `lift`
    (n, weeks + horizon) the log effect of the offers that are planned, 0 where nobody knows them; `known` (n, weeks)
    each describes an origin, `planned` (n, weeks + horizon) each a period; what `recalled` (n, weeks) says a season
    before the period, and so many columns from there, describes it as well."""

    level: Wide
    base: Wide
    lift: Wide
    known: list[Wide]
    planned: list[Wide]
    recalled: list[tuple[int, Wide]]
    item: Slots
    place: Slots
    season: int

    def expected(self, series: Slots, origin: Slots, step: Slots) -> Vector:
        """(rows,) log sales as the level of the origin and the offers of the period have them; NaN without history."""
        return np.asarray(self.level[series, origin] + self.lift[series, origin + step], dtype=np.float64)

    def describe(self, series: Slots, origin: Slots, step: Slots) -> Wide:
        """(rows, features); NaN where nothing is known. The last columns are `CATEGORIES`."""
        weeks = self.level.shape[1]
        first = len(self.known) + len(self.planned)
        out = np.empty((len(series), first + len(self.recalled) + 6), dtype=np.float32)
        then, ahead = series * weeks + origin, series * self.lift.shape[1] + origin + step
        for number, part in enumerate(self.known):
            out[:, number] = part.ravel()[then]
        for number, part in enumerate(self.planned, len(self.known)):
            out[:, number] = part.ravel()[ahead]
        level = self.level.ravel()[then]
        for number, (side, part) in enumerate([(side, self.base) for side in (-1, 0, 1)] + self.recalled, first):
            back = origin + step - self.season + side
            seen = part.ravel()[series * weeks + np.clip(back, 0, weeks - 1)]
            seen = seen - level if number < first + 3 else seen
            out[:, number] = np.where((back >= 0) & (back <= origin), seen, np.nan)
        out[:, -3], out[:, -2], out[:, -1] = step, self.item[series], self.place[series]
        return out


def moments(panel: Panel, offers: Drivers, lift: Vector) -> Moments:
    """Of a panel with its `offers`; `lift` (n, weeks, and the horizon as well where it is planned) is taken out of
    history before anything is smoothed. Where nobody knows the coming offers, those of the past describe origins."""
    base = logs(panel.values) - lift[:, : panel.weeks]
    paths = [level_path(base, speed) for speed in SPEEDS]
    level = paths[1]
    item = np.unique(panel.groups, return_inverse=True)[1]
    place = np.unique(panel.places, return_inverse=True)[1] if panel.places is not None else np.zeros_like(item)
    known = [level, *(path - level for path in (paths[0], *paths[2:])), *(_before(base, far) - level
                                                                       for far in range(LAGS))]
    known += [trailing_mean(base, window) - level for window in (13, panel.season)]
    known += [together(part, group) for group in (item, place) for part in (paths[3] - level, paths[2] - level,
                                                                            base - level)]
    known += [*_restlessness(panel, offers, base - level), lift[:, : panel.weeks]]
    if offers.planned:
        planned, recalled = _plan(offers, lift, item, place), []
    else:
        widely = together(lift, item)
        known += [widely, *(_before(lift, far) for far in range(1, LAGS + 1))]
        planned, recalled = [], [*((side, _wide(lift)) for side in (-1, 0, 1)), (0, _wide(widely))]
        lift = np.zeros((len(lift), panel.weeks + panel.horizon))
    return Moments(_wide(level), _wide(base), _wide(lift), [_wide(part) for part in known],
                   [_wide(part) for part in planned], recalled, item.astype(np.int64), place.astype(np.int64),
                   panel.season)


def draw(panel: Panel, most: int, seed: int) -> tuple[Slots, Slots, Slots]:
    """(series, origin, step) of up to `most` moments whose outcome is known, drawn evenly and in order."""
    first = max(min(WARM, panel.weeks // 2), panel.weeks - 1 - LATEST)
    series, column = np.nonzero(~np.isnan(panel.values[:, first + 1 :]))
    count = len(series) * panel.horizon
    drawn = np.arange(count) if count <= most else np.unique(np.random.default_rng(seed).integers(0, count, most))
    cell, step = drawn // panel.horizon, drawn % panel.horizon + 1
    origin = column[cell] + first + 1 - step
    usable = origin >= first
    return series[cell][usable], origin[usable], step[usable]


def lessons(panel: Panel, sight: Moments, most: int) -> tuple[Slots, Slots, Slots, Vector]:
    """(series, origin, step) of up to `most` moments to learn from, and what was expected of each."""
    series, origin, step = draw(panel, most, 1)
    expected = sight.expected(series, origin, step)
    usable = ~np.isnan(expected)
    return series[usable], origin[usable], step[usable], expected[usable]


def learnt_outlook(panel: Panel, plain: Outlook, sight: Moments, lift: Vector, made: Vector) -> Outlook:
    """What was learnt (n, horizon), at most four times the best period; the plain outlook where it is NaN."""
    missing = np.isnan(made)
    held = np.minimum(made, 2 * ceiling(panel.values)[:, None])
    sigma = one_step_error(panel.values, sight.level.astype(np.float64), lift)
    return Outlook(np.where(missing, plain.forecast, held), otherwise(sigma, plain.sigma),
                   {"level": plain.components["level"], "learnt": np.where(missing, 0.0, 1.0)})


def _restlessness(panel: Panel, offers: Drivers, off: Vector) -> list[Vector]:
    """How far promoted and other weeks lay from the level, how much they vary, and how often there were offers."""
    promoted = ((offers.price < CUT) | (offers.feature > 0) | (offers.display > 0))[:, : panel.weeks]
    often = promoted.astype(np.float64)
    return [trailing_mean(np.where(promoted, off, np.nan), 52), trailing_mean(np.where(promoted, np.nan, off), 26),
            np.sqrt(trailing_mean(off**2, 26)), trailing_mean(often, 13), trailing_mean(often, 52)]


def _plan(offers: Drivers, lift: Vector, item: Slots, place: Slots) -> list[Vector]:
    """The period's offer, those of the two periods before it, and how widely item and place are on offer."""
    price, feature, display = offers.price, offers.feature, offers.display
    return [price, feature, display, lift, offers.usual, offers.usual + price,
            _before(price, 1), _before(price, 2), _before(feature, 1), _before(display, 1), _after(price),
            *(together(part, item) for part in (price, feature, display)), together(lift, place)]


def _before(values: Vector, periods: int) -> Vector:
    """`values` so many columns earlier; NaN before the first."""
    out = np.full(values.shape, np.nan)
    out[:, periods:] = values[:, : max(values.shape[1] - periods, 0)]
    return out


def _after(values: Vector) -> Vector:
    """`values` one column later; 0 after the last."""
    return np.concatenate([values[:, 1:], np.zeros((len(values), 1))], axis=1)


def _wide(values: Vector) -> Wide:
    return np.ascontiguousarray(values, dtype=np.float32)
