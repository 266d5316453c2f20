"""The fences on every door, and what no forecast can mean: told to the sender, the rest of the message taken."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from hub.errors import Conflict, Finding, Forbidden, HubError, NotFound, Reject
from hub.flow.views import Accepted, Edit, revise
from hub.model.agreement import Agreement, Fences
from hub.model.exchange import Answers
from hub.model.forecast import Forecast, ForecastHeader
from hub.model.party import Party
from partners.world.sending import AS_OF
from tests.flow.conftest import Trading

CRISPS, SOUP, DC = "09521001100106", "09521001200103", "9521002001013"
BUYER, SELLER = "larkmoor", "quillfield"
FENCES = Fences.model_validate({"frozen": 1, "slushy": 3, "tolerance": "20"})


async def small(trading: Trading, **fields: object) -> Agreement:
    """The retailer's agreement shrunk to two items at one place, so that a cycle takes a moment."""
    partner = trading.partners[BUYER]
    [agreement] = partner.agreements
    signed = agreement.model_copy(update={
        "items": (CRISPS, SOUP), "locations": (DC,), "horizon_weeks": 6, "fences": FENCES, **fields})
    async with trading.hub.units.worker() as unit:
        await unit.partners.put(partner.profile, [signed], partner.overlays)
    return signed


def week(number: int) -> date:
    """Lag 1 is the week of AS_OF, a Monday."""
    return AS_OF + timedelta(weeks=number - 1)


def forecast(rows: Sequence[tuple[str, int, float]], bucket: str = "week", number: str = "F-1") -> Forecast:
    """A sales forecast of the retailer's for the one place: item, lag, quantity."""
    lines = [
        {"gtin": gtin, "location": DC, "scheme": "gln", "bucket": bucket, "certainty": "planned", "start": week(lag),
         "end": week(lag) + timedelta(days=6), "quantity": quantity, "unit": "each"} for gtin, lag, quantity in rows]
    header = ForecastHeader(
        number=number, purpose="original", kind="sales", issued_on=AS_OF, start=week(1),
        end=week(6) + timedelta(days=6), buyer=Party(id="9521002000009", scheme="gln"),
        seller=Party(id="9521001000000", scheme="gln"))
    return Forecast(header, pl.DataFrame(lines, schema=Forecast.SCHEMA))


async def say(
    trading: Trading, rows: Sequence[tuple[str, int, float]], table: str = "csv/1/forecast", number: str = "F-1"
) -> tuple[Finding, ...]:
    message = await trading.push(trading.write(BUYER, table, [forecast(rows, number=number)]), BUYER)
    assert message.state == "processed"
    return message.findings


async def standing(trading: Trading, gtin: str = CRISPS, author: str = BUYER) -> dict[int, float]:
    """Lag -> what the author's newest view says."""
    async with trading.hub.units.worker() as unit:
        found = await unit.plans.latest("retail", author, "sales_forecast")
    assert found
    series = found[1]
    row = series.values[series.keys.index((gtin, DC))].tolist()
    return {(series.first_week - AS_OF).days // 7 + 1 + at: value for at, value in enumerate(row)}


def codes(findings: Sequence[Finding]) -> list[str]:
    return [f.code for f in findings]


FENCED = ["E-FROZEN-WEEK", "E-BEYOND-TOLERANCE"]
EVEN = [(CRISPS, lag, 100.0) for lag in range(1, 7)]


async def test_the_fences_hold_whatever_the_dialect_and_the_sender_is_told(trading: Trading) -> None:
    await small(trading)
    assert await say(trading, EVEN) == ()
    assert await say(trading, EVEN, number="F-2") == (), "before the first plan a view may be sent anew"
    await trading.hub.plan("retail", AS_OF)
    changed = [(CRISPS, 1, 90), (CRISPS, 2, 121), (CRISPS, 3, 119), (CRISPS, 4, 500)]
    for number, table in enumerate(("csv/1/forecast", "x12/004010/830", "ubl/2.1/Forecast", "edifact/D96A/SLSFCT"), 3):
        if table == "x12/004010/830":
            await wants_advice(trading)
        told = [f for f in await say(trading, changed, table, f"F-{number}") if f.code in FENCED]
        assert codes(told) == FENCED
        assert "the next 1 week(s) of agreement retail are frozen, 100 stands" in told[0].message
        assert told[1].hint.startswith("Send a quantity from 80 to 120, or agree with quillfield")
        now = await standing(trading)
        assert [now[lag] for lag in (1, 2, 3, 4)] == [100, 100, 119, 500]
    text = "".join([(await trading.content(m)).decode() for m in await trading.outbox(BUYER, "824")])
    assert "TED*011*90 for item 09521001100106" in text
    assert "both signatures" in text.replace("~NTE**", " ")


async def test_order_forecasts_meet_the_same_fences(trading: Trading) -> None:
    await small(trading)
    await say(trading, EVEN)

    async def order(rows: Sequence[tuple[str, int, float]], number: str) -> Sequence[Finding]:
        said = forecast(rows, number=number)
        document = Forecast(said.header.model_copy(update={"kind": "order"}), said.lines)
        return (await trading.push(trading.write(BUYER, "edifact/D96A/DELFOR", [document]), BUYER)).findings

    assert codes(await order(EVEN, "O-1")) == []
    await trading.hub.plan("retail", AS_OF)
    told = await order([(CRISPS, 1, 90), (CRISPS, 2, 121), (CRISPS, 3, 119)], "O-2")
    assert codes(told) == FENCED
    async with trading.hub.units.worker() as unit:
        found = await unit.plans.latest("retail", BUYER, "order_forecast")
    assert found
    assert found[1].values[found[1].keys.index((CRISPS, DC))].tolist()[:3] == [100, 100, 119]


async def wants_advice(trading: Trading) -> None:
    """The retailer gets an 824 about what the hub's own checks find."""
    partner = trading.partners[BUYER]
    profile = partner.profile.model_copy(update={
        "answers": Answers.model_validate({"application": True}),
        "receives": partner.profile.receives | {"application_advice": "x12/004010/824"}})
    async with trading.hub.units.worker() as unit:
        await unit.partners.put(profile, [], partner.overlays)


async def test_a_planner_s_edit_meets_the_same_fences(trading: Trading) -> None:
    await small(trading)
    await say(trading, EVEN)
    await trading.hub.plan("retail", AS_OF)

    units, clock = trading.hub.units, trading.hub.clock

    async def edit(
        *changes: tuple[int, float], by: str = BUYER, gtin: str = CRISPS, seen: int | None = None
    ) -> Accepted:
        edits = [Edit(gtin, DC, week(lag), quantity) for lag, quantity in changes]
        return await revise(units, "retail", by, "sales_forecast", edits, clock=clock, seen=seen)

    done = await edit((1, 1), (4, 777))
    assert (done.held, codes(done.findings)) == (1, ["E-FROZEN-WEEK"]), "the rest of it is taken"
    now = await standing(trading)
    assert (now[1], now[4]) == (100, 777)
    refusals: list[tuple[Any, type[HubError], str]] = [
        (edit((1, 90)), Reject, "frozen"), (edit((2, 150)), Reject, "from 80 to 120"),
        (edit((2, -1)), Reject, "no forecast"), (edit((9, 5)), Reject, "begins no week"),
        (edit((4, 5), gtin="09521001100205"), Reject, "does not cover"), (edit(), Reject, "which numbers"),
        (edit((4, 5), by="pebbleworth"), Forbidden, "no party"), (edit((4, 5), seen=1), Conflict, "look at it again"),
        (revise(units, "nothing", BUYER, "sales_forecast", [], clock=clock), NotFound, "nothing"),
    ]
    for attempt, kind, words in refusals:
        with pytest.raises(kind, match=words):
            await attempt
    assert await standing(trading) == now
    both = await asyncio.gather(*(edit((4, n), seen=done.version) for n in (1, 2)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in both) == ["Accepted", "Conflict"]


async def test_what_is_no_forecast_is_set_aside_and_the_rest_is_planned(trading: Trading) -> None:
    await small(trading)
    told = await say(trading, [
        (CRISPS, 1, -5), (CRISPS, 2, 1e15), (CRISPS, 3, 50), (CRISPS, 3, 60), (CRISPS, 4, 70),
        ("09521001100205", 4, 70)])
    assert codes(told) == ["W-OUTSIDE-AGREEMENTS", "E-QUANTITY-TOO-LARGE", "E-NEGATIVE-FORECAST", "W-REPEATED-PERIOD"]
    assert await standing(trading) == {3: 60, 4: 70}
    whole = forecast([(CRISPS, 1, 700), (SOUP, 1, 70)])
    daily = forecast([(CRISPS, 1, 10)], bucket="day").lines.with_columns(pl.col("start").alias("end"))
    both = Forecast(whole.header, pl.concat([whole.lines, daily]))
    message = await trading.push(trading.write(BUYER, "csv/1/forecast", [both]), BUYER)
    assert codes(message.findings) == ["E-MIXED-PERIODS"]
    async with trading.hub.units.worker() as unit:
        found = await unit.plans.latest("retail", BUYER, "sales_forecast")
    assert found
    assert found[1].keys == ((SOUP, DC),)
