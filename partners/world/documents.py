"""Numbers as canonical documents, in the weeks, units and item codes of the partner that sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl

from hub.model.activity import Activity, ActivityHeader
from hub.model.forecast import Forecast, ForecastHeader, ForecastKind
from hub.model.inventory import Inventory, InventoryHeader
from hub.model.order import Order, OrderLine
from hub.model.party import Party
from hub.model.plan import Vector
from hub.model.response import LineAnswer, OrderResponse, OrderResponseLine

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Tongue:
    """How one partner writes lines: whether it gives the GTIN, what it calls items, and in which unit it counts.

    `pack` is base units per `unit` by GTIN.
    """

    role: str
    codes: Mapping[str, str]
    unit: str
    pack: Mapping[str, float]
    gives_gtin: bool = True

    def columns(self, gtins: Sequence[str]) -> dict[str, pl.Series]:
        own = [self.codes.get(g) for g in gtins]
        nothing = [None] * len(gtins)
        return {
            "gtin": pl.Series(gtins if self.gives_gtin else nothing, dtype=pl.String),
            "buyer_item": pl.Series(own if self.role == "buyer" else nothing, dtype=pl.String),
            "seller_item": pl.Series(own if self.role == "seller" else nothing, dtype=pl.String),
            "unit": pl.Series([self.unit] * len(gtins), dtype=pl.String),
        }

    def packs(self, gtins: Sequence[str]) -> Vector:
        return np.array([self.pack[g] for g in gtins])


def party(gln: str, name: str) -> Party:
    return Party(id=gln, scheme="gln", name=name)


def activity(
    number: str, keys: Sequence[Key], measures: Mapping[str, Vector], first: date, tongue: Tongue,
    buyer: Party, seller: Party,
) -> Activity:
    """`measures` maps a measure to its weeks, shape (series, weeks), in the tongue's unit; one line per item, place,
    week and measure. The reporter is the buyer, the day of issue the one after the last week."""
    weeks = next(iter(measures.values())).shape[1]
    starts = [first + timedelta(weeks=w) for w in range(weeks)]
    parts = [
        pl.DataFrame({
            **tongue.columns([g for g, _ in keys]), "location": [p for _, p in keys], "measure": measure,
            "start": start, "end": start + timedelta(days=6), "quantity": values[:, week], "series": range(len(keys)),
        })
        for week, start in enumerate(starts) for measure, values in measures.items()
    ]
    lines = pl.concat(parts).sort("start", "series", maintain_order=True)
    end = starts[-1] + timedelta(days=6)
    header = ActivityHeader(number=number, purpose="original", issued_on=end + timedelta(days=1), start=first, end=end,
                            buyer=buyer, seller=seller, reporter=buyer)
    return Activity(header, _shaped(Activity.SCHEMA, lines))


def inventory(
    number: str, keys: Sequence[Key], stock: Vector, as_of: date, tongue: Tongue, reporter: Party,
    buyer: Party | None = None, seller: Party | None = None, places: Mapping[str, str] | None = None,
) -> Inventory:
    """Stock of each item and place (one number per series). `places` gives the reporter's own codes for locations."""
    lines = pl.DataFrame({
        **tongue.columns([g for g, _ in keys]), "location": [(places or {}).get(p, p) for _, p in keys],
        "scheme": pl.Series([None if places else "gln"] * len(keys), dtype=pl.String),
        "measure": "on_hand", "as_of": as_of, "quantity": stock,
    })
    header = InventoryHeader(number=number, purpose="original", issued_on=as_of, as_of=as_of, reporter=reporter,
                             buyer=buyer, seller=seller)
    return Inventory(header, _shaped(Inventory.SCHEMA, lines))


def forecast(
    number: str, kind: ForecastKind, keys: Sequence[Key], values: Vector, first: date, issued_on: date, tongue: Tongue,
    buyer: Party, seller: Party, by_week: bool = False,
) -> Forecast:
    """Weekly buckets from `first`, shape (series, weeks), in the tongue's unit. Listed by place, item and week;
    `by_week` lists all items of a place and week together, as SLSFCT groups them."""
    count, weeks = values.shape
    starts = pl.Series([first + timedelta(weeks=w) for w in range(weeks)] * count, dtype=pl.Date)
    lines = pl.DataFrame({
        **tongue.columns([g for g, _ in keys for _ in range(weeks)]),
        "location": [p for _, p in keys for _ in range(weeks)],
        "bucket": "week", "certainty": "planned", "start": starts, "end": starts.dt.offset_by("6d"),
        "quantity": values.reshape(-1),
    })
    if by_week:
        lines = lines.sort("location", "start", maintain_order=True)
    header = ForecastHeader(
        number=number, purpose="original", kind=kind, issued_on=issued_on, start=first,
        end=first + timedelta(days=7 * weeks - 1), buyer=buyer, seller=seller)
    return Forecast(header, _shaped(Forecast.SCHEMA, lines))


def _shaped(schema: Mapping[str, type[pl.DataType]], lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with exactly the columns of `schema`, in its order, empty where they say nothing; a location without a
    scheme is a GLN."""
    if "scheme" in schema and "scheme" not in lines.columns:
        lines = lines.with_columns(scheme=pl.lit("gln"))
    known = {name: pl.col(name) if name in lines.columns else pl.lit(None).alias(name) for name in schema}
    return lines.select(known[name].cast(kind) for name, kind in schema.items())


def order(
    number: str, placed_on: date, deliver_on: date, lines: Sequence[tuple[str, int]], tongue: Tongue,
    prices: Mapping[str, Decimal], names: Mapping[str, str], buyer: Party, seller: Party, ship_to: Party,
    department: str | None = None,
) -> Order:
    """`lines` are (gtin, quantity in the tongue's unit); `prices` are per that unit."""
    return Order(
        number=number, purpose="original", placed_on=placed_on, deliver_on=deliver_on, currency="EUR",
        department=department, buyer=buyer, seller=seller, ship_to=ship_to,
        lines=tuple(
            OrderLine(number=str(at), quantity=Decimal(quantity), unit=tongue.unit, price=prices[gtin], gtin=gtin,
                      buyer_item=tongue.codes.get(gtin), description=names[gtin])
            for at, (gtin, quantity) in enumerate(lines, 1)))


def response(number: str, asked: Order, short: Mapping[int, int], tongue: Tongue, responded_on: date) -> OrderResponse:
    """The seller's answer: everything as asked, but for `short`: line position (from 0) -> what can be delivered."""
    lines = []
    for at, line in enumerate(asked.lines):
        promised = Decimal(short.get(at, int(line.quantity)))
        answer: LineAnswer = "accepted" if promised == line.quantity else "quantity_changed"
        lines.append(OrderResponseLine(
            number=line.number, answer=answer, ordered=line.quantity, quantity=promised, unit=line.unit,
            price=line.price, gtin=line.gtin, buyer_item=line.buyer_item,
            seller_item=tongue.codes.get(line.gtin or ""), description=line.description,
            deliver_on=asked.deliver_on))
    return OrderResponse(
        order_number=asked.number, number=number, purpose="original",
        answer="accepted_with_changes" if short else "accepted", ordered_on=asked.placed_on,
        responded_on=responded_on, deliver_on=asked.deliver_on, currency=asked.currency, buyer=asked.buyer,
        seller=asked.seller, ship_to=asked.ship_to, lines=tuple(lines))
