"""A planning cycle at scale: history in PostgreSQL in, versions, exceptions, consensus and orders in PostgreSQL out.

    python -m bench.cycle [--lines 100000] [--weeks 52] [--json]

The demand is invented (`bench.panel.replicated`): 100,000 item-locations of 5,000 items at 20 places in 250 families,
two views that differ enough somewhere, stock that covers most items for eight weeks. The goal: under 120 seconds on two
cores and under 6 GB. Loading is not measured. Processor seconds are those of this process and of its
workers; PostgreSQL's are in the wall time alone. Memory is the most that this process and its workers have held.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from bench.harness import Measurement, measurement, peak_rss_mb, report
from bench.ingest import key, pieces
from bench.panel import replicated
from hub.app import Hub, build
from hub.model.agreement import Agreement, Member, Threshold
from hub.model.item import Item, Location, UnitConversion
from hub.model.plan import PlanMeasure, PlanVersion, Series
from hub.model.profile import Profile
from hub.ports import Parcel
from hub.settings import Settings

AS_OF = date(2026, 11, 16)
PLACES, FAMILY, HORIZON = 20, 20, 13
SECONDS, MEGABYTES = 120.0, 6144.0
SEES = ("sold", "on_hand", "sales_forecast", "baseline", "consensus", "order_forecast")


class Market:
    """A retailer and a maker who plan `lines` item-locations together."""

    def __init__(self, lines: int) -> None:
        self.items = [key("0952", n, 14) for n in range(max(1, lines // PLACES))]
        self.places = [key("9521", n, 13) for n in range(PLACES)]
        self.keys = tuple(sorted((item, place) for item in self.items for place in self.places))
        self.profiles = [Profile(name=name, title=name, kind="retailer", gln=key("9522", n, 13), addresses=())
                         for n, name in enumerate(("shop", "maker"), 1)]
        self.agreement = Agreement(
            name="bench", valid_from=date(2020, 1, 1), items=tuple(self.items), locations=tuple(self.places),
            horizon_weeks=HORIZON, history_weeks=52, settlement="weighted",
            thresholds=(Threshold(percent=Decimal(60), quantity=Decimal(60)),),
            members=(Member(partner="shop", role="buyer", sees=SEES),
                     Member(partner="maker", role="seller", sees=SEES)))

    async def settle_in(self, hub: Hub, weeks: int) -> None:
        """Master data, `weeks` of demand, stock, and both sides' forecasts."""
        async with hub.units.worker() as unit:
            await unit.partners.put(self.profiles[0], [], {})
            await unit.partners.put(self.profiles[1], [self.agreement], {})
            await unit.catalogue.put("shop", [], [], [], [Location(gln=g, name=g) for g in self.places])
            await unit.catalogue.put(
                "maker", [Item(gtin=g, name=g, group=f"group {n // FAMILY}", unit_value=Decimal(2))
                          for n, g in enumerate(self.items)], [],
                [UnitConversion(gtin=g, unit="case", factor=Decimal(12)) for g in self.items], [])
        parcel = Parcel(pieces(b"the bench's own"), "bench", "shop", hub.clock.now())
        async with hub.units.door("shop") as unit:
            message = (await unit.inbox.receive(parcel, 99)).message
        sold = replicated(len(self.keys), weeks + HORIZON)
        frame = pl.DataFrame(self.keys, schema={"gtin": pl.String, "gln": pl.String}, orient="row")
        async with hub.units.worker() as unit:
            for week in range(weeks):
                day = AS_OF - timedelta(weeks=weeks - week)
                await unit.observations.post("bench", message, frame.with_columns(
                    measure=pl.lit("sold"), period=pl.lit(day), quantity=pl.Series(sold[:, week])).filter(
                        pl.col("quantity").is_not_nan()))
            stock = np.nanmean(sold[:, :weeks], axis=1) * np.where(np.arange(len(sold)) % 50, 8.0, 0.5)
            await unit.observations.post("bench", message, frame.with_columns(
                measure=pl.lit("on_hand"), period=pl.lit(AS_OF - timedelta(weeks=1)), quantity=pl.Series(stock)))
            random, came = np.random.default_rng(1), np.nan_to_num(sold[:, weeks:], nan=80.0)
            measure: PlanMeasure = "sales_forecast"
            for author, bias in (("shop", 1.05), ("maker", 0.95)):
                said = came * bias * random.lognormal(0, 0.25, came.shape)
                await unit.plans.add(
                    PlanVersion(agreement="bench", author=author, measure=measure, first_week=AS_OF, weeks=HORIZON),
                    Series(self.keys, AS_OF, np.round(said)))


def processor() -> float:
    """Seconds of this process and of the workers that have ended."""
    return sum(use.ru_utime + use.ru_stime for use in (
        resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)))


async def run(lines: int, weeks: int) -> list[Measurement]:
    market, marks = Market(lines), list[tuple[str, float]]()
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
        async with build(Settings(home=Path(home))) as hub:
            await market.settle_in(hub, weeks)
            used, began = processor(), time.perf_counter()
            marks.append(("", began))

            def note(step: str, done: int, of: int) -> None:
                if done == of and marks[-1][0] != step:
                    marks.append((step, time.perf_counter()))
                elif done == of:
                    marks[-1] = (step, time.perf_counter())

            found = await hub.plan("bench", AS_OF, note)
            taken = time.perf_counter() - began
            async with hub.units.worker() as unit:
                made = await unit.plans.latest("bench", "hub", "consensus")
        used = processor() - used
    if made is None or len(made[1].keys) != len(market.keys) or np.isnan(made[1].values).any():
        raise SystemExit("the cycle did not plan every item-location")
    held = peak_rss_mb() + 2 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    name = f"cycle, {len(market.keys):,} item-locations x {weeks} weeks (replicated)"
    return [
        measurement(f"{name}, {found.detail['exceptions']:,} exceptions", taken, "s", against="goal", limit=SECONDS),
        measurement("the same, processor", used, "core-s", against="goal", limit=2 * SECONDS),
        measurement("the same, memory", held, "MiB", against="goal", limit=MEGABYTES),
        *(measurement(f"  {step}", at - before, "s", against="the whole", limit=taken)
          for (_, before), (step, at) in pairwise(marks))]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--lines", type=int, default=100_000)
    options.add_argument("--weeks", type=int, default=52)
    options.add_argument("--json", action="store_true", help="one JSON object per line")
    chosen = options.parse_args()
    report(asyncio.run(run(chosen.lines, chosen.weeks)), title="Planning cycle", as_json=chosen.json)


if __name__ == "__main__":
    main()
