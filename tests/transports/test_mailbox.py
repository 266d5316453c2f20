"""Partners who fetch: a whole hub, its doors open, and a partner whose files wait for it."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from hub.app import Hub, Ports, build
from hub.rpc.certificates import Authority
from hub.settings import Settings
from hub.store import Urls
from tests.store import trade


@dataclass
class Open:
    """The open doors, and a token for each partner."""

    hub: Hub
    ports: Ports
    tokens: dict[str, str]

    def client(self, partner: str = "acme") -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.ports.http}", timeout=30, trust_env=False,
            headers={"Authorization": f"Bearer {self.tokens[partner]}"})

    async def put(self, content: bytes, partner: str = "acme", expects: str | None = None) -> str:
        async with self.hub.units.worker() as unit:
            return await unit.outbox.put(
                partner, "mailbox", "o.edi", content, sender=None, format="edifact", kind="ORDERS", version="D96A",
                control="7", in_reply_to=None, expects=expects)


async def opened(settings: Settings) -> AsyncIterator[Open]:
    async with build(settings) as hub:
        await trade.found(hub.units)  # type: ignore[arg-type]
        async with hub.units.worker() as unit:
            tokens = {name: await unit.partners.issue_token(name, "test") for name in trade.PARTNERS}
        stop, ports = asyncio.Event(), asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(hub.serve(stop, ports.set_result))
        yield Open(hub, await asyncio.wait_for(ports, 20), tokens)
        stop.set()
        await serving


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[Open]:
    async for house in opened(settings):
        yield house


async def test_a_file_waits_is_fetched_whole_and_waits_no_longer(house: Open, urls: Urls) -> None:
    content = b"UNB+UNOC:3'" * 300_000
    message = await house.put(content, expects="CONTRL")
    async with house.client() as client:
        [waiting] = (await client.get("/v1/mailbox")).json()["messages"]
        assert (waiting["id"], waiting["sha256"]) == (message, hashlib.sha256(content).hexdigest())
        got = await client.get(waiting["content"])
        assert got.content == content
        assert got.headers["content-type"] == "application/EDIFACT"
        assert [(await client.post(waiting["acknowledge"])).status_code for _ in range(2)] == [204, 204]
        assert (await client.get("/v1/mailbox")).json()["messages"] == []
        assert (await client.get(waiting["content"])).content == content, "it can still be read"
    async with house.hub.units.worker() as unit:
        delivery, stored = await unit.deliveries.get(message), await unit.inbox.get(message)
        assert (delivery.state, stored.state, delivery.attempts) == ("delivered", "sent", 1)
        assert [a.outcome for a in await unit.deliveries.attempts(message)] == ["delivered"]
    with psycopg.connect(urls.worker) as connection:
        row = connection.execute("SELECT extract(epoch FROM due_at - now())::float8 FROM delivery").fetchone()
    assert row is not None
    assert 23.9 * 3600 < row[0] <= 24 * 3600


async def test_nobody_sees_fetches_or_acknowledges_what_waits_for_another(house: Open) -> None:
    message = await house.put(b"for acme")
    async with house.client("cork") as client:
        assert (await client.get("/v1/mailbox")).json()["messages"] == []
        assert (await client.get(f"/v1/messages/{message}/content")).status_code == 404
        assert (await client.post(f"/v1/messages/{message}/acknowledge")).status_code == 404
    async with house.client() as client:
        assert len((await client.get("/v1/mailbox")).json()["messages"]) == 1


async def test_what_was_not_put_into_the_mailbox_cannot_be_acknowledged_there(house: Open) -> None:
    async with house.client() as client:
        posted = (await client.post("/v1/messages", content=b"ISA")).json()["message"]
        assert (await client.post(f"/v1/messages/{posted}/acknowledge")).status_code == 404
        assert (await client.post("/v1/messages/msg_x/acknowledge")).json()["reason"] == "NOT_FOUND"


async def test_a_waiting_request_is_answered_as_soon_as_there_is_a_file(house: Open) -> None:
    async with house.client() as client:
        asked = asyncio.create_task(client.get("/v1/mailbox?wait=20"))
        await asyncio.sleep(0.5)
        assert not asked.done()
        started = time.perf_counter()
        message = await house.put(b"at last")
        reply = await asked
    print(f"from COMMIT to the waiting partner: {(time.perf_counter() - started) * 1000:.0f} ms")
    assert time.perf_counter() - started < 2
    assert [w["id"] for w in reply.json()["messages"]] == [message]


async def test_a_waiting_request_holds_no_connection_and_ends_when_its_time_is_over(house: Open, urls: Urls) -> None:
    async with house.client() as client:
        asked = [asyncio.create_task(client.get("/v1/mailbox?wait=1")) for _ in range(4)]
        await asyncio.sleep(0.5)
        with psycopg.connect(urls.worker) as connection:
            row = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' "
                                     "AND datname = current_database()").fetchone()
        fifth = await client.get("/v1/mailbox?wait=1")
        assert [(await reply).json()["messages"] for reply in asked] == [[], [], [], []]
    assert row == (0,)
    assert (fifth.status_code, fifth.json()["reason"]) == (429, "TOO_MANY_FROM_YOU")


async def test_pages_of_a_full_mailbox_follow_each_other(house: Open) -> None:
    messages = [await house.put(str(n).encode()) for n in range(5)]
    seen: list[str] = []
    async with house.client() as client:
        query = "limit=2"
        while True:
            page = (await client.get(f"/v1/mailbox?{query}")).json()
            seen += [w["id"] for w in page["messages"]]
            if page["next"] is None:
                break
            query = f"limit=2&after={page['next']}"
    assert seen == messages


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "wait=61", "wait=-1", "limit=\u0661"])
async def test_an_odd_query_is_refused_with_the_reason(house: Open, query: str) -> None:
    async with house.client() as client:
        reply = await client.get(f"/v1/mailbox?{query}")
    assert (reply.status_code, reply.json()["reason"]) == (400, "BAD_QUERY")


async def test_stopping_does_not_wait_for_those_who_wait(settings: Settings) -> None:
    async for house in opened(settings):
        async with house.client() as client:
            asked = asyncio.create_task(client.get("/v1/mailbox?wait=60"))
            await asyncio.sleep(0.5)
            started = time.perf_counter()
            house.hub.bell.closing = True
            for waiting in house.hub.bell._waiting.values():
                for rung in waiting:
                    rung.set()
            assert (await asked).json()["messages"] == []
    assert time.perf_counter() - started < 8


async def test_a_client_certificate_opens_the_listener_for_certificates(settings: Settings, tmp_path: Path) -> None:
    authority = Authority()
    certificate, key = authority.server("127.0.0.1").save(tmp_path, "server")
    (tmp_path / "ca.pem").write_bytes(authority.certificate)
    acme = authority.client(trade.PARTNERS["acme"], "acme").save(tmp_path, "acme")
    stranger = authority.client("9521009000002", "stranger").save(tmp_path, "stranger")
    nobody = authority.anonymous().save(tmp_path, "nobody")
    settings = settings.model_copy(update={
        "tls_certificate": certificate, "tls_key": key, "tls_client_ca": tmp_path / "ca.pem", "http_client_port": 0})
    async for house in opened(settings):
        def client(pair: tuple[Path, Path] | None, port: int | None = house.ports.http_client) -> httpx.AsyncClient:
            trust = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
            if pair is not None:
                trust.load_cert_chain(*pair)
            url = f"https://127.0.0.1:{port}"
            return httpx.AsyncClient(base_url=url, verify=trust, trust_env=False, timeout=30)

        async with client(acme) as known:
            posted = await known.post("/v1/messages", content=b"ISA*00", headers={"X-Client-Name": "urn:gln:1"})
            assert posted.status_code == 201
        async with house.hub.units.worker() as unit:
            assert (await unit.inbox.get(posted.json()["message"])).sender == "acme"
        for pair in (stranger, nobody):
            async with client(pair) as other:
                reply = await other.get("/v1/mailbox", headers={"Authorization": f"Bearer {house.tokens['acme']}"})
                assert reply.status_code == 401, "the certificate decides, whatever token is shown"
        with pytest.raises(httpx.TransportError):
            async with client(None) as bare:
                await bare.get("/v1/mailbox")
