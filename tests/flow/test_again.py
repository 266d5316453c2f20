"""A day may be planned again when something has come in: nothing twice, nothing lost; and orders that do not come."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

from hub.cli.plan.cycle import summary
from hub.cli.plan.joint import gather, reasons
from hub.model.agreement import Fences, Replenishment
from hub.ports import Run
from partners.world.sending import AS_OF
from tests.flow.conftest import Trading
from tests.flow.test_fences import CRISPS, DC, EVEN, codes, say, small, standing, week
from tests.flow.test_goods import placed, receive, row

NO_FENCES = Fences()


async def ordered(trading: Trading, run: Run) -> dict[str, Decimal]:
    """Cases of each order that a run released."""
    async with trading.hub.units.worker() as unit:
        orders = {one.number: one.body["lines"] for one in await unit.orders.list(limit=100)}
    return {number: sum((Decimal(line["quantity"]) for line in orders[number]), Decimal(0))
            for number in run.detail["orders"]}


async def test_what_comes_in_later_the_same_day_is_planned_that_day_and_only_the_rest_is_ordered(
    trading: Trading
) -> None:
    await small(trading, fences=NO_FENCES)
    await say(trading, EVEN)
    first = await trading.hub.plan("retail", AS_OF)
    assert (await trading.hub.plan("retail", AS_OF)).id == first.id, "nothing has come in"
    await say(trading, [(CRISPS, lag, 300.0) for lag in range(1, 7)], number="F-2")
    assert (await trading.hub.plan("retail", AS_OF, again=False)).id == first.id, "a worker finishes what was begun"
    second = await trading.hub.plan("retail", AS_OF)
    assert (second.id != first.id, first.number, second.number) == (True, 1, 2)
    assert (await trading.hub.plan("retail", AS_OF)).id == second.id
    morning, noon = await ordered(trading, first), await ordered(trading, second)
    assert set(noon) == {f"{number}-2" for number in morning}, "under numbers of their own"
    await small(trading, fences=NO_FENCES, valid_to=AS_OF + timedelta(days=999))
    whole = (await trading.hub.plan("retail", AS_OF)).detail
    assert (whole["orders"], whole["ordered_now"]) == ([], 0.0), "other terms, planned again, and nothing is missing"
    assert len(await trading.outbox("quillfield", "ORDERS")) == 2


async def test_many_small_steps_in_one_week_do_not_add_up_whatever_is_planned_between_them(trading: Trading) -> None:
    await small(trading)
    await say(trading, EVEN)
    await trading.hub.plan("retail", AS_OF)
    assert await say(trading, [(CRISPS, lag, 119.0 if lag == 2 else 100.0) for lag in range(1, 7)], number="F-2") == ()
    assert (await trading.hub.plan("retail", AS_OF)).number == 2
    told = await say(trading, [(CRISPS, lag, 140.0 if lag == 2 else 100.0) for lag in range(1, 7)], number="F-3")
    assert codes(told) == ["E-BEYOND-TOLERANCE"], "20 % of 100, not of 119"
    assert (await standing(trading))[2] == 100.0


@pytest.mark.parametrize("overdue", ["open", "delivered"])
async def test_an_order_past_its_day_stays_open_and_late_until_it_is_received_or_as_was_agreed(
    trading: Trading, overdue: str
) -> None:
    order = await placed(trading)
    line = order.lines[0]
    agreement = trading.partners["larkmoor"].agreements[0]
    terms = Replenishment.model_validate({**agreement.replenishment.model_dump(), "overdue": overdue})
    signed = agreement.model_copy(update={"replenishment": terms, "fences": NO_FENCES})
    async with trading.hub.units.worker() as unit:
        await unit.partners.put(trading.partners["larkmoor"].profile, [signed], {})
        (gtin, gln, due, quantity), *_ = (await unit.orders.open_quantities("retail")).rows()
        (message, *_) = (await unit.inbox.list(limit=1)).rows
        await unit.observations.post("retail", message.id, pl.DataFrame(
            [(gtin, gln, "sold", week(-number), 10.0) for number in range(8)],
            schema=["gtin", "gln", "measure", "period", "quantity"], orient="row"))
    day = due + timedelta(days=3)
    run = await trading.hub.plan("retail", day)
    late, assumed = ([order.number], None) if overdue == "open" else (None, [order.number])
    assert (run.detail.get("late_orders"), run.detail.get("assumed_delivered")) == (late, assumed)
    assert summary(run)["late"] == f"1 order(s) {'late' if late else 'taken for delivered'}"
    joint = await gather(trading.hub, "retail", gtin, gln)
    assert joint.projected
    assert joint.projected.parts["coming"][0] == (quantity if late else 0.0), "the goods are not counted as there"
    assert ("late" in dict(reasons(joint))) == (late is not None)
    found = await row(trading, order)
    async with trading.hub.units.worker() as unit:
        await trading.hub.plan("retail", day + timedelta(days=1))
        told = [h.kind for h in await unit.orders.timeline(found.id)]
    assert told.count("late" if late else "assumed_delivered") == 1, "said once, not in every plan"
    await receive(trading, order, "R1", *[one.quantity for one in order.lines])
    assert (await row(trading, order)).state == "delivered"
    after = await trading.hub.plan("retail", day + timedelta(days=1))
    assert after.number == 2, "a receipt is something new"
    assert (after.detail.get("late_orders"), after.detail.get("assumed_delivered")) in (([], None), (None, []))
    assert line.gtin is None or line.gtin.zfill(14) == gtin
    assert DC
