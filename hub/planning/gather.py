"""Everything that is known of an agreement's items -> one `ShardInput`: rows and versions become matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from hub.model.agreement import Agreement
from hub.model.business_plan import SitePolicy
from hub.model.item import Item
from hub.model.plan import Series, Vector
from hub.planning.cycle_math import ShardInput, families
from hub.planning.history import Keys, align, matrix, stock_matrix, vector, without_stockouts
from hub.planning.models.panel import Slots
from hub.planning.policies.kept import kept
from hub.planning.promotions import EVENTS, calendar_shares
from hub.planning.replenish import Stock, due_by_week

_ROWS = {"gtin": pl.String, "gln": pl.String, "period": pl.Date, "quantity": pl.Float64}
_DUE = {"gtin": pl.String, "gln": pl.String, "due": pl.Date, "quantity": pl.Float64}


@dataclass(frozen=True, slots=True)
class Known:
    """What was read for one agreement, base units throughout.

    `history` (what was sold) and `on_hand` (every count that is known): gtin, gln, period, quantity. `open_orders`:
    gtin, gln, due, quantity. `events`: gtin, gln (null: everywhere), start, end. The views and `previous` may begin in
    other weeks or on another weekday, cover other items, or be absent. `factors` maps (gtin, unit) to base units.
    `dependent` as in `ShardInput`. `policies` are those of the joint business plan.
    """

    history: pl.DataFrame
    buyer: Series | None = None
    seller: Series | None = None
    previous: Series | None = None
    dependent: Series | None = None
    on_hand: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_ROWS))
    open_orders: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_DUE))
    events: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=EVENTS))
    items: Mapping[str, Item] = field(default_factory=dict)
    factors: Mapping[tuple[str, str], float] = field(default_factory=dict)
    policies: tuple[SitePolicy, ...] = ()


def scope(agreement: Agreement, known: Known) -> Keys:
    """The item-locations to plan: those that anything is known of, and new items that the joint business plan says how
    to forecast, inside the agreement's items and locations (an empty list admits all), in code point order."""
    found = set(known.history.select("gtin", "gln").unique().iter_rows())
    for series in (known.buyer, known.seller, known.dependent):
        found.update(series.keys if series is not None else ())
    found.update((policy.gtin, policy.gln) for policy in known.policies if policy.like is not None)
    items, places = set(agreement.items), set(agreement.locations)
    return tuple(sorted(
        (gtin, gln) for gtin, gln in found if (not items or gtin in items) and (not places or gln in places)))


def gather(
    agreement: Agreement, known: Known, first_week: date, keys: Keys | None = None
) -> tuple[ShardInput, tuple[str, ...]]:
    """The planning input for weeks from `first_week`, and the GTINs whose ordering unit has no known pack size (planned
    in base units); of `keys`, or of all that `scope` finds."""
    keys, horizon = scope(agreement, known) if keys is None else keys, agreement.horizon_weeks
    weeks = max(agreement.history_weeks, 1)
    begins = first_week - timedelta(weeks=weeks)

    def future(series: Series | None) -> Vector:
        if series is None:
            return np.full((len(keys), horizon), np.nan)
        return align(series, keys, first_week, horizon, recut=True).values

    unit = agreement.replenishment.order_unit
    pack = np.array([known.factors.get((gtin, unit), 1.0) for gtin, _ in keys], dtype=np.float64)
    unknown = tuple(sorted({gtin for gtin, _ in keys if (gtin, unit) not in known.factors}))
    shard = ShardInput(
        agreement, keys, families(keys, _groups(known)), first_week,
        history=_demand(known, begins, weeks, keys),
        buyer=future(known.buyer), seller=future(known.seller), previous=future(known.previous),
        promoted_past=calendar_shares(known.events, keys, begins, weeks),
        promoted_ahead=calendar_shares(known.events, keys, first_week, horizon),
        unit_values=_unit_values(keys, known.items),
        stock=Stock(vector(known.on_hand, keys), due_by_week(known.open_orders, keys, first_week, horizon), pack,
                    np.full(len(keys), float(agreement.replenishment.minimum))),
        dependent=None if known.dependent is None else future(known.dependent),
        kept=kept(known.policies, keys, first_week, horizon), like=_like(known.policies, keys),
    )
    return shard, unknown


def _groups(known: Known) -> dict[str, str | None]:
    """The family of each item; a new one is planned in that of the item it is to sell like."""
    groups = {gtin: item.group for gtin, item in known.items.items()}
    for policy in known.policies:
        if policy.like is not None:
            groups[policy.gtin] = groups[policy.like] = groups.get(policy.like) or policy.like
    return groups


def _like(policies: tuple[SitePolicy, ...], keys: Keys) -> Slots | None:
    where = {key: row for row, key in enumerate(keys)}
    named = [(where.get((p.gtin, p.gln)), where.get((p.like, p.gln))) for p in policies if p.like is not None]
    if not named:
        return None
    like = np.full(len(keys), -1, dtype=np.int64)
    for row, twin in named:
        if row is not None and twin is not None:
            like[row] = twin
    return like


def _demand(known: Known, begins: date, weeks: int, keys: Keys) -> Vector:
    """What was wanted: sales, with the weeks blanked that ended out of stock."""
    sold = matrix(known.history, begins, weeks, keys)
    return without_stockouts(sold, stock_matrix(known.on_hand, begins, weeks, keys)).values


def _unit_values(keys: Keys, items: Mapping[str, Item]) -> Vector:
    priced = {gtin: float(item.unit_value) for gtin, item in items.items() if item.unit_value is not None}
    return np.array([priced.get(gtin, np.nan) for gtin, _ in keys], dtype=np.float64)
