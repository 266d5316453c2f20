"""Invented demand for the tests: season, trend and noise from a seed."""

from __future__ import annotations

from datetime import date

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.panel import Panel

FIRST = date(2024, 1, 1)


def demand(series: int, weeks: int, seed: int = 0, noise: float = 0.1) -> Vector:
    """(series, weeks): level 20..220, one yearly wave, multiplicative noise."""
    random = np.random.default_rng(seed)
    level = random.uniform(20, 220, (series, 1))
    wave = 1 + 0.4 * np.sin(2 * np.pi * np.arange(weeks) / 52)
    return np.asarray(level * wave * random.normal(1, noise, (series, weeks)).clip(0))


def panel(series: int = 12, weeks: int = 104, horizon: int = 13, seed: int = 0, noise: float = 0.1) -> Panel:
    return Panel(demand(series, weeks, seed, noise), FIRST, np.arange(series) % 3, horizon)
