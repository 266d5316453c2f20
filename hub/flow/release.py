"""From proposed quantities to orders in the sellers' mailboxes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from hub.flow.context import Context, Parties
from hub.flow.dispatch import Dispatch
from hub.flow.words import names_of
from hub.fulfilment import lifecycle
from hub.model.agreement import Agreement
from hub.model.alert import Alert
from hub.model.order import Order, OrderLine
from hub.model.party import Party
from hub.model.plan import Series
from hub.ports import Clock, Format, Units


def orders(
    agreement: Agreement, proposed: Series, as_of: date, context: Context, turn: int = 1
) -> list[Order]:
    """One order per place for what is proposed in the first week, in the agreement's order unit.

    `proposed` holds base units by the week in which the order is placed. The number follows from agreement, date and
    place, and from the `turn` when the day has several, so that a step that runs twice proposes the same orders. An
    item without a conversion goes in base units.
    """
    rules = agreement.replenishment
    buyer, seller = (context.profiles[agreement.partner(role)] for role in ("buyer", "seller"))
    parties = Parties(sender=buyer.name, receiver=seller.name, buyer=buyer.name, seller=seller.name)
    found = []
    for place in sorted({gln for _, gln in proposed.keys}):
        rows = [
            (gtin, float(proposed.values[row, 0]))
            for row, (gtin, gln) in enumerate(proposed.keys)
            if gln == place and np.nan_to_num(proposed.values[row, 0]) > 0
        ]
        if not rows:
            continue
        location = context.catalogue.locations[place]
        found.append(Order(
            number=f"{agreement.name[:6].upper()}-{as_of:%y%m%d}-{place[-5:]}{f'-{turn}' if turn > 1 else ''}",
            purpose="original",
            placed_on=as_of,
            deliver_on=as_of + timedelta(weeks=rules.lead_weeks),
            currency=agreement.currency,
            buyer=Party(id=buyer.gln, scheme="gln", name=buyer.title),
            seller=Party(id=seller.gln, scheme="gln", name=seller.title),
            ship_to=Party(id=place, scheme="gln", name=location.name),
            lines=tuple(
                _line(number, gtin, quantity, rules.order_unit, context, parties)
                for number, (gtin, quantity) in enumerate(rows, 1)
            ),
        ))
    return found


def _line(number: int, gtin: str, quantity: float, unit: str, context: Context, parties: Parties) -> OrderLine:
    item = context.catalogue.items[gtin]
    factor = context.catalogue.factors.get((gtin, unit))
    names = names_of(gtin, context, parties)
    return OrderLine(
        number=str(number),
        quantity=Decimal(round(quantity / (factor or 1.0))),
        unit=unit if factor else item.base_unit,
        gtin=gtin,
        buyer_item=names["buyer_item"],
        seller_item=names["seller_item"],
        description=item.name,
    )


async def send_order(
    units: Units, formats: Mapping[str, Format], order: str, *, clock: Clock, hub_gln: str
) -> None:
    """The job of that name: a released order into the seller's mailbox, once, however often asked."""
    async with units.worker() as unit:
        row = await unit.orders.get(order)
        if row.state != "received":
            return
        dispatch = Dispatch(unit, await Context.load(unit, hub_gln, clock.now().date()), formats, clock.now())
        sent, findings = await dispatch.send(
            "order", Order.model_validate(row.body), sender=row.buyer, receiver=row.seller)
        if sent:
            await unit.orders.move(order, lifecycle.advance("received", "send"))
            return
        await unit.alerts.open(Alert(
            kind="order.not_sent", subject=order, partner=row.seller,
            message=f"Order {row.number} of {row.buyer} was released and could not be written for {row.seller}: "
                    f"{findings[0].message}",
            hint=findings[0].hint))
