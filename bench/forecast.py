"""How good forecasts and consensus are on real demand, each figure beside its goal.

    python -m bench.forecast [--data DIR] [--only dunnhumby,walmart,carparts,consensus] [--seeds 20] [--json]

The data is read from ../shared/data beside the checkout (see docs/forecasting.md for what it is); without it there is
nothing to measure and the bench says so. Every figure is of the last origins; the docs say what was tuned on what.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from bench import auto_ets
from bench.harness import Measurement, measurement, report
from bench.parties import Cells, parties
from hub.model.plan import Vector
from hub.planning import consensus_backtest
from hub.planning.backtest import Report, backtest
from hub.planning.demand_rows import demand
from hub.planning.forecast import LEARNT, MODELS, candidates
from hub.planning.models.panel import Panel

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
HORIZON, ORIGINS = 8, 5
CONSENSUS_ORIGINS = 5
PARTS = ("dunnhumby", "walmart", "carparts", "consensus")


def dunnhumby(data: Path) -> pl.DataFrame:
    """Item-store weeks with prices, features and displays."""
    found = next(iter(sorted(data.glob("dunnhumby_transaction*.parquet"))))
    ended = pl.from_epoch(pl.col("week_end_date").cast(pl.Int64)).cast(pl.Date)
    return pl.read_parquet(found).select(
        pl.col("upc_id").alias("item"), pl.col("store_id").alias("location"),
        (ended - pl.duration(days=6)).alias("period"), pl.col("units").alias("quantity"), "price", "base_price",
        "feature", "display")


def walmart(data: Path) -> pl.DataFrame:
    """Department-store weeks, in money."""
    return pl.read_parquet(data / "walmart_sales.parquet").select(
        pl.col("Dept").cast(pl.String).alias("item"), pl.col("Store").cast(pl.String).alias("location"),
        pl.col("Date").alias("period"), pl.col("Weekly_Sales").alias("quantity"))


def carparts(data: Path) -> pl.DataFrame:
    """Months of spare parts, one place."""
    wide = pl.read_parquet(data / "carparts_wide.parquet").rename({"__index_level_0__": "period"})
    return (wide.unpivot(index="period", variable_name="item", value_name="quantity")
            .filter(pl.col("quantity").is_finite()).with_columns(pl.lit("warehouse").alias("location")))


def figures(name: str, found: Report, goal: float) -> list[Measurement]:
    """The choice against seasonal naive, its bias, its intervals, its speed and the best single model."""
    chosen = found.chosen
    best = min((one for one in found.models), key=lambda one: one.wmape)
    rows = [
        measurement(f"{name}: chosen", 1000 * chosen.ratio, "‰ of seasonal naive", against="goal", limit=1000 * goal),
        measurement(f"{name}: best single, {best.model}", 1000 * best.ratio, "‰ of seasonal naive", against="goal",
                    limit=1000 * goal),
        measurement(f"{name}: WMAPE of chosen", 1000 * chosen.wmape, "‰", against="seasonal naive",
                    limit=1000 * found.models[0].wmape),
        measurement(f"{name}: |bias| of chosen", 1000 * abs(chosen.bias), "‰", against="goal", limit=50),
    ]
    rows += [measurement(f"{name}: {level:.0%} interval holds", 1000 * held, "‰", against="goal", limit=1000 * level)
             for level, held in chosen.coverage.items()]
    rows += [measurement(f"{name}: speed of {one.model}", one.series_per_core_second, "series/core-s", against="chosen",
                         limit=chosen.series_per_core_second)
             for one in found.models if one.model in (*LEARNT, "scan_pro")]
    return rows


def at_depot(found: Report, panel: Panel) -> float:
    """The chosen forecasts summed over places, against seasonal naive summed the same way: ratio of WMAPE."""
    items = np.unique(panel.groups, return_inverse=True)[1]
    cuts = [panel.weeks - panel.horizon * back for back in range(len(found.forecasts), 0, -1)]
    miss, naive = 0.0, 0.0
    for cut, made in zip(cuts, found.forecasts, strict=True):
        came = panel.values[:, cut : cut + panel.horizon]
        past = MODELS["seasonal_naive"](panel.until(cut)).forecast
        known = ~np.isnan(came) & ~np.isnan(made) & ~np.isnan(past)
        summed = [np.stack([np.bincount(items, np.where(known, part, 0.0)[:, step]) for step in range(panel.horizon)])
                  for part in (came, made, past)]
        miss += float(np.abs(summed[1] - summed[0]).sum())
        naive += float(np.abs(summed[2] - summed[0]).sum())
    return miss / naive


def cells(panel: Panel, with_plan: list[Vector], without_plan: list[Vector]) -> Cells:
    """The cells of all origins at which the three forecasts and the actual are known."""
    parts = []
    for number, made in enumerate(with_plan):
        cut = panel.weeks - panel.horizon * (len(with_plan) - number)
        came = panel.values[:, cut : cut + panel.horizon]
        average = MODELS["moving_average"](panel.until(cut)).forecast
        assert panel.drivers is not None
        drivers = panel.drivers
        offered = (drivers.price < -0.05) | (drivers.feature > 0) | (drivers.display > 0)
        row, step = np.nonzero(~np.isnan(came + made + without_plan[number] + average))
        at = (row, step)
        parts.append((np.full(len(row), cut - 1), cut + step, row, came[at], made[at], without_plan[number][at],
                      average[at], offered[:, cut : cut + panel.horizon][at]))
    return Cells(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def consensus(found: Cells, seeds: int) -> list[Measurement]:
    """The chosen consensus against the best party over `seeds` seeds: mean, worst, and against equal weights."""
    rows = []
    for strong, goal in ((True, 970.0), (False, 900.0)):
        against_best, against_equal = [], []
        for seed in range(1000, 1000 + seeds):
            made = consensus_backtest.backtest(consensus_backtest.table(parties(found, strong=strong, seed=seed)))
            even = next(one for one in made.methods if one.method == "equal")
            against_best.append(1 + made.chosen.vs_best_party)
            against_equal.append(made.chosen.wmape / even.wmape)
        name = f"consensus, {'strong' if strong else 'weak'} baseline, {seeds} seeds"
        rows += [
            measurement(f"{name}: mean", 1000 * float(np.mean(against_best)), "‰ of best party", against="goal",
                        limit=goal),
            measurement(f"{name}: worst", 1000 * max(against_best), "‰ of best party", against="goal", limit=1005),
            measurement(f"{name}: worst", 1000 * max(against_equal), "‰ of equal weights", against="goal", limit=1000),
        ]
    return rows


def measure(data: Path, only: set[str], seeds: int) -> list[Measurement]:
    rows: list[Measurement] = []
    if "walmart" in only:
        rows += figures("Walmart store-department", backtest(demand(walmart(data), HORIZON).panel, ORIGINS), 0.74)
    if "carparts" in only:
        rows += figures("carparts", backtest(demand(carparts(data), 6).panel, 3), 0.87)
    if only & {"dunnhumby", "consensus"}:
        panel = demand(dunnhumby(data), HORIZON, plan_known=True).panel
        assert panel.drivers is not None
        blind = replace(panel, drivers=replace(panel.drivers, planned=False))
        if "dunnhumby" in only:
            planned = backtest(panel, ORIGINS)
            rows += figures("dunnhumby item-store, plan known", planned, 0.49)
            rows.append(measurement("dunnhumby item-DC, plan known: chosen", 1000 * at_depot(planned, panel),
                                    "‰ of seasonal naive", against="goal", limit=360))
            if auto_ets.available():
                rows.append(measurement("dunnhumby item-store, plan known: chosen",
                                        1000 * auto_ets.ratio(planned.forecasts, panel), "‰ of AutoETS", against="goal",
                                        limit=600))
            rows += figures("dunnhumby item-store, no plan", backtest(blind, ORIGINS), 0.65)
        if "consensus" in only:
            made = (backtest(one, CONSENSUS_ORIGINS, {name: model for name, model in candidates(one).items()
                                                      if name in ("direct", "scan_pro")}).forecasts
                    for one in (panel, blind))
            rows += consensus(cells(panel, *made), seeds)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"{options.data} is not there: nothing to measure")
    rows = measure(options.data, set(options.only.split(",")), options.seeds)
    report(rows, title="Forecasts and consensus on real demand", as_json=options.json)
    if "dunnhumby" in options.only and not auto_ets.available():
        print(auto_ets.ABSENT, file=sys.stderr)


if __name__ == "__main__":
    main()
