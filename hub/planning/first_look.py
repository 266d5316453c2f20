"""What a planner looks at first, by the scenario of the agreement: coming events and what each side adds for them,
orders and the stock they leave, shelves, or the range. Views in, rows out, what is most at stake first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from hub.model.plan import Series, Vector
from hub.planning.calendar import WEEK
from hub.planning.exceptions import Mask

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """Everything on the rows and weeks of the hub's newest baseline, base units; NaN where nobody said. `buyer` and
    `seller` are (n, weeks) of sales, `orders` likewise of orders (buyer, seller, the hub's), `usual` is the baseline
    without events, `promoted` the weeks with one, `stock` (n, weeks) what will lie there, `there` (n,) what was counted
    last, `price` (n,) of a base unit, NaN where none is known. `carried` says of each row from when to when the item is
    on sale, and which item it is to sell like."""

    baseline: Series
    buyer: Vector
    seller: Vector
    orders: tuple[Vector, Vector, Vector]
    usual: Vector
    promoted: Mask
    stock: Vector
    there: Vector
    price: Vector
    carried: Mapping[tuple[str, str], tuple[str, str, str]]

    def cost(self, apart: Vector) -> Vector:
        """(n, weeks) of quantities -> what they come to; unpriced items by quantity."""
        return np.nan_to_num(np.abs(apart)) * np.nan_to_num(self.price, nan=1.0)[:, None]

    def week(self, number: int) -> str:
        return str(self.baseline.first_week + timedelta(days=WEEK * number))


def events(look: Look) -> list[Row]:
    """A row for each event of an item at a place: what is usually sold in its weeks, and what each side adds."""
    rows = []
    apart = look.cost(look.buyer - look.seller)
    for at, key in enumerate(look.baseline.keys):
        for first, last in runs(look.promoted[at]):
            span = slice(first, last + 1)
            usual, stake = _sum(look.usual[at, span]), apart[at, span].sum()
            added = [_sum(view[at, span]) for view in (look.buyer, look.seller)]
            both = [None if total is None or usual is None else total - usual for total in added]
            rows.append({
                "gtin": key[0], "gln": key[1], "from": look.week(first), "weeks": last - first + 1, "usual": usual,
                "buyer adds": both[0], "seller adds": both[1], "differ": percent(*both), "at stake": float(stake)})
    return _dearest(rows)


def orders(look: Look) -> list[Row]:
    """A row for each place and stretch of weeks: orders by both sides and by the hub, and where stock would run short.
    """
    rows = []
    buyer, seller, own = look.orders
    apart = look.cost(np.where(np.isnan(buyer), own, buyer) - np.where(np.isnan(seller), own, seller))
    spoken = not (np.isnan(buyer).all() and np.isnan(seller).all())
    for gln, at in _places(look):
        for first, last in stretches(look.baseline.weeks):
            span = np.ix_(at, np.arange(first, last + 1))
            rows.append({
                "gln": gln, "weeks": f"{first + 1} to {last + 1}", "buyer orders": _sum(buyer[span]),
                "seller commits": _sum(seller[span]), "hub expects": _sum(own[span]),
                "demand": _sum(look.baseline.values[span]),
                "items short": int((np.nan_to_num(look.stock[span], nan=0.0) < 0).any(axis=1).sum()),
                "at stake": float(apart[span].sum()) if spoken else None})
    return _dearest(rows)


def shelves(look: Look) -> list[Row]:
    """A row for each item, its stores added up: what both sides expect of the next four weeks and of the rest, and how
    many shelves were empty when they were counted last."""
    rows = []
    apart = look.cost(look.buyer - look.seller)
    for gtin, at in _items(look):
        near = np.ix_(at, np.arange(min(4, look.baseline.weeks)))
        both = _sum(look.buyer[near]), _sum(look.seller[near])
        counted = look.there[at][~np.isnan(look.there[at])]
        rows.append({
            "gtin": gtin, "stores": len(at), "counted": len(counted), "empty": int((counted <= 0).sum()),
            "buyer, 4 weeks": both[0], "seller, 4 weeks": both[1], "differ": percent(*both),
            "history, 4 weeks": _sum(look.baseline.values[near]), "at stake": float(apart[at].sum())})
    return _dearest(rows)


def carried(look: Look) -> list[Row]:
    """A row for each item: at how many places each side carries it, what each expects of the season, whether it is new,
    and the order planned for it. At stake is what only one side carries, and the difference elsewhere."""
    rows = []
    apart = look.cost(np.nan_to_num(look.buyer) - np.nan_to_num(look.seller))
    for gtin, at in _items(look):
        sides = [view[at] for view in (look.buyer, look.seller)]
        by = [np.nan_to_num(view).max(axis=1, initial=0.0) > 0 for view in sides]
        totals = [_sum(view) for view in sides]
        said = [look.carried[key] for key in (look.baseline.keys[row] for row in at.tolist()) if key in look.carried]
        first, last, like = (next((one[part] for one in said if one[part]), None) for part in range(3))
        rows.append({
            "gtin": gtin, "buyer at": int(by[0].sum()), "seller at": int(by[1].sum()),
            "only one at": int((by[0] != by[1]).sum()), "buyer": totals[0], "seller": totals[1],
            "differ": percent(*totals), "history": _sum(look.baseline.values[at]), "like": like, "from": first,
            "until": last, "planned order": _sum(look.orders[2][at]), "at stake": float(apart[at].sum())})
    return _dearest(rows)


LOOKS: Mapping[str, Callable[[Look], list[Row]]] = {
    "events": events, "orders": orders, "shelves": shelves, "range": carried}
TITLES = {"events": "Events ahead: what each side adds to usual sales", "orders": "Orders ahead, place by place",
          "shelves": "Shelves: each item over its stores", "range": "The range: who carries what"}


def runs(weeks: Mask) -> list[tuple[int, int]]:
    """First and last week of each stretch of weeks that are marked."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], weeks.astype(np.int8), [0]])))
    return [(int(first), int(last) - 1) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def stretches(weeks: int) -> list[tuple[int, int]]:
    """The horizons at which orders are committed to: the next two weeks, four more, and the rest."""
    cuts = [cut for cut in (0, 2, 6) if cut < weeks]
    return [(first, last - 1) for first, last in zip(cuts, [*cuts[1:], weeks], strict=True)]


def percent(left: float | None, right: float | None) -> float | None:
    """|left − right| in percent of their mean magnitude; None where one side is silent."""
    if left is None or right is None:
        return None
    whole = abs(left) + abs(right)
    return round(200 * abs(left - right) / whole, 1) if whole else 0.0


def _sum(values: Vector) -> float | None:
    return None if np.isnan(values).all() else float(np.nansum(values))


def _items(look: Look) -> list[tuple[str, Any]]:
    return _by(look.baseline.keys, 0)


def _places(look: Look) -> list[tuple[str, Any]]:
    return _by(look.baseline.keys, 1)


def _by(keys: Sequence[tuple[str, str]], part: int) -> list[tuple[str, Any]]:
    """Each item or place with the positions of its rows, in code point order."""
    found: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        found.setdefault(key[part], []).append(row)
    return [(name, np.array(found[name], dtype=np.int64)) for name in sorted(found)]


def _dearest(rows: list[Row]) -> list[Row]:
    """In order of what is at stake; where nobody has said anything that could differ, as they come."""
    told = [{**row, "at stake": None if row["at stake"] is None else round(row["at stake"], 2)} for row in rows]
    return sorted(told, key=lambda row: -(row["at stake"] or 0.0))
