"""The server opens what its settings say, refuses what would be unsafe, tells its health and leaves in peace."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from hub.client import AsyncClient
from hub.errors import Stop
from hub.ports import Parcel, Receipt, Units
from hub.rpc.server import SERVICES, is_loopback, serve
from hub.settings import Settings
from hub.store import StoredUnits
from tests.rpc.conftest import World, receive


@pytest.mark.parametrize(("host", "here"), [
    ("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),  # noqa: S104
    ("10.0.0.1", False), ("hub.example", False), ("::", False),
])
def test_only_loopback_is_loopback(host: str, here: bool) -> None:
    assert is_loopback(host) is here


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"grpc_host": "192.0.2.1"}, "plain text"), ({"tls_key": Path("server.key")}, "belong together"),
    ({"tls_client_ca": Path("ca.pem")}, "needs both"),
    ({"tls_key": Path("/nowhere/x.key"), "tls_certificate": Path("/nowhere/x.pem")}, "Cannot read /nowhere/x.key"),
])
async def test_unsafe_or_half_settings_stop_the_server(
    settings: Settings, units: StoredUnits, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Stop, match=sentence):
        serve(settings.model_copy(update=changes), units, receive)


async def test_a_port_that_is_taken_stops_the_second_server(settings: Settings, units: StoredUnits) -> None:
    first = serve(settings, units, receive)
    with pytest.raises(Stop, match="cannot listen"):
        serve(settings.model_copy(update={"grpc_token_port": first.token_port}), units, receive)
    await first.stop(grace=0)


async def test_without_tls_there_is_one_listener_in_plain_text_on_loopback(world: World, settings: Settings) -> None:
    server = serve(settings, world.units, receive)
    await server.start()
    assert server.port is None
    target = f"127.0.0.1:{server.token_port}"
    async with AsyncClient.with_token(target, world.tokens["north"], plaintext=True) as hub:
        assert {one.name async for one in hub.orders()} == world.visible["orders"]["north"]
    await server.stop(grace=0)


async def test_health_needs_no_identity_turns_before_the_server_leaves_and_does_not_hold_it(world: World) -> None:
    credentials = grpc.ssl_channel_credentials(world.authority.certificate)
    async with grpc.aio.secure_channel(f"localhost:{world.server.token_port}", credentials) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for service in ("", *SERVICES):
            reply = await health.Check(health_pb2.HealthCheckRequest(service=service))
            assert reply.status == health_pb2.HealthCheckResponse.SERVING
        watching = health.Watch(health_pb2.HealthCheckRequest())
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.SERVING
        async with asyncio.timeout(5):
            stopping = asyncio.create_task(world.server.stop(grace=30))
            assert (await watching.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
            assert await watching.read() is grpc.aio.EOF
            await stopping


async def test_a_call_that_runs_when_the_server_stops_is_answered(world: World) -> None:
    running = asyncio.Event()

    async def slow(units: Units, parcel: Parcel, limit: int) -> Receipt:
        running.set()
        await asyncio.sleep(0.3)
        return await receive(units, parcel, limit)

    server = serve(world.settings, world.units, slow)
    await server.start()
    here = World(world.settings, world.units, server, world.authority, world.tokens, world.visible)
    async with here.by_token("north") as hub:
        call = asyncio.create_task(hub.submit(b"last minute"))
        await running.wait()
        await server.stop(grace=5)
        assert (await call).size_bytes == 11


def _by_reflection(target: str, ca: bytes, token: str) -> tuple[set[str], list[str]]:
    """What a client that has none of our code finds out and can call: services, and the numbers of its orders."""
    with grpc.secure_channel(target, grpc.ssl_channel_credentials(ca)) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        services = set(database.get_services())
        pool = DescriptorPool(database)
        method = pool.FindServiceByName("cpfr.hub.v1.Orders").FindMethodByName("ListOrders")
        ask, answer = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
        call = channel.unary_unary(
            f"/{method.containing_service.full_name}/{method.name}", request_serializer=ask.SerializeToString,
            response_deserializer=answer.FromString,
        )
        reply = call(ask(page_size=10), metadata=(("authorization", f"Bearer {token}"),), timeout=20)
        return services, [order.number for order in reply.orders]


async def test_a_client_without_our_code_finds_and_calls_the_services_by_reflection(world: World) -> None:
    target, ca = f"localhost:{world.server.token_port}", world.authority.certificate
    services, numbers = await asyncio.to_thread(_by_reflection, target, ca, world.tokens["north"])
    assert services >= {*SERVICES, "grpc.health.v1.Health"}
    assert numbers == ["retail-1"]
