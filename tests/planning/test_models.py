"""Every model, by the same rules: right shape, no negative, gaps survived, blind to the future."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hub.planning.forecast import MODELS, candidates, forecast, origins
from hub.planning.models.panel import BLOCK, Panel
from hub.planning.models.season import indices
from hub.planning.models.seasonal_naive import seasonal_naive
from hub.planning.models.smoothing import smooth
from tests.planning.panels import FIRST, demand, panel

every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())


@every_model
def test_a_model_forecasts_every_series_for_every_week(model):
    outlook = model(panel(series=7, weeks=110, horizon=9))
    assert outlook.forecast.shape == (7, 9)
    assert outlook.sigma.shape == (7,)
    assert (outlook.forecast >= 0).all()
    assert (outlook.sigma > 0).all()
    for part in outlook.components.values():
        assert part.shape in {(7,), (7, 9)}


@every_model
@settings(max_examples=25, deadline=None)
@given(values=hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 120)), elements=st.one_of(
    st.just(np.nan), st.floats(-50, 1e6))), horizon=st.integers(1, 60))
def test_a_model_survives_gaps_negatives_and_short_histories(model, values, horizon):
    outlook = model(Panel(values, FIRST, np.zeros(len(values), dtype=np.int64), horizon))
    silent = np.isnan(values).all(axis=1)
    assert np.isnan(outlook.forecast[silent]).all()
    assert (outlook.forecast[~silent] >= 0).all()
    assert np.isfinite(outlook.forecast[~silent]).all()
    assert np.isfinite(outlook.sigma[~silent]).all()
    assert (outlook.sigma[~silent] >= 0).all()


@every_model
def test_the_future_is_invisible_to_a_model(model):
    known = panel(series=6, weeks=120, horizon=8)
    shuffled = known.values.copy()
    np.random.default_rng(1).shuffle(shuffled[:, 100:], axis=1)
    before = model(known.until(100))
    after = model(Panel(shuffled, known.first_week, known.groups, 8).until(100))
    assert np.array_equal(before.forecast, after.forecast)
    assert np.array_equal(before.sigma, after.sigma)


@every_model
def test_a_steady_seller_is_forecast_as_it_sells(model):
    outlook = model(Panel(np.full((2, 104), 50.0), FIRST, np.zeros(2, dtype=np.int64), 6))
    assert outlook.forecast == pytest.approx(np.full((2, 6), 50.0), rel=0.01)
    assert outlook.sigma == pytest.approx(np.zeros(2), abs=0.5)


@every_model
def test_many_series_at_once_are_forecast_as_few_are(model):
    many = panel(series=2 * BLOCK + 9, weeks=60, horizon=3)
    of_one_family = np.flatnonzero(many.groups == 1)
    together, alone = model(many), model(many.only(of_one_family))
    assert together.forecast[of_one_family] == pytest.approx(alone.forecast, rel=1e-9)
    assert together.sigma[of_one_family] == pytest.approx(alone.sigma, rel=1e-6)


def test_the_whole_choice_is_blind_to_shuffled_future_weeks():
    values = demand(30, 130)
    future = values.copy()
    np.random.default_rng(2).shuffle(future[:, 104:], axis=1)
    one, two = (forecast(Panel(v, FIRST, np.arange(30) % 3, 13).until(104)) for v in (values, future))
    assert np.array_equal(one.outlook.forecast, two.outlook.forecast)
    assert one.pool == two.pool


def test_the_choice_beats_seasonal_naive_on_noisy_season():
    truth = demand(60, 117, seed=4, noise=0.3)
    past = Panel(truth[:, :104], FIRST, np.arange(60) % 3, 13)
    chosen = forecast(past).outlook.forecast
    benchmark = seasonal_naive(past).forecast
    assert np.abs(chosen - truth[:, 104:]).sum() < 0.85 * np.abs(benchmark - truth[:, 104:]).sum()


def test_a_family_without_a_season_does_not_pay_for_one_and_a_seasonal_family_gets_one():
    random = np.random.default_rng(3)
    even = random.poisson(30, (40, 104)).astype(float)
    wave = demand(40, 104, seed=5, noise=0.05)
    baseline = forecast(Panel(np.vstack([even, wave]), FIRST, np.repeat([0, 1], 40), 8))
    assert not {"trended_naive", "series_season", "seasonal_naive"} & set(baseline.pool[0].split("+"))
    assert {"trended_naive", "series_season", "group_season"} & set(baseline.pool[-1].split("+"))


def test_every_number_says_what_it_is_made_of():
    baseline = forecast(panel())
    reason = baseline.explain(3)
    assert reason["pool"] == baseline.pool[3]
    models = {name.split(".")[0] for name in reason} - {"pool", "sigma"}
    assert models == set(baseline.pool[3].split("+"))
    kept = baseline.reasons()
    assert kept.made_by == baseline.pool
    assert {"lower_80", "upper_80", "lower_95", "upper_95"} <= kept.parts.keys()
    assert set(kept.whole["scores"]) == set(MODELS)


def test_models_are_judged_at_past_moments_that_the_season_has_seen():
    assert origins(104, 8) == [88, 96]
    assert origins(160, 8) == [108, 144, 152]
    assert origins(6, 8) == []


def test_the_limits_of_a_forecast_hold_what_comes():
    truth = demand(400, 130, seed=7, noise=0.25)
    made = forecast(Panel(truth[:, :122], FIRST, np.arange(400) % 4, 8))
    for level, (lower, upper) in made.bounds.items():
        inside = (truth[:, 122:] >= lower) & (truth[:, 122:] <= upper)
        assert inside.mean() == pytest.approx(level, abs=0.03)


def test_a_history_too_short_to_judge_by_is_forecast_all_the_same_and_claims_no_limits():
    made = forecast(panel(series=6, weeks=5, horizon=8))
    assert np.isfinite(made.outlook.forecast).all()
    assert (made.bounds, made.scores) == ({}, {})


def test_many_series_are_judged_by_a_sample_and_all_are_forecast():
    many = panel(series=2500, weeks=60, horizon=4)
    made = forecast(many, {name: MODELS[name] for name in ("smoothed", "moving_average")})
    assert np.isfinite(made.outlook.forecast).all()
    assert len(made.pool) == 2500


def test_models_that_learn_serve_where_they_win():
    known = panel(series=60, weeks=120, horizon=4)
    able = candidates(known)
    quick = {name: able[name] for name in ("seasonal_naive", "direct")}
    made = forecast(known, quick)
    assert {"direct"} == {name for pool in made.pool for name in pool.split("+")} - {"seasonal_naive"}


def test_a_series_nobody_knows_stays_unknown_and_disturbs_nobody():
    values = demand(5, 104)
    values[2] = np.nan
    baseline = forecast(Panel(values, FIRST, np.zeros(5, dtype=np.int64), 4))
    assert np.isnan(baseline.outlook.forecast[2]).all()
    assert np.isfinite(baseline.outlook.forecast[[0, 1, 3, 4]]).all()


def test_smoothing_follows_browns_recursion():
    values = np.array([[10.0, 20.0, np.nan, 20.0]])
    found = smooth(values, np.ones((1, 4)), np.zeros(1, dtype=np.int64))
    levels, errors = [], []
    for alpha in (0.05, 0.1, 0.2, 0.3, 0.5):
        after = 10 + alpha * 10
        levels.append(after + alpha * (20 - after))
        errors.append((100 * 0.99**2 + (20 - after) ** 2) / (0.99**3 + 0.99**2 + 1 - 1))
    share = 1 / np.square(errors)
    assert found.level[0] == pytest.approx((np.array(levels) * share).sum() / share.sum())


def test_a_season_seen_in_two_years_is_recovered_and_a_year_never_seen_whole_is_not_claimed():
    slots = Panel(np.empty((1, 156)), date(2023, 1, 2), np.zeros(1, dtype=np.int64), 1).past_slots()
    profile = 1 + 0.5 * np.sin(2 * np.pi * slots / 52)[None, :]
    found = indices(profile, slots, shrink=0.0)
    assert found[0, 13] == pytest.approx(1.5, abs=0.05)
    assert found[0, 39] == pytest.approx(0.5, abs=0.05)
    assert (indices(profile[:, :40], slots[:40], shrink=0.0) == 1).all()
