"""Nobody gets in without a proof, and a proof that ended is none."""

from __future__ import annotations

import grpc
import pytest

from hub.client import AsyncClient, CallError
from hub.rpc.certificates import Authority, Pair
from tests.rpc.conftest import GLNS, World, gln


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients here do not try again: these refusals are for good."""
    monkeypatch.setattr("hub.client.connection.OPTIONS", (("grpc.enable_retries", 0),))


async def _refusal(hub: AsyncClient) -> CallError:
    async with hub:
        with pytest.raises(CallError) as refused:
            _ = [one async for one in hub.orders()]
    return refused.value


def _with(world: World, pair: Pair, ca: bytes | None = None) -> AsyncClient:
    return AsyncClient.with_certificate(
        f"localhost:{world.server.port}", pair.certificate, pair.key, ca=ca or world.authority.certificate
    )


async def test_a_wrong_token_is_nobody(world: World) -> None:
    refused = await _refusal(world.with_token("hub_wrong"))
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID")


async def test_a_revoked_token_is_refused_at_once(world: World) -> None:
    async with world.by_token("north") as hub:
        assert [one async for one in hub.orders()]
        async with world.units.worker() as unit:
            await unit.partners.revoke_tokens("north", "test")
        refused = await _refusal(hub)
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID")


async def test_a_call_without_a_token_is_refused(world: World) -> None:
    credentials = grpc.ssl_channel_credentials(world.authority.certificate)
    async with grpc.aio.secure_channel(f"localhost:{world.server.token_port}", credentials) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary("/cpfr.hub.v1.Orders/ListOrders")(b"")
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_without_a_client_certificate_there_is_no_connection(world: World) -> None:
    target = f"localhost:{world.server.port}"
    hub = AsyncClient.with_token(target, world.tokens["north"], ca=world.authority.certificate)
    refused = await _refusal(hub)
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, None)


async def test_a_certificate_of_another_authority_gets_no_connection(world: World) -> None:
    refused = await _refusal(_with(world, Authority().client(GLNS["north"])))
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, None)


async def test_a_certificate_with_a_gln_that_no_partner_has_is_nobody(world: World) -> None:
    refused = await _refusal(_with(world, world.authority.client(gln(9999))))
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAUTHENTICATED, "UNKNOWN_PARTNER")


async def test_a_certificate_without_a_gln_is_nobody(world: World) -> None:
    refused = await _refusal(_with(world, world.authority.anonymous()))
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAUTHENTICATED, "CERTIFICATE_WITHOUT_GLN")


async def test_a_client_does_not_talk_to_a_server_that_it_cannot_trust(world: World) -> None:
    refused = await _refusal(_with(world, world.authority.client(GLNS["north"]), Authority().certificate))
    assert refused.code is grpc.StatusCode.UNAVAILABLE
