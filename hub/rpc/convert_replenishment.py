"""Projections and proposals to protobuf; a part that the reader may not see stays unset."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import numpy as np

from hub.model.plan import PlanMeasure
from hub.planning.pegging import pegs
from hub.ports import Replenished
from hub.rpc.convert import day, decimal, moment, value
from hub.rpc.names import name
from hub.rpc.pb.v1 import replenishment_pb2 as pb


def projection(row: Replenished) -> pb.Projection:
    """What becomes of the stock."""
    stock = row.parts["on_hand_projection"]
    return pb.Projection(
        name=name("projections", row.id), agreement=name("agreements", row.agreement), gtin=row.gtin, gln=row.gln,
        first_week=day(row.first_week), on_hand_quantities=stock.values.tolist(),
        lowest_quantity=float(np.min(stock.values)), demand_quantities=_series(row, "consensus"),
        demand_forecast=_forecast(row), order_quantities=_series(row, "order_forecast"),
        safety_stock_quantity=_one(row, "safety_stock"), opening_quantity=_begun(row, "on_hand"),
        create_time=moment(row.created_at),
    )


def order_proposal(row: Replenished) -> pb.OrderProposal:
    """What to order now, and why."""
    reason = _reason(row)
    return pb.OrderProposal(
        name=name("orderProposals", row.id), agreement=name("agreements", row.agreement), gtin=row.gtin, gln=row.gln,
        order_week=day(row.first_week), delivery_week=day(row.first_week + timedelta(weeks=reason.lead_weeks)),
        quantity=float(row.parts["proposed_order"].values[0]), reason=reason, pegs=_pegs(row, reason),
        create_time=moment(row.created_at), state=value(pb.OrderProposal.State, state_of(row)),
        order=name("orders", row.order), released_quantity=row.released, etag=state_of(row),
    )


def state_of(row: Replenished) -> str:
    """What became of a proposal."""
    return "released" if row.released is not None else "proposed" if row.newest else "superseded"


def _reason(row: Replenished) -> pb.OrderProposal.Reason:
    said = row.parts["proposed_order"].reason
    if said is None:
        return pb.OrderProposal.Reason()
    lead, review = said.whole["lead_weeks"], said.whole["review_weeks"]
    demand = _series(row, "consensus")
    return pb.OrderProposal.Reason(
        policy=said.made_by, lead_weeks=lead, review_weeks=review, service=decimal(Decimal(said.whole["service"])),
        order_unit=said.whole["order_unit"], pack_quantity=said.parts["pack"][0],
        minimum_quantity=said.parts["minimum"][0], demand_forecast=_forecast(row),
        demand_quantity=float(np.nansum(demand[: lead + review])) if demand else None,
        safety_stock_quantity=_one(row, "safety_stock"), on_hand_quantity=_begun(row, "on_hand"),
        on_order_quantity=_begun(row, "coming"), late_quantity=_begun(row, "late"),
    )


def _pegs(row: Replenished, reason: pb.OrderProposal.Reason) -> Iterator[pb.OrderProposal.Peg]:
    """Nothing where demand, stock or safety stock may not be seen."""
    demand, safety, coming = _series(row, "consensus"), _one(row, "safety_stock"), _begun(row, "coming")
    if not demand or safety is None or coming is None:
        return
    cover = np.nan_to_num(np.array(demand[: reason.lead_weeks + reason.review_weeks]), nan=0.0).tolist()
    quantity = float(row.parts["proposed_order"].values[0])
    for peg in pegs(quantity, (_begun(row, "on_hand") or 0.0) + coming, cover, safety):
        week = None if peg.week is None else row.first_week + timedelta(weeks=peg.week)
        yield pb.OrderProposal.Peg(
            purpose=value(pb.OrderProposal.Peg.Purpose, peg.purpose), week=day(week), quantity=peg.quantity)


def _series(row: Replenished, measure: PlanMeasure) -> list[float]:
    """The weeks of a measure; none when it may not be seen."""
    found = row.parts.get(measure)
    return [] if found is None else found.values.tolist()


def _one(row: Replenished, measure: PlanMeasure) -> float | None:
    found = _series(row, measure)
    return found[0] if found else None


def _begun(row: Replenished, part: str) -> float | None:
    """A number that the projection begins with."""
    found = row.parts.get("on_hand_projection")
    said = found.reason.parts.get(part) if found and found.reason else None
    return said[0] if said else None


def _forecast(row: Replenished) -> str:
    found = row.parts.get("consensus")
    return name("forecasts", found.forecast if found else None)
