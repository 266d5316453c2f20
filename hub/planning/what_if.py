"""What would be if: another demand, price, promotion or policy, planned by the same arithmetic and compared with the
plan as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from hub.errors import Reject
from hub.model.agreement import SettlementRule
from hub.model.plan import Vector
from hub.planning.cycle_math import ShardInput, ShardResult
from hub.planning.promotions import EVENTS, calendar_shares


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be different, for `gtin` and `gln` (None: all). `demand` and `price` are changes in percent; what a
    price does is demand × (1 + price/100)^`elasticity`, which the asker has to know. `promoted` are first and last days
    of one more promotion. The rest replaces the agreement's terms where it is given."""

    gtin: str | None = None
    gln: str | None = None
    demand: float = 0.0
    price: float = 0.0
    elasticity: float | None = None
    promoted: tuple[date, date] | None = None
    service: float | None = None
    lead_weeks: int | None = None
    review_weeks: int | None = None
    minimum: float | None = None
    settlement: SettlementRule | None = None


def asked(shard: ShardInput, question: Question) -> ShardInput:
    """The shard as it would be. Raises Reject for a question that makes no sense."""
    if question.price and question.elasticity is None:
        raise Reject("say with --elasticity how demand answers a price: -1.5 means 1 % cheaper sells 1.5 % more",
                     reason="NO_ELASTICITY")
    if question.demand <= -100 or question.price <= -100:
        raise Reject("a change of -100 % or less leaves nothing to plan", reason="BAD_CHANGE")
    if question.service is not None and not 0 < question.service < 1:
        raise Reject(f"a service level of {question.service:g} is no probability between 0 and 1", reason="BAD_SERVICE")
    rows = np.array([question.gtin in (None, gtin) and question.gln in (None, gln) for gtin, gln in shard.keys])
    if not rows.any():
        raise Reject("the agreement plans no such item at such a place", reason="NOTHING_MEANT")
    changed = (1 + question.demand / 100) * (1 + question.price / 100) ** (question.elasticity or 0.0)
    return replace(
        shard, agreement=_terms(shard, question), factor=np.where(rows, changed, 1.0),
        promoted_ahead=_promoted(shard, question, rows),
        stock=shard.stock if question.minimum is None else replace(
            shard.stock, minimum=np.where(rows, question.minimum, shard.stock.minimum)))


def _terms(shard: ShardInput, question: Question) -> Any:
    terms = shard.agreement.replenishment
    given = {"service": None if question.service is None else Decimal(str(question.service)),
             "lead_weeks": question.lead_weeks, "review_weeks": question.review_weeks}
    kept = terms.model_copy(update={name: value for name, value in given.items() if value is not None})
    rule = question.settlement or shard.agreement.settlement
    return shard.agreement.model_copy(update={"replenishment": kept, "settlement": rule})


def _promoted(shard: ShardInput, question: Question, rows: np.ndarray[Any, np.dtype[np.bool_]]) -> Vector:
    if question.promoted is None:
        return shard.promoted_ahead
    items = sorted({gtin for (gtin, _), meant in zip(shard.keys, rows, strict=True) if meant})
    events = pl.DataFrame([(gtin, question.gln, *question.promoted) for gtin in items], schema=EVENTS, orient="row")
    more = calendar_shares(events, shard.keys, shard.first_week, shard.promoted_ahead.shape[1])
    return np.maximum(shard.promoted_ahead, np.where(rows[:, None], more, 0.0))


def totals(results: Sequence[ShardResult]) -> dict[str, float]:
    """What a plan comes to: base units over the horizon, weeks in which an item-location would run short, exceptions.
    """
    return {
        "demand": sum(float(np.nansum(one.consensus)) for one in results),
        "ordered now": sum(float(one.orders.placed[:, 0].sum()) for one in results),
        "ordered ahead": sum(float(one.orders.placed.sum()) for one in results),
        "safety stock": sum(float(one.orders.safety.sum()) for one in results),
        "stock on average": sum(float(np.maximum(one.orders.on_hand, 0).mean(axis=1).sum()) for one in results),
        "weeks short": float(sum(int((one.orders.on_hand < 0).sum()) for one in results)),
        "exceptions": float(sum(one.exceptions.height for one in results)),
        "value at stake": sum(float(one.exceptions["value_at_stake"].sum()) for one in results),
    }


def by_line(results: Sequence[ShardResult]) -> pl.DataFrame:
    """gtin, gln, demand, ordered_now, ordered_ahead, safety of each item-location."""
    return pl.concat([pl.DataFrame({
        "gtin": [gtin for gtin, _ in one.keys], "gln": [gln for _, gln in one.keys],
        "demand": np.nansum(one.consensus, axis=1), "ordered_now": one.orders.placed[:, 0],
        "ordered_ahead": one.orders.placed.sum(axis=1), "safety": one.orders.safety}) for one in results])
