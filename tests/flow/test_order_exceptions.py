"""VICS steps 7 and 8: both sides' order forecasts are compared, settled like sales, and what is signed is ordered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.cli.plan.joint import gather
from hub.cli.plan.page import page
from hub.flow.deadlines import pass_deadlines
from hub.flow.views import Edit, revise
from hub.model.exception import ForecastException
from hub.model.plan import Series
from hub.planning.settling import Move
from partners.world.sending import AS_OF
from tests.flow.conftest import RETAIL, Fixed, Trading
from tests.flow.test_settle import change, consensus, move

BUYER, SELLER = RETAIL
AHEAD = 6
"""A week beyond the fences, counted from 0."""


@pytest.fixture
def trading(retail: Trading) -> Trading:
    """What a cycle asks for is there before each of these tests begins."""
    return retail


async def ordered(trading: Trading) -> Series:
    async with trading.hub.units.worker() as unit:
        found = await unit.plans.latest("retail", "hub", "order_forecast")
    assert found is not None
    return found[1]


async def disputes(trading: Trading, run: str) -> list[ForecastException]:
    async with trading.hub.units.worker() as unit:
        return list(await unit.exceptions.of_run(run, "order_forecast"))


async def committed(trading: Trading, factor: float = 0.5, days: int = 7) -> list[ForecastException]:
    """After a first cycle the seller commits to `factor` of the largest order of a coming week, and to all else."""
    await change(trading, settle_days=days)
    first = await trading.hub.plan("retail", AS_OF)
    assert "order_exceptions" not in first.detail, "nobody has said what will be ordered"
    series = await ordered(trading)
    row = int(series.values[:, AHEAD].argmax())
    week = series.first_week + timedelta(weeks=AHEAD)
    await revise(trading.hub.units, "retail", SELLER, "order_forecast", [
        Edit(*series.keys[row], week, round(float(series.values[row, AHEAD]) * factor, 3))], clock=trading.hub.clock)
    second = await trading.hub.plan("retail", AS_OF + timedelta(days=1))
    assert second.detail["order_exceptions"] == 1
    return await disputes(trading, second.id)


async def test_what_the_seller_will_not_deliver_is_an_exception_about_orders_beside_those_about_sales(
    trading: Trading,
) -> None:
    [found] = await committed(trading)
    assert (found.measure, found.left_party, found.right_party) == ("order_forecast", "hub", SELLER)
    assert found.left > 1.5 * found.right
    assert found.state == "open"
    async with trading.hub.units.worker() as unit:
        sales = await unit.exceptions.list(agreement="retail", limit=5000)
    assert {row.measure for row in sales.rows} == {"sales_forecast", "order_forecast"}
    joint = await gather(trading.hub, "retail", found.gtin, found.gln)
    assert joint.orders == (found,)
    assert "Orders in dispute" in page(joint)
    assert all(row.measure == "sales_forecast" for row in (*joint.here, *joint.elsewhere))


async def test_what_both_sign_of_an_order_stands_in_the_order_forecast_and_in_the_next_plan(trading: Trading) -> None:
    [found] = await committed(trading)
    before = await consensus(trading, found)
    signed = round(found.left * 0.7)
    await move(trading, found, Move("propose", BUYER, signed))
    done = await move(trading, found, Move("agree", SELLER))
    assert (done.state, done.settled, done.rule) == ("resolved", signed, "signed")
    key, week = (found.gtin, found.gln), found.period

    async def stands() -> float:
        series = await ordered(trading)
        return float(series.values[series.keys.index(key), (week - series.first_week).days // 7])

    assert await stands() == signed
    assert await consensus(trading, found) == before, "what sells is another matter"
    for day in (2, 9):
        await trading.hub.plan("retail", AS_OF + timedelta(days=day))
        assert await stands() == signed


async def test_an_order_that_nobody_settles_in_time_is_decided_by_the_rule(trading: Trading) -> None:
    [found] = await committed(trading)
    assert isinstance(trading.hub.clock, Fixed)
    trading.hub.clock.moment += timedelta(days=9)
    assert await pass_deadlines(trading.hub.units, trading.hub.clock) > 0
    async with trading.hub.units.worker() as unit:
        late = await unit.exceptions.get(found.id or "")
    assert (late.state, late.settled) == ("resolved", found.left), "the number that was computed stands"


async def test_without_time_to_settle_the_rule_decides_at_once_and_agreement_is_no_exception(trading: Trading) -> None:
    [found] = await committed(trading, days=0)
    assert (found.state, found.rule) == ("resolved", "mean")
    assert found.settled == pytest.approx((found.left + found.right) / 2)
    series = await ordered(trading)
    row, week = series.keys.index((found.gtin, found.gln)), (found.period - series.first_week).days // 7
    await revise(trading.hub.units, "retail", SELLER, "order_forecast", [
        Edit(found.gtin, found.gln, found.period, float(series.values[row, week]))], clock=trading.hub.clock)
    run = await trading.hub.plan("retail", AS_OF + timedelta(days=2))
    assert run.detail["order_exceptions"] == 0
    assert await disputes(trading, run.id) == []
