"""New items: what the same item sells elsewhere, scaled by what this place usually sells of others."""

from __future__ import annotations

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.panel import Panel, recent_mean

RECENT = 13


def like_items(panel: Panel) -> Vector:
    """(n,) a level for every series: its family's recent mean per series, times its place's mean ratio to the families
    it carries (1 where places are unknown). NaN where the family sold nowhere; 0 at least."""
    level = np.maximum(recent_mean(panel.values, RECENT), 0.0)
    family = _means(level, panel.groups)
    if panel.places is None:
        return family
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(family > 0, level / family, np.nan)
    usual = _means(ratio, panel.places)
    return np.asarray(family * np.where(np.isnan(usual), 1.0, usual))


def _means(values: Vector, groups: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Vector:
    known = ~np.isnan(values)
    count = np.bincount(groups, known)
    total = np.bincount(groups, np.where(known, values, 0.0))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)[groups]
