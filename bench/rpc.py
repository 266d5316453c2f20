"""How fast the gRPC door answers, beside an empty grpc.aio echo on the same machine in the same run.

    python -m bench.rpc [--seconds 5] [--watchers 1000] [--json]

The hub runs as `hub serve`: tokens, roles, row-level security, log and audit trail as in the field, every call reads
PostgreSQL. Unary calls come from `bench.http2`, 32 in flight, and every reply is compared byte for byte; listings,
streams and watchers from grpcio's own client in this process. Hub, database and client share the machine's cores, so
beside each rate stands what the hub's process and PostgreSQL's spend on one call.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace

import grpc
import psutil

from bench.doors import ECHO, MANY, SERIES, WEEKS, Doors, doors
from bench.harness import Measurement, measurement, report
from bench.http2 import Call, rate
from hub.client import Client, Forecast, Measure
from hub.rpc.pb.v1 import exchange_pb2, forecasts_pb2
from hub.rpc.pb.v1.exchange_pb2_grpc import ExchangeStub
from hub.rpc.pb.v1.forecasts_pb2_grpc import ForecastsStub

UNARY, PAGE_MS, POINTS, WATCHERS_MB = 0.12, 50.0, 500_000.0, 100.0
NAMES = 200
"""So many series take turns."""


def spent(processes: Iterable[psutil.Process]) -> float:
    """Processor seconds of processes, and of their children as far as they live."""
    whole = [one for process in processes for one in (process, *process.children(recursive=True))]
    return sum(sum(one.cpu_times()[:2]) for one in whole)


def judged(row: Measurement, goal: float, reached: bool) -> Measurement:
    return replace(row, goal=goal, reached=reached)


def unary(there: Doors, names: list[Forecast], seconds: float) -> list[Measurement]:
    """GetForecast and the echo by turns, three times; the best of each."""
    path = "/cpfr.hub.v1.Forecasts/GetForecast"
    reads = [Call(path, forecasts_pb2.GetForecastRequest(name=one.name).SerializeToString(), one.SerializeToString())
             for one in names]
    says = [Call(ECHO, read.request, read.request) for read in reads]
    proof = (("authorization", f"Bearer {there.token}"),)
    echoed, read, hub_cost, database_cost, echo_cost = 0.0, 0.0, 1e9, 1e9, 1e9
    for _ in range(3):
        before = spent([there.echo])
        done, taken = rate(there.echo_port, says, seconds / 3, metadata=proof)
        echoed, echo_cost = max(echoed, done / taken), min(echo_cost, (spent([there.echo]) - before) / done)
        ours, theirs = spent([there.hub]), spent([there.database])
        done, taken = rate(there.port, reads, seconds / 3, metadata=proof)
        read = max(read, done / taken)
        hub_cost = min(hub_cost, (spent([there.hub]) - ours) / done)
        database_cost = min(database_cost, (spent([there.database]) - theirs) / done)
    figure = measurement(f"GetForecast, {WEEKS} weeks", read, "calls/s", against="echo", limit=echoed)
    return [
        judged(figure, UNARY, figure.ratio >= UNARY),
        measurement("the same, the hub's process", hub_cost * 1e6, "µs/call", against="echo", limit=echo_cost * 1e6),
        measurement("the same, PostgreSQL", database_cost * 1e6, "µs/call", against="echo", limit=echo_cost * 1e6),
    ]


def listing(forecasts: ForecastsStub, proof: tuple[tuple[str, str], ...]) -> Measurement:
    """The first page of a listing, from the call to its last byte parsed; the best of fifteen."""
    request = forecasts_pb2.ListForecastsRequest(measure=Measure.MEASURE_CONSENSUS, page_size=SERIES)
    taken = []
    for _ in range(15):
        began = time.perf_counter()
        reply = forecasts.ListForecasts(request, metadata=proof)
        taken.append(time.perf_counter() - began)
        assert [len(one.quantities) for one in reply.forecasts] == [WEEKS] * SERIES
    best = min(taken) * 1000
    figure = measurement(f"ListForecasts, {SERIES:,} × {WEEKS} weeks", best, "ms", against="issue", limit=PAGE_MS)
    return judged(figure, PAGE_MS, best < PAGE_MS)


def streaming(forecasts: ForecastsStub, proof: tuple[tuple[str, str], ...]) -> Measurement:
    """All series of a version to one reader that parses them; the best of three."""
    request, best = forecasts_pb2.StreamForecastsRequest(measure=Measure.MEASURE_SALES_FORECAST), 0.0
    for _ in range(3):
        began, points = time.perf_counter(), 0
        for reply in forecasts.StreamForecasts(request, metadata=proof):
            points += sum(len(one.quantities) for one in reply.forecasts)
        assert points == MANY * WEEKS
        best = max(best, points / (time.perf_counter() - began))
    figure = measurement(f"StreamForecasts, {MANY:,} series", best, "points/s", against="issue", limit=POINTS)
    return judged(figure, POINTS, best >= POINTS)


async def watching(there: Doors, watchers: int) -> Measurement:
    """By how much the hub's process grows for so many open watch streams, each of which has had its sign of life."""
    proof = grpc.aio.Metadata(("authorization", f"Bearer {there.token}"))
    async with grpc.aio.insecure_channel(f"127.0.0.1:{there.port}") as channel:
        stub = ExchangeStub(channel)

        async def first() -> object:
            stream = stub.WatchMessages(exchange_pb2.WatchMessagesRequest(), metadata=proof)
            await stream.read()
            return stream

        kept = [await first()]
        before = there.hub.memory_info().rss
        for start in range(1, watchers, 50):
            kept += await asyncio.gather(*(first() for _ in range(min(50, watchers - start))))
        grown = (there.hub.memory_info().rss - before) / 2**20
        assert len(kept) == watchers
    figure = measurement(f"{watchers:,} idle watchers", grown, "MiB", against="issue", limit=WATCHERS_MB)
    return judged(figure, WATCHERS_MB, grown < WATCHERS_MB)


async def measured(seconds: float, watchers: int) -> list[Measurement]:
    async with doors() as there:
        proof = (("authorization", f"Bearer {there.token}"),)

        def calls() -> list[Measurement]:
            with Client.with_token(f"127.0.0.1:{there.port}", there.token, plaintext=True) as hub:
                names = [one for one, _ in zip(hub.forecasts(page_size=NAMES), range(NAMES), strict=False)]
            with grpc.insecure_channel(f"127.0.0.1:{there.port}") as channel:
                forecasts = ForecastsStub(channel)
                return [*unary(there, names, seconds), listing(forecasts, proof), streaming(forecasts, proof)]

        rows = await asyncio.to_thread(calls)
        return [*rows, await watching(there, watchers)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=9.0)
    options.add_argument("--watchers", type=int, default=1000)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    report(asyncio.run(measured(chosen.seconds, chosen.watchers)), title="The gRPC door", as_json=chosen.json)


if __name__ == "__main__":
    main()
