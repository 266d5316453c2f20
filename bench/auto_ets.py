"""AutoETS (statsforecast, no season) on the same series: a peer to be measured beside, where it is installed.

It is no part of the hub and of none of its extras: `pip install statsforecast`. It needs every period, so gaps are
filled on a straight line, which flatters it; the first report of a series begins its history. Series too short for it
are given their mean.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.panel import Panel

ABSENT = "AutoETS: statsforecast is not installed, so it is not measured"
SHORT = 12
"""Periods below which it refuses, or may refuse, to be fitted."""


def available() -> bool:
    return find_spec("statsforecast") is not None


def auto_ets(panel: Panel) -> Vector:
    """(n, horizon); NaN for a series without history."""
    peer: Any = import_module("statsforecast.models").AutoETS(season_length=1, model="ZZN")
    out = np.full((len(panel.values), panel.horizon), np.nan)
    for row, values in enumerate(panel.values):
        known = np.flatnonzero(~np.isnan(values))
        if len(known):
            whole = np.interp(np.arange(known[0], panel.weeks), known, values[known])
            out[row] = whole.mean() if len(whole) < SHORT else peer.forecast(whole, panel.horizon)["mean"]
    return out


def ratio(forecasts: list[Vector], panel: Panel) -> float:
    """The error of `forecasts`, one matrix (n, horizon) for each of the last origins, relative to AutoETS on the same
    cells."""
    ours = theirs = 0.0
    for back, made in zip(range(len(forecasts), 0, -1), forecasts, strict=True):
        cut = panel.weeks - back * panel.horizon
        came = panel.values[:, cut : cut + panel.horizon]
        peer = auto_ets(panel.until(cut))
        known = ~np.isnan(came + made + peer)
        ours += float(np.abs(made - came)[known].sum())
        theirs += float(np.abs(peer - came)[known].sum())
    return ours / theirs
