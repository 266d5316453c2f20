"""Trended seasonal naive: last year's weeks times this year's growth, where growth is the last 8 weeks over the same 8
weeks a year before, held between a half and one and a half."""

from __future__ import annotations

import numpy as np

from hub.planning.models.panel import Outlook, Panel, in_blocks, otherwise, recent_mean
from hub.planning.models.seasonal_naive import RECENT, last_year, yearly_error

SLOWEST, FASTEST = 0.5, 1.5


@in_blocks
def trended_naive(panel: Panel) -> Outlook:
    """Needs a year and 8 weeks to see growth (else it is 1); a missing week falls back to the recent mean."""
    now = recent_mean(panel.values, RECENT)
    flat = otherwise(now, recent_mean(panel.values, panel.weeks))
    if panel.weeks >= panel.season + RECENT:
        then = recent_mean(panel.values[:, : panel.weeks - panel.season], RECENT)
        usable = (then > 0) & (now >= 0)
        growth = np.clip(np.where(usable, now / np.where(usable, then, 1.0), 1.0), SLOWEST, FASTEST)
    else:
        growth = np.ones(len(flat))
    past = last_year(panel.values, panel.horizon, panel.season)
    forecast = np.maximum(otherwise(past * growth[:, None], flat[:, None]), 0.0)
    return Outlook(forecast, yearly_error(panel.values, growth, panel.season), {"last_year": past, "growth": growth})
