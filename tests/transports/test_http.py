"""The HTTP door's own rules: who may come in, how much, how fast, and how it says no."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import httpx
import pytest

from adapters.transports.http import HttpDoor
from adapters.transports.http_server import serve_http
from adapters.transports.limits import Limits
from hub.errors import Retry
from hub.ports import Parcel, Receipt
from tests.transports.shelf import Noon, Shelf
from tests.transports.wires import door, serving

ORDER = b"ISA*00*...~"
ACME = {"Authorization": "Bearer token-of-acme"}


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


async def post(port: int, content: Any = ORDER, headers: dict[str, str] = ACME) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(f"http://127.0.0.1:{port}/v1/messages", content=content, headers=headers)


async def get(port: int, path: str, headers: dict[str, str] = ACME) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{port}{path}", headers=headers)


async def raw(port: int, request: bytes) -> bytes:
    """Send exactly these bytes and read until the door closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(10):
        reply = await reader.read()
    writer.close()
    await writer.wait_closed()
    return reply


async def test_the_receipt_names_the_message_and_what_was_stored(shelf: Shelf) -> None:
    async with serving(door(shelf)) as port:
        first, second = await post(port), await post(port)
    receipt = {"message": "msg_1", "sha256": hashlib.sha256(ORDER).hexdigest(), "length": len(ORDER)}
    assert (first.status_code, first.json()) == (201, {**receipt, "duplicate": False})
    assert (second.status_code, second.json()) == (200, {**receipt, "duplicate": True})
    assert first.headers["location"] == "/v1/messages/msg_1"


@pytest.mark.parametrize("value", [None, "", "Bearer", "Bearer wrong", "Basic dG9rZW4tb2YtYWNtZQ=="])
async def test_nobody_comes_in_without_a_valid_token(shelf: Shelf, value: str | None) -> None:
    async with serving(door(shelf)) as port:
        reply = await post(port, headers={} if value is None else {"Authorization": value})
        look = await get(port, "/v1/messages/msg_1", {} if value is None else {"Authorization": value})
    for answer in (reply, look):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["reason"] == "UNAUTHENTICATED"
        assert answer.json()["remedy"]
    assert shelf.kept == []


async def test_a_message_is_shown_to_its_sender_and_unknown_to_others(shelf: Shelf) -> None:
    async with serving(door(shelf)) as port:
        await post(port)
        mine = await get(port, "/v1/messages/msg_1")
        theirs = await get(port, "/v1/messages/msg_1", {"Authorization": "Bearer token-of-bolt"})
        nobodys = await get(port, "/v1/messages/msg_9")
    assert mine.json()["state"] == "received"
    assert mine.json()["findings"] == []
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.json()["reason"] == nobodys.json()["reason"] == "NOT_FOUND"


async def test_a_length_over_the_limit_is_refused_before_a_byte_is_read(shelf: Shelf) -> None:
    async with serving(door(shelf)) as port:
        reply = await raw(
            port, b"POST /v1/messages HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer token-of-acme\r\n"
            b"Content-Length: 999999999999\r\n\r\n",
        )
    assert b" 413 " in reply.splitlines()[0]
    assert b'"TOO_LARGE"' in reply


async def test_a_chunked_body_over_the_limit_is_cut(shelf: Shelf) -> None:
    async def endless():  # type: ignore[no-untyped-def]
        for _ in range(30):
            yield b"x" * 100_000

    async with serving(door(shelf, limits=Limits(1_000_000, 5.0, 8))) as port:
        reply = await post(port, endless())
    assert reply.status_code == 413
    assert shelf.kept == []


async def test_a_body_must_be_announced(shelf: Shelf) -> None:
    async with serving(door(shelf)) as port:
        reply = await raw(
            port, b"POST /v1/messages HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer token-of-acme\r\n"
            b"Connection: close\r\n\r\n",
        )
    assert b" 411 " in reply.splitlines()[0]


async def test_a_slow_sender_runs_out_of_time(shelf: Shelf) -> None:
    async with serving(door(shelf, limits=Limits(1_000_000, 0.2, 8))) as port:
        reply = await raw(
            port, b"POST /v1/messages HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer token-of-acme\r\n"
            b"Content-Length: 1000\r\n\r\nISA",
        )
    assert b" 408 " in reply.splitlines()[0]
    assert shelf.kept == []


async def busy(http: HttpDoor, partners: list[str]) -> list[httpx.Response]:
    """Post for each partner at once against a hub that is slow to commit."""
    commit = http.house.receive

    async def slowly(parcel: Parcel) -> Receipt:
        await asyncio.sleep(0.3)
        return await commit(parcel)

    http.house.receive = slowly
    async with serving(http) as port:
        headers = [{"Authorization": f"Bearer token-of-{partner}"} for partner in partners]
        return await asyncio.gather(*(post(port, str(n).encode(), h) for n, h in enumerate(headers)))


async def test_one_partner_cannot_take_all_places(shelf: Shelf) -> None:
    replies = await busy(door(shelf, limits=Limits(1000, 5.0, 4)), ["acme"] * 4 + ["bolt"])
    assert sorted(r.status_code for r in replies[:4]) == [201, 201, 429, 429]
    assert replies[4].status_code == 201
    assert all(int(r.headers["retry-after"]) > 0 for r in replies if r.status_code == 429)


async def test_a_full_house_says_when_to_come_back(shelf: Shelf) -> None:
    replies = await busy(door(shelf, limits=Limits(1000, 5.0, 2)), ["acme", "bolt", "acme", "bolt"])
    assert sorted(r.status_code for r in replies)[:2] == [201, 201]
    assert {r.status_code for r in replies[2:]} <= {429, 503}
    assert all("retry-after" in r.headers for r in replies if r.status_code != 201)


async def test_a_place_is_free_again_after_every_kind_of_end(shelf: Shelf) -> None:
    http = door(shelf, limits=Limits(1000, 0.2, 1))
    shelf.fail_with = [Retry("no"), ValueError("broken")]
    async with serving(http) as port:
        statuses = [(await post(port, content)).status_code for content in (b"1", b"2", b"", b"x" * 2000, b"5")]
    assert statuses == [503, 500, 400, 413, 201]


async def test_what_breaks_inside_is_not_told_outside(
    shelf: Shelf, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.fail_with = [ValueError("password=swordfish")]
    async with serving(door(shelf)) as port:
        reply = await post(port)
    assert reply.status_code == 500
    assert "swordfish" not in reply.text
    written = caplog.text + "".join(capsys.readouterr())
    assert "ValueError" in written
    assert not [secret for secret in ("swordfish", "token-of-acme", "ISA*00") if secret in written]
    assert reply.json()["remedy"].startswith("Send the same bytes again")


async def test_neither_payload_nor_token_is_logged(
    shelf: Shelf, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    async with serving(door(shelf)) as port:
        await post(port, b"ISA*PRICE*12345~")
        await post(port, headers={"Authorization": "Bearer stolen-token"})
    written = caplog.text + "".join(capsys.readouterr())
    assert "msg_1" in written
    assert not [secret for secret in ("PRICE", "token-of-acme", "stolen-token") if secret in written]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="a b.edi"', "a b.edi"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\mail\\\\x.edi"', "x.edi"),
        ("attachment; filename*=UTF-8''%C3%BCber.edi", "über.edi"),
        ("attachment", None),
        ('attachment; filename=".."', ".."),
    ],
)
async def test_a_file_name_is_only_ever_a_name(shelf: Shelf, header: str, name: str | None) -> None:
    async with serving(door(shelf)) as port:
        await post(port, headers={**ACME, "Content-Disposition": header})
    assert shelf.kept[0][1] == name


@pytest.mark.parametrize(("query", "status", "test"), [
    ("", 201, [False]), ("?test=true", 201, [True]), ("?test=0", 201, [False]), ("?test=perhaps", 422, [])])
async def test_a_sender_can_say_that_a_file_is_a_test(
    shelf: Shelf, query: str, status: int, test: list[bool]
) -> None:
    async with serving(door(shelf)) as port, httpx.AsyncClient() as client:
        reply = await client.post(f"http://127.0.0.1:{port}/v1/messages{query}", content=ORDER, headers=ACME)
    assert reply.status_code == status
    assert [parcel.test for parcel in shelf.parcels] == test


async def test_a_partner_has_as_many_files_under_way_as_was_agreed_and_the_next_waits(shelf: Shelf) -> None:
    inside, leave = asyncio.Event(), asyncio.Event()
    http, commit = door(shelf), shelf.receive

    async def slowly(parcel: Parcel) -> Receipt:
        inside.set()
        await leave.wait()
        return await commit(parcel)

    http.house.receive = slowly
    http.house.places = {"acme": 1}
    async with serving(http) as port:
        first = asyncio.create_task(post(port))
        await asyncio.wait_for(inside.wait(), 10)
        second = await post(port, b"ISA*another~")
        leave.set()
        assert (await first).status_code == 201
    assert (second.status_code, second.json()["reason"]) == (429, "TOO_MANY_FROM_YOU")
    assert int(second.headers["retry-after"]) >= 1


async def test_an_unknown_address_and_a_wrong_method_are_problems_too(shelf: Shelf) -> None:
    async with serving(door(shelf)) as port:
        nowhere, wrong = await get(port, "/v2/else"), await get(port, "/v1/messages")
    assert (nowhere.status_code, nowhere.json()["reason"]) == (404, "NO_SUCH_PAGE")
    assert (wrong.status_code, wrong.json()["reason"], wrong.headers["allow"]) == (405, "METHOD_NOT_ALLOWED", "POST")


async def test_health_and_readiness_differ_when_the_database_is_away(shelf: Shelf) -> None:
    http = door(shelf)

    http.house.missing = ["The database does not answer."]
    async with serving(http) as port:
        health, readiness = await get(port, "/healthz"), await get(port, "/readyz")
    assert health.status_code == 200
    assert (readiness.status_code, readiness.json()["missing"]) == (503, ["The database does not answer."])


async def test_the_figures_count_what_happened_and_name_no_partner(shelf: Shelf) -> None:
    async with serving(door(shelf)) as port:
        await post(port)
        await post(port)
        figures = (await get(port, "/metrics")).text
    assert 'hub_http_requests_total{method="POST",route="/v1/messages",status="201"} 1.0' in figures
    assert f"hub_http_received_bytes_total {float(len(ORDER))}" in figures
    assert "hub_http_duplicates_total 1.0" in figures
    assert 'hub_jobs{job="process",status="todo"} 3.0' in figures
    assert "acme" not in figures


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}])
async def test_the_figures_are_not_for_partners_who_come_through_a_proxy(
    shelf: Shelf, headers: dict[str, str]
) -> None:
    guarded = door(shelf)
    watched = HttpDoor(guarded.house, Noon(), Limits(1000, 5.0, 8), watcher="w4tch")
    async with serving(guarded) as port:
        assert (await get(port, "/metrics", {**ACME, **headers})).status_code == 403
    async with serving(watched) as port:
        assert (await get(port, "/metrics", {**headers, "Authorization": "Bearer w4tch"})).status_code == 200
        assert (await get(port, "/metrics", {**headers, "Authorization": "Bearer wrong"})).status_code == 403


async def test_who_asks_too_often_is_told_when_to_come_back(shelf: Shelf) -> None:
    async with serving(door(shelf, limits=Limits(1000, 5.0, 8, per_minute=3))) as port:
        replies = [await get(port, "/v1/mailbox") for _ in range(4)]
        other = await get(port, "/v1/mailbox", {"Authorization": "Bearer token-of-bolt"})
    assert [r.status_code for r in replies] == [200, 200, 200, 429]
    assert replies[3].json()["reason"] == "TOO_OFTEN"
    assert 1 <= int(replies[3].headers["retry-after"]) <= 20
    assert other.status_code == 200


@pytest.mark.parametrize("head", [b"", b"POST /v1/messages HTTP/1.1\r\nHost: h\r\nX-Slow: "])
async def test_who_never_finishes_the_head_of_a_request_is_sent_away(shelf: Shelf, head: bytes) -> None:
    stop, bound = asyncio.Event(), asyncio.get_running_loop().create_future()
    app = door(shelf).app()
    server = asyncio.create_task(serve_http(app, "127.0.0.1", 0, stop, bound=bound.set_result, idle=0.4))
    assert await raw(await bound, head) == b""
    stop.set()
    await server


async def test_stopping_finishes_what_is_under_way(shelf: Shelf) -> None:
    stop, bound = asyncio.Event(), asyncio.get_running_loop().create_future()
    http, commit = door(shelf), shelf.receive

    async def slowly(parcel: Parcel) -> Receipt:
        stop.set()
        await asyncio.sleep(0.3)
        return await commit(parcel)

    http.house.receive = slowly
    server = asyncio.create_task(serve_http(http.app(), "127.0.0.1", 0, stop, bound=bound.set_result))
    assert (await post(await bound)).status_code == 201
    await server


async def test_an_address_that_is_taken_is_an_error_and_not_an_exit(shelf: Shelf) -> None:
    async with serving(door(shelf)) as port:
        with pytest.raises(OSError, match="in use"):
            await serve_http(door(shelf).app(), "127.0.0.1", port, asyncio.Event())


async def test_above_the_limit_of_connections_everybody_is_told_when_to_come_again() -> None:
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    app = door(Shelf()).app()
    server = asyncio.create_task(
        serve_http(app, "127.0.0.1", 0, stop, bound=port.set_result, connections=2, grace=1))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{await port}") as client:
            assert (await client.get("/healthz")).status_code == 200
            held = [await asyncio.open_connection("127.0.0.1", await port) for _ in range(3)]
            busy = await client.get("/healthz")
            assert (busy.status_code, busy.headers["retry-after"], busy.json()["reason"]) == (503, "1", "BUSY")
            for _, writer in held:
                writer.close()
                await writer.wait_closed()
            async with asyncio.timeout(20):
                while (await client.get("/healthz")).status_code == 503:  # noqa: ASYNC110  (they close when they close)
                    await asyncio.sleep(0.02)
    finally:
        stop.set()
        await server
