"""Two planners settle exceptions on the real store: both sign, the consensus follows, and the next cycle remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from hub.cli.plan.settling_sheet import read_settled, write_exceptions
from hub.errors import Conflict, Forbidden, NotFound, Reject
from hub.flow import settle
from hub.flow.deadlines import pass_deadlines
from hub.model.agreement import Escalation
from hub.model.exception import ForecastException
from hub.planning.settling import Move
from partners.world.sending import AS_OF
from tests.flow.conftest import RETAIL, Fixed, Trading

BUYER, SELLER = RETAIL


@pytest.fixture
def trading(retail: Trading) -> Trading:
    """What a cycle asks for is there before each of these tests begins."""
    return retail


async def planned(trading: Trading, days: int = 7) -> list[ForecastException]:
    """The exceptions of a first cycle whose two sides have `days` days to settle them, dearest first."""
    await change(trading, settle_days=days)
    await trading.hub.plan("retail", AS_OF)
    return await exceptions(trading)


async def change(trading: Trading, **fields: object) -> None:
    """The retailer signs its agreement anew."""
    partner = trading.partners["larkmoor"]
    changed = [a.model_copy(update=fields) for a in partner.agreements]
    async with trading.hub.units.worker() as unit:
        await unit.partners.put(partner.profile, changed, partner.overlays)


async def exceptions(trading: Trading) -> list[ForecastException]:
    async with trading.hub.units.worker() as unit:
        return list((await unit.exceptions.list(agreement="retail", limit=5000)).rows)


async def consensus(trading: Trading, cell: ForecastException) -> float:
    async with trading.hub.units.worker() as unit:
        found = await unit.plans.latest("retail", "hub", "consensus")
    assert found
    series = found[1]
    return float(series.values[series.keys.index((cell.gtin, cell.gln)), (cell.period - series.first_week).days // 7])


async def move(
    trading: Trading, exception: ForecastException, act: Move, revision: int | None = None
) -> ForecastException:
    [reached] = await settle.move(
        trading.hub.units, [exception.id or ""], act, clock=trading.hub.clock, revision=revision)
    return reached


async def test_what_both_sides_sign_is_the_consensus_and_stays_it_in_the_next_cycle(trading: Trading) -> None:
    first, second, *_ = await planned(trading)
    assert (first.state, first.due) == ("open", AS_OF + timedelta(days=7))
    await move(trading, first, Move("propose", BUYER, 4321, reason="promotion", comment="leaflet in week 2"))
    done = await move(trading, first, Move("agree", SELLER))
    assert (done.state, done.settled, done.rule) == ("resolved", 4321, "signed")
    assert await consensus(trading, first) == 4321
    async with trading.hub.units.worker() as unit:
        steps = await unit.exceptions.history(first.id or "")
    assert [(s.act, s.actor, s.state, s.quantity) for s in steps] == [
        ("find", "hub", "open", None), ("propose", BUYER, "proposed", 4321), ("agree", SELLER, "agreed", 4321),
        ("resolve", "hub", "resolved", 4321)]
    assert (steps[1].reason, steps[1].comment) == ("promotion", "leaflet in week 2")
    await move(trading, second, Move("propose", SELLER, 777))
    await trading.hub.plan("retail", AS_OF + timedelta(days=1))
    after = {(e.gtin, e.gln, e.period): e for e in await exceptions(trading)}
    again, going_on = (after[e.gtin, e.gln, e.period] for e in (first, second))
    assert again.id != first.id
    assert (again.state, again.settled, again.rule) == ("resolved", 4321, "signed")
    assert (going_on.state, going_on.offered, going_on.offered_by) == ("proposed", 777, SELLER)
    assert going_on.due == second.due, "the days go on counting"
    assert await consensus(trading, first) == 4321
    with pytest.raises(Reject, match="later planning run"):
        await move(trading, second, Move("agree", BUYER))


async def test_when_the_days_are_over_the_rule_decides(trading: Trading) -> None:
    first, *_ = await planned(trading, days=2)
    await move(trading, first, Move("propose", BUYER, 4321))
    await trading.hub.plan("retail", AS_OF + timedelta(days=2))
    after = next(e for e in await exceptions(trading) if (e.gtin, e.gln, e.period) == (
        first.gtin, first.gln, first.period))
    assert (after.state, after.rule) == ("resolved", "mean")
    assert after.settled == pytest.approx((first.left + first.right) / 2)
    async with trading.hub.units.worker() as unit:
        acts = [step.act for step in await unit.exceptions.history(after.id or "")]
    assert acts == ["carry", "expire", "resolve"]


async def test_of_two_who_act_at_once_one_wins_and_the_other_is_told(trading: Trading) -> None:
    first, *_ = await planned(trading)
    both = await asyncio.gather(
        move(trading, first, Move("propose", BUYER, 1), first.revision),
        move(trading, first, Move("propose", SELLER, 2), first.revision), return_exceptions=True)
    refusals = [answer for answer in both if isinstance(answer, Exception)]
    assert [type(r) for r in refusals] == [Conflict]
    async with trading.hub.units.worker() as unit:
        assert (await unit.exceptions.get(first.id or "")).revision == first.revision + 1


async def test_two_cells_agreed_at_the_same_moment_are_both_in_the_consensus(trading: Trading) -> None:
    first, second, *_ = await planned(trading)
    for cell, quantity in ((first, 1111), (second, 2222)):
        await move(trading, cell, Move("propose", BUYER, quantity))
    await asyncio.gather(*(move(trading, cell, Move("agree", SELLER)) for cell in (first, second)))
    assert await consensus(trading, first) == 1111
    assert await consensus(trading, second) == 2222


async def test_a_batch_is_settled_whole_or_not_at_all(trading: Trading) -> None:
    first, second, *_ = await planned(trading)
    await move(trading, first, Move("propose", BUYER, 1111))
    with pytest.raises(Reject, match="no offer"):
        await settle.move(trading.hub.units, [first.id or "", second.id or ""], Move("agree", SELLER),
                          clock=trading.hub.clock)
    async with trading.hub.units.worker() as unit:
        assert (await unit.exceptions.get(first.id or "")).state == "proposed"


async def test_only_the_two_sides_of_the_agreement_may_act(trading: Trading) -> None:
    first, *_ = await planned(trading)
    with pytest.raises(Forbidden):
        await move(trading, first, Move("propose", "pebbleworth", 5))
    with pytest.raises(NotFound):
        await move(trading, first.model_copy(update={"id": "exc_none"}), Move("propose", BUYER, 5))


async def test_between_planning_runs_the_calendar_escalates_and_then_the_rule_decides(trading: Trading) -> None:
    first, second, *_ = await planned(trading, days=3)
    await change(trading, settle_days=3, escalation=Escalation(after_days=1, to="Head of Supply"))
    clock = trading.hub.clock
    assert isinstance(clock, Fixed)
    await move(trading, second, Move("propose", BUYER, 10))
    clock.moment += timedelta(days=1)
    raised = await pass_deadlines(trading.hub.units, clock)
    assert raised > 1
    assert await pass_deadlines(trading.hub.units, clock) == 0, "once is enough"
    async with trading.hub.units.worker() as unit:
        found = [await unit.exceptions.get(e.id or "") for e in (first, second)]
    assert [(e.state, e.owner) for e in found] == [("escalated", "Head of Supply")] * 2
    await move(trading, second, Move("agree", SELLER))
    clock.moment += timedelta(days=2)
    assert await pass_deadlines(trading.hub.units, clock) == raised - 1
    async with trading.hub.units.worker() as unit:
        late = await unit.exceptions.get(first.id or "")
        acts = [step.act for step in await unit.exceptions.history(first.id or "")]
    assert (late.state, late.rule, acts) == ("resolved", "mean", ["find", "escalate", "expire", "resolve"])
    assert late.settled == pytest.approx(await consensus(trading, first))


async def test_an_exception_that_the_next_cycle_does_not_find_is_closed(trading: Trading) -> None:
    found = await planned(trading)
    await change(trading, thresholds=())
    await trading.hub.plan("retail", AS_OF + timedelta(days=1))
    async with trading.hub.units.worker() as unit:
        left = await unit.exceptions.get(found[0].id or "")
    assert (left.state, left.rule, left.settled) == ("resolved", "no_longer", None)


async def test_where_reasons_are_agreed_both_sign_with_one_and_a_sheet_settles_all_of_it_or_nothing(
    trading: Trading, tmp_path: Path
) -> None:
    await change(trading, settle_days=7, reasons=("promotion", "capacity"))
    await trading.hub.plan("retail", AS_OF)
    first, second, *_ = await exceptions(trading)
    sheet, units, clock = tmp_path / "open.csv", trading.hub.units, trading.hub.clock

    async def filled(partner: str, **cells: Sequence[str]) -> list[ForecastException]:
        """The two exceptions as a sheet in which the planner has filled in these columns."""
        async with units.worker() as unit:
            rows = [await unit.exceptions.get(one.id or "") for one in (first, second)]
            write_exceptions(sheet, rows, await unit.catalogue.snapshot())
        pl.read_csv(sheet, infer_schema=False).with_columns(**{
            name: pl.Series(values) for name, values in cells.items()}).write_csv(sheet)
        return await settle.move_all(units, read_settled(sheet, partner), clock=clock)

    assert [row.offered for row in await filled(BUYER, offer=["1000", "2000"])] == [1000, 2000]
    countered = await filled(SELLER, offer=["1100", ""])
    assert [(row.state, row.offered) for row in countered] == [("countered", 1100)], "empty rows ask for nothing"
    with pytest.raises(Reject, match="promotion, capacity"):
        await filled(BUYER, agree=["yes", ""])
    with pytest.raises(Reject, match="your own"):
        await filled(BUYER, agree=["yes", "yes"], reason=["capacity", "capacity"])
    async with units.worker() as unit:
        assert (await unit.exceptions.get(first.id or "")).state == "countered", "all of a sheet or nothing"
    [done] = await filled(BUYER, agree=["yes", ""], reason=["capacity", ""])
    async with units.worker() as unit:
        last = (await unit.exceptions.history(first.id or ""))[-1]
    assert (done.settled, last.state, last.reason) == (1100, "resolved", "capacity")
    for cells, words in ((["many", ""], "line 2: a quantity"), (["", "7,5"], "line 3: a quantity")):
        with pytest.raises(Reject, match=words):
            await filled(BUYER, offer=cells)
    with pytest.raises(Reject, match="either offer"):
        await filled(BUYER, offer=["", "7"], agree=["", "yes"])
