"""A forecast that its sender cuts into several sets of one file is one view of the future: one version of the plan."""

from __future__ import annotations

import polars as pl
import pytest

from hub.model.forecast import Forecast
from tests.flow.conftest import Trading
from tests.flow.test_inbound import posting
from tests.flow.test_long_forecast import planned

TABLES = ["x12/004010/830", "edifact/D96A/SLSFCT"]


def cut(trading: Trading, pieces: int = 3) -> list[Forecast]:
    """The forecast as one set for some of its items each, with a number of its own."""
    whole = posting(trading, "SLSFCT").documents[0]
    assert isinstance(whole, Forecast)
    items = whole.lines["gtin"].unique(maintain_order=True).to_list()
    header = whole.header.model_copy(update={"references": (), "notes": ()})
    return [Forecast(header.model_copy(update={"number": f"F-{n}"}),
                     whole.lines.filter(pl.col("gtin").is_in(items[n::pieces]))) for n in range(pieces)]


@pytest.mark.parametrize("table", TABLES)
async def test_all_sets_are_one_version_and_are_passed_on_set_by_set(trading: Trading, table: str) -> None:
    sets = cut(trading)
    message = await trading.push(trading.write("quillfield", table, sets, "larkmoor"), "quillfield")
    assert message.state == "processed", message.findings
    [(source, series)] = await planned(trading)
    assert source == message.id
    assert series.values[series.values == series.values].sum() == pytest.approx(
        sum(part.lines["quantity"].sum() for part in sets))
    assert len(await trading.outbox("larkmoor")) == len(sets)


async def test_a_set_that_is_no_good_does_not_part_the_others(trading: Trading) -> None:
    content = trading.write("quillfield", "edifact/D96A/SLSFCT", cut(trading))
    first, second, third, end = content.split(b"UNT+")
    message = await trading.push(b"UNT+".join((first, second, b"9" + third, end)), "quillfield")
    assert "E-EDIFACT-SEGMENT-COUNT" in {f.code for f in message.findings}
    [(_, series)] = await planned(trading)
    assert len({gtin for gtin, _ in series.keys}) < sum(part.lines["gtin"].n_unique() for part in cut(trading))


async def test_a_set_that_speaks_again_of_what_one_before_it_did_takes_its_place(trading: Trading) -> None:
    sets = cut(trading, 1)
    later = Forecast(sets[0].header.model_copy(update={"number": "F-9"}),
                     sets[0].lines.with_columns(pl.col("quantity") * 2))
    message = await trading.push(trading.write("quillfield", "edifact/D96A/SLSFCT", [*sets, later]), "quillfield")
    assert "W-REPEATED-PERIOD" in {f.code for f in message.findings}
    [(_, series)] = await planned(trading)
    assert series.values[series.values == series.values].sum() == pytest.approx(later.lines["quantity"].sum())


async def test_a_forecast_of_orders_is_another_view_than_one_of_sales(trading: Trading) -> None:
    sets = cut(trading, 2)
    orders = Forecast(sets[1].header.model_copy(update={"kind": "order"}), sets[1].lines)
    await trading.push(trading.write("quillfield", "x12/004010/830", [sets[0], orders]), "quillfield")
    async with trading.hub.units.worker() as unit:
        measures = {v.measure for v in await unit.plans.versions("retail", author="quillfield")}
    assert measures == {"sales_forecast", "order_forecast"}
