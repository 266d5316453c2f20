"""Promotion-aware level: history without what its offers did, smoothed, and the planned offers put back on.

For panels whose plan is known. The level is smoothed in logarithms, so a week that ran away does not lift it much; the
forecast is the middle of what may happen rather than its mean, and lies a few percent below it.
"""

from __future__ import annotations

import numpy as np

from hub.planning.models.effects import logs, uplift
from hub.planning.models.levels import level_path, one_step_error
from hub.planning.models.odd_periods import without_odd_periods
from hub.planning.models.panel import Outlook, Panel
from hub.planning.models.smoothed import ceiling

ALPHA = 0.2


def scan_pro(panel: Panel) -> Outlook:
    """exp(level + effect of the planned offers); at most four times the best week ever seen."""
    panel = without_odd_periods(panel)
    lift = uplift(panel)
    path = level_path(logs(panel.values) - lift[:, : panel.weeks], ALPHA)
    level = path[:, -1] if panel.weeks else np.full(len(panel.values), np.nan)
    ahead = np.zeros((len(level), panel.horizon))
    planned = lift[:, panel.weeks :]
    ahead[:, : planned.shape[1]] = planned
    raised = np.exp(np.clip(level[:, None] + ahead, -50.0, 50.0))
    forecast = np.minimum(raised, 2 * ceiling(panel.values)[:, None])
    return Outlook(forecast, one_step_error(panel.values, path, lift),
                   {"level": np.exp(level), "offers": np.exp(ahead)})
