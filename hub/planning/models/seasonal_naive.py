"""Seasonal naive: what was sold in the same week a year ago. The benchmark that every other model has to beat."""

from __future__ import annotations

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.panel import YEAR, Outlook, Panel, in_blocks, otherwise, recent_mean

RECENT = 8


@in_blocks
def seasonal_naive(panel: Panel) -> Outlook:
    """Last year's weeks; where one is missing, the mean of the last 8 weeks, then of everything known."""
    past = last_year(panel.values, panel.horizon, panel.season)
    flat = otherwise(recent_mean(panel.values, RECENT), recent_mean(panel.values, panel.weeks))
    forecast = np.maximum(otherwise(past, flat[:, None]), 0.0)
    return Outlook(forecast, yearly_error(panel.values, np.ones(len(flat)), panel.season), {"last_year": past})


def last_year(values: Vector, horizon: int, season: int = YEAR) -> Vector:
    """(n, horizon): the periods one season before the future ones (two, beyond a season); NaN before history began."""
    weeks = values.shape[1]
    out = np.full((values.shape[0], horizon), np.nan)
    for ahead in range(horizon):
        back = weeks + ahead - season * (ahead // season + 1)
        if back >= 0:
            out[:, ahead] = values[:, back]
    return out


def yearly_error(values: Vector, growth: Vector, season: int = YEAR) -> Vector:
    """The root mean square of value − growth × value a year before; over history shorter than that, the spread around
    the mean. NaN for a series of which nothing is known."""
    difference = values[:, season:] - growth[:, None] * values[:, : max(values.shape[1] - season, 0)]
    unpaired = np.isnan(difference)
    np.copyto(difference, 0.0, where=unpaired)
    pairs = difference.shape[1] - unpaired.sum(axis=1)
    squares = np.einsum("nt,nt->n", difference, difference) / np.maximum(pairs, 1)
    alone = np.flatnonzero(pairs == 0)
    squares[alone] = _variance(values[alone])
    return np.asarray(np.sqrt(squares))


def _variance(values: Vector) -> Vector:
    """(n,) around each series' mean; NaN for a series of which nothing is known."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    mean = np.where(known, values, 0.0).sum(axis=1) / np.maximum(count, 1)
    spread = np.where(known, values - mean[:, None], 0.0)
    return np.where(count > 0, (spread**2).sum(axis=1) / np.maximum(count - 1, 1), np.nan)
