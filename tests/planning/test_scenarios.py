"""One folder per planning rule: `input.json` is what is given, `expected.json` what comes of it, worked by hand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hub.model.agreement import Fences, Threshold
from hub.model.plan import Series, Vector
from hub.planning.consensus import RULES, settle
from hub.planning.exceptions import Criteria, View, disputed, rank
from hub.planning.replenish import Stock, Terms, replenish

SCENARIOS = sorted(path.parent for path in Path(__file__).parent.glob("scenarios/*/input.json"))
MONDAY = date(2026, 11, 23)


def numbers(rows: Any) -> Vector:
    return np.array(rows, dtype=float)


def series(rows: Any) -> Series:
    return Series(tuple((f"{item:014d}", "9501101530003") for item in range(len(rows))), MONDAY, numbers(rows))


def found(given: dict[str, Any]):
    buyer, seller = View("shop", "sales", series(given["buyer"])), View("maker", "sales", series(given["seller"]))
    return buyer, seller, disputed(buyer, seller, Criteria(tuple(Threshold(**t) for t in given["thresholds"])))


def exceptions(given: dict[str, Any]) -> dict[str, Any]:
    rows = rank(*found(given), numbers(given["unit_values"])).iter_rows(named=True)
    names = ("lag", "left", "right", "percent", "value_at_stake")
    return {"exceptions": [{"item": int(row["gtin"]), **{name: row[name] for name in names}} for row in rows]}


def consensus(given: dict[str, Any]) -> dict[str, Any]:
    buyer, seller, mask = found(given)
    made = settle(
        buyer.series, seller.series, series(given["baseline"]), mask, given["rule"],
        Fences(**given["fences"]) if "fences" in given else None,
        series(given["previous"]) if "previous" in given else None,
    )
    return {"consensus": made.consensus.values, "rules": [[RULES[code] for code in row] for row in made.rule]}


def replenishment(given: dict[str, Any]) -> dict[str, Any]:
    stock = Stock(*(numbers(given[name]) for name in ("on_hand", "on_order", "pack", "minimum")))
    terms = Terms(given["lead_weeks"], given["review_weeks"], given["service"])
    made = replenish(numbers(given["demand"]), numbers(given["sigma"]), stock, terms)
    return {"placed": made.placed, "on_hand": made.on_hand, "safety": made.safety}


STEPS = {"exceptions": exceptions, "consensus": consensus, "replenishment": replenishment}


@pytest.mark.parametrize("folder", SCENARIOS, ids=lambda folder: folder.name)
def test_a_rule_makes_of_its_input_what_was_worked_by_hand(folder: Path):
    given = json.loads((folder / "input.json").read_text())
    expected = json.loads((folder / "expected.json").read_text())
    assert given["says"], "a scenario says in one sentence which rule it shows"
    made = STEPS[given["step"]](given)
    assert made.keys() == expected.keys()
    for name, value in expected.items():
        if isinstance(made[name], np.ndarray):
            assert made[name] == pytest.approx(numbers(value), abs=1e-3, nan_ok=True), name
        else:
            assert made[name] == value, name


def test_there_is_a_scenario_for_every_settlement_rule_and_every_step():
    names = {folder.name for folder in SCENARIOS}
    rules = ("buyer_wins", "seller_wins", "mean", "baseline_wins", "nearest_to_baseline")
    assert {f"consensus-{rule.replace('_', '-')}" for rule in rules} <= names
    assert {name.split("-")[0] for name in names} == set(STEPS)
