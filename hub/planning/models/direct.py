"""Direct regression: one ridge for every step ahead, learnt over all series at once from what was known at each origin.

The target is log(sales) less the smoothed level; it is explained by how other speeds of smoothing, the same item
elsewhere, the same place, the same weeks a season ago and past offers differ from that level. Where the plan is known
its effects (see `effects`) are taken out before and put back on after; where it is not, the regression learns from
past offers how likely the next one is. Families are taken in lots, so memory does not grow with the panel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.effects import logs, uplift
from hub.planning.models.levels import level_path, one_step_error, trailing_mean
from hub.planning.models.odd_periods import without_odd_periods
from hub.planning.models.panel import Outlook, Panel, Slots, otherwise
from hub.planning.models.smoothed import ceiling, smoothed

LOT = 8192
WARM = 16
"""Columns before the first origin that is learnt from."""
LEAST = 400
"""Observations below which nothing is learnt and plain smoothing stands in."""
LATEST = 104
"""Origins learnt from, counted from the last."""
PRIOR = 100.0
HEAVIEST = 8.0
"""Weights are the square root of the level, up to exp(8)."""
OFFERS_BACK = 8


def direct(panel: Panel) -> Outlook:
    """exp(level + learnt change + planned offers), at most four times the best period; plain smoothing where too little
    is known."""
    panel = without_odd_periods(panel)
    plain = smoothed(panel)
    forecast, sigma = np.full(plain.forecast.shape, np.nan), plain.sigma.copy()
    for rows in lots(panel.groups):
        forecast[rows], sigma[rows] = _of_lot(panel.only(rows))
    missing = np.isnan(forecast)
    return Outlook(
        np.where(missing, plain.forecast, np.minimum(forecast, 2 * ceiling(panel.values)[:, None])),
        otherwise(sigma, plain.sigma), {"level": plain.components["level"], "learnt": np.where(missing, 0.0, 1.0)})


def lots(groups: Slots) -> list[Slots]:
    """Rows in lots of about `LOT`, families kept whole."""
    order = np.argsort(groups, kind="stable")
    borders = np.flatnonzero(np.diff(groups[order])) + 1
    cuts: list[int] = []
    for border in borders.tolist():
        if border - (cuts[-1] if cuts else 0) >= LOT:
            cuts.append(border)
    return np.split(order, cuts) if len(order) else []


@dataclass(frozen=True, slots=True)
class _Known:
    """What a lot knows: `base` (n, periods) is log sales without offers, `lift` the log effect of offers, `anchor` the
    level after each column, `features` what describes each origin."""

    base: Vector
    lift: Vector
    anchor: Vector
    features: list[Vector]
    item: Slots
    offers: bool
    planned: bool
    season: int


def _of_lot(panel: Panel) -> tuple[Vector, Vector]:
    known = _known(panel)
    forecast = np.full((len(panel.values), panel.horizon), np.nan)
    if panel.weeks:
        error = one_step_error(panel.values, known.anchor, known.lift)
        for ahead in range(1, panel.horizon + 1):
            forecast[:, ahead - 1] = _step(panel, known, ahead)
        return forecast, error
    return forecast, np.full(len(forecast), np.nan)


def _known(panel: Panel) -> _Known:
    lift = uplift(panel)
    base = logs(panel.values) - lift[:, : panel.weeks]
    paths = [level_path(base, alpha) for alpha in (0.05, 0.1, 0.2, 0.4)]
    anchor = paths[1]
    latest = otherwise(base, paths[2]) - anchor
    features = [paths[0] - anchor, paths[2] - anchor, paths[3] - anchor, latest,
                trailing_mean(base, panel.season) - anchor, trailing_mean(base, 13) - anchor]
    item = np.unique(panel.groups, return_inverse=True)[1]
    features += [together(part, item) for part in (features[2], features[1], base - anchor)]
    if panel.places is not None:
        place = np.unique(panel.places, return_inverse=True)[1]
        features += [together(part, place) for part in (features[2], features[1], base - anchor)]
    offers = panel.drivers is not None
    if offers:
        seen = np.where(np.isnan(base), np.nan, lift[:, : panel.weeks])
        features += [trailing_mean(seen, 13), trailing_mean(seen, 52)]
    planned = panel.drivers is not None and panel.drivers.planned
    return _Known(base, lift, anchor, features, item, offers, planned, panel.season)


def together(values: Vector, group: Slots) -> Vector:
    """Each cell replaced by the mean of the known cells of its group in that column; 0 where none is."""
    order = np.argsort(group, kind="stable")
    known = ~np.isnan(values)
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    if not len(starts):
        return np.zeros(values.shape)
    sums = np.add.reduceat(np.where(known, values, 0.0)[order], starts, axis=0)
    counts = np.add.reduceat(known[order].astype(np.float64), starts, axis=0)
    return np.asarray((sums / np.maximum(counts, 1))[group])


def _step(panel: Panel, known: _Known, ahead: int) -> Vector:
    """(n,) forecast `ahead` periods after the last column; NaN where nothing could be learnt."""
    last = panel.weeks - 1
    origins = np.arange(max(min(WARM, last // 2), last - ahead - LATEST), last - ahead + 1)
    out = np.full(len(panel.values), np.nan)
    if not len(origins) or ahead > panel.season:
        return out
    target = known.base[:, origins + ahead] - known.anchor[:, origins]
    if not known.planned:
        target = target + known.lift[:, origins + ahead]
    x = _describe(known, origins, ahead)
    usable = ~np.isnan(target) & ~np.isnan(x).any(axis=-1)
    if usable.sum() < LEAST:
        return out
    weight = np.exp(0.5 * np.clip(known.anchor[:, origins][usable], -1.0, HEAVIEST))
    learnt = _ridge(x[usable], target[usable], weight)
    now = np.nan_to_num(_describe(known, np.array([last]), ahead)[:, 0])
    change = np.clip(((now - learnt[0]) / learnt[1]) @ learnt[2] + learnt[3], -3.0, 3.0)
    if known.planned and last + ahead < known.lift.shape[1]:
        change = change + known.lift[:, last + ahead]
    return np.asarray(np.exp(known.anchor[:, last] + change))


def _ridge(x: Vector, y: Vector, weight: Vector) -> tuple[Vector, Vector, Vector, float]:
    """Mean and spread of the features, their standardised coefficients and the mean of the target."""
    weight = weight / weight.mean()
    mean, middle = (x * weight[:, None]).sum(axis=0) / weight.sum(), float((y * weight).sum() / weight.sum())
    spread = x.std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    x = (x - mean) / spread
    weighted = x * weight[:, None]
    coefficients = np.linalg.solve(weighted.T @ x + PRIOR * np.eye(x.shape[1]), weighted.T @ (y - middle))
    return mean, spread, np.asarray(coefficients), middle


def _describe(known: _Known, origins: Slots, ahead: int) -> Vector:
    """(n, origins, features): what is known at each origin about the period `ahead` of it."""
    level = known.anchor[:, origins]
    back = origins + ahead - known.season
    a_season_ago = _at(known.base, back, origins) - level
    a_season_ago = np.where(np.isnan(a_season_ago), 0.0, a_season_ago)
    around = np.zeros(level.shape)
    for side in (-1, 1):
        around += np.nan_to_num(_at(known.base, back + side, origins) - level) / 2
    shape = level.shape
    found = [part[:, origins] for part in known.features]
    found += [a_season_ago, around, together(a_season_ago, known.item),
              np.broadcast_to(a_season_ago.mean(axis=0), shape), np.broadcast_to((back >= 0).astype(np.float64), shape)]
    if known.offers and not known.planned:
        year = [np.nan_to_num(_at(known.lift, back + side, origins)) for side in (-1, 0, 1)]
        recent = [known.lift[:, np.maximum(origins - far, 0)] for far in range(OFFERS_BACK)]
        found += [*year, *recent, together(year[1], known.item), *(together(part, known.item) for part in recent[:2])]
    return np.stack(found, axis=-1)


def _at(values: Vector, columns: Slots, origins: Slots) -> Vector:
    """`values` at `columns`, NaN where a column lies before history or after its origin."""
    inside = (columns >= 0) & (columns <= origins)
    return np.where(inside, values[:, np.clip(columns, 0, values.shape[1] - 1)], np.nan)
