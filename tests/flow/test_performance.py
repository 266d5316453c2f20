"""The week after: a cycle scores what was said before, learns the weights, answers questions and takes sheets back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hub.cli.plan import performance
from hub.cli.plan.edit import _edit
from hub.cli.plan.exceptions import _exceptions, _hashes, as_rows
from hub.cli.plan.joint import gather, reasons
from hub.cli.plan.page import page
from hub.errors import Forbidden, NotFound, Reject
from hub.flow import cycle
from hub.flow.compare import compare
from hub.flow.context import Context
from hub.flow.dispatch import Dispatch
from hub.flow.what_if import what_if
from hub.model.agreement import Criterion
from hub.model.moment import Moment
from hub.model.order import Purpose
from hub.model.party import Party
from hub.model.promotion_offer import PromotedLine, PromotionOffer, PromotionPart
from hub.model.retail_event import PromotedItem, Promotion, RetailEvent, Specification
from hub.planning.promotions import events_of, offers_of
from hub.planning.what_if import Question, totals
from partners.world.sending import AS_OF
from tests.flow.conftest import Trading
from tests.flow.test_settle import change

WEEK = timedelta(weeks=1)


async def sold(trading: Trading, factor: float) -> None:
    """Of the first planned week, `factor` of what the baseline expected was sold."""
    async with trading.hub.units.worker() as unit:
        made = await unit.plans.latest("retail", "hub", "baseline")
        assert made
        message = (await unit.inbox.list(limit=1)).rows[0].id
        await unit.observations.post("retail", message, pl.DataFrame({
            "gtin": [gtin for gtin, _ in made[1].keys], "gln": [gln for _, gln in made[1].keys], "measure": "sold",
            "period": made[0].first_week, "quantity": np.round(made[1].values[:, 0] * factor)}))


async def test_the_next_cycle_scores_the_last_one_and_weighs_by_it(retail: Trading) -> None:
    await change(retail, settlement="weighted")
    first = await retail.hub.plan("retail", AS_OF)
    assert "weights" not in first.detail
    await sold(retail, 1.0)
    told: list[tuple[str, int, int]] = []
    second = await retail.hub.plan("retail", AS_OF + WEEK, lambda *step: told.append(step))
    async with retail.hub.units.worker() as unit:
        card = await unit.scorecards.get(second.id)
        consensus = await unit.plans.latest("retail", "hub", "consensus")
        assert consensus
        why = await unit.plans.reason(consensus[0].id, *consensus[1].keys[0])
    errors = {row.author: row.wmape for row in card.accuracy if row.measure != "consensus" and row.lag == 1}
    assert errors["hub"] < 0.01 < min(errors["larkmoor"], errors["quillfield"]), "the baseline was right by design"
    assert {row.lag for row in card.accuracy} == {1}
    gain = {(row.author, row.measure): row.gain for row in card.value_added if row.edit == "all"}
    assert gain["larkmoor", "sales_forecast"] < 0, "whoever changes what was right makes it worse"
    assert why
    [learnt] = [row for row in why.whole["weights"] if not row["promoted"]]
    assert learnt["weight.baseline"] + learnt["level.baseline"] > 0.8
    assert {step for step, *_ in told} == {step.__name__ for step in cycle.STEPS}
    lines = performance.accuracy([card], performance.KEYS["party"])
    assert {line["whose"] for line in lines} >= {"hub", "larkmoor", "quillfield"}
    assert performance.as_row(card)["accuracy"][0]["wmape"] is not None
    shown = await gather(retail.hub, "retail", *consensus[1].keys[0])
    said = dict(reasons(shown))
    assert "missed" in said["history says"]
    assert "baseline" in said["weights 1 ahead"]


async def test_a_question_changes_the_answer_and_nothing_else(retail: Trading) -> None:
    await retail.hub.plan("retail", AS_OF)

    async def everything() -> list[object]:
        async with retail.hub.units.worker() as unit:
            return [await unit.plans.versions("retail", limit=1000), await unit.runs.list(),
                    await unit.orders.list(limit=500), await unit.events.list(limit=1000)]

    async def ask(question: Question) -> dict[str, float]:
        found = await what_if(retail.hub.units, retail.hub.executor, "retail", AS_OF, question,
                              clock=retail.hub.clock, hub_gln=retail.hub.settings.gln)
        before, after = totals(found.before), totals(found.after)
        return {name: after[name] - before[name] for name in after}

    before = await everything()
    more, safer = await ask(Question(demand=20)), await ask(Question(service=0.999))
    assert more["demand"] > 0 < more["ordered ahead"]
    assert safer["safety stock"] > 0 == safer["demand"]
    assert set((await ask(Question())).values()) == {0.0}
    cheaper, said = await ask(Question(price=-10, elasticity=-2.0)), await ask(Question(demand=100 * (0.9**-2 - 1)))
    assert cheaper == pytest.approx(said)
    with pytest.raises(Reject, match="--elasticity"):
        await ask(Question(price=-10))
    with pytest.raises(NotFound, match="no agreement"):
        await what_if(retail.hub.units, retail.hub.executor, "none", AS_OF, Question(), clock=retail.hub.clock,
                      hub_gln=retail.hub.settings.gln)
    assert await everything() == before
    with pytest.raises(Forbidden, match="read-only"):
        async with retail.hub.units.reader() as unit:
            await unit.audit.record("somebody", "tries", "to write", {})


async def test_two_parties_are_compared_and_a_sheet_comes_back_as_a_version(retail: Trading, tmp_path: Path) -> None:
    await retail.hub.plan("retail", AS_OF)
    agreement = next(a for a in retail.partners["larkmoor"].agreements if a.name == "retail")
    async with retail.hub.units.reader() as unit:
        found = await compare(unit, agreement, "larkmoor", "quillfield")
        itself = await compare(unit, agreement, str(found.left.id), "larkmoor")
        with pytest.raises(Reject, match="neither a member"):
            await compare(unit, agreement, "nobody", "quillfield")
    costs = found.rows["cost"].to_list()
    assert costs == sorted(costs, reverse=True)
    assert found.cells >= found.rows.height > 0
    assert itself.rows.is_empty()
    late = found.rows.sort("week").row(-1, named=True)
    sheet = tmp_path / "weeks.csv"
    sheet.write_text(f"gtin,gln,week,buyer\n{late['gtin']},{late['gln']},{late['week']},{late['left'] + 7}\n")
    before = datetime.now(UTC)
    changed, done = await _edit(retail.hub, "retail", "larkmoor", sheet)
    assert (changed, done and done.held) == (1, 0)
    async with retail.hub.units.reader() as unit:
        again = await compare(unit, agreement, str(found.left.id), "larkmoor")
        then = await compare(unit, agreement, "larkmoor", "quillfield", before)
        assert then.left == found.left
        assert then.rows.equals(found.rows)
        with pytest.raises(NotFound, match=r"no version .* as of"):
            await compare(unit, agreement, str(again.right.id), "quillfield", before)
        with pytest.raises(NotFound, match="said nothing by"):
            await compare(unit, agreement, "larkmoor", "quillfield", datetime(2020, 1, 1, tzinfo=UTC))
    assert again.rows["difference"].to_list() == [7.0]
    assert await _edit(retail.hub, "retail", "larkmoor", sheet) == (0, None)
    sheet.write_text("gtin,gln,week,buyer\n1,2,soon,many\n")
    with pytest.raises(Reject, match="line 2"):
        await _edit(retail.hub, "retail", "larkmoor", sheet)


async def test_a_cancelled_cycle_stops_and_goes_on_when_it_is_run_again(
    retail: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:

    planned = cycle.STEPS[0]

    async def stopped(one: cycle.Cycle) -> cycle.Detail:
        await cycle.cancel(retail.hub.units, "retail", AS_OF)
        return await planned(one)

    stopped.__name__ = planned.__name__
    with monkeypatch.context() as stopping:
        stopping.setattr(cycle, "STEPS", (stopped, *cycle.STEPS[1:]))
        with pytest.raises(Reject, match="cancelled before assess"):
            await retail.hub.plan("retail", AS_OF)
    run = await retail.hub.plan("retail", AS_OF)
    assert run.state == "finished"
    with pytest.raises(Reject, match="finished"):
        await cycle.cancel(retail.hub.units, "retail", AS_OF)


def test_announced_promotions_are_known_to_the_plan_and_called_off_ones_are_not() -> None:
    def event(status: str) -> RetailEvent:
        item = PromotedItem(gtin="9521001100106", amount=Decimal(1), currency="EUR")
        return RetailEvent(number="E1", status=status, start=AS_OF, end=AS_OF + WEEK,
                           promotion=Promotion(kind="HOLIDAY", specifications=(Specification(items=(item,)),)))

    rows = events_of([event("PLANNED"), event("CANCELED")])
    assert rows.rows() == [("09521001100106", None, AS_OF, AS_OF + WEEK)]


def offer(purpose: Purpose = "original", **line: Any) -> PromotionOffer:
    """A promotion of two weeks in the trade."""
    lines = (PromotedLine(**{"gtin": "9521001100106", **line}),)
    return PromotionOffer(number="P1", purpose=purpose, kind="01", start=AS_OF, end=AS_OF + 2 * WEEK,
                          seller=Party(name="QUILLFIELD"),
                          parts=(PromotionPart(number=1, lines=lines),))


def test_a_promotion_in_the_trade_moves_the_items_of_its_lines_on_their_own_days() -> None:
    said = (Moment(kind="promotion_start", on=AS_OF + WEEK),)
    rows = offers_of([offer(), offer("cancel"), offer(gtin=None, case_gtin="19521001100103", dates=said)])
    assert rows.rows() == [("09521001100106", None, AS_OF, AS_OF + 2 * WEEK),
                           ("19521001100103", None, AS_OF + WEEK, AS_OF + 2 * WEEK)]


async def test_a_promotion_announced_in_x12_moves_the_forecast_until_it_is_cancelled(trading: Trading) -> None:
    async def known() -> list[Any]:
        async with trading.hub.units.worker() as unit:
            context = await Context.load(unit, trading.hub.settings.gln, AS_OF)
            retail = next(one for one in context.agreements if one.name == "retail")
            one = cycle.Cycle("", retail, AS_OF, AS_OF, Dispatch(unit, context, {}, datetime.now(UTC)),
                              trading.hub.executor)
            return [row for row in (await one.events()).rows() if row[0] == "09521001100106"]

    for purpose, moved in (("original", 1), ("cancel", 0)):
        content = trading.write("quillfield", "x12/004010/889", [offer(purpose)])
        message = await trading.push(content, "quillfield")
        assert (message.state, message.message) == ("processed", "889"), message.findings
        assert len(await known()) == moved


async def test_a_cycle_that_scores_raises_what_is_worse_than_agreed_and_remembers_since_when(retail: Trading) -> None:
    await change(retail, metrics=(
        Criterion(metric="wmape", percent=Decimal(1), to_week=1, measure="sales_forecast"),
        Criterion(metric="in_stock", percent=Decimal(100))))
    await retail.hub.plan("retail", AS_OF)
    await sold(retail, 1.0)
    async with retail.hub.units.worker() as unit:
        before = datetime.now(UTC)
        assert await unit.scorecards.exceptions("retail") == []
    first = await _exceptions(retail.hub, "retail", None, 5, None)
    second = await retail.hub.plan("retail", AS_OF + WEEK)
    found = await _exceptions(retail.hub, "retail", None, 5, None)
    metrics = [one for _, one in found.metrics]
    assert {(one.kind, one.author) for one in metrics} >= {("wmape", "larkmoor"), ("wmape", "quillfield")}
    assert {one.measure for one in metrics} <= {"sales_forecast", "on_hand"}
    stakes = [one.value_at_stake for one in metrics]
    assert stakes == sorted(stakes, reverse=True)
    assert stakes[0] > 0
    assert second.detail["metric_exceptions"] == len(metrics)
    [hashed] = await _hashes(retail.hub, "retail")
    assert hashed["metrics sha256"] == second.detail["metric_fingerprint"]
    kinds = {row["kind"] for row in as_rows(found)}
    assert {"difference", "wmape"} <= kinds
    then = await _exceptions(retail.hub, "retail", None, 5, before)
    assert then.metrics == ()
    assert then.rows == first.rows != found.rows
    assert (await _exceptions(retail.hub, None, "resolved", 5, before)).metrics == ()
    shown = await gather(retail.hub, "retail", None, None)
    assert "Worse than was agreed" in page(shown)
    assert page(shown).count("error (WMAPE)") >= 2
