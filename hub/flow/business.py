"""The joint business plan at work: how its targets stand, and its events as planning knows them."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from hub.model.agreement import Agreement
from hub.model.business_plan import BusinessPlan
from hub.model.promotion_offer import PromotionOffer
from hub.model.retail_event import RetailEvent
from hub.performance.joint_plan import Actuals, Standing, standings
from hub.planning.promotions import events_of, offers_of
from hub.ports import Unit

LIFTING = ("promotion", "price", "display", "advertising")
"""Kinds of events that raise sales while they last."""


async def tracked(unit: Unit, agreement: Agreement, plan: BusinessPlan, today: date) -> list[Standing]:
    """How each target of the plan stands, by what was reported and received until yesterday."""
    if not plan.targets:
        return []
    first, last = min(t.start for t in plan.targets), today - timedelta(days=1)
    sold = agreement.demand if agreement.demand != "orders" else "sold"
    actuals = Actuals(
        sold=await unit.observations.history(agreement.name, sold, first, last),
        on_hand=await unit.observations.history(agreement.name, "on_hand", first, last),
        ordered=await unit.orders.promises(agreement.name, first, last))
    return standings(plan, actuals, (await unit.catalogue.snapshot()).items, today)


async def announced(unit: Unit, agreement: Agreement) -> pl.DataFrame:
    """The promotions of the joint business plan, and those that one side has announced: gtin, gln (null: everywhere),
    start, end."""
    planned = events(await unit.business_plans.get(agreement.name), agreement)
    members = [member.partner for member in agreement.members]
    found = await unit.documents.current("RetailEvent", members)
    offered = await unit.documents.current("PromotionOffer", members)
    return pl.concat([
        planned, events_of(RetailEvent.model_validate(document.body) for document in found),
        offers_of(PromotionOffer.model_validate(document.body) for document in offered)])


def events(plan: BusinessPlan | None, agreement: Agreement) -> pl.DataFrame:
    """The plan's promotions: gtin, gln (null: everywhere), start, end, one row for each item and place."""
    rows = [
        (gtin, gln, event.start, event.end) for event in (plan.events if plan else ()) if event.kind in LIFTING
        for gtin in event.items or agreement.items for gln in event.locations or (None,)]
    schema = {"gtin": pl.String, "gln": pl.String, "start": pl.Date, "end": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")
