"""What `bench.rpc` talks to: a hub as `hub serve` runs it, with plans in its store, and an empty echo beside it.

    python -m bench.doors            the echo alone: it prints its port
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import grpc
import numpy as np
import psutil

from hub.app import build
from hub.model.agreement import Agreement, Member
from hub.model.exchange import Address
from hub.model.item import check_digit
from hub.model.plan import PlanVersion, Series
from hub.model.profile import FormatAddress, Profile
from hub.settings import Settings

WEEKS, FIRST_WEEK = 52, date(2026, 11, 23)
SERIES, MANY = 1_000, 20_000
"""Series of the consensus (one page of a listing) and of the sales forecast (a stream)."""
ECHO = "/bench.Echo/Say"


@dataclass(frozen=True, slots=True)
class Doors:
    """Where they are, and what they cost: `hub` and `database` are processes, the second with all its children."""

    echo_port: int
    echo: psutil.Process
    port: int
    token: str
    hub: psutil.Process
    database: psutil.Process


def gln(number: int) -> str:
    digits = f"9501101{number:05}"
    return digits + check_digit(digits)


def gtin(number: int) -> str:
    digits = f"0950{number:09}"
    return digits + check_digit(digits)


def keys(count: int) -> tuple[tuple[str, str], ...]:
    """Of so many item-locations: a hundred places, and as many items as that takes."""
    return tuple((gtin(number // 100), gln(number % 100)) for number in range(count))


async def plant(settings: Settings) -> str:
    """Two partners, an agreement, a consensus and a sales forecast; a token of the buyer."""
    async with build(settings) as hub, hub.units.worker() as unit:
        for number, name in enumerate(("north", "south")):
            address = FormatAddress(format="x12", address=Address(qualifier="ZZ", id=name.upper()))
            profile = Profile(
                name=name, title=name.title(), kind="retailer", gln=gln(99_000 + number), addresses=(address,))
            await unit.partners.put(profile, [], {})
        sees = ("sales_forecast", "consensus")
        members = (Member(partner="north", role="buyer", sees=sees), Member(partner="south", role="seller", sees=sees))
        await unit.partners.put(
            profile, [Agreement(
                name="retail", members=members, valid_from=date(2020, 1, 1), items=(), locations=())], {})
        random = np.random.default_rng(7)
        for author, measure, count in (("hub", "consensus", SERIES), ("south", "sales_forecast", MANY)):
            values = random.gamma(2.0, 20.0, (count, WEEKS)).round(1)
            version = PlanVersion.model_validate({
                "agreement": "retail", "author": author, "measure": measure, "first_week": FIRST_WEEK, "weeks": WEEKS})
            await unit.plans.add(version, Series(keys(count), FIRST_WEEK, values))
        return await unit.partners.issue_token("north", "bench")


@asynccontextmanager
async def doors() -> AsyncIterator[Doors]:
    """All of it, in processes of their own; the database keeps running between them."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as place:
        home = Path(place) / "home"
        os.chmod(place, 0o755)  # noqa: S103  (PostgreSQL runs as another user when we are root)
        settings = Settings(home=home, http_port=0, grpc_port=0, grpc_token_port=0)
        async with build(settings):
            token = await plant(settings)
            with _serving(home, Path(place) / "log") as (hub, port), _echoing() as (echo, echo_port):
                yield Doors(echo_port, echo, port, token, hub, _postmaster(home))


@contextmanager
def _serving(home: Path, log: Path) -> Iterator[tuple[psutil.Process, int]]:
    """`hub serve`, with its log as it is; its port for tokens."""
    ports = {f"HUB_{name}_PORT": "0" for name in ("HTTP", "GRPC", "GRPC_TOKEN")}
    command = [sys.executable, "-c", "from hub.cli import main; main()", "serve"]
    with log.open("w+") as lines, subprocess.Popen(
        command, stderr=lines, env={**os.environ, **ports, "HUB_HOME": str(home)}
    ) as process:
        try:
            yield psutil.Process(process.pid), _port(process, log)
        finally:
            process.terminate()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    while process.poll() is None:
        for line in log.read_text().splitlines():
            if '"the doors are open"' in line:
                return int(json.loads(line)["grpc_token"])
    raise SystemExit(log.read_text())


@contextmanager
def _echoing() -> Iterator[tuple[psutil.Process, int]]:
    with subprocess.Popen([sys.executable, "-m", "bench.doors"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield psutil.Process(process.pid), int(process.stdout.readline())
        finally:
            process.terminate()


def _postmaster(home: Path) -> psutil.Process:
    """The server whose data lie below `home`."""
    return next(one for one in psutil.process_iter(["name", "cmdline"]) if one.info["name"] == "postgres" and any(
        str(home) in word for word in one.info["cmdline"] or ()))


async def _echo() -> None:
    """The least that grpc.aio can do: bytes in, the same bytes out."""

    async def say(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        return request

    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(
        "bench.Echo", {"Say": grpc.unary_unary_rpc_method_handler(say)}),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_echo())
