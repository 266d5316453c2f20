"""Clients that share no code with the hub: `@grpc/grpc-js` with the protos, and `buf curl` with reflection alone.

Install them once: npm install --prefix tests/rpc/node
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.api import annotations_pb2

from hub.flow.inbound import receive
from hub.rpc.buf import faults, found
from hub.rpc.generate import PROTOS
from hub.rpc.server import SERVICES, serve
from hub.settings import Settings
from tests.rpc.conftest import World

NODE = Path(__file__).with_name("node")
GOOGLE = Path(annotations_pb2.__file__).parents[2]
INSTALL = "npm install --prefix tests/rpc/node"
with_node = pytest.mark.skipif(
    shutil.which("node") is None or not (NODE / "node_modules" / "@grpc" / "grpc-js").is_dir(),
    reason=f"node or @grpc/grpc-js is not installed here: {INSTALL}")
with_buf = pytest.mark.skipif(found() is None, reason=f"buf is not installed here: {INSTALL}")
INVALID, NOT_FOUND, ABORTED, UNAUTHENTICATED = 3, 5, 10, 16


@pytest.fixture
async def plain(world: World, settings: Settings) -> AsyncIterator[int]:
    """The port of a listener in plain text on loopback."""
    server = serve(settings, world.units, receive)
    await server.start()
    yield server.token_port
    await server.stop(grace=0)


async def said(*command: str | Path) -> str:
    """What a program prints; it must end well."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    out, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, (out + err).decode()
    return out.decode()


@with_node
async def test_a_client_in_javascript_holds_a_whole_conversation(world: World, plain: int) -> None:
    (exception,) = world.visible["exceptions"]["north"]
    heard = json.loads(await said(
        "node", NODE / "converse.js", f"127.0.0.1:{plain}", world.tokens["north"], PROTOS, GOOGLE, exception))
    assert heard["agreements"] == ["agreements/retail"]
    assert set(heard["pages"]) == world.visible["forecasts"]["north"]
    assert len(heard["pages"]) == len(set(heard["pages"]))
    assert heard["consensus"] == [52]
    assert (heard["message"], heard["large"]) == (9, 9)
    assert heard["state"] == "STATE_PROPOSED"
    assert heard["told"] == exception
    assert heard["orders"] == ["retail-1"]
    assert [heard[name]["code"] for name in ("stale", "unknown", "stranger", "filter")] == [
        ABORTED, NOT_FOUND, UNAUTHENTICATED, INVALID]
    assert all(heard[name]["status"] == 1 for name in ("stale", "unknown", "stranger", "filter"))


@with_buf
async def test_buf_finds_and_calls_the_services_by_reflection(world: World, plain: int) -> None:
    (exception,) = world.visible["exceptions"]["south"]

    async def curl(method: str, *options: str, **request: Any) -> str:
        return await said(
            found() or "", "curl", "--protocol", "grpc", "--http2-prior-knowledge", "--reflect",
            "-H", f"authorization: Bearer {world.tokens['south']}", *options,
            *(("-d", json.dumps(request)) if method else ()), f"http://127.0.0.1:{plain}{method}")

    listed = await curl("", "--list-methods")
    assert {line.partition("/")[0] for line in listed.split()} >= set(SERVICES)
    orders = json.loads(await curl("/cpfr.hub.v1.Orders/ListOrders", page_size=10))
    assert [order["number"] for order in orders["orders"]] == ["retail-1"]
    before = json.loads(await curl("/cpfr.hub.v1.Exceptions/GetException", name=exception))
    offered = json.loads(await curl(
        "/cpfr.hub.v1.Exceptions/ProposeException", name=exception, quantity=7.5, etag=before["etag"]))
    assert (offered["state"], offered["offeredQuantity"]) == ("STATE_PROPOSED", 7.5)
    receipt = json.loads(await curl("/cpfr.hub.v1.Exchange/SubmitMessage", content="ZnJvbSBhZmFy"))
    message = json.loads(await curl("/cpfr.hub.v1.Exchange/GetMessage", name=receipt["message"]))
    assert message["sizeBytes"] == "9"


@with_buf
def test_buf_finds_no_fault_and_nothing_broken_since_what_was_promised() -> None:
    assert faults() == []
