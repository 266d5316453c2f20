"""The buyer releases what the plan proposes: proposals become orders, once, and go to the seller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from hub.errors import Conflict, Forbidden, NotFound, Reject
from hub.flow import release
from hub.flow.context import Context
from hub.model.agreement import Agreement, Fences
from hub.model.event import HubEvent
from hub.model.order import Order
from hub.model.plan import Series
from hub.ports import Replenished, Unit

ROUNDING = 1e-6
"""Share of a pack that counts as nothing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A proposal by its id, and how much of it (base units; None: as proposed). `open` False: its reader has seen it
    released already."""

    id: str
    quantity: float | None = None
    open: bool | None = None


async def release_proposals(
    unit: Unit, agreement: str, wanted: Sequence[Wanted], *, partner: str, by: str, today: date, hub_gln: str
) -> list[str]:
    """Place the orders, one for each place, and have a worker send them; their public ids.

    Raises Forbidden for who is not the buyer, Conflict when a newer plan proposes something else or a proposal is not
    as it was seen, NotFound, and Reject for what was released already, for a quantity that the fences do not admit or
    that is not in whole packs, and under an agreement that is not in force.
    """
    await unit.plans.hold(agreement)
    context = await Context.load(unit, hub_gln, today)
    terms = _terms(context, agreement, partner, today)
    if len({one.id for one in wanted}) < len(wanted):
        raise Reject("a proposal is named twice", reason="NAMED_TWICE")
    rows = [await unit.replenishment.get("proposed_order", one.id) for one in wanted]
    chosen = [(row, _quantity(row, one, terms)) for row, one in zip(rows, wanted, strict=True)]
    keys = tuple((row.gtin, row.gln) for row, _ in chosen)
    proposed = Series(keys, rows[0].first_week, np.array([[quantity] for _, quantity in chosen]))
    placed = []
    for order in release.orders(terms, proposed, today, context):
        key = await _place(unit, order, terms)
        placed.append(key)
        place = order.ship_to.id if order.ship_to else None
        lines = [(row.gtin, row.gln, quantity) for row, quantity in chosen if row.gln == place]
        await unit.replenishment.released(rows[0].version, lines, key, by)
        await unit.audit.record(by, "order.release", key, {"agreement": agreement, "lines": len(lines)})
        await unit.queue.defer("send_order", lock=f"order:{key}", order=key)
    buyer, seller = terms.partner("buyer"), terms.partner("seller")
    await unit.events.publish([
        HubEvent(type="order.released", subject=key, partners=(buyer, seller)) for key in placed])
    return placed


def _terms(context: Context, name: str, partner: str, today: date) -> Agreement:
    found = next((one for one in context.agreements if one.name == name), None)
    if found is None:
        raise NotFound(f"there is no agreement {name!r}", reason="UNKNOWN_AGREEMENT")
    if found.partner("buyer") != partner:
        raise Forbidden(f"{partner} is not the buyer of agreement {name!r}", reason="NOT_THE_BUYER")
    if not found.in_force(today) or not context.is_live(found):
        raise Reject(f"agreement {name!r} is not in force, or not live", reason="NOT_IN_FORCE")
    return found


def _quantity(row: Replenished, wanted: Wanted, terms: Agreement) -> float:
    """What to order of a proposal."""
    if row.agreement != terms.name:
        raise Reject(f"{row.id} is not of agreement {terms.name!r}", reason="OTHER_AGREEMENT")
    if not row.newest:
        raise Conflict("a newer plan proposes something else: list the proposals again")
    if wanted.open is not None and wanted.open != (row.order is None):
        raise Conflict("somebody has released this proposal since you looked at it: look at it again")
    if row.order is not None:
        raise Reject(f"{row.id} was released already", reason="ALREADY_RELEASED")
    part = row.parts["proposed_order"]
    proposed = float(part.values[0])
    if wanted.quantity is None:
        return proposed
    _admitted(wanted.quantity, proposed, terms.fences, terms.replenishment.lead_weeks)
    pack = part.reason.parts["pack"][0] if part.reason else 1.0
    if wanted.quantity <= 0 or abs(wanted.quantity / pack - round(wanted.quantity / pack)) > ROUNDING:
        raise Reject(f"{wanted.quantity:g} is not above nothing in whole packs of {pack:g}", reason="NOT_WHOLE_PACKS")
    return wanted.quantity


def _admitted(quantity: float, proposed: float, fences: Fences, lead_weeks: int) -> None:
    """What arrives inside the frozen weeks is ordered as planned, inside the slushy ones within their tolerance."""
    room = 0.0 if lead_weeks < fences.frozen else (
        proposed * float(fences.tolerance) / 100 if lead_weeks < fences.slushy else np.inf)
    if abs(quantity - proposed) > room:
        raise Reject(f"{quantity:g} instead of {proposed:g}: the agreement's fences admit {room:g} more or less",
                     reason="FENCED")


async def _place(unit: Unit, order: Order, terms: Agreement) -> str:
    """The order under the first of its numbers that is free: 4711, 4711-2, 4711-3 …"""
    for turn in range(1, 100):
        numbered = order if turn == 1 else order.model_copy(update={"number": f"{order.number}-{turn}"})
        key = await unit.orders.place(numbered, terms.partner("buyer"), terms.partner("seller"), None)
        if key is not None:
            return key
    raise Reject(f"a hundred orders of the number {order.number} were placed today", reason="TOO_MANY_ORDERS")
