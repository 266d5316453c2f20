"""Files by POST to a partner's own server: what it is told, and what its answers mean."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.transports.http_server import serve_http
from adapters.transports.push import HttpPush
from hub.errors import Reject, Retry, Stop
from hub.model.delivery import DeliveryTerms
from hub.rpc.certificates import Authority
from tests.transports.outgoing import outgoing
from tests.transports.shelf import Noon

ORDER = b"UNB+UNOC:3+...'" * 100


@dataclass
class Server:
    """A partner's server. `answers` in turn, the last one for ever; `got` is what came in."""

    answers: list[Response] = field(default_factory=lambda: [Response("thank you", 202)])
    got: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: Request) -> Response:
        self.got.append((dict(request.headers), await request.body()))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def terms(self, **more: object) -> DeliveryTerms:
        return DeliveryTerms.model_validate({"channel": "http", "url": self.url, **more})


@asynccontextmanager
async def listening(
    take: Callable[[Request], Awaitable[Response]], **tls: Path
) -> AsyncIterator[str]:
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    app = Starlette(routes=[Route("/in", take, methods=["POST"])])
    serving = asyncio.create_task(serve_http(app, "127.0.0.1", 0, stop, bound=port.set_result, grace=1, **tls))  # type: ignore[arg-type]
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{await port}/in"
    finally:
        stop.set()
        await serving


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    async with listening(server.take) as url:
        server.url = url
        yield server


def secrets(name: str) -> str:
    if name != "acme-http":
        raise Stop(f"no secret {name}")
    return "s3cret"


push = HttpPush(secrets, Noon())


async def test_the_exact_bytes_arrive_with_their_id_digest_and_name(server: Server) -> None:
    sent = outgoing(ORDER, terms=server.terms(secret="acme-http"))
    assert await push.deliver(sent) == "202 Accepted: thank you"
    [(headers, body)] = server.got
    assert body == ORDER
    digest = base64.b64encode(hashlib.sha256(ORDER).digest()).decode()
    assert headers["content-digest"] == f"sha-256=:{digest}:"
    assert headers["message-id"] == "<msg_1@hub>"
    assert headers["idempotency-key"] == "msg_1"
    assert headers["content-type"] == "application/EDIFACT"
    assert headers["content-length"] == str(len(ORDER))
    assert headers["authorization"] == "Bearer s3cret"
    assert headers["content-disposition"] == 'attachment; filename="orders.edi"'


async def test_a_partner_without_a_secret_gets_none(server: Server) -> None:
    await push.deliver(outgoing(ORDER, terms=server.terms()))
    assert "authorization" not in server.got[0][0]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_a_receiver_that_cannot_now_is_tried_again(server: Server, status: int) -> None:
    server.answers = [Response("later", status)]
    with pytest.raises(Retry, match=f"{status}.*later"):
        await push.deliver(outgoing(ORDER, terms=server.terms()))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 413, 415, 422, 423])
async def test_a_receiver_that_will_not_is_not_tried_again(server: Server, status: int) -> None:
    server.answers = [Response("no such order", status)]
    with pytest.raises(Reject, match=f"{status}.*no such order"):
        await push.deliver(outgoing(ORDER, terms=server.terms()))


async def test_a_redirect_is_not_followed_with_the_secret_in_hand(server: Server) -> None:
    server.answers = [Response(status_code=307, headers={"Location": "http://127.0.0.1:1/elsewhere"})]
    with pytest.raises(Reject, match="307"):
        await push.deliver(outgoing(ORDER, terms=server.terms(secret="acme-http")))
    assert len(server.got) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), ("Sun, 22 Nov 2026 12:05:00 GMT", 300.0), ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
     ("soon", None), (None, None)],
)
async def test_retry_after_is_read_as_seconds_or_as_a_date(
    server: Server, header: str | None, seconds: float | None
) -> None:
    server.answers = [Response(status_code=503, headers={} if header is None else {"Retry-After": header})]
    with pytest.raises(Retry) as caught:
        await push.deliver(outgoing(ORDER, terms=server.terms()))
    assert caught.value.after == seconds


async def test_nobody_at_home_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Retry) as caught:
        await push.deliver(outgoing(ORDER, terms=DeliveryTerms(channel="http", url=f"http://127.0.0.1:{port}/in")))
    assert caught.value.reason == "PEER_DOWN"


async def test_a_connection_that_breaks_off_without_an_answer_is_tried_again() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.transport.abort()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(Retry):
            await push.deliver(outgoing(ORDER, terms=DeliveryTerms(channel="http", url=f"http://127.0.0.1:{port}/in")))


async def test_an_endless_answer_is_not_read_to_its_end(server: Server) -> None:
    server.answers = [Response("x\x00\n" * 2_000_000, 200)]
    said = await push.deliver(outgoing(ORDER, terms=server.terms()))
    assert len(said) < 400
    assert said.isprintable()


async def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    certificate, key = Authority().server("127.0.0.1").save(tmp_path, "server")
    server = Server()
    async with listening(server.take, certificate=certificate, key=key) as server.url:
        with pytest.raises(Retry, match="certificate"):
            await push.deliver(outgoing(ORDER, terms=server.terms(secret="acme-http")))
    assert server.got == []


async def test_a_server_with_a_certificate_of_a_trusted_authority_gets_the_file(tmp_path: Path) -> None:
    authority = Authority()
    certificate, key = authority.server("127.0.0.1").save(tmp_path, "server")
    trust = ssl.create_default_context(cadata=authority.certificate.decode())
    server = Server()
    async with listening(server.take, certificate=certificate, key=key) as server.url:
        await HttpPush(secrets, Noon(), trust).deliver(outgoing(ORDER, terms=server.terms()))
    assert server.got[0][1] == ORDER


@pytest.mark.parametrize("url", [
    "http://edi.example/in", "ftp://edi.example/in", "https://user:pass@edi.example/in", "/in", "http://10.0.0.1/in",
])
def test_a_profile_cannot_send_files_and_secrets_in_the_clear(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        DeliveryTerms(channel="http", url=url)
