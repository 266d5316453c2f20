"""Exponential smoothing, plain and with a season: level × index of the week. Three models: whose season?"""

from __future__ import annotations

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.panel import Outlook, Panel, Slots, Wide, in_blocks
from hub.planning.models.season import group_totals, indices
from hub.planning.models.smoothing import smooth

GROUP_SHRINK = 0.1
SERIES_SHRINK = 0.5
"""A family's season is seen in many series and hardly shrunk; a single series' season is mostly noise, so more."""


@in_blocks
def smoothed(panel: Panel) -> Outlook:
    """No season at all."""
    return _forecast(panel, np.ones((1, panel.season)), np.zeros(len(panel.values), dtype=np.int64))


def group_season(panel: Panel) -> Outlook:
    """The season of the planning family."""
    names, family = np.unique(panel.groups, return_inverse=True)
    totals = group_totals(panel.values, family) if len(names) else np.ones((0, panel.weeks))
    return _forecast(panel, indices(totals, panel.past_slots(), GROUP_SHRINK, panel.season), family)


@in_blocks
def series_season(panel: Panel) -> Outlook:
    """Each series' own season."""
    profile = panel.values.astype(np.float32)
    unknown = np.isnan(profile)
    np.copyto(profile, 0.0, where=unknown)
    mean = profile.sum(axis=1, keepdims=True) / np.maximum(panel.weeks - unknown.sum(axis=1, keepdims=True), 1)
    profile /= np.where(mean > 0, mean, 1.0)
    np.copyto(profile, 1.0, where=unknown)
    season = indices(profile, panel.past_slots(), SERIES_SHRINK, panel.season)
    return _forecast(panel, season, np.arange(len(panel.values)))


def _forecast(panel: Panel, index: Vector | Wide, row: Slots) -> Outlook:
    """Smooth what is left without the season, put the season of the coming weeks back on."""
    level = smooth(panel.values, index[:, panel.past_slots()], row)
    season = index[:, panel.future_slots()][row].astype(np.float64)
    forecast = np.clip(level.level[:, None] * season, 0.0, ceiling(panel.values)[:, None])
    return Outlook(forecast, level.sigma, {"level": level.level, "season": season, "alpha": level.alpha})


def ceiling(values: Vector) -> Vector:
    """Twice the best week ever seen: a season learnt from others must not run away. inf if nothing is known."""
    best = np.fmax.reduce(values, axis=1, initial=-np.inf)
    return np.where(np.isfinite(best), np.maximum(2.0 * best, 0.0), np.inf)
