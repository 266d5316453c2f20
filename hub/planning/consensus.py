"""One number per item, location and week out of two views and a baseline, by the rule both sides signed beforehand.

Not in dispute: the mean of both. In dispute: the agreement's settlement rule. Only one side speaks: that side; nobody
speaks: the baseline. The rule `weighted` is for all cells: both views and the baseline by what their past errors teach.
Then the fences: near weeks keep what was settled before. Every cell carries the rule that made
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hub.errors import Reject
from hub.model.agreement import Agreement, Fences, SettlementRule
from hub.model.exception import ForecastException
from hub.model.plan import Series, Vector
from hub.planning.exceptions import Mask

RULES = ("none", "agreed", "buyer_wins", "seller_wins", "mean", "baseline_wins", "nearest_to_baseline", "buyer_only",
         "seller_only", "baseline_only", "frozen", "slushy", "signed", "weighted", "gated", "within_tolerance")
"""What decided a cell; `Settlement.rule` holds positions in this tuple."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The consensus on the buyer's keys and weeks, and per cell the position of its rule in `RULES`."""

    consensus: Series
    rule: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Terms:
    """`buyer_share` (0 to 1) is what the buyer's view counts in a weighted mean; views at most `accept_percent` of
    their mean apart are within tolerance."""

    buyer_share: float = 0.5
    accept_percent: float = 0.0

    @classmethod
    def of(cls, agreement: Agreement) -> Terms:
        weights = agreement.weights
        share = 0.5 if weights is None else float(weights.buyer / (weights.buyer + weights.seller))
        return cls(share, float(agreement.accept_percent))


def resolved(exceptions: Sequence[ForecastException], settlement: Settlement) -> list[ForecastException]:
    """The exceptions with what was settled for them and by which rule, state resolved; those of other items or weeks,
    or without a settled number, stay as they are."""
    where = {key: row for row, key in enumerate(settlement.consensus.keys)}
    values, first = settlement.consensus.values, settlement.consensus.first_week
    done = []
    for exception in exceptions:
        row = where.get((exception.gtin, exception.gln))
        week = (exception.period - first).days // 7
        if row is None or not 0 <= week < values.shape[1] or np.isnan(values[row, week]):
            done.append(exception)
        else:
            rule = RULES[int(settlement.rule[row, week])]
            done.append(exception.model_copy(
                update={"settled": float(values[row, week]), "rule": rule, "state": "resolved"}))
    return done


def settle(
    buyer: Series, seller: Series, baseline: Series, found: Mask, rule: SettlementRule,
    fences: Fences | None = None, previous: Series | None = None, signed: Vector | None = None,
    weighted: tuple[Vector, Mask] | None = None, terms: Terms | None = None,
) -> Settlement:
    """Settle every cell. All series share keys and weeks (Reject NOT_COMPARABLE otherwise); column 0 is lag 1.

    `found` marks the disputed cells. A rule that needs the baseline where there is none falls back to the mean.
    `previous` is the last consensus on the same weeks (NaN where there was none). `signed` holds the quantities that
    both sides signed for a cell (NaN elsewhere): they go before every rule and pass the fences. `weighted` are the
    numbers of that rule where it is learnt, and the cells in which the gate kept the baseline instead; `terms` is what
    within_tolerance, and weighted by fixed weights, need to know.
    """
    for other in (seller, baseline, *([previous] if previous is not None else [])):
        if (other.keys, other.first_week, other.weeks) != (buyer.keys, buyer.first_week, buyer.weeks):
            raise Reject("views to settle must share items, locations and weeks", reason="NOT_COMPARABLE")
    values, code = _both(buyer.values, seller.values, baseline.values, found, rule, terms or Terms())
    values, code = _one_side(values, code, buyer.values, seller.values, baseline.values)
    if rule == "weighted" and weighted is not None:
        known, kept = ~np.isnan(weighted[0]), weighted[1]
        values = np.where(known, weighted[0], values)
        code = np.where(known, np.where(kept, RULES.index("gated"), RULES.index("weighted")), code).astype(np.int8)
    free = np.zeros(values.shape, dtype=np.bool_) if signed is None else ~np.isnan(signed)
    if fences is not None and previous is not None:
        values, code = _fence(values, code, previous.values, fences, free)
    if signed is not None:
        values, code = np.where(free, signed, values), np.where(free, RULES.index("signed"), code).astype(np.int8)
    return Settlement(Series(buyer.keys, buyer.first_week, values), code)


def _both(
    buyer: Vector, seller: Vector, baseline: Vector, found: Mask, rule: SettlementRule, terms: Terms
) -> tuple[Vector, npt.NDArray[np.int8]]:
    mean = (buyer + seller) / 2
    nearest = np.where(np.abs(buyer - baseline) <= np.abs(seller - baseline), buyer, seller)
    close = np.abs(buyer - seller) * 200 <= terms.accept_percent * (np.abs(buyer) + np.abs(seller))
    answers = {"buyer_wins": buyer, "seller_wins": seller, "mean": mean, "baseline_wins": baseline,
               "nearest_to_baseline": nearest, "within_tolerance": np.where(close, mean, nearest),
               "weighted": terms.buyer_share * buyer + (1 - terms.buyer_share) * seller}
    needs_baseline = rule in ("baseline_wins", "nearest_to_baseline", "within_tolerance")
    unknown = np.isnan(baseline) if needs_baseline else np.zeros(mean.shape, dtype=np.bool_)
    answer = np.where(unknown, mean, answers[rule])
    decided = np.where(unknown, RULES.index("mean"), RULES.index(rule))
    if rule == "within_tolerance":
        decided = np.where(close | unknown, decided, RULES.index("nearest_to_baseline"))
    values = np.where(found, answer, mean)
    return values, np.where(found, decided, RULES.index("agreed")).astype(np.int8)


def _one_side(
    values: Vector, code: npt.NDArray[np.int8], buyer: Vector, seller: Vector, baseline: Vector
) -> tuple[Vector, npt.NDArray[np.int8]]:
    """Fill cells that not both sides speak of: the one that does, then the baseline, then nothing."""
    missing = np.isnan(buyer) | np.isnan(seller)
    values = np.where(missing, np.nan, values)
    code = np.where(missing, RULES.index("none"), code).astype(np.int8)
    for name, view in (("buyer_only", buyer), ("seller_only", seller), ("baseline_only", baseline)):
        fills = np.isnan(values) & ~np.isnan(view)
        values = np.where(fills, view, values)
        code = np.where(fills, RULES.index(name), code).astype(np.int8)
    return values, code


def _fence(
    values: Vector, code: npt.NDArray[np.int8], previous: Vector, fences: Fences, free: Mask
) -> tuple[Vector, npt.NDArray[np.int8]]:
    """Weeks 1 to `frozen` keep the previous number; the weeks after it up to `slushy` move at most `tolerance` percent
    of it. Both count from now; where nothing was settled before, nothing is held."""
    lag = np.arange(1, values.shape[1] + 1)[None, :]
    held = ~np.isnan(previous) & ~free
    frozen = held & (lag <= fences.frozen)
    room = np.abs(previous) * float(fences.tolerance) / 100
    within = np.where(np.isnan(values), previous, np.clip(values, previous - room, previous + room))
    slushy = held & (lag > fences.frozen) & (lag <= fences.slushy) & (within != values)
    values = np.where(frozen, previous, np.where(slushy, within, values))
    code = np.where(frozen, RULES.index("frozen"), np.where(slushy, RULES.index("slushy"), code))
    return values, code.astype(np.int8)
