"""What a planner looks at first, read from the store at one moment."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from hub.flow.business import announced
from hub.flow.planned import HUB, without_events
from hub.model.agreement import Agreement
from hub.model.business_plan import BusinessPlan
from hub.model.plan import PlanMeasure, Series, Vector
from hub.planning.first_look import LOOKS, Look, Row
from hub.planning.history import align, vector
from hub.planning.promotions import calendar_shares
from hub.planning.tasks import first_look
from hub.ports import Unit


async def look_at(unit: Unit, agreement: Agreement, as_of: datetime | None = None) -> list[Row]:
    """The rows of the agreement's first look, as known at `as_of` where it is given; none before the first run."""
    name = agreement.name
    made = await unit.plans.latest(name, HUB, "baseline", as_of=as_of)
    if made is None:
        return []
    baseline = made[1]

    async def view(author: str, measure: PlanMeasure) -> Vector:
        found = await unit.plans.latest(name, author, measure, as_of=as_of)
        if found is None:
            return np.full(baseline.values.shape, np.nan)
        return align(found[1], baseline.keys, baseline.first_week, baseline.weeks, recut=True).values

    buyer, seller = agreement.partner("buyer"), agreement.partner("seller")
    orders = [await view(author, "order_forecast") for author in (buyer, seller, HUB)]
    items = (await unit.catalogue.snapshot()).items
    price = np.array([np.nan if (item := items.get(gtin)) is None or item.unit_value is None else
                      float(item.unit_value) for gtin, _ in baseline.keys], dtype=np.float64)
    shares = calendar_shares(await announced(unit, agreement), baseline.keys, baseline.first_week, baseline.weeks)
    return LOOKS[first_look(agreement)](Look(
        baseline, await view(buyer, "sales_forecast"), await view(seller, "sales_forecast"),
        (orders[0], orders[1], orders[2]), await without_events(unit, name, baseline, as_of), shares > 0,
        await view(HUB, "on_hand_projection"), await _there(unit, name, baseline), price,
        _carried(await unit.business_plans.get(name))))


async def _there(unit: Unit, name: str, baseline: Series) -> Vector:
    return vector(await unit.observations.latest(name, "on_hand"), baseline.keys)


def _carried(plan: BusinessPlan | None) -> dict[tuple[str, str], tuple[str, str, str]]:
    return {(p.gtin, p.gln): (str(p.start or ""), str(p.end or ""), p.like or "")
            for p in (plan.policies if plan else ())}
