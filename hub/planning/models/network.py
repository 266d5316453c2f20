"""A small neural network over all series at once, for panels whose coming offers nobody knows: it learns from past ones
how likely the next one is.

Two hidden layers (32 and 16), rectified; the error is that of logarithms, nearly absolute (Huber), weighed by the
level; Adam with decoupled decay (Kingma & Ba 2015; Loshchilov & Hutter 2019), the rate falling to none by a cosine. The
mean of two, begun differently. Plain NumPy: few passes over few numbers.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hub.model.plan import Vector
from hub.planning.models.effects import SMALLEST, uplift
from hub.planning.models.moments import CATEGORIES, Moments, learnt_outlook, lessons, moments
from hub.planning.models.odd_periods import without_odd_periods
from hub.planning.models.panel import Outlook, Panel, Slots, Wide
from hub.planning.models.smoothed import smoothed

MOST = 350_000
"""Moments to learn from."""
LEAST = 2_000
SEEDS = (0, 1)
HIDDEN = (32, 16)
PASSES = 4
BATCH = 1024
RATE, DECAY = 2e-3, 0.1
NEARLY = 0.1
"""Errors of logarithms below this count by their square."""
WIDEST = 5.0
"""Standard deviations that a feature may lie from its mean."""
WEIGHT_POWER, HEAVIEST = 0.85, 8.0
MOMENTUM, SPREAD = 0.9, 0.999
Layers = list[Wide]
"""Weights and, after them, offsets of each layer."""


def network(panel: Panel) -> Outlook:
    """exp(level + what was learnt), at most four times the best period; plain smoothing where too little is known to
    learn from or nothing is known of offers."""
    panel = without_odd_periods(panel)
    plain, offers = smoothed(panel), panel.drivers
    if offers is None or offers.planned or not panel.weeks:
        return Outlook(plain.forecast, plain.sigma, {"level": plain.components["level"]})
    lift = uplift(panel)[:, : panel.weeks]
    sight = moments(panel, offers, lift)
    made = _learnt(panel, sight)
    return learnt_outlook(panel, plain, sight, lift, made)


def _learnt(panel: Panel, sight: Moments) -> Vector:
    """(n, horizon); NaN where nothing could be learnt or nothing is known."""
    out = np.full((len(panel.values), panel.horizon), np.nan)
    series, origin, step, expected = lessons(panel, sight, MOST)
    if len(series) < LEAST:
        return out
    x = _described(sight, series, origin, step)
    mean, spread = np.nanmean(x, axis=0), np.nanstd(x, axis=0)
    spread = np.where(spread > 1e-6, spread, 1.0)
    x = _standard(x, mean, spread)
    target = np.clip(np.log(np.maximum(panel.values[series, origin + step], SMALLEST)) - expected, -3.0, 3.0)
    weight = np.exp(WEIGHT_POWER * np.clip(expected, -1.0, HEAVIEST))
    nets = [_trained(x, target.astype(np.float32), (weight / weight.mean()).astype(np.float32), seed) for seed in SEEDS]
    everyone = np.arange(len(panel.values))
    last = np.full(len(everyone), panel.weeks - 1)
    for ahead in range(1, panel.horizon + 1):
        step = np.full(len(everyone), ahead)
        x = _standard(_described(sight, everyone, last, step), mean, spread)
        said = np.mean([_passed(net, x)[-1][:, 0] for net in nets], axis=0)
        out[:, ahead - 1] = np.exp(sight.expected(everyone, last, step) + said)
    return out


def _described(sight: Moments, series: Slots, origin: Slots, step: Slots) -> Wide:
    """Without the names: a network would take them for quantities. A column that nobody knows anything of is 0."""
    x = sight.describe(series, origin, step)[:, : -len(CATEGORIES)]
    x[:, np.isnan(x).all(axis=0)] = 0.0
    return x


def _standard(x: Wide, mean: Wide, spread: Wide) -> Wide:
    """Features in standard deviations from their mean; what is not known is the mean."""
    return np.asarray(np.clip(np.nan_to_num((x - mean) / spread), -WIDEST, WIDEST), dtype=np.float32)


def _trained(x: Wide, target: Wide, weight: Wide, seed: int) -> Layers:
    random = np.random.default_rng(seed)
    sizes = (x.shape[1], *HIDDEN, 1)
    net = [(random.standard_normal((wide, narrow)) * np.sqrt(2 / wide)).astype(np.float32)
           for wide, narrow in pairwise(sizes)]
    net[-1] *= np.float32(0.1)
    net += [np.zeros(narrow, np.float32) for narrow in sizes[1:]]
    first, second = [np.zeros_like(part) for part in net], [np.zeros_like(part) for part in net]
    batch = min(BATCH, len(x))
    steps, done = PASSES * (len(x) // batch), 0
    for _ in range(PASSES):
        order = random.permutation(len(x))
        for low in range(0, len(x) - batch + 1, batch):
            rows = order[low : low + batch]
            slopes = _slopes(net, x[rows], target[rows], weight[rows])
            done += 1
            rate = RATE * 0.5 * (1 + np.cos(np.pi * done / steps))
            for part, slope, mean, square in zip(net, slopes, first, second, strict=True):
                mean += np.float32(1 - MOMENTUM) * (slope - mean)
                square += np.float32(1 - SPREAD) * (slope * slope - square)
                move = mean / (1 - MOMENTUM**done) / (np.sqrt(square / (1 - SPREAD**done)) + 1e-8)
                part -= (rate * (move + DECAY * part)).astype(np.float32)
    return net


def _passed(net: Layers, x: Wide) -> list[Wide]:
    """What goes into each layer, and at last what comes out."""
    half = len(net) // 2
    through = [x]
    for number in range(half):
        x = x @ net[number] + net[half + number]
        x = np.maximum(x, 0.0) if number < half - 1 else x
        through.append(x)
    return through


def _slopes(net: Layers, x: Wide, target: Wide, weight: Wide) -> Layers:
    """By how much the weighted error of a batch grows with each weight and offset."""
    through, half = _passed(net, x), len(net) // 2
    error = through[-1][:, 0] - target
    back = (np.clip(error / NEARLY, -1.0, 1.0) * weight / np.float32(len(x)))[:, None].astype(np.float32)
    weights: Layers = []
    offsets: Layers = []
    for number in range(half - 1, -1, -1):
        weights.append(through[number].T @ back)
        offsets.append(back.sum(axis=0))
        if number:
            back = (back @ net[number].T) * (through[number] > 0)
    return weights[::-1] + offsets[::-1]
