"""What promotions did, taken out of the history; what planned ones will do, put on the forecast.

One multiplicative lift per planning family: sales of promoted weeks over what the unpromoted weeks around them suggest,
pulled towards the lift of all families and that towards 1 (no effect) as far as evidence is thin. Lift claimed here is
the event's, with whatever forward buying it caused; later dips and cannibalised items are not modelled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from hub.model.plan import Vector
from hub.model.promotion_offer import PromotionOffer
from hub.model.retail_event import RetailEvent
from hub.planning.calendar import WEEK
from hub.planning.history import Keys
from hub.planning.models.panel import Model, Outlook, Panel, Slots, filled

Number = Vector | float
EVENTS = {"gtin": pl.String, "gln": pl.String, "start": pl.Date, "end": pl.Date}
OFF = ("CANCELED", "CANCELLED", "REJECTED", "PROPOSED")
"""Status words of events that do not take place, or not yet for sure."""
STARTS, ENDS = "promotion_start", "promotion_end"
"""Words of `schemas/codes/moment_g62.toml`."""

AROUND = 6
"""Weeks on either side from which a promoted week's usual sales are judged."""
PRIOR = 8.0
"""Promoted cells at which a family's own lift weighs as much as everybody's."""
HIGHEST = 10.0


@dataclass(frozen=True, slots=True)
class Lift:
    """`factor` (n,) of each series' family, at least 1; `cells` (n,) promoted weeks of the family that it rests on."""

    factor: Vector
    cells: Vector


def calendar_shares(events: pl.DataFrame, keys: Keys, first_week: date, weeks: int) -> Vector:
    """(n, weeks) share of each week's days under promotion, 0..1.

    `events` has gtin, gln (null: every location), start, end (inclusive). Overlapping events do not add beyond 1.
    """
    of_item: dict[str, list[int]] = {}
    of_key: dict[tuple[str, str], int] = {}
    for row, key in enumerate(keys):
        of_item.setdefault(key[0], []).append(row)
        of_key[key] = row
    days = np.zeros((len(keys), weeks * WEEK), dtype=np.bool_)
    for gtin, gln, start, end in events.select("gtin", "gln", "start", "end").iter_rows():
        rows = of_item.get(gtin, []) if gln is None else [of_key[gtin, gln]] if (gtin, gln) in of_key else []
        span = slice(max((start - first_week).days, 0), max((end - first_week).days + 1, 0))
        days[rows, span] = True
    return np.asarray(days.reshape(len(keys), weeks, WEEK).mean(axis=2))


def events_of(documents: Iterable[RetailEvent]) -> pl.DataFrame:
    """The promotions that are on, as `calendar_shares` takes them: gtin, gln (null: everywhere), start, end. Of a
    tactic without days the event's own days count; what has no days, is called off or still a proposal moves nothing.
    """
    rows = []
    for event in documents:
        if event.promotion is None or event.status.upper() in OFF:
            continue
        for part in event.promotion.specifications:
            for start, end in {(tactic.start or event.start, tactic.end or event.end) for tactic in part.tactics} or {
                    (event.start, event.end)}:
                rows += [(item.gtin.zfill(14), item.location.id if item.location else None, start, end)
                         for item in part.items if item.gtin and start and end]
    return pl.DataFrame(sorted(rows, key=str), schema=EVENTS, orient="row")


def offers_of(documents: Iterable[PromotionOffer]) -> pl.DataFrame:
    """The same of promotions in the trade (X12 889), at every place. A line's own days go before the offer's; one that
    names both its case and the pack in it moves whichever of them is planned. What is cancelled, or has no days, moves
    nothing. Market areas are no places of the hub: an offer for some of them counts everywhere."""
    rows = []
    for offer in documents:
        for line in (line for part in offer.parts for line in part.lines if offer.purpose != "cancel"):
            said = {moment.kind: moment.on for moment in line.dates}
            start, end = said.get(STARTS) or offer.start, said.get(ENDS) or offer.end
            rows += [(gtin.zfill(14), None, start, end) for gtin in {line.gtin, line.case_gtin}
                     if gtin and start and end]
    return pl.DataFrame(sorted(rows, key=str), schema=EVENTS, orient="row")


def measure(values: Vector, shares: Vector, groups: Slots) -> Lift:
    """The lift of each family from history (n, weeks) and its promotion shares. Families without promoted weeks get the
    lift of all, and 1 when nobody ever promoted."""
    usual = _usual(values, shares)
    used = (shares > 0) & ~np.isnan(values) & (usual > 0)
    base = np.where(used, usual * shares, 0.0).sum(axis=1)
    extra = np.where(used, values - usual, 0.0).sum(axis=1)
    names, family = np.unique(groups, return_inverse=True)
    cells, bases, extras = (_by_family(column, family, len(names)) for column in (used.sum(axis=1), base, extra))
    own = _shrunk(extras, bases, cells, _shrunk(extras.sum(), bases.sum(), cells.sum(), 0.0))
    return Lift(np.clip(1 + own, 1.0, HIGHEST)[family], cells[family])


def _by_family(column: npt.NDArray[Any], family: Slots, count: int) -> Vector:
    return np.bincount(family, column, count).astype(np.float64)


def _shrunk(extra: Number, base: Number, cells: Number, towards: Number) -> Vector:
    share = cells / (cells + PRIOR)
    return np.asarray(share * extra / np.where(base > 0, base, 1.0) + (1 - share) * towards)


def _usual(values: Vector, shares: Vector) -> Vector:
    """The mean of the unpromoted, known weeks up to `AROUND` before and after each week; NaN where there are none."""
    numbers, known = filled(np.where(shares > 0, np.nan, values))
    sums, counts = _window(numbers), _window(known)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _window(numbers: Vector) -> Vector:
    weeks = numbers.shape[1]
    total = np.cumsum(np.concatenate([np.zeros((len(numbers), 1)), numbers], axis=1), axis=1)
    low = np.clip(np.arange(weeks) - AROUND, 0, weeks)
    high = np.clip(np.arange(weeks) + AROUND + 1, 0, weeks)
    return np.asarray(total[:, high] - total[:, low])


def without_lift(values: Vector, shares: Vector, lift: Lift) -> Vector:
    """History as it would have been without promotions; NaN stays NaN."""
    return values / _factor(shares, lift)


def with_lift(forecast: Vector, shares: Vector, lift: Lift) -> Vector:
    """The forecast with the planned promotions on top."""
    return forecast * _factor(shares, lift)


def _factor(shares: Vector, lift: Lift) -> Vector:
    return np.asarray(1 + (lift.factor[:, None] - 1) * shares)


def around_events(model: Model) -> Model:
    """`model` on history without promotions, the planned ones put back on its forecast. Of `Panel.drivers` it takes
    `feature`: the share of each period's days under promotion. The lift is measured anew at every origin."""

    def run(panel: Panel) -> Outlook:
        if panel.drivers is None:
            return model(panel)
        shares = panel.drivers.feature[:, : panel.weeks]
        ahead = np.zeros((len(shares), panel.horizon))
        planned = panel.drivers.feature[:, panel.weeks : panel.weeks + panel.horizon]
        ahead[:, : planned.shape[1]] = planned
        lift = measure(panel.values, shares, panel.groups)
        made = model(replace(panel, values=without_lift(panel.values, shares, lift), drivers=None))
        raised = with_lift(made.forecast, ahead, lift)
        parts = {**made.components, "promotion": raised - made.forecast}
        return Outlook(raised, made.sigma, parts)

    return run
