"""The client pages, repeats and explains; the examples in its docstrings run as printed."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

import hub.client
from hub.client import AsyncClient, CallError, Client, Measure, Order
from hub.rpc.server import RpcServer, serve
from hub.settings import Settings
from tests.rpc.conftest import GLNS, World, receive


@pytest.fixture
async def plain(world: World, settings: Settings) -> AsyncIterator[str]:
    """The target of a second server over the same data, in plain text."""
    server = serve(settings, world.units, receive)
    await server.start()
    yield f"127.0.0.1:{server.token_port}"
    await server.stop(grace=0)


def _example(documentation: str | None, target: str) -> str:
    """The code of a docstring, led to a test server."""
    lines = (documentation or "").splitlines()
    begin = next(number for number, line in enumerate(lines) if re.match(r"\s+(from|with|async with) ", line))
    code = textwrap.dedent("\n".join(lines[begin:]))
    assert '"hub.example:8444", token' in code
    return code.replace('"hub.example:8444", token', f'"{target}", token, plaintext=True')


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """What an example printed, without the server's log."""
    with capture_logs():
        yield lambda: capsys.readouterr().out


async def test_the_example_of_the_client_runs(world: World, plain: str, printed: Callable[[], str]) -> None:
    code = _example(Client.__doc__, plain).replace("Order.STATE_ACCEPTED", "Order.STATE_RECEIVED")
    names: dict[str, Any] = {"Client": Client, "Order": Order, "token": world.tokens["north"], "content": b"example"}
    await asyncio.to_thread(exec, code, names)
    assert printed() == "retail-1 partners/south 1\n"
    assert names["message"].name == names["receipt"].message


async def test_the_example_of_the_async_client_runs(world: World, plain: str, printed: Callable[[], str]) -> None:
    code = _example(AsyncClient.__doc__, plain)
    names: dict[str, Any] = {"AsyncClient": AsyncClient, "Measure": Measure, "content": b"x"}
    names["token"] = world.tokens["south"]
    exec(f"async def example():\n{textwrap.indent(code, '    ')}", names)  # noqa: S102  (our own docstring)
    await names["example"]()
    assert re.fullmatch(r"09501101530003 \d{13} \[4.0, nan, 6.0, .*\n", printed())


async def test_the_example_of_the_package_runs(world: World, plain: str, printed: Callable[[], str]) -> None:
    await asyncio.to_thread(exec, _example(hub.client.__doc__, plain), {"token": world.tokens["north"]})
    assert len(printed().splitlines()) == 1


def _everything(target: str, ca: bytes, certificate: bytes, key: bytes) -> dict[str, set[str]]:
    with Client.with_certificate(target, certificate, key, ca=ca) as hub:
        found = {
            "messages": {one.name for one in hub.messages(page_size=1)},
            "orders": {one.name for one in hub.orders(page_size=1)},
            "forecasts": {one.name for one in hub.forecasts(page_size=1)},
            "exceptions": {one.name for one in hub.exceptions(page_size=1)},
            "metricExceptions": {one.name for one in hub.metric_exceptions(page_size=1)},
            "scorecards": {one.name for one in hub.scorecards(page_size=1)},
            "shipments": {one.name for one in hub.shipments(page_size=1)},
            "inventoryPositions": {one.name for one in hub.inventory_positions(page_size=1)},
            "operations": {one.name for one in hub.operations(page_size=1)},
            "projections": {one.name for one in hub.projections(page_size=1)},
            "orderProposals": {one.name for one in hub.order_proposals(page_size=1)},
            "deliveries": {one.name for one in hub.deliveries(page_size=1)},
            "forecastVersions": {one.name for one in hub.forecast_versions(page_size=1)},
        }
        assert {hub.forecast(name).name for name in found["forecasts"]} == found["forecasts"]
        assert {hub.order(name).name for name in found["orders"]} == found["orders"]
        with pytest.raises(CallError) as refused:
            hub.message("messages/msg_unknown")
        assert refused.value.reason == "NOT_FOUND"
        return found


async def test_the_sync_client_sees_what_the_async_one_sees(world: World) -> None:
    pair = world.authority.client(GLNS["south"])
    target = f"localhost:{world.server.port}"
    found = await asyncio.to_thread(_everything, target, world.authority.certificate, pair.certificate, pair.key)
    assert found == {kind: names["south"] for kind, names in world.visible.items()}


async def test_a_call_outlives_a_restart_of_the_hub(world: World, settings: Settings) -> None:
    first = serve(settings, world.units, receive)
    await first.start()
    port, target = first.token_port, f"127.0.0.1:{first.token_port}"
    async with AsyncClient.with_token(target, world.tokens["north"], plaintext=True) as client:
        assert [one async for one in client.orders()]
        await first.stop(grace=0)
        call = asyncio.create_task(client.submit(b"sent while the hub was away"))
        second = await _restarted(settings, world, port)
        assert (await call).size_bytes == 27
    await second.stop(grace=0)


async def _restarted(settings: Settings, world: World, port: int) -> RpcServer:
    await asyncio.sleep(0.5)
    server = serve(settings.model_copy(update={"grpc_token_port": port}), world.units, receive)
    await server.start()
    return server


def test_the_client_brings_nothing_of_the_server_with_it() -> None:
    heavy = ["hub.store", "hub.flow", "hub.model", "adapters", "partners", "pydantic", "polars", "sqlalchemy", "numpy"]
    code = f"import sys, hub.client; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_a_hub_that_stays_away_is_unavailable_in_the_end() -> None:
    async with AsyncClient.with_token("127.0.0.1:1", "token", plaintext=True, timeout=1) as client:
        with pytest.raises(CallError) as refused:
            await client.order("orders/ord_1")
    assert refused.value.code.name in {"UNAVAILABLE", "DEADLINE_EXCEEDED"}
    assert "UNAVAILABLE" in str(refused.value) or "DEADLINE" in str(refused.value)
