"""A plan on other levels and at other times: exact sums, a sum that a planner changes, and what was known when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.cli.plan.joint import gather
from hub.errors import Conflict, NotFound, Reject
from hub.flow import settle
from hub.flow.levels import Span, revise_sum, sums
from hub.model.agreement import Fiscal
from hub.planning.settling import Move
from partners.world.sending import AS_OF
from tests.flow.conftest import Trading
from tests.flow.test_fences import BUYER, CRISPS, DC, SELLER, SOUP, forecast, say, small, standing, week


async def test_a_changed_sum_is_spread_in_proportion_through_the_fences(trading: Trading) -> None:
    await small(trading, regions={"north": (DC,)}, fiscal=Fiscal(begins=AS_OF), decimals=0)
    await say(trading, [(CRISPS, lag, 10.0 * lag) for lag in range(1, 7)] + [(SOUP, lag, 5.0) for lag in range(1, 7)])
    units, clock = trading.hub.units, trading.hub.clock
    span = Span(group="crisps", region="north", first=week(4), last=week(6))
    done = await revise_sum(units, "retail", BUYER, "sales_forecast", span, 301, clock=clock)
    assert (done.held, await standing(trading)) == (0, {1: 10, 2: 20, 3: 30, 4: 80, 5: 100, 6: 121})
    assert set((await standing(trading, SOUP)).values()) == {5}
    async with units.worker() as unit:
        found = await unit.plans.latest("retail", BUYER, "sales_forecast")
        [agreement] = [a for a in await unit.partners.agreements() if a.name == "retail"]
        catalogue = await unit.catalogue.snapshot()
    assert found
    by_group = sums(found[1], agreement, catalogue, "group", "fiscal")
    assert (by_group.names, by_group.periods) == (("crisps", "soups"), ("2027-P01", "2027-P02"))
    assert by_group.values.tolist() == [[140, 221], [20, 10]]
    for by in ("item", "place", "region", "all"):
        assert sums(found[1], agreement, catalogue, by, "month").values.sum() == by_group.values.sum() == 391
    with pytest.raises(Conflict):
        await revise_sum(units, "retail", BUYER, "sales_forecast", span, 1, clock=clock, seen=found[0].id - 1)
    with pytest.raises(Reject, match="nothing to spread"):
        await revise_sum(units, "retail", BUYER, "sales_forecast", Span(gtin="0"), 1, clock=clock)
    with pytest.raises(NotFound, match="no region"):
        await revise_sum(units, "retail", BUYER, "sales_forecast", Span(region="moon"), 1, clock=clock)
    with pytest.raises(NotFound, match="has no sales forecast"):
        await revise_sum(units, "retail", SELLER, "sales_forecast", span, 1, clock=clock)


async def test_what_each_side_knew_at_a_moment_is_a_query(trading: Trading) -> None:
    await small(trading, settle_days=7)
    await say(trading, [(CRISPS, lag, 100.0) for lag in range(1, 7)])
    own = forecast([(CRISPS, lag, 300.0) for lag in range(1, 7)], number="S-1")
    await trading.push(trading.write(SELLER, "csv/1/forecast", [own]), SELLER)
    await trading.hub.plan("retail", AS_OF)
    units = trading.hub.units
    async with units.worker() as unit:
        then = await unit.transaction.scalar("SELECT clock_timestamp()")  # type: ignore[attr-defined]
    async with units.worker() as unit:
        [one, *_] = (await unit.exceptions.list(agreement="retail", state="open")).rows
    await settle.move(units, [one.id or ""], Move("propose", BUYER, 222), clock=trading.hub.clock)
    await settle.move(units, [one.id or ""], Move("agree", SELLER), clock=trading.hub.clock)
    await say(trading, [(CRISPS, lag, 150.0) for lag in range(4, 7)], number="F-2")
    for partner in (None, BUYER, SELLER):
        before = await gather(trading.hub, "retail", CRISPS, DC, then, partner)
        now = await gather(trading.hub, "retail", CRISPS, DC, None, partner)
        assert (before.views["buyer"][week(4)], now.views["buyer"][week(4)]) == (100, 150)
        assert (before.views["consensus"][one.period], now.views["consensus"][one.period]) == (200, 222)
        states = [next(e.state for e in joint.here if e.period == one.period) for joint in (before, now)]
        assert states == ["open", "resolved"]
    nothing = await gather(trading.hub, "retail", CRISPS, DC, then - timedelta(days=1))
    assert (nothing.views, nothing.here) == ({}, ())
    with pytest.raises(NotFound):
        await gather(trading.hub, "retail", CRISPS, DC, then, "pebbleworth")
