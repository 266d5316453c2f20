"""A planning cycle end to end on the real store: resumable, done once, and true to what was agreed."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from hub.errors import NotFound, Reject
from hub.model.order import Order
from partners.world.sending import AS_OF
from tests.flow.conftest import REPORTS, RETAIL, WHOLESALE, Trading, hear


async def test_the_planted_disagreements_are_found_settled_and_ordered(retail: Trading) -> None:
    run = await retail.hub.plan("retail", AS_OF)
    assert (run.state, run.step) == ("finished", "release")
    async with retail.hub.units.worker() as unit:
        found = (await unit.exceptions.list(agreement="retail", limit=5000)).rows
        consensus = await unit.plans.latest("retail", "hub", "consensus")
        buyer = await unit.plans.latest("retail", "larkmoor", "sales_forecast")
        seller = await unit.plans.latest("retail", "quillfield", "sales_forecast")
    planted = {(p.gtin.zfill(14), p.gln, p.week) for p in retail.world.planted}
    assert planted <= {(e.gtin, e.gln, e.period) for e in found}
    assert [e.value_at_stake for e in found] == sorted((e.value_at_stake for e in found), reverse=True)
    assert all(e.state == "resolved" and e.settled is not None for e in found)
    assert consensus
    assert buyer
    assert seller
    row, week = consensus[1].keys.index((found[0].gtin, found[0].gln)), found[0].lag - 1
    both = [view[1].values[view[1].keys.index((found[0].gtin, found[0].gln))] for view in (buyer, seller)]
    shift = [(found[0].period - view[0].first_week).days // 7 for view in (buyer, seller)]
    mean = (both[0][shift[0]] + both[1][shift[1]]) / 2
    assert consensus[1].values[row, week] == pytest.approx(mean)


async def test_released_orders_are_whole_cases_in_the_sellers_mailbox(retail: Trading) -> None:
    run = await retail.hub.plan("retail", AS_OF)
    assert len(run.detail["orders"]) == 3
    async with retail.hub.units.worker() as unit:
        booked = {o.number: o for o in (await unit.orders.list(limit=50)).rows}
    routed = await retail.outbox("quillfield", "ORDERS")
    assert len(routed) == 3
    for number in run.detail["orders"]:
        order = Order.model_validate(booked[number].body)
        assert all(line.unit == "case" and line.quantity == int(line.quantity) > 0 for line in order.lines)
    text = "".join([(await retail.content(m)).decode() for m in routed])
    assert all(number in text for number in run.detail["orders"])


async def test_planning_the_same_day_twice_does_it_once(wholesale: Trading) -> None:
    first = await wholesale.hub.plan("wholesale", AS_OF)
    again = await wholesale.hub.plan("wholesale", AS_OF)
    assert again.id == first.id
    assert len(await wholesale.outbox("quillfield", "ORDERS")) == len(first.detail["orders"]) == 2


async def test_dependent_demand_follows_from_what_customers_are_forecast_to_order(trading: Trading) -> None:
    await hear(trading, [*RETAIL, *WHOLESALE], [*REPORTS, "order_forecast"])
    for agreement in ("retail", "wholesale", "copack"):
        await trading.hub.plan(agreement, AS_OF)
    async with trading.hub.units.worker() as unit:
        usual = await unit.plans.latest("copack", "hub", "baseline")
        orders = [await unit.plans.latest(name, "hub", "order_forecast") for name in ("retail", "wholesale")]
    assert usual
    for row, (gtin, _) in enumerate(usual[1].keys):
        expected = sum(
            np.nansum(found[1].values[[i for i, key in enumerate(found[1].keys) if key[0] == gtin]], axis=0)
            for found in orders if found
        )
        np.testing.assert_allclose(usual[1].values[row], expected)


async def test_without_the_sellers_view_the_buyers_stands_and_nothing_is_compared(trading: Trading) -> None:
    for posting in trading.world.postings():
        if posting.sender == "larkmoor" and posting.kind in ("activity", "sales_forecast"):
            await trading.push(trading.write("larkmoor", posting.table, posting.documents), "larkmoor")
    run = await trading.hub.plan("retail", AS_OF)
    assert (run.state, run.detail["compared"], run.detail["exceptions"]) == ("finished", 0, 0)
    async with trading.hub.units.worker() as unit:
        consensus = await unit.plans.latest("retail", "hub", "consensus")
        buyer = await unit.plans.latest("retail", "larkmoor", "sales_forecast")
    assert consensus
    assert buyer
    key = consensus[1].keys[0]
    assert run.detail["decided"]["buyer_only"] > 0
    shift = (consensus[0].first_week - buyer[0].first_week).days // 7
    ours, theirs = consensus[1].values[0], buyer[1].values[buyer[1].keys.index(key)]
    np.testing.assert_allclose(ours[:10], theirs[shift : shift + 10])


async def test_an_unknown_or_expired_agreement_is_refused_in_a_sentence(trading: Trading) -> None:
    with pytest.raises(NotFound, match="no agreement 'nothing'"):
        await trading.hub.plan("nothing", AS_OF)
    with pytest.raises(Reject, match="not in force"):
        await trading.hub.plan("retail", AS_OF - timedelta(days=3650))


async def test_a_cycle_of_which_nothing_is_known_has_not_begun_and_runs_later_the_same_day(trading: Trading) -> None:
    with pytest.raises(Reject, match="push activity or forecasts first"):
        await trading.hub.plan("wholesale", AS_OF)
    await hear(trading, WHOLESALE)
    assert (await trading.hub.plan("wholesale", AS_OF)).state == "finished"
