"""A forecast too long to be read as one document is still one view: one version of the plan, one message passed on."""

from __future__ import annotations

import pytest

from adapters.csv import read as csv_read
from adapters.xml import stream
from hub.model.forecast import Forecast
from hub.model.plan import Series
from hub.ports import Message
from tests.flow.conftest import Trading
from tests.flow.test_inbound import posting

PIECE = 100


@pytest.fixture(autouse=True)
def _short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a hundred lines, so that an ordinary forecast has many."""
    monkeypatch.setattr(stream, "HELD", PIECE)
    monkeypatch.setattr(csv_read, "BLOCK", PIECE)


def a_forecast(trading: Trading) -> Forecast:
    forecast = posting(trading, "SLSFCT").documents[0]
    assert isinstance(forecast, Forecast)
    assert forecast.lines.height > 3 * PIECE
    return forecast


async def planned(trading: Trading) -> list[tuple[str | None, Series]]:
    """Every version that came of what Quillfield said of the retail agreement."""
    async with trading.hub.units.worker() as unit:
        versions = await unit.plans.versions("retail", author="quillfield", measure="sales_forecast")
        return [(v.source, await unit.plans.series(v.id)) for v in versions]


async def push(trading: Trading, table: str, *spoil: tuple[bytes, bytes]) -> Message:
    content = trading.write("quillfield", table, [a_forecast(trading)])
    for before, after in spoil:
        at = content.rindex(before)
        content = content[:at] + after + content[at + len(before):]
    return await trading.push(content, "quillfield")


@pytest.mark.parametrize("table", ["ubl/2.1/Forecast", "csv/1/forecast"])
async def test_all_parts_of_a_file_are_one_version_of_the_plan(trading: Trading, table: str) -> None:
    forecast = a_forecast(trading)
    message = await push(trading, table)
    assert message.state == "processed", message.findings
    [(source, series)] = await planned(trading)
    assert source == message.id
    assert len(series.keys) == forecast.lines.n_unique(["gtin", "location"])
    assert series.values[series.values == series.values].sum() == pytest.approx(forecast.lines["quantity"].sum())


async def test_a_file_that_breaks_off_late_plans_nothing(trading: Trading) -> None:
    message = await push(trading, "ubl/2.1/Forecast", (b"</Forecast>", b""))
    assert message.state == "rejected"
    assert "E-XML-CUT-OFF" in {f.code for f in message.findings}
    assert await planned(trading) == []


@pytest.mark.parametrize(("table", "spoil", "code"), [
    ("ubl/2.1/Forecast", (b"</cbc:Quantity>", b"x</cbc:Quantity>"), "E-XML-PARTS"),
    ("csv/1/forecast", (b",each", b",each,each"), "E-CSV-PARTS"),
])
async def test_a_fault_in_the_last_part_is_one_in_the_whole_where_the_partner_says_so(
    trading: Trading, table: str, spoil: tuple[bytes, bytes], code: str
) -> None:
    await wants_all_or_nothing(trading)
    message = await push(trading, table, spoil)
    assert message.state == "rejected"
    assert code in {f.code for f in message.findings}
    assert await planned(trading) == []


async def wants_all_or_nothing(trading: Trading) -> None:
    partner = trading.partners["quillfield"]
    profile = partner.profile.model_copy(update={"policy": "reject"})
    async with trading.hub.units.worker() as unit:
        await unit.partners.put(profile, partner.agreements, partner.overlays)
