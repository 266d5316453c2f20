"""What price cuts, features and displays do to sales: a log-linear model of the SCAN*PRO kind (Wittink et al. 1988).

log(sales) against its local mean, regressed on the same of `Drivers.regressors`: a series' own effects, pulled to its
family's as if that were so many observations, and those to everybody's (empirical Bayes ridge). A local mean instead of
a fixed effect per series, so that a slow change of level is not taken for an effect.
"""

from __future__ import annotations

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.drivers import REGRESSORS, Drivers
from hub.planning.models.panel import BLOCK, Panel, Slots

SMALLEST = 0.5
"""Sales below this count as this: a logarithm needs something."""
AROUND = 13
"""Periods on either side that make the local mean."""
FAMILY_PRIOR, SERIES_PRIOR = 60.0, 20.0
"""Tuned on weeks 69-92 of dunnhumby, from 5, 20, 60; neighbours differ by less than 1 %."""


def uplift(panel: Panel) -> Vector:
    """(n, periods) log effect of the drivers in every column that they cover: the known and the planned ones."""
    if panel.drivers is None:
        return np.zeros(panel.values.shape)
    own = effects(panel)
    return np.concatenate([
        np.einsum("ntk,nk->nt", part.regressors(), own[rows]) for part, rows in _blocks(panel.drivers, len(own))])


def effects(panel: Panel) -> Vector:
    """(n, len(REGRESSORS)) shrunken log effects of every series. The panel must have drivers."""
    count, wide = len(panel.values), len(REGRESSORS)
    squares, products = np.zeros((count, wide, wide)), np.zeros((count, wide))
    assert panel.drivers is not None  # noqa: S101  (what the docstring demands)
    for part, rows in _blocks(panel.drivers, count):
        sales = logs(panel.values[rows])
        known = ~np.isnan(sales)
        y = _off_mean(sales, known)
        offers = part.regressors()[:, : panel.weeks]
        x = np.stack([_off_mean(offers[..., k], known) for k in range(wide)], axis=-1)
        squares[rows] = np.matmul(x.transpose(0, 2, 1), x)
        products[rows] = np.matmul(x.transpose(0, 2, 1), y[..., None])[..., 0]
    names, family = np.unique(panel.groups, return_inverse=True)
    family_squares, family_products = np.zeros((len(names), wide, wide)), np.zeros((len(names), wide))
    np.add.at(family_squares, family, squares)
    np.add.at(family_products, family, products)
    everybody = _ridge(squares.sum(axis=0)[None], products.sum(axis=0)[None], 1.0, np.zeros(wide))
    families = _ridge(family_squares, family_products, FAMILY_PRIOR, everybody)
    return _ridge(squares, products, SERIES_PRIOR, families[family])


def logs(values: Vector) -> Vector:
    """Logarithms of sales, `SMALLEST` at least; NaN stays NaN."""
    return np.asarray(np.log(np.maximum(values, SMALLEST)))


def _ridge(squares: Vector, products: Vector, prior: float, towards: Vector) -> Vector:
    wide = squares.shape[-1]
    return np.asarray(np.linalg.solve(squares + prior * np.eye(wide), (products + prior * towards)[..., None])[..., 0])


def _off_mean(values: Vector, known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Vector:
    """`values` less their mean over the known columns around, 0 where not known."""
    empty = np.zeros((len(values), 1))
    total = np.cumsum(np.concatenate([empty, np.where(known, values, 0.0)], axis=1), axis=1)
    count = np.cumsum(np.concatenate([empty, known], axis=1), axis=1)
    low = np.clip(np.arange(values.shape[1]) - AROUND, 0, values.shape[1])
    high = np.clip(np.arange(values.shape[1]) + AROUND + 1, 0, values.shape[1])
    mean = (total[:, high] - total[:, low]) / np.maximum(count[:, high] - count[:, low], 1)
    return np.where(known, values - mean, 0.0)


def _blocks(drivers: Drivers, count: int) -> list[tuple[Drivers, Slots]]:
    cuts = [np.arange(low, min(low + BLOCK, count)) for low in range(0, count, BLOCK)]
    return [(drivers.only(rows), rows) for rows in cuts]
