"""Files from one company's hub to another's over AS2, and what the receipt means for them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from asn1crypto import cms
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.transports.as2.fault import Fault
from adapters.transports.as2.mime import heading, parse, parts
from adapters.transports.as2.package import Mic, unpack
from adapters.transports.as2.receipt import Statement, read, write
from adapters.transports.http_server import serve_http
from hub.errors import Reject, Retry
from hub.flow.overdue import find_overdue
from hub.model.profile import Profile
from hub.ports import Outgoing
from hub.store import StoredUnits
from tests.transports.as2.companies import company
from tests.transports.as2.hub import ACME, HUB, ORDER, Hub, packed, post, profile
from tests.transports.outgoing import outgoing
from tests.transports.shelf import Noon

MALLORY = company("mallory")
Answering = Callable[[Request, bytes], Response]


def to(receiver: Profile, content: bytes = ORDER) -> Outgoing:
    sent = outgoing(content, format="x12")
    return replace(sent, receiver=receiver, filename="order 7.edi")


@dataclass
class Acme:
    """A partner's AS2 server whose answers a test chooses."""

    answer: Answering
    url: str = ""
    ids: list[str] = field(default_factory=list)

    def profile(self, **terms: Any) -> Profile:
        return profile("acme", ACME.terms(**terms), url=self.url)

    async def handle(self, request: Request) -> Response:
        self.ids.append(request.headers["message-id"])
        return self.answer(request, await request.body())


@asynccontextmanager
async def acme(answer: Answering) -> AsyncIterator[Acme]:
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    partner = Acme(answer)
    app = Starlette(routes=[Route("/as2", partner.handle, methods=["POST"])])
    server = asyncio.create_task(serve_http(app, "127.0.0.1", 0, stop, bound=port.set_result, grace=1))
    partner.url = f"http://127.0.0.1:{await asyncio.wait_for(port, 5)}/as2"
    try:
        yield partner
    finally:
        stop.set()
        await server


def receipt(
    disposition: str = "processed", *, key: str | None = ACME.key, mic: str | None = None, about: str | None = None
) -> Answering:
    """Opens what came and answers with that receipt; `key` None: not signed."""

    def answer(request: Request, body: bytes) -> Response:
        terms = HUB.terms(signed=False, encrypted=False)
        opened = unpack(dict(request.headers.items()), body, terms, (ACME.key,), Noon().now(), 1 << 24)
        told = Mic(mic, "sha256") if mic else opened.mic
        statement = Statement(about or request.headers["message-id"], disposition, told, "as the test wants it")
        made = write(statement, "acme", "sha256" if key else None, (key,) if key else (), Noon().now())
        return Response(made.body, headers=dict(made.headers))

    return answer


@pytest.fixture
def hub(units: StoredUnits) -> Hub:
    return Hub(units)


async def deliver(hub: Hub, partner: Acme, **terms: Any) -> str:
    return await hub.as2().transports()[0].deliver(to(partner.profile(**terms)))


async def test_two_hubs_exchange_a_file_and_its_receipt(hub: Hub, units: StoredUnits) -> None:
    theirs = Hub(units, "acme", (ACME.key,))
    await theirs.know(profile("hub", HUB.terms(), gln="9501101530003"))
    async with theirs.open():
        words = await hub.as2().transports()[0].deliver(to(profile("acme", ACME.terms(), url=theirs.url)))
        assert words.startswith("processed; signed receipt, MIC ")
        assert (await hub.as2().transports()[0].deliver(to(profile("acme", ACME.terms(), url=theirs.url)))) == words
    async with units.worker() as unit:
        [stored] = (await unit.inbox.list()).rows
        assert (stored.sender, stored.filename) == ("hub", "order 7.edi")
        assert await unit.audit.verify() == 2


@pytest.mark.parametrize("terms", [
    {"encrypt": "aes128-gcm", "key_transport": "oaep", "sign": "sha512", "compress": "after_signing"},
    {"encrypt": None, "compress": None}, {"sign": None}, {"sign": None, "encrypt": None},
])
async def test_the_mic_agrees_however_the_file_was_packed(hub: Hub, terms: dict[str, Any]) -> None:
    async with acme(receipt()) as partner:
        assert (await deliver(hub, partner, **terms)).startswith("processed; signed receipt")


async def test_every_attempt_has_the_same_message_id(hub: Hub) -> None:
    async with acme(lambda request, body: Response(status_code=503)) as partner:
        for _ in range(2):
            with pytest.raises(Retry):
                await deliver(hub, partner)
    assert partner.ids == ["<msg_1@hub>"] * 2


@pytest.mark.parametrize(("answer", "error", "words"), [
    (receipt("processed/Error: decryption-failed"), Reject, "refused it: processed/Error: decryption-failed"),
    (receipt("failed/Failure: unsupported format"), Reject, "refused it"),
    (receipt("processed/Error: unexpected-processing-error"), Retry, "could not process it"),
    (receipt(key=None), Reject, "not signed"),
    (receipt(key=MALLORY.key), Reject, "cannot be believed"),
    (receipt(mic=base64.b64encode(bytes(32)).decode()), Reject, "other bytes"),
    (receipt(about="<other@hub>"), Reject, "another message"),
    (lambda request, body: Response(b""), Retry, "no receipt"),
    (lambda request, body: Response(b"<html>thanks</html>", media_type="text/html"), Reject, "cannot be believed"),
    (lambda request, body: Response(b"x" * (1 << 21)), Reject, "too large"),
    (lambda request, body: Response(b"no", 403), Reject, "403"),
    (lambda request, body: Response(b"later", 429), Retry, "429"),
    (lambda request, body: Response(status_code=302, headers={"Location": "http://127.0.0.1:1/"}), Reject, "302"),
])
async def test_an_answer_that_does_not_prove_the_arrival_does_not_count(
    hub: Hub, answer: Answering, error: type[Exception], words: str
) -> None:
    async with acme(answer) as partner:
        with pytest.raises(error, match=words):
            await deliver(hub, partner)


async def test_a_warning_in_a_receipt_takes_nothing_back(hub: Hub) -> None:
    async with acme(receipt("processed/Warning: duplicate-document")) as partner:
        assert "duplicate-document" in await deliver(hub, partner)


async def test_nobody_at_home_is_tried_again(hub: Hub) -> None:
    partner = Acme(receipt(), "http://127.0.0.1:9/as2")
    with pytest.raises(Retry) as caught:
        await deliver(hub, partner)
    assert caught.value.reason == "PEER_DOWN"


# -- receipts that come later ------------------------------------------------------------------------------------------


async def queued(hub: Hub, partner: str) -> str:
    """A file for that partner in the outbox."""
    async with hub.units.worker() as unit:
        return await unit.outbox.put(
            partner, "as2", "order 7.edi", ORDER, sender=None, format="x12", kind="850", version=None, control="1",
            in_reply_to=None)


async def later(hub: Hub, message: str, receiver: Profile) -> None:
    """The hub's receipt for what comes later is sent as the courier would send it."""
    await hub.as2().transports()[0].deliver(
        replace(to(receiver), message=message, message_id=f"<{message}@hub.example>"))


async def owed(hub: Hub) -> Outgoing:
    async with hub.units.worker() as unit:
        [delivery] = [d for d in (await unit.deliveries.list()).rows if d.channel == "as2-receipt"]
        content = b"".join([chunk async for chunk in unit.inbox.content(delivery.message)])
    return replace(outgoing(content, delivery.filename), message=delivery.message, format="mdn")


async def test_a_receipt_that_comes_later_is_owed_delivered_and_believed(hub: Hub, units: StoredUnits) -> None:
    theirs = Hub(units, "acme", (ACME.key,))
    async with theirs.open(), hub.open():
        here = profile("acme", ACME.terms(receipt="async"), url=theirs.url)
        await hub.know(here)
        await theirs.know(profile("hub", HUB.terms(receipt_urls=(hub.url,)), gln="9501101530003"))
        message = await queued(hub, "acme")
        await later(hub, message, here)
        owing = await owed(theirs)
        assert await theirs.as2().transports()[1].deliver(owing) == "204 No Content"
    async with units.worker() as unit:
        events = [event for _, event in await unit.events.list() if event.type == "receipt.positive"]
        assert [event.subject for event in events] == [message]
        assert await unit.audit.verify() == 1
        assert await unit.alerts.list() == []


async def test_a_receipt_that_does_not_come_is_missed_once_and_its_alert_ends_when_it_comes(
    hub: Hub, units: StoredUnits
) -> None:
    theirs = Hub(units, "acme", (ACME.key,))
    async with theirs.open(), hub.open():
        here = profile("acme", ACME.terms(receipt="async", receipt_minutes=0.001), url=theirs.url)
        await hub.know(here)
        await theirs.know(profile("hub", HUB.terms(receipt_urls=(hub.url,)), gln="9501101530003"))
        message = await queued(hub, "acme")
        assert await find_overdue(units) == 0
        await later(hub, message, here)
        async with units.worker() as unit:
            await unit.deliveries.succeed(message, "204", 0.1, None)
            await unit.transaction.execute("UPDATE delivery SET receipt_due_at = now() - interval '1 minute' "
                                           "WHERE receipt_due_at IS NOT NULL")
        assert [await find_overdue(units), await find_overdue(units)] == [1, 0]
        async with units.worker() as unit:
            [raised] = await unit.alerts.list()
        assert (raised.alert.kind, raised.alert.subject) == ("receipt.overdue", message)
        await theirs.as2().transports()[1].deliver(await owed(theirs))
        async with units.worker() as unit:
            assert await unit.alerts.list() == []


async def test_a_receipt_that_is_faster_than_the_answer_is_not_missed(hub: Hub, units: StoredUnits) -> None:
    theirs = Hub(units, "acme", (ACME.key,))
    async with theirs.open(), hub.open():
        here = profile("acme", ACME.terms(receipt="async", receipt_minutes=0.0001), url=theirs.url)
        await hub.know(here)
        await theirs.know(profile("hub", HUB.terms(receipt_urls=(hub.url,)), gln="9501101530003"))
        message = await queued(hub, "acme")
        await later(hub, message, here)
        await theirs.as2().transports()[1].deliver(await owed(theirs))
        async with units.worker() as unit:
            await unit.deliveries.succeed(message, "204", 0.1, None)
        await asyncio.sleep(0.02)
        assert await find_overdue(units) == 0


async def test_a_later_receipt_for_other_bytes_raises_an_alert_and_a_dead_letter(
    hub: Hub, units: StoredUnits
) -> None:
    async with hub.open():
        here = profile("acme", ACME.terms(receipt="async"), url=hub.url)
        await hub.know(here)
        message = await queued(hub, "acme")
        statement = Statement(f"<{message}@hub.example>", "processed", Mic("AAAA", "sha256"), "")
        assert await sent_receipt(hub, statement, ACME.key) == 204
        async with units.worker() as unit:
            [letter] = await unit.dead_letters.list()
            [raised] = await unit.alerts.list()
    assert (letter.message, raised.alert.kind) == (message, "acknowledgement.negative")
    assert "other bytes" in letter.reason


async def test_a_later_receipt_that_anybody_could_have_written_changes_nothing(hub: Hub, units: StoredUnits) -> None:
    async with hub.open():
        await hub.know(profile("acme", ACME.terms(receipt="async"), url=hub.url))
        message = await queued(hub, "acme")
        statement = Statement(f"<{message}@hub.example>", "processed/Error: decryption-failed", None, "")
        assert await sent_receipt(hub, statement, None) == 400
        assert await sent_receipt(hub, statement, MALLORY.key) == 400
        unknown = Statement("<msg_nothing@hub.example>", "processed", None, "")
        assert await sent_receipt(hub, unknown, ACME.key) == 404
        async with units.worker() as unit:
            assert await unit.dead_letters.list() == []
            assert await unit.audit.verify() == 0


async def sent_receipt(hub: Hub, statement: Statement, key: str | None) -> int:
    made = write(statement, "acme", "sha256" if key else None, (key,) if key else (), Noon().now())
    async with httpx.AsyncClient() as client:
        reply = await client.post(hub.url, content=made.body, headers={
            "AS2-From": "acme", "AS2-To": "hub", "Message-ID": "<mdn@acme>", **made.headers})
    return reply.status_code


async def test_nobody_has_the_hub_knock_at_other_doors(hub: Hub, units: StoredUnits) -> None:
    async with hub.open():
        await hub.know(profile("acme", ACME.terms()))
        reply = await post(hub.url, packed(), headers={"Receipt-Delivery-Option": "http://127.0.0.1:5432/"})
    assert reply.status_code == 403


# -- receipts by themselves --------------------------------------------------------------------------------------------


def test_a_receipt_with_an_empty_list_of_signers_is_forged() -> None:
    made = write(Statement("<1@a>", "processed", None, "ok"), "acme", "sha256", (ACME.key,), Noon().now())
    entity = parse(heading(made.headers) + made.body)
    content, signature = parts(entity.body, entity.parameter("boundary"))
    info = cms.ContentInfo.load(parse(signature).content())
    info["content"]["signer_infos"] = cms.SignerInfos([])
    body = b"".join((b"--b\r\n", content, b"\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\n",
                     info.dump(force=True), b"\r\n--b--\r\n"))
    with pytest.raises(Fault, match="0 signers"):
        read({"content-type": 'multipart/signed; boundary="b"'}, body, ACME.terms(), Noon().now())


@pytest.mark.parametrize(("fields", "disposition", "positive"), [
    ("automatic-action/MDN-sent-automatically; processed", "processed", True),
    ("automatic-action/MDN-sent-automatically;\r\n processed/error: authentication-failed",
     "processed/error: authentication-failed", False),
    ("automatic-action/MDN-sent-automatically; processed/error\r\nError: decryption-failed",
     "processed/error: decryption-failed", False),
    ("automatic-action/MDN-sent-automatically; PROCESSED/Warning: duplicate-document",
     "PROCESSED/Warning: duplicate-document", True),
    ("automatic-action/MDN-sent-automatically; failed\r\nFailure: sender-equals-receiver",
     "failed: sender-equals-receiver", False),
    ("automatic-action/MDN-sent-automatically; displayed", "displayed", False),
])
def test_dispositions_are_read_in_all_their_old_and_new_forms(fields: str, disposition: str, positive: bool) -> None:
    body = ("--b\r\n\r\nhello\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
            f"Original-Message-ID: <1@a>\r\n\r\nDisposition: {fields}\r\nReceived-content-MIC: AAAA , SHA1\r\n"
            "\r\n--b--")
    headers: Mapping[str, str] = {"content-type": "multipart/report; boundary=b"}
    statement, proven = read(headers, body.encode(), ACME.terms(), Noon().now())
    assert (statement.disposition, statement.positive, proven) == (disposition, positive, False)
    assert statement.mic == Mic("AAAA", "sha1")
