"""An 852 of 200,000 activity lines, from its bytes to committed rows through the real pipeline.

The limit beside it is PostgreSQL's own: binary COPY of the same 200,000 rows, alone, into a plain table on the same
server. `python -m bench.ingest [--lines N] [--runs N] [--json]`.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import polars as pl
import psycopg

from bench.harness import Measurement, measurement, report
from hub.app import Hub, build
from hub.flow.context import gln_address
from hub.model.activity import Activity, ActivityHeader
from hub.model.agreement import Agreement, Member
from hub.model.exchange import Document, Envelope, Numbers
from hub.model.item import Item, Location, check_digit
from hub.model.profile import Profile
from hub.ports import Parcel
from hub.settings import Settings

LOCATIONS, MEASURES = 50, ("sold", "on_hand")
SUNDAY = date(2026, 11, 1)


def key(prefix: str, number: int, length: int) -> str:
    """A GS1 key of `length` digits."""
    digits = prefix + str(number).zfill(length - 1 - len(prefix))
    return digits + check_digit(digits)


class Market:
    """One retailer and one supplier who share `items` items at 50 places; a file reports one week of all of them."""

    def __init__(self, lines: int) -> None:
        self.items = [key("0952", n, 14) for n in range(max(1, lines // (LOCATIONS * len(MEASURES))))]
        self.places = [key("9521", n, 13) for n in range(LOCATIONS)]
        self.buyer = Profile(name="shop", title="Shop", kind="retailer", gln=key("9522", 1, 13), addresses=())
        self.seller = Profile(name="maker", title="Maker", kind="manufacturer", gln=key("9522", 2, 13), addresses=())
        self.agreement = Agreement(
            name="bench", valid_from=date(2020, 1, 1), items=tuple(self.items), locations=tuple(self.places),
            members=(
                Member(partner="shop", role="buyer", sees=MEASURES), Member(partner="maker", role="seller", sees=()),
            ),
        )

    async def settle_in(self, hub: Hub) -> None:
        async with hub.units.worker() as unit:
            await unit.partners.put(self.buyer, [], {})
            await unit.catalogue.put("shop", [], [], [], [Location(gln=g, name=g) for g in self.places])
            await unit.partners.put(self.seller, [self.agreement], {})
            await unit.catalogue.put("maker", [Item(gtin=g, name=g) for g in self.items], [], [], [])

    def week(self, start: date) -> list[Document]:
        """One document per place."""
        end = start + timedelta(days=6)
        header = ActivityHeader(number="1", purpose="original", issued_on=end, start=start, end=end)
        count = len(self.items) * len(MEASURES)
        return [
            Activity(header, pl.DataFrame({
                "gtin": [g for g in self.items for _ in MEASURES], "buyer_item": None, "seller_item": None,
                "location": place, "scheme": "gln", "measure": list(MEASURES) * len(self.items), "start": start,
                "end": end, "quantity": [float((n * 7 + at) % 500) for n in range(count)], "unit": "each",
            }, schema=Activity.SCHEMA))
            for at, place in enumerate(self.places)
        ]


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1 << 20):
        yield content[start : start + (1 << 20)]


async def ingest(hub: Hub, market: Market, number: int) -> tuple[float, int]:
    """Seconds from bytes in hand to COMMIT of the posted rows, and the size of the file."""
    documents = market.week(SUNDAY + timedelta(weeks=number))
    envelope = Envelope(
        sender=gln_address("x12", market.buyer.gln), receiver=gln_address("x12", hub.settings.gln),
        numbers=Numbers(interchange=number + 1, group=number + 1), prepared_at=hub.clock.now(),
    )
    content = (await hub.dialects.current())["x12"].write("x12/004010/852", documents, envelope, None)
    began = time.perf_counter()
    receipt = await hub.receive(Parcel(pieces(content), "bench", "shop", hub.clock.now()))
    await hub.process(receipt.message)
    taken = time.perf_counter() - began
    async with hub.units.worker() as unit:
        message = await unit.inbox.get(receipt.message)
        posted = await unit.observations.latest("bench", "sold")
    if message.findings or posted.height != len(market.items) * LOCATIONS:
        raise SystemExit(f"the file was not posted whole: {posted.height} rows, {message.findings[:1]}")
    return taken, len(content)


def copy(url: str, market: Market) -> float:
    """Seconds for binary COPY of the same rows into a plain table."""
    rows = [
        (g, place, measure, SUNDAY, float(n))
        for place in market.places for n, g in enumerate(market.items) for measure in MEASURES
    ]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TEMP TABLE plain (gtin text, gln text, measure text, period date, quantity float8)")
        began = time.perf_counter()
        with connection.cursor().copy("COPY plain FROM STDIN (FORMAT binary)") as target:
            target.set_types(["text", "text", "text", "date", "float8"])
            for row in rows:
                target.write_row(row)
        return time.perf_counter() - began


async def run(lines: int, runs: int) -> list[Measurement]:
    """Median of `runs` files, each another week."""
    market = Market(lines)
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
        async with build(Settings(home=Path(home))) as hub:
            await market.settle_in(hub)
            total = len(market.items) * LOCATIONS * len(MEASURES)
            taken = [await ingest(hub, market, number) for number in range(runs)]
            limit = total / median([await asyncio.to_thread(copy, hub.urls.worker, market) for _ in range(runs)])
    speed = total / median(seconds for seconds, _ in taken)
    megabytes = taken[0][1] / 1e6 * speed / total
    return [
        measurement(f"852 to committed rows, {total:,} lines", speed, "lines/s", against="binary COPY", limit=limit),
        measurement("the same in megabytes", megabytes, "MB/s", against="binary COPY",
                    limit=taken[0][1] / 1e6 * limit / total),
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=200_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    rows = asyncio.run(run(chosen.lines, chosen.runs))
    report(rows, title="Ingest: bytes to committed rows", as_json=chosen.json)


if __name__ == "__main__":
    main()
