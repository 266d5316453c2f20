"""Slow movers: the probability that anything sells times how much sells when it does.

Teunter, Syntetos & Babai (2011, European Journal of Operational Research 214): both are smoothed, the probability every
week, the size only in weeks with a sale, so that the forecast of an item that stops selling fades instead of standing.
"""

from __future__ import annotations

import numpy as np

from hub.planning.models.panel import Outlook, Panel, filled, in_blocks

PROBABILITY_ALPHA = 0.1
SIZE_ALPHA = 0.1


@in_blocks
def intermittent(panel: Panel) -> Outlook:
    """Flat: probability × size. Starts from the share of selling weeks and the mean size over the first known year."""
    numbers, known = filled(panel.values)
    first = slice(0, min(panel.weeks, 52))
    sold = (numbers > 0).astype(np.float64)
    probability = sold[:, first].sum(axis=1) / np.maximum(known[:, first].sum(axis=1), 1)
    size = (numbers * sold)[:, first].sum(axis=1) / np.maximum(sold[:, first].sum(axis=1), 1)
    squares = np.zeros(len(numbers))
    for week in range(panel.weeks):
        squares += known[:, week] * (numbers[:, week] - probability * size) ** 2
        probability += PROBABILITY_ALPHA * known[:, week] * (sold[:, week] - probability)
        fresh = np.where(size > 0, size + SIZE_ALPHA * (numbers[:, week] - size), numbers[:, week])
        size = np.where(sold[:, week] > 0, fresh, size)
    count = known.sum(axis=1)
    level = np.where(count > 0, probability * size, np.nan)
    sigma = np.where(count > 0, np.sqrt(squares / np.maximum(count, 1)), np.nan)
    return Outlook(np.repeat(level[:, None], panel.horizon, axis=1), sigma, {"probability": probability, "size": size})
