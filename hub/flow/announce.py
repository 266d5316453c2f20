"""The promotions of a joint business plan as documents that partners' planners read: UBL RetailEvent."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

from hub.errors import Finding
from hub.flow.business import LIFTING
from hub.flow.context import Context
from hub.flow.dispatch import Dispatch
from hub.flow.tell import named, sides, tell_members
from hub.model.agreement import Agreement
from hub.model.business_plan import BusinessPlan, PlannedEvent
from hub.model.party import Party
from hub.model.retail_event import PromotedItem, Promotion, RetailEvent, Specification, Tactic

PLANNED = "PLANNED"
"""UBL's word for an event that both have planned."""


async def announce(dispatch: Dispatch, agreement: Agreement, plan: BusinessPlan) -> tuple[int, list[Finding]]:
    """Tell the members of each promotion that is not over yet; how many messages went out, and what kept others."""
    sent = 0
    findings: list[Finding] = []
    for number, event in enumerate(plan.events, 1):
        if event.kind in LIFTING and event.end >= dispatch.context.today:
            document = event_document(f"{agreement.name}-{number}", event, agreement, dispatch.context)
            done, found = await tell_members(dispatch, agreement, {"retail_event": document})
            sent, findings = sent + done, findings + found
    return sent, findings


def event_document(number: str, event: PlannedEvent, agreement: Agreement, context: Context) -> RetailEvent:
    """One promotion with every item of it at every place; a row without a place is everywhere. What it gives for an
    item is no part of a joint plan, and is 0."""
    rows = product(event.items or agreement.items, event.locations or (None,))
    items = tuple(PromotedItem.model_validate({
        **named(gtin, agreement, context), "location": None if gln is None else Party(id=gln, scheme="gln"),
        "amount": Decimal(0), "currency": agreement.currency}) for gtin, gln in rows)
    tactic = Tactic(comment=event.name, start=event.start, end=event.end)
    return RetailEvent.model_validate({
        "number": number, "issued_on": context.today, "name": event.name, "status": PLANNED, "start": event.start,
        "end": event.end, "promotion": Promotion(
            kind=event.kind.upper(), specifications=(Specification(number="1", items=items, tactics=(tactic,)),)),
        **sides(agreement, context)})
