"""AS2 over HTTP on loopback, both ends in this process: signed, encrypted and compressed, with a signed receipt; then
SFTP and the queue, on a real database (`bench.arrivals`).

    python -m bench.exchange [--messages 200] [--files 200] [--crew 2] [--json]

The receiver opens, signs its receipt and forgets: this is the wire and the arithmetic, without a database. The limit is
what the issue asks for; beside it stands the same work without HTTP on one core.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import io
import itertools
import logging
import os
import resource
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Any, BinaryIO, cast

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from starlette.applications import Starlette

from adapters.clock import SystemClock
from adapters.executors.processes import Processes
from adapters.transports.as2.fault import Fault
from adapters.transports.as2.package import pack, unpack
from adapters.transports.as2.push import As2Push, As2Wire
from adapters.transports.as2.receipt import Statement, read, write
from adapters.transports.as2.server import As2Door, Ours
from adapters.transports.http_server import serve_http
from adapters.transports.limits import Limits
from bench.arrivals import measured
from bench.harness import Measurement, best_seconds, measurement, peak_rss_mb, report
from hub.model.as2 import As2Terms
from hub.model.delivery import DeliveryTerms
from hub.model.profile import Profile
from hub.ports import Answer, Outgoing, Parcel, Receipt

GOAL = 50.0
SEGMENT = b"PO1*%d*12*CA*10.04**UP*952100110010~\n"
LIMIT = 128 * 1024 * 1024


def order(length: int) -> bytes:
    """So many bytes that compress as EDI does."""
    lines = itertools.count(1)
    content = bytearray()
    while len(content) < length:
        content += SEGMENT % (next(lines) * 7919 % 100_003)
    return bytes(content[:length])


def company(name: str) -> tuple[str, str]:
    """Certificate, and private key with certificate, PEM."""
    key, now = rsa.generate_private_key(public_exponent=65537, key_size=2048), datetime.now(UTC)
    title = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (x509.CertificateBuilder().subject_name(title).issuer_name(title).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256()))
    certificate = made.public_bytes(Encoding.PEM).decode()
    return certificate, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode() + certificate


@dataclass
class Forgetful:
    """A hub that takes everything and keeps a count."""

    known: Mapping[str, Profile]
    taken: int = 0
    receipts: list[str] = field(default_factory=list)

    async def receive(self, parcel: Parcel) -> Receipt:
        content = b"".join([chunk async for chunk in parcel.chunks])
        self.taken += 1
        receipt = Receipt(f"msg_{self.taken}", hashlib.sha256(content).hexdigest(), len(content), False)
        assert parcel.answer is not None
        return Receipt(receipt.message, receipt.sha256, receipt.length, False, answer=await parcel.answer(receipt))

    async def partners(self) -> Mapping[str, Profile]:
        return self.known

    async def owe(self, partner: str, message: str | None, url: str, receipt: Answer) -> None:
        raise AssertionError("no receipt is asked for later")

    async def refused(self, partner: str, fault: Fault, reference: str | None) -> None:
        raise AssertionError(fault.message)

    async def receipted(self, *arguments: Any) -> None:
        raise AssertionError("no receipt comes later")

    async def expect(self, message: str, seconds: float) -> None:
        raise AssertionError("no receipt comes later")

    async def keep(
        self, message: str, statement: Statement, proven: bool, headers: Mapping[str, str], content: bytes
    ) -> None:
        assert proven
        self.receipts.append(message)


def profile(name: str, certificate: str, url: str) -> Profile:
    return Profile(name=name, title=name, kind="retailer", gln="9521002000009", addresses=(),
                   as2=As2Terms(name=name, certificates=(certificate,)), delivery=DeliveryTerms(channel="as2", url=url))


@asynccontextmanager
async def both_ends(crew: Processes) -> Any:
    """A sender, the profile of its receiver, and what the receiver has taken."""
    (ours, our_key), (theirs, their_key) = company("hub"), company("acme")
    house = Forgetful({"hub": profile("hub", ours, "http://127.0.0.1:1/")})
    clock = SystemClock()
    door = As2Door(house, clock, Limits(LIMIT, 60.0, 64, 10**9), crew, Ours("acme", lambda: (their_key,), "acme"))
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    app = Starlette(routes=[door.route()])
    server = asyncio.create_task(serve_http(app, "127.0.0.1", 0, stop, bound=port.set_result, grace=1))
    acme = profile("acme", theirs, f"http://127.0.0.1:{await port}/as2")
    push = As2Push(As2Wire(clock), clock, crew, Ours("hub", lambda: (our_key,), "hub"), house.keep, house.expect)
    try:
        yield push, acme, house
    finally:
        stop.set()
        await server


async def send(push: As2Push, to: Profile, content: bytes, number: int) -> None:
    await push.deliver(Outgoing(
        f"msg_{number}", f"<{number}@hub>", to, "order.edi", "x12", hashlib.sha256(content).hexdigest(), len(content),
        cast(BinaryIO, io.BytesIO(content))))


async def rate(messages: int, crew: int, side_by_side: int) -> float:
    """10 KB messages a second."""
    content = order(10_000)
    with Processes(crew) as processes:
        async with both_ends(processes) as (push, acme, house):
            await asyncio.gather(*(send(push, acme, content, n) for n in range(8)))
            began, numbers = time.perf_counter(), iter(range(8, 8 + messages))

            async def lane() -> None:
                for number in numbers:
                    await send(push, acme, content, number)

            await asyncio.gather(*(lane() for _ in range(side_by_side)))
            taken = time.perf_counter() - began
            assert len(house.receipts) == messages + 8
    return messages / taken


async def seconds(length: int, crew: int) -> float:
    """From a file to its believed receipt, the best of three."""
    content, taken = order(length), []
    with Processes(crew) as processes:
        async with both_ends(processes) as (push, acme, _):
            for number in range(4):
                began = time.perf_counter()
                await send(push, acme, content, number)
                taken.append(time.perf_counter() - began)
    return min(taken[1:])


def alone() -> float:
    """Both ends' arithmetic for 10 KB on one core, processor seconds."""
    (ours, our_key), (theirs, their_key) = company("hub"), company("acme")
    content, now = order(10_000), datetime.now(UTC)
    us, them = As2Terms(name="hub", certificates=(ours,)), As2Terms(name="acme", certificates=(theirs,))

    def once() -> None:
        packed = pack(content, "order.edi", "application/EDI-X12", them, (our_key,), now)
        headers = {name.lower(): value for name, value in packed.headers.items()}
        opened = unpack(headers, packed.body, us, (their_key,), now, LIMIT)
        made = write(Statement("<1@hub>", "processed", opened.mic, ""), "acme", "sha256", (their_key,), now)
        read({name.lower(): value for name, value in made.headers.items()}, made.body, them, now)

    once()
    return best_seconds(lambda: [once() for _ in range(10)], 5) / 10


def large(length: int, crew: int) -> float:
    """The most memory that any process of either end held for one file, MiB; in processes of their own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:
        return alone.submit(held_for, length, crew).result()


def held_for(length: int, crew: int) -> float:
    async def once() -> None:
        content = order(length)
        with Processes(crew) as processes:
            async with both_ends(processes) as (push, acme, _):
                await send(push, acme, content, 1)

    asyncio.run(once())
    return max(peak_rss_mb(), peak_rss_mb(resource.RUSAGE_CHILDREN))


def rows(messages: int, crew: int) -> list[Measurement]:
    limit = 1 / alone()
    return [
        measurement("AS2 10 KB and its receipt, 8 at once", asyncio.run(rate(messages, crew, 8)), "messages/s",
                    against="issue", limit=GOAL),
        measurement("AS2 10 KB and its receipt, one by one", asyncio.run(rate(messages // 2, crew, 1)), "messages/s",
                    against="one core, no HTTP", limit=limit),
        measurement("AS2 5 MB and its receipt", asyncio.run(seconds(5_000_000, crew)), "s", against="issue", limit=0.5),
        measurement("AS2 50 MB, the largest process", large(50_000_000, crew), "MiB", against="issue", limit=400.0),
    ]


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=200)
    options.add_argument("--files", type=int, default=200)
    options.add_argument("--crew", type=int, default=os.cpu_count() or 2)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    found = [*rows(chosen.messages, chosen.crew), *asyncio.run(measured(chosen.files, chosen.files))]
    report(found, title="Exchange over loopback", as_json=chosen.json)


if __name__ == "__main__":
    main()
