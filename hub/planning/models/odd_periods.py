"""Periods in which nearly everything fell at once and came back at once: a report that broke off, a storm.

They say nothing of what is wanted, but a smoothed level remembers them for months, and a season for a year. Whoever
learns takes them for unknown. What falls every season at the same place is season, and what does not come back is news:
both stay. Whether the last period is one of them, only the next will show.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from hub.model.plan import Vector
from hub.planning.models.effects import logs
from hub.planning.models.levels import level_path
from hub.planning.models.panel import Panel

FALLEN = 0.4
"""By how much the median series falls, as a logarithm: by a third. Not tuned."""
BACK = 0.2
"""What falls by less than this has come back."""
SPEED = 0.2
LEAST_LEVEL = 2.0
"""Units: who usually sells less than this says nothing by selling none."""
LEAST, MOST = 30, 2_048
"""Series that must speak, and that are asked."""


def without_odd_periods(panel: Panel) -> Panel:
    """The panel with its odd periods unknown."""
    odd = odd_periods(panel)
    return replace(panel, values=np.where(odd, np.nan, panel.values)) if odd.any() else panel


def odd_periods(panel: Panel) -> npt.NDArray[np.bool_]:
    """(weeks,) which columns are not to be learnt from."""
    values = panel.values[:: max(1, -(-len(panel.values) // MOST))]
    odd = np.zeros(panel.weeks, dtype=np.bool_)
    if panel.weeks < 3 or len(values) < LEAST:
        return odd
    sales = logs(values)
    before = level_path(sales, SPEED)[:, :-2]
    before = np.where(before >= np.log(LEAST_LEVEL), before, np.nan)
    fell, stayed = _median(sales[:, 1:-1] - before), _median(sales[:, 2:] - before)
    odd[1:-1] = (fell < -FALLEN) & (stayed > -BACK)
    season = np.zeros(panel.weeks, dtype=np.bool_)
    season[panel.season + 1 : -1] = fell[: max(panel.weeks - panel.season - 2, 0)] < -BACK
    return odd & ~season


def _median(change: Vector) -> Vector:
    """(columns,) over the series that are known there; 0 where too few are."""
    enough = (~np.isnan(change)).sum(axis=0) >= LEAST
    out = np.zeros(change.shape[1])
    out[enough] = np.nanmedian(change[:, enough], axis=0)
    return out
