"""What partners are told, each in its own dialect: criteria and profiles, new exceptions, and what both have signed."""

from __future__ import annotations

import re
from decimal import Decimal

import polars as pl

from hub.flow import settle
from hub.flow.arrangement import criteria_document
from hub.flow.context import Context
from hub.model.agreement import Criterion
from hub.model.business_plan import BusinessPlan, SitePolicy
from hub.planning.settling import Move
from partners.world.sending import AS_OF
from tests.flow.conftest import Trading
from tests.flow.test_fences import BUYER, CRISPS, DC, FENCES, SELLER, SOUP, forecast, say, small, week

HEARD = {
    BUYER: {"exception_criteria": "ubl/2.1/ExceptionCriteria", "location_profile": "ubl/2.1/TradeItemLocationProfile",
            "exception_notice": "ubl/2.1/ExceptionNotification", "forecast_revision": "x12/004010/830"},
    SELLER: {"text_message": "x12/004010/864", "forecast_revision": "edifact/D96A/SLSFCT"},
}


async def listening(trading: Trading) -> None:
    """Both partners say how they want to be told."""
    async with trading.hub.units.worker() as unit:
        for profile in await unit.partners.profiles():
            if profile.name in HEARD:
                more = {"receives": profile.receives | HEARD[profile.name]}
                await unit.partners.put(profile.model_copy(update=more), [], {})


async def seller_says(trading: Trading, quantity: float) -> None:
    own = forecast([(CRISPS, lag, quantity) for lag in range(1, 7)], number="S-1")
    head = own.header.model_copy(update={"number": f"S-{quantity:g}"})
    lines = own.lines.with_columns(pl.lit(CRISPS).alias("gtin"))
    content = trading.write(SELLER, "csv/1/forecast", [type(own)(head, lines)])
    assert (await trading.push(content, SELLER)).state == "processed"


async def text(trading: Trading, partner: str, kind: str) -> list[str]:
    return [(await trading.content(m)).decode("latin-1") for m in await trading.outbox(partner, kind)]


async def test_new_exceptions_go_out_once_and_what_both_sign_goes_out_as_a_revision(trading: Trading) -> None:
    await small(trading, settle_days=14, fences=FENCES.model_copy(update={"frozen": 0, "slushy": 0}))
    await listening(trading)
    await say(trading, [(CRISPS, lag, 100.0) for lag in range(1, 7)])
    await seller_says(trading, 300.0)
    run = await trading.hub.plan("retail", AS_OF)
    assert (run.detail["new_exceptions"], run.detail["notices"], run.detail["not_notified"]) == (6, 2, [])
    [notice], [letter] = [await text(trading, *who) for who in ((BUYER, "ExceptionNotification"), (SELLER, "864"))]
    assert notice.count("<cac:NotificationLine>") + notice.count("<cac:ExceptionNotificationLine>") == 6
    assert letter.count("MSG*") == 6
    assert f"{week(1)} CR-150 at {DC}: 100 / 300 NEW" in letter or f"at {DC}: 100 / 300 NEW" in letter
    again = await trading.hub.plan("retail", week(2))
    assert again.detail["new_exceptions"] == 0, "what was told is not told again"
    await sign(trading)


async def sign(trading: Trading) -> None:
    """The first open exception, signed by both; then the jobs that this deferred."""
    async with trading.hub.units.worker() as unit:
        [one, *_] = (await unit.exceptions.list(agreement="retail", state="open")).rows
    clock, units = trading.hub.clock, trading.hub.units
    await settle.move(units, [one.id or ""], Move("propose", BUYER, 222, reason="leaflet"), clock=clock)
    await settle.move(units, [one.id or ""], Move("agree", SELLER), clock=clock)
    async with units.worker() as unit:
        version = (await unit.plans.versions("retail", author="hub", measure="consensus", limit=1))[0].id
        jobs = await unit.transaction.rows(  # type: ignore[attr-defined]
            "SELECT args FROM procrastinate_jobs WHERE task_name = 'tell_revision'")
    assert [job["args"] for job in jobs] == [{"version": str(version), "exceptions": one.id}]
    for _ in range(2):  # a job may run twice
        await trading.hub.tell_revision(str(version), one.id or "")
    async with units.worker() as unit:
        assert [raised.alert.message for raised in await unit.alerts.list()] == []
    [revised], [delivery] = [await text(trading, *who) for who in ((BUYER, "830"), (SELLER, "SLSFCT"))]
    assert "BFR*05*" in revised
    assert "*222*" in revised.replace("FST*222*", "*222*")
    assert "222" in delivery


async def test_performance_worse_than_agreed_goes_out_once_to_who_may_see_it(trading: Trading) -> None:
    criteria = (Criterion(metric="wmape", percent=Decimal(5), measure="sales_forecast"),
                Criterion(metric="wmape", percent=Decimal(5), measure="baseline"),
                Criterion(metric="in_stock", percent=Decimal(100)))
    agreement = await small(trading, metrics=criteria, thresholds=())
    shown = {BUYER: ("sold", "sales_forecast", "on_hand"), SELLER: ("sold",)}
    members = tuple(m.model_copy(update={"sees": shown[m.partner]}) for m in agreement.members)
    async with trading.hub.units.worker() as unit:
        (profile,) = [p for p in await unit.partners.profiles() if p.name == BUYER]
        await unit.partners.put(profile, [agreement.model_copy(update={"members": members})], {})
    await listening(trading)
    await say(trading, [(CRISPS, lag, 100.0) for lag in range(1, 7)])
    await seller_says(trading, 300.0)
    await trading.hub.plan("retail", AS_OF)
    await happened(trading, 150.0)
    run = await trading.hub.plan("retail", week(2))
    assert run.detail["not_notified"] == []
    [notice], [letter] = [await text(trading, *who) for who in ((BUYER, "ExceptionNotification"), (SELLER, "864"))]
    assert re.findall(r"PerformanceMetricTypeCode>(\w+)<", notice) == ["IN_STOCK", "WMAPE", "WMAPE"], "dearest first"
    assert re.findall(r"DataSourceCode>(\w+)<", notice) == ["SELLER", "BUYER"], "the baseline is not shown to the buyer"
    assert "100 percent of what was sold was forecast wrongly" in notice
    assert "150 of 150 in 1 cases" in notice
    assert "WMAPE SELLER" in letter
    assert "BUYER" not in letter.replace("buyer", ""), "the seller is not shown the buyer's forecast"
    again = await trading.hub.plan("retail", week(3))
    assert again.detail.get("new_metric_exceptions") == 0, "no new week was scored"


async def happened(trading: Trading, quantity: float) -> None:
    """In the first week so much of one item was sold, and nothing was left."""
    rows = pl.DataFrame(
        [(CRISPS, DC, "sold", week(1), quantity), (CRISPS, DC, "on_hand", week(1), 0.0)],
        schema=["gtin", "gln", "measure", "period", "quantity"], orient="row")
    async with trading.hub.units.worker() as unit:
        (first, *_) = (await unit.inbox.list(limit=1)).rows
        await unit.observations.post("retail", first.id, rows)


async def test_the_arrangement_goes_out_as_criteria_and_location_profiles(trading: Trading) -> None:
    await small(trading)
    await listening(trading)
    policies = (SitePolicy(gtin=SOUP, gln=DC, minimum=Decimal(40), maximum=Decimal(90)),)
    async with trading.hub.units.worker() as unit:
        await unit.business_plans.put(BusinessPlan(agreement="retail", policies=policies))
    sent, findings = await trading.hub.tell_arrangement("retail")
    assert (sent, findings) == (2, [])
    [criteria], [profile] = [await text(trading, BUYER, kind) for kind in
                             ("ExceptionCriteria", "TradeItemLocationProfile")]
    assert criteria.count("<cac:ExceptionCriteriaLine>") == 9, "percent and quantity of three bands, and three metrics"
    assert re.findall(r"PerformanceMetricTypeCode>(\w+)<", criteria) == ["WMAPE", "BIAS", "IN_STOCK"]
    assert re.findall(r"ComparisonCode>(\w+)_EXCEPTION_VALUE<", criteria) == 8 * ["EXCEEDS"] + ["FALLS_BELOW"]
    assert 'unitCode="P1">25<' in criteria
    assert "weeks 1 to 4 from now" in criteria
    assert ">40<" in profile
    assert ">90<" in profile
    await criteria_come_back(trading)


async def criteria_come_back(trading: Trading) -> None:
    """A partner's own criteria are held against the agreement."""
    async with trading.hub.units.worker() as unit:
        context = await Context.load(unit, trading.hub.settings.gln, AS_OF)
    [agreement] = [a for a in context.agreements if a.name == "retail"]
    same = criteria_document(agreement, context)
    lax = same.lines[0].model_copy(update={"threshold": Decimal(40)})
    poor = same.lines[-1].model_copy(update={"threshold": Decimal(50)})
    other = same.model_copy(update={"number": "own-1", "lines": (lax, *same.lines[1:-1], poor)})
    found = {}
    for document in (same, other):
        message = await trading.push(trading.write(BUYER, "ubl/2.1/ExceptionCriteria", [document]), BUYER)
        found[document.number] = [f.message for f in message.findings if f.code == "W-CRITERIA-DIFFER"]
    assert found[same.number] == []
    [told] = found["own-1"]
    assert "40 percent for 4 week(s) is not agreed" in told
    assert "25 percent for 4 week(s) is missing" in told
    assert "IN_STOCK 50 percent is not agreed" in told
