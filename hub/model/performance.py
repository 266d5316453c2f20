"""How well the partnership forecast and delivered, as sums: those of several groups add up, and every ratio follows.

Error here is forecast − actual, base units: a positive bias means that too much was forecast.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Literal

from hub.model.agreement import Metric
from hub.model.plan import PlanMeasure
from hub.model.value import Value

Observed = Literal["sold", "withdrawn"]
Edit = Literal["all", "up_small", "up_large", "down_small", "down_large"]
"""Edits of the baseline by direction and size (against the median size); `all`: the whole step."""


def _ratio(above: float, below: float) -> float:
    return above / below if below else math.nan


def _sums(one: Value, other: Value, *names: str) -> dict[str, float]:
    return {name: getattr(one, name) + getattr(other, name) for name in names}


class Accuracy(Value):
    """What `author`'s forecasts (a partner's short name, "hub" or "naive": the same week a season ago) made `lag` weeks
    ahead for the items of `group` ("": without a group) were worth in `cells` item-location-weeks.

    `error` is Σ(forecast − actual), `absolute` Σ|forecast − actual|, `actual` Σ actual, `volume` Σ|actual|. `scaled` is
    Σ|error| / the item-location's mean step from one week to the next before, over `scaled_cells` cells that have one.
    """

    author: str
    measure: PlanMeasure
    lag: int
    group: str = ""
    cells: int
    error: float
    absolute: float
    actual: float
    volume: float
    scaled: float = 0.0
    scaled_cells: int = 0

    @property
    def wmape(self) -> float:
        """Σ|error| / Σ|actual|; NaN where nothing was sold."""
        return _ratio(self.absolute, self.volume)

    @property
    def bias(self) -> float:
        """Σ error / Σ actual."""
        return _ratio(self.error, self.actual)

    @property
    def tracking_signal(self) -> float:
        """−Σ error / mean |error|: positive when too little was forecast, beyond ±4 taken to be biased; 0 without any
        error."""
        return -self.error / (self.absolute / self.cells) if self.absolute else 0.0

    @property
    def mase(self) -> float:
        """Mean |error| against the usual step from week to week (Hyndman & Koehler 2006)."""
        return _ratio(self.scaled, self.scaled_cells)

    def plus(self, other: Accuracy) -> Accuracy:
        """Both groups as one; everything but the sums is kept from this one."""
        return self.model_copy(update=_sums(
            self, other, "cells", "error", "absolute", "actual", "volume", "scaled", "scaled_cells"))


class ValueAdded(Value):
    """What a step, or a class of edits, made of the forecast before it: Σ|error| `before` and `after` it, on the same
    `cells`, and their Σ|actual|. The step is the `measure` of `author` on top of `against` (another measure of the
    hub's, or "naive")."""

    author: str
    measure: PlanMeasure
    against: str
    edit: Edit = "all"
    cells: int
    before: float
    after: float
    volume: float

    @property
    def wmape_before(self) -> float:
        """Σ|error| / Σ|actual| of what the step began with."""
        return _ratio(self.before, self.volume)

    @property
    def wmape_after(self) -> float:
        """The same of what came out of it."""
        return _ratio(self.after, self.volume)

    @property
    def gain(self) -> float:
        """WMAPE before − WMAPE after; negative: leave the step out."""
        return _ratio(self.before - self.after, self.volume)

    def plus(self, other: ValueAdded) -> ValueAdded:
        """Both as one; everything but the sums is kept from this one."""
        return self.model_copy(update=_sums(self, other, "cells", "before", "after", "volume"))


class Commitment(Value):
    """What the seller promised of what was ordered, and kept: base units of `lines` order lines due in the weeks
    assessed. `committed` is Σ min(promised, ordered), `delivered` Σ min(received, promised)."""

    author: str
    lines: int
    ordered: float
    promised: float
    committed: float
    delivered: float

    @property
    def rate(self) -> float:
        """Committed of what was ordered; NaN when nothing was."""
        return _ratio(self.committed, self.ordered)

    @property
    def adherence(self) -> float:
        """Delivered of what was promised."""
        return _ratio(self.delivered, self.promised)

    def plus(self, other: Commitment) -> Commitment:
        """Both as one; everything but the sums is kept from this one."""
        return self.model_copy(update=_sums(self, other, "lines", "ordered", "promised", "committed", "delivered"))


class MetricException(Value):
    """Where the items of `group` did worse than the agreement allows: `found` percent by the metric `kind`, where
    `allowed` percent was agreed (at most; of in_stock at least). A bias keeps its sign: above 0 too much was forecast.

    `author` and `measure` say whose forecast of what, made `from_week` to `to_week` weeks ahead; of in_stock the buyer,
    on_hand and 0. `value_at_stake` is the part of what the group sold in those weeks (in the agreement's currency; base
    units of items without a value) by which the limit was exceeded.

    The evidence is in base units: `part` of `whole` in `cells` item-location-weeks, so that `found` is their ratio: of
    wmape Σ|error| of Σ|actual|, of bias Σ error of |Σ actual|, of in_stock the counts above zero of all counts. None:
    found by a version of the hub that did not keep it.
    """

    kind: Metric
    author: str
    measure: PlanMeasure | Literal["on_hand"]
    group: str = ""
    from_week: int
    to_week: int
    found: float
    allowed: float
    value_at_stake: float
    cells: int | None = None
    part: float | None = None
    whole: float | None = None


class Scorecard(Value):
    """What a planning cycle found out about the ones before it, in the weeks from `first_week` to `last_week` (their
    first days), which became known since. `run` is the cycle's public id; `observed` what counted as actual;
    `exceptions` what of it is worse than was agreed, dearest first."""

    run: str
    agreement: str
    as_of: date
    observed: Observed = "sold"
    first_week: date
    last_week: date
    accuracy: tuple[Accuracy, ...] = ()
    value_added: tuple[ValueAdded, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    exceptions: tuple[MetricException, ...] = ()
