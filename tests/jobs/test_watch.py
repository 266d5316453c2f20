"""Overdue acknowledgements, and alerts that people hear of: a real webhook, a real mail server."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy

import psycopg
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.alerts.log import Log
from adapters.alerts.mail import Mail
from adapters.alerts.webhook import Webhook
from adapters.transports.http_server import serve_http
from hub.errors import Retry
from hub.flow.overdue import find_overdue
from hub.jobs.watch import Watch
from hub.ports import Raised
from hub.store import StoredUnits, Urls
from tests.store import trade


@pytest.fixture
async def book(units: StoredUnits) -> StoredUnits:
    await trade.found(units)
    return units


@dataclass
class Hook:
    """A chat room's address. `status` is what it answers."""

    status: int = 204
    got: list[tuple[str | None, bytes]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.got.append((request.headers.get("x-hub-signature-256"), await request.body()))
        return Response(status_code=self.status)


@asynccontextmanager
async def listening(hook: Hook) -> AsyncIterator[str]:
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    app = Starlette(routes=[Route("/hook", hook.take, methods=["POST"])])
    serving = asyncio.create_task(serve_http(app, "127.0.0.1", 0, stop, bound=port.set_result, grace=1))
    try:
        yield f"http://127.0.0.1:{await port}/hook"
    finally:
        stop.set()
        await serving


@asynccontextmanager
async def mail_server(letters: list[bytes]) -> AsyncIterator[str]:
    """Takes mail without encryption and without asking who speaks (RFC 5321, the least of it)."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                letters.append(await reader.readuntil(b"\r\n.\r\n"))
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                break
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def raised() -> Raised:
    return Raised("alert_1", trade.alert("acme"), trade.NOW)


async def sent(units: StoredUnits) -> str:
    """An ORDERS to acme that arrived and calls for a CONTRL."""
    async with units.worker() as unit:
        message = await unit.outbox.put(
            "acme", "folder", "o.edi", b"UNB", sender=None, format="edifact", kind="ORDERS", version="D96A",
            control="17", in_reply_to=None, expects="CONTRL")
        await unit.deliveries.succeed(message, "ok", 0.1, 3600)
    return message


def a_day_passes(urls: Urls) -> None:
    with psycopg.connect(urls.worker) as connection:
        connection.execute("UPDATE delivery SET due_at = due_at - interval '1 day'")


async def test_an_overdue_acknowledgement_is_an_alert_until_it_comes(book: StoredUnits, urls: Urls) -> None:
    message = await sent(book)
    assert await find_overdue(book) == 0
    a_day_passes(urls)
    assert [await find_overdue(book), await find_overdue(book)] == [1, 0]
    async with book.worker() as unit:
        [found] = await unit.alerts.list(partner="acme")
        assert (found.alert.kind, found.alert.subject) == ("acknowledgement.overdue", message)
        assert "acme has not answered ORDERS 17" in found.alert.message
        assert "CONTRL" in found.alert.message
        assert message in found.alert.hint
    async with book.door("acme") as unit:
        told = [e.type for _, e in await unit.events.list()]
        assert [type for type in told if type != "message.changed"] == ["acknowledgement.overdue"]
    with psycopg.connect(urls.worker) as connection:
        connection.execute("UPDATE message SET state = 'acknowledged' WHERE public_id = %s", (message,))
    await find_overdue(book)
    async with book.worker() as unit:
        assert await unit.alerts.list() == []


async def test_two_watches_tell_an_alert_once_and_over_every_way(book: StoredUnits) -> None:
    hook, letters = Hook(), list[bytes]()
    async with listening(hook) as url, mail_server(letters) as server:
        ways = [Log(), Webhook(url, "s3cret"), Mail(server, "hub@hub.test", ("edi@acme.test", "ops@acme.test"))]
        async with book.worker() as unit:
            await unit.alerts.open(trade.alert("acme"))
        told = await asyncio.gather(Watch(book, ways).tell(), Watch(book, ways).tell())
        assert sorted(told) == [0, 1]
        assert await Watch(book, ways).tell() == 0
    [(seal, body)] = hook.got
    assert seal == "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert json.loads(body)["message"] == "A test."
    [letter] = letters
    mail = message_from_bytes(letter, policy=policy.default)
    assert mail["To"] == "edi@acme.test, ops@acme.test"
    assert mail["Subject"] == "[hub error] A test."
    assert "Nothing is to be done." in mail.get_content()
    async with book.worker() as unit:
        [kept] = await unit.alerts.list()
    assert set(kept.told) == {"log", "webhook", "mail"}


async def test_a_way_that_fails_is_tried_again_and_the_others_are_not_repeated(
    book: StoredUnits, urls: Urls
) -> None:
    hook, letters = Hook(status=500), list[bytes]()
    async with listening(hook) as url, mail_server(letters) as server:
        watch = Watch(book, [Webhook(url), Mail(server, "hub@hub.test", ("edi@acme.test",))])
        async with book.worker() as unit:
            await unit.alerts.open(trade.alert("acme"))
        assert [await watch.tell(), await watch.tell()] == [1, 0]
        with psycopg.connect(urls.worker) as connection:
            connection.execute("UPDATE alert SET tell_at = now() WHERE tell_at IS NOT NULL")
        hook.status = 200
        assert await watch.tell() == 1
    assert (len(hook.got), len(letters)) == (2, 1)
    async with book.worker() as unit:
        [kept] = await unit.alerts.list()
    assert set(kept.told) == {"webhook", "mail"}


async def test_a_mail_server_that_is_away_is_told_so() -> None:
    with pytest.raises(Retry):
        await Mail("smtp://127.0.0.1:1", "hub@hub.test", ("edi@acme.test",)).tell(raised())


async def test_a_password_does_not_travel_in_the_clear() -> None:
    letters: list[bytes] = []
    async with mail_server(letters) as server:
        open_server = server.replace("smtp://", "smtp://me@")
        with pytest.raises(Retry):
            await Mail(open_server, "hub@hub.test", ("edi@acme.test",), "s3cret").tell(raised())
    assert letters == []


async def test_what_a_stranger_wrote_cannot_add_a_header() -> None:
    letters: list[bytes] = []
    alert = trade.alert("acme").model_copy(update={"message": "Bad\r\nBcc: all@world.test\r\n\r\nbody"})
    async with mail_server(letters) as server:
        await Mail(server, "hub@hub.test", ("edi@acme.test",)).tell(Raised("alert_1", alert, trade.NOW))
    mail = message_from_bytes(letters[0], policy=policy.default)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "[hub error] Bad Bcc: all@world.test body"


async def test_the_watch_looks_for_what_else_happens_often(book: StoredUnits) -> None:
    stop, looked = asyncio.Event(), asyncio.Event()

    async def look() -> None:
        looked.set()

    watching = asyncio.create_task(Watch(book, [], often=look).run(stop))
    async with asyncio.timeout(60):
        await looked.wait()
    stop.set()
    await watching
