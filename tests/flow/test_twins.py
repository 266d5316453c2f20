"""Twin engines: two hubs that were told the same by other ways find the same exceptions, in the same order."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hub.flow.inbound import receive
from hub.model.agreement import Agreement, Criterion, Level, Member, Threshold
from hub.model.item import Item, Location, check_digit
from hub.model.plan import PlanVersion, Series
from hub.model.profile import Profile
from hub.ports import Parcel
from hub.store import StoredUnits, Urls
from tests.database import Server, serve

FIRST, WEEKS = date(2026, 11, 23), 8
LEVELS: tuple[Level, ...] = ("item_location", "item", "group_region")


def keyed(prefix: str, number: int, width: int) -> str:
    digits = f"{prefix}{number:0{width}d}"
    return digits + check_digit(digits)


ITEMS = tuple(keyed("0950600", number, 6) for number in range(12))
PLACES = tuple(keyed("9501101", number, 5) for number in range(40, 44))
SHOP, MAKER = keyed("9501101", 1, 5), keyed("9501101", 2, 5)
AGREEMENT = Agreement(
    name="twins", valid_from=date(2026, 1, 1), items=ITEMS, locations=PLACES, horizon_weeks=WEEKS, decimals=1,
    regions={"north": PLACES[:2], "south": PLACES[2:]},
    members=(Member(partner="shop", role="buyer", sees=()), Member(partner="maker", role="seller", sees=())),
    thresholds=tuple(
        Threshold(percent=Decimal(percent), quantity=Decimal(quantity), level=level)
        for level, percent, quantity in zip(LEVELS, ("90", "5", "2.5"), ("20.5", "10", "12"), strict=True)),
    metrics=(Criterion(metric="wmape", percent=Decimal("2.25")), Criterion(metric="bias", percent=Decimal("0.5")),
             Criterion(metric="in_stock", percent=Decimal(90))))


def view(seed: int) -> Series:
    """Numbers with more decimals than are compared, many of them equal, so that ties must be broken."""
    keys = tuple((item, place) for item in ITEMS for place in PLACES)
    random = np.random.default_rng(seed)
    return Series(keys, FIRST, np.round(random.choice([40.04, 80.0, 100.06, 120.0], (len(keys), WEEKS)), 3))


def observed(seed: int) -> pl.DataFrame:
    """What was sold in the first weeks, and what lay there: now and then nothing."""
    random, rows = np.random.default_rng(seed), []
    for week in range(3):
        for item in ITEMS:
            for place in PLACES:
                sold, there = float(random.choice([37.5, 81.25, 110.0])), float(random.choice([0.0, 5.0, 50.0]))
                day = FIRST + timedelta(weeks=week)
                rows += [(item, place, "sold", day, sold), (item, place, "on_hand", day, there)]
    return pl.DataFrame(rows, schema=["gtin", "gln", "measure", "period", "quantity"], orient="row")


async def _file() -> AsyncIterator[bytes]:
    yield b"what was sold"


async def tell(urls: Urls, mirrored: bool) -> None:
    """The same partners, items, views and observations; mirrored: everything in the opposite order, item by item."""
    units = StoredUnits(urls.worker, urls.door, pool_size=2, overflow=2)
    turn = -1 if mirrored else 1
    async with units.worker() as unit:
        profiles = [Profile(name=name, title=name, kind="retailer", gln=gln, addresses=())
                    for name, gln in (("shop", SHOP), ("maker", MAKER))]
        for profile in profiles[::turn]:
            await unit.partners.put(profile, [AGREEMENT] if profile is profiles[::turn][-1] else [], {})
        items = [Item(gtin=gtin, name=f"item {n}", group=f"g{n % 3}", unit_value=Decimal("1.255") if n % 2 else None)
                 for n, gtin in enumerate(ITEMS)]
        places = [Location(gln=gln, name=gln) for gln in PLACES]
        await unit.catalogue.put("maker", items[::turn], [], [], places[::turn])
        for author, seed in (("shop", 1), ("maker", 2))[::turn]:
            whole = view(seed)
            said = Series(whole.keys[::turn], FIRST, whole.values[::turn])
            await unit.plans.add(PlanVersion(
                agreement="twins", author=author, measure="sales_forecast", first_week=FIRST, weeks=WEEKS), said)
    parcel = Parcel(_file(), "folder", "shop", datetime(2026, 11, 22, tzinfo=UTC), "activity")
    message = (await receive(units, parcel, 1000)).message
    async with units.worker() as unit:
        rows = observed(3)
        await unit.observations.post("twins", message, rows.reverse() if mirrored else rows)
    await units.dispose()


@pytest.fixture(scope="module")
def older() -> Iterator[Server]:
    """PostgreSQL of the oldest version that the hub supports, beside the newest."""
    yield from serve(16)


def hub(urls: Urls, home: Path, seed: int, *command: str) -> list[dict[str, object]]:
    """What a hub of its own process says, as its lines of JSON."""
    told = {"HUB_DATABASE_URL": urls.owner, "HUB_WORKER_URL": urls.worker, "HUB_DOOR_URL": urls.door,
            "HUB_HOME": str(home), "PYTHONHASHSEED": str(seed)}
    code = "from hub.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *command, "--json"], env={**os.environ, **told},
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


async def test_two_databases_other_order_other_hash_seed_the_same_set_and_hash(
    urls: Urls, older: Server, tmp_path: Path
) -> None:
    name = older.fresh()
    found = []
    for at, seed, mirrored in ((urls, 1, False), (older.urls(name), 4242, True)):
        await tell(at, mirrored)
        home = tmp_path / str(seed)
        for days in (0, 7):  # the second run judges by net change
            day = str(FIRST + timedelta(days=days))
            await asyncio.to_thread(hub, at, home, seed, "plan", "run", "twins", "--as-of", day)
        [line] = await asyncio.to_thread(hub, at, home, seed, "plan", "exceptions", "twins", "--hash")
        rows = await asyncio.to_thread(hub, at, home, seed, "plan", "exceptions", "twins", "--limit", "10000")
        ordered = [(r["gtin"], r["gln"], r["period"], r["left"], r["right"], r["value_at_stake"], r["level"])
                   for r in rows if r["kind"] == "difference"]
        metrics = [row for row in rows if row["kind"] != "difference"]
        found.append((line, ordered, metrics))
    older.execute(name, None)
    (one, first, worse), (other, second, as_bad) = found
    assert one == other
    assert first == second
    assert worse == as_bad
    assert one["metrics"] == len(worse) > 10
    assert {row["kind"] for row in worse} == {"wmape", "bias", "in_stock"}
    assert one["exceptions"] == len(first) > 100
    assert {row[6] for row in first} == set(LEVELS)
