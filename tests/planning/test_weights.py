"""Consensus weights: the better party weighs more, bias goes, nothing is learnt from what is not known yet."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import hub.cli.forecast  # noqa: F401
from bench.parties import Cells, parties
from hub.cli.terminal import app
from hub.errors import Reject
from hub.planning.consensus_backtest import backtest, table
from hub.planning.weights import LEAST_TRUST, PRIOR, Views, equal, learn, learn_gate, of_rows, views

PARTIES = ("careful", "wild")


def told(count: int = 4000, *, noise: tuple[float, float] = (0.1, 0.4), bias: tuple[float, float] = (1.0, 1.0),
         seed: int = 1) -> tuple[Views, np.ndarray]:
    """Cells of forecasts of one week each: there is no level besides."""
    random = np.random.default_rng(seed)
    actual = random.gamma(4, 10, count)
    made = [actual * b * np.exp(random.normal(0, wide, count) - wide**2 / 2)
            for wide, b in zip(noise, bias, strict=True)]
    lag, promoted = random.integers(1, 5, count), random.random(count) < 0.3
    return views(np.stack(made, axis=1), lag, promoted, np.arange(count)), actual


def weights_of(share: np.ndarray) -> np.ndarray:
    """What each party counts, cells and level together."""
    return share[: len(PARTIES)] + share[len(PARTIES) :]


def rows(origins: int = 5, items: int = 40, horizon: int = 4, seed: int = 2) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    origin, item, lag = (part.ravel() for part in np.meshgrid(np.arange(origins) * horizon, np.arange(items),
                                                               np.arange(1, horizon + 1), indexing="ij"))
    actual = random.gamma(6, 10, len(lag))
    best = actual * np.exp(random.normal(0, 0.2, len(lag)))
    cells = Cells(origin, origin + lag, item, actual, best, actual * np.exp(random.normal(0, 0.4, len(lag))),
                  actual * np.exp(random.normal(0, 0.5, len(lag))), random.random(len(lag)) < 0.3)
    return parties(cells, strong=False, seed=seed)


def test_weights_are_never_negative_add_up_to_one_and_favour_the_better_party():
    learnt = learn(PARTIES, *told())
    for share in learnt.share.values():
        assert share.sum() == pytest.approx(1)
        assert (share >= 0).all()
        assert weights_of(share)[0] > 0.7


def test_a_fifth_of_a_bias_in_logarithms_is_taken_out():
    learnt = learn(PARTIES, *told(bias=(1.44, 1.0)))
    assert learnt.bias[2, False][0] == pytest.approx(1.44**-0.2, rel=0.03)
    assert learnt.bias[2, False][1] == pytest.approx(1.0, rel=0.03)


def test_weights_are_trusted_as_far_as_they_bring_something_and_the_plain_mean_otherwise():
    past, actual = told()
    assert learn(PARTIES, past, actual).trust == 1
    alike, came = told(noise=(0.25, 0.25))
    hedged = learn(PARTIES, alike, came)
    assert hedged.trust < 0.5
    assert replace(hedged, trust=0.0).combine(alike) == pytest.approx(alike.forecast.mean(axis=1))


def test_weights_that_held_in_one_half_of_the_past_only_are_hardly_trusted():
    past, actual = told()
    made = past.forecast.copy()
    made[2000:] = made[2000:, ::-1]
    turned = learn(PARTIES, views(made, past.lag, past.promoted, np.arange(4000)), actual)
    assert turned.trust == LEAST_TRUST * 4000 / (4000 + PRIOR)


def test_a_party_that_is_steadily_better_than_every_mean_is_taken_alone():
    """It is exact but for every tenth cell, in which it is so wrong that its squares tell against it."""
    made = rows(origins=6, items=200)
    random = np.random.default_rng(7)
    noise = pl.Series(np.exp(random.normal(0, 0.4, len(made))))
    exact = pl.col("actual") * pl.Series(np.where(np.arange(len(made)) % 10 == 0, 0.2, 1.0))
    made = made.with_columns(forecast=pl.when(pl.col("party") == "retailer").then(exact)
                             .otherwise(pl.col("actual") * noise))
    found = backtest(table(made))
    assert found.trusted == {"hedged": 2, "best_so_far": 3}


def test_a_party_among_others_that_know_nothing_is_followed():
    made = rows(origins=4).with_columns(forecast=pl.when(pl.col("party") == "retailer").then(pl.col("actual") + 1)
                                        .otherwise(pl.lit(20.0)))
    assert backtest(table(made)).chosen.vs_best_party < 0.005


def test_promoted_weeks_have_weights_of_their_own():
    known, actual = told(40_000)
    made = known.forecast.copy()
    made[known.promoted] = made[known.promoted][:, ::-1]
    learnt = learn(PARTIES, views(made, known.lag, known.promoted, np.arange(40_000)), actual)
    assert weights_of(learnt.share[1, False])[0] > 0.6
    assert weights_of(learnt.share[1, True])[1] > 0.6


def test_few_cells_lean_on_all_cells():
    known, actual = told(4000)
    rare = np.arange(4000) < 3
    lag = np.where(rare, 9, known.lag)
    made = known.forecast.copy()
    made[rare, 0] *= 3
    learnt = learn(PARTIES, views(made, lag, known.promoted, np.arange(4000)), actual)
    assert weights_of(learnt.share[9, False]) == pytest.approx(weights_of(learnt.share[1, False]), abs=0.15)


def test_a_consensus_beats_both_parties_and_equal_weights_on_new_cells():
    learnt = learn(PARTIES, *told(noise=(0.2, 0.3), bias=(1.2, 0.9)))
    new, came = told(noise=(0.2, 0.3), bias=(1.2, 0.9), seed=9)
    error = np.abs(learnt.combine(new) - came).sum()
    assert error < np.abs(new.forecast - came[:, None]).sum(axis=0).min()
    assert error < np.abs(equal(PARTIES).combine(new) - came).sum()


def test_a_silent_party_leaves_its_weight_to_the_others_and_silence_stays_silence():
    known, actual = told()
    learnt = learn(PARTIES, known, actual)
    made = np.array([[np.nan, 8.0], [6.0, np.nan], [np.nan, np.nan]])
    found = learnt.weigh(views(made, np.array([1, 1, 1]), np.zeros(3, np.bool_), np.arange(3)))
    assert found[:2] == pytest.approx([8.0 * learnt.bias[1, False][1], 6.0 * learnt.bias[1, False][0]])
    assert np.isnan(found[2])


def test_the_planner_sees_weights_bias_and_what_they_rest_on():
    reason = learn(PARTIES, *told()).explain(2, True)
    of_parties = {f"{what}.{party}" for what in ("weight", "level", "bias") for party in PARTIES}
    assert reason.keys() == {"cells", "trust"} | of_parties
    assert int(reason["cells"]) > 100


def test_who_scatters_around_a_level_is_weighed_by_that_level():
    """Eight weeks of each item are alike; both parties know its level and scatter around it."""
    random = np.random.default_rng(5)
    actual = np.repeat(random.gamma(4, 10, 500), 8) * np.exp(random.normal(0, 0.1, 4000))
    level = np.repeat(actual.reshape(500, 8).mean(axis=1), 8)[:, None]
    said = level * np.exp(random.normal(0, 0.3, (4000, 2)))
    lag, promoted, told = np.tile(np.arange(1, 9), 500), np.zeros(4000, np.bool_), np.repeat(np.arange(500), 8)
    past = views(said, lag, promoted, told)
    learnt = learn(PARTIES, past, actual)
    assert all(share[2:].sum() > 0.6 for share in learnt.share.values())
    alone = learn(PARTIES, views(said, lag, promoted, np.arange(4000)), actual)
    error = np.abs(learnt.combine(past) - actual).sum()
    assert error < 0.8 * np.abs(alone.combine(views(said, lag, promoted, np.arange(4000))) - actual).sum()


def test_who_knows_single_weeks_is_weighed_week_by_week():
    random = np.random.default_rng(6)
    actual = random.gamma(4, 10, 4000)
    said = actual[:, None] * np.exp(random.normal(0, 0.1, (4000, 2)))
    past = views(said, np.tile(np.arange(1, 9), 500), np.zeros(4000, np.bool_), np.repeat(np.arange(500), 8))
    assert all(share[:2].sum() > 0.9 for share in learn(PARTIES, past, actual).share.values())


def test_nothing_said_by_all_is_nothing_and_returns_are_added_up_as_they_are():
    cells = views(np.array([[0.0, 0.0], [-6.0, 4.0]]), np.array([1, 1]), np.zeros(2, np.bool_), np.arange(2))
    assert equal(PARTIES).combine(cells) == pytest.approx([0.0, -1.0])


def test_the_gate_drops_the_kind_of_edit_that_hurt_and_keeps_the_kind_that_helped():
    random = np.random.default_rng(3)
    base = np.full(4000, 100.0)
    up = random.random(4000) < 0.5
    edited = base + np.where(up, 20.0, -20.0) * random.uniform(0.1, 2, 4000)
    actual = np.where(up, 100.0, edited)
    used, ignored = learn_gate(base, edited, actual).apply(base, edited)
    assert (ignored == up).all()
    assert (used[up] == 100).all()
    assert (used[~up] == edited[~up]).all()


def test_a_gate_that_knows_little_lets_edits_pass():
    base, edited = np.full(20, 10.0), np.full(20, 15.0)
    assert not learn_gate(base, edited, base).apply(base, edited)[1].any()


def test_what_comes_after_an_origin_changes_no_consensus_of_it():
    made = rows()
    last = pl.col("origin") == made["origin"].max()
    other = made.with_columns(actual=pl.when(last).then(pl.col("actual") * 7 + 3).otherwise(pl.col("actual")))
    one, two = backtest(table(made)), backtest(table(other))
    assert one.weights == two.weights
    assert one.chosen.wmape != two.chosen.wmape


def test_actuals_not_yet_known_at_an_origin_do_not_teach():
    made = rows(origins=3, horizon=4)
    late = made.with_columns(period=pl.col("period") + timedelta(weeks=400))
    assert backtest(table(late)).weights[0]["cells"] == 0


def test_the_first_origin_is_not_scored():
    assert backtest(table(rows(origins=3, items=10, horizon=4))).cells == 2 * 10 * 4


def test_parties_come_from_a_seed_and_their_bias_is_an_argument():
    assert rows(seed=4).equals(rows(seed=4))
    assert not rows(seed=4).equals(rows(seed=5))


@pytest.mark.parametrize(("spoil", "says"), [
    (lambda made: made.drop("lag"), "lag"), (lambda made: made.head(0), "no rows"),
    (lambda made: pl.concat([made, made.head(1)]), "share party"),
    (lambda made: made.with_columns(lag=pl.lit(0)), "lag below 1"),
    (lambda made: made.with_columns(period=pl.col("origin")), "known at"),
    (lambda made: made.with_columns(forecast=pl.lit(1e40)), "beyond"),
    (lambda made: made.with_columns(origin=pl.lit(date(2024, 1, 1))), "one origin only"),
    (lambda made: made.with_columns(forecast=pl.lit("many")), "numbers"),
])
def test_unusable_forecasts_are_refused_with_a_sentence(spoil, says):
    with pytest.raises(Reject, match=says):
        backtest(table(spoil(rows())))


def test_the_command_prints_methods_and_the_chosen_one(tmp_path):
    rows().write_parquet(tmp_path / "f.parquet")
    answer = CliRunner().invoke(app, ["consensus", "backtest", str(tmp_path / "f.parquet"), "--json"])
    report = json.loads(answer.stdout)
    assert {"retailer", "supplier", "statistical", "equal", "weighted"} <= {row["method"] for row in report["methods"]}
    assert report["chosen"].keys() == {"method", "wmape", "bias", "vs_best_party"}
    assert report["chosen"]["vs_best_party"] < 0
    assert "chosen" in CliRunner().invoke(app, ["consensus", "backtest", str(tmp_path / "f.parquet")]).stdout
    rows().drop("party").write_parquet(tmp_path / "g.parquet")
    assert CliRunner().invoke(app, ["consensus", "backtest", str(tmp_path / "g.parquet")]).exit_code == 2


def test_weights_come_back_from_what_a_plan_keeps_of_them():
    past, actual = told()
    learnt = learn(PARTIES, past, actual)
    kept = of_rows(PARTIES, json.loads(json.dumps(learnt.rows())))
    assert np.array_equal(kept.combine(past), learnt.combine(past))
    before_levels = [{name: said for name, said in row.items() if not name.startswith("level.")}
                     for row in equal(PARTIES).rows()]
    assert np.array_equal(of_rows(PARTIES, before_levels).combine(past), equal(PARTIES).combine(past))
