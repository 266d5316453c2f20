"""What moved sales besides time: price cuts, features (leaflets) and displays, per series and period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hub.model.plan import Vector

DEEPEST = 0.3
"""No price is taken to fall below this share of the usual one, and none to rise above 1.2 of it."""
HIGHEST = 1.2
CUT = -0.05
"""A log price ratio below this is a price cut."""
USUAL = 8
"""Without a base price the dearest of so many latest prices is the usual one."""
REGRESSORS = ("price", "deep_price", "feature", "display", "feature_and_display", "cut_alone", "price_before",
              "price_two_before", "promoted_before", "usual_price")


@dataclass(frozen=True, slots=True)
class Drivers:
    """`price` (n, periods) is log(price / usual price), 0 where nothing was said; `feature` and `display` are 0 or 1;
    `usual` is log(usual price), carried on where nothing was said, 0 where nothing ever was. When `planned`, the
    columns go on beyond the history as far as the plan is known."""

    price: Vector
    feature: Vector
    display: Vector
    usual: Vector
    planned: bool

    def until(self, periods: int, horizon: int) -> Drivers:
        """As known after `periods`: with the next `horizon` ones where they are planned, without where not."""
        last = periods + horizon if self.planned else periods
        return Drivers(self.price[:, :last], self.feature[:, :last], self.display[:, :last],
                       self.usual[:, :last], self.planned)

    def only(self, rows: npt.NDArray[np.int64]) -> Drivers:
        """Those of some series."""
        return Drivers(self.price[rows], self.feature[rows], self.display[rows], self.usual[rows],
                       self.planned)

    def regressors(self) -> Vector:
        """(n, periods, len(REGRESSORS)): this period's offer, what the two before it still do, and how the usual
        price differs from its mean (only where it is planned: else it is part of the level)."""
        promoted = np.maximum(self.feature, self.display)
        alone = (self.price < CUT) & (promoted == 0)
        usual = self.usual - self.usual.mean(axis=1, keepdims=True) if self.planned else np.zeros(self.usual.shape)
        return np.stack([
            self.price, np.sign(-self.price) * self.price**2, self.feature, self.display, self.feature * self.display,
            alone, _later(self.price, 1), _later(self.price, 2), _later(promoted, 1), usual,
        ], axis=-1).astype(np.float64)


def drivers(price: Vector | None, base: Vector | None, feature: Vector | None, display: Vector | None,
            planned: bool) -> Drivers | None:
    """From matrices (n, periods) with NaN where nothing was said; None when there is nothing at all."""
    given = next((column for column in (price, feature, display) if column is not None), None)
    if given is None:
        return None
    none = np.zeros(given.shape)
    ratio = level = none
    if price is not None:
        usual = _carried(base) if base is not None else _dearest(price)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.nan_to_num(np.log(np.clip(price / usual, DEEPEST, HIGHEST)))
            level = _level(np.log(np.where(usual > 0, usual, np.nan)))
    return Drivers(ratio, none if feature is None else np.nan_to_num(feature),
                   none if display is None else np.nan_to_num(display), level, planned)


def _later(values: Vector, periods: int) -> Vector:
    out = np.zeros(values.shape)
    out[:, periods:] = values[:, : max(values.shape[1] - periods, 0)]
    return out


def _carried(values: Vector) -> Vector:
    """The latest known value at each column; NaN before the first."""
    known = np.where(np.isnan(values), -1, np.arange(values.shape[1]))
    latest = np.maximum.accumulate(known, axis=1)
    return np.where(latest >= 0, np.take_along_axis(values, np.maximum(latest, 0), axis=1), np.nan)


def _level(usual: Vector) -> Vector:
    """`usual` carried on, and before its first known column that column's value."""
    carried = _carried(usual)
    first = np.take_along_axis(carried, np.argmax(~np.isnan(carried), axis=1)[:, None], axis=1)
    return np.nan_to_num(np.where(np.isnan(carried), first, carried))


def _dearest(price: Vector) -> Vector:
    """The highest of the latest known prices, this column's included."""
    out = _carried(price)
    for back in range(1, USUAL):
        out[:, back:] = np.fmax(out[:, back:], price[:, : max(price.shape[1] - back, 0)])
    return out
