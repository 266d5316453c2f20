"""The backtest: nobody looks ahead, absent is not zero, intervals hold what they promise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from hub.errors import Reject
from hub.planning.backtest import backtest
from hub.planning.choice import choose
from hub.planning.demand_rows import demand
from hub.planning.forecast import MODELS, candidates
from hub.planning.intervals import Past, interval
from hub.planning.models.boosted import boosted
from hub.planning.models.boosted_offers import boosted_offers
from hub.planning.models.direct import direct
from hub.planning.models.drivers import Drivers, drivers
from hub.planning.models.effects import effects
from hub.planning.models.network import network
from hub.planning.models.odd_periods import odd_periods
from hub.planning.models.panel import Panel
from hub.planning.models.scan_pro import scan_pro
from tests.planning.panels import FIRST

QUICK = {name: MODELS[name] for name in ("seasonal_naive", "smoothed", "moving_average", "series_season")}


def offered(series: int = 60, weeks: int = 120, horizon: int = 8, *, planned: bool, seed: int = 1) -> Panel:
    """Demand that halves its price in a tenth of the weeks and then sells three times as much; all weeks planned."""
    random = np.random.default_rng(seed)
    cut = np.where(random.random((series, weeks)) < 0.1, np.log(0.5), 0.0)
    usual = random.uniform(20, 80, (series, 1)) * random.gamma(30, 1 / 30, cut.shape)
    sold = usual * np.exp(-np.log(3) / np.log(2) * cut)
    none = np.zeros(cut.shape)
    return Panel(sold, FIRST, np.arange(series) // 6, horizon, "week", np.arange(series) % 6,
                 Drivers(cut, none, none, none, planned))


def rows_of(panel: Panel) -> pl.DataFrame:
    row, week = np.nonzero(~np.isnan(panel.values))
    return pl.DataFrame({
        "item": [f"i{n}" for n in panel.groups[row]], "location": [f"s{n}" for n in row],
        "period": pl.Series(np.datetime64(panel.first_week) + week * np.timedelta64(7, "D")).cast(pl.Date),
        "quantity": panel.values[row, week]})


@pytest.mark.parametrize(("model", "planned"), [
    (direct, True), (direct, False), (network, False), (boosted, True), (boosted, False), (boosted_offers, True)])
def test_shuffling_the_future_changes_no_learnt_forecast(model, planned):
    known = offered(series=36, planned=planned)
    future = known.values.copy()
    np.random.default_rng(2).shuffle(future[:, 100:], axis=1)
    one, two = model(known.until(100)), model(replace(known, values=future).until(100))
    assert np.array_equal(one.forecast, two.forecast)
    assert np.array_equal(one.sigma, two.sigma)


def test_without_a_known_plan_the_offers_of_the_future_change_nothing():
    known = offered(planned=False)
    assert known.drivers is not None
    price = known.drivers.price.copy()
    price[:, 100:] = np.log(0.5)
    other = replace(known, drivers=replace(known.drivers, price=price))
    for model in (direct, network):
        assert np.array_equal(model(known.until(100)).forecast, model(other.until(100)).forecast)


def test_shuffling_what_came_after_an_origin_changes_no_forecast_made_at_it():
    known = offered(planned=True)
    changed = known.values.copy()
    changed[:, 112:] = changed[:, 112:][:, ::-1] * 3
    models = {**QUICK, "scan_pro": scan_pro}
    one, two = (backtest(panel, 2, models) for panel in (known, replace(known, values=changed)))
    assert np.array_equal(one.forecasts[0], two.forecasts[0])
    assert np.array_equal(one.forecasts[1], two.forecasts[1])
    assert one.chosen.wmape != two.chosen.wmape


def test_a_known_price_cut_is_forecast_as_it_sells():
    found = effects(offered(planned=True).until(112))
    tripled = found[:, 0] * np.log(0.5) + found[:, 1] * np.log(0.5) ** 2 + found[:, 5]
    assert np.exp(tripled) == pytest.approx(np.full(60, 3.0), rel=0.15)


def test_a_known_plan_beats_an_unknown_one_and_both_beat_the_benchmark():
    with_plan = backtest(offered(planned=True), 3, {**QUICK, "scan_pro": scan_pro, "direct": direct})
    without = backtest(offered(planned=False), 3, {**QUICK, "direct": direct})
    assert with_plan.chosen.wmape < 0.6 * without.chosen.wmape
    assert without.chosen.ratio < 0.9


def test_trees_learn_what_a_plan_does():
    known = offered(series=48, planned=True)
    truth = known.values[:, 112:]
    blind = np.abs(boosted(offered(series=48, planned=False).until(112)).forecast - truth).sum()
    for name, model in (("boosted", boosted), ("boosted_offers", boosted_offers)):
        assert candidates(known)[name] is model
        assert np.abs(model(known.until(112)).forecast - truth).sum() < 0.7 * blind
    assert "boosted_offers" not in candidates(offered(planned=False))


def test_the_network_learns_from_offers_that_come_in_turn_when_the_next_one_comes():
    weeks = np.arange(120)
    cut = np.where((weeks[None, :] + np.arange(60)[:, None]) % 4 == 0, np.log(0.5), 0.0)
    sold = np.random.default_rng(3).uniform(20, 80, (60, 1)) * np.exp(-np.log(3) / np.log(2) * cut)
    none = np.zeros(cut.shape)
    panel = Panel(sold, FIRST, np.arange(60) // 6, 8, "week", np.arange(60) % 6, Drivers(cut, none, none, none, False))
    miss, plain = (np.abs(model(panel.until(112)).forecast - sold[:, 112:]).sum()
                   for model in (network, MODELS["smoothed"]))
    assert miss < 0.6 * plain
    assert candidates(panel)["network"] is network


def test_where_nobody_knows_the_offers_their_trees_are_plain_smoothing():
    blind = offered(planned=False).until(112)
    assert np.array_equal(boosted_offers(blind).forecast, MODELS["smoothed"](blind).forecast)


def test_a_week_in_which_every_report_broke_off_teaches_nothing():
    known = offered(planned=True).until(112)
    broken = known.values.copy()
    broken[:, 100] *= 0.4
    unknown = known.values.copy()
    unknown[:, 100] = np.nan
    assert np.flatnonzero(odd_periods(replace(known, values=broken))).tolist() == [100]
    for model in (direct, scan_pro):
        one, two = (model(replace(known, values=values)).forecast for values in (broken, unknown))
        assert np.array_equal(one, two)


def test_what_stays_low_or_falls_every_season_or_only_for_some_is_no_broken_report():
    known = offered(planned=True)
    every = slice(None)
    for weeks, rows in ((slice(100, None), every), ([40, 92], every), ([100], slice(20)), ([119], every)):
        values = known.values.copy()
        values[rows, weeks] *= 0.4
        assert not odd_periods(replace(known, values=values))[60:].any()


def test_intervals_hold_about_what_they_promise():
    report = backtest(offered(series=400, planned=True), 3, {**QUICK, "scan_pro": scan_pro})
    assert report.chosen.coverage[0.8] == pytest.approx(0.80, abs=0.03)
    assert report.chosen.coverage[0.95] == pytest.approx(0.95, abs=0.03)


def test_an_interval_of_slow_movers_gives_the_mass_below_zero_to_the_top():
    random = np.random.default_rng(5)
    came = random.poisson(0.4, (4000, 2)).astype(float)
    made, sigma = np.full(came.shape, 0.4), np.full(4000, 0.6)
    lower, upper = interval(Past(made, came, sigma), made, sigma, 0.95)
    inside = ((came >= lower) & (came <= upper)).mean()
    assert (lower == 0).all()
    assert 0.92 <= inside <= 0.995


def test_the_choice_takes_unlike_models_together_when_their_mean_is_better():
    came = np.full((50, 4), 10.0)
    panel = Panel(np.full((50, 30), 10.0), FIRST, np.zeros(50, np.int64), 4)
    made = {"high": [came + 4], "low": [came - 4], "far": [came + 9]}
    assert set(choose(made, [came], panel)) == {("high", "low")}


def test_where_a_plan_is_known_one_model_must_be_clearly_better_than_a_mean_of_several():
    came = np.full((50, 4), 10.0)
    blind = Panel(np.full((50, 30), 10.0), FIRST, np.zeros(50, np.int64), 4)
    none = np.zeros((50, 34))
    known = replace(blind, drivers=Drivers(none, none, none, none, True))
    little = {"one": [came + 0.4], "two": [came + 0.5]}
    assert set(choose(little, [came], blind)) == {("one",)}
    assert set(choose(little, [came], known)) == {("one",)}
    assert set(choose({"one": [came + 0.49], "two": [came + 0.5]}, [came], known)) == {("one", "two")}


def test_slow_movers_are_not_forecast_as_nothing():
    random = np.random.default_rng(6)
    sold = np.where(random.random((300, 40)) < 0.2, 2.0, 0.0)
    panel = Panel(sold, FIRST, np.zeros(300, np.int64), 4)
    made = {"nothing": [np.zeros((300, 4))], "mean": [np.full((300, 4), 0.4)]}
    assert set(choose(made, [sold[:, -4:]], panel)) == {("mean",)}


def test_absent_periods_are_not_scored_and_not_taken_for_zero():
    known = offered(planned=False)
    values = known.values.copy()
    values[::2, 90::3] = np.nan
    report = backtest(replace(known, values=values, drivers=None), 2, QUICK)
    assert report.cells == (~np.isnan(values[:, 104:])).sum()
    assert abs(report.models[1].bias) < 0.1


def test_a_new_item_is_forecast_like_the_same_item_elsewhere():
    values = np.full((12, 60), 40.0)
    values[3, :56] = np.nan
    panel = Panel(values, FIRST, np.zeros(12, np.int64), 4, "week", np.arange(12))
    report = backtest(panel, 1, QUICK)
    assert report.forecasts[0][3] == pytest.approx(np.full(4, 40.0))


def test_rows_in_any_order_and_any_type_of_period_give_the_same_panel():
    rows = rows_of(offered(series=5, weeks=30, planned=False))
    plain = demand(rows, 4).panel
    for period in (pl.col("period").cast(pl.Datetime("us")), pl.col("period").cast(pl.String),
                   pl.col("period").cast(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%S")):
        other = demand(rows.with_columns(period).sample(fraction=1.0, shuffle=True, seed=1), 4).panel
        assert np.array_equal(plain.values, other.values)
        assert (other.first_week, other.bucket) == (FIRST, "week")


@pytest.mark.parametrize(("every", "bucket", "season"), [("1d", "day", 7), ("1w", "week", 52), ("1mo", "month", 12)])
def test_the_length_of_a_period_is_seen_in_the_rows(every, bucket, season):
    periods = pl.date_range(date(2024, 1, 1), date(2026, 1, 1), every, eager=True)
    sold = np.arange(len(periods)) % 5 - 1.0
    rows = pl.DataFrame({"item": "a", "location": "b", "period": periods, "quantity": sold})
    found = demand(rows, 2).panel
    assert (found.bucket, found.season, found.weeks) == (bucket, season, len(periods))
    assert found.values.min() == -1


def test_an_empty_shelf_is_unknown_demand():
    rows = rows_of(offered(series=4, weeks=30, planned=False)).with_columns(on_hand=pl.lit(5.0))
    first = pl.col("period") == FIRST
    emptied = rows.with_columns(on_hand=pl.when(first).then(0.0).otherwise(pl.col("on_hand")))
    assert np.isnan(demand(emptied, 4).panel.values[:, 0]).all()
    assert not np.isnan(demand(rows, 4).panel.values).any()


def test_a_usual_price_is_the_dearest_lately_when_none_is_given():
    price = np.array([[2.0, 2.0, 1.0, np.nan, 2.0]])
    found = drivers(price, None, None, None, True)
    assert found is not None
    assert found.price[0] == pytest.approx([0, 0, np.log(0.5), 0, 0])
    assert drivers(None, None, None, None, True) is None


def _twice(rows: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([rows, rows.head(2)])


def _mixed(rows: pl.DataFrame) -> pl.DataFrame:
    other = rows.with_columns(item=pl.lit("daily"), period=pl.date_range(FIRST, pl.lit(FIRST).dt.offset_by(
        f"{len(rows) - 1}d"), "1d"))
    return pl.concat([rows, other])


@pytest.mark.parametrize(("spoil", "reason", "says"), [
    (lambda rows: rows.drop("item", "quantity"), "MISSING_COLUMN", "item, quantity"),
    (lambda rows: rows.head(0), "NO_ROWS", "no rows"),
    (_twice, "DUPLICATE_PERIOD", "4 rows share"),
    (_mixed, "MIXED_PERIODS", "mixed length"),
    (lambda rows: rows.with_columns(quantity=pl.lit(float("nan"))), "MISSING_VALUE", "finite quantity"),
    (lambda rows: rows.with_columns(quantity=pl.lit(None, pl.Float64)), "MISSING_VALUE", "finite quantity"),
    (lambda rows: rows.with_columns(quantity=pl.lit(1e30)), "HUGE", "beyond"),
    (lambda rows: rows.with_columns(quantity=pl.lit("three")), "WRONG_TYPE", "numbers"),
    (lambda rows: rows.with_columns(period=pl.lit("soon")), "MISSING_VALUE", "2026-01-31"),
    (lambda rows: rows.with_columns(period=pl.lit(7)), "WRONG_TYPE", "period"),
    (lambda rows: rows.with_columns(item=pl.col("item").str.split("")), "WRONG_TYPE", "item"),
    (lambda rows: rows.filter(pl.col("period") == FIRST), "TOO_SHORT", "one period"),
    (lambda rows: rows.with_columns(unit=pl.Series(["case", "each"] * (len(rows) // 2))), "MIXED_UNITS", "several"),
])
def test_rows_that_cannot_be_used_are_refused_with_the_reason(spoil, reason, says):
    with pytest.raises(Reject) as refusal:
        demand(spoil(rows_of(offered(series=3, weeks=20, planned=False))), 4)
    assert refusal.value.reason == reason
    assert says in str(refusal.value)


def test_too_short_a_history_is_refused():
    with pytest.raises(Reject, match="too few"):
        backtest(offered(series=3, weeks=20, planned=False), 5, QUICK)
