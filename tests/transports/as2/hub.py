"""A hub with an AS2 door on a real database, and its partner acme, who speaks AS2 as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

import httpx
from starlette.applications import Starlette

from adapters.transports.as2.assembly import As2
from adapters.transports.as2.fault import Fault
from adapters.transports.as2.headers import quoted
from adapters.transports.as2.package import Packed, pack
from adapters.transports.as2.receipt import Statement, read
from adapters.transports.as2.server import Ours
from adapters.transports.http_server import serve_http
from adapters.transports.limits import Limits
from hub.flow import inbound
from hub.model.as2 import As2Terms
from hub.model.delivery import DeliveryTerms
from hub.model.profile import Profile
from hub.ports import Parcel, Receipt
from hub.store import StoredUnits
from tests.transports.as2.companies import company
from tests.transports.shelf import Noon

P = ParamSpec("P")
R = TypeVar("R")
LIMIT = 8 * 1024 * 1024
HUB, ACME = company("hub"), company("acme")
ORDER = b"ISA*00*          *00*          ~ST*850*0001~\r\n" * 50
ASK = {
    "Disposition-Notification-To": "edi@acme.example",
    "Disposition-Notification-Options":
        "signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, sha-256, sha1",
}


class Threads:
    """A crew of threads: tests start no processes."""

    async def call(self, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        return await asyncio.to_thread(function, *arguments, **named)


def profile(name: str, terms: As2Terms, gln: str = "9521002000009", url: str | None = None) -> Profile:
    delivery = DeliveryTerms() if url is None else DeliveryTerms(channel="as2", url=url)
    return Profile(name=name, title=name.title(), kind="retailer", gln=gln, addresses=(), as2=terms, delivery=delivery)


@dataclass
class Hub:
    """One company's side of AS2. `partners` may be changed while it runs."""

    units: StoredUnits
    name: str = "hub"
    keys: tuple[str, ...] = (HUB.key,)
    partners: dict[str, Profile] = field(default_factory=dict)
    limits: Limits = field(default_factory=lambda: Limits(LIMIT, 5.0, 16))
    url: str = ""

    async def directory(self) -> Mapping[str, Profile]:
        return self.partners

    async def receive(self, parcel: Parcel) -> Receipt:
        return await inbound.receive(self.units, parcel, LIMIT)

    def as2(self) -> As2:
        ours = Ours(self.name, lambda: self.keys, f"{self.name}.example")
        return As2(self.units, self.receive, self.directory, Noon(), Threads(), ours, self.url or None)

    async def know(self, known: Profile) -> None:
        self.partners[known.name] = known
        async with self.units.worker() as unit:
            await unit.partners.put(known, [], {})

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Hub]:
        """The door on a free port."""
        stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
        app = Starlette(routes=[self.as2().route(self.limits)])
        server = asyncio.create_task(serve_http(app, "127.0.0.1", 0, stop, bound=port.set_result, grace=1))
        self.url = f"http://127.0.0.1:{await asyncio.wait_for(port, 5)}/as2"
        try:
            yield self
        finally:
            stop.set()
            await server


def packed(content: bytes = ORDER, keys: tuple[str, ...] = (ACME.key,), **terms: Any) -> Packed:
    """A file from acme to the hub."""
    return pack(content, "order 7.edi", "application/EDI-X12", HUB.terms(**terms), keys, Noon().now())


async def post(
    url: str, message: Packed, key: str | None = "<1@acme>", headers: Mapping[str, str | None] | None = None
) -> httpx.Response:
    """As acme would; a header None is left out."""
    given: dict[str, str | None] = {
        "AS2-Version": "1.2", "AS2-From": quoted("acme"), "AS2-To": quoted("hub"), "Message-ID": key, **ASK,
        **message.headers, **(headers or {})}
    async with httpx.AsyncClient(timeout=30) as client:
        return await client.post(
            url, content=message.body, headers={name: value for name, value in given.items() if value is not None})


def told(reply: httpx.Response, *, signed: bool = True) -> Statement:
    """What the receipt in an answer says; it must be signed by the hub, or not signed at all."""
    assert reply.status_code == 200, reply.text
    try:
        statement, proven = read(dict(reply.headers.items()), reply.content, HUB.terms(), Noon().now())
    except Fault as fault:
        raise AssertionError(fault.message) from fault
    assert proven is signed
    return statement
