"""What is to be ordered comes with its reason, as far as the agreement shows it."""

from __future__ import annotations

from datetime import timedelta

from hub.rpc.pb.v1.replenishment_pb2 import OrderProposal
from tests.rpc.conftest import FIRST_WEEK, GTIN, World, replenish

Peg, State = OrderProposal.Peg, OrderProposal.State


async def test_a_proposal_says_which_forecast_which_policy_and_what_each_part_is_for(world: World) -> None:
    async with world.by_token("north") as hub:
        (proposal,) = [one async for one in hub.order_proposals()]
        assert (proposal.agreement, proposal.gtin, proposal.quantity) == ("agreements/retail", GTIN, 6)
        assert (proposal.order_week.day, proposal.delivery_week.day) == (FIRST_WEEK.day, FIRST_WEEK.day + 7)
        why = proposal.reason
        assert (why.policy, why.lead_weeks, why.review_weeks, why.service.value) == ("base_stock", 1, 1, "0.97")
        assert (why.order_unit, why.pack_quantity, why.demand_quantity) == ("case", 6, 4)
        assert (why.safety_stock_quantity, why.on_hand_quantity, why.on_order_quantity) == (3, 2, 0)
        assert [(peg.purpose, peg.week.day, peg.quantity) for peg in proposal.pegs] == [
            (Peg.PURPOSE_DEMAND, FIRST_WEEK.day, 2), (Peg.PURPOSE_SAFETY_STOCK, 0, 3), (Peg.PURPOSE_ROUNDING, 0, 1)]
        planned_for = await hub.forecast(why.demand_forecast)
        assert planned_for.quantities[0] == 4
        assert await hub.order_proposal(proposal.name) == proposal


async def test_a_reason_holds_only_what_the_agreement_shows(world: World) -> None:
    async with world.by_token("south") as seller:
        (proposal,) = [one async for one in seller.order_proposals()]
        assert (proposal.quantity, proposal.reason.demand_quantity, proposal.reason.on_hand_quantity) == (6, 4, 2)
        assert not proposal.reason.HasField("safety_stock_quantity")
        assert not proposal.pegs, "the parts would tell the safety stock"
        async with world.units.worker() as unit:
            await unit.transaction.execute(
                "UPDATE agreement_member SET measures = array_remove(array_remove(measures, 105::smallint), "
                "104::smallint)")
        blind = await seller.order_proposal(proposal.name)
        assert blind.quantity == 6
        assert not blind.reason.HasField("on_hand_quantity")
        assert (blind.reason.demand_forecast, blind.reason.HasField("demand_quantity")) == ("", False)
        assert [one async for one in seller.projections()] == []


async def test_a_projection_shows_the_stock_week_by_week_beside_what_it_was_planned_from(world: World) -> None:
    async with world.by_token("north") as buyer, world.by_token("south") as seller:
        (shown,) = [one async for one in buyer.projections()]
        assert (list(shown.on_hand_quantities), shown.lowest_quantity) == ([-2, 4], -2)
        assert (shown.opening_quantity, shown.safety_stock_quantity, list(shown.order_quantities)) == (2, 3, [6, 0])
        assert shown.demand_quantities[0] == 4
        (theirs,) = [one async for one in seller.projections(filter="lowest_quantity < 0", order_by="lowest_quantity")]
        assert not theirs.HasField("safety_stock_quantity")
        assert [one async for one in buyer.projections(filter="lowest_quantity >= 0")] == []
        assert await buyer.projection(shown.name) == shown


async def test_only_the_newest_plan_is_listed_and_earlier_ones_are_there_by_name(world: World) -> None:
    async with world.by_token("north") as hub:
        (before,) = [one async for one in hub.order_proposals()]
        async with world.units.worker() as unit:
            await replenish(unit, "retail", (await unit.runs.open("retail", FIRST_WEEK + timedelta(weeks=1))).id)
        (newest,) = [one async for one in hub.order_proposals()]
        assert newest.name != before.name
        assert newest.reason.HasField("demand_quantity") is False, "that cycle has no consensus of its own"
        after = await hub.order_proposal(before.name)
        assert (after.quantity, after.pegs, after.state) == (before.quantity, before.pegs, State.STATE_SUPERSEDED)


async def test_proposals_are_narrowed_and_sorted_by_what_they_hold(world: World) -> None:
    async with world.by_token("north") as hub:
        held = f'agreement = "agreements/retail" AND gtin = "{GTIN}" AND quantity > 5 AND order_week = "{FIRST_WEEK}"'
        assert len([one async for one in hub.order_proposals(filter=held, order_by="quantity desc")]) == 1
        assert [one async for one in hub.order_proposals(filter="quantity > 6")] == []
        assert [one async for one in hub.order_proposals(agreement="agreements/wholesale")] == []
