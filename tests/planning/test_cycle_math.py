"""One shard through the whole cycle: every step agrees with the next, and it travels to another process unchanged."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace

import numpy as np
import pytest

from adapters.executors.inline import Inline
from adapters.executors.processes import Processes
from hub.errors import Retry
from hub.model.agreement import Fences
from hub.planning import arrow, cycle_math
from hub.planning.consensus import RULES
from hub.planning.cycle_math import ShardResult, families, plan_shard, split
from hub.planning.models.boosted import available
from hub.planning.policies.kept import Kept
from hub.planning.weights import Gate
from tests.planning.shards import FIRST, HORIZON, shard


def same(one: ShardResult, two: ShardResult) -> bool:
    arrays = [(r.baseline.outlook.forecast, r.baseline.outlook.sigma, r.consensus, r.rule, r.orders.placed)
              for r in (one, two)]
    return (one.keys == two.keys and one.exceptions.equals(two.exceptions)
            and all(np.array_equal(a, b, equal_nan=True) for a, b in zip(*arrays, strict=True)))


def test_a_cycle_disputes_settles_and_orders():
    given = shard()
    made = plan_shard(given)
    assert made.first_week == FIRST
    assert set(made.exceptions["gtin"]) == {given.keys[1][0]}, "only the doubled weeks are in dispute"
    assert sorted(made.exceptions["lag"]) == [3, 4, 5, 6]
    stakes = made.exceptions["value_at_stake"].to_list()
    assert stakes == sorted(stakes, reverse=True)
    names = {RULES[code] for code in np.unique(made.rule)}
    assert {"agreed", "frozen", "nearest_to_baseline"} <= names
    assert (made.consensus[:, 0] == given.previous[:, 0]).all(), "the frozen week stays"
    assert (made.orders.placed % 12 == 0).all()
    assert made.orders.placed.shape == (8, HORIZON)
    assert made.orders.placed.sum() > 0
    published = made.versions()
    assert published["consensus"].values is made.consensus
    assert {name: series.weeks for name, series in published.items()} == {
        "baseline": HORIZON, "consensus": HORIZON, "order_forecast": HORIZON, "on_hand_projection": HORIZON,
        "proposed_order": 1, "safety_stock": 1}


def test_a_planned_promotion_shows_in_its_week_and_says_so():
    made = plan_shard(shard(series=20))
    extra = made.baseline.outlook.components["promotion"]
    assert extra[0, 5] > 0.3 * (made.baseline.outlook.forecast[0, 5] - extra[0, 5])
    assert np.count_nonzero(extra) == 1
    assert made.baseline.outlook.components["lift"] == pytest.approx(np.full(20, 1.6), abs=0.25)


def test_dependent_demand_is_planned_for_as_it_is_and_not_forecast():
    given = shard()
    planned = np.full((8, HORIZON), np.nan)
    planned[0] = 500.0
    made = cycle_math.baseline(replace(given, dependent=planned))
    alone = cycle_math.baseline(given)
    assert made.pool[0] == "dependent"
    assert (made.outlook.forecast[0] == 500).all()
    assert np.array_equal(made.outlook.forecast[1:], alone.outlook.forecast[1:])
    assert made.explain(0)["dependent"] == [500.0] * HORIZON
    assert "dependent" not in made.explain(1)


def test_the_steps_one_by_one_give_what_the_whole_gives():
    given = shard()
    whole = plan_shard(given)
    made = cycle_math.baseline(given)
    found, *_ = cycle_math.compare(given, made.outlook.forecast)
    settled = cycle_math.reconcile(given, made.outlook.forecast, found)
    orders = cycle_math.order(given, settled.consensus.values, made.outlook.sigma)
    assert np.array_equal(whole.orders.placed, orders.placed)


def test_a_shard_travels():
    given = shard()
    assert same(plan_shard(given), plan_shard(pickle.loads(pickle.dumps(given))))  # noqa: S301


def test_families_are_never_cut_and_nothing_is_lost():
    given = shard(series=12)
    parts = split(given, 5)
    assert [sorted(set(part.groups.tolist())) for part in parts] == [[0], [1]]
    assert sorted(key for part in parts for key in part.keys) == sorted(given.keys)
    assert [len(part.keys) for part in split(given, 100)] == [12]
    assert split(shard(series=0), 5) == []


def test_an_agreement_without_items_plans_nothing():
    made = plan_shard(shard(series=0))
    assert made.orders.placed.shape == (0, HORIZON)
    assert len(made.exceptions) == 0


def test_a_new_agreement_without_history_orders_what_the_parties_say():
    made = plan_shard(shard(weeks=1))
    assert np.isfinite(made.consensus).all()
    assert (made.orders.placed >= 0).all()


def test_a_new_item_gets_the_safety_stock_usual_in_its_family():
    given = shard()
    history = given.history.copy()
    history[4] = np.nan
    made = plan_shard(replace(given, history=history))
    assert np.isnan(made.baseline.outlook.sigma[4])
    family = [0, 2, 6]
    relative = made.orders.safety[family] / made.consensus[family].mean(axis=1)
    assert made.orders.safety[4] == pytest.approx(np.median(relative) * made.consensus[4].mean(), rel=1e-6)


def test_items_of_one_group_are_a_family_and_loners_stand_alone():
    keys = (("1", "a"), ("2", "a"), ("2", "b"), ("3", "a"), ("4", "a"))
    assert families(keys, {"1": "dairy", "3": "dairy", "4": None}).tolist() == [2, 0, 0, 2, 1]


async def test_a_process_pool_gives_what_one_process_gives():
    parts = split(shard(series=12), 5)
    alone = await Inline().map(plan_shard, parts)
    with Processes(2) as pool:
        together = await pool.map(plan_shard, parts)
    assert len(alone) == len(together) == 2
    assert all(same(one, two) for one, two in zip(alone, together, strict=True))


async def test_a_killed_worker_means_try_again_and_the_next_call_works():
    with Processes(1) as pool:
        with pytest.raises(Retry, match="worker died"):
            await pool.map(os._exit, [1, 1])
        assert await pool.map(abs, [-1, -2]) == [1, 2]


async def test_a_lone_shard_is_not_worth_a_process():
    with Processes(1) as pool:
        assert await pool.map(_process, [0]) == [os.getpid()]
        assert os.getpid() not in await pool.map(_process, [0, 0])


def _process(_: int) -> int:
    return os.getpid()


async def test_what_a_shard_raises_reaches_the_caller():
    with Processes(1) as pool, pytest.raises(ValueError, match="invalid literal"):
        await pool.map(int, ["1", "no number"])


def test_arrow_in_and_arrow_out_is_what_one_process_makes():
    given = replace(shard(series=12), thorough=True)
    keys, made = arrow.gathered([arrow.baseline(arrow.packed(part)) for part in split(given, 5)])
    parts = [cycle_math.baseline(part) for part in split(given, 5)]
    assert keys == tuple(key for part in split(given, 5) for key in part.keys)
    assert np.array_equal(made.outlook.forecast, np.concatenate([part.outlook.forecast for part in parts]))
    assert made.pool == tuple(pool for part in parts for pool in part.pool)
    assert made.bounds.keys() == parts[0].bounds.keys()


def test_what_is_kept_and_what_a_new_item_sells_like_travel_as_arrow():
    given = shard(series=4)
    likes = np.array([-1, 0, -1, -1])
    policies = Kept(np.zeros(4), np.full(4, np.inf), np.linspace(0, 1, 4 * HORIZON).reshape(4, HORIZON))
    back = arrow.unpacked(arrow.packed(replace(given, like=likes, kept=policies, offers=True)))
    assert (back.offers, back.like.tolist()) == (True, likes.tolist())
    assert np.array_equal(back.kept.on_sale, policies.on_sale)


def test_a_new_item_sells_like_the_named_one_from_its_first_day_on_sale():
    given = shard(series=4)
    history = given.history.copy()
    history[1] = np.nan
    on_sale = np.ones((4, HORIZON))
    on_sale[1, :5], on_sale[1, 5] = 0.0, 3 / 7
    policies = Kept(np.zeros(4), np.full(4, np.inf), on_sale)
    made = cycle_math.baseline(replace(given, history=history, like=np.array([-1, 2, -1, -1]), kept=policies))
    assert made.pool[1] == "like_items"
    np.testing.assert_allclose(made.outlook.forecast[1], made.outlook.forecast[2] * on_sale[1])


def test_models_that_learn_from_promotions_take_part_where_there_were_any_and_they_are_wanted():
    many = replace(shard(series=cycle_math.MANY, weeks=60), thorough=True, offers=True)
    unknown = replace(many, promoted_ahead=np.zeros_like(many.promoted_ahead))

    def offers(given):
        return {"boosted_offers", "network"} & set(cycle_math.models(given))

    assert offers(many) == ({"boosted_offers"} if available() else set())
    assert offers(unknown) == {"network"}, "nobody knows the coming ones"
    assert not cycle_math.panel(unknown).drivers.planned
    assert cycle_math.panel(replace(unknown, offers=False)).drivers.planned
    for less in (replace(many, offers=False), replace(many, promoted_past=np.zeros_like(many.promoted_past)),
                 replace(shard(), thorough=True, offers=True)):
        assert not offers(less)


def test_the_weighted_rule_combines_all_three_and_the_gate_keeps_the_baseline_where_edits_hurt():
    given = shard()
    terms = given.agreement.model_copy(update={"settlement": "weighted", "fences": Fences()})
    weighted = replace(given, agreement=terms)
    usual = cycle_math.baseline(weighted).outlook.forecast
    found, *_ = cycle_math.compare(weighted, usual)
    equal = cycle_math.reconcile(weighted, usual, found)
    np.testing.assert_allclose(equal.consensus.values, (given.buyer + given.seller + usual) / 3)
    hurt = Gate(0.0, dict.fromkeys(("up_small", "up_large"), -1.0), dict.fromkeys(("up_small", "up_large"), 900))
    kept = cycle_math.reconcile(replace(weighted, gate=hurt), usual, found)
    up = equal.consensus.values > usual
    assert (kept.consensus.values[up] == usual[up]).all()
    assert {RULES[code] for code in np.unique(kept.rule[up])} == {"gated"}
    assert {RULES[code] for code in np.unique(kept.rule[~up])} == {"weighted"}


def test_an_item_new_at_a_place_is_forecast_like_the_same_family_elsewhere():
    given = shard()
    history = given.history.copy()
    history[4] = np.nan
    made = cycle_math.baseline(replace(given, history=history))
    assert made.pool[4] == "like_items"
    assert np.isfinite(made.outlook.forecast[4]).all()
